"""What the database itself refuses, asked by raw SQL: two places at once, and changes of a read month."""

from contextlib import nullcontext
from datetime import date, time
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.rights import Role
from services.domain.correction import refuse_correction
from services.models import Correction, Participation, ServiceLog
from tests.factories import make_correction, make_log, make_read, make_read_log, make_team, make_user, make_volunteer

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


# --- corrections: the window between granting and carrying out -------------------------------------------


STANDS_NO_LONGER = (
    "UPDATE services_participation SET is_withdrawn = true, counted = false WHERE log_id = %s",
    "UPDATE services_servicelog SET is_withdrawn = true, withdrawn_reason = 'x', version = version + 1 WHERE id = %s",
)
NEW_LOG = (
    "INSERT INTO services_servicelog (version, key, fingerprint, team_id, township_id, report_id, date, starts_at,"
    " ends_at, minutes, category_id, place, recipient, people_served, content, recorded_by_id, recorded_at,"
    " is_withdrawn, withdrawn_reason, corrects_id)"
    " SELECT 0, c.key, '', {team}, l.township_id, {report}, c.date, c.starts_at, c.ends_at, l.minutes, c.category_id,"
    " c.place, {recipient}, c.people_served, c.content, c.asked_by_id, l.recorded_at, false, '', {corrects}"
    " FROM services_correction c JOIN services_servicelog l ON l.id = c.log_id WHERE c.id = %s"
)
AS_ASKED = {"team": "l.team_id", "report": "l.report_id", "recipient": "c.recipient", "corrects": "l.id"}
NEW_PARTICIPATION = (
    "INSERT INTO services_participation"
    " (log_id, volunteer_id, team_id, minutes, is_helper, date, starts_at, ends_at, is_withdrawn, counted)"
    " SELECT n.id, p.volunteer_id, p.team_id, p.minutes, p.is_helper, n.date, n.starts_at, n.ends_at, false, {counted}"
    " FROM services_participation p JOIN services_servicelog n ON n.corrects_id = p.log_id WHERE p.log_id = %s"
)


@pytest.fixture
def asked():
    return make_correction(make_read_log(helpers=[]))


def grant(correction):
    """Open the window, as the domain does for the length of a transaction."""
    execute(
        "UPDATE services_correction SET state = 'granted', decided_by_id = %s, decided_at = asked_at WHERE id = %s",
        make_user(Role.REVIEWER).pk,
        correction.pk,
    )


def carry_out(correction):
    """Take the original down and close the window, past the domain."""
    for statement in STANDS_NO_LONGER:
        execute(statement, correction.log_id)
    execute(NEW_LOG.format(**AS_ASKED), correction.pk)
    execute(NEW_PARTICIPATION.format(counted="true"), correction.log_id)
    execute(
        "UPDATE services_correction SET is_applied = true, result_id ="
        " (SELECT id FROM services_servicelog WHERE corrects_id = log_id) WHERE id = %s",
        correction.pk,
    )


def state():
    """Return everything that a read month consists of."""
    return [list(model.objects.order_by("id").values()) for model in (ServiceLog, Participation, Correction)]


@pytest.mark.django_db
def test_granted_correction_is_carried_out_by_these_statements(asked):
    grant(asked)
    carry_out(asked)

    assert ServiceLog.objects.standing().count() == 1
    assert Participation.objects.counted().count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize("statement", STANDS_NO_LONGER)
@pytest.mark.parametrize("window", ["asked", "closed", "other", "refused"])
def test_original_stands_unless_its_own_window_is_open(asked, statement, window):
    log = asked.log_id
    if window == "closed":  # the corrected log stands like any other of the month
        grant(asked)
        carry_out(asked)
        log = Correction.objects.get().result_id
    elif window == "other":
        grant(make_correction())
    elif window == "refused":
        refuse_correction(asked, answer="不", by=make_user(Role.REVIEWER))
    before = state()

    with pytest.raises(DatabaseError, match="month_is_read"):
        execute(statement, log)

    assert state() == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE services_servicelog SET is_withdrawn = true, withdrawn_reason = 'x', content = 'x' WHERE id = %s",
        "UPDATE services_servicelog SET is_withdrawn = true, withdrawn_reason = 'x', recorded_by_id = -1 WHERE id = %s",
        "UPDATE services_servicelog SET is_withdrawn = true, withdrawn_reason = 'x', minutes = 61 WHERE id = %s",
        "UPDATE services_servicelog SET is_withdrawn = true, withdrawn_reason = 'x', corrects_id = id WHERE id = %s",
        "UPDATE services_servicelog SET is_withdrawn = true, withdrawn_reason = 'x', id = -1 WHERE id = %s",
        "UPDATE services_servicelog SET content = 'x' WHERE id = %s",
        "UPDATE services_servicelog SET version = 9 WHERE id = %s",
        "UPDATE services_participation SET is_withdrawn = true, counted = false, minutes = 1 WHERE log_id = %s",
        "UPDATE services_participation SET is_withdrawn = true, counted = false, is_helper = true WHERE log_id = %s",
        "UPDATE services_participation SET counted = false WHERE log_id = %s",
        "UPDATE services_participation SET minutes = 1 WHERE log_id = %s",
        "DELETE FROM services_participation WHERE log_id = %s",
    ],
)
def test_nothing_but_its_standing_changes_within_the_window(asked, sql):
    grant(asked)
    before = state()

    with pytest.raises(DatabaseError, match="month_is_read"):
        execute(sql, asked.log_id)

    assert state() == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    "other",
    [
        {"recipient": "'别人'"},
        {"team": "l.team_id + 1"},
        {"report": "{read}"},
        {"corrects": "NULL"},
        {"corrects": "{read_log}"},
    ],
)
def test_new_log_says_what_was_granted_and_stands_in_its_month(asked, other):
    grant(asked)
    elsewhere = make_read_log()
    for statement in STANDS_NO_LONGER:
        execute(statement, asked.log_id)
    other = {name: text.format(read=elsewhere.report_id, read_log=elsewhere.pk) for name, text in other.items()}
    before = state()

    with pytest.raises(DatabaseError, match="month_is_read"):
        execute(NEW_LOG.format(**AS_ASKED | other), asked.pk)

    assert state() == before


@pytest.mark.django_db
def test_strike_makes_no_new_log():
    strike = make_correction(strike=True)
    grant(strike)
    copied = NEW_LOG.format(**AS_ASKED).replace("c.date, c.starts_at, c.ends_at", "l.date, l.starts_at, l.ends_at")
    for name in ("category_id", "place", "people_served", "content", "recipient"):
        copied = copied.replace(f"c.{name}", f"l.{name}")

    with pytest.raises(DatabaseError, match="month_is_read"):
        execute(copied, strike.pk)


@pytest.mark.django_db
def test_participants_of_a_correction_count_and_come_within_the_window(asked):
    grant(asked)
    for statement in STANDS_NO_LONGER:
        execute(statement, asked.log_id)
    execute(NEW_LOG.format(**AS_ASKED), asked.pk)

    with pytest.raises(DatabaseError, match="month_is_read"):
        execute(NEW_PARTICIPATION.format(counted="false"), asked.log_id)
    execute(
        "UPDATE services_correction SET is_applied = true, result_id ="
        " (SELECT id FROM services_servicelog WHERE corrects_id = log_id) WHERE id = %s",
        asked.pk,
    )
    with pytest.raises(DatabaseError, match="month_is_read"):
        execute(NEW_PARTICIPATION.format(counted="true"), asked.log_id)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("UPDATE services_correction SET state = 'asked' WHERE id = %s", "correction_append_only"),
        ("UPDATE services_correction SET answer = 'x' WHERE id = %s", "correction_append_only"),
        ("UPDATE services_correction SET reason = 'x' WHERE id = %s", "correction_append_only"),
        ("UPDATE services_correction SET is_applied = false, result_id = NULL WHERE id = %s", "correction_append_only"),
        ("DELETE FROM services_correction WHERE id = %s", "correction_append_only"),
    ],
)
def test_decided_correction_never_changes(asked, sql, rule):
    grant(asked)
    carry_out(asked)
    before = state()

    with pytest.raises(DatabaseError, match=rule):
        execute(sql, asked.pk)

    assert state() == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE services_correction SET recipient = 'x' WHERE id = %s",
        "UPDATE services_correction SET participants = '[]' WHERE id = %s",
        "UPDATE services_correction SET is_applied = true WHERE id = %s",
        "UPDATE services_correction SET state = 'taken_back', decided_at = asked_at, content = 'x' WHERE id = %s",
    ],
)
def test_what_was_asked_never_changes(asked, sql):
    with pytest.raises(DatabaseError, match="correction_"):
        execute(sql, asked.pk)


@pytest.mark.django_db
def test_window_closes_only_when_the_original_stands_no_longer(asked):
    grant(asked)

    with pytest.raises(DatabaseError, match="correction_append_only"):
        execute(
            "UPDATE services_correction SET is_applied = true, result_id = log_id WHERE id = %s",
            asked.pk,
        )


@pytest.mark.django_db
def test_correction_begins_as_asked_for(asked):
    columns = [
        field.column
        for field in Correction._meta.concrete_fields
        if field.column not in ("id", "key", "state", "log_id")
    ]
    log = make_read_log()
    with pytest.raises(DatabaseError, match="correction_asked_first"):
        execute(
            f"INSERT INTO services_correction (key, state, log_id, {', '.join(columns)})"
            f" SELECT %s, 'granted', %s, {', '.join(columns)} FROM services_correction WHERE id = %s",
            str(uuid4()) if connection.vendor == "postgresql" else uuid4().hex,
            log.pk,
            asked.pk,
        )
