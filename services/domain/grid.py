"""What waits for a grid's team, and the votes of its households, when the grid is split, merged or changed.

Receivers of ``grids.hooks``, connected by ``ServicesConfig.ready``; the last word is said with grids and teams locked.

- A grid that is split keeps its team, and the team its months, requests and visit plans.
- A merge waits for the months of the teams that end with it: their leaders could not finish them any more. The month
  that is not over yet stays with its team; township staff submit it.
- Requests that wait for such a team go on with the team that stays, because its grid is where they come from now; its
  leaders are told. Nothing else moves: not a log, not a month, not a visit.
- Requests that wait for a team that is dissolved otherwise go back to the office, which chooses another one.
- A grid never has fewer households than ballots of a year that has not been scored.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Max
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from grids.hooks import Plan, Word, grid_changing, team_dissolved, teams_merging
from grids.models import Grid, GridChange, Team
from services.domain.dispatch import return_to_office
from services.domain.month import first_day
from services.domain.request_notices import Notice, tell
from services.domain.step import Actor, Kind, note
from services.models import BallotTally, HelpRequest, MonthlyReport, RecognitionRound, VisitPlan

Change = GridChange.Kind
# How many of each a message names.
NAMED = 5
UNSUBMITTED = (MonthlyReport.State.OPEN, MonthlyReport.State.RETURNED)


def speak(sender: Any, plan: Plan, **_unused: Any) -> list[Word]:
    """Say what becomes of what waits for the grids' teams, and refuse what would strand it."""
    words = _too_few_households(plan)
    if plan.kind == Change.SPLIT:
        words += _kept_by(_teams([plan.kept]) if plan.kept else [])
    if plan.kind == Change.MERGED:
        words += _ended(plan)
    return words


# --- Votes ---------------------------------------------------------------------------------------------


def _too_few_households(plan: Plan) -> list[Word]:
    """Refuse fewer households than ballots were entered in a round that has not been scored."""
    after = {grid: households for grid, households in plan.households.items() if households is not None}
    entered = (
        BallotTally.objects.filter(grid__in=after, round__state=RecognitionRound.State.VOTING)
        .order_by()
        .values("grid", "round", "round__year")
        .annotate(most=Max(F("satisfied") + F("fairly_satisfied") + F("dissatisfied") + F("unknown")))
    )
    wrong: dict[int, Any] = {row["grid"]: row for row in entered if row["most"] > after[row["grid"]]}
    return [
        Word(
            grid.pk,
            _(
                "%(ballots)s ballots of %(grid)s were entered for %(year)s, so it cannot have fewer households until "
                "that year is scored. Leave it %(ballots)s households, or wait for the scoring."
            )
            % {"ballots": wrong[grid.pk]["most"], "grid": grid, "year": wrong[grid.pk]["round__year"]},
            refuses=True,
            url=reverse("services:vote_list", args=[wrong[grid.pk]["round"]]),
        )
        for grid in Grid.objects.filter(pk__in=wrong).select_related("village").order_by("pk")
    ]


# --- What waits for teams ------------------------------------------------------------------------------


def _kept_by(teams: Iterable[Team]) -> list[Word]:
    """Say what the team of a grid that is split keeps."""
    words = []
    for team in teams:
        months, requests = _unsubmitted([team])[team.pk], _waiting([team]).get(team.pk, 0)
        if months:
            words.append(
                Word(
                    team.grid_id,
                    _("%(team)s keeps its months that are not submitted yet: %(months)s.")
                    % {"team": team, "months": _months(months)},
                    url=_listed("services:report_list", team=team.pk),
                )
            )
        if requests:
            words.append(
                Word(
                    team.grid_id,
                    ngettext(
                        "%(count)d request waits for %(team)s and stays with it, also where it comes from a new grid.",
                        "%(count)d requests wait for %(team)s and stay with it, also those that come from a new grid.",
                        requests,
                    )
                    % {"count": requests, "team": team},
                    url=_listed("services:request_list", team=team.pk, state="open"),
                )
            )
    return words


def _ended(plan: Plan) -> list[Word]:
    """Say what becomes of the teams that end with a merge, and refuse what nobody could finish."""
    ending = _teams(plan.given_up)
    staying = next(iter(_teams([plan.kept] if plan.kept else [])), None)
    months, waiting = _unsubmitted(ending), _waiting(ending)
    plans = dict(
        VisitPlan.objects.running().filter(team__in=ending).order_by().values_list("team").annotate(Count("pk"))
    )
    words = []
    for team in ending:
        this_month = first_day(timezone.localdate())
        words += _of_months(team, [month for month in months[team.pk] if month < this_month], is_over=True)
        words += _of_months(team, [month for month in months[team.pk] if month >= this_month], is_over=False)
        words += _of_requests(team, staying, waiting.get(team.pk, 0))
        if team.pk in plans:
            words.append(
                Word(
                    team.grid_id,
                    ngettext(
                        "%(count)d visit plan ends with %(team)s. Add it to the team that stays if it goes on.",
                        "%(count)d visit plans end with %(team)s. Add those that go on to the team that stays.",
                        plans[team.pk],
                    )
                    % {"count": plans[team.pk], "team": team},
                )
            )
    return words


def _of_months(team: Team, months: Collection[date], *, is_over: bool) -> list[Word]:
    if not months:
        return []
    told = (
        _("%(team)s has months that are over and not submitted: %(months)s. Submit them first, then merge the grids.")
        if is_over
        else _("The month of %(team)s that is not over yet stays with it: %(months)s. Township staff submit it.")
    )
    return [
        Word(
            team.grid_id,
            told % {"team": team, "months": _months(months)},
            refuses=is_over,
            url=_listed("services:report_list", team=team.pk),
        )
    ]


def _of_requests(team: Team, staying: Team | None, waiting: int) -> list[Word]:
    if not waiting:
        return []
    told = {"count": waiting, "team": team, "staying": staying, "named": _named(team)}
    if staying is not None:
        text = ngettext(
            "%(count)d request that waits for %(team)s goes on with %(staying)s: %(named)s.",
            "%(count)d requests that wait for %(team)s go on with %(staying)s: %(named)s.",
            waiting,
        )
    else:
        text = ngettext(
            "%(count)d request waits for %(team)s, and the grid that stays has no team to take it over: %(named)s. "
            "Let the grid with the team stay, form a team first, or close the request.",
            "%(count)d requests wait for %(team)s, and the grid that stays has no team to take them over: %(named)s. "
            "Let the grid with the team stay, form a team first, or close the requests.",
            waiting,
        )
    url = _listed("services:request_list", team=team.pk, state="open")
    return [Word(team.grid_id, text % told, refuses=staying is None, url=url)]


def _teams(grids: Collection[int]) -> list[Team]:
    """Return the standing teams of the grids."""
    return list(Team.objects.standing().filter(grid__in=grids).order_by("pk"))


def _waiting(teams: Collection[Team]) -> dict[int, int]:
    """Return how many requests wait for each team."""
    waiting = HelpRequest.objects.open().filter(team__in=teams).order_by()
    return dict(waiting.values_list("team").annotate(Count("pk")))


def _unsubmitted(teams: Collection[Team]) -> dict[int, list[date]]:
    """Return the months of each team that somebody still has to submit; in a scored year nobody can."""
    closed = RecognitionRound.objects.exclude(state=RecognitionRound.State.VOTING).values_list("year", flat=True)
    years = set(closed)
    found: dict[int, list[date]] = defaultdict(list)
    reports = MonthlyReport.objects.filter(team__in=teams, state__in=UNSUBMITTED).order_by("month")
    for team, month in reports.values_list("team", "month"):
        if month.year not in years:
            found[team].append(month)
    return found


def _months(months: Collection[date]) -> str:
    names = [date_format(month, "YEAR_MONTH_FORMAT") for month in sorted(months)]
    return "、".join([*names[:NAMED], "…"] if len(names) > NAMED else names)


def _named(team: Team) -> str:
    """Name requests that wait for the team: the day, and how what is asked begins."""
    waiting = list(HelpRequest.objects.open().filter(team=team).order_by("asked_at", "pk")[: NAMED + 1])
    names = [str(request) for request in waiting]
    return "、".join([*names[:NAMED], "…"] if len(names) > NAMED else names)


def _listed(name: str, **query: Any) -> str:
    return f"{reverse(name)}?{urlencode(query)}"


def carry_requests(
    sender: Any, kept: Team | None, given_up: Collection[Team], by: User | None = None, **_unused: Any
) -> None:
    """Let the requests that wait for the teams given up go on with the one that stays; all teams are locked."""
    if kept is None:
        return
    waiting = HelpRequest.objects.open().filter(team__in=given_up).order_by("pk")
    for pk in list(waiting.values_list("pk", flat=True)):
        request = HelpRequest.locked(pk)
        if request.is_open:
            request.team, request.handed_at = kept, timezone.now()
            request.save()
            note(request, Kind.TRANSFERRED, by=by, actor=Actor.SYSTEM, team=kept, text=_("The grids were merged."))
            tell(request, Notice.TRANSFERRED_TO, teams=[kept], by=by)


def take_back_requests(sender: Any, team: Team, by: User | None, **_unused: Any) -> None:
    """Let the office have the requests that wait for a team that is dissolved, locked: it chooses another one."""
    waiting = HelpRequest.objects.open().filter(team=team).order_by("pk").values_list("pk", flat=True)
    return_to_office(list(waiting), reason=_("The team was dissolved."), by=by)


def connect() -> None:
    """Listen to what happens to grids."""
    grid_changing.connect(speak, dispatch_uid="services.speak_of_grids")
    teams_merging.connect(carry_requests, dispatch_uid="services.carry_requests")
    team_dissolved.connect(take_back_requests, dispatch_uid="services.take_back_requests")
