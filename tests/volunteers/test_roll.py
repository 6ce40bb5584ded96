"""Attendance lists: how a line is read, and whom it means."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.rights import Role
from tests.factories import (
    make_attendance,
    make_course,
    make_invitation,
    make_township,
    make_user,
    make_village,
    make_volunteer,
)
from volunteers.id_number import check_digit, keyed_hash
from volunteers.models import Absence, Attendance, Volunteer
from volunteers.roll.lines import Line, as_text, read_rows, read_text
from volunteers.roll.match import match

How, Result = Attendance.How, Attendance.Result


def read_one(text):
    [line] = read_text(text)
    return line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("0000012", Line(1, number="0000012")),
        ("12", Line(1, number="0000012")),
        ("张三", Line(1, name="张三")),
        ("张 三", Line(1, name="张三")),
        ("张三 大荆镇卫生院", Line(1, name="张三", unit="大荆镇卫生院")),
        ("张三\t大荆镇卫生院\t合格", Line(1, name="张三", unit="大荆镇卫生院", result=Result.PASSED)),
        ("3\t张三\t０００００１２", Line(1, name="张三", number="0000012")),
        ("7. 张三", Line(1, name="张三")),
        ("7、张三", Line(1, name="张三")),
        ("张三（0000012）", Line(1, name="张三", number="0000012")),
        ("张三(12), 不合格", Line(1, name="张三", number="0000012", result=Result.FAILED)),
        ("0000012 张三 优秀", Line(1, name="张三", number="0000012", result=Result.PASSED)),
        ("张三 13812345678", Line(1, name="张三", phone="13812345678")),
        ("张三 33038219800101123x", Line(1, name="张三", id_number="33038219800101123X")),
        ("阿卜杜拉・买买提", Line(1, name="阿卜杜拉·买买提")),
        ("\ufeff张三\u200b", Line(1, name="张三")),
        ("张三\x00", Line(1, name="张三")),
        ("䶮㛃", Line(1, name="䶮㛃")),
    ],
)
def test_line_is_read_however_it_is_written(text, line):
    assert read_one(text) == line


def test_names_in_one_line_are_several_people():
    assert [line.name for line in read_text("张三、李四、阿卜杜拉·买买提")] == ["张三", "李四", "阿卜杜拉·买买提"]


def test_columns_are_read_in_any_order_under_their_names():
    rows = [
        ["大荆镇义工培训签到表"],
        ["序号", "工作单位", "姓 名", "义工编号", "考核结果", "签名"],
        ["1", "卫生院", "张三", "12", "合格", ""],
        ["2", "", "李四", "", "", ""],
    ]

    lines = read_text("\n".join("\t".join(row) for row in rows))

    assert lines == [
        Line(1, name="张三", number="0000012", unit="卫生院", result=Result.PASSED),
        Line(2, name="李四"),
    ]


def test_numbers_of_a_spreadsheet_have_no_point():
    [line] = read_rows([["姓名", "编号", "手机"], ["张三", 12.0, 13812345678.0]])

    assert (line.name, line.number, line.phone) == ("张三", "0000012", "13812345678")


@pytest.mark.parametrize(
    ("text", "says"), [("  \n\t\n", "no name"), ("姓名\t编号", "no name"), ("张三\n" * 601, "more than 600")]
)
def test_list_without_names_or_with_too_many_is_refused(text, says):
    with pytest.raises(ValidationError, match=says):
        read_text(text)


def test_shown_line_never_holds_an_id_number_or_a_phone():
    line = read_one("330382198001011239")
    both = read_one("张三 330382198001011239 13812345678")

    assert (line.text, both.text) == ("3303**********1239", "张三")


def test_list_is_the_same_after_it_was_written_out():
    lines = read_text("张三 卫生院 合格\n0000012\n330382198001011239\n李四 13812345678 不合格\n王五(7) 未考核")

    assert read_text(as_text(lines)) == lines


# --- Whom it means --------------------------------------------------------------------------------------


@pytest.fixture
def place():
    """Return a township's staff, its course, and a maker of its volunteers."""
    township = make_township()
    village = make_village(township=township, name="冯村村")
    staff = make_user(Role.TOWNSHIP_STAFF, township=township)
    course = make_course(township=township, recorded_by=staff)

    class Place:
        pass

    here = Place()
    here.township, here.staff, here.course = township, staff, course
    here.person = lambda **fields: make_volunteer(village=village, **fields)
    here.match = lambda text, **options: match(course, read_text(text), by=staff, **options)
    return here


def told(matches):
    return [(each.state, each.person and each.person.pk, each.how) for each in matches]


@pytest.mark.django_db
def test_number_decides(place):
    person = place.person(name="张三")
    place.person(name="张三")

    assert told(place.match(f"{person.number}\n张三({person.number})")) == [
        ("new", person.pk, How.NUMBER),
        ("twice", person.pk, How.NUMBER),
    ]


@pytest.mark.django_db
def test_number_of_another_name_is_doubtful(place):
    number_of, named = place.person(name="张三"), place.person(name="李四")

    [found] = place.match(f"李四 {number_of.number}")

    assert (found.state, [each.pk for each in found.candidates]) == ("doubtful", [number_of.pk, named.pk])


@pytest.mark.django_db
def test_unknown_number_with_a_known_name_is_doubtful(place):
    named = place.person(name="张三")

    [found] = place.match("张三 9999999")

    assert (found.state, [each.pk for each in found.candidates]) == ("doubtful", [named.pk])


@pytest.mark.django_db
def test_name_and_unit_decide_among_namesakes(place):
    person = place.person(name="张三", unit="大荆镇卫生院")
    place.person(name="张三", unit="大荆镇中学")

    assert told(place.match("张三 卫生院")) == [("new", person.pk, How.NAME_AND_UNIT)]


@pytest.mark.django_db
def test_village_counts_as_unit(place):
    person = place.person(name="张三")
    make_volunteer(name="张三", village=make_village(township=place.township, name="双峰村"))

    assert told(place.match("张三 冯村村")) == [("new", person.pk, How.NAME_AND_UNIT)]


@pytest.mark.django_db
def test_name_of_another_unit_is_doubtful(place):
    person = place.person(name="张三", unit="大荆镇中学")

    [found] = place.match("张三 供电所")

    assert (found.state, [each.pk for each in found.candidates]) == ("doubtful", [person.pk])


@pytest.mark.django_db
def test_name_alone_means_the_only_one_invited(place):
    invited = place.person(name="张三")
    place.person(name="张三")
    make_invitation(place.course, invited)

    assert told(place.match("张三")) == [("new", invited.pk, How.NAME)]


@pytest.mark.django_db
def test_name_alone_means_the_only_one_of_the_region(place):
    person = place.person(name="张三")
    make_volunteer(name="张三")

    assert told(place.match("张三")) == [("new", person.pk, How.NAME)]


@pytest.mark.django_db
def test_name_of_several_is_doubtful_until_one_is_chosen(place):
    first, second = place.person(name="张三"), place.person(name="张三")

    [doubtful] = place.match("张三")
    [chosen] = place.match("张三", choices={1: str(second.pk)})

    assert [each.pk for each in doubtful.candidates] == [first.pk, second.pk]
    assert (chosen.state, chosen.person.pk, chosen.how) == ("new", second.pk, How.CHOSEN)


@pytest.mark.django_db
@pytest.mark.parametrize("choice", ["skip", "", "0", "-1", "９", "99999999999999999999", "x"])
def test_choice_of_somebody_who_is_no_candidate_leaves_the_line_open(place, choice):
    place.person(name="张三"), place.person(name="张三")
    other = place.person(name="李四")

    assert place.match("张三", choices={1: choice})[0].state == "doubtful"
    assert place.match("张三", choices={1: str(other.pk)})[0].state == "doubtful"


@pytest.mark.django_db
def test_phone_tells_namesakes_apart(place):
    person = place.person(name="张三", phone="13900001111")
    place.person(name="张三")

    assert told(place.match("张三 13900001111")) == [("new", person.pk, How.PHONE)]


@pytest.mark.django_db
def test_id_number_decides_where_it_is_kept(place, settings):
    settings.ID_NUMBER_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
    digits = "33038219800101123"
    number = digits + check_digit(digits)
    person = place.person(name="张三", id_number_hash=keyed_hash(number))
    place.person(name="张三")

    assert told(place.match(f"张三 {number}")) == [("new", person.pk, How.ID_NUMBER)]


@pytest.mark.django_db
def test_id_number_is_not_looked_at_where_it_is_not_kept(place, settings):
    settings.ID_NUMBER_KEY = ""
    place.person(name="张三")

    assert told(place.match("330382198001011239")) == [("unknown", None, "")]


@pytest.mark.django_db
def test_nobody_of_another_township_is_found_or_hinted_at(place):
    other = make_volunteer(name="远方人", phone="13900002222")

    matches = place.match(f"远方人\n{other.number}\n13900002222")

    assert [(each.state, each.candidates) for each in matches] == [("unknown", [])] * 3


@pytest.mark.django_db
def test_city_finds_the_volunteers_of_the_courses_townships_only():
    inside = make_volunteer(name="张三")
    make_volunteer(name="李四")
    course = make_course(townships=[inside.township])

    matches = match(course, read_text("张三\n李四"), by=course.recorded_by)

    assert told(matches) == [("new", inside.pk, How.NAME), ("unknown", None, "")]


@pytest.mark.django_db
def test_staff_find_their_own_in_a_course_of_the_city(place):
    own = place.person(name="张三")
    make_volunteer(name="李四")

    matches = match(make_course(), read_text("张三\n李四"), by=place.staff)

    assert told(matches) == [("new", own.pk, How.NAME), ("unknown", None, "")]


@pytest.mark.django_db
def test_who_joined_after_the_course_cannot_have_been_there(place):
    place.person(name="张三", joined_on=place.course.ends_on + timedelta(days=1))
    place.person(name="李四", joined_on=place.course.ends_on)

    assert [each.state for each in place.match("张三\n李四")] == ["refused", "new"]


@pytest.mark.django_db
def test_who_was_away_cannot_have_been_there(place):
    day = place.course.starts_on
    gone = place.person(name="张三")
    left_that_day = place.person(name="李四")
    Absence.objects.create(volunteer=gone, since=day - timedelta(days=1), until=day + timedelta(days=1))
    Absence.objects.create(volunteer=left_that_day, since=day)

    assert [each.state for each in place.match("张三\n李四")] == ["refused", "new"]


@pytest.mark.django_db
@pytest.mark.parametrize("status", [Volunteer.Status.APPLIED, Volunteer.Status.REJECTED])
def test_applicants_are_no_volunteers_yet(place, status):
    place.person(name="张三", status=status)

    assert place.match("张三")[0].state == "unknown"


@pytest.mark.django_db
def test_record_that_was_merged_means_the_one_that_stands(place):
    stands = place.person(name="张三")
    merged = place.person(name="张三", status="left", left_on=date(2026, 7, 30), merged_into=stands)

    matches = place.match(f"{merged.number}\n张三")

    assert told(matches) == [("new", stands.pk, How.NUMBER), ("twice", stands.pk, How.NAME)]


@pytest.mark.django_db
def test_who_was_recorded_under_a_record_that_was_merged_since_is_there_already(place):
    stands = place.person(name="张三")
    merged = place.person(name="张三", status="left", left_on=date(2026, 7, 30), merged_into=stands)
    make_attendance(place.course, merged, result=Result.NOT_ASSESSED)
    make_invitation(place.course, merged)

    [found] = place.match("张三")
    assert (found.state, found.is_invited) == ("same", True)
    assert place.match("张三 合格")[0].state == "changed"


@pytest.mark.django_db
def test_results_change_only_where_the_list_says_so(place):
    person = place.person(name="张三")
    make_attendance(place.course, person, result=Result.PASSED)

    assert [place.match(text)[0].state for text in ("张三", "张三 合格", "张三 不合格")] == ["same", "same", "changed"]
    assert place.match("张三", default=Result.FAILED)[0].state == "changed"


@pytest.mark.django_db
def test_course_at_the_same_time_is_warned_of(place):
    person = place.person(name="张三")
    make_attendance(make_course(), person)

    [found] = place.match("张三")

    assert (found.state, bool(found.warning)) == ("new", True)


@pytest.mark.django_db
def test_long_list_costs_as_many_queries_as_a_short_one(place):
    people = [place.person(name=f"义工{number}") for number in range(200)]
    lines = read_text("\n".join(person.name for person in people))

    counts = []
    for part in (lines[:3], lines):
        with CaptureQueriesContext(connection) as queries:
            matches = match(place.course, part, by=place.staff)
        counts.append(len(queries))

    assert [each.state for each in matches] == ["new"] * 200
    assert counts[0] == counts[1] <= 8
