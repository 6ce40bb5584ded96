"""No page asks the database more often because there are more rows: every page, as everybody who may see it."""

from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from services.models import BallotTally, LogComment
from tests.access_table import ROWS
from tests.access_world import World, make_world
from tests.factories import (
    make_badge,
    make_badge_print,
    make_flag,
    make_grid,
    make_log,
    make_report,
    make_sampled,
    make_team,
    make_village,
    make_volunteer,
)
from tests.pictures import make_photo
from tests.test_access_matrix import ask, client_for

pytestmark = pytest.mark.django_db

# What a page may cost at the most, and by how much it may differ: an empty list asks less than one with rows.
MOST = 40
SLACK = 3
# Who sees most: every record, or what only a leader's pages show.
WIDEST = ("city_reviewer", "leader")


def queries_of(world: World) -> dict[str, int]:
    """Count each page's queries, at their second visit: the first fills what is kept in memory."""
    counted = {}
    for row in ROWS:
        if not row.takes("GET"):
            continue
        for person in {row.may.split()[0], *WIDEST} & set(row.may.split()):
            client = client_for(world, person)
            ask(client, "GET", row, world)
            with CaptureQueriesContext(connection) as queries:
                ask(client, "GET", row, world)
            counted[f"{row.name} {person}"] = len(queries)
    return counted


def grow(world: World) -> None:
    """Add more of everything that a page of the world lists; a scored round takes no more (test_recognition_pages)."""
    today, people = timezone.localdate(), world.people
    for number in range(4):
        village = make_village(township=world.township)
        make_grid(village=village)
        team = make_team(grid=make_grid(village=village), members=5)
        make_volunteer(village=world.village)
        make_log(team=team, on=date(2026, 7, 7 + number), recorded_by=people["staff"])
        log = make_log(team=world.team, on=date(2026, 7, 7 + number), starts=time(15), recorded_by=people["staff"])
        make_log(team=world.team, on=today - timedelta(days=number + 1), recorded_by=people["staff"])
        LogComment.objects.create(log=log, by=people["reviewer"], text="?")
        make_flag(log=log, rule="same_text", other=world.log)
        make_sampled(make_report(team=team, month=date(2026, 5, 1), state="read"), by=people["city_reviewer"])
        make_photo(log, number=number)
        make_photo(world.log, number=10 + number)
        make_badge_print(make_badge(make_volunteer(village=world.village)), by=people["staff"])
        for volunteer in (membership.volunteer for membership in team.memberships.select_related("volunteer")):
            BallotTally.objects.create(
                round=world.round,
                grid=team.grid,
                volunteer=volunteer,
                satisfied=9,
                fairly_satisfied=0,
                dissatisfied=0,
                unknown=0,
            )


def test_no_page_asks_more_because_there_is_more():
    world = make_world()
    make_log(team=world.team, on=timezone.localdate(), recorded_by=world.people["staff"])  # this month has a report
    before = queries_of(world)

    grow(world)

    after = queries_of(world)
    grown = {page: (before[page], count) for page, count in after.items() if count > before[page] + SLACK}
    assert grown == {}
    assert {page: count for page, count in after.items() if count > MOST} == {}
