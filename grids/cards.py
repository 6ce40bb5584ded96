"""What stands on a grid's contact card now, told by a few queries however many grids, and what has changed since.

Nothing of this is stored beside the records: a card is outdated when what would be printed today differs from what was
printed, so imports, moves and consents that are taken back need to tell nobody. A batch keeps the fingerprint of its
card, and for the words of a reason the words about the place and digests of what it said of each member.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.utils.translation import override

from areas.models import Channel
from grids.contacts import Contact, Contacts, contacts_of
from grids.models import Grid, Team
from grids.models.grid import GridQuerySet
from volunteers.models import SkillType

# What a digest of a member's part is cut to: enough to differ, too little to be anybody's phone number.
DIGEST = 8


@dataclass(frozen=True)
class Face:
    """What one grid's card says today."""

    grid: int
    code: str
    place: str
    number: int
    village: str
    township: str
    team: int | None
    team_name: str
    hotline: str
    hours: str
    contacts: Contacts = field(default_factory=Contacts)
    skills: Mapping[int, str] = field(default_factory=dict)

    @property
    def can_be_called(self) -> bool:
        """Whether the card has a number to call at all."""
        return bool(self.hotline or self.contacts.named)

    @property
    def content(self) -> dict[str, Any]:
        """Return what a batch keeps of the card: about members digests only."""
        return {
            "code": self.code,
            "number": self.number,
            "village": self.village,
            "township": self.township,
            "team": self.team_name,
            "hotline": self.hotline,
            "hours": self.hours,
            "members": {str(member.volunteer): self._said_of(member) for member in self.contacts.members},
        }

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the content; nothing when there is no team that could be on a card."""
        return fingerprint_of(self.content) if self.team is not None else ""

    def _said_of(self, member: Contact) -> dict[str, Any]:
        said: dict[str, Any] = {"skill": _digest(self.skills[member.skill])}
        if member.is_named:
            told = ("name", "phone", "speciality")
            said |= {part: _digest(getattr(member, part)) for part in told} | {"leader": member.is_leader}
        return said


def fingerprint_of(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a card's content."""
    return sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def faces_of(grids: GridQuerySet) -> list[Face]:
    """Return the cards of the grids, village by village, by five queries."""
    rows = list(grids.select_related("village__township").order_by("village__code", "number", "pk"))
    teams = {team.grid_id: team for team in Team.objects.active().filter(grid__in=grids.order_by().values("pk"))}
    contacts = contacts_of([team.pk for team in teams.values()])
    hotlines = _hotlines({grid.village.township_id for grid in rows})
    skills = dict(SkillType.objects.values_list("pk", "name"))
    with override("zh-hans"):  # cards are printed in Chinese
        return [_face(grid, teams.get(grid.pk), contacts, hotlines, skills) for grid in rows]


def _face(
    grid: Grid,
    team: Team | None,
    contacts: Mapping[int, Contacts],
    hotlines: Mapping[int, Channel],
    skills: Mapping[int, str],
) -> Face:
    village, hotline = grid.village, hotlines.get(grid.village.township_id)
    return Face(
        grid=grid.pk,
        code=grid.page_code or "",
        place=str(grid),
        number=grid.number,
        village=village.name,
        township=village.township.name,
        team=team.pk if team else None,
        team_name=team.name if team else "",
        hotline=hotline.number if hotline else "",
        hours=hotline.hours if hotline else "",
        contacts=contacts[team.pk] if team else Contacts(),
        skills=skills,
    )


def _hotlines(townships: Iterable[int]) -> dict[int, Channel]:
    """Return the first active hotline of each of the townships, in one query (``areas.models.hotline_of``)."""
    found: dict[int, Channel] = {}
    active = Channel.objects.active().of_kind(Channel.Kind.HOTLINE).filter(township__in=townships)
    for channel in active.order_by("order", "id"):
        found.setdefault(channel.township_id, channel)
    return found


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:DIGEST]
