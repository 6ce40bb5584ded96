"""How much there is at each scale, and which days it covers."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

MONTHS = 14
# What the programme would come to if writing a service down cost nothing.
SERVICES_A_YEAR = 100
TOWNSHIP = "330382101"  # 大荆镇
VILLAGE = "330382101200"  # 冯村村, the first of its villages that is no community


@dataclass(frozen=True)
class Scale:
    """One size: how many teams, and where they are. ``None`` for the township: all of the city's."""

    name: str
    teams: int
    township: str | None = TOWNSHIP
    village: str | None = None

    def smaller(self, fraction: float) -> "Scale":
        """Return the same with a fraction of the teams."""
        return Scale(self.name, max(1, round(self.teams * fraction)), self.township, self.village)


SCALES = {
    "village": Scale("village", 10, village=VILLAGE),
    "township": Scale("township", 84),
    "city": Scale("city", 2100, township=None),
}


@dataclass(frozen=True)
class Calendar:
    """The fourteen months up to ``today``: services run until yesterday, so that none is still to come."""

    today: date

    @cached_property
    def months(self) -> list[date]:
        """The first days of the months, the current one last."""
        return [self.month(back) for back in range(MONTHS - 1, -1, -1)]

    @cached_property
    def days(self) -> list[date]:
        """Every day with services."""
        first = self.months[0]
        return [first + timedelta(days=each) for each in range((self.today - first).days)]

    @cached_property
    def mixed(self) -> date:
        """The latest month that offices have had some days to work on: its reports are in every state."""
        return self.month(1 if self.today.day > 4 else 2)

    @property
    def round_year(self) -> int:
        """The year that is voted on: the last one until March."""
        return self.today.year - (self.today.month <= 3)

    def month(self, back: int) -> date:
        """Return the first day of the month ``back`` months before the current one."""
        months = self.today.year * 12 + self.today.month - 1 - back
        return date(months // 12, months % 12 + 1, 1)
