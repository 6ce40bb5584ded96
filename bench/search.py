"""What a search costs in the database, at a city's size and at a hundred times that: ``python -m bench.search``.

The list of volunteers is asked as a person asks it, for the whole city and for one township; each question of the
request that is about volunteers is then put again by itself, fetched to its last row, and timed without Django.
"""

import argparse
import logging
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

from bench.database import ENGINES, ROOT, environment, manage

ROUNDS = 15
GOAL = 5.0  # milliseconds, for what is marked by a star
READERS = {"city": "city", "township": "staff"}
ABOUT = ("volunteers_volunteer", "volunteers_searchentry")


def searches() -> Iterator[tuple[str, bool, str]]:
    """Yield what is searched for: its kind, whether the goal speaks of it, and the text."""
    from django.db.models import Count
    from django.db.models.functions import Substr

    from volunteers.models import Volunteer

    def most(volunteers, by, number):
        counted = volunteers.order_by().values_list(by).annotate(people=Count("pk")).order_by("-people", by)
        return [text for text, _ in counted[:number]]

    everybody = Volunteer.objects.order_by()
    for text in most(everybody.filter(name__length=2), "name", 3):
        yield "name of two characters, the most frequent", True, text
    for text in most(everybody.filter(name__length=3).annotate(given=Substr("name", 2)), "given", 3):
        yield "given name of two characters, the most frequent", True, text
    for text in ("尉迟", "䶮喆"):
        yield "two characters, rare or nobody's", True, text
    for text in most(everybody.filter(name_initials__length=3), "name_initials", 3):
        yield "initials of three letters, the most frequent", True, text
    for text in most(everybody.annotate(two=Substr("name_initials", 1, 2)), "two", 3):
        yield "initials of two letters, the most frequent", True, text
    for phone in everybody.order_by("number").values_list("phone", flat=True)[:3]:
        yield "phone tail", True, phone[-4:]
    yield "number", False, "0012345"
    yield "pinyin of the given name", False, "jianguo"
    yield "surname", False, "陈"
    yield "part of a unit", False, "中学"
    yield "speciality", False, "病虫"
    yield "name and unit", False, "陈 中学"


def asked(username: str, text: str) -> list[tuple[str, tuple]]:
    """Return the questions about volunteers that the list asks for a search."""
    from django.db import connection

    from bench.case import signed_in

    questions: list[tuple[str, tuple]] = []

    def note(execute, sql, params, many, context):
        if any(table in sql for table in ABOUT):
            questions.append((sql, params))
        return execute(sql, params, many, context)

    client = signed_in(username)
    with connection.execute_wrapper(note):
        response = client.get("/volunteers/", {"q": text})
    if response.status_code != 200:
        raise RuntimeError(f"The list answered {response.status_code}.")
    return questions


def timed(questions: list[tuple[str, tuple]]) -> float:
    """Return the median time of the questions together, in milliseconds."""
    from django.db import connection

    rounds = []
    with connection.cursor() as cursor:
        for _ in range(ROUNDS):
            began = time.perf_counter()
            for sql, params in questions:
                cursor.execute(sql, params)
                cursor.fetchall()
            rounds.append((time.perf_counter() - began) * 1000)
    return statistics.median(rounds)


def measure() -> list[str]:
    """Print what each search costs in the database at hand, and return what missed the goal."""
    import django

    django.setup()
    logging.disable(logging.INFO)
    from django.db import connection

    from volunteers.models import Volunteer

    print(f"{connection.vendor}, {Volunteer.objects.count()} volunteers, load {os.getloadavg()[0]:.1f}")
    worst: dict[tuple[str, str], tuple[float, str, int, bool]] = {}
    for kind, is_goal, text in searches():
        for reader, username in READERS.items():
            questions = asked(username, text)
            cost = timed(questions)
            if cost > worst.get((kind, reader), (0.0,))[0]:
                worst[kind, reader] = cost, text, len(questions), is_goal
    missed = [kind for (kind, _), (cost, _, _, is_goal) in worst.items() if is_goal and cost > GOAL]
    for (kind, reader), (cost, text, number, is_goal) in worst.items():
        verdict = ("met" if cost <= GOAL else "MISSED") if is_goal else ""
        print(f"{kind:<50}{reader:<10}{text:<10}{cost:>9.2f} ms  {number} questions  {verdict}", flush=True)
    return missed


def main() -> None:
    """Measure on the engines that were asked for, each at both sizes."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    options.add_argument("--here", action="store_true", help="measure in the database of the environment")
    options.add_argument("--check", action="store_true", help="exit 1 when the goal was missed")
    chosen = options.parse_args()
    if chosen.here:
        if measure() and chosen.check:
            raise SystemExit(1)
        return
    missed = False
    for engine in ENGINES if chosen.engine == "both" else [chosen.engine]:
        with ENGINES[engine]() as url:
            manage(url, "collectstatic", "--no-input", "--verbosity", "0")
            known = environment(url, "config.settings")
            here = [sys.executable, "-m", "bench.search", "--here", "--check"]
            missed |= bool(subprocess.run(here, cwd=ROOT, env=known).returncode)
            subprocess.run([sys.executable, "-m", "bench.hundredfold"], cwd=ROOT, env=known, check=True)
            missed |= bool(subprocess.run(here, cwd=ROOT, env=known).returncode)
    if missed and chosen.check:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
