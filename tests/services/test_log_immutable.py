"""What the database itself refuses, asked by raw SQL: two places at once, and changes of a read month."""

from contextlib import nullcontext
from datetime import date, time

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from services.models import Participation, ServiceLog
from tests.factories import make_log, make_read, make_team, make_volunteer

MINUTES = st.integers(0, 23 * 60 + 54)


def execute(sql, *values):
    """Run raw SQL, in a transaction of its own."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount


def clock(minutes):
    return time(minutes // 60, minutes % 60)


class TestIntervals(TestCase):
    """Two services of one person, at any two times of a day."""

    @given(first=MINUTES, first_length=st.integers(5, 960), second=MINUTES, second_length=st.integers(5, 960))
    @settings(max_examples=60, deadline=None)
    def test_two_services_stand_exactly_when_they_do_not_overlap(self, first, first_length, second, second_length):
        volunteer = make_volunteer()
        make_log(starts=clock(first), minutes=first_length, participants=[volunteer])
        is_apart = first + first_length <= second or second + second_length <= first
        stands = nullcontext() if is_apart else pytest.raises(DatabaseError, match="participations_never_overlap")

        with stands, transaction.atomic():
            make_log(starts=clock(second), minutes=second_length, participants=[volunteer])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("starts", "minutes", "is_refused"), [(9, 60, False), (7, 60, False), (8, 5, True), (7, 61, True)]
)
def test_touching_is_fine_and_overlapping_is_not(starts, minutes, is_refused):
    volunteer = make_volunteer()
    make_log(participants=[volunteer])
    if is_refused:
        with pytest.raises(DatabaseError, match="participations_never_overlap"):
            make_log(participants=[volunteer], starts=time(starts), minutes=minutes)
    else:
        make_log(participants=[volunteer], starts=time(starts), minutes=minutes)


@pytest.mark.django_db
def test_update_into_an_overlap_is_refused():
    volunteer = make_volunteer()
    make_log(participants=[volunteer])
    withdrawn = make_log(participants=[volunteer], is_withdrawn=True, withdrawn_reason="重复")
    with pytest.raises(DatabaseError, match="participations_never_overlap"):
        execute("UPDATE services_participation SET is_withdrawn = %s WHERE log_id = %s", False, withdrawn.pk)


READ_MONTH = [
    ("UPDATE services_servicelog SET content = 'x' WHERE id = %s", "log"),
    ("UPDATE services_servicelog SET is_withdrawn = true, withdrawn_reason = 'x' WHERE id = %s", "log"),
    ("DELETE FROM services_participation WHERE log_id = %s", "log"),
    ("UPDATE services_participation SET minutes = 1 WHERE log_id = %s", "log"),
    ("UPDATE services_participation SET counted = false WHERE log_id = %s", "log"),
    ("UPDATE services_participation SET log_id = %s, volunteer_id = volunteer_id + 0 WHERE log_id = %s", "into"),
    ("UPDATE services_servicelog SET report_id = %s WHERE id = %s", "move"),
    ("UPDATE services_servicelog SET report_id = %s WHERE id = %s", "move_out"),
    (
        "INSERT INTO services_participation"
        " (log_id, volunteer_id, team_id, minutes, is_helper, date, starts_at, ends_at, is_withdrawn, counted)"
        " SELECT log_id, %s, team_id, minutes, is_helper, date, starts_at, ends_at, is_withdrawn, counted"
        " FROM services_participation WHERE log_id = %s",
        "insert",
    ),
    ("DELETE FROM services_servicelog WHERE id = %s", "empty"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("sql", "what"), READ_MONTH)
def test_read_month_is_immutable_by_raw_sql(sql, what):
    team, stranger = make_team(), make_volunteer()
    log = make_log(team=team, participants=[team.memberships.first().volunteer])
    empty = make_log(team=team, starts=time(20), participants=[])
    other = make_log(team=make_team(township=team.township), on=date(2026, 6, 1), participants=[stranger])
    make_read(log.report)
    values = {
        "log": [log.pk],
        "into": [log.pk, other.pk],
        "move": [log.report_id, other.pk],
        "move_out": [other.report_id, log.pk],
        "insert": [stranger.pk, log.pk],
        "empty": [empty.pk],
    }[what]
    before = (list(ServiceLog.objects.order_by("id").values()), list(Participation.objects.order_by("id").values()))

    with pytest.raises(DatabaseError, match="month_is_read"):
        execute(sql, *values)

    assert (
        list(ServiceLog.objects.order_by("id").values()),
        list(Participation.objects.order_by("id").values()),
    ) == before


@pytest.mark.django_db
@pytest.mark.parametrize(("sql", "what"), [case for case in READ_MONTH if case[1] == "log"])
def test_the_same_statements_pass_while_the_month_is_open(sql, what):
    log = make_log()
    assert execute(sql, log.pk) > 0


@pytest.mark.django_db
def test_new_log_in_a_read_month_is_refused():
    log = make_log()
    make_read(log.report)
    with pytest.raises(DatabaseError, match="month_is_read"):
        make_log(report=log.report, starts=time(12), participants=[])
