"""A service is logged in the browser: by a leader on a phone, by staff at a desk, and without JavaScript."""

import pytest

from accounts.rights import Role
from services.models import ServiceLog
from tests.browser.conftest import DESKTOP, PHONE

# Nobody of the demo is out so early.
EARLY = {"starts": "05:10", "ends": "05:40"}


def fill_in(page, content):
    """Type what a returning person types; the team, the day and the people are there already."""
    page.fill("[name=starts]", EARLY["starts"])
    page.fill("[name=ends]", EARLY["ends"])
    page.locator(".field-category label, #id_category label").first.click()
    page.fill("[name=recipient]", "独居老人陈阿婆")
    page.fill("[name=content]", content)


@pytest.mark.parametrize(
    ("role", "viewport"), [(Role.TEAM_LEADER, PHONE), (Role.TOWNSHIP_STAFF, DESKTOP)], ids=["leader-360", "staff-1280"]
)
def test_service_is_logged_from_home(role, viewport, visitor):
    page = visitor(role, viewport=viewport)

    page.click("a[href='/services/logs/new/'] >> visible=true")
    page.wait_for_url("**/services/logs/new/")  # with its scripts
    if role == Role.TOWNSHIP_STAFF:
        page.evaluate("document.getElementById('ticked-for').dataset.old = '1'")
        page.select_option("[name=team]", index=1)
        page.wait_for_selector("#ticked-for:not([data-old])", state="attached")  # its members have come
    page.wait_for_selector("[name=participants]", state="attached")
    page.wait_for_load_state("networkidle")
    if not page.locator("[name=participants]:checked").count():
        page.locator("[name=participants] + label, label:has([name=participants])").first.click()
    fill_in(page, "送药上门")
    page.click("main form .btn-primary")
    page.wait_for_url(lambda url: "/services/logs/" in url and not url.endswith("/new/"))

    log = ServiceLog.objects.get(content="送药上门")
    assert (log.minutes, log.recipient) == (30, "独居老人陈阿婆")
    assert log.participations.exists()
    assert page.complaints == []


def test_the_next_log_keeps_team_day_and_people(visitor):
    page = visitor(Role.TEAM_LEADER, viewport=PHONE)
    page.goto("/services/logs/new/")
    page.locator("[name=participants]").first.evaluate("box => { if (!box.checked) box.click() }")
    ticked = page.locator("[name=participants]:checked").count()
    day = page.input_value("[name=date]")
    fill_in(page, "第一次")

    page.click("[name=next]")
    page.wait_for_load_state("networkidle")

    assert ServiceLog.objects.filter(content="第一次").count() == 1
    assert page.input_value("[name=content]") == ""
    assert page.input_value("[name=date]") == day
    assert page.locator("[name=participants]:checked").count() == ticked


def test_what_is_wrong_comes_back_at_the_field_with_the_rest_kept(visitor):
    page = visitor(Role.TEAM_LEADER, viewport=PHONE)
    page.goto("/services/logs/new/")
    fill_in(page, "时间写反了")
    page.fill("[name=ends]", "04:00")

    page.click("main form .btn-primary")
    page.wait_for_load_state("networkidle")

    assert page.locator("[name=ends]").get_attribute("aria-invalid") == "true"
    assert page.input_value("[name=content]") == "时间写反了"
    assert not ServiceLog.objects.filter(content="时间写反了").exists()


def test_service_is_logged_without_javascript(visitor):
    page = visitor(Role.TEAM_LEADER, viewport=PHONE, scripts=False)
    page.goto("/services/logs/new/")
    if not page.locator("[name=participants]:checked").count():
        page.locator("label:has([name=participants]), [name=participants] + label").first.click()
    fill_in(page, "没有脚本")

    page.click("main form .btn-primary")
    page.wait_for_load_state()

    assert ServiceLog.objects.filter(content="没有脚本").count() == 1


def test_pressing_twice_makes_one_log(visitor):
    page = visitor(Role.TEAM_LEADER, viewport=PHONE)
    page.goto("/services/logs/new/")
    page.locator("[name=participants]").first.evaluate("box => { if (!box.checked) box.click() }")
    fill_in(page, "按了两次")

    page.locator("main form .btn-primary").dblclick()
    page.wait_for_url(lambda url: "/services/logs/" in url and not url.endswith("/new/"))
    page.wait_for_load_state("networkidle")

    assert ServiceLog.objects.filter(content="按了两次").count() == 1
