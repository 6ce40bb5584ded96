"""The pages of volunteers: who is found how, what the forms take and refuse, and how little the database is asked."""

from datetime import date

import pytest
from django.urls import reverse

from accounts.rights import Role
from tests.factories import (
    make_membership,
    make_skill_type,
    make_team,
    make_township,
    make_user,
    make_village,
    make_volunteer,
)
from volunteers.models import SkillType, Volunteer

LIST = reverse("volunteers:list")


def found(client, **query):
    """The names that a list shows, in its order."""
    response = client.get(LIST, query)
    assert response.status_code == 200
    return [row["name"] for row in response.context["page"].rows]


@pytest.fixture
def admin(db, client_of):
    return client_of(Role.ADMIN)


# --- finding ----------------------------------------------------------------------------------------


@pytest.fixture
def three(db):
    village = make_village()
    make_volunteer(
        name="单小明",
        name_pinyin="shan xiao ming",
        name_initials="sxm",
        number="0001234",
        phone="13812345678",
        village=village,
    )
    make_volunteer(
        name="仇小英",
        name_pinyin="qiu xiao ying",
        name_initials="qxy",
        number="0005678",
        phone="13900001111",
        village=village,
    )
    make_volunteer(
        name="曾国", name_pinyin="zeng guo", name_initials="zg", number="0009999", phone="13700002222", village=village
    )
    return village


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("小", ["仇小英", "单小明"]),
        ("单小明", ["单小明"]),
        ("sxm", ["单小明"]),
        ("SX", ["单小明"]),
        ("xiaoying", ["仇小英"]),
        ("zeng g", ["曾国"]),
        ("5678", ["仇小英", "单小明"]),
        ("13812345678", ["单小明"]),
        ("１３８１２３４５６７８", ["单小明"]),
        ("0009999", ["曾国"]),
        ("345", []),
        ("%", []),
        ("_", []),
        ("不存在", []),
    ],
)
def test_search_finds_by_name_pinyin_initials_phone_and_number(three, admin, text, names):
    assert found(admin, q=text) == names


def test_filters_narrow_the_list(three, admin):
    team = make_team(members=1, township=three.township)
    member = team.memberships.get().volunteer
    skill = make_skill_type()
    further = make_volunteer(name="林一", name_pinyin="lin yi", village=three)
    further.further_skills.add(skill)

    assert found(admin, team="some") == [member.name]
    assert found(admin, skill=skill.pk) == ["林一"]
    assert found(admin, township=three.township_id, village=three.pk) == ["林一", "仇小英", "单小明", "曾国"]
    assert found(admin, status="left") == []
    assert found(admin, unit_kind="school") == []


@pytest.mark.parametrize(
    "query",
    [
        {"township": "x"},
        {"village": "\x00"},
        {"served": "soon"},
        {"q": "长" * 200},
        {"after": "rubbish"},
        {"status": "9" * 50},
        {"team": "2"},
    ],
)
def test_rubbish_in_the_address_shows_the_page_with_a_message(three, admin, query):
    response = admin.get(LIST, query)

    assert response.status_code == 200
    assert response.context["page"].problems


def test_another_township_cannot_be_asked_for(three, client_of):
    staff = client_of(Role.TOWNSHIP_STAFF)

    assert found(staff) == []
    assert found(staff, township=three.township_id) == []
    assert found(staff, q="单小明") == []


def test_leaders_find_their_members_only(db, client_of):
    team = make_team()
    leader = team.memberships.get(role="leader").volunteer
    Volunteer.objects.filter(pk=leader.pk).update(user=make_user(Role.TEAM_LEADER, township=team.township))
    make_volunteer(village=leader.village)
    leader.refresh_from_db()

    names = found(client_of(leader.user))

    assert sorted(names) == sorted(m.volunteer.name for m in team.memberships.all())


def test_list_masks_phones(three, admin):
    page = admin.get(LIST).content.decode()

    assert "138****5678" in page
    assert "13812345678" not in page


@pytest.mark.parametrize("count", [3, 60])
def test_list_asks_the_database_as_often_for_three_as_for_sixty(admin, count, django_assert_max_num_queries):
    village, skill = make_village(), make_skill_type()
    for _ in range(count):
        make_volunteer(village=village, primary_skill=skill)

    with django_assert_max_num_queries(9):
        admin.get(LIST)


@pytest.mark.parametrize("members", [3, 10])
def test_detail_asks_the_database_a_bounded_number_of_times(admin, members, django_assert_max_num_queries):
    volunteer = make_team(members=members).memberships.order_by("pk")[0].volunteer

    with django_assert_max_num_queries(40):
        response = admin.get(volunteer.get_absolute_url())

    assert response.status_code == 200


def test_former_teams_are_named_to_those_who_may_see_them(admin, client_of):
    old = make_team(name="旧服务队", members=0)
    now = make_team(name="新服务队")
    leader = now.memberships.get(role="leader").volunteer
    mover = now.memberships.filter(role="member")[0].volunteer
    make_membership(old, mover, joined_on=date(2019, 1, 1), left_on=date(2019, 6, 1), reason="搬家")
    Volunteer.objects.filter(pk=leader.pk).update(user=make_user(Role.TEAM_LEADER, township=now.township))
    leader.refresh_from_db()
    pages = {
        "admin": admin.get(mover.get_absolute_url()).content.decode(),
        "staff": client_of(Role.TOWNSHIP_STAFF, township=now.township).get(mover.get_absolute_url()).content.decode(),
        "leader": client_of(leader.user).get(mover.get_absolute_url()).content.decode(),
    }

    told = {
        who: [word for word in ("旧服务队", "搬家", old.get_absolute_url()) if word in page]
        for who, page in pages.items()
    }
    assert told == {"admin": ["旧服务队", "搬家", old.get_absolute_url()], "staff": [], "leader": []}
    assert {who: "A team of another township" in page for who, page in pages.items()} == {
        "admin": False,
        "staff": True,
        "leader": True,
    }


# --- phones -----------------------------------------------------------------------------------------


def test_phone_is_shown_on_request_and_to_those_who_may(three, admin, client_of):
    volunteer = Volunteer.objects.get(number="0001234")
    address = reverse("volunteers:show_phone", args=[volunteer.pk])

    assert "13812345678" not in admin.get(volunteer.get_absolute_url()).content.decode()
    assert "13812345678" in admin.post(address).content.decode()
    reviewer = client_of(Role.REVIEWER, township=three.township).post(address)
    assert reviewer.status_code == 403
    assert "13812345678" not in reviewer.content.decode()


# --- registering and changing -------------------------------------------------------------------------


@pytest.fixture
def values(db):
    return {
        "name": "单小明",
        "gender": "male",
        "birth_date": "1980-05-06",
        "phone": "１３８ 1234-1234",
        "village": make_village(township=make_township()).pk,
        "primary_skill": SkillType.objects.order_by("pk")[0].pk,
        "unit_kind": "office",
        "joined_on": "2020年1月1日",
        "version": "0",
    }


def test_register_normalises_and_leads_to_the_record(admin, values):
    response = admin.post(reverse("volunteers:create"), values)

    volunteer = Volunteer.objects.get()
    assert response.url == volunteer.get_absolute_url()
    assert (volunteer.phone, str(volunteer.joined_on)) == ("13812341234", "2020-01-01")
    assert volunteer.township == volunteer.village.township


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "长" * 41),
        ("name", "张😀"),
        ("name", "张\x07三"),
        ("name", "\u202e"),
        ("phone", "1381234"),
        ("phone", "٠١٢٣٤٥٦٧٨٩٠"),
        ("birth_date", "2023-02-29"),
        ("birth_date", "0202-01-01"),
        ("birth_date", "2999-01-01"),
        ("joined_on", "2026-13-01"),
        ("village", "999999"),
        ("village", "\x00"),
        ("primary_skill", ""),
        ("gender", "x"),
        ("unit", "长" * 61),
        ("unit_kind", ""),
        ("further_skills", "abc"),
        ("version", "x"),
    ],
)
def test_register_says_at_the_field_what_is_wrong_and_keeps_the_rest(admin, values, field, value):
    response = admin.post(reverse("volunteers:create"), values | {field: value})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    if field != "phone":
        assert "１３８ 1234-1234" in response.content.decode()
    assert not Volunteer.objects.exists()


def test_register_puts_a_broken_rule_at_its_field(admin, values):
    response = admin.post(reverse("volunteers:create"), values | {"birth_date": "2015-01-01"})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["birth_date"]


def test_edit_of_a_record_saved_meanwhile_keeps_the_entries_and_can_be_sent_again(admin, values):
    admin.post(reverse("volunteers:create"), values)
    volunteer = Volunteer.objects.get()
    address = reverse("volunteers:edit", args=[volunteer.pk])
    admin.post(address, values | {"unit": "镇政府"})

    stale = admin.post(address, values | {"unit": "卫生院"})

    assert stale.status_code == 422
    assert "卫生院" in stale.content.decode()
    assert Volunteer.objects.get().unit == "镇政府"
    again = admin.post(address, values | {"unit": "卫生院", "version": stale.context["form"]["version"].value()})
    assert again.status_code == 302
    assert Volunteer.objects.get().unit == "卫生院"


def test_a_step_without_a_reason_comes_back_open(admin):
    volunteer = make_volunteer()

    response = admin.post(reverse("volunteers:suspend", args=[volunteer.pk]), {"suspend-reason": ""})

    assert response.status_code == 422
    assert list(response.context["suspend_form"].errors) == ["reason"]
    assert Volunteer.objects.get().status == "active"


def test_suspend_and_take_back(admin):
    volunteer = make_volunteer()

    admin.post(reverse("volunteers:suspend", args=[volunteer.pk]), {"suspend-reason": "住院"})
    assert Volunteer.objects.get().status == "suspended"
    assert "住院" in admin.get(volunteer.get_absolute_url()).content.decode()

    admin.post(reverse("volunteers:reinstate", args=[volunteer.pk]))
    assert Volunteer.objects.get().status == "active"


# --- the admin site -------------------------------------------------------------------------------------


def admin_values(volunteer, **changes):
    names = ("name", "gender", "phone", "unit_kind", "township", "village", "primary_skill")
    values = {name: getattr(volunteer, f"{name}_id", None) or getattr(volunteer, name) for name in names}
    return values | {"birth_date": "1980-05-06", "joined_on": "2020-01-01", "opened_version": "0"} | changes


def test_admin_site_saves_by_the_same_rules(admin):
    volunteer = make_volunteer()
    address = reverse("admin:volunteers_volunteer_change", args=[volunteer.pk])

    refused = admin.post(address, admin_values(volunteer, birth_date="2015-01-01"))
    assert refused.status_code == 200
    assert "birth_date" in refused.context["adminform"].form.errors

    saved = admin.post(address, admin_values(volunteer, name="仇英"))
    assert saved.status_code == 302
    assert Volunteer.objects.get().name_initials == "qy"

    stale = admin.post(address, admin_values(volunteer, name="曾国"))
    assert stale.status_code == 200
    assert Volunteer.objects.get().name == "仇英"

    current = stale.context["adminform"].form["opened_version"].value()
    assert admin.post(address, admin_values(volunteer, name="曾国", opened_version=current)).status_code == 302
    assert Volunteer.objects.get().name == "曾国"


def test_phone_of_a_record_changes_only_where_another_is_given(admin, values):
    admin.post(reverse("volunteers:create"), values)
    volunteer = Volunteer.objects.get()
    page = reverse("volunteers:edit", args=[volunteer.pk])
    site = reverse("admin:volunteers_volunteer_change", args=[volunteer.pk])

    admin.post(page, values | {"phone": ""})
    admin.post(site, admin_values(volunteer, phone="", opened_version="1"))
    assert (Volunteer.objects.get().phone, Volunteer.objects.get().version) == ("13812341234", 2)

    admin.post(page, values | {"phone": "138 1234 0001", "version": "2"})
    assert Volunteer.objects.get().phone == "13812340001"
    admin.post(site, admin_values(volunteer, phone="13812340002", opened_version="3"))
    assert Volunteer.objects.get().phone == "13812340002"


@pytest.mark.parametrize("address", ["volunteers:create", "admin:volunteers_volunteer_add"])
def test_phone_of_a_new_volunteer_is_asked_for(admin, values, address):
    response = admin.post(reverse(address), values | {"phone": "", "opened_version": "0"})

    form = response.context["adminform"].form if "adminform" in response.context else response.context["form"]
    assert "phone" in form.errors
    assert not Volunteer.objects.exists()


def test_admin_site_registers(admin):
    like = make_volunteer(name="林一", phone="13900000001")
    values = admin_values(like, name="单小明", phone="13812341234")

    response = admin.post(reverse("admin:volunteers_volunteer_add"), values)

    assert response.status_code == 302
    assert Volunteer.objects.get(name="单小明").number == f"{int(like.number) + 1:07}"


@pytest.mark.parametrize("count", [3, 40])
def test_admin_list_asks_as_often_for_three_as_for_forty(admin, count, django_assert_max_num_queries):
    for _ in range(count):
        make_volunteer()

    with django_assert_max_num_queries(12):
        admin.get(reverse("admin:volunteers_volunteer_changelist"))
