"""Several people with one volunteer's badge at the same moment; without the lock the same would go wrong."""

import time

import pytest
from django.db import IntegrityError
from django.db.models import QuerySet

from accounts.rights import Role
from common.rules import RuleBroken
from tests.factories import make_badge, make_user, make_volunteer
from tests.races import in_parallel
from volunteers.domain import badge as domain
from volunteers.domain.badge import issue_badge, issue_badges, reissue_badge, report_lost
from volunteers.models import Badge

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _slowly(monkeypatch):
    """Hold each transaction between its checks and its end, so that the other meets it there."""
    make = domain._made

    def made(*args):
        badges = make(*args)
        time.sleep(0.3)
        return badges

    monkeypatch.setattr(domain, "_made", made)


def test_badge_issued_twice_at_once_is_issued_once():
    volunteer, admin = make_volunteer(), make_user(Role.ADMIN)
    answers = in_parallel(*[lambda: issue_badge(volunteer, by=admin)] * 4)

    assert sum(isinstance(answer, Badge) for answer in answers) == 1
    assert sum(isinstance(answer, RuleBroken) for answer in answers) == 3
    assert Badge.objects.count() == 1


def test_many_issued_twice_at_once_are_issued_once():
    volunteers, admin = [make_volunteer().pk for _ in range(5)], make_user(Role.ADMIN)
    answers = in_parallel(*[lambda: issue_badges(volunteers, by=admin)] * 3)

    assert sorted(len(answer) for answer in answers) == [0, 0, 5]
    assert Badge.objects.count() == 5


def test_badge_reissued_twice_at_once_is_reissued_once():
    badge, admin = make_badge(), make_user(Role.ADMIN)
    answers = in_parallel(*[lambda: reissue_badge(badge, reason="旧", by=admin)] * 3)

    assert sum(isinstance(answer, Badge) for answer in answers) == 1
    assert list(Badge.objects.order_by("issue").values_list("state", flat=True)) == ["replaced", "issued"]


def test_badge_lost_while_it_is_reissued_ends_once():
    badge, admin = make_badge(), make_user(Role.ADMIN)
    in_parallel(
        lambda: reissue_badge(badge, reason="旧", by=admin),
        lambda: report_lost(badge, reason="丢", by=admin),
    )

    assert Badge.objects.issued().count() == (1 if Badge.objects.count() == 2 else 0)
    badge.refresh_from_db()
    assert (badge.state, badge.reason) in (("replaced", "旧"), ("lost", "丢"))


@pytest.mark.postgresql
def test_without_the_lock_only_the_database_keeps_the_second_badge_away(monkeypatch):
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self.all())
    badge, admin = make_badge(), make_user(Role.ADMIN)

    def reissue():
        try:
            return reissue_badge(badge, reason="旧", by=admin)
        except IntegrityError as refused:
            return refused

    answers = in_parallel(reissue, reissue)
    assert sum(isinstance(answer, IntegrityError) for answer in answers) == 1
    assert Badge.objects.issued().count() == 1
