"""A proposal is accepted: teams are formed and changed in one step, and what has changed since is refused by name."""

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from common.rules import RuleBroken
from grids.domain import acceptance
from grids.domain.acceptance import accept_composition
from grids.domain.composition_change import move_person, propose_leader, swap_people
from grids.domain.grid import retire_grid
from grids.domain.team import add_member, choose_leader, form_team, remove_member
from grids.models import Composition, Membership, Team
from services.models import MonthlyReport
from tests.factories import (
    make_composition,
    make_grid,
    make_membership,
    make_skill_type,
    make_team,
    make_user,
    make_village,
    make_volunteer,
)
from volunteers.domain.volunteer import suspend

pytestmark = pytest.mark.django_db


def accept(composition, **options):
    """Accept as the page does, having seen how it stands now."""
    composition.refresh_from_db()
    return accept_composition(composition, version=composition.version, **({"by": composition.by} | options))


def members_of(team):
    return set(team.memberships.current().values_list("volunteer", flat=True))


def bare_grid(**fields):
    """Make a grid without a team, with three free volunteers in its village."""
    grid = make_grid(**fields)
    return grid, [make_volunteer(village=grid.village) for _ in range(3)]


@pytest.fixture
def two():
    """Return a proposal for a township with two active teams of four."""
    first = make_team(members=4)
    second = make_team(members=4, grid=make_grid(village=first.grid.village))
    composition = make_composition(first.township)
    return composition, first, second


def seat_of(composition, volunteer):
    return composition.parts.get().seats.get(volunteer=volunteer)


def test_team_is_formed_led_and_active_from_today_and_its_month_is_open():
    grid, people = bare_grid()
    composition = make_composition(grid, mode="propose")

    outcome = accept(composition)

    team = Team.objects.get(grid=grid)
    today = timezone.localdate()
    assert (outcome.teams, outcome.refused) == (1, [])
    assert (team.state, team.formed_on, team.activated_on) == ("active", today, today)
    assert members_of(team) == {person.pk for person in people}
    leader = composition.parts.get().seats.get(is_leader=True).volunteer_id
    assert team.memberships.get(role="leader").volunteer_id == leader
    assert set(team.memberships.values_list("joined_on", flat=True)) == {today}
    assert MonthlyReport.objects.filter(team=team, month=today.replace(day=1)).count() == 1
    composition.refresh_from_db()
    assert composition.state == "accepted"
    assert composition.parts.get().teams.get().accepted_by == composition.by
    # A leader who is chosen, and the team that is activated, are part of the same event.
    assert set(AuditEntry.objects.filter(content_type__model="membership").values_list("event", flat=True)) == {
        "accept_composition"
    }


def test_forming_team_keeps_its_members_and_is_activated():
    village = make_village()
    team = make_team(members=0, grid=make_grid(village=village))
    there = [make_membership(team, role=role).volunteer_id for role in ("leader", "member")]
    make_volunteer(village=village)
    composition = make_composition(team.grid)

    accept(composition)

    team.refresh_from_db()
    assert team.state == "active"
    assert members_of(team) > set(there)
    assert team.memberships.current().filter(pk__in=Membership.objects.filter(volunteer__in=there)).count() == 2


def test_best_partial_plan_forms_a_team_that_is_still_forming():
    grid = make_grid()
    make_volunteer(village=grid.village)
    make_volunteer(village=grid.village)
    composition = make_composition(grid, mode="propose")
    part = composition.parts.get()
    if not part.changed:  # whoever cannot complete the team is left free: the officer puts them there
        move_person(composition, part.seats.first().pk, grid.pk, by=composition.by)

    accept(composition)

    assert Team.objects.get(grid=grid).state == "forming"


def test_forming_team_takes_no_more_than_a_team_may_have(settings):
    settings.TEAM_MAX_MEMBERS = 3
    grid, _people = bare_grid()
    extra = make_volunteer(village=grid.village)
    composition = make_composition(grid, mode="propose")
    for seat in composition.parts.get().seats.filter(grid=None):
        move_person(composition, seat.pk, grid.pk, by=composition.by)
    assert seat_of(composition, extra).grid == grid

    with pytest.raises(RuleBroken, match="at most 3 members"):
        accept(composition)

    assert not Team.objects.exists()


def test_exchange_between_active_teams_holds_at_the_end_though_not_in_between():
    """Each team has just enough: with one member less, in between, neither would satisfy the rule."""
    first = make_team(members=3)
    second = make_team(members=3, grid=make_grid(village=first.grid.village))
    composition = make_composition(first.township)
    one, other = (team.memberships.filter(role="member").first().volunteer for team in (first, second))
    swap_people(composition, seat_of(composition, one).pk, seat_of(composition, other).pk, by=composition.by)

    outcome = accept(composition)

    assert outcome.teams == 2
    assert (one.pk in members_of(second), other.pk in members_of(first)) == (True, True)
    former = Membership.objects.get(team=first, volunteer=one)
    assert (former.left_on, former.reason) == (timezone.localdate(), "Teams were composed anew")


def test_leaders_who_change_places_lead_where_they_come():
    first = make_team(members=3)
    second = make_team(members=3, grid=make_grid(village=first.grid.village))
    composition = make_composition(first.township)
    one, other = (team.memberships.get(role="leader").volunteer for team in (first, second))
    swap_people(composition, seat_of(composition, one).pk, seat_of(composition, other).pk, by=composition.by)

    accept(composition)

    assert second.memberships.current().get(role="leader").volunteer == one
    assert first.memberships.current().get(role="leader").volunteer == other


def test_chain_over_three_teams_is_accepted_together_when_one_of_them_is_chosen():
    first = make_team(members=4)
    teams = [first, *(make_team(members=4, grid=make_grid(village=first.grid.village)) for _ in range(3))]
    composition = make_composition(first.township)
    people = [team.memberships.filter(role="member").first().volunteer for team in teams]
    for person, team in zip(people[:3], [*teams[1:3], teams[0]], strict=True):
        move_person(composition, seat_of(composition, person).pk, team.grid_id, by=composition.by)
    propose_leader(composition, seat_of(composition, people[3]).pk, by=composition.by)

    outcome = accept(composition, team=composition.parts.get().teams.get(grid=teams[1].grid))

    assert outcome.teams == 3
    assert [person.pk in members_of(team) for person, team in zip(people, [*teams[1:3], teams[0]], strict=False)] == [
        True
    ] * 3
    composition.refresh_from_db()
    part = composition.parts.get()
    assert (composition.state, part.changed, part.accepted) == ("partly", 1, 3)
    assert teams[3].memberships.get(role="leader").volunteer != people[3]


def test_active_team_that_would_break_the_rule_is_refused_whole(two):
    composition, first, second = two
    before = (members_of(first), members_of(second))
    for membership in first.memberships.filter(role="member")[:2]:
        move_person(composition, seat_of(composition, membership.volunteer).pk, second.grid_id, by=composition.by)

    with pytest.raises(RuleBroken, match="Nothing has been changed") as refused:
        accept(composition)

    assert "1 member is missing" in refused.value.message
    assert (members_of(first), members_of(second)) == before
    assert AuditEntry.objects.filter(event="accept_composition").count() == 0


# --- What has changed since -------------------------------------------------------------------------------


def joined_elsewhere(grid, people, by):
    team = make_team(members=3, grid=make_grid(village=grid.village))
    add_member(team, people[0], by=by)
    return f"{people[0].name} has joined {team}"


def was_suspended(grid, people, by):
    suspend(people[0], reason="调查", by=by)
    return people[0].name


def grid_was_retired(grid, people, by):
    retire_grid(grid, by=by)
    return f"{grid} has been retired"


def team_was_formed(grid, people, by):
    form_team(grid, by=by)
    return f"{grid} has another team"


@pytest.mark.parametrize("meanwhile", [joined_elsewhere, was_suspended, grid_was_retired, team_was_formed])
def test_what_changed_meanwhile_is_refused_by_name(meanwhile):
    grid, people = bare_grid()
    composition = make_composition(grid, mode="propose")
    words = meanwhile(grid, people, make_user())
    teams = Team.objects.count()

    with pytest.raises(RuleBroken) as refused:
        accept(composition)

    assert words in refused.value.message
    assert Team.objects.count() == teams
    assert Membership.objects.filter(team__grid=grid).count() == 0
    assert AuditEntry.objects.filter(event="accept_composition").count() == 0


def joined(team, by):
    newcomer = make_volunteer(village=team.grid.village)
    add_member(team, newcomer, by=by)
    return f"{newcomer.name} has joined {team} since"


def left(team, by):
    member = team.memberships.filter(role="member").last().volunteer
    remove_member(team, member, reason="外出", by=by)
    return f"{member.name} is no longer in {team}"


def was_led_by_another(team, by):
    choose_leader(team, team.memberships.filter(role="member").last().volunteer, by=by)
    return f"{team} has another leader since"


@pytest.mark.parametrize("meanwhile", [joined, left, was_led_by_another])
def test_team_that_changed_meanwhile_is_refused_by_name(two, meanwhile):
    composition, first, second = two
    one, other = (team.memberships.filter(role="member").first().volunteer for team in (first, second))
    swap_people(composition, seat_of(composition, one).pk, seat_of(composition, other).pk, by=composition.by)
    words = meanwhile(second, make_user())
    before = (members_of(first), members_of(second))

    with pytest.raises(RuleBroken) as refused:
        accept(composition)

    assert words in refused.value.message
    assert "Solve again" in refused.value.message
    assert (members_of(first), members_of(second)) == before


def test_rest_is_accepted_only_if_the_officer_chooses_so():
    good, people = bare_grid()
    bad, others = bare_grid(village=make_village(township=good.village.township))
    composition = make_composition(good.village.township, mode="propose")
    retire_grid(bad, by=make_user())

    with pytest.raises(RuleBroken, match="accept what still stands") as refused:
        accept(composition)
    assert (refused.value.code, Team.objects.count()) == ("changed", 0)

    outcome = accept(composition, only_standing=True)

    assert outcome.teams == 1
    assert [f"{bad} has been retired" in words for words in outcome.refused] == [True]
    assert members_of(Team.objects.get()) == {person.pk for person in people}
    composition.refresh_from_db()
    assert composition.state == "partly"
    assert not Membership.objects.filter(volunteer__in=others).exists()


def test_nothing_that_still_stands_is_refused_as_well():
    grid, _people = bare_grid()
    composition = make_composition(grid, mode="propose")
    retire_grid(grid, by=make_user())

    with pytest.raises(RuleBroken, match="has been retired"):
        accept(composition, only_standing=True)


def test_proposal_that_was_changed_after_the_page_was_opened_is_looked_at_again(two):
    composition, first, second = two
    seen = composition.version
    member = first.memberships.filter(role="member").first().volunteer
    move_person(composition, seat_of(composition, member).pk, second.grid_id, by=make_user())

    with pytest.raises(RuleBroken, match="changed after you opened"):
        accept_composition(composition, version=seen, by=composition.by)
    assert member.pk in members_of(first)


def test_accepted_twice_is_done_once():
    grid, _people = bare_grid()
    composition = make_composition(grid, mode="propose")
    accept(composition)

    with pytest.raises(RuleBroken, match="settled"):
        accept(composition)
    assert Team.objects.filter(grid=grid).count() == 1


def test_nothing_to_accept_is_said(two):
    composition, *_ = two
    with pytest.raises(RuleBroken, match="nothing to accept"):
        accept(composition)


def test_too_many_at_once_are_refused(monkeypatch):
    grid, _people = bare_grid()
    composition = make_composition(grid, mode="propose")
    monkeypatch.setattr(acceptance, "MOST_JOINING", 2)

    with pytest.raises(RuleBroken, match="township by township"):
        accept(composition)
    assert Team.objects.count() == 0


def test_one_township_of_the_city_is_accepted_alone():
    here, _people = bare_grid()
    there, _others = bare_grid()
    composition = make_composition(None, mode="propose")

    accept(composition, part=composition.parts.get(township=here.village.township))

    assert [team.grid for team in Team.objects.all()] == [here]
    assert Composition.objects.get().state == "partly"
    accept(composition)
    assert Team.objects.filter(grid=there).exists()
    assert Composition.objects.get().state == "accepted"


def test_raised_number_of_skill_types_holds_where_teams_are_accepted(two):
    """A township that asks for more types than a team has does not let the exchange make it worse."""
    composition, first, second = two
    same = make_skill_type()
    one, other = (team.memberships.filter(role="member").first().volunteer for team in (first, second))
    for team in (first, second):
        for membership in team.memberships.exclude(role="leader").select_related("volunteer"):
            type(one).objects.filter(pk=membership.volunteer_id).update(primary_skill=same)
    swap_people(composition, seat_of(composition, one).pk, seat_of(composition, other).pk, by=composition.by)

    with pytest.raises(RuleBroken, match="skill type"):
        accept(composition)
