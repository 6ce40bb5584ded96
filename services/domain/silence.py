"""久未服务的服务队 and 未覆盖网格: who has not served for long, and since when a grid has nobody. Reads only.

The teams and grids are those that home pages and figures count (``figures.silent_teams``, ``Grid.uncovered``); here
they are put in the order of how long it has been.
"""

from datetime import date
from typing import Any

from django.db.models import Count, DateField, Exists, F, Max, Min, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, Greatest

from accounts.models import User
from areas.models import TownshipSettings
from grids.models import Membership, Team
from grids.models.grid import GridQuerySet
from grids.models.team import TeamQuerySet
from services.domain.figures import silent_teams
from services.models import HelpRequest, MonthlyReport, ServiceLog

# Before every service: who never served comes first, and a grid that was never covered.
NEVER = date(1900, 1, 1)


def silent_after(user: User) -> int | None:
    """Return after how many days a team is silent, as far as the reader sees; None where townships have it apart."""
    holdings = TownshipSettings.by_township()
    if user.township_id is not None:
        return holdings[user.township_id].silent_after_days
    found = holdings.values_of("silent_after_days")
    return found.pop() if len(found) == 1 else None


def with_silence(teams: TeamQuerySet) -> Any:
    """Bring along ``last_day``, the day of the last service that stands; ``NEVER`` without one."""
    logs = ServiceLog.objects.standing().filter(team=OuterRef("pk")).order_by("-date")
    return teams.annotate(last_day=Coalesce(Subquery(logs.values("date")[:1]), Value(NEVER, output_field=DateField())))


def quiet_for(team: Any, today: date) -> int:
    """Return for how many days the team (``with_silence``) has not served: since it became active, if it never did."""
    since = team.activated_on if team.last_day == NEVER else team.last_day
    return (today - since).days


def last_logs(teams: list[Any]) -> dict[int, int]:
    """Return the key of each team's last service by the team's key."""
    logs = ServiceLog.objects.standing().filter(team=OuterRef("pk")).order_by("-date", "-id").values("pk")[:1]
    found = Team.objects.filter(pk__in=[team.pk for team in teams]).order_by().values_list("pk", Subquery(logs))
    return {team: log for team, log in found if log is not None}


def open_requests(teams: list[Any]) -> dict[int, int]:
    """Count the requests that wait for each of the teams, by the team's key."""
    waiting = HelpRequest.objects.open().filter(team__in=[team.pk for team in teams]).order_by()
    return dict(waiting.values_list("team").annotate(Count("pk")))


def with_uncovered_since(grids: GridQuerySet) -> Any:
    """Bring along ``bare_since``, the day from which no active team has served the grid; ``NEVER`` if none ever did.

    A team that was active has had a monthly report. It ceased to be when it was dissolved, or when a member left and
    it fell back to forming.
    """
    was_active = Exists(MonthlyReport.objects.filter(team=OuterRef("pk")))
    ended = Team.objects.filter(was_active, grid=OuterRef("pk")).order_by()
    dissolved = ended.filter(state=Team.State.DISSOLVED).values("grid").annotate(day=Max("dissolved_on")).values("day")
    served = Exists(MonthlyReport.objects.filter(team=OuterRef("team")))
    left = Membership.objects.filter(
        served, team__grid=OuterRef("pk"), team__state=Team.State.FORMING, left_on__isnull=False
    ).order_by()
    never = Value(NEVER, output_field=DateField())
    return grids.annotate(
        bare_since=Greatest(
            Coalesce(Subquery(dissolved), never),
            Coalesce(Subquery(left.values("team__grid").annotate(day=Max("left_on")).values("day")), never),
        )
    )


def silence_of(teams: TeamQuerySet, today: date) -> tuple[int, int]:
    """Count the silent ones among ``teams``, and say for how many days the quietest of them has not served."""
    logs = ServiceLog.objects.standing().filter(team=OuterRef("pk")).order_by("-date")
    quiet = silent_teams(teams, today).annotate(quiet=Coalesce(Subquery(logs.values("date")[:1]), F("activated_on")))
    found = quiet.order_by().aggregate(count=Count("pk"), since=Min("quiet"))
    return found["count"], (today - found["since"]).days if found["since"] else 0
