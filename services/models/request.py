"""求助: somebody asks a team for help."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import Role
from areas.models import Township, TownshipSettings
from areas.models.settings import Holding
from common.models import Versioned, length_checks
from grids.models import Team
from volunteers.models.volunteer import mask_phone

TEXT_LIMITS = {"caller": 60, "phone": 11, "content": 500, "outcome": 200}


class HelpRequestQuerySet(models.QuerySet["HelpRequest"]):
    """Requests, the latest first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the user's township, and for a team leader to the teams that they lead."""
        if user.role == Role.TEAM_LEADER:
            return self.filter(team__in=Team.objects.visible_to(user))
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.filter(township__in=user.township_ids)

    def open(self) -> Self:
        """Keep those that still wait for the team: no service has been logged for them."""
        return self.filter(state=HelpRequest.State.OPEN)

    def overdue(self, *, held: Mapping[int, Holding] | None = None) -> Self:
        """Keep those that have waited for more days than their township answers within; the day of asking is not one.

        ``held`` as in ``TownshipSettings.where``.
        """
        today = timezone.make_aware(datetime.combine(timezone.localdate(), time()))

        def asked_before(days: int) -> models.Q:
            return models.Q(asked_at__lt=today - timedelta(days=days))

        return self.open().filter(TownshipSettings.where("request_answer_days", asked_before, held=held))


class HelpRequest(Versioned):
    """Somebody's request for help, and the team that it went to. It is resolved by a service log, never without one."""

    class State(models.TextChoices):
        """Where a request stands."""

        OPEN = "open", _("Waiting")
        RESOLVED = "resolved", _("Resolved")
        CLOSED = "closed", _("Closed without a service")

    class Channel(models.TextChoices):
        """How the request came."""

        PHONE = "phone", _("Phone call")
        WECHAT = "wechat", _("WeChat group")
        QQ = "qq", _("QQ group")
        FORUM = "forum", _("Forum")
        IN_PERSON = "in_person", _("In person")

    key = models.UUIDField(_("submission key"), unique=True, editable=False)
    township = models.ForeignKey(
        Township, verbose_name=_("township"), on_delete=models.PROTECT, related_name="requests", editable=False
    )
    team = models.ForeignKey(Team, verbose_name=_("team"), on_delete=models.PROTECT, related_name="requests")
    caller = models.CharField(_("who asks"), max_length=TEXT_LIMITS["caller"])
    phone = models.CharField(_("phone"), max_length=TEXT_LIMITS["phone"], blank=True)
    channel = models.CharField(_("how it came"), max_length=10, choices=Channel, default=Channel.PHONE)
    content = models.CharField(_("what is asked"), max_length=TEXT_LIMITS["content"])
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN, editable=False)
    closed_at = models.DateTimeField(_("resolved or closed"), null=True, blank=True, editable=False)
    outcome = models.CharField(_("why it was closed"), max_length=TEXT_LIMITS["outcome"], blank=True, editable=False)
    recorded_by = models.ForeignKey(
        User, verbose_name=_("recorded by"), on_delete=models.PROTECT, related_name="+", editable=False
    )
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now, editable=False)

    objects = HelpRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("help request")
        verbose_name_plural = _("help requests")
        ordering = ("-asked_at", "-id")
        indexes = [
            models.Index(fields=["township", "-asked_at", "-id"], name="request_in_township"),
            models.Index(fields=["team", "state"], name="request_of_team"),
        ]
        constraints = [
            models.CheckConstraint(name="request_has_caller", condition=~models.Q(caller="")),
            models.CheckConstraint(name="request_has_content", condition=~models.Q(content="")),
            models.CheckConstraint(
                name="request_state_known",
                condition=models.Q(state="open", closed_at__isnull=True, outcome="")
                | models.Q(state="resolved", closed_at__isnull=False, outcome="")
                | (models.Q(state="closed", closed_at__isnull=False) & ~models.Q(outcome="")),
            ),
            *length_checks("request", TEXT_LIMITS),
        ]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d} {self.content[:20]}"

    def get_absolute_url(self) -> str:
        """Return the address of the request's page."""
        return reverse("services:request_detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Whether it still waits for the team."""
        return self.state == self.State.OPEN

    @property
    def masked_phone(self) -> str:
        """The caller's phone as the page shows it: 138****1234; nothing where none was noted."""
        return mask_phone(self.phone) if self.phone else ""


auditlog.register(HelpRequest, mask_fields=["caller", "phone"], exclude_fields=["version", "key"])
