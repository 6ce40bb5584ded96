"""The roll-ups equal the records, whatever is read and reopened."""

from datetime import date, time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.rights import Role
from services.domain import rollup
from services.domain.report import read_plain_months, read_month, reopen_month, submit_month
from services.models import MonthlyReport, Participation, TownshipMonth, VolunteerMonth, VolunteerYear
from tests.factories import make_category, make_log, make_read, make_report, make_team, make_user, make_volunteer

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
        (one.pk, month, team.pk, 90, 2), (two.pk, month, team.pk, 135, 2),
    }
    assert set(VolunteerYear.objects.values_list("volunteer", "year", "team", "minutes", "services")) == {
        (one.pk, 2026, team.pk, 90, 2), (two.pk, 2026, team.pk, 135, 2),
    }
    sums = ("logs", "participations", "minutes", "people_served")
    assert set(TownshipMonth.objects.values_list("township", "month", "category", *sums)) == {
        (team.township.pk, month, cleaning.pk, 2, 3, 135, 7), (team.township.pk, month, farming.pk, 1, 1, 90, 1),
    }
