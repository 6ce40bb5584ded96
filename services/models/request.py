"""求助: somebody asks a team for help."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from auditlog.registry import auditlog
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.rights import Role
from areas.models import Township, Village
from common.codes import checked, in_groups, read_signs, signs_from
from common.models import Versioned, length_checks
from grids.models import Grid, Team
from grids.models.grid import GridQuerySet
from grids.models.team import TeamQuerySet
from services.models.category import ServiceCategory
from services.similar import normalised
from volunteers.models.volunteer import mask_phone

TEXT_LIMITS = {
    "caller": 60,
    "phone": 20,
    "place": 100,
    "content": 500,
    "outcome": 200,
    "referred_to": 100,
    "referral_answer": 500,
    "rating_words": 200,
}
# What stands in the place of a resident's words once they were deleted: no page may show nothing there.
ANONYMISED = "已匿名"
KEY_LIMITS = {"phone_key": 20, "place_key": 100}
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


def phone_key_of(phone: str) -> str:
    """Return what is equal for two spellings of a number: its digits without the extension."""
    return dialled(phone).partition(",")[0]


def place_key_of(place: str) -> str:
    """Return what is equal for two spellings of a door within its village."""
    return normalised(place)[: KEY_LIMITS["place_key"]]


class HelpRequestQuerySet(models.QuerySet["HelpRequest"]):
    """Requests, the latest first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the user's township, and for a team leader to the teams that they lead."""
        if user.role == Role.TEAM_LEADER:
            return self.filter(team__in=Team.objects.visible_to(user))
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.filter(township__in=user.township_ids)

    def once_with(self, user: User) -> Self:
        """Keep those that a team which the user leads has or had: of which they may be told who has them now."""
        if user.role != Role.TEAM_LEADER:
            return self.none()
        steps: Any = self.model._meta.get_field("steps").related_model
        had = steps.objects.filter(request=models.OuterRef("pk"), team__in=Team.objects.visible_to(user).order_by())
        return self.filter(models.Exists(had))

    def open(self) -> Self:
        """Keep those that are not settled: they wait for the team, for the office or for the resident."""
        return self.filter(state=HelpRequest.State.OPEN)

    def overdue(self, now: datetime | None = None) -> Self:
        """Keep those of which a clock has passed its deadline; one that waits for the resident is never overdue."""
        return self.filter(due_at__lt=now or timezone.now())


class HelpRequest(Versioned):
    """Somebody's request for help, and who has it: a team, or the office of the township while ``team`` is empty.

    Three clocks run from the asking: answered, arrived, resolved, each with a deadline (``services.domain.clock``).
    ``due_at`` is the earliest deadline that is still to be met: empty while the clocks stand still for the resident,
    and once the request is settled. It is resolved by a service log, never without one.
    """

    class State(models.TextChoices):
        """Where a request stands: open, or one of four outcomes, of which only the first counts as resolved."""

        OPEN = "open", pgettext_lazy("request", "Open")
        RESOLVED = "resolved", _("Resolved")
        REFERRED = "referred", _("Referred")
        UNSOLVED = "unsolved", _("Could not be solved")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Urgency(models.TextChoices):
        """How soon somebody has to come; the deadlines follow from it."""

        URGENT = "urgent", _("Urgent")
        NORMAL = "normal", _("Normal")
        LOW = "low", _("Can wait")

    class Rating(models.TextChoices):
        """What the resident said of the help, in the words of the annual vote."""

        SATISFIED = "satisfied", _("Satisfied")
        FAIR = "fair", _("Fairly satisfied")
        DISSATISFIED = "dissatisfied", _("Not satisfied")

    class Escalation(models.IntegerChoices):
        """Who has been told that a deadline passed."""

        NONE = 0, _("Nobody")
        TOWNSHIP = 1, _("The township")
        CITY = 2, _("The city")

    class Channel(models.TextChoices):
        """How the request came."""

        PHONE = "phone", _("Phone call")
        WECHAT = "wechat", _("WeChat group")
        QQ = "qq", _("QQ group")
        FORUM = "forum", _("Forum")
        IN_PERSON = "in_person", _("In person")
        VISIT = "visit", _("On a visit")
        PAGE = "page", _("Public page")

        @classmethod
        def noted(cls) -> list[tuple[str, Any]]:
            """Return the ways that an office notes: residents write on the page, and visits say it themselves."""
            return [choice for choice in cls.choices if choice[0] not in (cls.PAGE, cls.VISIT)]

    key = models.UUIDField(_("submission key"), unique=True, editable=False)
    township = models.ForeignKey(
        Township, verbose_name=_("township"), on_delete=models.PROTECT, related_name="requests", editable=False
    )
    team = models.ForeignKey(
        Team, verbose_name=_("team"), null=True, blank=True, on_delete=models.PROTECT, related_name="requests"
    )
    handed_at = models.DateTimeField(_("the team has it since"), null=True, editable=False)
    village = models.ForeignKey(
        Village, verbose_name=_("village"), on_delete=models.PROTECT, related_name="requests", editable=False
    )
    grid = models.ForeignKey(
        Grid,
        verbose_name=_("grid"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="requests",
        editable=False,
        help_text=_("Empty while nobody knows it."),
    )
    code_hash = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001
    caller = models.CharField(_("who asks"), max_length=TEXT_LIMITS["caller"])
    phone = models.CharField(_("phone"), max_length=TEXT_LIMITS["phone"], blank=True)
    phone_key = models.CharField(max_length=KEY_LIMITS["phone_key"], blank=True, editable=False)
    place = models.CharField(_("door"), max_length=TEXT_LIMITS["place"], blank=True)
    place_key = models.CharField(max_length=KEY_LIMITS["place_key"], blank=True, editable=False)
    channel = models.CharField(_("how it came"), max_length=10, choices=Channel, default=Channel.PHONE)
    content = models.CharField(_("what is asked"), max_length=TEXT_LIMITS["content"])
    category = models.ForeignKey(
        ServiceCategory,
        verbose_name=_("category"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="requests",
        help_text=_("Empty while nobody has said it; the service that resolves it says it then."),
    )
    urgency = models.CharField(_("urgency"), max_length=6, choices=Urgency, default=Urgency.NORMAL)
    found_on = models.ForeignKey(
        "services.ServiceLog",
        verbose_name=_("found on the visit"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="found_requests",
        editable=False,
    )
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN, editable=False)

    # The clocks. Minutes are measured from the asking, without the time that the resident was waited for.
    answered_at = models.DateTimeField(_("answered"), null=True, editable=False)
    set_out_at = models.DateTimeField(_("on the way since"), null=True, editable=False)
    arrived_at = models.DateTimeField(_("arrived"), null=True, editable=False)
    closed_at = models.DateTimeField(_("resolved or closed"), null=True, blank=True, editable=False)
    answer_due_at = models.DateTimeField(_("to be answered by"), editable=False)
    arrive_due_at = models.DateTimeField(_("somebody is to arrive by"), editable=False)
    resolve_due_at = models.DateTimeField(_("to be resolved by"), editable=False)
    due_at = models.DateTimeField(_("next deadline"), null=True, editable=False)
    answer_minutes = models.PositiveIntegerField(_("minutes until it was answered"), null=True, editable=False)
    arrive_minutes = models.PositiveIntegerField(_("minutes until somebody arrived"), null=True, editable=False)
    resolve_minutes = models.PositiveIntegerField(_("minutes until it was resolved"), null=True, editable=False)
    waiting_since = models.DateTimeField(_("waits for the resident since"), null=True, editable=False)
    waited_seconds = models.PositiveIntegerField(
        _("seconds that the resident was waited for"), default=0, editable=False
    )
    escalation = models.PositiveSmallIntegerField(
        _("who was told"), choices=Escalation, default=Escalation.NONE, editable=False
    )

    # What became of it.
    outcome = models.CharField(_("why it was closed"), max_length=TEXT_LIMITS["outcome"], blank=True, editable=False)
    referred_to = models.CharField(_("referred to"), max_length=TEXT_LIMITS["referred_to"], blank=True, editable=False)
    referral_answer = models.CharField(
        _("the office's answer"), max_length=TEXT_LIMITS["referral_answer"], blank=True, editable=False
    )
    referral_answered_at = models.DateTimeField(_("the office answered"), null=True, editable=False)

    # What the resident said of it.
    confirmed_at = models.DateTimeField(_("confirmed as solved"), null=True, editable=False)
    rating = models.CharField(_("rating"), max_length=12, choices=Rating, blank=True, editable=False)
    rated_at = models.DateTimeField(_("rated"), null=True, editable=False)
    rating_words = models.CharField(
        _("words with the rating"), max_length=TEXT_LIMITS["rating_words"], blank=True, editable=False
    )
    reopened_at = models.DateTimeField(_("reopened"), null=True, editable=False)
    times_reopened = models.PositiveSmallIntegerField(_("times reopened"), default=0, editable=False)
    anonymised_at = models.DateTimeField(_("anonymised"), null=True, editable=False)

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
            # The list of the whole city, by where the requests stand, and of what few of a million are.
            models.Index(fields=["-asked_at", "-id"], name="request_by_time"),
            models.Index(fields=["state", "-asked_at", "-id"], name="request_in_state"),
            models.Index(fields=["rating", "-asked_at", "-id"], name="request_rated", condition=~models.Q(rating="")),
            models.Index(fields=["-asked_at", "-id"], name="request_escalated", condition=models.Q(escalation__gt=0)),
            models.Index(
                fields=["-asked_at", "-id"], name="request_reopened", condition=models.Q(times_reopened__gt=0)
            ),
            # By number and by door: what the intake desk looks up while the phone rings.
            models.Index(fields=["phone_key", "-asked_at", "-id"], name="request_by_phone"),
            models.Index(fields=["village", "place_key", "-asked_at", "-id"], name="request_by_door"),
            models.Index(
                fields=["phone_key"], name="request_open_by_phone", condition=models.Q(closed_at__isnull=True)
            ),
            models.Index(
                fields=["village", "place_key"], name="request_open_by_door", condition=models.Q(closed_at__isnull=True)
            ),
            models.Index(fields=["village", "-asked_at"], name="request_lately_in_village"),
            # What is due, for the city, a township and a team: few rows however many were ever asked.
            models.Index(fields=["due_at", "id"], name="request_due", condition=models.Q(due_at__isnull=False)),
            models.Index(
                fields=["township", "due_at", "id"], name="request_due_in_township", condition=models.Q(state="open")
            ),
            # What is to be anonymised one night: the longest settled first.
            models.Index(
                fields=["closed_at", "id"],
                name="request_still_personal",
                condition=models.Q(anonymised_at__isnull=True, closed_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(name="request_has_caller", condition=~models.Q(caller="")),
            models.CheckConstraint(name="request_has_content", condition=~models.Q(content="")),
            models.CheckConstraint(
                name="request_outcome_known",
                condition=models.Q(state="open", closed_at__isnull=True, outcome="", referred_to="")
                | models.Q(
                    state="resolved", closed_at__isnull=False, arrived_at__isnull=False, outcome="", referred_to=""
                )
                | (models.Q(state="referred", closed_at__isnull=False) & ~models.Q(referred_to=""))
                | (models.Q(state="unsolved", closed_at__isnull=False, referred_to="") & ~models.Q(outcome=""))
                | models.Q(state="withdrawn", closed_at__isnull=False, referred_to=""),
            ),
            models.CheckConstraint(
                # Nothing open is forgotten by the clocks, and they rest for what is settled.
                name="request_open_is_due_or_waits",
                condition=models.Q(state="open", waiting_since__isnull=True, due_at__isnull=False)
                | models.Q(state="open", waiting_since__isnull=False, due_at__isnull=True)
                | (~models.Q(state="open") & models.Q(waiting_since__isnull=True, due_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="request_clocks_in_order",
                condition=(models.Q(answered_at__isnull=True) | models.Q(answered_at__gte=models.F("asked_at")))
                & (
                    models.Q(arrived_at__isnull=True)
                    | models.Q(answered_at__isnull=False, arrived_at__gte=models.F("answered_at"))
                ),
            ),
            models.CheckConstraint(
                name="request_minutes_with_clocks",
                condition=models.Q(answered_at__isnull=True, answer_minutes__isnull=True)
                | models.Q(answered_at__isnull=False, answer_minutes__isnull=False),
            ),
            models.CheckConstraint(
                name="request_arrive_minutes_with_clock",
                condition=models.Q(arrived_at__isnull=True, arrive_minutes__isnull=True)
                | models.Q(arrived_at__isnull=False, arrive_minutes__isnull=False),
            ),
            models.CheckConstraint(
                name="request_resolve_minutes_with_outcome",
                condition=models.Q(state="resolved", resolve_minutes__isnull=False)
                | (~models.Q(state="resolved") & models.Q(resolve_minutes__isnull=True)),
            ),
            models.CheckConstraint(
                name="request_rating_known",
                condition=models.Q(rating="", rated_at__isnull=True, rating_words="")
                | models.Q(rating__in=["satisfied", "fair", "dissatisfied"], rated_at__isnull=False),
            ),
            models.CheckConstraint(
                name="request_urgency_known", condition=models.Q(urgency__in=["urgent", "normal", "low"])
            ),
            models.CheckConstraint(name="request_escalation_known", condition=models.Q(escalation__in=[0, 1, 2])),
            models.CheckConstraint(
                name="request_team_has_it_since",
                condition=models.Q(team__isnull=True, handed_at__isnull=True)
                | models.Q(team__isnull=False, handed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="request_recorded_or_from_the_page",
                condition=models.Q(channel="page", recorded_by__isnull=True, code_hash__isnull=False)
                | (~models.Q(channel="page") & models.Q(recorded_by__isnull=False)),
            ),
            *length_checks("request", TEXT_LIMITS | KEY_LIMITS),
        ]

    def __str__(self) -> str:
        # The audit trail keeps this for good: no words of a resident.
        return f"{timezone.localtime(self.asked_at):%Y-%m-%d} #{self.pk}"

    def get_absolute_url(self) -> str:
        """Return the address of the request's page."""
        return reverse("services:request_detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Whether it is not settled yet."""
        return self.state == self.State.OPEN

    @property
    def is_waiting(self) -> bool:
        """Whether its clocks stand still because the resident is waited for."""
        return self.waiting_since is not None

    @property
    def is_from_page(self) -> bool:
        """Whether a resident wrote it on the public page."""
        return self.channel == self.Channel.PAGE

    @property
    def has_code_to_tell(self) -> bool:
        """Whether an office noted it, so that it is the office that tells the caller the code."""
        return not self.is_from_page and self.code_hash is not None

    @property
    def possible_teams(self) -> TeamQuerySet:
        """The teams that it may be given to: those of its township, or of what that is part of today."""
        return Team.objects.filter(township__in=self.township.present.reach).standing()

    def logs_that_count(self) -> models.QuerySet[Any]:
        """Return the services that stand for its being resolved: after a reopening, those written down since then."""
        logs = self.logs.standing()
        return logs.filter(recorded_at__gte=self.reopened_at) if self.reopened_at else logs

    @property
    def possible_grids(self) -> GridQuerySet:
        """The grids that it may have come from: those in use of its village, or of what that is part of today."""
        return Grid.objects.in_use().filter(village=self.village.merged_into_id or self.village_id)

    @property
    def recorder_name(self) -> str:
        """Who noted it, or that the public page did."""
        return self.recorded_by.name if self.recorded_by else str(self.Channel.PAGE.label)

    @property
    def masked_phone(self) -> str:
        """The caller's phone as the page shows it: 138****1234; nothing where none was noted."""
        return mask_phone(self.phone) if self.phone else ""


auditlog.register(
    HelpRequest,
    mask_fields=["caller", "phone", "place", "content", "outcome", "referral_answer", "rating_words"],
    exclude_fields=["version", "key", "code_hash", "phone_key", "place_key"],
)
