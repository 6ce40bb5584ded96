"""代办物品: papers or money of a resident that somebody of ours has in hand for an errand."""

from datetime import datetime
from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from common.models import Versioned, length_checks
from common.money import MOST_FEN, yuan
from services.models.request import HelpRequest
from volunteers.models import Volunteer

TEXT_LIMITS = {
    "what": 100,
    "from_whom": 60,
    "submitted_to": 100,
    "returned_to": 60,
    "returned_what": 100,
    "void_reason": 200,
}
# From so many days on a thing in hand is one to ask after.
LONG_DAYS = 14


class CustodyItemQuerySet(models.QuerySet["CustodyItem"]):
    """Things taken, the longest ago first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the things of the requests that the user sees.

        Asked thing by thing: few are out, and a township has tens of thousands of requests.
        """
        seen = HelpRequest.objects.visible_to(user).filter(pk=models.OuterRef("request")).order_by()
        return self.filter(models.Exists(seen))

    def standing(self) -> Self:
        """Keep what was really taken: no mistaken entries."""
        return self.filter(voided_at__isnull=True)

    def out(self) -> Self:
        """Keep what is in hand or lies at an office: not returned, and no mistaken entry."""
        return self.standing().filter(returned_at__isnull=True)


class CustodyItem(Versioned):
    """One thing that somebody took for an errand: received, perhaps submitted to an office, and returned.

    ``received_by`` and ``returned_by`` are volunteers; empty, it was the officer who recorded it. A mistaken entry is
    voided with the reason and stays. While one is out its request cannot be settled (``services.domain.custody``).
    """

    class Kind(models.TextChoices):
        """What sort of thing."""

        PAPERS = "papers", _("Papers")
        MONEY = "money", _("Money")
        OTHER = "other", _("Something else")

    class Standing(models.TextChoices):
        """Where the thing is."""

        IN_HAND = "in_hand", _("In hand")
        SUBMITTED = "submitted", _("At the office")
        RETURNED = "returned", _("Returned to its owner")
        VOID = "void", _("Mistaken entry")

    key = models.UUIDField(_("submission key"), unique=True, editable=False)
    request = models.ForeignKey(
        HelpRequest, verbose_name=_("request"), on_delete=models.PROTECT, related_name="custody", editable=False
    )
    kind = models.CharField(_("kind"), max_length=6, choices=Kind, default=Kind.PAPERS)
    what = models.CharField(pgettext_lazy("custody", "what"), max_length=TEXT_LIMITS["what"])
    fen = models.PositiveIntegerField(_("amount in fen"), null=True, blank=True)
    from_whom = models.CharField(_("from whom"), max_length=TEXT_LIMITS["from_whom"])
    received_at = models.DateTimeField(_("received"))
    received_by = models.ForeignKey(
        Volunteer, verbose_name=_("received by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_by = models.ForeignKey(User, verbose_name=_("recorded by"), on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now, editable=False)

    submitted_to = models.CharField(_("submitted to"), max_length=TEXT_LIMITS["submitted_to"], blank=True)
    submitted_at = models.DateTimeField(pgettext_lazy("custody", "submitted"), null=True, blank=True)

    returned_to = models.CharField(_("returned to"), max_length=TEXT_LIMITS["returned_to"], blank=True)
    returned_what = models.CharField(
        _("what was returned"),
        max_length=TEXT_LIMITS["returned_what"],
        blank=True,
        help_text=_("Empty: the thing itself."),
    )
    returned_at = models.DateTimeField(_("returned"), null=True, blank=True)
    returned_by = models.ForeignKey(
        Volunteer, verbose_name=_("returned by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    return_recorded_by = models.ForeignKey(
        User,
        verbose_name=_("return recorded by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    voided_at = models.DateTimeField(_("voided"), null=True, blank=True, editable=False)
    voided_by = models.ForeignKey(
        User, verbose_name=_("voided by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    void_reason = models.CharField(_("why it was voided"), max_length=TEXT_LIMITS["void_reason"], blank=True)

    objects = CustodyItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("thing in custody")
        verbose_name_plural = _("things in custody")
        ordering = ("received_at", "id")
        indexes = [
            models.Index(fields=["received_at", "id"], name="custody_by_age"),
            models.Index(
                fields=["received_at", "id"],
                name="custody_out_by_age",
                condition=models.Q(returned_at__isnull=True, voided_at__isnull=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="custody_kind_known", condition=models.Q(kind__in=["papers", "money", "other"])
            ),
            models.CheckConstraint(name="custody_is_something", condition=~models.Q(what="")),
            models.CheckConstraint(name="custody_from_somebody", condition=~models.Q(from_whom="")),
            models.CheckConstraint(
                name="custody_money_has_amount",
                condition=models.Q(kind="money", fen__isnull=False, fen__range=(1, MOST_FEN))
                | (~models.Q(kind="money") & models.Q(fen__isnull=True)),
            ),
            models.CheckConstraint(
                name="custody_submitted_somewhere",
                condition=models.Q(submitted_to="", submitted_at__isnull=True)
                | (
                    ~models.Q(submitted_to="")
                    & models.Q(submitted_at__isnull=False, submitted_at__gte=models.F("received_at"))
                ),
            ),
            models.CheckConstraint(
                name="custody_returned_to_somebody",
                condition=models.Q(
                    returned_to="",
                    returned_what="",
                    returned_at__isnull=True,
                    returned_by__isnull=True,
                    return_recorded_by__isnull=True,
                )
                | (
                    ~models.Q(returned_to="")
                    & models.Q(
                        returned_at__isnull=False,
                        returned_at__gte=models.F("received_at"),
                        return_recorded_by__isnull=False,
                    )
                    & (models.Q(submitted_at__isnull=True) | models.Q(returned_at__gte=models.F("submitted_at")))
                ),
            ),
            models.CheckConstraint(
                name="custody_voided_with_a_reason",
                condition=models.Q(voided_at__isnull=True, voided_by__isnull=True, void_reason="")
                | (models.Q(voided_at__isnull=False, voided_by__isnull=False) & ~models.Q(void_reason="")),
            ),
            *length_checks("custody", TEXT_LIMITS),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {timezone.localtime(self.received_at):%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        """Return where the thing stands on the page of its request."""
        return f"{reverse('services:request_detail', args=[self.request_id])}#custody"

    @property
    def standing(self) -> "CustodyItem.Standing":
        """Where the thing is."""
        return standing_of(self.submitted_at, self.returned_at, self.voided_at)

    @property
    def is_out(self) -> bool:
        """Whether its owner still waits for it."""
        return self.returned_at is None and self.voided_at is None

    @property
    def receiver(self) -> str:
        """Who took it."""
        return self.received_by.name if self.received_by else self.recorded_by.name

    @property
    def returner(self) -> str:
        """Who gave it back; nobody yet while it is out."""
        if self.returned_by:
            return self.returned_by.name
        return self.return_recorded_by.name if self.return_recorded_by else ""

    @property
    def named(self) -> str:
        """What it is, with the amount where it is money."""
        return named(self.what, self.fen)


def named(what: str, fen: int | None) -> str:
    """Name a thing, with the amount where it is money."""
    return f"{what} {yuan(fen)}" if fen else what


def standing_of(
    submitted_at: datetime | None, returned_at: datetime | None, voided_at: datetime | None
) -> CustodyItem.Standing:
    """Say where a thing is by what happened to it."""
    if voided_at:
        return CustodyItem.Standing.VOID
    if returned_at:
        return CustodyItem.Standing.RETURNED
    return CustodyItem.Standing.SUBMITTED if submitted_at else CustodyItem.Standing.IN_HAND


# The trail is never deleted: it keeps that something was taken and returned, not what it was and whose.
auditlog.register(
    CustodyItem,
    mask_fields=list(TEXT_LIMITS),
    exclude_fields=["version", "key"],
)
