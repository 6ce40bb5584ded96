"""A spreadsheet of grids: what its rows mean, what becomes of them, and the pages."""

import io
from uuid import uuid4

import pytest
import python_calamine
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.rights import Role
from common.rules import RuleBroken
from grids.domain.grid_import import checked, import_grids, seen_hash, upload_grids
from grids.imports.cells import boundary_of, households_of, number_of, official_code_of
from grids.imports.columns import NAMES, TABLE
from grids.models import ChangedGrid, Grid, GridChange, GridImport
from services.models import BallotTally, RecognitionRound
from tests.factories import make_grid, make_grid_import, make_team, make_township, make_user, make_village
from tests.services.paper.test_workbook import csv, ods, xlsx

pytestmark = pytest.mark.django_db
HEADER = [names[0] for names in NAMES.values()]


@pytest.fixture
def township():
    return make_township(name="大荆镇")


@pytest.fixture
def staff(township):
    return make_user(Role.TOWNSHIP_STAFF, township=township)


@pytest.fixture
def village(township):
    return make_village(township=township, name="冯村村", code="330382101200")


def rows_of(staff, *rows):
    return checked(make_grid_import(rows, by=staff), staff)


def take_in(found, staff, **options):
    return import_grids(found, **({"seen": seen_hash(checked(found, staff)), "by": staff} | options))


def told(row):
    return [(problem.column, problem.text) for problem in row.problems]


# --- Cells ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "number"),
    [("3", 3), (3.0, 3), ("03", 3), ("第3网格", 3), ("３号网格", 3), ("第十二网格", 12), ("二十", 20), ("第三格", 3)],
)
def test_number_of_a_grid_is_read_as_offices_write_it(cell, number):
    assert number_of(cell) == number


@pytest.mark.parametrize("cell", [None, "", "0", "100", "三三", "甲", 3.5, -1, "3-4", "第网格"])
def test_what_is_no_number_of_a_grid_is_refused(cell):
    with pytest.raises(ValidationError):
        number_of(cell)


@pytest.mark.parametrize(("cell", "count"), [("30", 30), (30.0, 30), ("30户", 30), ("1,200", 1200), ("３０ 户", 30)])
def test_households_are_read(cell, count):
    assert households_of(cell) == count


@pytest.mark.parametrize("cell", [None, "", "0", 0, 30.5, "三十", "5001", "-3", "约30"])
def test_what_is_no_number_of_households_is_refused(cell):
    with pytest.raises(ValidationError):
        households_of(cell)


def test_boundary_and_code_have_their_lengths():
    assert (boundary_of(" 村道\n以东 "), official_code_of(330382101200003.0)) == ("村道 以东", "330382101200003")
    for read, cell in ((boundary_of, "东" * 201), (official_code_of, "1" * 31), (official_code_of, 1e16)):
        with pytest.raises(ValidationError):
            read(cell)


# --- Tables --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        lambda rows: xlsx([["大荆镇网格一览表"], *rows]),
        lambda rows: csv(rows, "gb18030"),
        lambda rows: ods(rows),
    ],
)
def test_every_kind_of_spreadsheet_is_read(data):
    table = TABLE.read(
        data([["所属村", "网格号", "网格户数（户）", "范围", "网格编码"], ["冯村村", "1", "30", "溪东", "A1"]])
    )

    assert table.columns == {"village": 0, "number": 1, "households": 2, "boundary": 3, "official_code": 4}
    assert table.rows[0][1] == ["冯村村", "1", "30", "溪东", "A1"]


def test_table_needs_its_columns():
    assert TABLE.read(csv([["Village", "Number", "Households"], ["x", "1", "2"]])).columns.keys() == {
        "village",
        "number",
        "households",
    }
    with pytest.raises(ValidationError, match="These columns are missing: Households"):
        TABLE.read(csv([["村", "网格编号", "范围"], ["x", "1", "2"]]))
    with pytest.raises(ValidationError, match="Two columns mean the same"):
        TABLE.read(csv([["村名", "社区", "网格号", "户数"], ["x", "x", "1", "2"]]))


# --- Rows ----------------------------------------------------------------------------------------------


def test_rows_say_what_they_would_do(staff, village):
    same, changed = make_grid(village=village, number=1, households=30), make_grid(village=village, number=2)

    rows = rows_of(
        staff,
        ("冯村村", "1", "30", "", ""),
        ("冯村", "2", "35", "溪东", "A2"),
        ("330382101200", "3", "28", "", ""),
        (330382101200.0, 4.0, 28.0, None, None),
    )

    assert [row.state for row in rows] == ["same", "changed", "new", "new"]
    assert (rows[0].grid, rows[1].grid) == (same, changed)
    assert rows[1].changes == {"households": (30, 35), "boundary": ("", "溪东"), "official_code": ("", "A2")}


def test_empty_cells_leave_boundary_and_code_as_they_are(staff, village):
    make_grid(village=village, number=1, households=30, boundary="溪东", official_code="A1")

    assert rows_of(staff, ("冯村村", "1", "30", "", ""))[0].state == "same"


def test_village_is_found_or_named(staff, village):
    make_village(township=village.township, name="上山村")
    elsewhere = make_village(name="远村", code="330382109200")

    rows = rows_of(
        staff,
        ("上山社区", "1", "30", "", ""),
        ("冯村二村", "1", "30", "", ""),
        ("远村", "1", "30", "", ""),
        (elsewhere.code, "1", "30", "", ""),
        ("", "1", "30", "", ""),
    )

    assert rows[0].state == "new"
    assert [row.state for row in rows[1:]] == ["wrong"] * 4
    assert rows[1].problems[0].cure == "Perhaps 冯村村 is meant."
    # Nothing tells a village of another township from one that does not exist.
    assert told(rows[2]) == [("village", "No village of yours is called so.")]
    assert told(rows[3]) == [("village", "No village of yours has this code.")]
    assert told(rows[4]) == [("village", "The village is missing.")]


def test_two_villages_of_one_name_need_the_code():
    admin = make_user(Role.ADMIN)
    one, two = make_village(name="上村"), make_village(name="上村")

    by_name, by_code = rows_of(admin, ("上村", "1", "30", "", ""), (two.code, "1", "30", "", ""))

    assert told(by_name) == [("village", "Several villages are called so.")]
    assert one.code in by_name.problems[0].cure
    assert two.code in by_name.problems[0].cure
    assert (by_code.state, by_code.village) == ("new", two)


def test_every_wrong_cell_is_told(staff, village):
    (row,) = rows_of(staff, ("冯村村", "0", "", "东" * 201, ""))

    assert [column for column, _text in told(row)] == ["number", "households", "boundary"]


def test_number_twice_in_the_file(staff, village):
    rows = rows_of(
        staff,
        ("冯村村", "1", "30", "", ""),
        ("冯村", "第1网格", "30户", "", ""),
        ("冯村村", "2", "30", "", ""),
        ("冯村村", "2", "31", "", ""),
    )

    assert [(row.state, row.same_as) for row in rows] == [("new", None), ("same", 2), ("wrong", None), ("wrong", None)]
    assert told(rows[2]) == [("number", "Rows 4、5 have this number in the same village, and differ.")]


def test_number_of_a_retired_grid_is_wrong(staff, village):
    make_grid(village=village, number=1, is_retired=True)

    (row,) = rows_of(staff, ("冯村村", "1", "30", "", ""))

    assert row.state == "wrong"
    assert "was retired" in row.problems[0].text


def test_official_code_belongs_to_one_grid(staff, village):
    make_grid(village=village, number=1, official_code="A1")
    make_grid(village=village, number=2, official_code="A2")
    make_grid(village=village, number=9, official_code="A9", is_retired=True)
    assert rows_of(staff, ("冯村村", "3", "30", "", "A9"))[0].state == "new"

    taken, twin, other = rows_of(
        staff, ("冯村村", "3", "30", "", "A1"), ("冯村村", "4", "30", "", "A4"), ("冯村村", "5", "30", "", "A4")
    )
    swapped = rows_of(staff, ("冯村村", "1", "30", "", "A2"), ("冯村村", "2", "30", "", "A1"))

    assert told(taken) == [("official_code", "冯村村 grid 1 has this code already.")]
    assert {row.state for row in (twin, other)} == {"wrong"}
    assert [row.state for row in swapped] == ["changed", "changed"]


def test_fewer_households_than_ballots_is_wrong_before_and_refused(staff, village):
    team = make_team(grid=make_grid(village=village, number=1, households=30))
    round_ = RecognitionRound.objects.create(year=2026)
    BallotTally.objects.create(
        round=round_,
        grid=team.grid,
        volunteer=team.memberships.first().volunteer,
        satisfied=20,
        fairly_satisfied=0,
        dissatisfied=0,
        unknown=0,
    )

    fewer, (enough,) = rows_of(staff, ("冯村村", "1", "19", "", "")), rows_of(staff, ("冯村村", "1", "20", "", ""))

    assert (fewer[0].state, enough.state) == ("wrong", "changed")
    assert "20 ballots" in fewer[0].problems[0].text


def test_rows_ask_the_same_number_of_questions(staff, village, django_assert_max_num_queries):
    few = make_grid_import([("冯村村", str(number), "30", "", f"A{number}") for number in range(1, 4)], by=staff)
    many = make_grid_import([("冯村村", str(number), "30", "", f"A{number}") for number in range(1, 60)], by=staff)

    for found in (few, many):
        with django_assert_max_num_queries(5):
            checked(found, staff)


# --- Taking them in ------------------------------------------------------------------------------------


def test_new_and_changed_rows_go_in_together_and_wrong_ones_stay_out(staff, village):
    old = make_grid(village=village, number=1, households=30)
    found = make_grid_import(
        [("冯村村", "1", "33", "", "A1"), ("冯村村", "2", "28", "溪东", "A2"), ("无此村", "3", "28", "", "")], by=staff
    )

    done = take_in(found, staff)

    assert (done.state, done.drawn_count, done.changed_count) == ("done", 1, 1)
    assert list(village.grids.order_by("number").values_list("number", "households", "boundary", "official_code")) == [
        (1, 33, "", "A1"),
        (2, 28, "溪东", "A2"),
    ]
    change = GridChange.objects.get()
    assert (change.kind, change.village, change.remark) == ("imported", village, found.file_name)
    assert sorted(change.grids.values_list("part", "number_after", "households_before", "households_after")) == [
        ("kept", 1, 30, 33),
        ("new", 2, None, 28),
    ]
    entries = AuditEntry.objects.filter(event="import_grids", object_id=old.pk, content_type__model="grid")
    assert entries.get().changes == {"households": ["30", "33"], "official_code": ["", "A1"]}
    assert Grid.objects.exclude(page_code=None).count() == 2
    old.refresh_from_db()
    assert old.version == 1


def test_twice_changes_nothing(staff, village):
    rows = [("冯村村", "1", "33", "溪东", "A1")]
    first, again = make_grid_import(rows, by=staff), make_grid_import(rows, by=staff)
    take_in(first, staff)

    assert take_in(first, staff).state == "done"
    assert [row.state for row in checked(again, staff)] == ["same"]
    with pytest.raises(RuleBroken, match="no new or changed row"):
        take_in(again, staff)

    assert (Grid.objects.count(), ChangedGrid.objects.count()) == (1, 1)


def test_rows_that_mean_something_else_by_then_are_refused(staff, village):
    found = make_grid_import([("冯村村", "1", "33", "", ""), ("冯村村", "2", "30", "", "")], by=staff)
    seen = seen_hash(checked(found, staff))
    make_grid(village=village, number=2, households=20)

    with pytest.raises(RuleBroken, match="mean something else"):
        take_in(found, staff, seen=seen)

    assert village.grids.count() == 1
    assert not GridChange.objects.exists()


def test_city_draws_in_every_township_and_staff_in_theirs_alone(village):
    admin, other = make_user(Role.ADMIN), make_village(name="远村", code="330382109200")
    found = make_grid_import([("冯村村", "1", "33", "", ""), ("远村", "1", "30", "", "")], by=admin)

    take_in(found, admin)

    assert (village.grids.count(), other.grids.count(), GridChange.objects.count()) == (1, 1, 2)
    assert not GridImport.objects.visible_to(make_user(township=village.township)).exists()


def test_file_of_a_township_stays_in_it_whoever_confirms(staff, village):
    make_village(name="远村", code="330382109200")
    found = make_grid_import([("远村", "1", "30", "", "")], by=staff)

    assert [row.state for row in checked(found, make_user(Role.ADMIN))] == ["wrong"]


def test_same_form_is_one_upload(staff, village):
    key, table = uuid4(), TABLE.read(csv([HEADER, ["冯村村", "1", "30", "", ""]]))
    options = {"key": key, "file_name": "网格.csv", "by": staff}

    first = upload_grids(table, sha256="a" * 64, **options)

    assert upload_grids(table, sha256="a" * 64, **options) == first
    with pytest.raises(RuleBroken, match="with another file"):
        upload_grids(table, sha256="b" * 64, **options)


# --- Pages ---------------------------------------------------------------------------------------------


@pytest.fixture
def browser(staff):
    client = Client()
    client.force_login(staff)
    return client


def test_file_goes_from_upload_to_grids(browser, village):
    data = xlsx([HEADER, ["冯村村", "1", "30", "溪东", ""], ["无此村", "2", "x", "", ""]])
    file = SimpleUploadedFile("网格.xlsx", data)

    page = browser.post(reverse("grids:grid_import_create"), {"key": uuid4(), "file": file}, follow=True)
    assert "Import 1 row" in page.content.decode()
    assert "No village of yours is called so." in page.content.decode()
    found = GridImport.objects.get()
    start = reverse("grids:grid_import_start", args=[found.pk])
    after = browser.post(start, {"seen": page.context["seen"]}, follow=True)

    assert "1 grids drawn up, 0 changed" in after.content.decode()
    assert list(village.grids.values_list("number", "households")) == [(1, 30)]
    wrong = browser.get(reverse("grids:grid_import_wrong_rows", args=[found.pk]))
    sheet = python_calamine.load_workbook(io.BytesIO(wrong.content)).get_sheet_by_index(0).to_python()
    assert sheet[1][:3] == ["无此村", "2", "x"]
    assert "No village of yours is called so." in sheet[1][5]


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4", b"PK\x03\x04nothing", "说明\r\n无".encode()])
def test_what_is_no_table_of_grids_is_refused_on_the_form(browser, data):
    answer = browser.post(
        reverse("grids:grid_import_create"), {"key": uuid4(), "file": SimpleUploadedFile("x.xlsx", data)}
    )

    assert answer.status_code == 422
    assert not GridImport.objects.exists()


def test_confirmation_of_other_rows_changes_nothing(browser, staff, village):
    found = make_grid_import([("冯村村", "1", "30", "", "")], by=staff)

    answer = browser.post(reverse("grids:grid_import_start", args=[found.pk]), {"seen": "x"}, follow=True)

    assert "mean something else" in answer.content.decode()
    assert not Grid.objects.exists()


def test_template_is_read_back(browser, village):
    answer = browser.get(reverse("grids:grid_import_template"))

    workbook = python_calamine.load_workbook(io.BytesIO(answer.content))
    assert workbook.get_sheet_by_index(0).to_python()[0] == [names[1] for names in NAMES.values()]
    assert workbook.get_sheet_by_index(1).to_python()[1] == ["冯村村", "330382101200", "大荆镇"]
    with pytest.raises(ValidationError, match="There is no row below"):
        TABLE.read(answer.content)


def test_preview_shows_old_and_new(browser, staff, village):
    make_grid(village=village, number=1, households=30, boundary="溪西")
    found = make_grid_import([("冯村村", "1", "33", "溪东", "")], by=staff)

    page = browser.get(found.get_absolute_url()).content.decode()

    assert "<del>30</del> → <ins>33</ins>" in page
    assert "<del>溪西</del> → <ins>溪东</ins>" in page
