"""The accounts of the demo: one a role, and in a city one township office after the other. One password for all."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from django.contrib.auth.hashers import make_password

from accounts.models import User
from accounts.rights import Role
from areas.models import Township
from services.demo.load import first_pk, stamp, write
from services.demo.names import given_name, surname
from services.demo.scale import TOWNSHIP
from services.demo.teams import DemoTeam

PASSWORD = "yiwang-demo-2026"  # noqa: S105 - printed on the screen: it opens invented data only
FIELDS = ("id", "password", "username", "name", "role", "township_id", "created_at")
# The accounts of the city, and those of the township that is shown first.
NAMES = {
    "staff": Role.TOWNSHIP_STAFF, "leader": Role.TEAM_LEADER, "reviewer": Role.REVIEWER, "city": Role.REVIEWER,
    "admin": Role.ADMIN, "auditor": Role.AUDITOR,
}  # fmt: skip


@dataclass
class Offices:
    """The keys of the accounts that work in one township; its leader, where there is one, with the team's key."""

    staff: int
    reviewer: int
    leader: int | None = None
    leaders_team: int | None = None


class Accounts:
    """Makes the accounts; all share one hash, which takes a twentieth of a second to make."""

    def __init__(self, today: date, random: Random) -> None:
        """Begin with the keys that are free."""
        self.random, self.next = random, first_pk(User)
        self.password = make_password(PASSWORD)
        self.created = stamp(today - timedelta(days=430), 9 * 60)
        self.city: dict[str, int] = {}

    def open_city(self) -> None:
        """Open the accounts for the whole city."""
        for name in ("city", "admin", "auditor"):
            self.city[name] = self._open(name, NAMES[name], None, self._name())

    def open_township(self, township: Township, team: DemoTeam | None) -> Offices:
        """Open the accounts of one township; the one shown first has a leader's, and short names."""
        leader = team.leader if team else None
        if township.code != TOWNSHIP or team is None or leader is None:
            ending = "" if township.code == TOWNSHIP else f"-{township.code[-3:]}"
            return Offices(
                self._open(f"staff{ending}", Role.TOWNSHIP_STAFF, township, self._name()),
                self._open(f"reviewer{ending}", Role.REVIEWER, township, self._name()),
            )
        offices = Offices(
            self._open("staff", Role.TOWNSHIP_STAFF, township, self._name()),
            self._open("reviewer", Role.REVIEWER, township, self._name()),
            self._open("leader", Role.TEAM_LEADER, township, leader.name),
            team.pk,
        )
        leader.user = offices.leader
        return offices

    def _name(self) -> str:
        return surname(self.random) + given_name(
            self.random, self.random.randint(1972, 1996), self.random.random() < 0.5
        )

    def _open(self, username: str, role: Role, township: Township | None, name: str) -> int:
        pk, self.next = self.next, self.next + 1
        place = township.pk if township else None
        write(User, FIELDS, [(pk, self.password, username, name, role.value, place, self.created)])
        return pk
