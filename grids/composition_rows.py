"""Compositions as the list and the pages print them: what is proposed beside today, in words."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from areas.models import TownshipSettings
from common.templatetags.yiwang import badge
from grids.composition_words import reason_words
from grids.domain.proposal_groups import Group
from grids.domain.rule import ROLE_ORDER, missing_for_activation
from grids.models import Composition, CompositionPart, CompositionWish, Membership, ProposedSeat, ProposedTeam
from volunteers.models import SkillType

TONES = {"open": "info", "partly": "warn", "accepted": "ok", "discarded": "neutral"}
FIELDS = (
    "id",
    "at",
    "mode",
    "state",
    "work_state",
    "is_stopped",
    "by__name",
    "township__name",
    "village__name",
    "grid__number",
)


def composition_rows(compositions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Prepare one page of the list (``FIELDS`` of each), with what their parts come to by one more query."""
    parts: dict[int, list[CompositionPart]] = defaultdict(list)
    for part in CompositionPart.objects.filter(composition__in=[row["id"] for row in compositions]).order_by():
        parts[part.composition_id].append(part)
    rows = []
    for values in compositions:
        composition = Composition(pk=values["id"], state=values["state"], work_state=values["work_state"])
        there = parts[values["id"]]
        rows.append(
            {
                "url": composition.get_absolute_url(),
                "at": date_format(timezone.localtime(values["at"]), "DATETIME_FORMAT"),
                "scope": _scope(values),
                "mode": Composition.Mode(values["mode"]).label,
                "by": values["by__name"],
                "served": f"{sum(part.served_before for part in there)} → {sum(part.served_after for part in there)}",
                "changed": sum(part.changed for part in there),
                "state": composition_badge(composition),
            }
        )
    return rows


def composition_badge(composition: Composition) -> SafeString:
    """Say whether it is being solved, waits for a decision, or what became of it."""
    if composition.is_standing and composition.work_state != Composition.WorkState.DONE:
        tone = "bad" if composition.work_state == Composition.WorkState.FAILED else "info"
        return badge(tone, composition.get_work_state_display())
    return badge(TONES[composition.state], composition.get_state_display())


def _scope(values: Mapping[str, Any]) -> str:
    if values["grid__number"] is not None:
        return _("%(village)s grid %(number)s") % {"village": values["village__name"], "number": values["grid__number"]}
    return values["village__name"] or values["township__name"] or _("The whole city")


# --- Proposal beside today -------------------------------------------------------------------------------


@dataclass
class Line:
    """A person in a card: who they are, what happens to them, and why."""

    seat: ProposedSeat
    role: str
    mark: SafeString
    note: str
    is_locked: bool = False
    is_changed: bool = False


@dataclass
class Card:
    """A grid: its team today beside the one that is proposed."""

    team: ProposedTeam
    before: SafeString
    after: SafeString
    size: tuple[int, int]
    missing: list[str]
    skills: list[tuple[SkillType, int]]
    today: list[Line] = field(default_factory=list)
    then: list[Line] = field(default_factory=list)
    together: list[str] = field(default_factory=list)
    may_accept: bool = False


def cards_of(
    part: CompositionPart,
    teams: Collection[ProposedTeam],
    groups: Iterable[Group],
    wishes: Iterable[CompositionWish],
) -> list[Card]:
    """Prepare the cards of some of the part's grids; ``groups`` say what is accepted together."""
    pks = [team.grid_id for team in teams]
    proposed, today = defaultdict(list), defaultdict(list)
    for seat in _seats(part).filter(grid__in=pks):
        proposed[seat.grid_id].append(seat)
    for seat in _seats(part).filter(from_grid__in=pks):
        today[seat.from_grid_id].append(seat)
    locked = {(wish.volunteer_id, wish.grid_id) for wish in wishes if wish.kind == CompositionWish.Kind.LOCK}
    skills = list(SkillType.objects.in_use())
    together = {team.grid_id: group for group in groups for team in group.teams}
    least = TownshipSettings.of(part.township_id).least_skill_types
    cards = []
    for team in teams:
        then = sorted(proposed[team.grid_id], key=lambda seat: (ROLE_ORDER[seat.role], seat.volunteer.name_pinyin))
        before = sorted(today[team.grid_id], key=lambda seat: (ROLE_ORDER[seat.from_role], seat.volunteer.name_pinyin))
        group = together.get(team.grid_id)
        cards.append(
            Card(
                team=team,
                before=_before(team),
                after=badge("ok", _("Served")) if team.is_complete else badge("warn", _("Team is forming"), "users"),
                size=(len(before), len(then)),
                missing=missing_for_activation(then, least),
                skills=_skills(skills, then),
                today=[_today_line(seat) for seat in before],
                then=[_then_line(seat, team, locked) for seat in then],
                together=[str(each.grid) for each in group.teams if each.grid_id != team.grid_id] if group else [],
                may_accept=group is not None and team.is_changed,
            )
        )
    return cards


def _seats(part: CompositionPart) -> Any:
    return part.seats.select_related(
        "volunteer__primary_skill", "volunteer__village", "grid__village", "from_grid__village"
    )


def _before(team: ProposedTeam) -> SafeString:
    if team.team_id is None:
        return badge("bad", _("No team"), "map-pin-off")
    return badge("ok", _("Served")) if team.was_active else badge("warn", _("Team is forming"), "users")


def _skills(skills: list[SkillType], seats: list[ProposedSeat]) -> list[tuple[SkillType, int]]:
    """Return each skill type with how many of the team have it, also those that nobody has."""
    count: dict[SkillType, int] = dict.fromkeys(skills, 0)
    for seat in seats:
        count[seat.volunteer.primary_skill] = count.get(seat.volunteer.primary_skill, 0) + 1
    return sorted(count.items(), key=lambda each: each[1] == 0)


def _today_line(seat: ProposedSeat) -> Line:
    role = str(Membership.Role(seat.from_role).label) if seat.from_role != Membership.Role.MEMBER else ""
    if not seat.changes:
        return Line(seat, role, SafeString(""), "")
    if seat.grid is None:
        return Line(seat, role, badge("bad", pgettext("composition", "Leaves"), "log-out"), "", is_changed=True)
    mark = badge("info", _("To %(grid)s") % {"grid": seat.grid}, "arrow-right")
    return Line(seat, role, mark, "", is_changed=True)


def _then_line(seat: ProposedSeat, team: ProposedTeam, locked: set[tuple[int, int]]) -> Line:
    role = str(Membership.Role(seat.role).label) if seat.role != Membership.Role.MEMBER else ""
    by_hand = seat.grid_id != seat.solved_grid_id
    note = _("You put this person here.") if by_hand else reason_words(seat.reasons)
    is_locked = (seat.volunteer_id, team.grid_id) in locked
    if not seat.changes:
        mark = SafeString("")
        if seat.is_leader and seat.from_role != Membership.Role.LEADER:
            mark = badge("info", pgettext("composition", "New leader"), "crown")
        return Line(seat, role, mark, note, is_locked, is_changed=bool(mark))
    if seat.from_grid is None:
        mark = badge("ok", pgettext("composition", "Joins"), "user-plus")
    else:
        mark = badge("info", _("From %(grid)s") % {"grid": seat.from_grid}, "arrow-left")
    return Line(seat, role, mark, note, is_locked, is_changed=True)
