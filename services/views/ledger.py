"""Ledgers: a volunteer's and a team's year, month by month, to be read and printed."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_safe

from accounts.rights import Right, right_required
from common.clean import key_of
from common.hours import hours
from grids.models import Team
from services.domain import ledger as domain
from services.domain.figures import FIRST_YEAR, Period
from services.domain.home import listed
from services.domain.ledger import Ledger, Line
from services.domain.month import last_day
from services.domain.verdict import exact_time
from services.models import RecognitionRound
from volunteers.models import Volunteer

# The years that one leads to from the page: the present and those before, as far back as records go.
YEARS_SHOWN = 8


@require_safe
@right_required(Right.VIEW_VOLUNTEERS)
def volunteer_ledger(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a volunteer's year."""
    volunteers = Volunteer.objects.visible_to(request.user).select_related("township", "village")
    volunteer = get_object_or_404(volunteers, pk=pk)
    year, problems = _year(request)
    ledger = domain.volunteer_ledger(volunteer, year, request.user)
    context = _shown(ledger, since=volunteer.joined_on, volunteer=volunteer.pk)
    context |= {"volunteer": volunteer, "problems": problems, "tests": _tests(ledger.total, ledger.terms)}
    return render(request, "services/ledger/volunteer.html", context)


@require_safe
@right_required(Right.VIEW_TEAMS)
def team_ledger(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a team's year, and that of everybody who served with it."""
    teams = Team.objects.visible_to(request.user).select_related("township", "grid__village")
    team = get_object_or_404(teams, pk=pk)
    year, problems = _year(request)
    ledger = domain.team_ledger(team, year)
    people = domain.people_of(team, year, request.user)
    context = _shown(ledger, since=team.formed_on, team=team.pk)
    context |= {
        "team": team,
        "problems": problems,
        "people": [_person_row(person, ledger, team) for person in people],
    }
    return render(request, "services/ledger/team.html", context)


def _year(request: HttpRequest) -> tuple[int, list[str]]:
    today = timezone.localdate()
    asked = request.GET.get("year", "")
    year = key_of(asked) if asked else today.year
    if year is None or not FIRST_YEAR <= year <= today.year:
        return today.year, [_("There is no ledger of that year: this is the present year.")]
    return year, []


def _shown(ledger: Ledger, *, since: date, **whose: int) -> dict[str, Any]:
    """Prepare the months and sums; every figure leads to the rows that it counts."""
    today = timezone.localdate()
    first = max(FIRST_YEAR, min(since.year, ledger.year))
    years = [
        year for year in range(today.year, first - 1, -1) if year > today.year - YEARS_SHOWN or year == ledger.year
    ]
    first_day, last = date(ledger.year, 1, 1), date(ledger.year, 12, 31)
    month_alone = pgettext("date format of a month beside its year", "F")
    return {
        "year": str(ledger.year),
        "year_label": Period(ledger.year).label,
        "years": [(Period(year).label, f"?year={year}", "", year == ledger.year) for year in years],
        "as_of": today,
        "months": [
            {"name": date_format(month, month_alone), "is_future": month > today}
            | _row(line, month, last_day(month), **whose)
            for month, line in ledger.by_month.items()
        ],
        "total": _row(ledger.total, first_day, last, **whose),
        "lifetime": {"services": ledger.lifetime_services, "hours": hours(ledger.lifetime_minutes)},
        "terms": ledger.terms,
    }


def _row(line: Line, first: date, last: date, **whose: int) -> dict[str, Any]:
    def rows(**state: str) -> str:
        return listed("services:log_list", **whose, since=first, until=last, **state)

    return {
        "services": line.services,
        "hours": hours(line.minutes),
        "waiting_services": line.waiting_services,
        "waiting_hours": hours(line.waiting_minutes),
        "helped": line.helped,
        "unseen": line.unseen,
        "counted_url": rows(state="counted"),
        "waiting_url": rows(state="waiting"),
        "helped_url": rows(state="standing", helped="true"),
    }


def _tests(total: Line, terms: RecognitionRound) -> list[dict[str, Any]]:
    """Hold the year against the terms: either of the two is enough, together with the villagers' votes."""
    minutes, services = total.short_of(terms)
    return [
        {
            "name": _("Hours"),
            "reached": _("%(hours)s h") % {"hours": hours(total.minutes)},
            "asked": _("at least %(hours)s h") % {"hours": hours(terms.min_minutes)},
            "is_passed": not minutes,
            "distance": _("%(time)s short") % {"time": exact_time(minutes)} if minutes else "",
            "value": min(total.minutes, terms.min_minutes),
            "most": terms.min_minutes,
        },
        {
            "name": _("Services"),
            "reached": str(total.services),
            "asked": _("at least %(count)s") % {"count": terms.min_services},
            "is_passed": not services,
            "distance": ngettext("%(count)s service too few", "%(count)s services too few", services)
            % {"count": services}
            if services
            else "",
            "value": min(total.services, terms.min_services),
            "most": terms.min_services,
        },
    ]


def _person_row(person: domain.Person, ledger: Ledger, team: Team) -> dict[str, Any]:
    """Prepare one volunteer; how far they are in all teams is for those who see their record."""
    first, last = date(ledger.year, 1, 1), date(ledger.year, 12, 31)
    row = _row(person.here, first, last, team=team.pk, volunteer=person.volunteer.pk)
    if not person.is_in_reach:
        row |= {"counted_url": "", "waiting_url": "", "helped_url": ""}
    if person.is_visible:
        tests = _tests(person.everywhere, ledger.terms)
        row |= {
            "url": f"{reverse('services:volunteer_ledger', args=[person.volunteer.pk])}?year={ledger.year}",
            "everywhere": {"services": person.everywhere.services, "hours": hours(person.everywhere.minutes)},
            "is_passed": any(test["is_passed"] for test in tests),
            "distance": " · ".join(test["distance"] for test in tests),
        }
    return row | {"name": person.volunteer.name, "number": person.volunteer.number, "is_member": person.is_member}
