"""更正: what a read month's log should have said, asked for by one person and granted by another."""

from datetime import timedelta
from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from common.models import Versioned, length_checks
from services.models.category import ServiceCategory
from services.models.log import TEXT_LIMITS as LOG_LIMITS
from services.models.log import ServiceLog
from services.models.recognition import RecognitionRound

# So long who asked finds the answer among what waits for them.
ANSWERED_DAYS = 7
TEXT_LIMITS = {"reason": 300, "answer": 300} | {name: LOG_LIMITS[name] for name in ("recipient", "content", "place")}


class CorrectionQuerySet(models.QuerySet["Correction"]):
    """Corrections, the latest asked first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the corrections of the logs that the user sees."""
        return self.filter(log__in=ServiceLog.objects.visible_to(user))

    def asked(self) -> Self:
        """Keep those that wait for a reviewer."""
        return self.filter(state=Correction.State.ASKED)

    def answered_lately(self) -> Self:
        """Keep what somebody granted or refused within the last ``ANSWERED_DAYS`` days."""
        since = timezone.now() - timedelta(days=ANSWERED_DAYS)
        return self.filter(decided_by__isnull=False, decided_at__gte=since)

    def granted(self) -> Self:
        """Keep those that were carried out."""
        return self.filter(state=Correction.State.GRANTED)


class Correction(Versioned):
    """One log of a read month, and what it should have said; or that the service did not take place (a strike).

    The original keeps every word. Once granted it no longer stands, and ``result``, a log of its own, stands in its
    place. ``is_applied`` is false between the two statements that grant and carry out: only then do the triggers of
    the read month let just this through, in the same transaction (``services.domain.correction``).
    """

    class Kind(models.TextChoices):
        """What is asked for."""

        CHANGE = "change", _("Corrected entry")
        STRIKE = "strike", _("The service did not take place")

    class State(models.TextChoices):
        """Where it stands. Once decided, a correction never changes."""

        ASKED = "asked", pgettext_lazy("correction", "Asked for")
        GRANTED = "granted", _("Granted")
        REFUSED = "refused", _("Refused")
        TAKEN_BACK = "taken_back", _("Taken back")

    key = models.UUIDField(_("submission key"), unique=True, editable=False)
    log = models.ForeignKey(
        ServiceLog, verbose_name=_("service log"), on_delete=models.PROTECT, related_name="corrections"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    reason = models.CharField(_("reason"), max_length=TEXT_LIMITS["reason"])
    asked_by = models.ForeignKey(User, verbose_name=_("asked by"), on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    # What the log should say; all empty for a strike.
    date = models.DateField(_("date"), null=True, blank=True)
    starts_at = models.DateTimeField(_("start"), null=True, blank=True)
    ends_at = models.DateTimeField(_("end"), null=True, blank=True)
    category = models.ForeignKey(
        ServiceCategory, verbose_name=_("category"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    place = models.CharField(_("place"), max_length=TEXT_LIMITS["place"], blank=True)
    recipient = models.CharField(_("recipient"), max_length=TEXT_LIMITS["recipient"], blank=True)
    people_served = models.PositiveIntegerField(_("people served"), null=True, blank=True)
    content = models.CharField(_("content"), max_length=TEXT_LIMITS["content"], blank=True)
    participants = models.JSONField(
        _("participants"),
        default=list,
        blank=True,
        help_text=_("Pairs of a volunteer's key and minutes, by key."),
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ASKED, editable=False)
    decided_by = models.ForeignKey(
        User,
        verbose_name=_("decided by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True, editable=False)
    answer = models.CharField(_("answer"), max_length=TEXT_LIMITS["answer"], blank=True, editable=False)
    result = models.OneToOneField(
        ServiceLog,
        verbose_name=_("corrected log"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="result_of",
        editable=False,
    )
    is_applied = models.BooleanField(_("carried out"), default=False, editable=False)
    round = models.ForeignKey(
        RecognitionRound,
        verbose_name=_("round scored before"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="corrections",
        editable=False,
        help_text=_("The year's round, where it had been scored already: its evidence stays as it was."),
    )

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ("-asked_at", "-id")
        indexes = [
            models.Index(fields=["-asked_at", "-id"], name="correction_by_time"),
            models.Index(fields=["state", "-asked_at", "-id"], name="correction_by_state"),
        ]
        constraints = [
            models.UniqueConstraint(name="correction_one_asked", fields=["log"], condition=models.Q(state="asked")),
            models.UniqueConstraint(name="correction_one_granted", fields=["log"], condition=models.Q(state="granted")),
            models.CheckConstraint(name="correction_has_reason", condition=~models.Q(reason="")),
            # Nobody decides what they asked for themselves.
            models.CheckConstraint(
                name="correction_decided_by_another",
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("asked_by")),
            ),
            models.CheckConstraint(
                name="correction_state_known",
                condition=models.Q(
                    state="asked", decided_by__isnull=True, decided_at__isnull=True, answer="", round__isnull=True
                )
                | models.Q(state="granted", decided_by__isnull=False, decided_at__isnull=False)
                | (
                    models.Q(state="refused", decided_by__isnull=False, decided_at__isnull=False, round__isnull=True)
                    & ~models.Q(answer="")
                )
                | models.Q(
                    state="taken_back",
                    decided_by__isnull=True,
                    decided_at__isnull=False,
                    answer="",
                    round__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="correction_says_what",
                condition=models.Q(
                    kind="strike",
                    date__isnull=True,
                    starts_at__isnull=True,
                    ends_at__isnull=True,
                    category__isnull=True,
                    people_served__isnull=True,
                    recipient="",
                    content="",
                    place="",
                )
                | (
                    models.Q(
                        kind="change",
                        date__isnull=False,
                        starts_at__isnull=False,
                        ends_at__isnull=False,
                        category__isnull=False,
                        people_served__isnull=False,
                    )
                    & ~models.Q(recipient="")
                    & ~models.Q(content="")
                ),
            ),
            models.CheckConstraint(
                name="correction_applied_once_granted",
                condition=models.Q(is_applied=False, result__isnull=True)
                | models.Q(is_applied=True, state="granted", kind="change", result__isnull=False)
                | models.Q(is_applied=True, state="granted", kind="strike", result__isnull=True),
            ),
            *length_checks("correction", TEXT_LIMITS),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.log_id}"

    def get_absolute_url(self) -> str:
        """Return the address of the correction's page."""
        return reverse("services:correction_detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Whether it still waits to be decided."""
        return self.state == self.State.ASKED

    @property
    def is_strike(self) -> bool:
        """Whether it says that the service did not take place."""
        return self.kind == self.Kind.STRIKE


auditlog.register(Correction, mask_fields=["recipient"], exclude_fields=["version", "key"])
