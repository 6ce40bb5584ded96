"""A month is submitted, returned with a comment on a log, submitted again and read, in the browser at both widths."""

import pytest

from accounts.rights import Role
from services.models import LogComment, MonthlyReport
from tests.browser.conftest import DESKTOP, PHONE


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
    page = visitor(Role.REVIEWER)
    page.goto("/services/reports/desk/?month=2026-06")
    before = MonthlyReport.objects.filter(state="read").count()

    page.click("form[action$='/read-plain/'] button")
    page.click("#confirm [data-proceed]")
    page.wait_for_load_state("networkidle")

    assert MonthlyReport.objects.filter(state="read").count() > before
    assert page.complaints == []
