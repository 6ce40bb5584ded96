"""公示: a township's read month, shown to everybody for some working days."""

import secrets
from datetime import date
from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from areas.models import Township
from common.models import Versioned, length_checks

# Without vowels a code spells no word, without 0, 1 and l it is read aloud without mistakes: 12 signs are 55 bits.
CODE_SIGNS, CODE_LENGTH = "bcdfghjkmnpqrstvwxz23456789", 12


def new_code() -> str:
    """Return the code of a new notice's address."""
    return "".join(secrets.choice(CODE_SIGNS) for _sign in range(CODE_LENGTH))


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices, the latest first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the user's township; the city level sees all. To everybody the notice's own page is open."""
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.filter(township__in=user.township_ids)

    def standing(self) -> Self:
        """Keep those that were not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)

    def running(self, today: date | None = None) -> Self:
        """Keep those that are shown today, up to midnight in Shanghai."""
        today = today or timezone.localdate()
        return self.standing().filter(opened_on__lte=today, closes_on__gte=today)


class Notice(Versioned):
    """One township's month, open for objections from the day it is opened to the end of its last working day."""

    township = models.ForeignKey(Township, verbose_name=_("township"), on_delete=models.PROTECT, related_name="notices")
    month = models.DateField(_("month"), help_text=_("The first day of the month."))
    code = models.CharField(_("code"), max_length=CODE_LENGTH, unique=True, default=new_code, editable=False)
    opened_on = models.DateField(_("opened on"))
    working_days = models.PositiveSmallIntegerField(_("working days"))
    closes_on = models.DateField(_("last day"))
    days_known = models.BooleanField(
        _("holidays known"), help_text=_("Whether the holidays on the way had been published when it was opened.")
    )
    left_out = models.PositiveIntegerField(
        _("months left out"), default=0, help_text=_("Months that were due and had not been read when it was opened.")
    )
    opened_by = models.ForeignKey(User, verbose_name=_("opened by"), on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    withdrawn_by = models.ForeignKey(
        User, verbose_name=_("withdrawn by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_reason = models.CharField(_("reason for withdrawing"), max_length=200, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ("-month", "-id")
        indexes = [models.Index(fields=["township", "-month", "-id"], name="notice_in_township")]
        constraints = [
            models.UniqueConstraint(
                name="notice_one_standing",
                fields=["township", "month"],
                condition=models.Q(withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(name="notice_month_first_day", condition=models.Q(month__day=1)),
            models.CheckConstraint(
                name="notice_days_range", condition=models.Q(working_days__gte=1, working_days__lte=60)
            ),
            models.CheckConstraint(
                name="notice_closes_after_opening", condition=models.Q(closes_on__gt=models.F("opened_on"))
            ),
            models.CheckConstraint(
                name="notice_withdrawn_with_reason",
                condition=models.Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawn_reason="")
                | (models.Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~models.Q(withdrawn_reason="")),
            ),
            *length_checks("notice", {"code": CODE_LENGTH, "withdrawn_reason": 200}),
        ]

    def __str__(self) -> str:
        return f"{self.township} {self.month:%Y-%m}"

    def get_absolute_url(self) -> str:
        """Return the address of the office's page."""
        return reverse("services:notice_detail", args=[self.pk])

    def get_public_url(self) -> str:
        """Return the address that is open to everybody."""
        return reverse("notices:notice", args=[self.code])

    @property
    def is_running(self) -> bool:
        """Whether it is shown today: to the end of its last day, by Shanghai's midnight."""
        return self.withdrawn_at is None and self.opened_on <= timezone.localdate() <= self.closes_on

    @property
    def is_withdrawn(self) -> bool:
        """Whether it was taken back."""
        return self.withdrawn_at is not None


auditlog.register(Notice, exclude_fields=["version"])
