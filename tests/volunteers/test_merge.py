"""Two records of one person: compared, merged without moving anything, found by both numbers, and taken apart again."""

from datetime import date

import pytest
from cryptography.fernet import Fernet
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.rights import Role
from common.rules import RuleBroken, SavedMeanwhile
from tests.factories import (
    make_application,
    make_merge,
    make_skill_type,
    make_team,
    make_user,
    make_village,
    make_volunteer,
)
from tests.volunteers.test_volunteer import someone
from volunteers.domain.application import code_of, endorse_application
from volunteers.domain.double import likely_doubles, matches_of
from volunteers.domain.merge import differing, merge, records_of, undo_merge
from volunteers.domain.volunteer import edit_volunteer, register_volunteer, reinstate
from volunteers.models import Merge, Volunteer

pytestmark = pytest.mark.django_db
BORN = date(1985, 3, 7)


@pytest.fixture
def admin():
    return make_user(Role.ADMIN)


@pytest.fixture
def pair():
    """Two records of one person, the second with another phone, unit and skill type."""
    village = make_village()
    kept = make_volunteer(name="单小明", birth_date=BORN, village=village, unit="", phone="13812340001")
    given_up = make_volunteer(name="单小明", birth_date=BORN, village=village, unit="镇政府", phone="13812340002")
    return kept, given_up


def merged(pair, by, **chosen):
    kept, given_up = pair
    return merge(kept, given_up, chosen=chosen, reason="同一个人，两次登记", by=by)


def fresh(volunteer):
    return Volunteer.objects.get(pk=volunteer.pk)


# --- merging -----------------------------------------------------------------------------------------


def test_the_record_that_is_given_up_leaves_and_says_where_it_went(pair, admin):
    kept, given_up = pair

    done = merged(pair, admin, unit="given_up", phone="kept")

    gone = fresh(given_up)
    assert (gone.status, gone.left_on, gone.merged_into) == ("left", timezone.localdate(), kept)
    assert gone.status_reason == f"Merged into {kept.number}"
    assert (fresh(kept).unit, fresh(kept).phone) == ("镇政府", "13812340001")
    assert (fresh(kept).number, gone.number, gone.unit) == (kept.number, given_up.number, "镇政府")
    assert records_of(kept.pk) == [kept.pk, given_up.pk]
    assert (done.by, done.chosen["unit"], done.chosen["phone"]) == (admin, "given_up", "kept")
    assert AuditEntry.objects.filter(event="merge", actor=admin).exists()
    assert "13812340002" not in str(list(AuditEntry.objects.values_list("changes", flat=True)))


def test_who_was_in_a_team_by_the_given_up_record_leaves_it(admin):
    team = make_team(members=3)
    member = team.memberships.filter(role="member")[0].volunteer
    other = make_volunteer(village=member.village)

    done = merged((other, member), admin)

    team.refresh_from_db()
    assert team.state == "forming"
    assert team.name in done.consequences
    assert not member.memberships.filter(left_on__isnull=True).exists()


@pytest.mark.parametrize(
    ("kept", "given_up", "field"),
    [
        ({"status": "left", "left_on": date(2024, 1, 1)}, {}, "keep"),
        ({"status": "suspended"}, {}, "keep"),
        ({"status": "rejected"}, {}, None),
        ({}, {"status": "rejected"}, None),
    ],
)
def test_what_cannot_be_one_is_refused(admin, kept, given_up, field):
    pair = make_volunteer(**kept), make_volunteer(**given_up)

    with pytest.raises(RuleBroken) as refused:
        merged(pair, admin)

    assert refused.value.field == field
    assert not Merge.objects.exists()


def test_nothing_is_merged_through_a_third_record(pair, admin):
    kept, given_up = pair
    third = make_volunteer()
    merged(pair, admin)

    for two in ((third, given_up), (given_up, third), (third, kept), (kept, kept)):
        with pytest.raises(RuleBroken):
            merged(two, admin)
    merged((kept, third), admin)

    assert records_of(kept.pk) == sorted([kept.pk, given_up.pk, third.pk])


def test_two_accounts_are_refused_and_one_goes_along(pair, admin):
    kept, given_up = pair
    account = make_user(Role.TEAM_LEADER, township=given_up.township)
    Volunteer.objects.filter(pk=given_up.pk).update(user=account)
    Volunteer.objects.filter(pk=kept.pk).update(user=make_user(Role.TEAM_LEADER, township=kept.township))

    with pytest.raises(RuleBroken):
        merged(pair, admin)
    Volunteer.objects.filter(pk=kept.pk).update(user=None)
    done = merged(pair, admin, user="given_up")
    assert (fresh(kept).user, fresh(given_up).user) == (account, None)

    undo_merge(done, by=admin)
    assert (fresh(kept).user, fresh(given_up).user) == (None, account)


def test_an_id_number_goes_along_and_back(settings, admin):
    settings.ID_NUMBER_KEY = Fernet.generate_key().decode()
    born, number = date(1949, 12, 31), "11010519491231002X"
    with_number = register_volunteer(someone(birth_date=born), id_number=number, by=admin)
    without = make_volunteer(name="单小明", birth_date=born, village=with_number.village)

    done = merged((without, with_number), admin, id_number="given_up")
    assert (fresh(without).id_number_hash, fresh(with_number).id_number_hash) == (with_number.id_number_hash, None)

    undo_merge(done, by=admin)
    assert (fresh(without).id_number_hash, fresh(with_number).id_number_hash) == (None, with_number.id_number_hash)


def test_skill_types_go_along_without_doubling_the_primary_one(pair, admin):
    kept, given_up = pair
    given_up.further_skills.set([kept.primary_skill, further := make_skill_type()])

    merged(pair, admin, further_skills="given_up")

    assert list(fresh(kept).further_skills.all()) == [further]


def test_a_record_saved_meanwhile_is_compared_anew(pair, admin):
    kept, given_up = pair
    edit_volunteer(given_up.pk, {"unit": "卫生院"}, version=0, by=admin)

    with pytest.raises(SavedMeanwhile):
        merge(kept, given_up, chosen={}, reason="同一个人", versions={kept.pk: 0, given_up.pk: 0}, by=admin)


def test_a_given_up_record_does_not_change_any_more(pair, admin):
    _kept, given_up = pair
    merged(pair, admin)

    with pytest.raises(RuleBroken):
        edit_volunteer(given_up.pk, {"unit": "卫生院"}, version=fresh(given_up).version, by=admin)
    with pytest.raises(RuleBroken):
        reinstate(given_up, by=admin)


def test_a_merged_person_is_no_double_any_more(pair, admin):
    kept, _given_up = pair
    assert len(likely_doubles(admin)) == 1

    merged(pair, admin)

    assert likely_doubles(admin) == []
    assert [match.volunteer for match in matches_of(someone(birth_date=BORN))] == [kept]


def test_an_applicant_who_is_on_record_is_merged_and_reads_so(pair, admin):
    kept, _other = pair
    application = make_application(village=kept.village)
    applicant = endorse_application(application, by=make_user(Role.TOWNSHIP_STAFF, township=kept.township))

    done = merged((kept, applicant), admin)

    assert fresh(applicant).status == "rejected"
    undo_merge(done, by=admin)
    assert fresh(applicant).status == "applied"
    assert code_of(application.key)


# --- undoing ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["active", "suspended", "left"])
def test_undoing_brings_the_record_back_as_it_was(pair, admin, status):
    kept, _other = pair
    fields = {"left_on": date(2024, 1, 1), "status_reason": "搬走"} if status == "left" else {}
    given_up = make_volunteer(village=kept.village, status=status, unit="卫生院", **fields)
    done = merged((kept, given_up), admin, unit="given_up")
    assert fresh(kept).unit == "卫生院"

    undo_merge(done, by=admin)

    back = fresh(given_up)
    assert (back.status, back.merged_into, fresh(kept).unit) == (status, None, "")
    assert records_of(kept.pk) == [kept.pk]
    with pytest.raises(RuleBroken):
        undo_merge(done, by=admin)


def test_undoing_keeps_what_was_changed_since(pair, admin):
    kept, _given_up = pair
    done = merged(pair, admin, unit="given_up", phone="given_up")
    edit_volunteer(kept.pk, {"unit": "学校"}, version=fresh(kept).version, by=admin)

    undo_merge(done, by=admin)

    assert (fresh(kept).unit, fresh(kept).phone) == ("学校", "13812340001")


# --- the pages ---------------------------------------------------------------------------------------


def entries(pair, **more):
    first, second = pair
    choices = {f"take_{name}": "first" for name in differing(first, second)}
    versions = {"first_version": first.version, "second_version": second.version}
    return choices | versions | {"keep": "first", "reason": "同一个人"} | more


def test_the_page_compares_and_merges(pair, client_of):
    kept, given_up = pair
    client = client_of(Role.ADMIN)
    address = f"{reverse('volunteers:merge', args=[kept.pk])}?other={given_up.number}"

    page = client.get(address).content.decode()
    assert ("镇政府" in page, kept.number in page, given_up.number in page) == (True, True, True)
    assert "13812340001" not in page
    refused = client.post(address, entries(pair, reason=""))
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["reason"])
    done = client.post(address, entries(pair, take_unit="second"))
    assert done.url == kept.get_absolute_url()
    assert (fresh(kept).unit, fresh(given_up).merged_into) == ("镇政府", kept)


def test_the_other_one_can_be_kept(pair, client_of):
    first, second = pair
    address = f"{reverse('volunteers:merge', args=[first.pk])}?other={second.pk}"

    client_of(Role.ADMIN).post(address, entries(pair, keep="second", take_phone="first"))

    assert fresh(first).merged_into == second
    assert fresh(second).phone == "13812340001"


@pytest.mark.parametrize("other", ["", "x", "9999999", "9" * 30, "\x00"])
def test_a_number_that_nobody_has_is_asked_for_again(pair, client_of, other):
    address = reverse("volunteers:merge", args=[pair[0].pk])

    assert client_of(Role.ADMIN).get(address, {"other": other}).status_code in (200, 422)
    assert client_of(Role.ADMIN).post(f"{address}?other=0").status_code == 422


def test_the_old_number_leads_to_the_person(pair, client_of, admin):
    kept, given_up = pair
    done = merged(pair, admin)
    client = client_of(Role.ADMIN)

    page = client.get(given_up.get_absolute_url()).content.decode()
    assert kept.get_absolute_url() in page
    assert reverse("volunteers:edit", args=[given_up.pk]) not in page
    rows = client.get(reverse("volunteers:list"), {"q": given_up.number}).context["page"].rows
    assert [row["number"] for row in rows] == [kept.number]
    shown = client.get(kept.get_absolute_url()).content.decode()
    assert (given_up.number in shown, reverse("volunteers:merge_undo", args=[done.pk]) in shown) == (True, True)
    client.post(reverse("volunteers:merge_undo", args=[done.pk]))
    assert fresh(given_up).merged_into is None


def test_a_township_reads_of_a_record_elsewhere_its_number_only(client_of, admin):
    here, elsewhere = make_volunteer(), make_volunteer(name="远方的人")
    merged((elsewhere, here), admin)

    page = client_of(Role.TOWNSHIP_STAFF, township=here.township).get(here.get_absolute_url()).content.decode()

    assert elsewhere.number in page
    assert elsewhere.get_absolute_url() not in page
    assert "远方的人" not in page


def test_merges_are_made_by_administrators_only(client_of):
    done = make_merge()
    staff = client_of(Role.TOWNSHIP_STAFF, township=done.kept.township)

    assert staff.post(reverse("volunteers:merge_undo", args=[done.pk])).status_code == 403
    assert fresh(done.given_up).merged_into == done.kept
