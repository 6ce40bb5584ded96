"""A pile of paper in the browser: rows from the keyboard alone, and a spreadsheet looked at and imported."""

import pytest

from accounts.rights import Role
from grids.models import Team
from services.models import LogImport, ServiceLog
from services.paper.columns import NAMES
from services.paper.directory import Directory, short_name
from services.paper.line import COLUMNS
from tests.browser.conftest import AFTERNOON, PHONE, person_of
from tests.services.paper.test_workbook import xlsx

ROWS = "/services/logs/rows/"


def open_team() -> Team:
    """Return a team of the demo whose present month takes logs."""
    team = Team.objects.active().filter(township=person_of(Role.TOWNSHIP_STAFF).township)
    return team.select_related("grid__village").order_by("pk")[0]


def type_cells(page, *cells):
    """Type from cell to cell with the Tab key, from where the focus is."""
    for cell in cells:
        page.keyboard.type(cell)
        page.keyboard.press("Tab")


@pytest.fixture
def page(visitor):
    page = visitor(Role.TOWNSHIP_STAFF)
    page.goto(ROWS)
    page.click("form[data-row] [name=team]")
    return page


def saved(page, count):
    page.locator("[data-saved]").nth(count - 1).wait_for()


def test_two_rows_are_typed_without_the_mouse(page):
    team = short_name(open_team())
    type_cells(page, team, "7-14", "0510", "+30", "zf", "1", "老陈", "送早饭")
    page.keyboard.press("Enter")
    # Team, day and people are there already; the focus is where the next row begins.
    type_cells(page, "0545", "0615")
    page.keyboard.press("Control+d")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    type_cells(page, "老李")
    page.keyboard.type("量血压")
    page.keyboard.press("Enter")
    saved(page, 2)

    logs = ServiceLog.objects.filter(content__in=("送早饭", "量血压")).order_by("starts_at")
    assert [(log.recipient, log.minutes, log.category.code) for log in logs] == [
        ("老陈", 30, "visit"),
        ("老李", 30, "visit"),
    ]
    assert page.evaluate("document.activeElement.name") == "starts"
    assert page.complaints == []


def test_row_says_what_it_means_and_who_is_in_the_team(page):
    team = open_team()
    type_cells(page, short_name(team), "7-14", "0510", "+30", "zf", "1 2:20")
    page.wait_for_selector(".row-member-in")

    member = Directory(person_of(Role.TOWNSHIP_STAFF)).members_on(team, AFTERNOON.date())[0]
    assert team.name in page.inner_text("[data-meaning]")
    assert member.name in page.inner_text(".row-members")
    assert page.locator(".row-member-in").count() == 2


def test_refused_row_is_put_right_in_its_place(page):
    type_cells(page, short_name(open_team()), "7-14", "0510", "0500", "zf", "1", "老陈")
    page.keyboard.type("时间写反了")
    page.keyboard.press("Enter")
    page.wait_for_selector("form.row-wrong .row-errors")

    page.keyboard.press("Alt+ArrowUp")
    page.locator("form.row-wrong [name=ends]").fill("0540")
    page.keyboard.press("Enter")
    saved(page, 1)

    assert ServiceLog.objects.get(content="时间写反了").minutes == 30


def test_unsaved_row_outlives_a_reload_and_not_a_sign_out(page, village):
    type_cells(page, short_name(open_team()), "7-14", "0510", "+30", "zf", "1", "写到一半的老陈")
    page.reload()
    assert page.input_value("form[data-row] [name=recipient]") == "写到一半的老陈"

    page.evaluate("document.querySelector('form[action$=\"/sign-out/\"]').requestSubmit()")
    page.wait_for_url("**/sign-in/**")

    assert page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('yiwang.rows.')).length") == 0


def test_row_waits_while_somebody_signs_in_again_elsewhere(page):
    type_cells(page, short_name(open_team()), "7-14", "0510", "+30", "zf", "1", "老陈")
    page.keyboard.type("登录过期")
    page.context.clear_cookies(name="sessionid")
    page.keyboard.press("Enter")
    page.wait_for_selector("form.row-wrong [data-said]")
    assert page.input_value("form.row-wrong [name=content]") == "登录过期"
    assert not ServiceLog.objects.filter(content="登录过期").exists()

    other = page.context.new_page()
    other.goto("/")
    other.fill("[name=username]", person_of(Role.TOWNSHIP_STAFF).username)
    other.fill("[name=password]", "yiwang-demo-2026")
    other.click("main [type=submit]")
    other.wait_for_load_state("networkidle")
    page.locator("form.row-wrong [name=content]").press("Enter")
    saved(page, 1)

    assert ServiceLog.objects.filter(content="登录过期").count() == 1


def test_rows_are_cards_on_a_phone(visitor):
    page = visitor(Role.TOWNSHIP_STAFF, viewport=PHONE)
    page.goto(ROWS)

    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.locator("form[data-row] label:visible").count() == len(COLUMNS)


def test_one_row_a_page_without_javascript(visitor):
    page = visitor(Role.TOWNSHIP_STAFF, scripts=False)
    page.goto(ROWS)
    cells = [short_name(open_team()), "7-14", "0510", "+30", "zf", "1", "老陈", "没有脚本的一行", "", ""]
    for column, cell in zip(COLUMNS, cells, strict=True):
        page.fill(f"[name={column}]", cell)
    page.click("form .row-button >> nth=0")
    page.wait_for_load_state()

    assert ServiceLog.objects.filter(content="没有脚本的一行").count() == 1
    assert page.input_value("[name=date]") == "2026-07-14"


def test_spreadsheet_is_looked_at_and_goes_in_by_itself(visitor, settings):
    settings.IMPORT_BATCH = 2
    page = visitor(Role.TOWNSHIP_STAFF)
    team = open_team()
    person = Directory(person_of(Role.TOWNSHIP_STAFF)).members_on(team, AFTERNOON.date())[0]
    rows = [
        [team.name, "2026-07-14", f"05:{minute:02}", "+5", "走访", person.number, "老陈", "导入的", "", ""]
        for minute in range(0, 50, 10)
    ]
    data = xlsx([[NAMES[column][0] for column in COLUMNS], *rows, [team.name, "x", *rows[0][2:]]])
    page.goto("/services/logs/import/")
    page.set_input_files("[name=file]", {"name": "七月.xlsx", "mimeType": "application/zip", "buffer": data})
    page.click("main form [type=submit] >> nth=0")
    page.wait_for_selector(".import-rows")
    assert "B7" in page.inner_text(".import-rows")

    page.click(".page-head-actions .btn-primary")
    page.click("#confirm [data-proceed]")
    page.wait_for_selector(".import-rows", timeout=30_000)

    assert ServiceLog.objects.filter(content="导入的").count() == 5
    found = LogImport.objects.latest("pk")
    assert (found.state, found.imported_count) == ("done", 5)
    assert page.complaints == []
