"""监督反馈: what a resident says about a volunteer whose badge they saw, and the township's answer."""

from datetime import date
from typing import Self
from uuid import UUID

from auditlog.registry import auditlog
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import Right
from areas.models import Township
from common.codes import in_groups, read_signs, signs_from
from common.models import Versioned, length_checks
from grids.models import Team
from volunteers.models import Badge, Volunteer
from volunteers.models.volunteer import mask_phone

TEXT_LIMITS = {"kind": 10, "badge_standing": 10, "text": 500, "phone": 11, "answer": 500}
# Eleven signs are 51 bits.
CODE_LENGTH, CODE_GROUPS = 11, (4, 4, 3)


def code_of(key: UUID) -> str:
    """Return the code by which somebody follows their words: it follows from the form's key, 7KMX-3RTA-9WC.

    The same form sent twice gets the same code; the database keeps its hash only.
    """
    digest = salted_hmac("services.feedback.code", key.hex, algorithm="sha256").hexdigest()
    return in_groups(signs_from(digest, CODE_LENGTH), CODE_GROUPS)


def hash_of(code: str) -> str:
    """Return what is stored of a code, however it was typed; nothing for what can be none."""
    signs = read_signs(code, CODE_LENGTH)
    return salted_hmac("services.feedback.stored", signs, algorithm="sha256").hexdigest() if signs else ""


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    """Feedback, the latest first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the township's offices; nobody sees what was said about themselves, and leaders see none at all.

        In a village words tell who said them: what a leader should hear the office passes on.
        """
        if not user.may(Right.VIEW_FEEDBACK):
            return self.none()
        own = models.Q(user=user.pk) | models.Q(merged_into__user=user.pk)
        others = self.exclude(volunteer__in=Volunteer.objects.filter(own).order_by())
        if user.township_id is None:
            return others if user.is_city_wide else self.none()
        return others.filter(township__in=user.township_ids)

    def waiting(self) -> Self:
        """Keep those that nobody has answered."""
        return self.filter(answered_at__isnull=True)

    def answered(self) -> Self:
        """Keep those that were answered."""
        return self.filter(answered_at__isnull=False)

    def overdue(self, today: date | None = None) -> Self:
        """Keep those that wait although their last day is over."""
        return self.waiting().filter(due_on__lt=today or timezone.localdate())

    def in_time(self) -> Self:
        """Keep those that were answered on their last day or before."""
        return self.filter(answered_at__date__lte=models.F("due_on"))

    def late(self) -> Self:
        """Keep those that were answered after their last day."""
        return self.filter(answered_at__date__gt=models.F("due_on"))

    def between(self, since: date, until: date) -> Self:
        """Keep those that came on these days, both included."""
        return self.filter(made_at__date__gte=since, made_at__date__lte=until)

    def about(self, volunteer: Volunteer) -> Self:
        """Keep what was said about a volunteer, or about a record that was merged into theirs."""
        return self.filter(volunteer__in=Volunteer.objects.records_of([volunteer.pk]))


class Feedback(Versioned):
    """Praise, a suggestion or a complaint, made without an account from the page of a badge.

    Team and township are those of that day. Who says it is not asked, only how to reach them if they wish; the words
    are never shown in public, and nothing of them changes.
    """

    class Kind(models.TextChoices):
        """What it is."""

        PRAISE = "praise", _("Praise")
        SUGGESTION = "suggestion", _("Suggestion")
        COMPLAINT = "complaint", _("Complaint")

    volunteer = models.ForeignKey(
        Volunteer, verbose_name=_("volunteer"), on_delete=models.PROTECT, related_name="feedback"
    )
    badge = models.ForeignKey(Badge, verbose_name=_("badge"), on_delete=models.PROTECT, related_name="feedback")
    badge_standing = models.CharField(
        _("what the badge was worth"), max_length=TEXT_LIMITS["badge_standing"], choices=Badge.Standing
    )
    team = models.ForeignKey(
        Team, verbose_name=_("team"), null=True, blank=True, on_delete=models.PROTECT, related_name="feedback"
    )
    township = models.ForeignKey(
        Township, verbose_name=_("township"), on_delete=models.PROTECT, related_name="feedback"
    )
    key = models.UUIDField(_("submission key"), unique=True, editable=False)
    code_hash = models.CharField(max_length=64, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=TEXT_LIMITS["kind"], choices=Kind)
    text = models.CharField(_("words"), max_length=TEXT_LIMITS["text"])
    phone = models.CharField(_("phone"), max_length=TEXT_LIMITS["phone"], blank=True)
    made_at = models.DateTimeField(_("received"), default=timezone.now)
    due_on = models.DateField(_("to be answered by"))
    answer = models.CharField(_("answer"), max_length=TEXT_LIMITS["answer"], blank=True)
    answered_by = models.ForeignKey(
        User, verbose_name=_("answered by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(
        _("answered"), null=True, blank=True, help_text=_("The first time; an answer may be put right later.")
    )

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        ordering = ("-made_at", "-id")
        indexes = [
            models.Index(fields=["-made_at", "-id"], name="feedback_by_time"),
            models.Index(fields=["township", "-made_at", "-id"], name="feedback_in_township"),
            models.Index(
                fields=["due_on", "id"], condition=models.Q(answered_at__isnull=True), name="feedback_waiting"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="feedback_kind_known", condition=models.Q(kind__in=["praise", "suggestion", "complaint"])
            ),
            models.CheckConstraint(
                name="feedback_badge_standing_known",
                condition=models.Q(badge_standing__in=["valid", "expired", "away", "void"]),
            ),
            models.CheckConstraint(name="feedback_has_words", condition=~models.Q(text="")),
            models.CheckConstraint(
                name="feedback_answered_whole",
                condition=models.Q(answer="", answered_by__isnull=True, answered_at__isnull=True)
                | (models.Q(answered_by__isnull=False, answered_at__isnull=False) & ~models.Q(answer="")),
            ),
            models.CheckConstraint(
                name="feedback_answered_after_it_came",
                condition=models.Q(answered_at__isnull=True) | models.Q(answered_at__gte=models.F("made_at")),
            ),
            *length_checks("feedback", TEXT_LIMITS),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {timezone.localtime(self.made_at):%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        """Return the address of the office's page."""
        return reverse("services:feedback_detail", args=[self.pk])

    @property
    def masked_phone(self) -> str:
        """The phone as pages show it; nothing where none was left."""
        return mask_phone(self.phone) if self.phone else ""

    @property
    def is_overdue(self) -> bool:
        """Whether it waits although its last day is over."""
        return self.answered_at is None and self.due_on < timezone.localdate()

    @property
    def was_in_time(self) -> bool:
        """Whether it was answered on its last day or before."""
        return self.answered_at is not None and timezone.localtime(self.answered_at).date() <= self.due_on


# The trail is never deleted: it keeps that somebody spoke up and that it was answered, not who and in which words.
auditlog.register(Feedback, mask_fields=["text", "phone", "answer"], exclude_fields=["version", "key", "code_hash"])
