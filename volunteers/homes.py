"""To which township volunteers belonged on a day, as far as townships were merged since."""

from datetime import date
from typing import Any

from django.db.models import BigIntegerField, F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from volunteers.models import FormerHome


def home_on(day: date, path: str) -> Any:
    """Return the expression for the township of the volunteer that ``path`` leads to ("pk": the row's own), on ``day``.

    Where no township was merged since, it is the present one, and the database is asked what it always was.
    """
    present = "township" if path == "pk" else f"{path}__township"
    since = FormerHome.objects.filter(until__gt=day)
    if not since.exists():
        return F(present)
    then = since.filter(volunteer=OuterRef(path)).order_by("until").values("township")[:1]
    return Coalesce(Subquery(then), F(present), output_field=BigIntegerField())
