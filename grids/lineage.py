"""Where a grid comes from and what became of it, told from the changes of its village."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Prefetch
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from areas.models import Village
from common.wording import sentences
from grids.models import ChangedGrid, Grid, GridChange, Team
from grids.models.change import GridChangeQuerySet

Kind, Part = GridChange.Kind, ChangedGrid.Part
# tone, title, when, who, text: as ``components/timeline.html`` has them.
Step = tuple[str, str, str, str, Any]
TONES = {Kind.RETIRED: "neutral", Kind.MERGED: "warn", Kind.DRAWN: "ok", Kind.DIVIDED: "ok"}
CHANGES_SHOWN = 20
# How many grids one line names.
NAMED = 12


class FormerNumber(NamedTuple):
    """A number that a grid had, and until when."""

    number: int
    until: date


def former_numbers(grid: Grid) -> list[FormerNumber]:
    """Return the numbers that the grid had before, the latest first."""
    rows = (
        grid.changes.filter(part=Part.KEPT).order_by("-id").values_list("number_before", "number_after", "change__on")
    )
    return [FormerNumber(before, until) for before, after, until in rows if before is not None and before != after]


def steps_of_grid(grid: Grid, teams: Iterable[Team]) -> list[Step]:
    """Tell the history of a grid, the latest first: what became of it, and which teams served it."""
    found: list[tuple[date, int, Step]] = []
    changes = _with_grids(GridChange.objects.filter(grids__grid=grid))
    for order, change in enumerate(changes.order_by("id")):
        found.append((change.on, order, _step(change, _told_of(grid, change))))
    for team in teams:
        found.append((team.formed_on, -2, ("info", _("Team formed"), date_format(team.formed_on), "", team.name)))
        if team.dissolved_on:
            day = date_format(team.dissolved_on)
            found.append((team.dissolved_on, -1, ("neutral", _("Team dissolved"), day, "", team.name)))
    return [step for _day, _order, step in sorted(found, key=lambda each: each[:2], reverse=True)]


def steps_of_village(village: Village) -> list[Step]:
    """Tell the latest changes of a village's grids, the latest first."""
    changes = _with_grids(village.grid_changes.all()).order_by("-id")[:CHANGES_SHOWN]
    return [_step(change, _told(change)) for change in changes]


def _with_grids(changes: GridChangeQuerySet) -> GridChangeQuerySet:
    grids = ChangedGrid.objects.select_related("grid__village").order_by("id")
    return changes.select_related("by").prefetch_related(Prefetch("grids", queryset=grids, to_attr="rows"))


def _step(change: GridChange, text: Any) -> Step:
    tone = TONES.get(Kind(change.kind), "info")
    told = format_html("{}\n{}", text, change.remark) if change.remark and text else text or change.remark
    return tone, str(change.get_kind_display()), date_format(change.on), change.by.name, told


def _told_of(grid: Grid, change: GridChange) -> Any:
    """Say what the change did to this one grid."""
    rows: Sequence[ChangedGrid] = change.rows  # type: ignore[attr-defined]
    own = next(row for row in rows if row.grid_id == grid.pk)
    others = [row for row in rows if row.grid_id != grid.pk]
    kept = [row for row in others if row.part == Part.KEPT]
    if change.kind == Kind.SPLIT and own.part == Part.NEW:
        return format_html(_("Made of a part of {}, with {} households."), _links(kept), own.households_after)
    if change.kind == Kind.SPLIT:
        text = _("Parts of it became {}; it kept {} of {} households.")
        return format_html(text, _links(others), own.households_after, own.households_before)
    if change.kind == Kind.MERGED and own.part == Part.GIVEN_UP:
        return format_html(_("Given up for {}, with {} households."), _links(kept), own.households_before)
    if change.kind == Kind.MERGED:
        text = _("Took over {}: {} households instead of {}.")
        return format_html(text, _links(others), own.households_after, own.households_before)
    return _change_of(own)


def _told(change: GridChange) -> Any:
    """Say what the change did to the village's grids."""
    rows: Sequence[ChangedGrid] = change.rows  # type: ignore[attr-defined]
    new = [row for row in rows if row.part == Part.NEW]
    kept = [row for row in rows if row.part == Part.KEPT]
    gone = [row for row in rows if row.part == Part.GIVEN_UP]
    if change.kind == Kind.SPLIT:
        return format_html(_("{} gave parts to {}."), _links(kept), _links(new))
    if change.kind == Kind.MERGED:
        return format_html(_("{} took over {}."), _links(kept), _links(gone))
    if change.kind == Kind.RENUMBERED:
        moves = "、".join(f"{row.number_before} → {row.number_after}" for row in kept)
        return _("Numbers: %(moves)s.") % {"moves": moves}
    parts = [
        *([format_html(_("New: {}."), _links(new))] if new else []),
        *([format_html(_("Changed: {}."), _links(kept))] if kept else []),
        *([format_html(_("Given up: {}."), _links(gone))] if gone else []),
    ]
    return format_html_join(" ", "{}", ((part,) for part in parts))


def _change_of(row: ChangedGrid) -> str:
    """Say what the numbers of one row tell."""
    told = []
    if row.part == Part.NEW:
        told.append(_("Number %(number)s.") % {"number": row.number_after})
        told.append(_households(row.households_after))
    elif row.number_before != row.number_after:
        told.append(
            _("It was grid %(before)s and is grid %(after)s from this day on.")
            % {"before": row.number_before, "after": row.number_after}
        )
    if row.part == Part.KEPT and row.households_before != row.households_after:
        told.append(
            _("%(after)s households instead of %(before)s.")
            % {"before": row.households_before, "after": row.households_after}
        )
    return sentences(told)


def _households(count: int | None) -> str:
    return ngettext("%(count)d household.", "%(count)d households.", count or 0) % {"count": count}


def _links(rows: Sequence[ChangedGrid]) -> Any:
    """Name grids as they are called now, each leading to its page."""
    shown = format_html_join(
        "、", '<a href="{}">{}</a>', ((row.grid.get_absolute_url(), row.grid) for row in rows[:NAMED])
    )
    return format_html("{}…", shown) if len(rows) > NAMED else shown
