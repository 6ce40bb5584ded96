"""Whom of a team to call: who fits, holds what is needed, and is the least busy."""

from datetime import date, datetime, timedelta

import pytest
import time_machine

from services.domain.suggest import Fit, suggest
from services.models import CallAttempt, ServiceCategory
from tests.factories import (
    make_category,
    make_log,
    make_qualification,
    make_request,
    make_skill_type,
    make_team,
    make_user,
    make_volunteer,
)
from volunteers.models import Volunteer

pytestmark = pytest.mark.django_db
TODAY = date(2026, 7, 8)


@pytest.fixture(autouse=True)
def _in_july():
    with time_machine.travel(datetime.fromisoformat("2026-07-08T12:00:00+08:00"), tick=False):
        yield


def people(team):
    return [each.volunteer for each in team.memberships.order_by("id").select_related("volunteer__primary_skill")]


def names(suggestion):
    return [each.member.volunteer for each in suggestion.members]


def fitting(*skills, needs=None):
    category = make_category(qualification_kind=needs)
    category.skills.set(skills)
    return category


def test_who_fits_is_called_first():
    team = make_team(members=4)
    leader, further, primary, other = people(team)
    skill = primary.primary_skill
    further.further_skills.add(skill)

    suggestion = suggest(team, fitting(skill), TODAY)

    assert names(suggestion) == [primary, further, leader, other]
    assert [each.fit for each in suggestion.members] == [Fit.PRIMARY, Fit.FURTHER, Fit.NONE, Fit.NONE]


def test_without_a_category_everybody_fits():
    team = make_team()

    suggestion = suggest(team, None, TODAY)

    assert (names(suggestion), {each.fit for each in suggestion.members}) == (people(team), {None})


def test_of_those_who_fit_the_least_busy_comes_first():
    team = make_team()
    busy, lately, idle = people(team)
    skill = make_skill_type()
    Volunteer.objects.update(primary_skill=skill)
    for day in (1, 2):
        make_log(team=team, on=date(2026, 7, day), participants=[busy])
    make_log(team=team, on=TODAY, participants=[lately])
    make_log(team=team, on=TODAY - timedelta(days=30), participants=[idle])  # a day too long ago
    make_log(team=team, on=TODAY, participants=[idle], is_withdrawn=True, withdrawn_reason="记错了")

    staff, here = make_user(township=team.township), make_request(team=team)
    for person, request, result in (
        (lately, here, "comes"),
        (busy, here, "no_answer"),
        (idle, here, "comes"),
        (idle, here, "cannot"),  # the latest call counts
        (idle, make_request(team=team, state="resolved"), "comes"),
    ):
        CallAttempt.objects.create(request=request, team=team, volunteer=person, result=result, by=staff)

    suggestion = suggest(team, fitting(skill), TODAY)

    assert names(suggestion) == [idle, busy, lately]
    assert [(each.open_requests, each.services) for each in suggestion.members] == [(0, 0), (0, 2), (1, 1)]


def test_only_holders_of_a_valid_qualification_are_suggested_where_one_is_needed():
    team = make_team(members=5)
    holder, expired, withdrawn, elsewhere, without = people(team)
    kept = make_qualification(holder)
    make_qualification(expired, expires_on=TODAY - timedelta(days=1))
    make_qualification(elsewhere, kind="legal")
    make_qualification(without, issued_on=TODAY + timedelta(days=1))
    make_qualification(
        withdrawn, state="withdrawn", withdrawn_at=datetime.fromisoformat("2026-07-01T12:00:00+08:00"),
        withdrawn_by=kept.added_by, withdrawn_reason="吊销",
    )  # fmt: skip

    suggestion = suggest(team, fitting(needs="medical"), TODAY)

    assert (names(suggestion), suggestion.unqualified, suggestion.needs_words) == ([holder], 4, "Medical")
    assert suggestion.members[0].qualification == kept


def test_qualification_and_services_of_a_record_that_was_given_up_count_for_the_person():
    team = make_team()
    person = people(team)[0]
    given_up = make_volunteer(township=team.township)
    make_qualification(given_up)
    Volunteer.objects.filter(pk=given_up.pk).update(merged_into=person)

    assert names(suggest(team, fitting(needs="medical"), TODAY)) == [person]


def test_who_is_suspended_is_not_called():
    team = make_team()
    Volunteer.objects.filter(pk=people(team)[1].pk).update(status="suspended")

    assert len(suggest(team, None, TODAY).members) == 2


def test_queries_do_not_depend_on_how_many_members_there_are(django_assert_max_num_queries):
    skill = make_skill_type()
    category = fitting(skill, needs="medical")
    for size in (3, 9):
        team = make_team(members=size)
        for person in people(team):
            make_qualification(person)
        with django_assert_max_num_queries(7):
            assert len(suggest(team, category, TODAY).members) == size


def test_reference_data_says_who_fits_the_existing_categories():
    medical = ServiceCategory.objects.get(code="medical")
    other = ServiceCategory.objects.get(code="other")

    assert (medical.qualification_kind, [skill.code for skill in medical.skills.all()]) == ("medical", ["medical"])
    assert (other.qualification_kind, other.skills.exists()) == (None, False)
    assert ServiceCategory.objects.filter(skills__isnull=True).count() == 1
