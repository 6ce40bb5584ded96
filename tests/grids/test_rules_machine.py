"""The rules of teams hold after any sequence of steps, whichever of them were refused."""

import copy
from datetime import date

import pytest
from django.conf import settings
from django.db import transaction
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from common.rules import RuleBroken
from grids.domain.team import (
    activate_team,
    add_member,
    choose_deputy,
    choose_leader,
    dissolve_team,
    form_team,
    remove_member,
    replace_member,
)
from grids.models import Membership, Team
from tests.factories import make_grid, make_skill_type, make_user, make_village, make_volunteer
from volunteers.hooks import volunteer_changed, volunteer_changing
from volunteers.models import Volunteer

people = st.integers(min_value=0, max_value=11)
grids = st.integers(min_value=0, max_value=1)
days = st.sampled_from([date(2026, 3, day) for day in (1, 5, 9)])
Status = Volunteer.Status


class TeamsMachine(RuleBasedStateMachine):
    """Two grids of a village, twelve people of four skill types, and whatever is done with them."""

    @initialize()
    def begin(self):
        """Make the village in a transaction that is undone at the end."""
        self.undo = transaction.atomic()
        self.undo.__enter__()
        village = make_village()
        self.by = make_user(township=village.township)
        skills = [make_skill_type() for _ in range(4)]
        self.grids = [make_grid(village=village) for _ in range(2)]
        self.people = [make_volunteer(village=village, primary_skill=skills[number % 4]).pk for number in range(12)]
        self.skills = skills
        self.steps = 0

    def teardown(self):
        """Undo everything."""
        if hasattr(self, "undo"):
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    def person(self, number):
        return Volunteer.objects.get(pk=self.people[number])

    def attempt(self, act, grid):
        """Do something to the grid's team, if it has one; a refusal leaves everything as it was."""
        team = self.grids[grid].teams.standing().first()
        if team is not None:
            self.attempt_event(lambda: act(team))

    def attempt_event(self, act):
        before = self.everything()
        try:
            act()
            self.steps += 1
        except RuleBroken:
            assert self.everything() == before

    def everything(self):
        return [list(model.objects.order_by("pk").values()) for model in (Team, Membership, Volunteer)]

    @rule(grid=grids)
    def form(self, grid):
        self.attempt_event(lambda: form_team(self.grids[grid], on=date(2026, 3, 1), by=self.by))

    @rule(grid=grids, numbers=st.lists(people, min_size=3, max_size=6, unique=True))
    def fill(self, grid, numbers):
        """Let several people join, the first as the leader: teams become complete often enough."""
        for position, number in enumerate(numbers):
            self.join(grid, number, "member" if position else "leader", date(2026, 3, 1))

    @rule(grid=grids, number=people, role=st.sampled_from(Membership.Role.values), on=days)
    def join(self, grid, number, role, on):
        self.attempt(lambda team: add_member(team, self.person(number), role=role, on=on, by=self.by), grid)

    @rule(grid=grids, number=people, on=days)
    def remove(self, grid, number, on):
        self.attempt(lambda team: remove_member(team, self.person(number), reason="外出", on=on, by=self.by), grid)

    @rule(grid=grids, out=people, into=people, on=days)
    def replace(self, grid, out, into, on):
        self.attempt(
            lambda team: replace_member(team, self.person(out), self.person(into), reason="轮换", on=on, by=self.by),
            grid,
        )

    @rule(grid=grids, number=people)
    def lead(self, grid, number):
        self.attempt(lambda team: choose_leader(team, self.person(number), by=self.by), grid)

    @rule(grid=grids, number=people)
    def assist(self, grid, number):
        self.attempt(lambda team: choose_deputy(team, self.person(number), by=self.by), grid)

    @rule(grid=grids)
    def activate(self, grid):
        self.attempt(lambda team: activate_team(team, on=date(2026, 3, 9), by=self.by), grid)

    @rule(grid=grids)
    def dissolve(self, grid):
        self.attempt(lambda team: dissolve_team(team, reason="并村", on=date(2026, 3, 9), by=self.by), grid)

    @rule(number=people, status=st.sampled_from([Status.ACTIVE, Status.SUSPENDED, Status.LEFT]), on=days)
    def change_status(self, number, status, on):
        self.change(number, status=status, left_on=on if status == Status.LEFT else None)

    @rule(number=people, skill=st.integers(min_value=0, max_value=3))
    def change_skill(self, number, skill):
        self.change(number, primary_skill=self.skills[skill])

    def change(self, number, **values):
        """Change a volunteer as ``volunteers.domain`` does, with its hooks."""

        def act():
            with transaction.atomic():
                volunteer = self.person(number)
                volunteer_changing.send(sender=Volunteer, volunteer=volunteer)
                before = copy.copy(volunteer)
                for name, value in values.items():
                    setattr(volunteer, name, value)
                volunteer.save()
                volunteer_changed.send(sender=Volunteer, before=before, volunteer=volunteer, by=self.by)

        self.attempt_event(act)

    @invariant()
    def active_teams_satisfy_the_rule(self):
        for team in Team.objects.active():
            members = list(team.memberships.current().select_related("volunteer"))
            assert settings.TEAM_MIN_MEMBERS <= len(members) <= settings.TEAM_MAX_MEMBERS
            assert sum(member.role == "leader" for member in members) == 1
            assert len({member.volunteer.primary_skill_id for member in members}) >= settings.TEAM_MIN_SKILL_TYPES

    @invariant()
    def members_serve_in_one_standing_team_of_their_township(self):
        current = list(Membership.objects.current().select_related("volunteer", "team"))
        assert len({member.volunteer_id for member in current}) == len(current)
        for member in current:
            assert member.volunteer.status == Status.ACTIVE
            assert member.volunteer.township_id == member.team.township_id
            assert member.team.state != Team.State.DISSOLVED

    @invariant()
    def memberships_of_one_person_do_not_overlap(self):
        for number in range(len(getattr(self, "people", ()))):
            last = date.min
            periods = Membership.objects.filter(volunteer=self.people[number]).order_by("joined_on", "pk")
            for joined, left in periods.values_list("joined_on", "left_on"):
                assert joined >= last
                last = left or date.max

    @invariant()
    def a_grid_has_one_standing_team(self):
        standing = list(Team.objects.standing().values_list("grid", flat=True))
        assert len(set(standing)) == len(standing)


TeamsMachine.TestCase.settings = hypothesis_settings(
    max_examples=15, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)


class TestTeamsMachine(TeamsMachine.TestCase, TestCase):
    """Runs the machine within a test's transaction."""


@pytest.mark.django_db
def test_the_machine_reaches_active_teams():
    machine = TeamsMachine()
    machine.begin()
    machine.form(0)
    machine.fill(0, [0, 1, 2])
    machine.activate(0)
    machine.remove(0, 1, date(2026, 3, 9))

    assert machine.steps == 5
    assert Team.objects.get().state == "active"
    machine.change_status(1, Status.LEFT, date(2026, 3, 9))
    assert Team.objects.get().state == "forming"
    machine.teardown()
