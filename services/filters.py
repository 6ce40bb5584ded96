"""How lists of services are narrowed down."""

from datetime import date
from functools import lru_cache
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.rights import Right
from areas.filters import InTownship
from common.filter_fields import DayFilter, chosen_pk
from grids.models import Team
from grids.models.grid import GridQuerySet
from services.domain.difference import differences
from services.domain.figures import Period, due_in
from services.domain.month import last_day, previous_month
from services.domain.recognition import unsettled
from services.models import (
    Confirmation,
    Correction,
    Evidence,
    LogImport,
    MonthlyReport,
    Notice,
    Objection,
    Participation,
    RecognitionRound,
    SampledReport,
    ServiceCategory,
    ServiceLog,
)
from services.models.correction import CorrectionQuerySet
from services.models.log import ServiceLogQuerySet
from services.models.notice import NoticeQuerySet
from services.models.objection import ObjectionQuerySet
from services.models.recognition import EvidenceQuerySet
from services.models.report import MonthlyReportQuerySet
from services.models.sample import SampledReportQuerySet
from services.rows import month_name
from volunteers.models import Volunteer
from volunteers.search import named

# --- recognition --------------------------------------------------------------------------------------


class EvidenceFilter(InTownship):
    """By result and township, and by the volunteer's name, pinyin initials or number."""

    RESULTS = (
        ("eligible", _("Eligible")),
        ("service", _("Missed hours and services")),
        ("votes", _("Missed the votes")),
        ("award", _("Awarded")),
        ("corrected", _("Corrected since the scoring")),
    )
    q = django_filters.CharFilter(label=_("Name, initials or number"), method="by_person", max_length=40)
    result = django_filters.ChoiceFilter(
        label=_("Result"), choices=RESULTS, method="by_result", empty_label=_("Any result")
    )

    class Meta:
        model = Evidence
        fields = ("q", "result", "township")

    def by_person(self, evidence: EvidenceQuerySet, name: str, value: str) -> EvidenceQuerySet:
        """Keep the evidence of whom the text means."""
        return evidence.filter(volunteer__in=named(Volunteer.objects.all(), value).values("pk"))

    def by_result(self, evidence: EvidenceQuerySet, name: str, value: str) -> EvidenceQuerySet:
        """Keep who passed, who missed the tests of service or the votes, who is honoured, whom corrections changed."""
        if value == "corrected":
            round_ = RecognitionRound.objects.filter(evidence__in=evidence.order_by().values("pk")).first()
            return evidence.filter(volunteer__in=differences(round_)) if round_ is not None else evidence
        conditions = {
            "eligible": Q(is_eligible=True),
            "service": Q(minutes__lt=F("round__min_minutes"), services__lt=F("round__min_services")),
            "votes": Q(satisfied_share__lte=F("round__min_satisfied_percent") * F("valid_votes")),
            "award": Q(volunteer__awards__round=F("round")),
        }
        return evidence.alias(satisfied_share=F("satisfied_votes") * 100).filter(conditions[value])


class VoteFilter(InTownship):
    """By whether the votes were entered, the name of a team that serves the grid, and the township."""

    is_of_today = True
    q = django_filters.CharFilter(label=_("Team"), method="by_team", max_length=40)
    votes = django_filters.ChoiceFilter(
        label=_("Votes"),
        choices=(("entered", _("Entered")), ("missing", _("Not entered"))),
        method="by_votes",
        empty_label=_("All grids"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Look for the township where a grid has it."""
        super().__init__(*args, **kwargs)
        if "township" in self.filters:
            self.filters["township"].field_name = "village__township"

    def by_team(self, grids: GridQuerySet, name: str, value: str) -> GridQuerySet:
        """Keep the grids that a team of such a name serves or served."""
        return grids.filter(Exists(Team.objects.filter(grid=OuterRef("pk"), name__contains=value)))

    def by_votes(self, grids: GridQuerySet, name: str, value: str) -> GridQuerySet:
        """Keep the grids whose votes were entered, or were not."""
        return grids.filter(has_votes=value == "entered")


# --- imports of logs ----------------------------------------------------------------------------------


class LogImportFilter(django_filters.FilterSet):
    """By the name of the file and how far it is."""

    q = django_filters.CharFilter(label=_("File"), field_name="file_name", lookup_expr="contains", max_length=40)
    state = django_filters.ChoiceFilter(label=_("State"), choices=LogImport.State, empty_label=_("Any state"))

    class Meta:
        model = LogImport
        fields = ("q", "state")


# --- reports ------------------------------------------------------------------------------------------


def months_to_choose() -> list[tuple[str, str]]:
    """Return the last two years' months, the latest first, as addresses and as people name them."""
    return _two_years_back(timezone.localdate().replace(day=1), get_language())


@lru_cache(maxsize=4)
def _two_years_back(month: date, language: str) -> list[tuple[str, str]]:
    choices = []
    for _back in range(24):
        choices.append((f"{month:%Y-%m}", month_name(month)))
        month = previous_month(month)
    return choices


class ReportFilter(InTownship):
    """By the team's name, month, state and township; by one team where a page leads here with it."""

    q = django_filters.CharFilter(label=_("Team"), field_name="team__name", lookup_expr="contains", max_length=40)
    month = django_filters.ChoiceFilter(
        label=_("Month"), choices=months_to_choose, method="in_month", empty_label=_("All months")
    )
    state = django_filters.ChoiceFilter(
        label=_("State"), choices=MonthlyReport.State.choices, empty_label=_("All states")
    )
    team = django_filters.NumberFilter(label=_("Team number"), min_value=1, max_value=2**31)
    due = django_filters.CharFilter(label=_("Due in"), method="due_in", max_length=7)
    nil = django_filters.BooleanFilter(label=_("Without services"), method="is_nil", widget=forms.CheckboxInput)
    unsettled = django_filters.BooleanFilter(
        label=_("Still waiting"), method="is_unsettled", widget=forms.CheckboxInput
    )

    finding = django_filters.BooleanFilter(
        label=_("With an unanswered remark of the sample"), method="has_finding", widget=forms.CheckboxInput
    )

    class Meta:
        model = MonthlyReport
        fields = ("q", "month", "state", "township", "team", "due")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave out what nobody types unless a page led here with it."""
        super().__init__(*args, **kwargs)
        for name in ("team", "due", "nil", "unsettled", "finding"):
            if name not in self.data:
                del self.filters[name]

    def due_in(self, reports: MonthlyReportQuerySet, name: str, value: str) -> MonthlyReportQuerySet:
        """Keep the months of the period (2026 or 2026-07) that are over; none for a period that is no period."""
        try:
            return due_in(reports, Period.parse(value))
        except ValueError:
            return reports.none()

    def is_nil(self, reports: MonthlyReportQuerySet, name: str, value: bool) -> MonthlyReportQuerySet:
        """Keep the months in which no service stands."""
        served = ServiceLog.objects.standing().filter(report=OuterRef("pk"))
        return reports.exclude(Exists(served)) if value else reports

    def is_unsettled(self, reports: MonthlyReportQuerySet, name: str, value: bool) -> MonthlyReportQuerySet:
        """Keep the months that may still change: those of years that were not scored."""
        return unsettled(reports) if value else reports

    def has_finding(self, reports: MonthlyReportQuerySet, name: str, value: bool) -> MonthlyReportQuerySet:
        """Keep the months on which a sample has a remark that waits for an answer; none for who is not told of it."""
        found = SampledReport.objects.visible_to(self.request.user).to_answer()
        return reports.filter(pk__in=found.order_by().values("report")) if value else reports

    def in_month(self, reports: MonthlyReportQuerySet, name: str, value: str) -> MonthlyReportQuerySet:
        """Keep the reports of the month."""
        return reports.in_month(date.fromisoformat(f"{value}-01"))


class SampledFilter(InTownship):
    """By what was found in a drawn month, and the township."""

    finding = django_filters.ChoiceFilter(
        label=_("Finding"),
        choices=(
            ("none", _("Not looked at yet")),
            *SampledReport.Finding.choices,
            ("unanswered", _("Remark without an answer")),
        ),
        method="by_finding",
        empty_label=_("All drawn months"),
    )

    class Meta:
        model = SampledReport
        fields = ("finding", "township")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Look for the township where a drawn month has it."""
        super().__init__(*args, **kwargs)
        if "township" in self.filters:
            self.filters["township"].field_name = "report__township"

    def by_finding(self, drawn: SampledReportQuerySet, name: str, value: str) -> SampledReportQuerySet:
        """Keep what nobody looked at, what was found so, or what waits for the township's answer."""
        if value == "unanswered":
            return drawn.to_answer()
        return drawn.filter(finding="" if value == "none" else value)


# --- logs -----------------------------------------------------------------------------------------------


def categories_of(request: Any) -> Any:
    """Return every category: old logs keep one that was retired since."""
    return ServiceCategory.objects.all()


def teams_of(request: Any) -> Any:
    """Return the teams to choose from: those of the township, at the city level the one that a page leads here with."""
    teams = Team.objects.visible_to(request.user).by_village()
    township = chosen_pk(request, "township")
    if not request.user.is_city_wide:
        return teams
    if township:
        return teams.filter(township=township)
    team = chosen_pk(request, "team")
    return teams.filter(pk=team) if team else teams.none()


def volunteer_of(request: Any) -> Any:
    """Return the volunteer that a page leads here with, if the reader may name them."""
    volunteer = chosen_pk(request, "volunteer")
    return Volunteer.objects.in_reach_of(request.user).filter(pk=volunteer) if volunteer else Volunteer.objects.none()


class LogFilter(InTownship):
    """By a part of the recipient or content, month or period, team, category, state, and who took part."""

    STATES = (
        ("standing", _("Not withdrawn")),
        ("counted", _("Counted (month read)")),
        ("waiting", _("Month not yet read")),
        ("withdrawn", _("Withdrawn")),
    )
    CONFIRMATIONS = (
        ("yes", _("Confirmed")),
        ("no", _("Denied")),
        ("asked", _("Slip made, no answer")),
        ("none", _("No slip")),
    )
    dependent = ("team", "volunteer")

    q = django_filters.CharFilter(label=_("Recipient or content"), method="by_words", max_length=40)
    month = django_filters.ChoiceFilter(
        label=_("Month"), choices=months_to_choose, method="in_month", empty_label=_("All months")
    )
    team = django_filters.ModelChoiceFilter(label=_("Team"), queryset=teams_of, empty_label=_("All teams"))
    category = django_filters.ModelChoiceFilter(
        label=_("Category"), queryset=categories_of, empty_label=_("All categories")
    )
    state = django_filters.ChoiceFilter(
        label=_("State"), choices=STATES, method="by_state", empty_label=_("All states")
    )
    since = DayFilter(label=_("From"), field_name="date", lookup_expr="gte")
    until = DayFilter(label=_("To"), field_name="date", lookup_expr="lte")
    late = django_filters.BooleanFilter(label=_("Late entries"), method="is_late", widget=forms.CheckboxInput)
    confirmation = django_filters.ChoiceFilter(
        label=_("Recipient"), choices=CONFIRMATIONS, method="by_confirmation", empty_label=_("Asked or not")
    )
    volunteer = django_filters.ModelChoiceFilter(
        label=_("Volunteer"), queryset=volunteer_of, method="of_volunteer", empty_label=_("Everybody")
    )

    helped = django_filters.BooleanFilter(label=_("As a helper"), method="with_helper", widget=forms.CheckboxInput)

    class Meta:
        model = ServiceLog
        fields = (
            "q",
            "township",
            "team",
            "category",
            "month",
            "state",
            "since",
            "until",
            "late",
            "confirmation",
            "volunteer",
        )

    def by_words(self, logs: ServiceLogQuerySet, name: str, value: str) -> ServiceLogQuerySet:
        """Keep the logs with the words in the recipient or in the content."""
        return logs.filter(Q(recipient__contains=value.strip()) | Q(content__contains=value.strip()))

    def in_month(self, logs: ServiceLogQuerySet, name: str, value: str) -> ServiceLogQuerySet:
        """Keep the services of the month."""
        month = date.fromisoformat(f"{value}-01")
        return logs.filter(date__range=(month, last_day(month)))

    def by_state(self, logs: ServiceLogQuerySet, name: str, value: str) -> ServiceLogQuerySet:
        """Keep what stands, what counts, what waits to be read, or what was withdrawn."""
        read = MonthlyReport.State.READ
        conditions = {
            "standing": Q(is_withdrawn=False),
            "counted": Q(is_withdrawn=False, report__state=read),
            "waiting": Q(is_withdrawn=False) & ~Q(report__state=read),
            "withdrawn": Q(is_withdrawn=True),
        }
        return logs.filter(conditions[value])

    def is_late(self, logs: ServiceLogQuerySet, name: str, value: bool) -> ServiceLogQuerySet:
        """Keep what was written down late."""
        return logs.late() if value else logs

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave out what nobody asks for unless a page led here with it."""
        super().__init__(*args, **kwargs)
        if "helped" not in self.data:
            del self.filters["helped"]

    def with_helper(self, logs: ServiceLogQuerySet, name: str, value: bool) -> ServiceLogQuerySet:
        """Keep the services with a helper from another team; with a volunteer, those in which they helped."""
        helpers = Participation.objects.filter(log=OuterRef("pk"), is_helper=True)
        volunteer = chosen_pk(self.request, "volunteer")
        if volunteer:
            helpers = helpers.filter(Q(volunteer=volunteer) | Q(volunteer__merged_into=volunteer))
        return logs.filter(Exists(helpers)) if value else logs

    def by_confirmation(self, logs: ServiceLogQuerySet, name: str, value: str) -> ServiceLogQuerySet:
        """Keep what its recipient confirmed or denied, what waits for their answer, or what has no slip."""
        slips = Confirmation.objects.filter(log=OuterRef("pk")).order_by()
        if value == "none":
            return logs.exclude(Exists(slips))
        if value == "yes":
            return logs.filter(Exists(slips.confirmed()))
        return logs.filter(Exists(slips.filter(answer="" if value == "asked" else value)))

    def of_volunteer(self, logs: ServiceLogQuerySet, name: str, value: Volunteer) -> ServiceLogQuerySet:
        """Keep the services that the volunteer took part in, also under a record that was merged into theirs."""
        parts = Participation.objects.filter(log=OuterRef("pk"), volunteer__in=value.records)
        return logs.filter(Exists(parts.order_by()))


# --- corrections ----------------------------------------------------------------------------------------


def rounds_of(request: Any) -> Any:
    """Return the rounds that the reader sees: what was corrected after one was scored."""
    return RecognitionRound.objects.visible_to(request.user)


class CorrectionFilter(InTownship):
    """By recipient or team, state, month and township; one's own, those answered lately, those after a scoring."""

    q = django_filters.CharFilter(label=_("Recipient or team"), method="by_words", max_length=40)
    state = django_filters.ChoiceFilter(label=_("State"), choices=Correction.State.choices, empty_label=_("All states"))
    month = django_filters.ChoiceFilter(
        label=_("Month"), choices=months_to_choose, method="in_month", empty_label=_("All months")
    )
    mine = django_filters.BooleanFilter(label=_("Asked by me"), method="is_mine", widget=forms.CheckboxInput)
    answered = django_filters.BooleanFilter(
        label=_("Answered in the last days"), method="is_answered", widget=forms.CheckboxInput
    )
    round = django_filters.ModelChoiceFilter(
        label=_("After the scoring of"), queryset=rounds_of, empty_label=_("Any time")
    )

    class Meta:
        model = Correction
        fields = ("q", "state", "township", "month", "mine", "answered", "round")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Look for the township where the log has it; who sees no round is not asked for one."""
        super().__init__(*args, **kwargs)
        if "township" in self.filters:
            self.filters["township"].field_name = "log__township"
        if not self.request.user.may(Right.VIEW_RECOGNITION):
            del self.filters["round"]

    def by_words(self, corrections: CorrectionQuerySet, name: str, value: str) -> CorrectionQuerySet:
        """Keep those of a log for such a recipient, as it was or as it should be, or of such a team."""
        text = value.strip()
        return corrections.filter(
            Q(log__recipient__contains=text) | Q(recipient__contains=text) | Q(log__team__name__contains=text)
        )

    def in_month(self, corrections: CorrectionQuerySet, name: str, value: str) -> CorrectionQuerySet:
        """Keep those of the month's logs."""
        month = date.fromisoformat(f"{value}-01")
        return corrections.filter(log__date__range=(month, last_day(month)))

    def is_mine(self, corrections: CorrectionQuerySet, name: str, value: bool) -> CorrectionQuerySet:
        """Keep what the reader asked for."""
        return corrections.filter(asked_by=self.request.user) if value else corrections

    def is_answered(self, corrections: CorrectionQuerySet, name: str, value: bool) -> CorrectionQuerySet:
        """Keep what was granted or refused within the last days."""
        return corrections.answered_lately() if value else corrections


# --- notices --------------------------------------------------------------------------------------------


class NoticeFilter(InTownship):
    """By township, month, and whether it runs."""

    STATES = (("running", _("Running")), ("ended", _("Ended")), ("withdrawn", _("Withdrawn")))

    month = django_filters.ChoiceFilter(
        label=_("Month"), choices=months_to_choose, method="in_month", empty_label=_("All months")
    )
    state = django_filters.ChoiceFilter(
        label=_("State"), choices=STATES, method="by_state", empty_label=_("All states")
    )

    class Meta:
        model = Notice
        fields = ("township", "month", "state")

    def in_month(self, notices: NoticeQuerySet, name: str, value: str) -> NoticeQuerySet:
        """Keep those of the month."""
        return notices.filter(month=date.fromisoformat(f"{value}-01"))

    def by_state(self, notices: NoticeQuerySet, name: str, value: str) -> NoticeQuerySet:
        """Keep what runs today, what has ended, or what was withdrawn."""
        if value == "running":
            return notices.running()
        if value == "ended":
            return notices.standing().filter(closes_on__lt=timezone.localdate())
        return notices.filter(withdrawn_at__isnull=False)


class ObjectionFilter(InTownship):
    """By township, and whether it was answered."""

    STATES = (("waiting", _("Waits for an answer")), ("answered", _("Answered")))

    state = django_filters.ChoiceFilter(
        label=_("State"), choices=STATES, method="by_state", empty_label=_("All states")
    )

    class Meta:
        model = Objection
        fields = ("township", "state")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Look for the township where the notice has it."""
        super().__init__(*args, **kwargs)
        if "township" in self.filters:
            self.filters["township"].field_name = "notice__township"

    def by_state(self, objections: ObjectionQuerySet, name: str, value: str) -> ObjectionQuerySet:
        """Keep what waits, or what was answered."""
        return objections.waiting() if value == "waiting" else objections.filter(answered_at__isnull=False)
