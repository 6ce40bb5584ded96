"""No request without an owner: what the night finds, whom it tells, and what the invariant names."""

from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import Reminder
from accounts.rights import Role
from grids.models import Team
from services.domain.owner import take_back_from_dissolved
from services.domain.reminders import write_reminders
from services.models import HelpRequest
from tests.factories import make_page_request, make_request, make_team, make_township, make_user, make_village

pytestmark = pytest.mark.django_db


def told():
    """Return whom the night tells of requests, by name and what it says."""
    Reminder.objects.all().delete()
    write_reminders()
    found = Reminder.objects.filter(kind="request_owner").order_by("user", "key")
    return [(each.user, each.text.partition(".")[0] % each.params) for each in found.select_related("user")]


def with_reader(team):
    volunteer = team.memberships.get(role="leader").volunteer
    volunteer.user = make_user(Role.TEAM_LEADER, township=team.township)
    volunteer.save()
    return team


@pytest.fixture
def township():
    return make_township()


@pytest.fixture
def staff(township):
    return make_user(Role.TOWNSHIP_STAFF, township=township)


def test_office_is_told_of_what_no_team_has_and_of_teams_that_nobody_reads_for(township, staff):
    make_page_request(village=make_village(township=township))
    unread, forming = make_team(township=township), with_reader(make_team(township=township))
    read = with_reader(make_team(township=township))
    for team in (unread, forming, read):
        make_request(team=team, recorded_by=staff)
    make_request(team=make_team(township=township), state="resolved", recorded_by=staff)
    Team.objects.filter(pk=forming.pk).update(state="forming")

    assert {text for user, text in told() if user == staff} == {
        "Requests that no team has: 1",
        f"{unread} has open requests, and nobody of it has an account to read them: 1",
        f"{forming} has open requests and is not active any more: 1",
    }
    assert {user for user, _text in told()} == {staff}


def test_administrators_are_told_of_a_township_where_nobody_has_an_account(township):
    admin = make_user(Role.ADMIN)
    make_user(Role.TOWNSHIP_STAFF, township=township, is_active=False)
    make_page_request(village=make_village(township=township))
    make_request(team=make_team(township=township), recorded_by=admin)
    make_request(team=with_reader(make_team(township=township)), recorded_by=admin)  # its leader reads it

    assert told() == [(admin, f"In {township.name} nobody with an account reads the open requests: 2")]


def test_office_of_the_township_that_another_was_merged_into_is_told(township, staff):
    asked = make_page_request()
    former = asked.township
    type(former).objects.filter(pk=former.pk).update(merged_into=township, ended_on="2026-01-01")
    type(former).objects.filter(pk=township.pk).update(predecessor_ids=[former.pk])

    assert told() == [(staff, "Requests that no team has: 1")]


def test_night_gives_the_office_what_a_dissolved_team_was_left_with(township, staff):
    team = make_team(township=township)
    asked = make_request(team=team, recorded_by=staff)
    Team.objects.filter(pk=team.pk).update(state="dissolved", dissolved_on="2026-07-01")
    out = StringIO()

    call_command("nightly", stdout=out)

    asked.refresh_from_db()
    assert (asked.team, asked.is_open, asked.steps.last().kind) == (None, True, "handed_back")
    assert "1 requests of dissolved teams given to the offices" in out.getvalue()
    assert staff.pk in Reminder.objects.values_list("user", flat=True)
    assert take_back_from_dissolved() == 0
    assert HelpRequest.objects.get().version == asked.version
