"""Channels of townships: what is a number, what a number used twice is told, order, pages and who sees the keeper."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.rights import Role
from areas.models import Channel
from common.rules import RuleBroken, SavedMeanwhile
from grids.channel_numbers import clean_number
from grids.domain.channel import activate_channel, add_channel, edit_channel, move_channel, retire_channel
from tests.factories import make_channel, make_township, make_user

pytestmark = pytest.mark.django_db
KEEPER = "接线员金丝雀"


@pytest.fixture
def staff():
    return make_user(Role.TOWNSHIP_STAFF)


# --- Numbers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("hotline", "12345", "12345"),
        ("hotline", " 0577 6288 0000 ", "0577-62880000"),
        ("hotline", "（0577）62880000", "0577-62880000"),
        ("hotline", "０５７７－６２８８００００", "0577-62880000"),
        ("hotline", "0577-62880000-8001", "0577-62880000转8001"),
        ("hotline", "0577-62880000 ext. 8001", "0577-62880000转8001"),
        ("hotline", "0577-62880000 转 8001", "0577-62880000转8001"),
        ("hotline", "+86 577 6288 0000", "0577-62880000"),
        ("hotline", "010-62880000", "010-62880000"),
        ("hotline", "4001234567", "400-123-4567"),
        ("hotline", "+86 138 0000 1234", "13800001234"),
        ("qq", "123 456 789", "123456789"),
        ("wechat", " 大荆镇  网格义工 ", "大荆镇 网格义工"),
        ("forum", "BBS.Example.org/yigong", "https://bbs.example.org/yigong"),
        ("forum", "http://bbs.example.org/?fid=2", "http://bbs.example.org/?fid=2"),
    ],
)
def test_a_number_is_kept_in_one_spelling(kind, typed, kept):
    assert clean_number(kind, typed) == kept
    assert clean_number(kind, kept) == kept


@pytest.mark.parametrize(
    ("kind", "typed", "advice"),
    [
        ("hotline", "62880000", "area code"),
        ("hotline", "62880000转12", "area code"),
        ("hotline", "0577-6288000000", "looks like"),
        ("hotline", "call us", "looks like"),
        ("hotline", "20000000000000", "looks like"),
        ("hotline", "٠٥٧٧٦٢٨٨٠٠٠٠", "looks like"),
        ("qq", "0123456", "5 to 11 digits"),
        ("qq", "义工群", "Its name belongs above"),
        ("wechat", "群" * 31, "1 to 30"),
        ("forum", "javascript:alert(1)", "https://bbs.example.org/"),
        ("forum", "ftp://bbs.example.org/", "https://bbs.example.org/"),
        ("forum", "not an address", "https://bbs.example.org/"),
        ("forum", "https://me:secret@bbs.example.org/", "everybody sees it"),
    ],
)
def test_what_is_no_number_is_told_what_one_looks_like(kind, typed, advice):
    with pytest.raises(ValidationError, match=advice):
        clean_number(kind, typed)


# --- What happens to them -------------------------------------------------------------------------------


def test_a_channel_is_added_as_the_last_of_its_kind(staff):
    add_channel(staff.township, kind="hotline", label="义工热线", number="0577-60000001", by=staff)
    add_channel(staff.township, kind="qq", label="义工群", number="990000001", by=staff)
    second = add_channel(
        staff.township,
        kind="hotline",
        label="夜间",
        number="12345",
        keeper=KEEPER,
        keeper_phone="0577 60000002",
        by=staff,
    )
    assert (second.order, second.keeper_phone) == (2, "0577-60000002")
    entry = AuditEntry.objects.filter(event="add_channel").order_by("id").last()
    assert KEEPER not in str(entry.changes)
    assert "60000002" not in str(entry.changes)


def test_a_number_used_twice_is_refused_with_the_others_name(staff):
    make_channel(township=staff.township, label="便民热线", number="12345")
    make_channel(label="远方热线", number="0577-60000009")
    with pytest.raises(RuleBroken, match="便民热线 has this number already") as refused:
        add_channel(staff.township, kind="hotline", label="另一条", number="１２３４５", by=staff)
    assert refused.value.field == "number"
    add_channel(staff.township, kind="hotline", label="同号异地", number="0577-60000009", by=staff)


def test_a_retired_ones_number_is_to_be_taken_up_again(staff):
    old = make_channel(township=staff.township, label="旧热线", number="12345", is_active=False)
    with pytest.raises(RuleBroken, match="旧热线 had this number and was retired"):
        add_channel(staff.township, kind="hotline", label="新热线", number="12345", by=staff)
    activate_channel(old, by=staff)
    assert Channel.objects.get(pk=old.pk).is_active


def test_a_retired_one_whose_number_another_has_by_now_stays_retired(staff):
    old = make_channel(township=staff.township, label="旧热线", number="12345", is_active=False)
    make_channel(township=staff.township, label="新热线", number="12345")
    with pytest.raises(RuleBroken, match="新热线 has this number already"):
        activate_channel(old, by=staff)
    assert not Channel.objects.get(pk=old.pk).is_active


def test_retiring_and_taking_up_twice_does_no_harm(staff):
    channel = make_channel(township=staff.township)
    retire_channel(channel, by=staff)
    retire_channel(channel, by=staff)
    assert not Channel.objects.get(pk=channel.pk).is_active
    activate_channel(channel, by=staff)
    activate_channel(channel, by=staff)
    assert Channel.objects.get(pk=channel.pk).is_active


def test_an_older_copy_of_the_form_is_refused(staff):
    channel = make_channel(township=staff.township)
    values = {"label": "热线", "number": "12345", "hours": "", "keeper": "", "keeper_phone": ""}
    edit_channel(channel, **values, version=0, by=staff)
    with pytest.raises(SavedMeanwhile):
        edit_channel(channel, **values | {"number": "12346"}, version=0, by=staff)
    assert Channel.objects.get(pk=channel.pk).number == "12345"


@pytest.mark.parametrize(
    ("field", "text"),
    [("label", " "), ("label", "名" * 41), ("hours", "时" * 61), ("keeper_phone", "62880000"), ("number", "12")],
)
def test_senseless_values_are_refused_at_their_field(staff, field, text):
    values = {"label": "热线", "number": "12345", "hours": "", "keeper": "", "keeper_phone": ""}
    with pytest.raises(RuleBroken) as refused:
        add_channel(staff.township, kind="hotline", **values | {field: text}, by=staff)
    assert refused.value.field == field
    assert not Channel.objects.exists()


def test_channels_change_places_within_their_kind(staff):
    first, second, third = (make_channel(township=staff.township, order=1) for _ in range(3))
    group = make_channel(township=staff.township, kind="qq", order=1)
    retired = make_channel(township=staff.township, order=1, is_active=False)
    move_channel(third, up=True, by=staff)
    assert list(Channel.objects.active().of_kind("hotline").order_by("order")) == [first, third, second]
    move_channel(first, up=True, by=staff)
    move_channel(second, up=False, by=staff)
    assert list(Channel.objects.active().of_kind("hotline").order_by("order")) == [first, third, second]
    assert Channel.objects.get(pk=group.pk).order == 1
    with pytest.raises(RuleBroken, match="has been retired"):
        move_channel(retired, up=True, by=staff)


# --- Pages ----------------------------------------------------------------------------------------------


def names(response):
    return [row["label"] for row in response.context["page"].rows]


def test_list_puts_hotlines_first_and_keeps_to_the_township(client_of, staff):
    forum = make_channel(township=staff.township, kind="forum", number="https://bbs.example.org/")
    hotline = make_channel(township=staff.township, keeper=KEEPER, keeper_phone="0577-60000001")
    make_channel()
    response = client_of(staff).get(reverse("grids:channel_list"))
    assert names(response) == [hotline.label, forum.label]
    assert KEEPER in response.content.decode()


@pytest.mark.parametrize("role", [Role.TEAM_LEADER, Role.REVIEWER, Role.AUDITOR])
def test_the_keeper_is_for_those_who_keep_channels(client_of, role):
    township = make_township()
    make_channel(township=township, keeper=KEEPER, keeper_phone="0577-60000001")
    fields = {} if role == Role.AUDITOR else {"township": township}
    page = client_of(role, **fields).get(reverse("grids:channel_list")).content.decode()
    assert KEEPER not in page
    assert "0577-60000001" not in page
    assert reverse("grids:channel_create") not in page


def test_a_channel_is_added_changed_and_retired_on_its_pages(client_of, staff):
    client = client_of(staff)
    values = {"kind": "hotline", "label": "义工热线", "number": "0577 60000001", "hours": "全天"}
    answer = client.post(reverse("grids:channel_create"), values)
    channel = Channel.objects.get()
    assert answer.url == reverse("grids:channel_list")
    assert (channel.township, channel.number) == (staff.township, "0577-60000001")

    again = client.post(reverse("grids:channel_create"), values)
    assert again.status_code == 422
    assert "义工热线 has this number already" in again.content.decode()

    changed = {**values, "label": "便民热线", "version": channel.version}
    client.post(reverse("grids:channel_edit", args=[channel.pk]), changed)
    client.post(reverse("grids:channel_retire", args=[channel.pk]))
    channel.refresh_from_db()
    assert (channel.label, channel.is_active) == ("便民热线", False)
    stale = client.post(reverse("grids:channel_edit", args=[channel.pk]), changed)
    assert stale.status_code == 422
    assert f'name="version" value="{channel.version}"' in stale.content.decode()


def test_the_city_level_chooses_the_township(client_of):
    township = make_township()
    client = client_of(Role.ADMIN)
    address = reverse("grids:channel_create")
    assert client.post(address, {"kind": "qq", "label": "群", "number": "990000001"}).status_code == 422
    client.post(address, {"township": township.pk, "kind": "qq", "label": "群", "number": "990000001"})
    assert Channel.objects.get().township == township
    form = client.get(f"{address}?township={township.pk}").context["form"]
    assert form["township"].initial == township.pk
    assert client.get(f"{address}?township=金丝雀").status_code == 200


def test_order_is_changed_by_the_buttons_of_the_list(client_of, staff):
    first, second = (make_channel(township=staff.township, order=place) for place in (1, 2))
    client = client_of(staff)
    client.post(reverse("grids:channel_move", args=[second.pk]), {"to": "up"})
    assert names(client.get(reverse("grids:channel_list"))) == [second.label, first.label]
    client.post(reverse("grids:channel_move", args=[second.pk]), {"to": "down"})
    assert names(client.get(reverse("grids:channel_list"))) == [first.label, second.label]


# --- Figures --------------------------------------------------------------------------------------------


def test_figures_count_the_rows_that_they_lead_to(client_of):
    here, there = make_township(), make_township()
    for township, kinds in ((here, ("hotline", "hotline", "qq")), (there, ("hotline", "forum"))):
        for number, kind in enumerate(kinds):
            make_channel(township=township, kind=kind, number=f"1234{number}")
    make_channel(township=here, number="99999", is_active=False)
    client = client_of(Role.AUDITOR)
    page = client.get(reverse("services:dashboard")).context
    assert [figure["number"] for figure in page["channels"]] == [3, 1, 0, 1]
    for figure in page["channels"]:
        assert len(names(client.get(figure["url"]))) == figure["number"]
    for _name, cells in page["channels_by_township"]:
        for number, address, _label in cells:
            assert len(names(client.get(address))) == number
    own = client_of(Role.REVIEWER, township=here).get(reverse("services:dashboard")).context
    assert [figure["number"] for figure in own["channels"]] == [2, 1, 0, 0]
    assert own["channels_by_township"] == []
