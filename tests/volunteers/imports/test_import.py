"""Taking rows in: what is written, what the trail says, and what keeps a row or the whole file out."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.rights import Role
from common.rules import RuleBroken
from tests.factories import make_team, make_volunteer
from tests.volunteers.imports.office import HEADER, Office, phone_of, problems, rows, work
from volunteers.domain.volunteer import edit_volunteer
from volunteers.domain.volunteer_import import (
    confirm_volunteers,
    discard_volunteers,
    forget_old_imports,
    map_columns,
    remap_columns,
)
from volunteers.id_number import check_digit, decrypted, keyed_hash
from volunteers.models import ColumnMapping, Volunteer, VolunteerImport, VolunteerImportPart

pytestmark = pytest.mark.django_db
KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
FULL = (
    *HEADER,
    "党支部",
    "入党时间",
    "职业",
    "职务",
    "专业",
    "特长",
    "兴趣",
    "学历",
    "农村生产能手",
    "加入日期",
    "同意公开姓名",
)


@pytest.fixture
def city():
    return Office(Role.ADMIN)


@pytest.fixture
def office():
    return Office()


def test_everything_a_row_says_is_written(city):
    rest = ["一支部", "2005.06", "教师", "主任", "农学", "修水泵\\电器", "钓鱼", "本科", "是", "2020-01-02", "是"]
    found = city.imported(
        [*city.row("单小明", 能力类型="农业服务型、医疗服务型", 工作单位="大荆小学", 单位类别="学校"), *rest],
        header=FULL,
    )
    person = Volunteer.objects.get()

    assert {name: getattr(person, name) for name in (
        "name", "name_pinyin", "name_initials", "gender", "birth_date", "phone", "unit", "unit_kind", "party_branch",
        "joined_party_on", "occupation", "post", "discipline", "speciality", "interests", "education",
        "is_rural_expert", "joined_on", "shows_name", "shows_phone", "status", "township", "village", "primary_skill",
        "version", "left_on", "endorsed_on", "user",
    )} == {
        "name": "单小明", "name_pinyin": "shan xiao ming", "name_initials": "sxm", "gender": "male",
        "birth_date": date(1980, 5, 6), "phone": phone_of("单小明"), "unit": "大荆小学", "unit_kind": "school",
        "party_branch": "一支部", "joined_party_on": date(2005, 6, 1), "occupation": "教师", "post": "主任",
        "discipline": "农学", "speciality": "修水泵\\电器", "interests": "钓鱼", "education": "bachelor",
        "is_rural_expert": True, "joined_on": date(2020, 1, 2), "shows_name": True, "shows_phone": False,
        "status": "active", "township": city.township, "village": city.village, "primary_skill": city.farming,
        "version": 0, "left_on": None, "endorsed_on": None, "user": None,
    }  # fmt: skip
    assert list(person.further_skills.all()) == [city.medical]
    assert person.number == "0000001"
    assert (found.state, found.added_count, found.result["first"], found.result["last"]) == (
        "done",
        1,
        "0000001",
        "0000001",
    )
    person.full_clean(exclude=["id_number_hash"])


def test_a_townships_people_come_in_endorsed(office):
    office.imported(office.row())
    person = Volunteer.objects.get()

    assert (person.status, person.endorsed_on, person.endorsed_by) == ("applied", timezone.localdate(), office.by)


def test_the_trail_has_an_entry_a_person_with_what_is_personal_masked(city):
    person = make_volunteer(name="李四", village=city.village, phone=phone_of("李四"), birth_date=date(1980, 5, 6))
    city.imported(["李四", phone_of("李四"), "供销社"], header=("姓名", "手机", "工作单位"))
    city.imported(city.row("王五"))
    new = Volunteer.objects.get(name="王五")
    entries = {
        entry.object_id: entry
        for entry in AuditEntry.objects.filter(event="import_volunteers", content_type__model="volunteer")
    }

    assert entries.keys() == {person.pk, new.pk}
    assert entries[person.pk].changes == {"unit": ["", "供销社"]}
    assert entries[person.pk].actor == city.by
    created = entries[new.pk].changes
    assert (created["phone"], created["birth_date"], created["name"]) == (
        [None, "****"],
        [None, "1980-**-**"],
        [None, "王五"],
    )
    assert phone_of("王五") not in str(created)
    assert entries[new.pk].object_repr == f"王五({new.number})"


def test_the_same_file_twice_changes_nothing(city):
    people = [city.row(f"李{sign}") for sign in "一二三"]
    city.imported(*people)
    before = list(Volunteer.objects.order_by("pk").values())
    again = city.checked(*people)

    assert again.counts == {"wrong": 0, "changed": 0, "new": 0, "same": 3}
    with pytest.raises(RuleBroken, match="nothing to import"):
        confirm_volunteers(again, only_good=True, version=again.version, by=city.by)
    assert list(Volunteer.objects.order_by("pk").values()) == before


def test_changes_are_written_and_what_the_file_does_not_say_stays(office):
    person = make_volunteer(
        name="李四", village=office.village, phone="13700000001", birth_date=date(1980, 5, 6), interests="钓鱼",
        primary_skill=office.farming, party_branch="一支部",
    )  # fmt: skip
    person.further_skills.add(office.medical)
    found = office.imported(
        [person.number, "李四四", "13700000002", "", "\\t特长"], header=("编号", "姓名", "手机", "党支部", "特长")
    )
    person.refresh_from_db()

    assert (person.name, person.name_pinyin, person.phone, person.interests, person.party_branch, person.version) == (
        "李四四", "li si si", "13700000002", "钓鱼", "一支部", 1,
    )  # fmt: skip
    assert list(person.further_skills.all()) == [office.medical]
    assert found.changed_count == 1


def test_skill_types_of_a_member_change_by_the_rules_of_the_team(office):
    team = make_team(township=office.township, members=4)
    member = Volunteer.objects.filter(memberships__team=team).order_by("pk").last()
    found = office.imported(
        [member.number, member.name, f"{office.farming.name}、{office.medical.name}"],
        header=("编号", "姓名", "能力类型"),
    )
    member.refresh_from_db()

    assert found.changed_count == 1
    assert member.primary_skill == office.farming
    assert list(member.further_skills.all()) == [office.medical]
    assert AuditEntry.objects.filter(event="import_volunteers", object_id=member.pk).exists()


def test_id_numbers_are_kept_encrypted_and_hashed(city, settings):
    settings.ID_NUMBER_KEY = KEY
    digits = "33038219800506001"
    number = digits + check_digit(digits)
    known = make_volunteer(name="老人", village=city.village, phone="13700000001", birth_date=date(1970, 1, 1))
    other = "33038219700101001"
    city.imported(
        [*city.row("张三"), number, ""],
        ["老人", "", "", "", "", "", "", "", other + check_digit(other), known.number],
        header=(*HEADER, "身份证号", "编号"),
    )

    for person, said in (
        (Volunteer.objects.get(name="张三"), number),
        (Volunteer.objects.get(pk=known.pk), other + check_digit(other)),
    ):
        assert person.id_number_hash == keyed_hash(said)
        assert decrypted(person.id_number_encrypted) == said
    assert number not in str(list(AuditEntry.objects.values_list("changes", flat=True)))


def test_the_id_number_of_a_merged_record_is_the_persons_own_and_stays_there(city, settings):
    settings.ID_NUMBER_KEY = KEY
    digits = "33038219800506001"
    number = digits + check_digit(digits)
    kept = make_volunteer(name="张三", village=city.village, phone="13700000001", birth_date=date(1980, 5, 6))
    given_up = make_volunteer(
        name="张三", village=city.village, status="left", left_on=date(2026, 1, 1), merged_into=kept,
        birth_date=date(1980, 5, 6), id_number_hash=keyed_hash(number),
    )  # fmt: skip
    found = city.imported(["张三", number, "小学"], header=("姓名", "身份证号", "工作单位"))

    assert (found.state, found.changed_count) == ("done", 1)
    assert Volunteer.objects.get(pk=kept.pk).unit == "小学"
    before = (given_up.version, "left", keyed_hash(number))
    given_up.refresh_from_db()
    assert (given_up.version, given_up.status, given_up.id_number_hash) == before


def test_only_the_good_rows_are_taken_and_the_wrong_ones_are_kept_to_be_mended(office):
    found = office.imported(office.row("好人"), office.row("坏人", 手机="1"))

    assert list(Volunteer.objects.values_list("name", flat=True)) == ["好人"]
    assert problems(found) == {3: [("phone", "phone")]}
    assert [row[3] for row in rows(found, "new")] == ["好人"]
    assert set(found.parts.values_list("kind", flat=True)) == {"wrong", "new"}


def test_a_row_whose_record_changed_meanwhile_stays_out_and_says_so(office):
    people = {
        name: make_volunteer(name=name, village=office.village, phone=phone_of(name), unit="旧")
        for name in ("甲一", "乙二")
    }
    found = office.checked(
        *[[name, phone_of(name), "新"] for name in people], ["坏人", "1", ""], header=("姓名", "手机", "工作单位")
    )
    edit_volunteer(people["甲一"].pk, {"unit": "别处"}, version=0, by=office.by)
    done = work(confirm_volunteers(found, only_good=True, version=found.version, by=office.by))

    assert (done.state, done.changed_count, done.result["refused"]) == ("done", 1, 1)
    assert problems(done)[2] == [("", "changed_since")]
    assert [Volunteer.objects.get(name=name).unit for name in people] == ["别处", "新"]


def test_all_or_nothing_goes_back_to_the_preview_when_the_register_changed(office):
    found = office.checked(office.row("甲一"), office.row("乙二"))
    make_volunteer(name="甲一", village=office.village, phone=phone_of("甲一"))
    back = work(confirm_volunteers(found, only_good=False, version=found.version, by=office.by))

    assert (back.state, back.notice, Volunteer.objects.count()) == ("checking", "changed", 1)
    checked = work(back)
    assert checked.counts == {"wrong": 0, "changed": 1, "new": 1, "same": 0}
    done = work(confirm_volunteers(checked, only_good=False, version=checked.version, by=office.by))
    assert (done.state, done.added_count, done.changed_count) == ("done", 1, 1)


def test_work_done_twice_is_done_once(office):
    found = office.checked(office.row())
    confirmed = confirm_volunteers(found, only_good=False, version=found.version, by=office.by)
    first, second = work(confirmed), work(confirmed)

    assert (first.state, second.state, Volunteer.objects.count()) == ("done", "done", 1)
    assert confirm_volunteers(found, only_good=False, version=found.version, by=office.by).state == "done"


def test_columns_are_remembered_for_the_township_alone(office):
    found = office.uploaded(["张三", "13800001234", "爱好"], header=("称呼", "电话号", "备注"))
    map_columns(found, sheet=0, columns={"name": 0, "phone": 1, "interests": 2}, defaults={}, by=office.by)
    again = office.uploaded(["李四", "13800001235", "x"], header=("备注", "电话号", "称呼"))
    elsewhere = Office().uploaded(["李四", "13800001235", "x"], header=("备注", "电话号", "称呼"))

    assert again.columns == {"interests": 0, "phone": 1, "name": 2}
    assert elsewhere.columns == {}
    assert set(ColumnMapping.objects.values_list("township", flat=True)) == {office.township.pk}


def test_columns_may_be_changed_after_the_preview(office):
    found = office.checked(office.row(工作单位="供销社"))
    remap_columns(found, by=office.by)
    columns = {name: place for name, place in found.columns.items() if name != "unit"}
    map_columns(found, sheet=0, columns=columns, defaults={}, by=office.by)
    checked = work(found)

    assert checked.state == "checked"
    with pytest.raises(RuleBroken, match="checked anew"):
        confirm_volunteers(checked, only_good=True, version=found.version, by=office.by)


def test_a_discarded_file_is_forgotten(office):
    found = office.checked(office.row())
    discard_volunteers(found, by=office.by)

    assert not VolunteerImportPart.objects.exists()
    assert VolunteerImport.objects.get().sheets[0]["samples"] == ""
    with pytest.raises(RuleBroken, match="Discarded"):
        remap_columns(found, by=office.by)


def test_what_a_file_held_is_forgotten_after_some_days(office, settings):
    waiting, done, fresh = (
        office.checked(office.row("甲一")),
        office.imported(office.row("乙二")),
        office.checked(office.row("丙三")),
    )
    old = timezone.now() - timedelta(days=settings.IMPORT_VOLUNTEERS_KEPT_DAYS + 1)
    VolunteerImport.objects.filter(pk__in=[waiting.pk, done.pk]).update(at=old)
    forget_old_imports()

    assert set(VolunteerImportPart.objects.values_list("volunteer_import", flat=True)) == {fresh.pk}
    assert VolunteerImport.objects.get(pk=waiting.pk).state == "discarded"


def test_rows_that_wait_are_encrypted(office):
    office.checked(office.row("张建国"))

    assert all("张建国".encode() not in bytes(part.data) for part in VolunteerImportPart.objects.all())


def test_rows_of_another_key_ask_for_the_file_once_more(office, settings):
    found = office.checked(office.row())
    settings.SECRET_KEY = "another key that is long enough to be one, since the server was set up anew"

    with pytest.raises(RuleBroken, match="Upload the file once more"):
        rows(found, "new")
