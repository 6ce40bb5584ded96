"""What may happen to a team, and what is refused with the reason."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import AuditEntry
from common.rules import RuleBroken, SavedMeanwhile
from grids.domain.team import (
    activate_team,
    add_member,
    choose_deputy,
    choose_leader,
    dissolve_team,
    form_team,
    make_member,
    missing_for_activation,
    remove_member,
    rename_team,
    replace_member,
)
from grids.models import Membership, Team
from tests.factories import make_grid, make_log, make_membership, make_skill_type, make_team, make_user, make_volunteer

pytestmark = pytest.mark.django_db
DAY = date(2026, 7, 12)


@pytest.fixture
def by():
    return make_user()


def member_at(team, position):
    """Return the volunteer at ``position``; the leader is the first."""
    return team.memberships.current().order_by("pk")[position].volunteer


def newcomer(team, **fields):
    return make_volunteer(village=team.grid.village, **fields)


def refused(act):
    """Return the message and the field with which ``act`` is refused."""
    with pytest.raises(RuleBroken) as caught:
        act()
    return caught.value.message, caught.value.field


# --- Forming ------------------------------------------------------------------------------------------


def test_form_team_names_it_after_its_grid(by):
    grid = make_grid()

    team = form_team(grid, by=by)

    assert team.state == "forming"
    assert team.township == grid.village.township
    assert str(grid) in team.name
    assert team.formed_on == timezone.localdate()


def test_form_team_refuses_a_grid_with_a_team(by):
    message, _ = refused(lambda: form_team(make_team().grid, by=by))

    assert "already" in message or "已" in message
    assert Team.objects.count() == 1


def test_form_team_refuses_a_retired_grid(by):
    refused(lambda: form_team(make_grid(is_retired=True), by=by))

    assert Team.objects.count() == 0


def test_form_team_not_before_the_former_one_was_dissolved(by):
    former = make_team(members=0)
    dissolve_team(former, reason="搬迁", by=by, on=DAY)

    _, field = refused(lambda: form_team(former.grid, by=by, on=DAY - timedelta(days=1)))

    assert field == "on"
    assert form_team(former.grid, by=by, on=DAY).formed_on == DAY


def test_form_team_refuses_tomorrow(by):
    _, field = refused(lambda: form_team(make_grid(), by=by, on=timezone.localdate() + timedelta(days=1)))

    assert field == "on"


def test_rename_team_refuses_an_old_version(by):
    team = make_team()
    rename_team(team, name="红旗服务队", version=0, by=by)

    with pytest.raises(SavedMeanwhile):
        rename_team(team, name="东方服务队", version=0, by=by)

    assert Team.objects.get().name == "红旗服务队"


# --- Joining ------------------------------------------------------------------------------------------


def test_add_member_joins_today_and_is_in_the_trail(by):
    team = make_team()
    volunteer = newcomer(team)

    membership = add_member(team, volunteer, by=by)

    assert (membership.team, membership.role, membership.joined_on) == (team, "member", timezone.localdate())
    entry = AuditEntry.objects.get(event="add_member", object_id=membership.pk)
    assert entry.actor == by


def test_add_member_refuses_the_eleventh(by):
    team = make_team(members=10)

    _, field = refused(lambda: add_member(team, newcomer(team), by=by))

    assert field == "volunteer"
    assert team.memberships.count() == 10


def test_add_member_refuses_the_eleventh_of_a_forming_team_too(by):
    team = make_team(members=10, state="forming")

    refused(lambda: add_member(team, newcomer(team), by=by))

    assert team.memberships.count() == 10


def test_add_member_refuses_another_township(by):
    _, field = refused(lambda: add_member(make_team(), make_volunteer(), by=by))

    assert field == "volunteer"


@pytest.mark.parametrize("status", ["applied", "suspended", "rejected"])
def test_add_member_refuses_who_is_not_active(by, status):
    team = make_team()

    _, field = refused(lambda: add_member(team, newcomer(team, status=status), by=by))

    assert field == "volunteer"


def test_add_member_refuses_a_member_of_another_team_and_names_it(by):
    first = make_team()
    second = make_team(grid=make_grid(village=first.grid.village))

    message, _ = refused(lambda: add_member(second, member_at(first, 1), by=by))

    assert first.name in message


def test_add_member_refuses_a_second_leader(by):
    team = make_team()

    _, field = refused(lambda: add_member(team, newcomer(team), role="leader", by=by))

    assert field == "role"


@pytest.mark.parametrize(
    ("formed", "joined"), [(DAY, date(2020, 1, 1)), (date(2020, 1, 1), DAY)], ids=["team formed", "volunteer joined"]
)
def test_add_member_not_before_team_or_volunteer_were_there(by, formed, joined):
    team = make_team(members=0, formed_on=formed)
    volunteer = newcomer(team, joined_on=joined)

    _, field = refused(lambda: add_member(team, volunteer, on=DAY - timedelta(days=1), by=by))

    assert field == "on"
    assert add_member(team, volunteer, on=DAY, by=by).joined_on == DAY


def test_add_member_not_into_an_earlier_membership(by):
    team = make_team(members=0)
    volunteer = newcomer(team)
    make_membership(team, volunteer, left_on=DAY)

    _, field = refused(lambda: add_member(team, volunteer, on=DAY - timedelta(days=1), by=by))

    assert field == "on"
    assert add_member(team, volunteer, on=DAY, by=by).joined_on == DAY


# --- Leaving and replacing ----------------------------------------------------------------------------


def test_remove_member_ends_the_membership_with_its_reason(by):
    team = make_team(members=4)

    ended = remove_member(team, member_at(team, 3), reason="外出务工", on=DAY, by=by)

    assert (ended.left_on, ended.reason) == (DAY, "外出务工")
    assert team.memberships.current().count() == 3


def test_remove_member_refuses_to_leave_an_active_team_with_two(by):
    team = make_team(members=3)

    refused(lambda: remove_member(team, member_at(team, 2), reason="外出", by=by))

    assert team.memberships.current().count() == 3


def test_remove_member_refuses_to_leave_an_active_team_without_leader(by):
    team = make_team(members=4)

    refused(lambda: remove_member(team, member_at(team, 0), reason="外出", by=by))

    assert team.memberships.current().count() == 4


def test_remove_member_refuses_to_leave_too_few_skill_types(by):
    team = make_team(members=3)
    make_membership(team, newcomer(team, primary_skill=member_at(team, 0).primary_skill))

    refused(lambda: remove_member(team, member_at(team, 1), reason="外出", by=by))

    assert team.memberships.current().count() == 4


def test_remove_member_empties_a_forming_team(by):
    team = make_team(members=1, state="forming")

    remove_member(team, member_at(team, 0), reason="外出", by=by)

    assert team.memberships.current().count() == 0


def test_remove_member_not_before_a_service_with_the_team(by):
    team = make_team(members=4)
    make_log(team=team, on=DAY)

    _, field = refused(
        lambda: remove_member(team, member_at(team, 3), reason="外出", on=DAY - timedelta(days=1), by=by)
    )

    assert field == "on"
    assert remove_member(team, member_at(team, 3), reason="外出", on=DAY, by=by).left_on == DAY


def test_remove_member_not_before_joining(by):
    team = make_team(members=3)
    make_membership(team, newcomer(team), joined_on=DAY)

    _, field = refused(
        lambda: remove_member(team, member_at(team, 3), reason="外出", on=DAY - timedelta(days=1), by=by)
    )

    assert field == "on"


def test_remove_member_refuses_who_left_already(by):
    team = make_team(members=5)
    volunteer = member_at(team, 4)
    remove_member(team, volunteer, reason="外出", by=by)

    refused(lambda: remove_member(team, volunteer, reason="外出", by=by))


def test_replace_member_keeps_the_role_and_is_one_event(by):
    team = make_team(members=3)
    leader, incoming = member_at(team, 0), newcomer(team)

    joined = replace_member(team, leader, incoming, reason="轮换", on=DAY, by=by)

    assert (joined.volunteer, joined.role, joined.joined_on) == (incoming, "leader", DAY)
    assert Membership.objects.get(volunteer=leader).left_on == DAY
    entries = AuditEntry.objects.filter(content_type__model="membership", actor=by)
    assert list(entries.values_list("event", flat=True)) == ["replace_member", "replace_member"]


def test_replace_member_works_in_a_full_team(by):
    team = make_team(members=10)

    replace_member(team, member_at(team, 9), newcomer(team), reason="轮换", by=by)

    assert team.memberships.current().count() == 10


def test_replace_member_refuses_too_few_skill_types_and_undoes_both_halves(by):
    team = make_team(members=3)
    outgoing = member_at(team, 2)
    incoming = newcomer(team, primary_skill=member_at(team, 0).primary_skill)

    _, field = refused(lambda: replace_member(team, outgoing, incoming, reason="轮换", by=by))

    assert field == "volunteer"
    assert Membership.objects.get(volunteer=outgoing).left_on is None
    assert not Membership.objects.filter(volunteer=incoming).exists()


def test_replace_member_refuses_the_same_person(by):
    team = make_team()

    refused(lambda: replace_member(team, member_at(team, 1), member_at(team, 1), reason="轮换", by=by))

    assert team.memberships.count() == 3


# --- Roles --------------------------------------------------------------------------------------------


def test_choose_leader_exchanges_the_roles(by):
    team = make_team()
    choose_deputy(team, member_at(team, 1), by=by)

    choose_leader(team, member_at(team, 1), by=by)

    assert list(team.memberships.order_by("pk").values_list("role", flat=True)) == ["deputy", "leader", "member"]


def test_choose_deputy_refuses_the_leader(by):
    team = make_team()

    refused(lambda: choose_deputy(team, member_at(team, 0), by=by))

    assert team.memberships.get(role="leader").volunteer == member_at(team, 0)


def test_make_member_takes_the_deputy_back(by):
    team = make_team()
    choose_deputy(team, member_at(team, 1), by=by)

    assert make_member(team, member_at(team, 1), by=by).role == "member"


# --- Activating and dissolving ------------------------------------------------------------------------


def test_activate_team_that_satisfies_the_rule(by):
    team = make_team(state="forming", activated_on=None)

    activated = activate_team(team, on=DAY, by=by)

    assert (activated.state, activated.activated_on) == ("active", DAY)


@pytest.mark.parametrize("members", [0, 1, 2])
def test_activate_team_refuses_too_few(by, members):
    team = make_team(members=members, state="forming")

    refused(lambda: activate_team(team, by=by))

    assert Team.objects.get().state == "forming"


def test_activate_team_refuses_without_leader(by):
    team = make_team(state="forming")
    team.memberships.update(role="member")

    refused(lambda: activate_team(team, by=by))


def test_activate_team_refuses_two_skill_types(by):
    team = make_team(state="forming", members=2)
    make_membership(team, newcomer(team, primary_skill=member_at(team, 0).primary_skill))

    refused(lambda: activate_team(team, by=by))


def test_activate_team_follows_the_setting_of_skill_types(by, settings):
    settings.TEAM_MIN_SKILL_TYPES = 1
    team, skill = make_team(members=0), make_skill_type()
    for position in range(3):
        make_membership(team, newcomer(team, primary_skill=skill), role="member" if position else "leader")

    assert activate_team(team, by=by).state == "active"


def test_activate_team_not_before_it_was_formed(by):
    team = make_team(state="forming", formed_on=DAY)

    _, field = refused(lambda: activate_team(team, on=DAY - timedelta(days=1), by=by))

    assert field == "on"


def test_missing_for_activation_names_each_part():
    team = make_team(members=0)

    assert len(missing_for_activation(list(team.memberships.all()), 3)) == 3
    assert missing_for_activation(list(make_team().memberships.select_related("volunteer")), 3) == []


def test_dissolve_team_ends_all_memberships(by):
    team = make_team(members=5)

    dissolved = dissolve_team(team, reason="并村", on=DAY, by=by)

    assert (dissolved.state, dissolved.dissolved_on) == ("dissolved", DAY)
    assert set(team.memberships.values_list("left_on", "reason")) == {(DAY, "并村")}


def test_dissolved_team_does_not_change(by):
    team = make_team()
    volunteer, free = member_at(team, 1), newcomer(team)
    dissolve_team(team, reason="并村", by=by)

    for act in (
        lambda: add_member(team, free, by=by),
        lambda: remove_member(team, volunteer, reason="x", by=by),
        lambda: replace_member(team, volunteer, free, reason="x", by=by),
        lambda: choose_leader(team, volunteer, by=by),
        lambda: activate_team(team, by=by),
        lambda: dissolve_team(team, reason="x", by=by),
        lambda: rename_team(team, name="x", by=by),
    ):
        refused(act)


# --- The database ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("joined", "left"),
    [
        (date(2026, 7, 1), None),
        (date(2026, 3, 31), date(2026, 5, 1)),
        (date(2026, 6, 30), date(2026, 8, 1)),
        (date(2026, 5, 1), date(2026, 5, 2)),
        (date(2026, 1, 1), None),
    ],
)
def test_overlapping_memberships_are_refused_by_the_database(joined, left):
    team = make_team(members=0)
    volunteer = newcomer(team)
    make_membership(team, volunteer, joined_on=date(2026, 4, 1), left_on=date(2026, 7, 2))

    with pytest.raises(IntegrityError, match="membership_no_overlap"), transaction.atomic():
        make_membership(team, volunteer, joined_on=joined, left_on=left)


@pytest.mark.parametrize(
    ("joined", "left"),
    [
        (date(2026, 7, 2), None),
        (date(2026, 3, 1), date(2026, 4, 1)),
        (date(2026, 5, 1), date(2026, 5, 1)),
    ],
    ids=["from the day of leaving on", "to the day of joining", "of no length"],
)
def test_touching_memberships_are_taken_by_the_database(joined, left):
    team = make_team(members=0)
    volunteer = newcomer(team)
    make_membership(team, volunteer, joined_on=date(2026, 4, 1), left_on=date(2026, 7, 2))

    make_membership(team, volunteer, joined_on=joined, left_on=left)

    assert volunteer.memberships.count() == 2


def test_membership_moved_over_another_is_refused_by_the_database():
    team = make_team(members=0)
    volunteer = newcomer(team)
    make_membership(team, volunteer, joined_on=date(2026, 4, 1), left_on=date(2026, 7, 2))
    later = make_membership(team, volunteer, joined_on=date(2026, 7, 2))

    with pytest.raises(IntegrityError, match="membership_no_overlap"), transaction.atomic():
        Membership.objects.filter(pk=later.pk).update(joined_on=date(2026, 7, 1))


def test_members_on_a_day_include_who_moved_that_day():
    team = make_team(members=0)
    first, second = newcomer(team), newcomer(team)
    make_membership(team, first, left_on=DAY)
    make_membership(team, second, joined_on=DAY)

    def on(day):
        return {membership.volunteer for membership in team.memberships.on(day)}

    assert on(DAY - timedelta(days=1)) == {first}
    assert on(DAY) == {first, second}
    assert on(DAY + timedelta(days=1)) == {second}
