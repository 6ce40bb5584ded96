"""A month is submitted, returned with a comment on a log, submitted again and read, in the browser at both widths."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from accounts.rights import Role
from services.models import LogComment, LogFlag, MonthlyReport, Thanks
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_every_page import RULES

DESK = "/services/reports/desk/?month=2026-06"


def open_report():
    """A month that is over, still open, with services."""
    reports = MonthlyReport.objects.filter(state="open", month="2026-06-01", logs__is_withdrawn=False)
    return reports.order_by("pk").first()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_month_goes_back_and_forth_until_it_is_read(viewport, visitor):
    report = open_report()
    address = report.get_absolute_url()
    staff, reviewer = visitor(Role.TOWNSHIP_STAFF, viewport=viewport), visitor(Role.REVIEWER, viewport=viewport)

    def state():
        report.refresh_from_db()
        return report.state

    staff.goto(address)
    staff.click("form[action$='/submit/'] button")
    staff.wait_for_load_state("networkidle")
    assert state() == "submitted"

    reviewer.goto(address)
    comment = reviewer.locator("form[action$='/comment/']").first
    if not comment.is_visible():
        reviewer.locator("details:has(form[action$='/comment/']) > summary").first.click()
    comment.locator("[name$=text]").fill("请写明服务对象")
    comment.locator("button").click()
    reviewer.wait_for_load_state("networkidle")
    reviewer.fill("form[action$='/return/'] [name$=remark]", "一条日志不完整")
    reviewer.click("form[action$='/return/'] button")
    reviewer.wait_for_load_state("networkidle")
    assert state() == "returned"
    assert LogComment.objects.filter(log__report=report).count() == 1

    staff.goto("/")
    assert "一条日志不完整" in staff.content() or report.team.name in staff.content()
    staff.goto(address)
    assert "请写明服务对象" in staff.content()
    staff.click("form[action$='/submit/'] button")
    staff.wait_for_load_state("networkidle")
    assert state() == "submitted"

    reviewer.goto(address)
    reviewer.click("form[action$='/read/'] button")
    reviewer.click("#confirm [data-proceed]")
    reviewer.wait_for_load_state("networkidle")
    assert state() == "read"
    assert staff.complaints == reviewer.complaints == []


def test_plain_months_of_a_township_are_read_with_one_click(visitor):
    quiet = waiting(logs__is_withdrawn=False, times_returned=0).last()
    LogFlag.objects.filter(log__report=quiet).delete()  # the demo plants some in every team
    page = visitor(Role.REVIEWER)
    page.goto("/services/reports/desk/?month=2026-06")
    before = MonthlyReport.objects.filter(state="read").count()

    page.click("form[action$='/read-plain/'] button")
    page.click("#confirm [data-proceed]")
    page.wait_for_load_state("networkidle")

    assert MonthlyReport.objects.filter(state="read").count() > before
    assert page.complaints == []


# --- the desk, without a mouse -------------------------------------------------------------------------


def waiting(**fields):
    """The months that wait on the desk of the demo's township."""
    return MonthlyReport.objects.filter(state="submitted", month="2026-06-01", **fields).order_by("pk")


def flaws_of(page) -> list[str]:
    """Ask axe with the whole page in sight: what is half under a bar that stays would be called too small."""
    seen = page.viewport_size
    page.set_viewport_size({**seen, "height": page.evaluate("document.documentElement.scrollHeight")})
    found = [
        f"{violation['id']}: {violation['nodes'][0]['html'][:160]}"
        for violation in Axe().run(page, options=RULES).response["violations"]
    ]
    page.set_viewport_size(seen)
    page.complaints.clear()  # axe tries styles that the page's own policy forbids
    return found


def row_of(page) -> int:
    """The report of the team that has the focus."""
    return int(page.evaluate("document.activeElement.closest('.desk-team').dataset.report || 0"))


def go_to(page, report) -> None:
    """Press j until the team of the report has the focus."""
    for _ in range(100):
        page.keyboard.press("j")
        if row_of(page) == report.pk:
            return
    raise AssertionError("the team is not on the desk")


def said(page) -> str:
    page.wait_for_selector("#desk-said:not(:empty)")
    return page.inner_text("#desk-said")


@pytest.fixture
def odd(village):
    """A month that is to be looked at: one of its logs has a flag."""
    report = waiting(logs__is_withdrawn=False, times_returned=0).first()
    LogFlag.objects.filter(log__report=report).exclude(rule="late").delete()  # what the demo planted
    LogFlag.objects.get_or_create(log=report.logs.filter(is_withdrawn=False).first(), rule="late")
    return report


def test_desk_is_reviewed_from_the_keyboard(odd, visitor):
    page = visitor(Role.REVIEWER)
    page.goto(DESK)

    go_to(page, odd)
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert row_of(page) == odd.pk
    page.keyboard.press("r")  # not opened yet: nobody has looked at it
    assert said(page)
    page.keyboard.press("Enter")
    page.wait_for_selector(".is-current .desk-logs")
    assert page.get_attribute(".is-current .desk-name", "aria-expanded") == "true"
    assert flaws_of(page) == []

    page.keyboard.press("f")
    page.keyboard.type("ok rjkb")  # keys are letters in a field
    page.keyboard.press("Tab")
    page.keyboard.press("Tab") if page.evaluate("document.activeElement.tagName") != "BUTTON" else None
    page.keyboard.press("Enter")
    page.wait_for_selector(".is-current .flag-answered")
    assert LogFlag.objects.get(log__report=odd, rule="late").answer == "ok rjkb"
    odd.refresh_from_db()
    assert odd.state == "submitted"

    page.keyboard.press("r")
    page.wait_for_selector(f"#team-{odd.team_id}[data-can='']")
    odd.refresh_from_db()
    assert odd.state == "read"
    assert row_of(page) != odd.pk  # on to the next one that waits
    assert page.complaints == []


def test_desk_returns_with_a_remark_and_comments_from_the_keyboard(odd, visitor):
    page = visitor(Role.REVIEWER)
    page.goto(DESK)
    go_to(page, odd)

    page.keyboard.press("c")
    page.wait_for_selector(".is-current [data-comment] textarea:focus")
    page.keyboard.insert_text("请写明服务对象")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".is-current .comment")
    page.keyboard.press("b")
    page.wait_for_selector(".is-current [data-return] textarea:focus")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # without a remark it comes back
    page.wait_for_selector(".is-current .error-summary:focus")
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    page.keyboard.insert_text("一条日志不完整")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#team-{odd.team_id}[data-can='']")

    odd.refresh_from_db()
    assert (odd.state, odd.remark) == ("returned", "一条日志不完整")
    assert list(LogComment.objects.filter(log__report=odd).values_list("text", "round")) == [("请写明服务对象", 0)]
    assert [complaint for complaint in page.complaints if "422" not in complaint] == []


def test_keys_of_the_desk_can_be_switched_off_and_stay_off(odd, visitor):
    page = visitor(Role.REVIEWER)
    page.goto(DESK)

    page.keyboard.press("?")
    page.wait_for_selector("#desk-keys[open]")
    assert flaws_of(page) == []
    page.uncheck("#desk-keys-on")
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("j")
    page.keyboard.press("?")

    assert page.locator(".desk-team.is-current").count() == 0
    assert not page.is_visible("#desk-keys")
    page.click("#desk-keys-button")
    page.check("#desk-keys-on")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert page.locator(".desk-team.is-current").count() == 1


def test_key_does_not_read_what_changed_after_the_desk_was_shown(odd, visitor):
    page = visitor(Role.REVIEWER)
    page.goto(DESK)
    go_to(page, odd)
    page.keyboard.press("Enter")
    page.wait_for_selector(".is-current .desk-logs")
    MonthlyReport.objects.filter(pk=odd.pk).update(version=odd.version + 2)

    page.keyboard.press("r")

    assert said(page)
    odd.refresh_from_db()
    assert odd.state == "submitted"
    page.keyboard.press("r")  # now it is shown as it is
    page.wait_for_selector(f"#team-{odd.team_id}[data-can='']")
    odd.refresh_from_db()
    assert odd.state == "read"


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_opened_team_fits_and_is_read_with_thanks(viewport, odd, visitor):
    page = visitor(Role.REVIEWER, viewport=viewport)
    page.goto(DESK)

    page.click(f"#team-{odd.team_id} .desk-name")
    page.wait_for_selector(f"#team-{odd.team_id} .desk-logs")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.fill(f"#team-{odd.team_id} [name=thanks]", "台风天辛苦了")
    page.click(f"#team-{odd.team_id} [data-read] button")
    page.wait_for_selector(f"#team-{odd.team_id}[data-can='']")

    assert wide == 0
    assert Thanks.objects.get(report=odd).text == "台风天辛苦了"
    assert flaws_of(page) == []


def test_desk_without_scripts_leads_to_the_months_page(odd, visitor):
    page = visitor(Role.REVIEWER, scripts=False)
    page.goto(DESK)

    page.click(f"#team-{odd.team_id} .desk-name")

    assert page.url.endswith(odd.get_absolute_url())
    page.fill("[data-read] [name=thanks]", "谢谢")
    page.click("[data-read] button")
    odd.refresh_from_db()
    assert odd.state == "read"
