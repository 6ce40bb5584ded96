"""培训班: volunteers are trained, by region and by speciality."""

import secrets
from collections.abc import Iterable
from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.rights import Right
from areas.models import Township
from common.models import Versioned, length_checks
from volunteers.models.provider import Provider
from volunteers.models.skill_type import SkillType

TEXT_LIMITS = {"title": 80, "place": 80, "cancelled_reason": 200}
# Minutes and places of one course: beyond these somebody has typed too many digits.
MOST_MINUTES, MOST_PLACES = 60_000, 5_000
# Without vowels a code spells no word, and no sign is taken for another.
CODE_SIGNS, CODE_LENGTH = "bcdfghjkmnpqrstvwxz23456789", 10


def new_code() -> str:
    """Return the code of a new course's sign-in page."""
    return "".join(secrets.choice(CODE_SIGNS) for _sign in range(CODE_LENGTH))


class CourseQuerySet(models.QuerySet["Course"]):
    """Courses, the latest first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the courses of the user's township and those of the city that reach it; the city level sees all."""
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.reaching(user.township_ids)

    def reaching(self, townships: Iterable[int]) -> Self:
        """Keep the townships' own courses, and those of the city that their volunteers may come to."""
        region = Course.townships.through.objects.filter(course=models.OuterRef("pk"))
        is_reached = models.Exists(region.filter(township__in=townships)) | ~models.Exists(region)
        return self.filter(models.Q(township__in=townships) | models.Q(is_reached, township__isnull=True))

    def kept_by(self, user: User) -> Self:
        """Keep the courses that the user plans: staff their township's own, administrators all."""
        if not user.may(Right.KEEP_TRAINING):
            return self.none()
        return self if user.is_city_wide else self.filter(township__in=user.township_ids)

    def held(self) -> Self:
        """Keep those that took place: they are what figures count."""
        return self.filter(state=Course.State.HELD)

    def planned(self) -> Self:
        """Keep those that are still to take place, or were not said to have."""
        return self.filter(state=Course.State.PLANNED)

    def overlapping(self, course: "Course") -> Self:
        """Keep the others that are taught on one of the course's days at one of its hours; cancelled ones are not."""
        return self.exclude(pk=course.pk).exclude(state=Course.State.CANCELLED).filter(
            starts_on__lte=course.ends_on,
            ends_on__gte=course.starts_on,
            begins_at__lt=course.closes_at,
            closes_at__gt=course.begins_at,
        )  # fmt: skip


class Course(Versioned):
    """One course: of a township, for its volunteers, or of the city, for those of some townships or of all.

    It is taught from ``starts_on`` to ``ends_on``, each day from ``begins_at`` to ``closes_at`` at most; ``minutes``
    is what it comes to for somebody who was there all the time.
    """

    class Content(models.TextChoices):
        """培训内容: the two kinds that the programme's report counts."""

        KNOWLEDGE = "knowledge", _("Specialist knowledge")
        SERVICE = "service", _("Volunteer service skills")

    class State(models.TextChoices):
        """How far it is."""

        PLANNED = "planned", pgettext_lazy("course", "Planned")
        HELD = "held", pgettext_lazy("course", "Held")
        CANCELLED = "cancelled", pgettext_lazy("course", "Cancelled")

    key = models.UUIDField(_("submission key"), unique=True, editable=False)
    code = models.CharField(_("code"), max_length=CODE_LENGTH, unique=True, default=new_code, editable=False)
    title = models.CharField(_("title"), max_length=TEXT_LIMITS["title"])
    content = models.CharField(_("kind of content"), max_length=10, choices=Content)
    speciality = models.ForeignKey(
        SkillType,
        verbose_name=_("for the skill type"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="courses",
    )
    provider = models.ForeignKey(
        Provider, verbose_name=_("training provider"), on_delete=models.PROTECT, related_name="courses"
    )
    township = models.ForeignKey(
        Township,
        verbose_name=_("held by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="courses",
        help_text=_("Empty for a course of the city."),
    )
    townships = models.ManyToManyField(
        Township,
        verbose_name=_("for the townships"),
        blank=True,
        related_name="city_courses",
        help_text=_("Of a course of the city; none for the whole city."),
    )
    place = models.CharField(_("place"), max_length=TEXT_LIMITS["place"])
    starts_on = models.DateField(_("first day of the course"))
    ends_on = models.DateField(_("last day of the course"))
    begins_at = models.TimeField(_("begins at"))
    closes_at = models.TimeField(_("ends at"))
    minutes = models.PositiveIntegerField(_("minutes"))
    capacity = models.PositiveIntegerField(_("places"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PLANNED, editable=False)
    cancelled_reason = models.CharField(
        _("reason for cancelling"), max_length=TEXT_LIMITS["cancelled_reason"], blank=True, editable=False
    )
    recorded_by = models.ForeignKey(
        User, verbose_name=_("recorded by"), on_delete=models.PROTECT, related_name="+", editable=False
    )
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now, editable=False)

    objects = CourseQuerySet.as_manager()

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering = ("-starts_on", "-id")
        indexes = [
            models.Index(fields=["-starts_on", "-id"], name="course_latest"),
            models.Index(fields=["township", "-starts_on", "-id"], name="course_in_township"),
        ]
        constraints = [
            models.CheckConstraint(
                name="course_state_known",
                condition=models.Q(state__in=["planned", "held"], cancelled_reason="")
                | (models.Q(state="cancelled") & ~models.Q(cancelled_reason="")),
            ),
            models.CheckConstraint(
                name="course_content_known", condition=models.Q(content__in=["knowledge", "service"])
            ),
            models.CheckConstraint(name="course_days_in_order", condition=models.Q(ends_on__gte=models.F("starts_on"))),
            models.CheckConstraint(
                name="course_hours_in_order", condition=models.Q(closes_at__gt=models.F("begins_at"))
            ),
            models.CheckConstraint(
                name="course_has_minutes", condition=models.Q(minutes__gt=0, minutes__lte=MOST_MINUTES)
            ),
            models.CheckConstraint(
                name="course_has_places", condition=models.Q(capacity__gt=0, capacity__lte=MOST_PLACES)
            ),
            *length_checks("course", TEXT_LIMITS),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the address of the course's page."""
        return reverse("training:course_detail", args=[self.pk])

    def get_sign_in_url(self) -> str:
        """Return the address of the page on which those who came sign in."""
        return reverse("training:sign_in", args=[self.code])

    @property
    def has_begun(self) -> bool:
        """Whether its first day has come."""
        return self.starts_on <= timezone.localdate()

    @property
    def takes_sign_ins(self) -> bool:
        """Whether today is one of its days."""
        return self.state != self.State.CANCELLED and self.starts_on <= timezone.localdate() <= self.ends_on

    def longest(self) -> int:
        """Return the minutes between its hours on all of its days: a course is no longer than that."""
        begins, closes = (at.hour * 60 + at.minute for at in (self.begins_at, self.closes_at))
        return ((self.ends_on - self.starts_on).days + 1) * (closes - begins)


auditlog.register(Course, exclude_fields=["version", "key", "code"], m2m_fields={"townships"})
