"""Who could join a team: the township's free volunteers, the home village's first."""

from django.db.models import Case, Q, QuerySet, Value, When

from common.clean import clean_code
from grids.models import Team
from volunteers.models import Volunteer

SHOWN = 20


def candidates(team: Team, text: str) -> QuerySet[Volunteer]:
    """Return the free volunteers of the team's township whose name, pinyin, initials or number match ``text``.

    Those of the grid's own village come first, then all by pinyin.
    """
    home = Case(When(village=team.grid.village_id, then=Value(0)), default=Value(1))
    free = Volunteer.objects.filter(township=team.township_id).free().select_related("village", "primary_skill")
    return free.filter(_matches(text)).order_by(home, "name_pinyin", "id")


def _matches(text: str) -> Q:
    """Look where this kind of text stands: digits in the number, letters in the pinyin, else in the name."""
    text = clean_code(text)
    if not text:
        return Q()
    if text.isascii() and text.isdecimal():
        return Q(number__contains=text)
    if text.isascii():
        letters = text.lower().replace(" ", "")
        return Q(name_initials__startswith=letters) | Q(name_pinyin__startswith=letters)
    return Q(name__contains=text)
