"""What the intake desk asks the database among a million requests: ``python -m bench.intake``.

The demo's requests are copied until there are a million, over years, places and numbers; a returning caller has a
few, a number that relays calls has thousands. The desk is asked as a person asks it, as staff and as a leader; each
question about requests is then put again by itself, fetched to its last row, and timed without Django.
"""

import argparse
import logging
import os
import subprocess
import sys
from typing import Any
from uuid import uuid4

import django

from bench.database import ENGINES, ROOT, environment, manage
from bench.search import GOAL, timed

MILLION = 1_000_000
# So many numbers call, and every so many-th request comes through one number that relays calls.
NUMBERS, RELAYED = 300_000, 500
# About so many are open.
OPEN = 5_000
RELAY = "19900000000"
READERS = {"township": "staff", "team": "leader"}


def fill() -> None:
    """Copy the requests until there are a million: by SQL that asks no rule, the open ones a few times only."""
    from django.db import connection, models

    from bench.hundredfold import without_indexes
    from grids.models import Team
    from services.models import HelpRequest

    table = HelpRequest._meta.db_table
    found = HelpRequest.objects.aggregate(number=models.Count("pk"), top=models.Max("pk"))
    if found["number"] >= MILLION:
        return
    open_ones = HelpRequest.objects.open().count()
    copies = MILLION // (found["number"] - open_ones) + 1
    places = list(Team.objects.values_list("township", "grid__village", "grid", "pk"))
    places += [(township, village, None, None) for township, village in _villages_without_teams()]
    with connection.cursor() as cursor, without_indexes(cursor, table):
        cursor.execute(f"CREATE TEMPORARY TABLE source AS SELECT * FROM {table}")
        cursor.execute("CREATE TEMPORARY TABLE spot (at integer, t bigint, v bigint, g bigint, team bigint)")
        cursor.executemany("INSERT INTO spot VALUES (%s, %s, %s, %s, %s)", [(n, *at) for n, at in enumerate(places)])
        cursor.execute(_copied(HelpRequest, found["top"] + 1, copies, OPEN // open_ones, len(places)))
        cursor.execute("DROP TABLE source")
        cursor.execute("DROP TABLE spot")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
            cursor.execute(f"VACUUM ANALYZE {table}")
        else:
            cursor.execute("ANALYZE")


def _villages_without_teams() -> Any:
    from areas.models import Village

    return Village.objects.filter(grids__teams__isnull=True).values_list("township", "pk").distinct()


def _copied(model: Any, step: int, copies: int, with_open: int, places: int) -> str:
    """Return the statement that writes the copies, over five years: with numbers, doors and places of their own."""
    from django.db import connection

    is_postgresql = connection.vendor == "postgresql"
    key = f"(id + n * {step})"
    lpad = "lpad(CAST({0} AS text), 10, '0')" if is_postgresql else "printf('%010d', {0})"
    number = f"'1' || {lpad.format(f'(({key} * 73939133) % {NUMBERS}) + 3900000000')}"
    phone = f"CASE WHEN {key} % {RELAYED} = 0 THEN '{RELAY}' ELSE {number} END"
    door = f"CAST({key} * 7919 % 300 AS text)"
    days = f"({key} * 31 % 1800)"
    asked = (
        f"asked_at - {days} * interval '1 day'" if is_postgresql else f"datetime(asked_at, '-' || {days} || ' days')"
    )
    own = {
        "id": key,
        "key": f"CAST(md5(CAST({key} AS text)) AS uuid)" if is_postgresql else f"printf('%032x', {key})",
        "township_id": "t",
        "village_id": "v",
        "grid_id": "g",
        "team_id": "team",
        "handed_at": f"CASE WHEN team IS NULL THEN NULL ELSE {asked} END",
        "phone": phone,
        "phone_key": phone,
        "place": door,
        "place_key": door,
        "code_hash": f"lpad(CAST({key} AS text), 64, '0')" if is_postgresql else f"printf('%064d', {key})",
        "asked_at": asked,
    }
    columns = [str(field.column) for field in model._meta.concrete_fields]
    values = [own.get(column, column) for column in columns]
    return f"""
        WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < {copies})
        INSERT INTO {model._meta.db_table} ({", ".join(columns)})
        SELECT {", ".join(values)} FROM source CROSS JOIN series JOIN spot ON spot.at = {key} % {places}
        WHERE state <> 'open' OR n <= {with_open}
    """


def calls(user: Any) -> list[tuple[str, dict[str, Any]]]:
    """Return what is typed, kind by kind: the number alone, and number, door, grid and words."""
    from services.models import HelpRequest

    seen = HelpRequest.objects.visible_to(user).filter(grid__isnull=False).exclude(phone_key=RELAY).order_by("-pk")
    known = list(seen.select_related("village", "grid")[:3])
    found = []
    for request in known:
        found.append(("a number that called before", {"phone": request.phone}))
        whole = {"village": request.village_id, "grid": request.grid_id, "place": request.place}
        found.append(("number, door, grid and words", {"phone": request.phone, "content": request.content, **whole}))
        found.append(("door and words, grid not known", {"content": request.content, **whole, "grid": ""}))
    found.append(("a number that never called", {"phone": "13012345678"}))
    found.append((f"a number that relayed {MILLION // RELAYED} calls", {"phone": RELAY}))
    return found


def asked(username: str, typed: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return the questions about requests that the desk asks for what is typed."""
    from django.db import connection
    from django.urls import reverse

    from bench.case import signed_in

    questions: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "services_helprequest" in sql:
            questions.append((sql, params))
        return execute(sql, params, many, context)

    client = signed_in(username)
    with connection.execute_wrapper(note):
        response = client.post(reverse("services:request_lookup"), {"key": str(uuid4()), **typed})
    if response.status_code != 200 or not questions:
        raise RuntimeError(f"The desk answered {response.status_code} after {len(questions)} questions.")
    return questions


def measure() -> list[str]:
    """Print what each look costs in the database at hand, and return what missed the goal."""
    from django.db import connection

    from accounts.models import User
    from services.models import HelpRequest

    logging.disable(logging.INFO)
    fill()
    print(f"{connection.vendor}, {HelpRequest.objects.count()} requests, load {os.getloadavg()[0]:.1f}")
    worst: dict[tuple[str, str], tuple[float, int]] = {}
    for reader, username in READERS.items():
        for kind, typed in calls(User.objects.get(username=username)):
            questions = asked(username, typed)
            worst[kind, reader] = max(worst.get((kind, reader), (0.0, 0)), (timed(questions), len(questions)))
    for (kind, reader), (cost, number) in worst.items():
        verdict = "met" if cost <= GOAL else "MISSED"
        print(f"{kind:<42}{reader:<10}{cost:>9.2f} ms  {number} questions  {verdict}", flush=True)
    return [kind for (kind, _), (cost, _number) in worst.items() if cost > GOAL]


def main() -> None:
    """Measure on the engines that were asked for."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    options.add_argument("--here", action="store_true", help="measure in the database of the environment")
    options.add_argument("--check", action="store_true", help="exit 1 when the goal was missed")
    chosen = options.parse_args()
    if chosen.here:
        django.setup()
        if measure() and chosen.check:
            raise SystemExit(1)
        return
    missed = False
    for engine in ENGINES if chosen.engine == "both" else [chosen.engine]:
        with ENGINES[engine]() as url:
            manage(url, "collectstatic", "--no-input", "--verbosity", "0")
            here = [sys.executable, "-m", "bench.intake", "--here", "--check"]
            missed |= bool(subprocess.run(here, cwd=ROOT, env=environment(url, "config.settings")).returncode)
    if missed and chosen.check:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
