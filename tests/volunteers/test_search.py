"""Whom a search finds: exactly whom a reader of every record would find, however the records were written."""

from datetime import date
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.test import RequestFactory
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import User
from accounts.rights import Role
from common import ways as ways_module
from tests.factories import make_skill_type, make_user, make_village, make_volunteer
from tests.races import in_parallel
from volunteers import search
from volunteers.filters import VolunteerFilter
from volunteers.models import SearchText, Volunteer
from volunteers.pinyin import pinyin_of
from volunteers.search import matching, named

ORDER = ["name_pinyin", "id"]


def by_reading(people, text):
    """The numbers of those whom the text means, by plain reading of their records."""
    return sorted(person.number for person in people if all(fits(person, word) for word in text.casefold().split()))


def fits(person, word):
    if word.isdecimal():
        begins = len(word) >= 4 and person.number.startswith(word)
        tail = len(word) == 4 and person.phone.endswith(word)
        return person.number == word.zfill(7) or begins or tail or person.phone == word
    in_texts = word in person.unit.lower() or word in person.speciality.lower()
    if not word.isascii():
        return in_texts or word in person.name
    if len(word) == 1:
        return in_texts or person.name_pinyin.startswith(word)
    whole, given_name = person.name_pinyin, person.name_pinyin.partition(" ")[2]
    joined = [spelt.replace(" ", "") for spelt in (whole, given_name)]
    return in_texts or person.name_initials.startswith(word) or any(spelt.startswith(word) for spelt in joined)


def numbers(volunteers):
    return sorted(volunteers.values_list("number", flat=True))


def found(text, role=Role.ADMIN):
    return numbers(matching(Volunteer.objects.all(), text, by=User(role=role)))


def paged(text, user):
    """What the list finds by its ways: the count, and the keys of its first page."""
    request = RequestFactory().get("/", {"q": text})
    request.user = user
    filterset = VolunteerFilter(request.GET, queryset=Volunteer.objects.visible_to(user), request=request)
    assert filterset.is_valid()
    ways = filterset.ways()
    keys = ways.keys(ORDER, ways_module.Q(), 51)
    page = Volunteer.objects.filter(pk__in=keys).order_by(*ORDER)[:51]
    return ways.count(), [volunteer.number for volunteer in page]


NAME = st.text("陈单仇林小明建国军丽·䶮", min_size=1, max_size=7).map(lambda name: name.strip("·") or "陈")
TEXT = st.text("中学小镇明国aB（ ", max_size=8).map(str.strip)
PERSON = st.tuples(NAME, TEXT, TEXT, st.integers(0, 20_000), st.integers(0, 99))
SEARCH = st.one_of(
    st.text("陈单仇林小明建国军丽·䶮中学镇", min_size=1, max_size=4),
    st.sampled_from(
        ["chen", "chenxiao", "shan", "xm", "cx", "c", "xiaoming", "min", "ab", "b", "x", "jianguo", "cxiao"]
    ),
    st.integers(0, 9_999).map(lambda number: f"{number:04}"),
    st.integers(0, 20_000).map(str),
)

# Two words in letters would be one name's syllables.
SEARCHES = st.lists(SEARCH, min_size=1, max_size=2).filter(
    lambda words: sum(word.isascii() and word.isalpha() for word in words) < 2
)


@pytest.fixture
def place(db):
    return make_village(), make_skill_type()


def write(place, people):
    village, skill = place
    rows = []
    for position, (name, unit, speciality, number, tail) in enumerate(people):
        pinyin, initials = pinyin_of(name)
        rows.append(
            Volunteer(
                number=f"{number * 100 + position:07}",
                name=name,
                name_pinyin=pinyin,
                name_initials=initials,
                gender="female",
                birth_date=date(1980, 1, 1),
                phone=f"138{number % 100:04}{number + tail:04}"[:11],
                unit=unit,
                unit_kind="other",
                speciality=speciality,
                joined_on=date(2020, 1, 1),
                village=village,
                township=village.township,
                primary_skill=skill,
            )
        )
    return Volunteer.objects.bulk_create(rows)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PERSON, max_size=8), SEARCHES)
@example([("单小明", "小镇中学", "Ab", 12, 3)], ["小明", "中学"])
@example([("明明明", "明", "明", 1, 1), ("欧阳建国军", "", "", 2, 2)], ["明"])
def test_search_finds_whom_reading_every_record_finds(place, people, searches):
    text = " ".join(searches)
    with transaction.atomic():
        written = write(place, people)
        admin = make_user(Role.ADMIN)

        expected = by_reading(written, text)
        assert found(text) == expected
        count, page = paged(text, admin)
        assert (count, sorted(page)) == (len(expected), expected)
        assert page == [
            one.number for one in sorted(written, key=lambda p: (p.name_pinyin, p.pk)) if one.number in page
        ]
        transaction.set_rollback(True)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=st.lists(PERSON, max_size=8), text=SEARCH)
def test_many_are_found_in_the_order_of_the_list_all_the_same(place, monkeypatch, people, text):
    monkeypatch.setattr(ways_module, "MANY", 1)
    monkeypatch.setattr(search, "TEXTS", 1)
    with transaction.atomic():
        written = write(place, people)

        expected = by_reading(written, text)
        count, page = paged(text, make_user(Role.ADMIN))
        assert sorted(page) == expected
        assert count == min(len(expected), 2)
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("尉迟", ["尉迟恭"]),
        ("yuchi", ["尉迟恭"]),
        ("yu chi", ["尉迟恭"]),
        ("ycg", ["尉迟恭"]),
        ("y c", ["尉迟恭"]),
        ("shan", ["单小明"]),
        ("dan", []),
        ("xiao ming", ["单小明"]),
        ("古丽", ["阿依古丽·买买提"]),
        ("买提", ["阿依古丽·买买提"]),
        ("anna", ["Anna Li"]),
        ("anna li", ["Anna Li"]),
        ("ＳＸＭ", ["单小明"]),
        ("小学", ["单小明"]),
        ("（分校）", ["单小明"]),
        ("单 小学", ["单小明"]),
        ("单 中学", []),
        ("嫁接", ["尉迟恭"]),
        ("尉迟 嫁接 1234", ["尉迟恭"]),
        ("尉迟 嫁接 1235", []),
        ("led", ["Anna Li"]),
    ],
)
def test_each_word_narrows_and_surnames_are_read_right(place, text, names):
    for position, (name, unit, speciality) in enumerate(
        [
            ("单小明", "荆山小学（分校）", ""),
            ("尉迟恭", "", "果树嫁接"),
            ("阿依古丽·买买提", "", ""),
            ("Anna Li", "", "LED 灯"),
        ]
    ):
        pinyin, initials = pinyin_of(name)
        make_volunteer(
            village=place[0],
            name=name,
            name_pinyin=pinyin,
            name_initials=initials,
            unit=unit,
            speciality=speciality,
            phone=f"1380000{1233 + position}",
        )

    assert (
        list(matching(Volunteer.objects.all(), text, by=User(role=Role.ADMIN)).values_list("name", flat=True)) == names
    )


def test_pickers_look_at_names_and_numbers_alone(place):
    make_volunteer(village=place[0], number="0000077", name="陈明", phone="13800001234", unit="中学", speciality="嫁接")

    assert not any(numbers(named(Volunteer.objects.all(), text)) for text in ("1234", "13800001234", "中学", "嫁接"))
    assert [numbers(named(Volunteer.objects.all(), text)) for text in ("77", "陈明")] == [["0000077"], ["0000077"]]


def test_whole_phone_is_found_only_by_who_may_see_it(place):
    make_volunteer(village=place[0], number="0000077", phone="13800001234")

    assert found("13800001234", Role.AUDITOR) == []
    assert found("13800001234") == found("1234") == ["0000077"]
    assert found("00001234") == found("138") == []  # no other part, which would tell the number bit by bit


# --- However a record is written ------------------------------------------------------------------------


def sql(statement, *params):
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def test_records_written_by_sql_are_found(place):
    one = make_volunteer(village=place[0], number="0000001", name="陈明", unit="老单位", speciality="旧特长")
    columns = [field.column for field in Volunteer._meta.concrete_fields]
    changed = {"id": "id + 1000000", "number": "'0000002'", "name": "'林建国'", "unit": "'新单位'"}
    values = ", ".join(changed.get(column, column) for column in columns)

    sql(f"INSERT INTO volunteers_volunteer ({', '.join(columns)}) SELECT {values} FROM volunteers_volunteer")
    assert (found("建国"), found("新单"), found("旧特")) == (["0000002"], ["0000002"], ["0000001", "0000002"])

    sql("UPDATE volunteers_volunteer SET name = '仇英', unit = '别处', speciality = '书法' WHERE id = %s", one.pk)
    assert (found("陈明"), found("老单"), found("旧特")) == ([], [], ["0000002"])
    assert found("仇英") == found("别处") == found("书法") == ["0000001"]

    sql("DELETE FROM volunteers_volunteer WHERE id = %s", one.pk)
    assert found("仇英") == found("别处") == []


def test_a_text_is_kept_once_however_many_have_it(place):
    make_volunteer(village=place[0], unit="中学")
    make_volunteer(village=place[0], unit="中学", speciality="中学")

    assert sorted(SearchText.objects.values_list("kind", "text")) == [("speciality", "中学"), ("unit", "中学")]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_who_write_one_new_unit_at_once_wait_for_nobody_and_are_found():
    village, skill = make_village(), make_skill_type()
    both_wrote = Barrier(2, timeout=10)

    def register():
        with transaction.atomic():
            make_volunteer(village=village, primary_skill=skill, unit="同一所中学")
            both_wrote.wait()  # with a lock on the text the second would never come here

    in_parallel(register, register)

    assert len(found("一所中")) == 2
