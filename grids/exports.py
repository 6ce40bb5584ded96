"""What of the lists of grids and teams may be taken along."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.exports import Column, Export
from grids.coverage import Coverage
from grids.states import GridState

TEAMS = Export(
    _("Teams"),
    (
        Column(_("Team"), "name"),
        Column(_("Grid"), "grid"),
        Column(_("Leader"), "leader"),
        Column(_("Members"), "count"),
        Column(_("Skill types"), "skills"),
        Column(_("Last service"), "last"),
        Column(_("State"), "state"),
    ),
)
GRIDS = Export(
    _("Grids"),
    (
        Column(_("Grid"), "name"),
        Column(_("Coverage"), "state"),
        Column(_("Team"), "team"),
        Column(_("Leader"), "leader"),
        Column(_("Members"), "count"),
        Column(_("Last service"), "last"),
        Column(_("Households"), "households"),
    ),
)
_CHANNEL = (
    Column(_("Channel"), "label"),
    Column(_("Township"), "township", is_city=True),
    Column(pgettext_lazy("channel", "Kind"), "kind"),
    Column(_("Number or address"), "number"),
    Column(pgettext_lazy("channel", "Hours"), "hours"),
)
CHANNELS = Export(_("Channels"), (*_CHANNEL, Column(_("State"), "state")))
# For those who keep channels: with who answers there.
KEPT_CHANNELS = Export(
    _("Channels"),
    (
        *_CHANNEL,
        Column(_("Keeper"), "keeper"),
        Column(_("Keeper's office phone"), "keeper_phone"),
        Column(_("State"), "state"),
        Column(_("Order"), "order"),
    ),
)
TOWNSHIP_SETTINGS = Export(
    _("Township settings"),
    (
        Column(_("Township"), "name"),
        Column(_("Otherwise than the city"), "differences"),
        Column(_("Last changed"), "since"),
        Column(_("Reason"), "reason"),
    ),
)
_COVERAGE = (
    Column(_("Grids"), "grids"),
    Column(_("Covered"), "covered"),
    Column(_("Uncovered"), "uncovered"),
    *(Column(state.label, state) for state in GridState if state not in (GridState.COVERED, GridState.RETIRED)),
)
VILLAGES = Export(_("Villages"), (Column(_("Village"), "area"), *_COVERAGE))
TOWNSHIPS = Export(_("Townships"), (Column(_("Township"), "area"), *_COVERAGE))


def coverage_rows(lines: Iterable[Coverage]) -> list[dict[str, Any]]:
    """Prepare townships or villages as their page shows them."""
    return [
        {
            "area": str(line.area),
            "grids": line.grids,
            "covered": line.covered,
            "uncovered": line.uncovered,
            **dict(line.by_state),
        }
        for line in lines
    ]


CARDS = Export(
    _("Contact cards"),
    (
        Column(_("Grid"), "name"),
        Column(_("Township"), "township", is_city=True),
        Column(_("Team"), "team"),
        Column(_("State"), "state"),
        Column(_("What has changed"), "reason"),
        Column(_("Households"), "households"),
        Column(pgettext_lazy("cards", "Printed"), "printed"),
        Column(_("Handed out"), "handed_out"),
        Column(_("Last printed"), "printed_on"),
    ),
)
CARD_BATCHES = Export(
    _("Printed contact cards"),
    (
        Column(_("Day"), "printed_on"),
        Column(_("Grid"), "grid"),
        Column(_("Township"), "township", is_city=True),
        Column(pgettext_lazy("cards", "By"), "by"),
        Column(_("Cards"), "copies"),
        Column(_("Handed out"), "handed_out"),
        Column(_("In the office"), "remaining"),
    ),
)
HAND_OUTS = Export(
    _("Contact cards handed out"),
    (
        Column(_("Day"), "on"),
        Column(_("Grid"), "grid"),
        Column(_("Township"), "township", is_city=True),
        Column(_("Cards"), "count"),
        Column(_("To whom"), "received_by"),
        Column(_("By whom"), "handed_by"),
        Column(_("Recorded by"), "by"),
    ),
)
_CARD_FIGURES = (
    Column(_("Grids"), "grids"),
    Column(_("Not printed yet"), "never"),
    Column(_("To print anew"), "outdated"),
    Column(_("Cards printed"), "printed"),
    Column(_("Cards issued"), "handed_out"),
)
CARD_TOWNSHIPS = Export(_("Contact cards by township"), (Column(_("Township"), "area"), *_CARD_FIGURES))
CARD_VILLAGES = Export(_("Contact cards by village"), (Column(_("Village"), "area"), *_CARD_FIGURES))
COMPOSITIONS = Export(
    _("Composing teams"),
    (
        Column(pgettext_lazy("composition", "For"), "scope"),
        Column(_("Begun"), "at"),
        Column(pgettext_lazy("composition", "By"), "by"),
        Column(_("What is to be done"), "mode"),
        Column(_("Grids served"), "served"),
        Column(_("Teams to decide on"), "changed"),
        Column(_("State"), "state"),
    ),
)
