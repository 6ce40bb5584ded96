"""求助: somebody asks a team for help."""

from datetime import datetime, time, timedelta
from typing import Any, Self
from uuid import UUID

from auditlog.registry import auditlog
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import Role
from areas.models import Township, TownshipSettings, Village
from areas.models.settings import Holdings
from common.codes import checked, in_groups, read_signs, signs_from
from common.models import Versioned, length_checks
from grids.models import Grid, Team
from grids.models.team import TeamQuerySet
from volunteers.models.volunteer import mask_phone

TEXT_LIMITS = {"caller": 60, "phone": 20, "content": 500, "outcome": 200}
# Eleven signs are 51 bits; the twelfth checks them.
CODE_LENGTH, CODE_GROUPS = 12, (4, 4, 4)


def code_of(key: UUID) -> str:
    """Return the code by which a resident follows a request: it follows from the form's key, 7KMX-3RTA-9WCH.

    The same form sent twice gets the same code; the database keeps its hash only.
    """
    digest = salted_hmac("services.request.code", key.hex, algorithm="sha256").hexdigest()
    return in_groups(checked(signs_from(digest, CODE_LENGTH - 1)), CODE_GROUPS)


def hash_of(code: str) -> str:
    """Return what is stored of a code, however it was typed; nothing for what can be none."""
    signs = read_signs(code, CODE_LENGTH)
    return salted_hmac("services.request.stored", signs, algorithm="sha256").hexdigest() if signs else ""


def dialled(phone: str) -> str:
    """Return a number as a phone dials it: an extension after a pause, 057762181234,801."""
    parts = phone.split("-")
    has_area = len(parts) > 1 and parts[0].startswith("0")
    number, extension = ("".join(parts[:2]), parts[2:]) if has_area else (parts[0], parts[1:])
    return ",".join([number, *extension])


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

    def overdue(self, *, held: Holdings | None = None) -> Self:
        """Keep those that have waited for more days than their township answers within; the day of asking is not one.

        ``held`` as in ``TownshipSettings.where``.
        """
        today = timezone.make_aware(datetime.combine(timezone.localdate(), time()))

        def asked_before(days: int) -> models.Q:
            return models.Q(asked_at__lt=today - timedelta(days=days))

        return self.open().filter(TownshipSettings.where("request_answer_days", asked_before, held=held))


class HelpRequest(Versioned):
    """Somebody's request for help, and the team that it went to. It is resolved by a service log, never without one.

    From the public page it comes without a recorder, and without a team where none serves the grid or nobody knows the
    grid: then the township of the village has it, until it chooses a team.
    """

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
        PAGE = "page", _("Public page")

        @classmethod
        def noted(cls) -> list[tuple[str, Any]]:
            """Return the ways that an office notes: what comes by the page, residents write themselves."""
            return [choice for choice in cls.choices if choice[0] != cls.PAGE]

    key = models.UUIDField(_("submission key"), unique=True, editable=False)
    township = models.ForeignKey(
        Township, verbose_name=_("township"), on_delete=models.PROTECT, related_name="requests", editable=False
    )
    team = models.ForeignKey(
        Team, verbose_name=_("team"), null=True, blank=True, on_delete=models.PROTECT, related_name="requests"
    )
    village = models.ForeignKey(
        Village,
        verbose_name=_("village"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="requests",
        editable=False,
    )
    grid = models.ForeignKey(
        Grid,
        verbose_name=_("grid"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="requests",
        editable=False,
        help_text=_("From the public page, where it was known."),
    )
    code_hash = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001
    caller = models.CharField(_("who asks"), max_length=TEXT_LIMITS["caller"])
    phone = models.CharField(_("phone"), max_length=TEXT_LIMITS["phone"], blank=True)
    channel = models.CharField(_("how it came"), max_length=10, choices=Channel, default=Channel.PHONE)
    content = models.CharField(_("what is asked"), max_length=TEXT_LIMITS["content"])
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN, editable=False)
    closed_at = models.DateTimeField(_("resolved or closed"), null=True, blank=True, editable=False)
    outcome = models.CharField(_("why it was closed"), max_length=TEXT_LIMITS["outcome"], blank=True, editable=False)
    recorded_by = models.ForeignKey(
        User,
        verbose_name=_("recorded by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        help_text=_("Nobody: it came from the public page."),
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
            models.CheckConstraint(
                name="request_recorded_or_from_the_page",
                condition=models.Q(channel="page", recorded_by__isnull=True, code_hash__isnull=False)
                | (~models.Q(channel="page") & models.Q(recorded_by__isnull=False, code_hash__isnull=True)),
            ),
            models.CheckConstraint(
                name="request_has_team_or_village",
                condition=models.Q(team__isnull=False) | models.Q(channel="page", village__isnull=False),
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
    def is_from_page(self) -> bool:
        """Whether a resident wrote it on the public page."""
        return self.channel == self.Channel.PAGE

    @property
    def possible_teams(self) -> TeamQuerySet:
        """The teams that it may be given to: those of its township, or of what that is part of today."""
        return Team.objects.filter(township__in=self.township.present.reach).standing()

    @property
    def recorder_name(self) -> str:
        """Who noted it, or that the public page did."""
        return self.recorded_by.name if self.recorded_by else str(self.Channel.PAGE.label)

    @property
    def masked_phone(self) -> str:
        """The caller's phone as the page shows it: 138****1234; nothing where none was noted."""
        return mask_phone(self.phone) if self.phone else ""


auditlog.register(HelpRequest, mask_fields=["caller", "phone"], exclude_fields=["version", "key", "code_hash"])
