"""Whom a grid's households may call: what the contact card and the grid's public page say, and nothing more.

Nothing of a volunteer is published without their consent (志愿服务条例, State Council Decree 685, Art. 20):
``Volunteer.shows_phone`` is the consent to name and phone on the card. Of whoever has not given it only the skill type
is told, as what the team can do; they are reached by the township's hotline.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from grids.domain.rule import ROLE_ORDER
from grids.models import Membership
from volunteers.models import Volunteer

COLUMNS = (
    "team_id",
    "role",
    "joined_on",
    "pk",
    "volunteer_id",
    "volunteer__name",
    "volunteer__phone",
    "volunteer__speciality",
    "volunteer__shows_phone",
    "volunteer__primary_skill_id",
)


@dataclass(frozen=True)
class Contact:
    """One member: name, phone and speciality are empty where the person did not agree to them being shown."""

    volunteer: int
    role: str
    skill: int
    is_named: bool
    name: str = ""
    phone: str = ""
    speciality: str = ""

    @property
    def is_leader(self) -> bool:
        """Whether they lead the team."""
        return self.role == Membership.Role.LEADER


@dataclass
class Contacts:
    """The present members of one team, leader first."""

    members: list[Contact] = field(default_factory=list)

    @property
    def named(self) -> list[Contact]:
        """Those who agreed."""
        return [member for member in self.members if member.is_named]

    @property
    def unnamed(self) -> list[Contact]:
        """Those who did not."""
        return [member for member in self.members if not member.is_named]


def contacts_of(teams: Collection[int]) -> dict[int, Contacts]:
    """Return the contacts of each of the teams (keys) by one query; empty ones where nobody is in it."""
    found: dict[int, Contacts] = defaultdict(Contacts)
    serving = Membership.objects.current().filter(team__in=teams, volunteer__status=Volunteer.Status.ACTIVE)
    rows = serving.order_by().values_list(*COLUMNS)
    for team, role, _joined, _pk, volunteer, *told, agrees, skill in sorted(
        rows, key=lambda row: (row[0], ROLE_ORDER[row[1]], row[2], row[3])
    ):
        shown = told if agrees else ["", "", ""]
        found[team].members.append(Contact(volunteer, role, skill, agrees, *shown))
    return found
