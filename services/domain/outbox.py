"""What a phone must know to write services down without a network: teams, their people, who took part last."""

from datetime import date, timedelta
from typing import Any

from django.db.models import OuterRef, Q, Subquery

from accounts.models import User
from grids.models import Membership, Team
from services.models import Participation, ServiceLog

# A log from the village is some days old at the most; who left the team before that need not be carried about.
REMEMBERED = timedelta(days=62)


def teams_to_log_for(user: User, today: date) -> list[dict[str, Any]]:
    """Return the teams that the user logs for, each with its people and their days, leaders first.

    ``last`` is who took part in the team's last service: ticked at first. Three queries, however many teams.
    """
    last = ServiceLog.objects.standing().filter(team=OuterRef("pk")).order_by("-date", "-id").values("pk")[:1]
    teams = Team.objects.visible_to(user).standing().by_village()
    rows = list(teams.annotate(last_log=Subquery(last)).values("pk", "name", "last_log"))
    people = (
        Membership.objects.filter(Q(left_on__isnull=True) | Q(left_on__gte=today - REMEMBERED))
        .filter(team__in=[row["pk"] for row in rows])
        .order_by("role", "volunteer__name_pinyin", "id")
        .values_list("team", "volunteer", "volunteer__name", "joined_on", "left_on")
    )
    logs = {row["last_log"]: row["pk"] for row in rows if row["last_log"]}
    parts = Participation.objects.filter(log__in=logs, is_helper=False).order_by("volunteer")
    found: dict[int, dict[str, Any]] = {
        row["pk"]: {"pk": row["pk"], "name": row["name"], "members": [], "last": []} for row in rows
    }
    for team, volunteer, name, joined, left in people:
        found[team]["members"].append({"pk": volunteer, "name": name, "from": joined, "to": left})
    for log, volunteer in parts.values_list("log", "volunteer"):
        found[logs[log]]["last"].append(volunteer)
    return list(found.values())
