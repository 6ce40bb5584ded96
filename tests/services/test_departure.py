"""Nobody served before joining, after leaving or while away, by whichever step one comes there."""

from datetime import date, time, timedelta
from uuid import uuid4

import pytest

from accounts.rights import Role
from common.clean import moment
from common.rules import RuleBroken
from grids.domain.team import add_member, remove_member
from services.domain.log import record_service, withdraw_service
from services.models import Participation
from tests.factories import make_category, make_team, make_user, make_volunteer
from volunteers.domain.volunteer import edit_volunteer, leave, reinstate, suspend
from volunteers.models import Absence, Volunteer

pytestmark = pytest.mark.django_db
DAY = date(2026, 7, 12)
ONE = timedelta(days=1)


@pytest.fixture
def admin():
    return make_user(Role.ADMIN)


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def helper(team):
    return make_volunteer(village=team.grid.village)


def help_out(team, helper, on):
    """Log a service of the team in which the helper took part, as its staff do."""
    starts_at = moment(on, time(8))
    member = team.memberships.order_by("pk")[0].volunteer_id
    return record_service(
        key=uuid4(),
        team=team,
        date=on,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        category=make_category(),
        recipient="老陈",
        content="修水管",
        participants={member: None, helper.pk: None},
        by=make_user(township=team.township),
    ).log


def refused_field(act):
    before = list(Volunteer.objects.values()), list(Absence.objects.values())
    with pytest.raises(RuleBroken) as refused:
        act()
    assert (list(Volunteer.objects.values()), list(Absence.objects.values())) == before
    return refused.value.field


def test_helper_leaves_on_the_day_of_the_last_service_and_not_before(team, helper, admin):
    help_out(team, helper, DAY)

    assert refused_field(lambda: leave(helper, on=DAY - ONE, reason="搬走", by=admin)) == "on"
    leave(helper, on=DAY, reason="搬走", by=admin)

    assert Absence.objects.get().since == DAY


def test_withdrawn_service_does_not_keep_anybody(team, helper, admin):
    withdraw_service(help_out(team, helper, DAY), reason="记错了", by=admin)

    leave(helper, on=DAY - ONE, reason="搬走", by=admin)

    assert Volunteer.objects.get(pk=helper.pk).status == "left"


def test_former_member_leaves_the_programme_after_the_team_and_not_before(admin):
    team = make_team(members=4)
    member = team.memberships.order_by("-pk")[0].volunteer
    remove_member(team, member, reason="外出", on=DAY, by=admin)

    assert refused_field(lambda: leave(member, on=DAY - ONE, reason="搬走", by=admin)) == "on"
    leave(member, on=DAY, reason="搬走", by=admin)


def join_later(volunteer, admin, on):
    version = Volunteer.objects.get(pk=volunteer.pk).version
    edit_volunteer(volunteer.pk, {"joined_on": on}, version=version, by=admin)


def test_nobody_joined_after_a_service(team, helper, admin):
    help_out(team, helper, DAY)

    assert refused_field(lambda: join_later(helper, admin, DAY + ONE)) == "joined_on"
    join_later(helper, admin, DAY)

    assert Volunteer.objects.get(pk=helper.pk).joined_on == DAY


def test_nobody_joined_after_a_membership(admin):
    team = make_team(members=4)
    membership = team.memberships.order_by("-pk")[0]
    remove_member(team, membership.volunteer, reason="外出", on=DAY, by=admin)

    assert refused_field(lambda: join_later(membership.volunteer, admin, membership.joined_on + ONE)) == "joined_on"
    join_later(membership.volunteer, admin, membership.joined_on)


@pytest.mark.parametrize("step", [suspend, leave])
def test_who_was_taken_back_did_not_serve_while_away(team, helper, admin, step, time_machine):
    time_machine.move_to("2026-07-12T10:00+08:00")
    step(helper, reason="住院", by=admin)
    time_machine.move_to("2026-07-20T10:00+08:00")
    reinstate(helper, by=admin)
    time_machine.move_to("2026-07-25T10:00+08:00")

    for day in (DAY + ONE, date(2026, 7, 19)):
        with pytest.raises(RuleBroken, match="suspended or had left"):
            help_out(team, helper, day)
        with pytest.raises(RuleBroken, match="away until"):
            add_member(team, helper, on=day, by=admin)
    for day in (DAY, date(2026, 7, 20)):
        help_out(team, helper, day)

    assert Participation.objects.filter(volunteer=helper).count() == 2
    assert list(Absence.objects.values_list("since", "until")) == [(DAY, date(2026, 7, 20))]


def test_who_leaves_while_suspended_has_been_away_since_the_earlier_day(helper, admin, time_machine):
    time_machine.move_to("2026-07-12T10:00+08:00")
    suspend(helper, reason="住院", by=admin)
    time_machine.move_to("2026-07-20T10:00+08:00")
    leave(helper, on=date(2026, 7, 15), reason="搬走", by=admin)
    assert Absence.objects.get().since == DAY

    reinstate(helper, by=admin)
    suspend(helper, reason="住院", by=admin)
    assert refused_field(lambda: leave(helper, on=date(2026, 7, 19), reason="搬走", by=admin)) == "on"


def test_nobody_joined_after_having_left(helper, admin):
    leave(helper, on=DAY, reason="搬走", by=admin)

    assert refused_field(lambda: join_later(helper, admin, DAY + ONE)) == "joined_on"


def test_helper_joins_the_team_after_the_service_and_not_before(team, helper, admin):
    help_out(team, helper, DAY)

    with pytest.raises(RuleBroken) as refused:
        add_member(team, helper, on=DAY, by=admin)
    assert refused.value.field == "on"
    add_member(team, helper, on=DAY + ONE, by=admin)


def test_log_links_only_those_whose_records_the_reader_may_see(team, helper, client_of):
    leader = team.memberships.get(role="leader").volunteer
    Volunteer.objects.filter(pk=leader.pk).update(user=make_user(Role.TEAM_LEADER, township=team.township))
    leader.refresh_from_db()
    log = help_out(team, helper, DAY)
    address = helper.get_absolute_url()

    staff = client_of(make_user(township=team.township)).get(log.get_absolute_url()).content.decode()
    by_leader = client_of(leader.user).get(log.get_absolute_url()).content.decode()

    assert (address in staff, helper.name in staff) == (True, True)
    assert (address in by_leader, helper.name in by_leader) == (False, True)
    assert leader.get_absolute_url() in by_leader
