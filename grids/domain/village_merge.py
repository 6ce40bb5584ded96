"""A village is merged into another of its township: grids and volunteers move, numbers that clash are given anew.

Locks: the two villages by key, then the grids of the one that ends, its teams, its volunteers, each by key.
"""

from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event, record, record_rows
from accounts.models import AuditEntry, User
from areas.models import Village
from common.rules import RuleBroken, SavedMeanwhile
from common.wording import sentences
from grids.domain.change import LARGEST_NUMBER, Kind, begin_change, free_numbers, lock_grids, note_kept
from grids.domain.composition import discard_all
from grids.domain.merge_lines import Preview, counted, locked_pair
from grids.domain.numbering import call_after_grid, called_after_grid
from grids.domain.places import refuse_ended
from grids.domain.township_merge import AT_WORK
from grids.models import Composition, Grid, Team
from volunteers.models import Application, Volunteer


@dataclass(frozen=True)
class Numbered:
    """A grid that moves: its number in the village that ends, and the one that it gets."""

    grid: Grid
    number: int

    @property
    def is_new(self) -> bool:
        """Whether the kept village has its number already."""
        return self.number != self.grid.number


def numbers_in(kept: Village, grids: list[Grid]) -> list[Numbered]:
    """Return the number that each grid gets in the kept village: its own, or the next that is free."""
    taken = set(kept.grids.values_list("number", flat=True))
    coming = {grid.number for grid in grids} - taken
    free = (number for number in free_numbers(kept) if number not in coming)
    found = []
    for grid in sorted(grids, key=lambda grid: (grid.is_retired, grid.number)):
        number = next(free, None) if grid.number in taken else grid.number
        if number is None:
            raise RuleBroken(
                _("Together the villages have more than %(most)d grids. Merge grids first.") % {"most": LARGEST_NUMBER},
                field="into",
            )
        found.append(Numbered(grid, number))
    return found


def preview_of(ended: Village, kept: Village) -> tuple[Preview, list[Numbered]]:
    """Return what merging ``ended`` into ``kept`` will do, and the number of each grid there."""
    grids = list(ended.grids.select_related("village").order_by("number"))
    refusals = refusals_of(ended, kept)
    numbered: list[Numbered] = []
    try:
        numbered = numbers_in(kept, grids)
    except RuleBroken as broken:
        refusals.append(str(broken.message))
    moves = counted(
        [
            (_("Grids"), len(grids), _("With their teams, cards and public pages.")),
            (_("Volunteers who live there"), Volunteer.objects.filter(village=ended).count(), ""),
            (_("Applications that wait"), Application.objects.waiting().filter(village=ended).count(), ""),
        ]
    )
    return Preview(moves, [], refusals), numbered


def refusals_of(ended: Village, kept: Village) -> list[str]:
    """Return what stands in the way of a merge, each with how to put it right."""
    if ended.pk == kept.pk:
        return [_("A village is not merged into itself. Choose another one.")]
    found = []
    for village in (ended, kept):
        try:
            refuse_ended(village)
        except RuleBroken as broken:
            found.append(str(broken.message))
    if ended.township_id != kept.township_id:
        found.append(_("These villages are in different townships. Villages of one township are merged."))
    at_work = Composition.objects.filter(
        Q(township=ended.township_id) | Q(township__isnull=True), work_state__in=AT_WORK, work_beat_at__isnull=False
    )
    if at_work.exists():
        found.append(
            _("Being worked on: %(what)s. Wait until it is done, or stop it, and merge then.")
            % {"what": Composition._meta.verbose_name}
        )
    return found


@event
def merge_villages(ended_pk: int, kept_pk: int, *, version: int, kept_version: int, by: User) -> Village:
    """Merge a village into another today; return the one that stays. Raises ``SavedMeanwhile`` for old versions."""
    if ended_pk == kept_pk:
        raise RuleBroken(_("A village is not merged into itself. Choose another one."), field="into")
    villages = locked_pair(Village, ended_pk, kept_pk)
    ended, kept = villages[ended_pk], villages[kept_pk]
    refuse_ended(ended)
    if (ended.version - 1, kept.version - 1) != (version, kept_version):
        raise SavedMeanwhile
    refusals = refusals_of(ended, kept)
    if refusals:
        raise RuleBroken(sentences(refusals), field="into")
    _move_grids(ended, kept, by)
    people = Volunteer.objects.filter(village=ended).order_by("pk")
    moved = [(one.pk, str(one)) for one in people.select_for_update(of=("self",), no_key=True)]
    people.update(village=kept)
    change = {"village": (ended.pk, kept.pk)}
    record_rows(Volunteer, AuditEntry.Action.UPDATE, ((pk, name, change) for pk, name in moved))
    Application.objects.waiting().filter(village=ended).update(village=kept)
    # What is proposed for one grid goes along with it; a proposal for the village would have nothing to solve again.
    proposals = Composition.objects.standing().filter(village=ended)
    proposals.filter(grid__isnull=False).update(village=kept)
    discard_all(proposals.filter(grid__isnull=True))
    ended.merged_into, ended.ended_on = kept, timezone.localdate()
    ended.save(update_fields=["merged_into", "ended_on", "version"])
    kept.save(update_fields=["version"])
    return kept


def _move_grids(ended: Village, kept: Village, by: User) -> None:
    """Put the grids into the kept village, with the record of their new numbers; their teams go along by the grid.

    A team that is called after its grid is called after what that is now.
    """
    grids = lock_grids(ended.grids.all())
    if not grids:
        return
    teams = list(Team.objects.filter(grid__in=grids).order_by("pk").select_for_update(of=("self",), no_key=True))
    by_key = {grid.pk: grid for grid in grids}
    automatic = called_after_grid(teams, by_key)
    numbered = numbers_in(kept, grids)
    change = begin_change(
        kept, Kind.RENUMBERED, by=by, grids=grids, remark=_("From %(village)s.") % {"village": ended.name}
    )
    for one in numbered:
        grid, before = one.grid, one.grid.number
        grid.village, grid.number = kept, one.number
        Grid.objects.filter(pk=grid.pk).update(village=kept, number=one.number, version=grid.version)
        changes = {"village": (str(ended.pk), str(kept.pk))}
        if one.is_new:
            changes["number"] = (str(before), str(one.number))
        record([grid], AuditEntry.Action.UPDATE, changes)
        note_kept(change, grid, number=before)
    call_after_grid(automatic, by_key)
