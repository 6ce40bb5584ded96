"""The cases of the bench and the limit of each: what the product promised to stay within."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Work:
    """One side of a case: a class of ``bench.subject`` or ``bench.reference.work`` and the project it runs in."""

    project: str
    path: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Goal:
    """An upper limit of subject ÷ reference; ``speaks_of_speed`` prints it the other way round."""

    limit: float
    speaks_of_speed: bool = False

    def is_met(self, ratio: float) -> bool:
        """Tell whether ``ratio`` stays within the limit."""
        return ratio <= self.limit

    def says(self, ratio: float) -> str:
        """Say the ratio beside the goal."""
        if self.speaks_of_speed:
            return f"{1 / ratio:.1f}x faster, goal {1 / self.limit:.1f}x"
        return f"{ratio:.2f}x, goal {self.limit:.2f}x"


def within(limit: float) -> Goal:
    """Make the goal "at most ``limit`` times the reference"."""
    return Goal(limit)


def faster(times: float) -> Goal:
    """Make the goal "at least ``times`` times as fast as the reference"."""
    return Goal(1 / times, speaks_of_speed=True)


@dataclass(frozen=True)
class Case:
    """A piece of work beside its reference, with the goal on each engine; ``golden`` is the number of its rows."""

    name: str
    subject: Work
    reference: Work
    goals: dict[str, Goal]
    same_answer: bool = True
    golden: int | None = None
    at_ten: bool = False  # measured at ten times the logs as well


@dataclass(frozen=True)
class MemoryCase:
    """The memory of a worker that has served these pages, beside the stock project's."""

    name: str
    pages: dict[str, list[str]]
    goal: Goal


@dataclass(frozen=True)
class FlagsCase:
    """The least share of the flags that are right, and of the known cases that are flagged, rule by rule."""

    name: str
    precision: float
    recall: float


def ours(kind: str, **options: Any) -> Work:
    """Name work of Yiwang."""
    return Work("yiwang", f"bench.subject:{kind}", options)


def stock(kind: str, **options: Any) -> Work:
    """Name work of the stock project."""
    return Work("reference", f"bench.reference.work:{kind}", options)


def both(goal: Goal) -> dict[str, Goal]:
    """Set the same goal on both engines."""
    return {"sqlite": goal, "postgresql": goal}


# So many people of the city are eligible for 2025: the generator and the scoring are what they were.
ELIGIBLE = 1225

# One township's services of one kind: filters that no single index answers.
NARROWED = "?township=1&category=1"
# The month that the city's offices are in the middle of.
MONTH = "?month=2025-12"

CASES = [
    Case(
        "volunteer list / stock admin",
        ours("VolunteerList"),
        stock("AdminVolunteers"),
        {"sqlite": faster(4), "postgresql": faster(2.5)},
    ),
    Case("volunteer list / bare view", ours("VolunteerList"), stock("BareVolunteers"), both(within(1.5))),
    Case(
        "volunteer list, last page / first",
        ours("VolunteerList", page="last"),
        ours("VolunteerList"),
        both(within(1.2)),
        same_answer=False,
    ),
    Case(
        "log list / stock admin", ours("LogList"), stock("AdminLogs"), {"sqlite": faster(40), "postgresql": faster(8)}
    ),
    Case("log list / bare view", ours("LogList"), stock("BareLogs"), both(within(1.5)), at_ten=True),
    Case(
        "log list, last page / bare view",
        ours("LogList", page="last"),
        stock("BareLogs", query="?last=1"),
        both(within(1.5)),
        at_ten=True,
    ),
    Case(
        "log list of a township and category / bare view",
        ours("LogList", query=NARROWED),
        stock("BareLogs", query=NARROWED),
        both(within(1.5)),
        at_ten=True,
    ),
    Case(
        "log list of a township and category, last page / bare view",
        ours("LogList", page="last", query=NARROWED),
        stock("BareLogs", query=f"{NARROWED}&last=1"),
        both(within(1.5)),
        at_ten=True,
    ),
    Case(
        "log list, last page / first",
        ours("LogList", page="last"),
        ours("LogList"),
        both(within(1.2)),
        at_ten=True,
        same_answer=False,
    ),
    Case(
        "review desk of a township / bare view",
        ours("Desk", query=f"{MONTH}&township=1"),
        stock("BareDesk", query=f"{MONTH}&township=1"),
        both(within(1.5)),
        at_ten=True,
    ),
    Case(
        "review desk of the city / bare view",
        ours("CityDesk", query=MONTH),
        stock("BareProgress", query=MONTH),
        both(within(1.5)),
        at_ten=True,
    ),
    Case(
        "coverage board of the city / bare view",
        Work("yiwang", "bench.board:CityBoard"),
        stock("BareCity"),
        both(within(1.5)),
    ),
    Case(
        "coverage board of a township / bare view",
        Work("yiwang", "bench.board:TownshipBoard"),
        stock("BareTiles"),
        both(within(1.5)),
    ),
    *(
        Case(
            f"board of due requests of {whose} / bare view",
            Work("yiwang", "bench.due:DueBoard", {"of_township": of_township}),
            stock("BareDue", of_township=of_township),
            both(within(1.5)),
        )
        for whose, of_township in (("the city", False), ("a township", True))
    ),
    Case(
        "save a log with five participants / stock admin",
        ours("SaveLog"),
        stock("AdminSaveLog"),
        {"sqlite": faster(3.5), "postgresql": faster(2.5)},
    ),
    Case(
        "open and dispatch requests / the same inserts",
        Work("yiwang", "bench.dispatching:Dispatched"),
        Work("yiwang", "bench.dispatching:Dispatched", {"rules": False}),
        both(within(2)),
    ),
    Case(
        "16 writers, logs with their rules / the same inserts",
        Work("yiwang", "bench.writers:Writers"),
        Work("yiwang", "bench.writers:Writers", {"rules": False}),
        both(within(2)),
        at_ten=True,
    ),
    Case(
        "score the year from participations / covering-index SQL",
        ours("ScoreParticipations"),
        ours("ScoreBySql"),
        both(within(1.2)),
        golden=ELIGIBLE,
    ),
    Case(
        "score the year from roll-ups / covering-index SQL",
        ours("ScoreRollups"),
        ours("ScoreBySql"),
        both(within(0.1)),
        golden=ELIGIBLE,
    ),
    Case(
        "read a township's month / the same without roll-ups",
        ours("ReadMonth"),
        ours("ReadMonth", rollups=False),
        both(within(1.2)),
    ),
    Case(
        "dashboard figures from roll-ups / live",
        ours("Dashboard"),
        ours("LiveDashboard"),
        {"sqlite": faster(100), "postgresql": faster(20)},
    ),
    Case(
        "export of all volunteers, .csv / django-import-export",
        Work("yiwang", "bench.exports:Exported", {"kind": "csv"}),
        Work("yiwang", "bench.exports:ImportExport", {"kind": "csv"}),
        both(faster(10)),
    ),
    Case(
        "export of all volunteers, .xlsx / django-import-export",
        Work("yiwang", "bench.exports:Exported", {"kind": "xlsx"}),
        Work("yiwang", "bench.exports:ImportExport", {"kind": "xlsx"}),
        both(faster(3)),
    ),
    Case(
        "1 000 badges from rows to PDF / typst alone",
        Work("yiwang", "bench.badges:Badges"),
        Work("yiwang", "bench.badges:TypstAlone"),
        both(within(1.3)),
    ),
    Case(
        "5 000 contact cards from rows to PDF / typst alone",
        Work("yiwang", "bench.cards:Cards"),
        Work("yiwang", "bench.cards:TypstAlone"),
        both(within(1.3)),
    ),
    Case(
        "compose a township's teams / HiGHS alone",
        Work("yiwang", "bench.composing:Composed"),
        Work("yiwang", "bench.composing:SolverAlone"),
        both(within(1.5)),
    ),
]

MEMORY = MemoryCase(
    "memory of a worker / stock project's",
    {
        "yiwang": ["bench.subject:VolunteerList", "bench.subject:LogList"],
        "reference": ["bench.reference.work:AdminVolunteers", "bench.reference.work:AdminLogs"],
    },
    within(1.25),
)

FLAGS = FlagsCase("flags: precision and recall on the demo", precision=0.9, recall=0.9)

# Every township composed anew and repaired, with proof: nothing is timed against anything.
PROOF = "compose the city, township by township: proven"

# A hundred residents a second ask for help of two workers: everything is stored once, and the office goes on working.
HUNDRED = "100 public requests/s: none lost, none doubled"
