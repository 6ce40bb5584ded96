"""Merging and endorsing at the same moment as others do, with real parallel transactions."""

from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.utils.timezone import make_aware

from accounts.rights import Role
from common.rules import RuleBroken
from services.domain import participants
from services.domain.log import record_service
from services.models import Participation, ServiceCategory
from tests.factories import make_application, make_log, make_team, make_user, make_volunteer
from tests.races import in_parallel
from volunteers.domain.application import endorse_application
from volunteers.domain.merge import merge
from volunteers.models import Merge, Volunteer

pytestmark = pytest.mark.django_db(transaction=True)
DAY = date(2026, 7, 6)


def into(kept, given_up, by):
    return lambda: merge(kept, given_up, chosen={}, reason="同一个人", by=by)


def refused(answers):
    return [answer for answer in answers if isinstance(answer, RuleBroken)]


def test_two_who_merge_one_pair_the_other_way_round_merge_it_once():
    one, other, admin = make_volunteer(), make_volunteer(), make_user(Role.ADMIN)

    answers = in_parallel(into(one, other, admin), into(other, one, admin))

    assert len(refused(answers)) == 1
    assert Merge.objects.standing().count() == Volunteer.objects.filter(merged_into__isnull=False).count() == 1


def test_no_chain_comes_of_two_merges_at_once():
    first, second, third = (make_volunteer() for _ in range(3))
    admin = make_user(Role.ADMIN)

    answers = in_parallel(into(second, first, admin), into(third, second, admin))

    assert len(refused(answers)) == 1
    assert not Volunteer.objects.filter(merged_into__merged_into__isnull=False).exists()


def test_two_who_endorse_one_application_begin_one_record():
    application = make_application()
    staff = make_user(Role.TOWNSHIP_STAFF, township=application.township)
    act = lambda: endorse_application(application, by=staff)  # noqa: E731 (the same act twice)

    answers = in_parallel(act, act)

    assert len(refused(answers)) == 1
    assert Volunteer.objects.filter(application=application).count() == Volunteer.objects.count() == 1


@pytest.mark.parametrize("looks_at_both", [True, False])
def test_a_merge_and_a_log_at_once_never_put_a_person_in_two_places(monkeypatch, looks_at_both):
    """Without the look at the person's other record (the negative control) both can go through."""
    if not looks_at_both:
        monkeypatch.setattr(participants, "_further_records", lambda pks: {})
    team = make_team(members=4)
    kept, given_up = (membership.volunteer for membership in team.memberships.filter(role="member")[:2])
    make_log(team=team, on=DAY, starts=time(8), minutes=60, participants=[kept])
    admin, staff = make_user(Role.ADMIN), make_user(Role.TOWNSHIP_STAFF, township=team.township)
    start = make_aware(datetime.combine(DAY, time(8, 30)))
    log = SimpleNamespace(
        key=uuid4(),
        team=team,
        date=DAY,
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        category=ServiceCategory.objects.first(),
        recipient="陈阿婆",
        content="打扫卫生",
        participants={given_up.pk: None},
        by=staff,
    )
    record = lambda: record_service(**vars(log))  # noqa: E731
    if not looks_at_both:  # the order in which only that look could refuse
        into(kept, given_up, admin)()
        answers = in_parallel(record)
    else:
        answers = in_parallel(into(kept, given_up, admin), record)

    both = Participation.objects.standing().filter(volunteer=given_up).exists() and Merge.objects.exists()
    assert both == (not looks_at_both)
    assert len(refused(answers)) == (1 if looks_at_both else 0)
