"""Moving to another township: the team is left with its consequences shown, the history stays, both offices see it."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.rights import Role
from common.rules import RuleBroken, SavedMeanwhile
from tests.factories import make_log, make_membership, make_team, make_user, make_village, make_volunteer
from volunteers.domain.move import move_township
from volunteers.models import Move, Volunteer

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return make_team(members=3)


@pytest.fixture
def member(team):
    return team.memberships.filter(role="member")[0].volunteer


@pytest.fixture
def staff(team):
    return make_user(Role.TOWNSHIP_STAFF, township=team.township)


@pytest.fixture
def there():
    return make_village(name="新居村")


def moved(volunteer, village, by, **options):
    on = options.pop("on", timezone.localdate())
    return move_township(volunteer, village=village, on=on, reason="嫁到外镇", by=by, **options)


def test_who_moves_leaves_the_team_and_keeps_the_history(team, member, there, staff):
    log = make_log(team=team, on=date(2026, 7, 6))

    done = moved(member, there, staff)

    member.refresh_from_db()
    team.refresh_from_db()
    membership = member.memberships.get()
    assert (member.township, member.village, member.status) == (there.township, there, "active")
    assert (membership.left_on, membership.reason) == (timezone.localdate(), "Moved to another township")
    assert team.state == "forming"
    assert any(team.name in sentence for sentence in done.consequences)
    assert log.participations.get(volunteer=member).team == team
    row = Move.objects.get()
    assert (row.from_township, row.to_township, row.by) == (team.township, there.township, staff)
    assert AuditEntry.objects.filter(event="move_township", actor=staff).exists()


def test_a_move_is_on_no_day_before_the_last_service_with_the_team(team, member, there, staff):
    make_log(team=team, on=date(2026, 7, 6))

    with pytest.raises(RuleBroken) as refused:
        moved(member, there, staff, on=date(2026, 7, 1))

    assert refused.value.field == "on"
    assert not Move.objects.exists()
    assert moved(member, there, staff, on=date(2026, 7, 6)).township == there.township


def test_what_is_no_move_is_refused(team, member, there, staff):
    tomorrow = timezone.localdate() + timedelta(days=1)
    elsewhere = make_user(Role.TOWNSHIP_STAFF)
    for act, field in (
        (lambda: moved(member, make_village(township=team.township), staff), "village"),
        (lambda: moved(member, there, staff, on=tomorrow), "on"),
        (lambda: moved(member, there, staff, on=date(2019, 1, 1)), "on"),
        (lambda: moved(member, there, elsewhere), "village"),
        (lambda: moved(make_volunteer(status="left", left_on=date(2024, 1, 1)), there, make_user(Role.ADMIN)), None),
    ):
        with pytest.raises(RuleBroken) as refused:
            act()
        assert refused.value.field == field
    assert not Move.objects.exists()


def test_a_record_saved_meanwhile_does_not_move(member, there, staff):
    Volunteer.objects.filter(pk=member.pk).update(version=5)

    with pytest.raises(SavedMeanwhile):
        moved(member, there, staff, version=4)


def test_an_account_of_the_old_township_stays_there(team, member, there, staff):
    account = make_user(Role.TEAM_LEADER, township=team.township)
    Volunteer.objects.filter(pk=member.pk).update(user=account)

    done = moved(member, there, staff)

    assert done.user is None
    assert any(account.username in sentence for sentence in done.consequences)


def test_who_came_back_moves_again_but_not_before(member, there, staff):
    home = member.village
    moved(member, there, staff)
    back = make_user(Role.TOWNSHIP_STAFF, township=there.township)

    with pytest.raises(RuleBroken):
        moved(member, home, back, on=timezone.localdate() - timedelta(days=3))
    assert moved(member, home, back).township == home.township


def test_the_page_shows_what_follows_and_hands_the_record_over(team, member, there, client_of):
    client = client_of(Role.TOWNSHIP_STAFF, township=team.township)
    address = reverse("volunteers:move", args=[member.pk])
    entries = {"village": there.pk, "on": str(timezone.localdate()), "reason": "嫁到外镇", "version": 0}

    assert team.name in client.get(address).content.decode()
    refused = client.post(address, entries | {"village": member.village_id})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["village"])
    assert client.post(address, entries).url == reverse("volunteers:list")
    assert client.get(member.get_absolute_url()).status_code == 404
    page = client.get(reverse("volunteers:move_list")).content.decode()
    assert (member.number in page, member.get_absolute_url() in page) == (True, False)
    new = client_of(Role.TOWNSHIP_STAFF, township=there.township)
    assert member.get_absolute_url() in new.get(reverse("volunteers:move_list")).content.decode()
    assert "嫁到外镇" in new.get(member.get_absolute_url()).content.decode()


def test_moves_of_others_are_none_of_a_townships_business(member, there, staff, client_of):
    moved(member, there, staff)

    page = client_of(Role.TOWNSHIP_STAFF).get(reverse("volunteers:move_list")).content.decode()

    assert member.number not in page


def test_an_applicant_at_the_wrong_place_moves_without_a_team(there):
    applicant = make_volunteer(status="applied", endorsed_on=date(2026, 7, 1), endorsed_by=make_user(Role.ADMIN))
    staff = make_user(Role.TOWNSHIP_STAFF, township=applicant.township)

    assert moved(applicant, there, staff).township == there.township
    applicant.refresh_from_db()
    assert applicant.status == "applied"
    assert (applicant.endorsed_on, applicant.endorsed_by) == (None, None)  # the new township has its own word


def test_the_new_township_takes_them_into_a_team(team, member, there, staff):
    moved(member, there, staff)
    new = make_team(township=there.township, members=0)

    make_membership(new, Volunteer.objects.get(pk=member.pk), joined_on=timezone.localdate())
    assert member.memberships.count() == 2
