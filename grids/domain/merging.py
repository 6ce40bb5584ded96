"""Grids of one village become one: it keeps its number, team and history, and takes over the others' households.

The others are retired. Their teams are dissolved in the same step: what a team has done stays with it, and what waits
for it (``grids.hooks.teams_merging``) goes on with the team that stays.
"""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.audit import event
from accounts.models import User
from areas.models import Village
from common.rules import RuleBroken
from grids.domain.change import (
    ChangedMeanwhile,
    Kind,
    begin_change,
    lock_grids,
    lock_village,
    note_given_up,
    note_kept,
    refuse_where_told,
    require_in_use,
    seen_hash,
    sent_before,
    words_about,
)
from grids.domain.team import dissolve_team
from grids.hooks import Plan, Word, teams_merging
from grids.models import Grid, GridChange, Team
from grids.models.grid import MOST_HOUSEHOLDS


def words_about_merge(kept: Grid, given_up: Collection[Grid]) -> list[Word]:
    """Return what somebody should know before grids are given up for ``kept``."""
    households: dict[int, int | None] = {grid.pk: None for grid in given_up}
    households[kept.pk] = kept.households + sum(grid.households for grid in given_up)
    return words_about(Plan(Kind.MERGED, households, kept=kept.pk))


@event
def merge_grids(
    village: Village,
    kept: int,
    given_up: Collection[int],
    *,
    seen: str,
    reason: str,
    by: User,
    on: date | None = None,
    key: UUID | None = None,
) -> GridChange:
    """Give up grids of the village (keys) for ``kept``; standing teams of theirs are dissolved for ``reason``.

    ``seen`` stands for the grids and what was said of the merge as the person saw it (``seen_hash``).
    """
    village = lock_village(village)
    made = sent_before(village, key)
    if made is not None:
        return made
    wanted = {kept, *given_up}
    grids = {grid.pk: grid for grid in lock_grids(village.grids.filter(pk__in=wanted))}
    if kept not in grids or grids.keys() != wanted:
        raise RuleBroken(_("Grids of one village are merged. Choose them on the village's page."), field="grids")
    if len(grids) < 2 or kept in given_up:
        raise RuleBroken(_("Choose two grids at least; one of them stays."), field="grids")
    for grid in grids.values():
        require_in_use(grid)
    teams = list(
        Team.objects.standing().filter(grid__in=grids).order_by("pk").select_for_update(of=("self",), no_key=True)
    )
    staying = grids.pop(kept)
    words = words_about_merge(staying, grids.values())
    if seen_hash(village, words) != seen:
        raise ChangedMeanwhile
    refuse_where_told(words)
    return _merge(village, staying, list(grids.values()), teams, reason=reason, by=by, on=on, key=key)


def _merge(
    village: Village,
    kept: Grid,
    given_up: list[Grid],
    teams: list[Team],
    *,
    reason: str,
    by: User,
    on: date | None,
    key: UUID | None,
) -> GridChange:
    """Merge grids, all locked as their teams are."""
    before = kept.households
    kept.households += sum(grid.households for grid in given_up)
    if kept.households > MOST_HOUSEHOLDS:
        raise RuleBroken(
            _("Together these grids have %(sum)d households; a grid has %(most)d at most. Merge fewer grids.")
            % {"sum": kept.households, "most": MOST_HOUSEHOLDS},
            field="grids",
        )
    change = begin_change(village, Kind.MERGED, by=by, on=on, grids=[kept, *given_up], remark=reason, key=key)
    ending = [team for team in teams if team.grid_id != kept.pk]
    if ending:
        staying = next((team for team in teams if team.grid_id == kept.pk), None)
        teams_merging.send(Grid, kept=staying, given_up=ending, on=change.on, by=by)
    for team in ending:
        dissolve_team(team, reason=reason, on=change.on, by=by)
    for grid in given_up:
        note_given_up(change, grid)
        grid.is_retired = True
        grid.save()
    kept.save()
    note_kept(change, kept, households=before)
    return change
