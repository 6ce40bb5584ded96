"""Townships and villages get other names: papers and files from before still bear the former one."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event
from accounts.models import User
from areas.models import FormerName, Township, Village
from areas.models.former_name import names_of
from common.rules import RuleBroken
from grids.domain.numbering import call_after_grid, called_after_grid
from grids.models import Team


@event
def rename_township(pk: int, *, name: str, on: date, version: int, by: User) -> Township:
    """Give a township another name from the day ``on``; the former one is kept and found."""
    township = Township.locked(pk, version=version)
    others = Township.objects.exclude(pk=pk).filter(name=name, merged_into__isnull=True)
    if others.exists():
        raise RuleBroken(
            _("Another township has this name. Choose one that no township has, or merge the two."), field="name"
        )
    _rename(township, name, on)
    return township


@event
def rename_village(pk: int, *, name: str, on: date, version: int, by: User) -> Village:
    """Give a village another name from the day ``on``; the former one is kept and found.

    Its teams that are called after their grids, and so after the village, have the new name with it.
    """
    village = Village.locked(pk, version=version)
    others = Village.objects.exclude(pk=pk).filter(name=name, township=village.township_id, merged_into__isnull=True)
    if others.exists():
        raise RuleBroken(
            _("Another village of the township has this name. Choose one that none of them has, or merge the two."),
            field="name",
        )
    grids = {grid.pk: grid for grid in village.grids.in_use()}
    for grid in grids.values():
        grid.village = village
    teams = Team.objects.standing().filter(grid__in=grids).order_by("pk")
    automatic = called_after_grid(teams.select_for_update(of=("self",), no_key=True), grids)
    _rename(village, name, on)
    call_after_grid(automatic, grids)
    return village


def _rename(place: Township | Village, name: str, on: date) -> None:
    refuse_ended(place)
    if name == place.name:
        raise RuleBroken(_("This is the name it has. Type the new one."), field="name")
    if on > timezone.localdate():
        raise RuleBroken(_("This day lies in the future. Enter the name when it has come."), field="on")
    last = FormerName.objects.filter(**names_of(place)).order_by("-until").values_list("until", flat=True).first()
    if last is not None and on < last:
        raise RuleBroken(
            _("The name was changed on %(day)s last. Enter that day or a later one.") % {"day": f"{last:%Y-%m-%d}"},
            field="on",
        )
    FormerName.objects.create(**names_of(place), name=place.name, since=last, until=on)
    place.name = name
    place.save(update_fields=["name", "version"])


def refuse_ended(place: Township | Village) -> None:
    """Refuse to change a place that was merged into another one."""
    if place.merged_into is not None:
        raise RuleBroken(
            _("%(place)s was merged into %(into)s and does not change any more. Open that one.")
            % {"place": place.name, "into": place.merged_into.name},
            code="ended",
        )
