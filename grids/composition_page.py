"""What the pages of one proposal show: the townships of a city's, the cards of a township's, one person's choices."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from common.clean import key_of
from grids.composition_rows import cards_of
from grids.composition_words import conflict_words, proof_words, reason_words, shortage_lines
from grids.domain.proposal_groups import groups_of
from grids.models import Composition, CompositionPart, Grid, ProposedSeat
from volunteers.models import SkillType

# Cards on one page, and free people that are named; a village has at most some ten grids.
CARDS = 12
MOST_FREE = 60
SHOWS: dict[str, dict[str, Any]] = {
    "changed": {"is_changed": True, "accepted_at": None},
    "missing": {"is_complete": False},
    "all": {},
}


def city_page(composition: Composition, parts: list[CompositionPart]) -> dict[str, Any]:
    """Prepare the townships of a proposal for the city, with what each comes to."""
    skills = {skill.pk: skill for skill in SkillType.objects.all()}
    lines = []
    for part in parts:
        tone, icon, words = proof_words(part)
        lines.append(
            {
                "part": part,
                "url": f"?part={part.township_id}",
                "tone": tone,
                "icon": icon,
                "proof": words,
                "missing": shortage_lines(part, skills, {}),
            }
        )
    sums = {name: sum(getattr(part, name) for part in parts) for name in SUMMED}
    return {"lines": lines, "sums": sums, "is_solved": all(part.state == "solved" for part in parts)}


SUMMED = ("grids", "served_before", "served_after", "changed", "accepted", "coming", "moving", "leaving")


def part_page(composition: Composition, part: CompositionPart, query: Mapping[str, str]) -> dict[str, Any]:
    """Prepare the cards of a township that the filters ask for, and the free people."""
    skills = {skill.pk: skill for skill in SkillType.objects.all()}
    grids = {grid.pk: grid for grid in Grid.objects.filter(pk__in=_unmet_grids(part)).select_related("village")}
    groups = groups_of(part) if composition.is_standing else []
    wishes = list(
        composition.wishes.filter(grid__village__township=part.township_id).select_related("volunteer", "grid__village")
    )
    teams = part.teams.select_related("grid__village", "team", "accepted_by").order_by(
        "grid__village__code", "grid__number"
    )
    village = key_of(query.get("village", ""))
    within = teams.filter(grid__village=village) if village is not None else teams
    counts = {show: within.filter(**having).count() for show, having in SHOWS.items()}
    show = query.get("show", "")
    if show not in SHOWS:
        show = "changed" if counts["changed"] else "all"
    page = Paginator(within.filter(**SHOWS[show]), CARDS).get_page(query.get("page", 1))
    free = part.seats.filter(grid__isnull=True)
    tone, icon, words = proof_words(part)

    def url(**given: Any) -> str:
        kept = {"part": query.get("part"), "village": village, "show": show} | given
        return "?" + urlencode({name: value for name, value in kept.items() if value})

    labels = {"changed": _("Teams that change"), "missing": _("Something missing"), "all": _("All grids")}
    return {
        "part": part,
        "cards": cards_of(part, list(page.object_list), groups, wishes),
        "page": page,
        "previous_url": url(page=page.previous_page_number()) if page.has_previous() else "",
        "next_url": url(page=page.next_page_number()) if page.has_next() else "",
        "tabs": [(labels[each], url(show=each), count, each == show) for each, count in counts.items()],
        "show": show,
        "village": village,
        "villages": _villages(part),
        "proof": (tone, icon, words),
        "missing": shortage_lines(part, skills, grids),
        "free": list(_named(free).order_by("volunteer__village__code", "volunteer__name_pinyin")[:MOST_FREE]),
        "free_count": free.count(),
        "wishes": wishes,
        "conflict": conflict_words(part),
    }


def _unmet_grids(part: CompositionPart) -> set[int]:
    return {each["grid"] for each in part.unmet if each["grid"] is not None}


def _villages(part: CompositionPart) -> list[tuple[int, str]]:
    villages = part.teams.order_by("grid__village__code").values_list("grid__village", "grid__village__name")
    return list(villages.distinct())


def _named(seats: Any) -> Any:
    return seats.select_related("volunteer__primary_skill", "volunteer__village", "from_grid__village")


def seat_page(seat: ProposedSeat) -> dict[str, Any]:
    """Prepare the grids that a person may be moved to, and the people whom they may change places with."""
    part = seat.part
    counts: dict[int, int] = defaultdict(int)
    others: dict[int, list[ProposedSeat]] = defaultdict(list)
    for other in part.seats.exclude(pk=seat.pk).filter(grid__isnull=False).select_related("volunteer__primary_skill"):
        if other.grid_id is not None:
            counts[other.grid_id] += 1
            others[other.grid_id].append(other)
    free = list(_named(part.seats.filter(grid__isnull=True).exclude(pk=seat.pk)).order_by("volunteer__name_pinyin"))
    teams = list(part.teams.filter(accepted_at__isnull=True).select_related("grid__village"))
    return {
        "part": part,
        "composition": part.composition,
        "targets": [(team.grid, counts[team.grid_id]) for team in teams if team.grid_id != seat.grid_id],
        "partners": [
            (str(team.grid), others[team.grid_id])
            for team in teams
            if team.grid_id != seat.grid_id and others[team.grid_id]
        ],
        "free": free if seat.grid_id is not None else [],
        "reason": reason_words(seat.reasons) if seat.grid_id == seat.solved_grid_id else "",
        "is_locked": part.composition.wishes.filter(volunteer=seat.volunteer_id, kind="lock").exists(),
        "back": reverse("grids:composition_detail", args=[part.composition_id]),
    }
