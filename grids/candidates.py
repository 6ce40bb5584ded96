"""Who could join a team: the township's free volunteers, the home village's first."""

from django.db.models import Case, QuerySet, Value, When

from grids.models import Team
from volunteers.models import Volunteer
from volunteers.search import named

SHOWN = 20


def candidates(team: Team, text: str) -> QuerySet[Volunteer]:
    """Return the free volunteers of the team's township whose name, pinyin, initials or number match ``text``.

    Those of the grid's own village come first, then all by pinyin.
    """
    home = Case(When(village=team.grid.village_id, then=Value(0)), default=Value(1))
    free = Volunteer.objects.filter(township=team.township_id).free().select_related("village", "primary_skill")
    return named(free, text).order_by(home, "name_pinyin", "id")
