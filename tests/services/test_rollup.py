"""The roll-ups equal the records, whatever is read and reopened."""

from contextlib import suppress
from datetime import date, time, timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.rights import Role
from common.rules import RuleBroken
from services.domain import rollup
from services.domain.report import read_month, read_plain_months, reopen_month, submit_month
from services.models import MonthlyReport, Participation, TownshipMonth, VolunteerMonth, VolunteerYear
from tests.factories import (
    make_category,
    make_log,
    make_read,
    make_report,
    make_team,
    make_township,
    make_user,
    make_volunteer,
)

pytestmark = pytest.mark.django_db


def test_reading_a_month_writes_each_rollup():
    team = make_team(members=0)
    one, two = (make_volunteer(village=team.grid.village) for _ in range(2))
    cleaning, farming = make_category(), make_category()
    report = make_report(team=team)
    make_log(report=report, participants={one: 60, two: 45}, category=cleaning, people_served=5)
    make_log(report=report, on=date(2026, 7, 7), participants={one: 30}, category=cleaning, people_served=2)
    make_log(report=report, on=date(2026, 7, 8), participants={two: 90}, minutes=90, category=farming)

    make_read(report)

    month = date(2026, 7, 1)
    assert set(VolunteerMonth.objects.values_list("volunteer", "month", "team", "minutes", "services")) == {
        (one.pk, month, team.pk, 90, 2),
        (two.pk, month, team.pk, 135, 2),
    }
    assert set(VolunteerYear.objects.values_list("volunteer", "year", "team", "minutes", "services")) == {
        (one.pk, 2026, team.pk, 90, 2),
        (two.pk, 2026, team.pk, 135, 2),
    }
    sums = ("logs", "participations", "minutes", "people_served")
    assert set(TownshipMonth.objects.values_list("township", "month", "category", *sums)) == {
        (team.township.pk, month, cleaning.pk, 2, 3, 135, 7),
        (team.township.pk, month, farming.pk, 1, 1, 90, 1),
    }


def test_reopening_takes_everything_out_again():
    team = make_team()
    july, august = make_report(team=team), make_report(team=team, month=date(2026, 8, 1))
    make_log(report=july)
    make_log(report=august, on=date(2026, 8, 3), minutes=30)
    make_read(july, august)

    reopen_month(july, reason="漏记一次", by=make_user(Role.REVIEWER))

    assert set(VolunteerMonth.objects.values_list("month", "minutes")) == {(date(2026, 8, 1), 30)}
    assert set(VolunteerYear.objects.values_list("minutes", "services")) == {(30, 1)}
    assert list(TownshipMonth.objects.values_list("month", "logs")) == [(date(2026, 8, 1), 1)]
    assert Participation.objects.counted().count() == 3
    assert rollup.differences() == []


def test_years_are_kept_apart():
    team = make_team(members=0)
    volunteer = make_volunteer(village=team.grid.village)
    december, january = (make_report(team=team, month=month) for month in (date(2025, 12, 1), date(2026, 1, 1)))
    make_log(report=december, on=date(2025, 12, 31), participants=[volunteer])
    make_log(report=january, on=date(2026, 1, 1), participants=[volunteer], minutes=20)

    for report in (december, january):
        submit_month(report, by=make_user())
    read_plain_months(MonthlyReport.objects.all(), by=make_user(Role.REVIEWER))

    assert set(VolunteerYear.objects.values_list("year", "minutes")) == {(2025, 60), (2026, 20)}
    assert rollup.differences() == []


def test_withdrawn_logs_do_not_count():
    report = make_report()
    make_log(report=report, is_withdrawn=True, withdrawn_reason="记错了")

    make_read(report)

    assert [VolunteerMonth.objects.count(), VolunteerYear.objects.count(), TownshipMonth.objects.count()] == [0, 0, 0]


MODELS = (VolunteerMonth, VolunteerYear, TownshipMonth)


def test_rebuild_writes_what_reading_wrote():
    reports = [make_report(month=date(2026, month, 1)) for month in (6, 7)]
    for report in reports:
        make_log(report=report, on=report.month)
    make_read(*reports)
    before = [list(model.objects.order_by("pk").values()) for model in MODELS]
    for model in MODELS:
        model.objects.update(minutes=1)

    rollup.rebuild()

    after = [list(model.objects.order_by("pk").values()) for model in MODELS]
    assert [sorted(map(_without_pk, rows)) for rows in after] == [sorted(map(_without_pk, rows)) for rows in before]


def _without_pk(row):
    return [str(value) for name, value in row.items() if name != "id"]


def test_differences_name_what_the_rollup_lacks_and_what_it_makes_up():
    report = make_report()
    log = make_log(report=report)
    make_read(report)
    volunteer = log.participations.first().volunteer
    VolunteerYear.objects.filter(volunteer=volunteer).update(minutes=18_000)

    found = rollup.differences()

    row = (volunteer.pk, 2026, report.team_id)
    assert [(each.table, each.side, tuple(each.row)) for each in found] == [
        ("services_volunteeryear", "records", (*row, 60, 1)),
        ("services_volunteeryear", "rollup", (*row, 18_000, 1)),
    ]


STEPS = st.lists(st.tuples(st.sampled_from(["read", "reopen", "plain"]), st.integers(0, 3)), max_size=8)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_any_sequence_of_reading_and_reopening_leaves_no_difference(steps):
    township, reviewer = make_township(), make_user(Role.REVIEWER)
    teams = [make_team(township=township), make_team(township=township)]
    # A helper serves with both teams, so that two months share a volunteer's year.
    helper = teams[0].memberships.first().volunteer
    reports = [make_report(team=team, month=month) for team in teams for month in (date(2026, 6, 1), date(2026, 7, 1))]
    for position, report in enumerate(reports):
        make_log(report=report, on=report.month, starts=time(8 + position), minutes=30)
        make_log(report=report, on=report.month, starts=time(14 + position), helpers=[helper])

    for step, position in steps:
        report = MonthlyReport.objects.get(pk=reports[position].pk)
        with suppress(RuleBroken):
            if step == "reopen":
                reopen_month(report, reason="核对", by=reviewer)
            else:
                if report.takes_logs:
                    submit_month(report, by=make_user(township=township))
                if step == "read":
                    read_month(report, by=reviewer)
                else:
                    read_plain_months(MonthlyReport.objects.filter(township=township), by=reviewer)

        assert rollup.differences() == []
        read = MonthlyReport.objects.filter(state="read")
        assert Participation.objects.counted().count() == Participation.objects.filter(log__report__in=read).count()


def test_reading_takes_the_same_queries_for_two_reports_and_for_ten(django_assert_max_num_queries):
    reviewer = make_user(Role.REVIEWER)
    _submitted_township(2, date(2026, 6, 1))
    _submitted_township(10, date(2026, 7, 1))
    ContentType.objects.get_for_model(MonthlyReport)

    for month, expected in ((date(2026, 6, 1), 2), (date(2026, 7, 1), 10)):
        with django_assert_max_num_queries(22):
            result = read_plain_months(MonthlyReport.objects.filter(month=month), by=reviewer)
        assert result.read == expected


def _submitted_township(teams, month):
    township, by = make_township(), make_user()
    for _ in range(teams):
        report = make_report(team=make_team(township=township), month=month)
        make_log(report=report, on=month)
        make_log(report=report, on=month + timedelta(days=2))
        submit_month(report, by=by)
