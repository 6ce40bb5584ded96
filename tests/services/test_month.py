"""A team's month is there from the day on which the team becomes active, and stays when it no longer is."""

from datetime import date, timedelta

import pytest
import time_machine

from accounts.models import AuditEntry
from accounts.rights import Role
from grids.domain.team import activate_team, dissolve_team
from grids.models import Team
from services.domain.month import open_missing_months
from services.models import MonthlyReport
from tests.factories import make_report, make_team, make_user
from volunteers.domain import volunteer as volunteers

pytestmark = pytest.mark.django_db

DAY = date(2026, 7, 15)


@pytest.fixture(autouse=True)
def _in_july():
    with time_machine.travel("2026-07-15T08:00:00+08:00", tick=False):
        yield


def months_of(team):
    reports = MonthlyReport.objects.filter(team=team).order_by("month")
    return [(report.month.month, report.state, report.township_id == team.township_id) for report in reports]


def forming():
    team = make_team()
    Team.objects.filter(pk=team.pk).update(state="forming", activated_on=None)
    return Team.objects.get(pk=team.pk)


def test_activating_a_team_opens_its_month_at_once():
    by = make_user(Role.ADMIN)

    team = activate_team(forming(), by=by)

    entry = AuditEntry.objects.get_for_model(MonthlyReport).get()
    assert months_of(team) == [(7, "open", True)]
    assert (entry.event, entry.actor) == ("activate_team", by)


def test_team_that_is_active_since_an_earlier_day_has_the_month_before_too():
    team = activate_team(forming(), on=date(2026, 5, 31), by=make_user(Role.ADMIN))

    assert [month for month, _, _ in months_of(team)] == [6, 7]


def test_team_that_was_active_for_years_on_paper_gets_no_years_of_months():
    team = make_team(activated_on=date(2016, 3, 1))

    opened = open_missing_months()

    assert [month for month, _, _ in months_of(team)] == [6, 7]
    assert sum(opened.values()) == 2


def test_team_that_falls_back_has_the_month_in_which_it_was_active():
    team = make_team(activated_on=date(2026, 6, 3))

    volunteers.suspend(team.memberships.first().volunteer, reason="出国", by=make_user(Role.ADMIN))

    team.refresh_from_db()
    assert (team.state, team.activated_on) == ("forming", None)
    assert [month for month, _, _ in months_of(team)] == [6, 7]


def test_team_that_is_dissolved_has_the_months_up_to_that_day():
    team = make_team(activated_on=date(2026, 4, 3))
    make_report(team=team, month=date(2026, 4, 1))

    dissolve_team(team, reason="撤并", on=DAY - timedelta(days=20), by=make_user(Role.ADMIN))

    assert [month for month, _, _ in months_of(team)] == [4, 5, 6]
