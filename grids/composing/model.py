"""The programme of a question: people flow from their villages through districts and township into the teams.

People who are alike (home village, skill type, candidate or not) are one number, and so are those of them who serve in
one village: what they come to depends on nothing else. So the programme has some hundred columns a village instead of
one for each person and grid, and stays exact. Nearly all of it is a network, whose corners are whole numbers already:
that is why it is proven so soon.

    home ──────────────▶ village ──▶ seats (skill, candidate, grid)
      └─▶ district ─────▶ village
             └─▶ township ─▶ village
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from grids.composing.aims import PROPOSE, REPAIR, fair_shares
from grids.composing.problem import Person, Problem
from grids.composing.program import Aim, Program, Terms
from grids.composing.standing import Standing

# Their bounds are fractions: solved for itself, the next whole number proves them.
ALONE = ("unserved", "further", "moves")

Kind = tuple[int, bool]  # skill type, and whether they are a candidate for leader


@dataclass
class Stayers:
    """Members of one team who are alike: so many stay as the column says."""

    people: list[Person]
    column: int


@dataclass
class Flow:
    """The columns of the people of one kind."""

    used: dict[int, int] = field(default_factory=dict)  # of the free ones, by home village
    home: dict[int, int] = field(default_factory=dict)  # who serves in the home village
    down: dict[int, int] = field(default_factory=dict)  # who comes to a village from its district
    across: dict[int, int] = field(default_factory=dict)  # who comes to a village from elsewhere in the township
    seats: dict[int, int] = field(default_factory=dict)  # by grid


class Model:
    """The programme with the places of its columns."""

    def __init__(self, problem: Problem, standing: Standing, *, everywhere: bool) -> None:
        """Write it down; ``everywhere``: the rule must hold in all grids, so nothing that is missing is counted."""
        self.problem, self.standing, self.everywhere = problem, standing, everywhere
        self.program = Program()
        self.flows: dict[Kind, Flow] = defaultdict(Flow)
        self.stayers: list[Stayers] = []
        self.singles: dict[int, dict[int, int]] = {}  # people who are barred from some grids: a column a grid
        self.terms: dict[str, Terms] = {name: [] for name in PROPOSE + REPAIR}
        self.constants: Counter[str] = Counter()
        self.inside: dict[int, dict[Kind, Terms]] = {place.grid: defaultdict(list) for place in standing.open}
        self.settled: dict[int, Counter[Kind]] = {place.grid: Counter() for place in standing.open}
        for pk, grid in standing.seats.items():
            if grid in self.settled:
                self.settled[grid][_kind(standing.settled[pk])] += 1
                self._count_settled(standing.settled[pk], grid)
        by_size = sorted(standing.open, key=lambda place: (place.households, -place.grid))
        self._sizes = {place.grid: rank for rank, place in enumerate(by_size, 1)}
        self._village = {place.grid: place.village for place in standing.open}
        self._add_members()
        self._add_flows()
        for place in standing.open:
            self._add_rule(place.grid)
        self._add_balance()
        if problem.mode == "propose":
            self._add_fair_seats()

    def aims(self) -> list[Aim]:
        """Return what is aimed at, the most important first; what nothing can be done about is left out."""
        names = REPAIR if self.problem.mode == "repair" else PROPOSE
        found = []
        for name in names:
            if self.terms[name]:
                low, high = self._range(self.terms[name])
                found.append(
                    Aim(
                        name,
                        self.terms[name],
                        low,
                        min(high, low + self._most(name)),
                        self.constants[name],
                        name in ALONE,
                    )
                )
        return found

    # -- people

    def _add_members(self) -> None:
        """Let members stay or leave (repair)."""
        alike: dict[tuple, list[Person]] = defaultdict(list)
        for person in self.standing.movable:
            if person.pk not in self.standing.barred:
                alike[*_kind(person), person.village, person.grid, person.role == "leader"].append(person)
        self._leaving: dict[tuple[Kind, int], list[Stayers]] = defaultdict(list)
        for (skill, can_lead, village, grid, leads), people in alike.items():
            column = self.program.column(0, len(people))
            stayers = Stayers(people, column)
            self.stayers.append(stayers)
            self._leaving[(skill, can_lead), village].append(stayers)
            self._seat(column, (skill, can_lead), grid, village)
            self._stays(column, len(people), leads)
        for person in [*self.standing.movable, *self.standing.free]:
            if person.pk in self.standing.barred:
                self._add_single(person)

    def _add_single(self, person: Person) -> None:
        """Give one who is barred from some grids a column for each of the others."""
        columns = {}
        for place in self.standing.open:
            if place.grid in self.standing.barred[person.pk]:
                continue
            columns[place.grid] = column = self.program.column(0, 1)
            self._seat(column, _kind(person), place.grid, person.village)
            if place.grid == person.grid:
                self._stays(column, 1, person.role == "leader")
            elif person.grid is None:
                self.terms["moves"].append((column, 1))
        self.singles[person.pk] = columns
        self.program.row(((column, 1) for column in columns.values()), high=1)
        if person.grid is not None and person.grid not in columns:
            self.constants.update(("moves", "uprooted"))

    def _stays(self, column: int, many: int, leads: bool) -> None:
        """Count who of ``many`` does not stay."""
        for name in ("moves", "uprooted", "leaders_moved") if leads else ("moves", "uprooted"):
            self.terms[name].append((column, -1))
            self.constants[name] += many

    def _seat(self, column: int, kind: Kind, grid: int, home: int | None) -> None:
        """Put what ``column`` counts into ``grid``; with ``home`` the way is counted too."""
        self.inside[grid][kind].append((column, 1))
        if home is not None and (steps := steps_between(self.problem, home, self._village[grid])):
            self.terms["steps"].append((column, steps))

    def _count_settled(self, person: Person, grid: int) -> None:
        self.constants["moves"] += person.grid != grid

    def _add_flows(self) -> None:
        """Let the free, and members who leave, flow into the seats."""
        free: dict[Kind, Counter[int]] = defaultdict(Counter)
        for person in self.standing.free:
            if person.pk not in self.standing.barred:
                free[_kind(person)][person.village] += 1
        leaving: dict[Kind, set[int]] = defaultdict(set)
        for kind, village in self._leaving:
            leaving[kind].add(village)
        for kind in sorted({*free, *leaving}):
            self._add_flow(kind, free[kind], free[kind].keys() | leaving[kind])

    def _add_flow(self, kind: Kind, free: Counter[int], homes: Iterable[int]) -> None:
        flow, program = self.flows[kind], self.program
        grids: dict[int, list[int]] = defaultdict(list)
        for place in self.standing.open:
            grids[place.village].append(place.grid)
        districts: dict[str | int, Terms] = defaultdict(list)
        everything: Terms = []
        for village in sorted(homes):
            row: Terms = []
            many = sum(len(stayers.people) for stayers in self._leaving[kind, village])
            row += [(stayers.column, -1) for stayers in self._leaving[kind, village]]
            supply = free[village] + many
            if free[village]:
                flow.used[village] = column = program.column(0, free[village])
                row.append((column, 1))
                self.terms["moves"].append((column, 1))
            if village in grids:
                flow.home[village] = column = program.column(0, supply)
                row.append((column, -1))
            up = program.column(0, supply)
            row.append((up, -1))
            districts[district_of(self.problem, village)].append((up, 1))
            if many:
                row.append((program.column(0, many), -1))  # who leaves and joins nobody
            program.row(row, low=-many, high=-many)
        targets: dict[str | int, list[int]] = defaultdict(list)
        for village in grids:
            targets[district_of(self.problem, village)].append(village)
        for district in sorted(districts, key=str):
            row = districts[district]
            supply = int(sum(program.upper[column] for column, _ in row))
            for village in sorted(targets[district]):
                flow.down[village] = column = program.column(0, supply)
                row.append((column, -1))
                self.terms["steps"].append((column, 1))
            up = program.column(0, supply)
            row.append((up, -1))
            everything.append((up, 1))
            program.row(row, low=0, high=0)
        supply = int(sum(program.upper[column] for column, _ in everything))
        for village in sorted(grids):
            flow.across[village] = column = program.column(0, supply)
            everything.append((column, -1))
            self.terms["steps"].append((column, 2))
        program.row(everything, low=0, high=0)
        for village in sorted(grids):
            row = [(columns[village], 1) for columns in (flow.home, flow.down, flow.across) if village in columns]
            for grid in grids[village]:
                flow.seats[grid] = column = program.column(0, self.problem.rule.most)
                row.append((column, -1))
                self._seat(column, kind, grid, None)
            program.row(row, low=0, high=0)

    # -- what is demanded of each team

    def _add_rule(self, grid: int) -> None:
        """Demand members and skill types, and count types and candidates."""
        rule, program = self.problem.rule, self.program
        inside, settled = self.inside[grid], self.settled[grid]
        members = [term for terms in inside.values() for term in terms]
        by_skill: dict[int, Terms] = defaultdict(list)
        for (skill, _), terms in inside.items():
            by_skill[skill] += terms
        there = {skill for skill, _ in settled}
        types: dict[int, int] = {}
        for skill in sorted(by_skill.keys() - there):
            types[skill] = column = program.column(0, 1)
            program.row([(column, 1), *((each, -count) for each, count in by_skill[skill])], high=0)
            self.terms["types"].append((column, -1))
        many = settled.total()
        room = max(rule.most, many) - many
        least = max(0, rule.least - many)
        missing = max(0, rule.least_skills - len(there))
        if self.everywhere:
            program.row(members, low=least, high=room)
            program.row([(column, 1) for column in types.values()], low=missing)
        else:
            self._add_lack(grid, members, types, least=least, missing=missing, room=room)
        if not any(can_lead for _, can_lead in settled):
            candidates = [term for (_, can_lead), terms in inside.items() if can_lead for term in terms]
            if candidates:
                column = program.column(0, 1)
                program.row([(column, 1), *((each, -count) for each, count in candidates)], high=0)
                self.terms["unled"].append((column, -1))

    def _add_lack(
        self, grid: int, members: Terms, types: dict[int, int], *, least: int, missing: int, room: int
    ) -> None:
        """Let the rule be broken in ``grid``, and count how many further volunteers would mend it."""
        program, there = self.program, {skill for skill, _ in self.settled[grid]}
        absent = [skill for skill in self.problem.skills if skill not in there]
        served, further_types = program.column(0, 1), program.column(0, min(missing, len(absent)))
        further_members = program.column(0, least)
        beyond_help = program.column(0, missing - min(missing, len(absent), room))
        # A further volunteer's type is one that nobody here has.
        brought = [(column, 1) for skill, column in types.items() if skill in absent]
        program.row([(further_types, 1), *brought], high=len(absent))
        all_types = [(column, 1) for column in types.values()]
        program.row([*members, (further_types, 1), (further_members, 1)], low=least, high=room)
        program.row([*all_types, (further_types, 1), (beyond_help, 1)], low=missing)
        # Served: without anybody who is still to be found. Said so, a fraction of a team serves no fraction of a grid.
        program.row([*members, (served, -least)], low=0)
        program.row([*all_types, (served, -missing)], low=0)
        self.terms["further"] += [(further_types, 1), (further_members, 1)]
        if self.program.upper[beyond_help]:
            self.terms["beyond_help"].append((beyond_help, 1))
        self.terms["unserved"].append((served, -1))
        self.terms["smaller"].append((served, -self._sizes[grid]))

    def _add_balance(self) -> None:
        """Count how far each team is from its share of all members by households."""
        rule, program = self.problem.rule, self.program
        households = {place.grid: place.households for place in self.standing.open}
        settled = sum(counts.total() for counts in self.settled.values())
        joining = len(self.standing.movable) if self.problem.mode == "repair" else self.fair_seats()
        for grid, share in fair_shares(households, settled + joining, rule.least, rule.most).items():
            members = [term for terms in self.inside[grid].values() for term in terms]
            many = self.settled[grid].total()
            steps: Terms = []
            smallest = max(many, rule.least if self.everywhere else 0)
            for size, sign in ((max(rule.most, many) - share, -1), (share - smallest, 1)):
                for step in range(1, size + 1):
                    column = program.column(0, 1)
                    steps.append((column, sign))
                    self.terms["imbalance"].append((column, step))
            program.row([*members, *steps], low=share - many, high=share - many)

    def fair_seats(self) -> int:
        """Return how many free people *propose* seats if it can."""
        free = len(self.standing.free)
        return free if self.problem.fair_seats is None else min(free, self.problem.fair_seats)

    def _add_fair_seats(self) -> None:
        joining = [(column, 1) for flow in self.flows.values() for column in flow.used.values()]
        joining += [(column, 1) for columns in self.singles.values() for column in columns.values()]
        fair = self.fair_seats()
        under, over = self.program.column(0, fair), self.program.column(0, max(0, len(self.standing.free) - fair))
        self.program.row([*joining, (under, 1), (over, -1)], low=fair, high=fair)
        self.terms["seats_off"] += [(under, 1), (over, 1)]

    # -- weights

    def _range(self, terms: Terms) -> tuple[int, int]:
        """Return the least and the most that ``terms`` can come to as far as their columns say."""
        ends = [(count * self.program.lower[column], count * self.program.upper[column]) for column, count in terms]
        return int(sum(min(pair) for pair in ends)), int(sum(max(pair) for pair in ends))

    def _most(self, name: str) -> int:
        """Return how much of ``name`` there can be between the best plan and the worst."""
        people = len(self.standing.free) + len(self.standing.movable)
        grids = len(self.standing.open)
        return {
            "moves": people,
            "steps": 2 * people,
            "types": min(people, grids * self.problem.rule.most),
            "unled": grids,
            "uprooted": people,
            "leaders_moved": grids,
        }.get(name, 10**12)


def _kind(person: Person) -> Kind:
    return person.skill, person.can_lead


def district_of(problem: Problem, village: int) -> str | int:
    """Return the district of a village; one without is its own."""
    return problem.near.get(village) or village


def steps_between(problem: Problem, home: int, village: int) -> int:
    """Return how far a grid's village is from somebody's home: 0 the same, 1 the same district, 2 elsewhere."""
    if home == village:
        return 0
    return 1 if district_of(problem, home) == district_of(problem, village) else 2
