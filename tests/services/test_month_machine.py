"""A month under any sequence of steps: recorded, edited, withdrawn, submitted, read, returned, reopened, corrected.

Meanwhile people leave, pause, come back, change teams, and turn out to have joined on another day.

Every invariant is asked of the database after every step, whether the step was taken or refused.
"""

from contextlib import suppress
from datetime import date, time, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from accounts.rights import Role
from common.clean import moment
from common.rules import RuleBroken
from grids.domain.team import add_member, remove_member
from grids.models import Membership
from services.domain.correction import ask_change, ask_strike, grant_correction, refuse_correction
from services.domain.flag import answer_flag
from services.domain.log import edit_service, record_service, withdraw_service
from services.domain.report import read_month, read_plain_months, reopen_month, return_month, submit_month
from services.invariants import invariants
from services.models import Correction, LogFlag, MonthlyReport, ServiceCategory, ServiceLog
from tests.factories import make_category, make_team, make_township, make_user, make_volunteer
from volunteers.domain.volunteer import edit_volunteer, leave, reinstate, suspend
from volunteers.models import Volunteer

DAYS = st.dates(date(2026, 6, 29), date(2026, 7, 2))
HOURS = st.integers(6, 13)
MINUTES = st.sampled_from([30, 60, 600])
EITHERS = (0, 1)
EITHER = st.sampled_from(EITHERS)
ANY = st.integers(0, 30)
# One member of each team, and two who are in none.
PERSON = st.sampled_from([0, 3, 6, 7])


def noon(day):
    """Let it be noon of the day."""
    return time_machine.travel(moment(day, time(12)), tick=False)


class MonthMachine(RuleBasedStateMachine):
    """Two teams of one township with two months each, two people in no team, their staff, and two reviewers."""

    def __init__(self):
        super().__init__()
        self.sandbox = transaction.atomic()
        self.sandbox.__enter__()
        township = make_township()
        self.teams = [make_team(township=township) for _ in EITHERS]
        members = Membership.objects.filter(team__in=self.teams).order_by("pk")
        free = [make_volunteer(village=self.teams[0].grid.village).pk for _ in EITHERS]
        self.people = [*members.values_list("volunteer", flat=True), *free]
        self.staff = make_user(township=township)
        self.last = {}
        self.reviewers = [make_user(Role.REVIEWER), make_user(Role.REVIEWER)]
        self.category = ServiceCategory.objects.first() or make_category()

    @initialize()
    def serve_once_each_month(self):
        """Let no month be empty from the start, and one be read: what is reopened or corrected then counts."""
        for team in EITHERS:
            for day in (date(2026, 6, 29), date(2026, 7, 2)):
                entry = self._entry(team, day, 5, 60, helper=None)
                record_service(key=uuid4(), team=self.teams[team], by=self.staff, **entry)
        june = MonthlyReport.objects.get(team=self.teams[0], month=date(2026, 6, 1))
        read_month(submit_month(june, by=self.staff), by=self.reviewers[1])

    def teardown(self):
        transaction.set_rollback(True)
        self.sandbox.__exit__(None, None, None)

    def _report(self, place, step):
        """Return a month that the step may be taken from: the table of states has its own test."""
        reports = MonthlyReport.objects.filter(team__in=self.teams).order_by("pk")
        reports = [report for report in reports if report.allows(step)]
        return reports[place % len(reports)] if reports else None

    def _log(self, place):
        logs = list(ServiceLog.objects.standing().filter(team__in=self.teams).order_by("pk"))
        return logs[place % len(logs)] if logs else None

    def _entry(self, team, day, hour, minutes, *, helper):
        starts_at = moment(day, time(hour))
        there = set(Membership.objects.on(day).filter(team=self.teams[team]).values_list("volunteer", flat=True))
        people = {*there, *([helper] if helper else [])}
        return {
            "date": day,
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(minutes=minutes),
            "category": self.category,
            "recipient": "王阿婆",
            "content": "打扫院子",
            "participants": dict.fromkeys(people),
        }

    @rule(team=EITHER, day=DAYS, hour=HOURS, minutes=MINUTES, helper=PERSON, by_reviewer=st.booleans())
    def record(self, team, day, hour, minutes, helper, by_reviewer):
        by = self.reviewers[0] if by_reviewer else self.staff
        helper = self.people[helper]
        with suppress(RuleBroken):
            record_service(
                key=uuid4(), team=self.teams[team], by=by, **self._entry(team, day, hour, minutes, helper=helper)
            )

    @rule(place=ANY, day=DAYS, hour=HOURS, minutes=MINUTES)
    def edit(self, place, day, hour, minutes):
        log = self._log(place)
        if log is None:
            return
        team = self.teams.index(log.team)
        with suppress(RuleBroken):
            edit_service(log, version=log.version, by=self.staff, **self._entry(team, day, hour, minutes, helper=None))

    @rule(place=ANY)
    def withdraw(self, place):
        with suppress(RuleBroken):
            if log := self._log(place):
                withdraw_service(log, reason="记错了", by=self.staff)

    @rule(place=ANY)
    def submit(self, place):
        with suppress(RuleBroken):
            if report := self._report(place, "submit"):
                submit_month(report, nil_confirmed=True, by=self.staff)

    @rule(place=ANY, reviewer=EITHER)
    def read(self, place, reviewer):
        with suppress(RuleBroken):
            if report := self._report(place, "read"):
                read_month(report, by=self.reviewers[reviewer])

    @rule(reviewer=EITHER)
    def read_plain(self, reviewer):
        read_plain_months(MonthlyReport.objects.filter(team__in=self.teams), by=self.reviewers[reviewer])

    @rule(place=ANY)
    def give_back(self, place):
        with suppress(RuleBroken):
            if report := self._report(place, "return"):
                return_month(report, remark="请核对", by=self.reviewers[1])

    @rule(place=ANY)
    def reopen(self, place):
        with suppress(RuleBroken):
            if report := self._report(place, "reopen"):
                reopen_month(report, reason="漏记", by=self.reviewers[1])

    def _read_log(self, place):
        """Return a standing log of a read month: whether it stands by itself or in place of another."""
        logs = ServiceLog.objects.standing().filter(team__in=self.teams, report__state=MonthlyReport.State.READ)
        logs = list(logs.order_by("pk"))
        return logs[place % len(logs)] if logs else None

    @rule(place=ANY, later=st.integers(0, 1), hour=HOURS, minutes=MINUTES, grants=st.booleans())
    def correct(self, place, later, hour, minutes, grants):
        log = self._read_log(place)
        if log is None:
            return
        day = log.date + timedelta(days=later)
        entry = self._entry(self.teams.index(log.team), day, hour, minutes, helper=None)
        with suppress(RuleBroken):
            asked = ask_change(log, key=uuid4(), reason="时间记错", by=self.staff, **entry)
            if grants:
                grant_correction(asked, by=self.reviewers[1])

    @rule(place=ANY, grants=st.booleans())
    def strike(self, place, grants):
        with suppress(RuleBroken):
            if log := self._read_log(place):
                asked = ask_strike(log, key=uuid4(), reason="没有服务", by=self.staff)
                if grants:
                    grant_correction(asked, by=self.reviewers[1])

    @rule(place=ANY, reviewer=EITHER, grants=st.booleans())
    def decide(self, place, reviewer, grants):
        with suppress(RuleBroken):
            if correction := self._open_correction(place):
                by = self.reviewers[reviewer]
                grant_correction(correction, by=by) if grants else refuse_correction(correction, answer="无误", by=by)

    def _open_correction(self, place):
        corrections = list(Correction.objects.asked().order_by("pk"))
        return corrections[place % len(corrections)] if corrections else None

    @rule(place=ANY, reviewer=EITHER)
    def answer(self, place, reviewer):
        flags = list(LogFlag.objects.unanswered().order_by("pk"))
        with suppress(RuleBroken):
            if flags:
                answer_flag(flags[place % len(flags)], text="已核实", by=self.reviewers[reviewer])

    @rule(person=PERSON, day=DAYS)
    def leave_programme(self, person, day):
        with suppress(RuleBroken):
            leave(self._person(person), on=self._later(person, day), reason="搬走", by=self.staff)

    @rule(person=PERSON, day=DAYS)
    def pause(self, person, day):
        with suppress(RuleBroken), noon(self._later(person, day)):
            suspend(self._person(person), reason="住院", by=self.staff)

    @rule(person=PERSON)
    def come_back(self, person):
        with suppress(RuleBroken), noon(self._later(person, date(2026, 7, 5))):
            reinstate(self._person(person), by=self.staff)

    def _later(self, person, day):
        """Return the day, or that of the person's last step if it is later: their days do not run backwards."""
        self.last[person] = max(day, self.last.get(person, day))
        return self.last[person]

    @rule(person=PERSON, day=DAYS)
    def turn_out_to_have_joined(self, person, day):
        with suppress(RuleBroken):
            volunteer = self._person(person)
            edit_volunteer(volunteer.pk, {"joined_on": day}, version=volunteer.version, by=self.staff)

    @rule(person=PERSON, team=EITHER, day=DAYS)
    def join_team(self, person, team, day):
        with suppress(RuleBroken):
            add_member(self.teams[team], self._person(person), on=day, by=self.staff)

    @rule(person=PERSON, day=DAYS)
    def leave_team(self, person, day):
        with suppress(RuleBroken):
            if membership := Membership.objects.current().filter(volunteer=self.people[person]).first():
                remove_member(membership.team, membership.volunteer, reason="外出", on=day, by=self.staff)

    def _person(self, number):
        return Volunteer.objects.get(pk=self.people[number])

    @invariant()
    def nothing_is_broken(self):
        assert {each.name: rows for each in invariants() if (rows := each.broken_by())} == {}


@pytest.mark.django_db
def test_no_sequence_of_steps_breaks_an_invariant():
    run_state_machine_as_test(
        MonthMachine,
        settings=settings(
            max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
