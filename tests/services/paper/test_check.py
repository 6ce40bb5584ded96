"""What each row of a file would do: new, there already, or wrong with the reason; in a fixed number of queries."""

from datetime import date, datetime, time
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.rights import Role
from grids.models import Membership
from services.domain.log import edit_service, record_service, withdraw_service
from services.domain.report import submit_month
from services.models import RecognitionRound, ServiceCategory, ServiceLog
from services.paper.check import NEW, SAME, WRONG, check_rows
from services.paper.directory import Directory
from services.paper.line import read_line
from tests.factories import (
    IMPORT_COLUMNS,
    make_log,
    make_membership,
    make_read,
    make_report,
    make_team,
    make_user,
    make_volunteer,
)
from volunteers.models import Absence

pytestmark = pytest.mark.django_db
DAY = date(2026, 7, 6)


@pytest.fixture(autouse=True)
def _in_july():
    with time_machine.travel(datetime.fromisoformat("2026-07-08T12:00:00+08:00"), tick=False):
        yield


@pytest.fixture
def team():
    return make_team(name="东岸村第3网格服务队")


@pytest.fixture
def staff(team):
    return make_user(Role.TOWNSHIP_STAFF, township=team.township)


def numbers(team):
    return list(Membership.objects.filter(team=team).order_by("id").values_list("volunteer__number", flat=True))


def row(team, /, **changes):
    cells = (team.name, "2026-07-06", "08:30", "09:30", "走访", numbers(team)[0], "老陈", "送药")
    return dict(zip(IMPORT_COLUMNS, cells, strict=True)) | changes


def check(staff, *rows):
    return check_rows(list(enumerate(rows, start=2)), staff)


def told(checked):
    return [(each.state, [(problem.column, problem.text) for problem in each.problems]) for each in checked]


def log_it(cells, staff):
    line = read_line(cells, Directory(staff))
    return record_service(**line.entry(), key=line.content_key(), by=staff).log


def test_row_is_new(staff, team):
    (found,) = check(staff, row(team))

    assert (found.state, found.line.minutes, found.problems) == (NEW, 60, [])


def test_row_imported_before_is_the_same_also_when_corrected_or_withdrawn_since(staff, team):
    log = log_it(row(team), staff)
    edit_service(
        log,
        version=log.version,
        date=log.date,
        starts_at=log.starts_at,
        ends_at=log.ends_at,
        category=log.category,
        recipient="别人",
        content="别的",
        participants=dict.fromkeys(log.participations.values_list("volunteer", flat=True)),
        by=staff,
    )
    (corrected,) = check(staff, row(team))
    withdraw_service(log, reason="写错了", by=staff)
    (withdrawn,) = check(staff, row(team))

    assert (corrected.state, corrected.log, corrected.is_withdrawn) == (SAME, log.pk, False)
    assert (withdrawn.state, withdrawn.log, withdrawn.is_withdrawn) == (SAME, log.pk, True)


def test_row_logged_by_hand_is_the_same(staff, team):
    people = [member.volunteer for member in team.memberships.order_by("id")[:1]]
    log = make_log(team=team, on=DAY, starts=time(8, 30), minutes=60, participants=people)

    (found,) = check(staff, row(team, content="写法不同", recipient="陈阿婆"))

    assert (found.state, found.log) == (SAME, log.pk)


def test_row_that_stands_twice_counts_once(staff, team):
    first, second = check(staff, row(team), row(team, starts="0830", ends="+60", category="zf"))

    assert (first.state, second.state, second.same_as) == (NEW, SAME, 2)


def test_row_that_overlaps_a_log_is_wrong_and_names_it(staff, team):
    log = make_log(team=team, on=DAY, starts=time(9), minutes=60)

    (found,) = check(staff, row(team))

    name = team.memberships.order_by("id")[0].volunteer.name
    assert found.log == log.pk
    assert told([found]) == [
        (WRONG, [("people", f"{name} was in another service at that time: 6 July 2026, 09:00–10:00, {team.name}.")])
    ]


def test_overlap_with_another_townships_log_names_no_team(staff, team):
    mover = team.memberships.order_by("id")[0].volunteer
    elsewhere = make_team(name="远方服务队")
    make_log(team=elsewhere, on=DAY, starts=time(9), participants=[], helpers=[mover])

    (found,) = check(staff, row(team))

    assert found.state == WRONG
    assert found.log is None
    assert "远方" not in found.problems[0].text


def test_log_that_ends_when_the_row_begins_is_no_overlap(staff, team):
    make_log(team=team, on=DAY, starts=time(7, 30), minutes=60)

    assert check(staff, row(team))[0].state == NEW


def test_log_of_the_night_before_overlaps(staff, team):
    make_log(team=team, on=date(2026, 7, 5), starts=time(23), minutes=600)

    assert check(staff, row(team))[0].state == WRONG


def test_two_rows_that_overlap_each_other_are_both_wrong_and_name_each_other(staff, team):
    first, other, second = check(
        staff, row(team), row(team, starts="1000", ends="1100"), row(team, starts="0900", ends="0950", content="x")
    )

    assert [first.state, other.state, second.state] == [WRONG, NEW, WRONG]
    assert first.problems[0].text.startswith("Overlaps with row 4 of this file: ")
    assert second.problems[0].text.startswith("Overlaps with row 2 of this file: ")
    assert "08:30–09:30" in second.problems[0].text


def test_two_rows_of_different_people_do_not_overlap(staff, team):
    found = check(staff, row(team), row(team, people=numbers(team)[1]))

    assert [each.state for each in found] == [NEW, NEW]


def test_rows_of_submitted_and_read_months_and_scored_years_are_wrong(staff, team):
    submitted = make_report(team=team, month=date(2026, 6, 1))
    submit_month(submitted, nil_confirmed=True, by=make_user(township=team.township))
    read = make_report(team=team, month=date(2026, 5, 1))
    make_log(report=read, on=date(2026, 5, 5))
    make_read(read)
    RecognitionRound.objects.create(
        year=2025,
        state="scored",
        evidence_hash="0" * 64,
        scored_by=make_user(Role.REVIEWER),
        scored_at=datetime.fromisoformat("2026-01-05T00:00:00+08:00"),
    )

    found = check(staff, row(team, date="6-6"), row(team, date="5-6"), row(team, date="2025-12-6"))

    assert [[(problem.column, problem.text[:28]) for problem in each.problems] for each in found] == [
        [("date", "This month has been submitte")],
        [("date", "This month has been read. A ")],
        [("date", "The year 2025 has been score")],
    ]


def test_people_are_judged_as_the_domain_does(staff, team):
    late = make_membership(team, make_volunteer(village=team.grid.village, joined_on=date(2026, 7, 7))).volunteer
    away = make_membership(team).volunteer
    Absence.objects.create(volunteer=away, since=date(2026, 7, 1), until=date(2026, 7, 20))
    helper = make_volunteer(village=team.grid.village)
    gone = make_volunteer(village=team.grid.village, status="suspended")

    texts = [
        each.problems[0].text
        for each in check(
            staff,
            row(team, people=late.number),
            row(team, people=away.number),
            row(team, people=helper.number),
            row(team, people=f"{numbers(team)[0]} {gone.number}"),
            row(team, people=f"{numbers(team)[0]}:61"),
        )
    ]

    assert "joined the programme on" in texts[0]
    assert "was suspended or had left" in texts[1]
    assert "helpers only join in" in texts[2]
    assert "not an active volunteer now" in texts[3]
    assert "1 to 60 minutes" in texts[4]


def test_another_townships_team_and_people_are_refused_without_a_word_of_them(staff, team):
    foreign = make_team(name="远方服务队")
    stranger = make_volunteer(name="远方义工")

    found = check(staff, row(team, team=foreign.name), row(team, people=stranger.number), row(team, people="+远方义工"))

    assert [each.state for each in found] == [WRONG] * 3
    texts = " ".join(problem.text for each in found for problem in each.problems)
    assert stranger.number in texts  # as typed
    assert f"{stranger.name}({stranger.number})" not in texts


def test_what_the_check_calls_new_the_domain_takes(staff, team):
    other = make_team(township=team.township)
    rows = [row(team), row(team, starts="1000", ends="+30", people="."), row(other, people=numbers(other)[0])]

    for found in check(staff, *rows):
        assert found.state == NEW
        record_service(**found.line.entry(), key=found.key, by=staff)

    assert [each.state for each in check(staff, *rows)] == [SAME] * 3
    assert ServiceLog.objects.count() == 3


def test_two_thousand_rows_ask_no_more_than_two(staff, team):
    others = [make_team(township=team.township) for _ in range(4)]
    categories = list(ServiceCategory.objects.values_list("name", flat=True))

    def rows(count):
        return [
            row(
                [team, *others][place % 5],
                date=f"2026-{1 + place % 6:02}-{1 + place // 6 % 28:02}",
                starts=f"{6 + place // 168 % 12:02}:00",
                ends="+30",
                category=categories[place % len(categories)],
                people=".",
                recipient=str(uuid4()),
            )
            for place in range(count)
        ]

    asked = []
    for count in (2, 2000):
        wanted = rows(count)
        with CaptureQueriesContext(connection) as queries:
            found = check(staff, *wanted)
        asked.append(len(queries))
        assert len(found) == count

    assert asked[1] <= asked[0] + 2 <= 16
