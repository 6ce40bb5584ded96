"""To which township volunteers belonged on a day, as far as townships were merged since."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from volunteers.models import FormerHome


def homes_on(day: date) -> Callable[[str], Any]:
    """Return what makes the expression for the township, on ``day``, of the volunteer that a path leads to.

    The path "pk" is the row's own. Where no township was merged since, which one query asks, it is the present one, and
    the database is asked what it always was.
    """
    since = FormerHome.objects.filter(until__gt=day)
    # Nothing is merged in the future.
    is_present = day >= timezone.localdate() or not since.exists()

    def home(path: str) -> Any:
        present = F("township" if path == "pk" else f"{path}__township")
        if is_present:
            return present
        then = since.filter(volunteer=OuterRef(path)).order_by("until").values("township")[:1]
        return Coalesce(Subquery(then), present, output_field=BigIntegerField())

    return home
