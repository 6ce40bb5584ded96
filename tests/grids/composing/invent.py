"""Townships of any size for the composing of teams, always the same for the same seed."""

from dataclasses import replace
from random import Random

from grids.composing.problem import Person, Place, Problem, Solution

# Some skill types are common, others rare, as in the demo.
WEIGHTS = (18, 20, 10, 6, 9, 8, 7, 6, 5, 4)


def invent(people: int, grids: int, *, villages: int = 20, seed: int = 1, skills: int = 10) -> Problem:
    """Return a township with so many free people and grids without a team, in four districts."""
    random = Random(seed)
    places = tuple(
        Place(100_000 + number, random.randint(1, villages), random.randint(24, 46)) for number in range(grids)
    )
    return Problem(
        people=tuple(
            Person(
                number,
                random.choices(range(1, skills + 1), WEIGHTS[:skills])[0],
                random.randint(1, villages),
                experience=random.choice((0, 0, 100, 700, 2_000)),
                is_trained=random.random() < 0.3,
            )
            for number in range(1, people + 1)
        ),
        places=places,
        near={village: f"district {village % 4}" for village in range(1, villages + 1)},
        skills=tuple(range(1, skills + 1)),
    )


def stand(problem: Problem, solution: Solution, *, gone: int = 0, new: int = 0, seed: int = 1) -> Problem:
    """Return the plan as it stands, for repair, with ``gone`` members left and ``new`` grids drawn."""
    random = Random(seed)
    leaders = set(solution.leaders.values())
    people = [
        replace(
            person,
            grid=(grid := solution.seats.get(person.pk)),
            role="" if grid is None else "leader" if person.pk in leaders else "member",
        )
        for person in problem.people
    ]
    villages = sorted(problem.near)
    places = [Place(900_000 + number, random.choice(villages), 30) for number in range(new)]
    left = set(random.sample(range(len(people)), gone))
    return replace(
        problem,
        people=tuple(person for number, person in enumerate(people) if number not in left),
        places=(*problem.places, *places),
        mode="repair",
    )
