"""Contact cards as the lists print them: everything ready, nothing asked per row."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.models import User
from areas.models import Township, TownshipSettings, Village
from common.templatetags.yiwang import badge
from grids.card_states import TONES, Standing, State, reasons_for, standings_of, summary
from grids.models import CardBatch, CardPrint, Grid, HandOut, Team
from grids.models.grid import GridQuerySet

# The columns of the figures.
FIGURES = {
    "grids": gettext_lazy("Grids"),
    "never": gettext_lazy("Not printed yet"),
    "outdated": gettext_lazy("To print anew"),
    "printed": gettext_lazy("Cards printed"),
    "handed_out": gettext_lazy("Cards issued"),
}


def state_badge(state: State) -> SafeString:
    """Return what is to be done about a grid's cards as a word with an icon."""
    return badge(TONES[state], state.label)


def card_rows(grids: list[Grid]) -> list[dict[str, Any]]:
    """Prepare the grids of one page with where their cards stand, and what has changed since they were printed."""
    standings = standings_of(Grid.objects.filter(pk__in=[grid.pk for grid in grids]))
    reasons = reasons_for(standings.values())
    return [_card_row(grid, standings[grid.pk], reasons.get(grid.pk, [])) for grid in grids]


def _card_row(grid: Grid, standing: Standing, reasons: list[str]) -> dict[str, Any]:
    return {
        "pk": grid.pk,
        "url": f"{grid.get_absolute_url()}#cards",
        "name": standing.face.place,
        "township": standing.face.township,
        "team": standing.face.team_name,
        "households": grid.households,
        "printed": standing.printed,
        "handed_out": standing.handed_out,
        "printed_on": date_format(standing.printed_on) if standing.printed_on else "",
        "state": state_badge(standing.state),
        "reason": summary(reasons),
    }


def batch_rows(batches: list[CardBatch]) -> list[dict[str, Any]]:
    """Prepare the printed batches (with grid, village, township and print) of one page."""
    return [
        {
            "pk": batch.pk,
            "url": batch.get_absolute_url(),
            "printed_on": date_format(batch.printed_on) if batch.printed_on else "",
            "grid": str(batch.grid),
            "township": batch.township.name,
            "by": batch.print.by.name,
            "copies": batch.copies,
            "handed_out": batch.handed_out,
            "remaining": batch.remaining,
        }
        for batch in batches
    ]


def hand_out_rows(made: list[HandOut]) -> list[dict[str, Any]]:
    """Prepare the hand-outs (with batch, grid, village and township) of one page."""
    return [
        {
            "url": one.batch.get_absolute_url(),
            "on": date_format(one.on),
            "grid": str(one.batch.grid),
            "township": one.township.name,
            "count": one.count,
            "received_by": one.received_by,
            "handed_by": one.handed_by,
            "by": one.by.name,
        }
        for one in made
    ]


def print_badge(made: CardPrint, has_files: bool, printed: int) -> SafeString:
    """Say whether the files of a print are being made, wait, or are gone."""
    if made.work_state != CardPrint.WorkState.DONE:
        return badge("bad" if made.work_state == "failed" else "info", made.get_work_state_display())
    if has_files:
        return badge("ok", _("The file waits"))
    return badge("neutral", _("The file is gone") if printed else pgettext("cards", "Nothing could be printed"))


@dataclass(frozen=True)
class Line:
    """A township's or a village's cards: each number with the address of the rows that it counts."""

    area: Township | Village | None
    numbers: dict[str, int]
    urls: dict[str, str]

    @property
    def cells(self) -> list[tuple[str, int, str]]:
        """The numbers in the order of the columns, with their labels and addresses."""
        return [(str(FIGURES[name]), self.numbers[name], self.urls[name]) for name in FIGURES]


def card_section(team: Team, reader: User) -> dict[str, Any] | None:
    """Return what the page of a team shows: where the cards of its grid stand; nothing where there are none."""
    if team.state == Team.State.DISSOLVED or not TownshipSettings.of(team.township_id).uses_cards:
        return None
    return {"grid": team.grid} | section_of(team.grid)


def section_of(grid: Grid) -> dict[str, Any]:
    """Return what the grid's page shows: where its cards stand, and its batches."""
    standing = standings_of(Grid.objects.filter(pk=grid.pk))[grid.pk]
    batches = CardBatch.objects.printed().filter(grid=grid).select_related("print__by").order_by("-printed_on", "-pk")
    return {
        "card": standing,
        "card_state": state_badge(standing.state),
        "card_reasons": reasons_for([standing]).get(grid.pk, []),
        "card_batches": batches[:10],
    }


def figures_of(user: User, grids: GridQuerySet) -> tuple[list[Line], Line]:
    """Count the cards by township for the city level, else by village, and in all.

    What was printed and handed out counts where it was recorded, of grids that are out of use today as well.
    """
    by, areas = ("township", Township.objects) if user.is_city_wide else ("village", Village.objects)
    reach = {"township": ("township", "village__township"), "village": ("grid__village", "village")}[by]
    found: dict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(FIGURES, 0))
    area_of = dict(grids.order_by().values_list("pk", reach[1]))
    for pk, standing in standings_of(grids).items():
        numbers = found[area_of[pk]]
        numbers["grids"] += 1
        if standing.state in (State.NEVER, State.OUTDATED):
            numbers[standing.state] += 1
    batches = CardBatch.objects.visible_to(user).printed()
    made = HandOut.objects.visible_to(user).standing()
    out_by = reach[0] if by == "township" else f"batch__{reach[0]}"
    for name, counted in (
        ("printed", batches.order_by().values_list(reach[0]).annotate(Sum("copies"))),
        ("handed_out", made.order_by().values_list(out_by).annotate(Sum("count"))),
    ):
        for area, number in counted:
            found[area][name] = number
    lines = [Line(area, found[area.pk], _urls(f"{by}={area.pk}")) for area in areas.visible_to(user)]
    lines = [line for line in lines if line.numbers["grids"] or line.numbers["printed"]]
    total = {name: sum(line.numbers[name] for line in lines) for name in FIGURES}
    return lines, Line(None, total, _urls(""))


def _urls(area: str) -> dict[str, str]:
    def url(name: str, *more: str) -> str:
        query = "&".join(part for part in (area, *more) if part)
        return reverse(f"grids:{name}") + (f"?{query}" if query else "")

    return {
        "grids": url("card_list"),
        "never": url("card_list", "state=never"),
        "outdated": url("card_list", "state=outdated"),
        "printed": url("card_batch_list"),
        "handed_out": url("card_hand_out_list"),
    }


def figure_rows(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """Prepare the cards of townships or villages for the file that is taken along."""
    return [{"area": str(line.area)} | line.numbers for line in lines]


def sum_of(rows: QuerySet[Any], field: str) -> int:
    """Return how many cards the rows count together."""
    return rows.order_by().aggregate(cards=Sum(field))["cards"] or 0


def cards_issued(user: User, township: Township | None) -> int:
    """Return how many cards were handed out, in the township or wherever the reader sees them."""
    made = HandOut.objects.visible_to(user).standing()
    return sum_of(made.filter(township=township) if township else made, "count")
