"""参训: who was at a course, with what result; and the names of a list that nobody has been found for yet."""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from areas.models import Township
from common.models import length_checks
from volunteers.models.course import MOST_MINUTES, Course
from volunteers.models.volunteer import Volunteer

TEXT_LIMITS = {"line": 160}


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    """Attendances."""

    def visible_to(self, user: User) -> Self:
        """Narrow to what the township's people attended, wherever they live now; the city level sees all."""
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.filter(township__in=user.township_ids)


class Attendance(models.Model):
    """One volunteer at one course. ``date`` is the course's first day, ``township`` the volunteer's at the time."""

    class How(models.TextChoices):
        """By what the person was known."""

        NUMBER = "number", _("List: number")
        ID_NUMBER = "id_number", _("List: ID number")
        NAME_AND_UNIT = "name_unit", _("List: name and unit")
        PHONE = "phone", _("List: phone")
        NAME = "name", _("List: name")
        CHOSEN = "chosen", _("List: chosen by hand")
        SIGN_IN = "sign_in", _("Signed in by phone")

    class Result(models.TextChoices):
        """How it ended for the person."""

        PASSED = "passed", pgettext_lazy("result of a course", "Passed")
        FAILED = "failed", pgettext_lazy("result of a course", "Failed")
        NOT_ASSESSED = "not_assessed", pgettext_lazy("result of a course", "Not assessed")

    course = models.ForeignKey(Course, verbose_name=_("course"), on_delete=models.PROTECT, related_name="attendances")
    volunteer = models.ForeignKey(
        Volunteer, verbose_name=_("volunteer"), on_delete=models.PROTECT, related_name="attendances"
    )
    township = models.ForeignKey(Township, verbose_name=_("township"), on_delete=models.PROTECT, related_name="+")
    date = models.DateField(_("date"))
    how = models.CharField(_("how it was recorded"), max_length=10, choices=How)
    result = models.CharField(_("result"), max_length=12, choices=Result, default=Result.NOT_ASSESSED)
    minutes = models.PositiveIntegerField(_("minutes"))
    recorded_by = models.ForeignKey(
        User,
        verbose_name=_("recorded by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Empty for somebody who signed in."),
    )
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        ordering = ("-date", "-id")
        indexes = [
            models.Index(fields=["volunteer", "-date"], name="attendance_of_volunteer"),
            models.Index(fields=["-date", "-id"], name="attendance_latest"),
            models.Index(fields=["township", "-date", "-id"], name="attendance_in_township"),
        ]
        constraints = [
            models.UniqueConstraint(name="attendance_once", fields=["course", "volunteer"]),
            models.CheckConstraint(
                name="attendance_how_known",
                condition=models.Q(how__in=["number", "id_number", "name_unit", "phone", "name", "chosen", "sign_in"]),
            ),
            models.CheckConstraint(
                name="attendance_result_known",
                condition=models.Q(result__in=["passed", "failed", "not_assessed"]),
            ),
            models.CheckConstraint(
                name="attendance_has_minutes", condition=models.Q(minutes__gt=0, minutes__lte=MOST_MINUTES)
            ),
            models.CheckConstraint(
                name="attendance_signed_in_or_recorded",
                condition=models.Q(how="sign_in") | models.Q(recorded_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course} · {self.volunteer}"


class OpenNameQuerySet(models.QuerySet["OpenName"]):
    """Names in the order in which they came."""

    def visible_to(self, user: User) -> Self:
        """Narrow to what the user's own office wrote down: a township's staff to theirs."""
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.filter(township__in=user.township_ids)


class OpenName(models.Model):
    """待核: a line of an attendance list whose person is not known yet; gone once they are found, or are none of ours.

    The line holds name, number and unit as they were written, never an ID number or a phone.
    """

    course = models.ForeignKey(Course, verbose_name=_("course"), on_delete=models.PROTECT, related_name="open_names")
    township = models.ForeignKey(
        Township, verbose_name=_("township"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    line = models.CharField(_("line"), max_length=TEXT_LIMITS["line"])
    recorded_by = models.ForeignKey(User, verbose_name=_("recorded by"), on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)

    objects = OpenNameQuerySet.as_manager()

    class Meta:
        verbose_name = _("open name")
        verbose_name_plural = _("open names")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(name="open_name_once", fields=["course", "township", "line"]),
            models.UniqueConstraint(
                name="open_name_once_for_the_city",
                fields=["course", "line"],
                condition=models.Q(township__isnull=True),
            ),
            *length_checks("open_name", TEXT_LIMITS),
        ]

    def __str__(self) -> str:
        return f"{self.course} · {self.pk}"


auditlog.register(Attendance)
auditlog.register(OpenName, mask_fields=["line"])
