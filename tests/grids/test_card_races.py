"""Several people hand out the last cards at the same moment; without the lock the count would be wrong."""

import time
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils import timezone

from accounts.rights import Role
from common.rules import RuleBroken
from grids.domain import card as domain
from grids.domain.card import hand_out, hand_out_all, take_back_hand_out
from grids.models import CardBatch, HandOut
from tests.factories import make_card_batch, make_hand_out, make_user
from tests.races import in_parallel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _slowly(monkeypatch, settings, tmp_path):
    """Hold each transaction between its check and its end, so that the other meets it there."""
    settings.PRINT_ROOT = tmp_path
    check = domain.day_or_today

    def checked(*args, **options):
        time.sleep(0.3)
        return check(*args, **options)

    monkeypatch.setattr(domain, "day_or_today", checked)


def standing() -> int:
    return sum(HandOut.objects.standing().values_list("count", flat=True))


def test_last_cards_handed_out_twice_at_once_are_handed_out_once():
    batch, admin, today = make_card_batch(copies=10), make_user(Role.ADMIN), timezone.localdate()
    answers = in_parallel(*[lambda: hand_out(batch, count=6, on=today, key=uuid4(), by=admin)] * 3)

    assert sum(isinstance(answer, HandOut) for answer in answers) == 1
    assert sum(isinstance(answer, RuleBroken) for answer in answers) == 2
    batch.refresh_from_db()
    assert batch.handed_out == standing() == 6


def test_same_form_sent_twice_at_once_is_one_hand_out():
    batch, admin, key = make_card_batch(copies=10), make_user(Role.ADMIN), uuid4()
    answers = in_parallel(*[lambda: hand_out(batch, count=4, on=timezone.localdate(), key=key, by=admin)] * 3)

    assert len({answer.pk for answer in answers}) == 1
    batch.refresh_from_db()
    assert batch.handed_out == standing() == 4


def test_all_that_is_left_and_a_part_of_it_at_once_add_up():
    batch, admin, today = make_card_batch(copies=10), make_user(Role.ADMIN), timezone.localdate()
    in_parallel(
        lambda: hand_out_all([batch.pk], on=today, key=uuid4(), by=admin),
        lambda: hand_out(batch, count=3, on=today, key=uuid4(), by=admin),
    )

    batch.refresh_from_db()
    assert batch.handed_out == standing() == 10


def test_hand_out_taken_back_twice_at_once_is_taken_back_once():
    batch, admin = make_card_batch(copies=10), make_user(Role.ADMIN)
    made = make_hand_out(batch, count=7)
    make_hand_out(batch, count=2)
    in_parallel(*[lambda: take_back_hand_out(made, reason="错", by=admin)] * 3)

    batch.refresh_from_db()
    assert batch.handed_out == standing() == 2


@pytest.mark.postgresql
def test_without_the_lock_more_is_handed_out_than_the_batch_says(monkeypatch):
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self.all())
    batch, admin, today = make_card_batch(copies=10), make_user(Role.ADMIN), timezone.localdate()

    def hand():
        try:
            return hand_out(batch, count=6, on=today, key=uuid4(), by=admin)
        except IntegrityError as refused:
            return refused

    in_parallel(hand, hand)
    assert standing() > CardBatch.objects.get(pk=batch.pk).copies
