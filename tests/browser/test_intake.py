"""The phone rings: what a caller asked before stands there while one types, with scripts and without."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.rights import Role
from services.models import HelpRequest
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories import make_request

NUMBER = "0577-62181234-801"


@pytest.fixture
def before(village):
    """Note what a household asked the leader's team a while ago, by its landline."""
    team = HelpRequest.objects.filter(state="open", team__memberships__volunteer__user__isnull=False)[0].team
    return make_request(team=team, caller="胡阿公", content="看看电线", phone=NUMBER, place="桥头12号")


def look_up(page: Page, *, scripts: bool) -> None:
    """Let the desk look up what was typed: by itself, or by its button."""
    if not scripts:
        page.click("[name=lookup]")
    page.wait_for_selector(".intake-open")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_returning_caller_is_noted_in_a_few_steps(visitor, before, scripts, viewport):
    page = visitor(Role.TOWNSHIP_STAFF, scripts=scripts, viewport=viewport)
    page.goto("/services/requests/new/")
    expect(page.locator("[name=phone]")).to_be_focused()
    page.keyboard.type("057762181234")
    look_up(page, scripts=scripts)
    assert "看看电线" in page.locator(".intake-open").inner_text()

    page.click(".intake-caller")
    expect(page.locator("[name=caller]")).to_have_value("胡阿公")
    expect(page.locator("[name=place]")).to_have_value("桥头12号")
    expect(page.locator(".intake-choice > summary")).to_be_visible()
    if scripts:
        expect(page.locator("[name=content]")).to_be_focused()
        page.keyboard.type("水龙头也坏了")  # the words come next
        page.keyboard.press("Control+Enter")
    else:
        page.fill("[name=content]", "水龙头也坏了")
        page.click("[data-save]")
    page.wait_for_url(re.compile("/code/$"))

    noted = HelpRequest.objects.get(content="水龙头也坏了")
    assert (noted.caller, noted.grid, noted.team, noted.phone) == (
        "胡阿公",
        before.grid,
        before.team,
        "0577-62181234",
    )
    assert page.complaints == []


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_call_is_attached_to_what_is_still_open(visitor, before, scripts):
    page = visitor(Role.TEAM_LEADER, viewport=PHONE, scripts=scripts)
    page.goto("/services/requests/new/")
    page.fill("[name=phone]", NUMBER)
    page.fill("[name=content]", "还没有人来")
    look_up(page, scripts=scripts)

    page.click(f"[name=attach][value='{before.pk}']")
    page.wait_for_url(re.compile(f"/requests/{before.pk}/$"))

    assert before.steps.get(kind="called_again").text == "还没有人来"
    assert not HelpRequest.objects.filter(content="还没有人来").exists()
    assert page.complaints == []


def test_a_village_brings_its_grids_and_keeps_what_was_typed(visitor):
    page = visitor(Role.TOWNSHIP_STAFF)
    page.goto("/services/requests/new/")
    page.fill("[name=content]", "路灯不亮")
    village = HelpRequest.objects.filter(grid__isnull=False)[0].village

    page.select_option("[name=village]", str(village.pk))
    page.wait_for_selector(".intake-grid")
    page.locator(".intake-grid").nth(1).click()

    assert page.locator("[name=grid]:checked").get_attribute("value") != ""
    assert page.input_value("[name=content]") == "路灯不亮"
    assert page.complaints == []
