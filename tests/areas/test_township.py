"""Townships that were merged into others, and who sees what is theirs."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.rights import Role
from areas.models import Township, present_townships
from services.models import MonthlyReport
from tests.factories import make_report, make_township, make_user, make_village

pytestmark = pytest.mark.django_db


def merged_townships():
    """Return a township, the one that was merged into it, and one merged into that before."""
    kept, ended, first = (make_township() for _number in range(3))
    for one, into in ((first, ended), (ended, kept)):
        one.merged_into, one.ended_on = into, timezone.localdate()
        one.save()
    kept.predecessor_ids = [ended.pk, first.pk]
    kept.save()
    return kept, ended, first


def test_user_reaches_the_own_township_and_those_merged_into_it():
    kept, ended, first = merged_townships()

    assert make_user(township=kept).township_ids == (kept.pk, ended.pk, first.pk)
    assert make_user(Role.ADMIN).township_ids == ()
    assert make_user(township=kept).chooses_township
    assert not make_user().chooses_township


def test_user_sees_what_was_recorded_in_a_township_merged_into_the_own():
    kept, ended, _first = merged_townships()
    theirs, others = make_report(), make_report()
    MonthlyReport.objects.filter(pk=theirs.pk).update(township=ended)

    seen = set(MonthlyReport.objects.visible_to(make_user(township=kept)))

    assert theirs in seen
    assert others not in seen


def test_page_asks_for_the_user_and_the_township_in_one_query(client_of, django_assert_max_num_queries):
    client = client_of(Role.TOWNSHIP_STAFF)

    with django_assert_max_num_queries(40) as asked:
        client.get(reverse("home"))

    users = [query["sql"] for query in asked.captured_queries if 'FROM "accounts_user"' in query["sql"]]
    assert len(users) == 1
    assert '"areas_township"' in users[0]
    assert not [query for query in asked.captured_queries if 'FROM "areas_township"' in query["sql"]]


def test_present_township_is_found_through_others():
    kept, ended, first = merged_townships()

    assert present_townships() == {ended.pk: kept.pk, first.pk: kept.pk}
    assert Township.objects.get(pk=first.pk).present == kept
    assert set(Township.objects.current().filter(pk__in=[kept.pk, ended.pk, first.pk])) == {kept}


@pytest.mark.parametrize("make", [make_township, make_village])
def test_ended_place_has_a_day_and_another_one(make):
    place = make()
    today = timezone.localdate()
    for merged_into, ended_on in ((None, today), (make(), None), (place, today)):
        with pytest.raises(IntegrityError), transaction.atomic():
            type(place).objects.filter(pk=place.pk).update(merged_into=merged_into, ended_on=ended_on)


def test_one_user_is_got_with_the_township(django_assert_num_queries):
    user = make_user()

    with django_assert_num_queries(1):
        assert User.objects.get(pk=user.pk).township_ids == (user.township_id,)
