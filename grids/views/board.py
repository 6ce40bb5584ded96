"""网格覆盖: the coverage board, the city as a tile a township, a township as a row a village and a tile a grid."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.rights import Right, right_required
from areas.filters import present_townships_of
from areas.models import Township, Village
from common.exports import Export, Offer, export_table
from grids.coverage import Coverage, coverage_by_township, coverage_by_village, together
from grids.drawn_tiles import drawn, drawn_figures, state_symbols, state_word
from grids.exports import TOWNSHIPS, VILLAGES, coverage_rows
from grids.forms.board import BoardForm
from grids.models import Grid
from grids.states import GridState, states_for
from grids.tiles import Tile, page, tiles_of

# So many villages are shown of those that a search in the whole city finds.
SHOWN = 30


@dataclass(frozen=True)
class Asked:
    """What the address asks for: a state, a part of a village's name, tiles or a table; ``problems`` in words."""

    state: GridState | None
    q: str
    is_table: bool
    problems: list[str]

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        """Read the query string; what is not understood is left out."""
        form = BoardForm(request.GET)
        problems = [] if form.is_valid() else [_("A filter was not understood, so everything is shown.")]
        read = form.cleaned_data
        state = GridState(read["state"]) if read.get("state") else None
        if state is not None and state not in states_for(request.user):
            state, problems = None, [_("A filter was not understood, so everything is shown.")]
        return cls(state, read.get("q", ""), read.get("view") == BoardForm.TABLE, problems)

    def url(self, **changes: str) -> str:
        """Return the query string with these changes."""
        query = {"state": self.state or "", "q": self.q, "view": BoardForm.TABLE if self.is_table else "", **changes}
        return "?" + urlencode({name: value for name, value in query.items() if value})


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_TEAMS)
def city_board(request: HttpRequest) -> HttpResponseBase:
    """Show the townships to the city level, else the villages of the reader's own township."""
    if not request.user.is_city_wide:
        return _township_board(request, request.user.township)
    asked = Asked.of(request)
    lines = coverage_by_township(Grid.objects.visible_to(request.user), present_townships_of(request), request.user)
    if request.method == "POST":
        return export_table(request, TOWNSHIPS, Township, coverage_rows(lines))
    shown = [line for line in lines if asked.state is None or line.counts[asked.state]]
    context: dict[str, Any] = {}
    if asked.q:
        context["rows"], context["has_more"] = _villages_found(request, asked)
    elif asked.is_table:
        context["lines"] = [
            _table_row(line, page("grids:township_detail", line.area.pk) + "?view=table", township=line.area.pk)
            for line in shown
        ]
    else:
        context["tiles"] = [_township_tile(line) for line in shown]
    return _board(request, asked, together(lines, request.user), "grids/board/city.html", context, TOWNSHIPS)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_TEAMS)
def township_board(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show the villages of a township with their grids."""
    return _township_board(request, get_object_or_404(Township.objects.visible_to(request.user), pk=pk))


def _township_board(request: HttpRequest, township: Township) -> HttpResponseBase:
    asked = Asked.of(request)
    villages = list(township.villages.current())
    grids = Grid.objects.visible_to(request.user).filter(village__township=township)
    context: dict[str, Any] = {"township": township}
    if request.method == "POST":
        return export_table(
            request, VILLAGES, Village, coverage_rows(coverage_by_village(grids, villages, request.user))
        )
    found = set(township.villages.named(asked.q).values_list("pk", flat=True)) if asked.q else set()
    named = [village for village in villages if not asked.q or village.pk in found]
    if asked.is_table:
        lines = coverage_by_village(grids, villages, request.user)
        total = together(lines, request.user)
        scope = {"township": township.pk} if request.user.is_city_wide else {}
        context["lines"] = [
            _table_row(line, page("grids:village_detail", line.area.pk), **scope, village=line.area.pk)
            for line in lines
            if line.area in named and (asked.state is None or line.counts[asked.state])
        ]
    else:
        tiles = tiles_of(grids.in_use().order_by("number"), request.user, with_people=False)
        states = Counter(tile.state for tile in tiles)
        total = Coverage(township, states, states_for(request.user), sum(tile.households for tile in tiles))
        context["rows"] = _village_rows(named, tiles, asked)
    return _board(request, asked, total, "grids/board/township.html", context, VILLAGES)


def _board(
    request: HttpRequest, asked: Asked, total: Coverage, template: str, context: dict[str, Any], export: Export
) -> HttpResponse:
    """Answer with a board: its legend with counts, what was asked for, as of when."""
    legend = [
        {
            "state": state,
            "word": state_word(state),
            "count": count,
            "share": f"{100 * count / total.grids:.0f}" if total.grids else "0",
            "url": asked.url(state="" if state == asked.state else state, q=""),
            "current": state == asked.state,
        }
        for state, count in total.by_state
    ]
    scope = {"township": context["township"].pk} if "township" in context and request.user.is_city_wide else {}
    context |= {
        "asked": asked,
        "symbols": state_symbols(),
        "total": total,
        "legend": legend,
        "states": total.states,
        "grids": _grids(total.grids),
        "households": _households(total.households),
        "as_of": timezone.localdate(),
        "tiles_url": asked.url(view=""),
        "table_url": asked.url(view=BoardForm.TABLE),
        "clear_url": asked.url(state="", q=""),
        "list_url": _list_url(**({"state": asked.state} if asked.state else {"coverage": "in_use"}), **scope),
        "channels_url": f"{reverse('grids:channel_list')}?{urlencode(scope)}",
        "offer": Offer.to(request, export),
    }
    return render(request, template, context)


def _list_url(**query: Any) -> str:
    """Return the address of the list of the grids that a figure counts."""
    return f"{reverse('grids:grid_list')}?{urlencode(query)}"


def _township_tile(line: Coverage) -> dict[str, Any]:
    """Prepare a township as a tile, whose figures lead to the same on its own board."""
    url = page("grids:township_detail", line.area.pk)
    return {
        "name": line.area.name,
        "url": url,
        "sum": _grids(line.grids),
        "worst": line.worst,
        "bar": line.bar,
        "figures": drawn_figures(url, line.by_state, line.worst),
    }


def _table_row(line: Coverage, url: str, **scope: Any) -> dict[str, Any]:
    """Prepare a township or a village as a row of the table, whose figures lead to the rows that they count."""
    figures = [
        (_("Grids"), line.grids, {"coverage": "in_use"}),
        (_("Covered"), line.covered, {"coverage": "covered"}),
        (_("Uncovered"), line.uncovered, {"coverage": "uncovered"}),
        *((state.label, count, {"state": state}) for state, count in line.by_state),
    ]
    shown = [(label, count, _list_url(**query, **scope) if count else "") for label, count, query in figures]
    return {"name": line.area.name, "url": url, "figures": shown}


def _village_rows(
    villages: Iterable[Village], tiles: list[Tile], asked: Asked, *, with_township: bool = False
) -> list[dict[str, Any]]:
    """Part the tiles by their village; with a state that is asked for, only what has it."""
    parted: dict[int, list[Tile]] = {}
    for tile in tiles:
        parted.setdefault(tile.village, []).append(tile)
    rows = []
    for village in villages:
        found = parted.get(village.pk, [])
        shown = found if asked.state is None else [tile for tile in found if tile.state == asked.state]
        if not shown and asked.state is not None:
            continue
        places = [village.township.name if with_township else "", village.district]
        sums = [_grids(len(found)), _households(sum(tile.households for tile in found))] if found else []
        rows.append(
            {
                "key": village.pk,
                "name": village.name,
                "url": page("grids:village_detail", village.pk),
                "sum": " · ".join(filter(None, [*places, *sums])),
                "grids": len(found),
                "shown": len(shown),
                "tiles": drawn(shown),
            }
        )
    return rows


def _grids(count: int) -> str:
    return ngettext("%(count)d grid", "%(count)d grids", count) % {"count": count}


def _households(count: int) -> str:
    return ngettext("%(count)s household", "%(count)s households", count) % {"count": count}


def _villages_found(request: HttpRequest, asked: Asked) -> tuple[list[dict[str, Any]], bool]:
    """Return the rows of the city's villages that a search finds, and whether there are more."""
    named = Village.objects.visible_to(request.user).current().named(asked.q).select_related("township")
    villages = list(named[: SHOWN + 1])
    grids = Grid.objects.visible_to(request.user).in_use().filter(village__in=villages[:SHOWN]).order_by("number")
    tiles = tiles_of(grids, request.user, with_people=False)
    return _village_rows(villages[:SHOWN], tiles, asked, with_township=True), len(villages) > SHOWN
