"""Who has not served for long: the silent teams, and the grids that have no active team."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.rights import Right, right_required
from common.lists import list_page
from grids.models import Grid, Team
from grids.rows import team_badge
from grids.standings import standings
from services.domain.silence import NEVER, last_logs, open_requests, quiet_for, with_silence, with_uncovered_since
from services.exports import SILENT_TEAMS, UNCOVERED_GRIDS
from services.silence_filters import SilentFilter, UncoveredFilter


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_TEAMS)
def silent_list(request: HttpRequest) -> HttpResponse:
    """List the teams that have not served for long, those first that never did."""
    to_month = request.user.may(Right.SUBMIT_REPORTS)
    return list_page(
        request,
        queryset=with_silence(Team.objects.visible_to(request.user)).select_related("grid__village__township"),
        filterset_class=SilentFilter,
        ordering=("last_day", "id"),
        rows=lambda teams: _team_rows(teams, to_month=to_month),
        template="services/silent/list.html",
        export=SILENT_TEAMS,
        context={"tabs": _tabs(silent=True), "is_city_wide": request.user.is_city_wide},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_TEAMS)
def uncovered_list(request: HttpRequest) -> HttpResponse:
    """List the grids without an active team, those first that never had one."""
    grids = Grid.objects.visible_to(request.user).uncovered().select_related("village__township")
    return list_page(
        request,
        queryset=with_uncovered_since(grids),
        filterset_class=UncoveredFilter,
        ordering=("bare_since", "id"),
        rows=_grid_rows,
        template="services/uncovered/list.html",
        export=UNCOVERED_GRIDS,
        context={"tabs": _tabs(silent=False), "is_city_wide": request.user.is_city_wide},
    )


def _tabs(*, silent: bool) -> list[tuple[str, str, str, bool]]:
    return [
        (_("Silent teams"), reverse("services:silent_list"), "", silent),
        (_("Uncovered grids"), reverse("services:uncovered_list"), "", not silent),
    ]


def _team_rows(teams: list[Any], *, to_month: bool) -> list[dict[str, Any]]:
    today = timezone.localdate()
    members, logs, waiting = standings(teams), last_logs(teams), open_requests(teams)
    page = "services:team_month" if to_month else "grids:team_detail"
    return [
        {
            "url": reverse(page, args=[team.pk]),
            "name": team.name,
            "township": team.grid.village.township.name,
            "grid": str(team.grid),
            "leader": members[team.pk].leader,
            "last": _day(team.last_day),
            "last_url": reverse("services:log_detail", args=[logs[team.pk]]) if team.pk in logs else "",
            "days": _days(quiet_for(team, today)),
            "requests": waiting.get(team.pk, 0),
            "requests_url": f"{reverse('services:request_list')}?team={team.pk}&state=open",
        }
        for team in teams
    ]


def _grid_rows(grids: list[Any]) -> list[dict[str, Any]]:
    today = timezone.localdate()
    teams = {team.grid_id: team for team in Team.objects.standing().filter(grid__in=grids)}
    members = standings(list(teams.values()))
    return [
        {
            "url": grid.get_absolute_url(),
            "name": str(grid),
            "township": grid.village.township.name,
            "households": grid.households,
            "since": _day(grid.bare_since),
            "days": _days((today - grid.bare_since).days) if grid.bare_since != NEVER else "",
            "team": teams[grid.pk].name if grid.pk in teams else "",
            "state": team_badge(teams[grid.pk]) if grid.pk in teams else "",
            "members": members[teams[grid.pk].pk].count if grid.pk in teams else "",
        }
        for grid in grids
    ]


def _day(day: date) -> str:
    return "" if day == NEVER else date_format(day, "SHORT_DATE_FORMAT")


def _days(days: int) -> str:
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
