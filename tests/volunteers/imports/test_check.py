"""What each row would do: new, changed, the same, or wrong and why."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.rights import Role
from common.rules import RuleBroken
from tests.factories import make_team, make_village, make_volunteer
from tests.volunteers.imports.office import HEADER, Office, phone_of, problems, rows, work
from volunteers.domain.volunteer_import import confirm_volunteers, map_columns
from volunteers.id_number import check_digit, keyed_hash
from volunteers.imports.lines import AT
from volunteers.models import Volunteer

pytestmark = pytest.mark.django_db
KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


@pytest.fixture
def office():
    return Office()


def known(office, name="张建国", **fields):
    defaults = {
        "village": office.village,
        "phone": phone_of(name),
        "birth_date": date(1980, 5, 6),
        "gender": "male",
        "primary_skill": office.farming,
    }
    return make_volunteer(name=name, **(defaults | fields))


def id_number(born="19800506", serial="001"):
    digits = f"330382{born}{serial}"
    return digits + check_digit(digits)


def test_a_new_person_is_new_with_what_is_left_open(office):
    found = office.checked(office.row())
    [row] = rows(found, "new")

    assert found.counts == {"wrong": 0, "changed": 0, "new": 1, "same": 0}
    assert row[0] == 2
    assert found.state == "checked"
    assert not Volunteer.objects.exists()


def test_a_person_on_record_is_the_same_or_changed_and_an_empty_cell_erases_nothing(office):
    known(office, unit="供销社", party_branch="一支部")
    known(office, "李四")
    found = office.checked(office.row(工作单位="大荆小学"), office.row("李四"))
    [changed] = rows(found, "changed")
    [same] = rows(found, "same")

    assert changed[5] == {"unit": ["供销社", "大荆小学"]}
    assert same[3] == "李四"


def test_people_are_found_by_number_else_by_phone_or_birth_date(office):
    one, two, three = known(office, "甲一"), known(office, "乙二"), known(office, "丙三")
    found = office.checked(
        [one.number, "甲一一", "13700000001", ""],
        ["", "乙二", two.phone, "1981-01-01"],
        ["", "丙三", "13700000003", "1980-05-06"],
        header=("编号", "姓名", "手机", "出生日期"),
    )

    assert {row[2]: sorted(row[5]) for row in rows(found, "changed")} == {
        one.pk: ["name", "phone"],
        two.pk: ["birth_date"],
        three.pk: ["phone"],
    }


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"出生日期": "2010-05-01"}, [("birth_date", "under_age")]),
        ({"手机": "1391234567"}, [("phone", "phone")]),
        ({"手机": ""}, [("phone", "missing")]),
        ({"村": "天上村"}, [("village", "village")]),
        ({"能力类型": "会计型"}, [("skills", "skills")]),
        ({"单位类别": "银行"}, [("unit_kind", "unit_kind")]),
        ({"工作单位": "长" * 61}, [("unit", "long")]),
        ({"性别": "", "能力类型": ""}, [("gender", "missing"), ("skills", "missing")]),
    ],
)
def test_a_wrong_cell_says_which_and_why(office, cells, said):
    assert problems(office.checked(office.row(**cells))) == {2: said}


def test_defaults_hold_for_new_people_only(office):
    person = known(office, "李四", primary_skill=office.medical)
    found = office.checked(
        ["王五", "女", "1985-03-07", "13700000009"],
        ["李四", "男", "1980-05-06", person.phone],
        header=("姓名", "性别", "出生日期", "手机"),
        defaults={"village": office.village.pk, "skills": office.farming.pk, "unit_kind": "school"},
    )

    assert found.counts == {"wrong": 0, "changed": 0, "new": 1, "same": 1}


def test_two_rows_for_one_person_are_both_wrong_and_the_same_row_counts_once(office):
    found = office.checked(
        office.row("钱双", 手机="13700000001"),
        office.row("钱双", 手机="13700000002"),
        office.row("孙一"),
        office.row("孙一"),
    )

    assert problems(found) == {2: [("", "twin")], 3: [("", "twin")]}
    assert [row[4] for row in rows(found, "same")] == [4]
    assert [row[0] for row in rows(found, "new")] == [4]


def test_twins_are_found_across_parts(office, monkeypatch):
    monkeypatch.setattr("volunteers.imports.reading.ROWS_A_PART", 2)
    monkeypatch.setattr("volunteers.imports.preview.ROWS_A_PART", 2)
    people = [office.row(f"李{sign}") for sign in "一二三四五六七"]
    found = office.checked(*people, office.row("李三", 手机="13700000001"), office.row("李六", 出生日期="19810101"))

    assert problems(found) == {4: [("", "twin")], 7: [("", "twin")], 9: [("", "twin")], 10: [("", "twin")]}
    assert [row[0] for row in rows(found, "new")] == [2, 3, 5, 6, 8]


def test_another_townships_person_and_place_are_refused_without_a_word_of_them(office):
    elsewhere = make_village(name="西岸村")
    stranger = known(office, "外乡人", village=elsewhere)
    found = office.checked(
        ["", "外乡人", "男", "1980-05-06", stranger.phone, "东岸村", "农业服务型", "其他", office.township.name],
        [stranger.number, "外乡人", "", "", "", "", "", "", ""],
        ["", "新来的", "男", "1980-05-06", "13700000001", "西岸村", "农业服务型", "其他", ""],
        ["", "新来的二", "男", "1980-05-06", "13700000002", "", "农业服务型", "其他", elsewhere.township.name],
        header=("编号", "姓名", "性别", "出生日期", "手机", "村", "能力类型", "单位类别", "乡镇"),
    )

    assert problems(found) == {
        2: [("name", "elsewhere")],
        3: [("number", "unknown_number")],
        4: [("village", "village")],
        5: [("township", "foreign_township")],
    }
    assert stranger.number not in str([row[2] for row in rows(found, "wrong")])


def test_the_city_names_the_township_where_villages_are_called_alike():
    city = Office(Role.ADMIN)
    other = make_village(name="东岸村")
    header = (*HEADER, "乡镇")
    found = city.checked(
        [*city.row("甲一"), ""],
        [*city.row("乙二"), other.township.name],
        [*city.row("丙三"), city.township.code],
        header=header,
    )

    assert problems(found) == {2: [("village", "village_which")]}
    assert [row[1][AT["village"]] for row in rows(found, "new")] == [other.pk, city.village.pk]


def test_numbers_that_name_somebody_else_are_questioned(office):
    one, two = known(office, "甲一"), known(office, "乙二")
    found = office.checked(
        [one.number, "完全别人", "13700000001", "1990-01-01"],
        ["0999999", "谁", "", ""],
        [two.number, "甲一", "", "1980-05-06"],
        header=("编号", "姓名", "手机", "出生日期"),
    )

    assert problems(found) == {
        2: [("number", "another_person")],
        3: [("number", "unknown_number")],
        4: [("name", "would_double")],
    }


def test_a_row_that_fits_two_records_asks_for_the_number(office):
    one = known(office, "同名", birth_date=date(1970, 1, 1))
    two = known(office, "同名", phone="13700000005")
    found = office.checked(["同名", one.phone, "1980-05-06"], header=("姓名", "手机", "出生日期"))
    [row] = rows(found, "wrong")

    assert row[2] == [["name", "two_records", {"numbers": "、".join(sorted([one.number, two.number]))}]]


def test_who_was_turned_down_is_new_by_name_and_known_by_id_number(office, settings):
    settings.ID_NUMBER_KEY = KEY
    known(office, "甲一", status="rejected")
    known(office, "乙二", status="rejected", id_number_hash=keyed_hash(id_number()))
    header = (*HEADER, "身份证号")
    found = office.checked([*office.row("甲一"), ""], [*office.row("乙二"), id_number()], header=header)

    assert [row[0] for row in rows(found, "new")] == [2]
    assert problems(found) == {3: [("name", "rejected")]}


def test_id_numbers_are_compared_with_birth_date_and_gender(office, settings):
    settings.ID_NUMBER_KEY = KEY
    header = (*HEADER, "身份证号")
    woman = id_number(serial="002")
    found = office.checked(
        [*office.row("甲一"), id_number()],
        [*office.row("乙二"), id_number(born="19810506")],
        [*office.row("丙三"), woman],
        [*office.row("丁四", 性别="", 出生日期=""), id_number(serial="004")],
        [*office.row("戊五", 出生日期="1979.03"), id_number(born="19790301")],
        [*office.row("己六"), "3.30E+17"],
        [*office.row("庚七"), f"{id_number()[:17]}{'X' if id_number()[17] != 'X' else '1'}"],
        header=header,
    )

    assert problems(found) == {
        3: [("id_number", "id_birth")],
        4: [("id_number", "id_gender")],
        7: [("id_number", "id_lost")],
        8: [("id_number", "id_digit")],
    }
    assert [row[0] for row in rows(found, "new")] == [2, 5, 6]


def test_an_id_number_tells_birth_date_and_gender_also_where_none_is_kept(office):
    found = office.imported(
        [*office.row("丁四", 性别="", 出生日期=""), id_number(serial="002")], header=(*HEADER, "身份证号")
    )
    person = Volunteer.objects.get()

    assert found.added_count == 1
    assert (person.birth_date, person.gender, person.id_number_hash) == (date(1980, 5, 6), "female", None)


def test_two_id_numbers_are_two_people(office, settings):
    settings.ID_NUMBER_KEY = KEY
    known(office, "甲一", id_number_hash=keyed_hash(id_number(serial="003")))
    found = office.checked([*office.row("甲一"), id_number(serial="005")], header=(*HEADER, "身份证号"))

    assert problems(found) == {2: [("id_number", "other_id")]}


def test_a_change_that_would_break_a_team_is_told_in_the_preview_and_changes_nothing(office):
    team = make_team(township=office.township)
    member, other, _third = Volunteer.objects.filter(memberships__team=team).order_by("pk")
    found = office.checked(
        [member.number, member.name, member.phone, other.primary_skill.name],
        header=("编号", "姓名", "手机", "能力类型"),
    )
    [(column, code)] = problems(found)[2]

    assert (column, code) == ("skills", "rule")
    assert "Replace the member in the team first." in rows(found, "wrong")[0][2][0][2]["text"]
    assert Volunteer.objects.get(pk=member.pk).version == member.version


def test_merged_records_stand_for_the_one_that_was_kept(office):
    kept = known(office, "甲一")
    given_up = known(office, "甲一", status="left", left_on=date(2026, 1, 1), merged_into=kept)
    found = office.checked([given_up.number, "甲一", "一支部"], header=("编号", "姓名", "党支部"))

    assert [row[2] for row in rows(found, "changed")] == [kept.pk]


def test_two_rows_that_mean_one_record_by_different_keys_are_twins(office):
    one = known(office, "甲一")
    two = known(office, "乙二")
    found = office.checked(
        [one.number, "", "", "小学"],
        ["", "甲一", phone_of("甲一"), "中学"],
        [two.number, "", "", "中学"],
        ["", "乙二", phone_of("乙二"), "中学"],
        header=("编号", "姓名", "手机", "工作单位"),
    )

    assert problems(found) == {2: [("", "twin")], 3: [("", "twin")]}
    assert [row[0] for row in rows(found, "changed")] == [4]
    assert [(row[0], row[4]) for row in rows(found, "same")] == [(5, 4)]


def test_rows_of_both_records_of_a_merged_person_are_twins(office):
    kept = known(office, "甲一", unit="镇政府")
    given_up = known(office, "甲一", status="left", left_on=date(2026, 1, 1), merged_into=kept)
    found = office.checked(
        [kept.number, "甲一", "镇政府"], [given_up.number, "甲一", "小学"], header=("编号", "姓名", "工作单位")
    )

    assert problems(found) == {2: [("", "twin")], 3: [("", "twin")]}


def test_a_month_keeps_the_day_on_record(office):
    known(office, "甲一", joined_party_on=date(2005, 6, 17))
    known(office, "乙二", joined_party_on=date(2004, 6, 17))
    found = office.checked(
        ["甲一", phone_of("甲一"), "2005.06"],
        ["乙二", phone_of("乙二"), "2005年6月"],
        header=("姓名", "手机", "入党时间"),
    )

    assert [row[3] for row in rows(found, "same")] == ["甲一"]
    assert rows(found, "changed")[0][5] == {"joined_party_on": ["2004-06-17", "2005-06-01"]}


def test_what_was_not_previewed_is_not_confirmed(office):
    found = office.checked(office.row(), office.row("坏", 手机="1"))

    for only_good, version in ((False, found.version), (True, found.version - 1), (True, -1)):
        with pytest.raises(RuleBroken):
            confirm_volunteers(found, only_good=only_good, version=version, by=office.by)
    empty = office.checked(office.row("坏", 手机="1"))
    with pytest.raises(RuleBroken, match="nothing to import"):
        confirm_volunteers(empty, only_good=True, version=empty.version, by=office.by)


def test_checking_asks_the_same_number_of_questions_for_few_and_for_many(office):
    counts = []
    for size in (3, 60):
        found = office.uploaded(*[office.row(f"人{size}{chr(0x4E00 + place)}") for place in range(size)])
        map_columns(found, sheet=0, columns=found.columns, defaults={}, by=office.by)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            work(found)
        counts.append(len(asked))

    assert counts[0] == counts[1]
