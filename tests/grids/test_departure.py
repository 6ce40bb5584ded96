"""What becomes of a team when a member's own record changes."""

import copy
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.urls import reverse

from accounts.rights import Role
from common.rules import RuleBroken
from grids.models import Team
from tests.factories import make_log, make_membership, make_team, make_township, make_user, make_village
from volunteers.domain.volunteer import edit_volunteer, leave, suspend
from volunteers.hooks import volunteer_changed, volunteer_changing
from volunteers.models import Volunteer

pytestmark = pytest.mark.django_db
DAY = date(2026, 7, 12)


def change(volunteer, **values):
    """Change the volunteer as ``volunteers.domain`` does: the hooks around the save, in one transaction."""
    with transaction.atomic():
        volunteer_changing.send(sender=Volunteer, volunteer=volunteer)
        before = copy.copy(volunteer)
        for name, value in values.items():
            setattr(volunteer, name, value)
        volunteer.save()
        volunteer_changed.send(sender=Volunteer, before=before, volunteer=volunteer, by=make_user())


def members(team):
    return [membership.volunteer for membership in team.memberships.current().order_by("pk")]


def test_leaving_the_programme_ends_the_membership_and_leaves_a_gap():
    team = make_team(members=3)
    volunteer = members(team)[2]

    change(volunteer, status="left", left_on=DAY)

    team.refresh_from_db()
    assert volunteer.memberships.get().left_on == DAY
    assert (team.state, team.activated_on) == ("forming", None)


def test_volunteers_domain_is_followed():
    team, by = make_team(members=4), make_user(Role.ADMIN)
    first, second, third, fourth = members(team)

    with pytest.raises(RuleBroken):
        edit_volunteer(fourth.pk, {"township": make_township()}, version=0, by=by)
    leave(fourth, on=DAY, reason="搬迁", by=by)
    assert Team.objects.get().state == "active"
    with pytest.raises(RuleBroken):
        edit_volunteer(third.pk, {"primary_skill": first.primary_skill}, version=0, by=by)
    suspend(second, reason="核查", by=by)

    assert Team.objects.get().state == "forming"
    assert members(team) == [first, third]


def test_leaving_a_team_that_still_satisfies_the_rule_leaves_it_active():
    team = make_team(members=5)

    change(members(team)[4], status="left", left_on=DAY)

    assert Team.objects.get().state == "active"
    assert len(members(team)) == 4


def test_suspension_of_the_leader_leaves_the_team_forming():
    team = make_team(members=5)

    change(members(team)[0], status="suspended")

    assert Team.objects.get().state == "forming"
    assert len(members(team)) == 4


@pytest.mark.parametrize("left_on", [DAY - timedelta(days=1), date(2199, 1, 1)], ids=["before a service", "to come"])
def test_leaving_on_an_impossible_day_is_refused(left_on):
    team = make_team(members=3)
    make_log(team=team, on=DAY)

    with pytest.raises(RuleBroken) as caught:
        change(members(team)[2], status="left", left_on=left_on)

    assert caught.value.field == "on"
    assert Volunteer.objects.filter(status="left").count() == 0
    assert len(members(team)) == 3


def test_primary_skill_that_the_team_needs_is_not_changed_away():
    team = make_team(members=3)
    first, second, _ = members(team)

    with pytest.raises(RuleBroken) as caught:
        change(first, primary_skill=second.primary_skill)

    assert caught.value.field == "primary_skill"


def test_primary_skill_changes_where_enough_types_remain():
    team = make_team(members=4)
    first, second, *_ = members(team)

    change(first, primary_skill=second.primary_skill)

    assert Volunteer.objects.get(pk=first.pk).primary_skill == second.primary_skill


def test_township_of_a_member_does_not_change():
    team = make_team(members=4)

    with pytest.raises(RuleBroken) as caught:
        change(members(team)[3], township=make_township())

    assert caught.value.field == "township"


def test_home_village_of_a_member_changes_freely():
    team = make_team(members=3)
    village = make_village(township=team.township)

    change(members(team)[1], village=village)

    assert members(team)[1].village == village


def test_joining_date_does_not_move_past_the_membership():
    team = make_team(members=3)

    with pytest.raises(RuleBroken) as caught:
        change(members(team)[1], joined_on=DAY)

    assert caught.value.field == "joined_on"


def test_former_members_change_freely():
    team = make_team(members=3)
    former = make_membership(team, left_on=DAY).volunteer

    change(former, township=make_township())

    assert Team.objects.get(pk=team.pk).state == "active"


def test_person_is_told_what_became_of_the_team(client_of):
    team = make_team(members=3)
    leader = Volunteer.objects.get(memberships__team=team, memberships__role="leader")

    response = client_of(Role.ADMIN).post(
        reverse("volunteers:suspend", args=[leader.pk]), {"suspend-reason": "住院"}, follow=True
    )

    said = [str(message) for message in response.context["messages"]]
    assert said[0] == f"{leader.name} is now “Suspended”."
    assert said[1].startswith(f"{team} lost this member and is forming again.")
    assert "leader" in said[1]
