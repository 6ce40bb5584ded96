"""What the optimisation says in codes, in the reader's language: why somebody is where they are, what is missing."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common.wording import sentences
from grids.models import CompositionPart, Grid
from volunteers.models import SkillType, Volunteer

# By the codes of ``grids.composing.problem.Solution.reasons``; what the marks beside the name say already is left out.
REASONS = {
    "locked": gettext_lazy("Locked by the office."),
    "home": gettext_lazy("Lives in the grid's village."),
    "near": gettext_lazy("Lives in the same part of the township."),
    "far": gettext_lazy("Lives elsewhere in the township."),
    "only_skill": gettext_lazy("The only one of this skill type in the team."),
    "role": gettext_lazy("Leads or is deputy here today."),
    "trained": gettext_lazy("Trained, and so able to lead."),
    "experienced": gettext_lazy("The most experienced of the team."),
    "somebody": gettext_lazy("Leads because nobody of the team was trained or has experience."),
}
CONFLICTS = {
    "person": gettext_lazy("Somebody who is locked can no longer serve here."),
    "grid": gettext_lazy("A grid that somebody is locked into is no longer in use."),
    "one_team": gettext_lazy("One person is locked into several grids."),
    "barred": gettext_lazy("Somebody is locked into a grid that they are barred from."),
    "most": gettext_lazy("More people are locked into one grid than a team may have."),
    "skills": gettext_lazy(
        "The people locked into one grid are too much alike: no room is left for as many skill types as a team needs."
    ),
    "full": gettext_lazy("The members of the grid's team stay where they are, and beside them there is no room."),
}


def reason_words(codes: Iterable[str]) -> str:
    """Return the reasons as sentences; a code of another release says nothing."""
    return sentences(str(REASONS[code]) for code in codes if code in REASONS)


def conflict_words(part: CompositionPart) -> dict[str, Any]:
    """Name the locks that cannot be kept together, and the rule that they break; empty where there is none."""
    if not part.conflict:
        return {}
    pairs = part.conflict["locks"]
    names = Volunteer.objects.in_bulk({person for person, _grid in pairs})
    grids = Grid.objects.select_related("village").in_bulk({grid for _person, grid in pairs})
    locks = [f"{names[person].name} · {grids[grid]}" for person, grid in pairs if person in names and grid in grids]
    return {"rule": str(CONFLICTS.get(part.conflict["rule"], "")), "locks": locks}


def shortage_lines(part: CompositionPart, skills: Mapping[int, SkillType], grids: Mapping[int, Grid]) -> list[str]:
    """Say in sentences what is missing in the township: how many of which type, and which grids cannot be helped."""
    needed: dict[int | None, int] = {}
    full: dict[int, int] = {}
    leaderless = 0
    for each in part.unmet:
        if each["kind"] in ("skills", "members"):
            needed[each["skill"]] = needed.get(each["skill"], 0) + each["count"]
        elif each["kind"] == "full":
            full[each["grid"]] = each["count"]
        else:
            leaderless += 1
    lines = [_needed(part, skills.get(skill) if skill else None, count) for skill, count in needed.items()]
    lines += [
        _("%(grid)s: the team is full and lacks skill types. Repair it: somebody has to change teams.")
        % {"grid": grids[grid]}
        for grid in full
        if grid in grids
    ]
    if leaderless:
        lines.append(
            ngettext(
                "In %(count)d team nobody was trained or has the experience to lead; "
                "somebody is proposed all the same.",
                "In %(count)d teams nobody was trained or has the experience to lead; "
                "somebody is proposed all the same.",
                leaderless,
            )
            % {"count": leaderless}
        )
    return lines


def _needed(part: CompositionPart, skill: SkillType | None, count: int) -> str:
    words = {"township": part.township, "count": count, "skill": skill}
    if skill is None:
        return (
            ngettext(
                "%(township)s lacks %(count)d more volunteer.",
                "%(township)s lacks %(count)d more volunteers.",
                count,
            )
            % words
        )
    return (
        ngettext(
            "%(township)s lacks %(count)d more volunteer of the type “%(skill)s”.",
            "%(township)s lacks %(count)d more volunteers of the type “%(skill)s”.",
            count,
        )
        % words
    )


def proof_words(part: CompositionPart) -> tuple[str, str, str]:
    """Return tone, icon and words for how good the proposal is."""
    if part.is_changed_by_hand:
        return (
            "neutral",
            "pencil",
            _("You have changed the proposal since it was solved. Solve again to see what is best."),
        )
    if part.is_proven:
        return "ok", "badge-check", _("Proven optimal: there is no better proposal.")
    if part.gap is None:
        return "neutral", "circle-dashed", _("Not solved yet.")
    gap = f"{part.gap * 100:.1f}"
    words = _("Not proven: a better one may exist, by at most %(gap)s %%. Solve again to look further.") % {"gap": gap}
    return "warn", "circle-alert", words
