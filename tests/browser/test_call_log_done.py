"""«Call, log, done»: somebody phoned, the leader went, it is solved. Every tap and every field is counted."""

import gzip

import pytest
from playwright.sync_api import Page

from accounts.rights import Role
from services.models import HelpRequest, ServiceLog
from tests.browser.conftest import AFTERNOON, PHONE
from tests.factories import make_request

# What the programme allows a returning leader on a phone, and what it takes today.
ALLOWED, TAKEN = 12, 6
# What a page for the village may weigh on the wire, all of it, with nothing in the cache.
HEAVIEST = 100_000


class Hand:
    """A thumb on a phone that counts what it does."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def tap(self, selector: str) -> None:
        self.count += 1
        self.page.locator(selector).first.click()

    def type(self, selector: str, text: str) -> None:
        self.count += 1
        self.page.fill(selector, text)


def tell(hand: Hand) -> None:
    """Say what only the leader knows: who called, what was done, of what kind, how long it took."""
    hand.type("[name=recipient]", "独居老人陈阿婆")
    hand.type("[name=content]", "修好水龙头")
    hand.tap(".field-category label")
    hand.tap("label[for=id_duration_1]")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_returning_leader_is_done_in_few_taps(visitor, scripts):
    page = visitor(Role.TEAM_LEADER, viewport=PHONE, scripts=scripts)
    hand = Hand(page)

    hand.tap("a[href='/services/logs/call/'] >> visible=true")
    page.wait_for_url("**/logs/call/")
    tell(hand)
    hand.tap("main form .btn-primary")
    page.wait_for_url("**/services/logs/")

    log = ServiceLog.objects.get(content="修好水龙头")
    assert (log.minutes, log.recipient, log.request.state) == (30, "独居老人陈阿婆", "resolved")
    assert (log.request.caller, log.participations.exists()) == ("独居老人陈阿婆", True)
    assert hand.count == TAKEN <= ALLOWED
    assert page.complaints == []


def test_pressing_twice_makes_one_request_and_one_log(visitor):
    page = visitor(Role.TEAM_LEADER, viewport=PHONE)
    page.goto("/services/logs/call/")
    tell(Hand(page))

    page.locator("main form .btn-primary").dblclick()
    page.wait_for_url("**/services/logs/")
    page.wait_for_load_state("networkidle")

    assert ServiceLog.objects.filter(content="修好水龙头").count() == 1
    assert HelpRequest.objects.filter(content="修好水龙头").count() == 1


def test_what_is_missing_comes_back_with_the_rest_kept(visitor):
    page = visitor(Role.TEAM_LEADER, viewport=PHONE)
    page.goto("/services/logs/call/")
    page.fill("[name=recipient]", "独居老人陈阿婆")
    page.fill("[name=content]", "修好水龙头")
    page.locator(".field-category label").first.click()

    page.click("main form .btn-primary")
    page.wait_for_load_state("networkidle")

    assert page.locator(".field-duration .field-error").is_visible()
    assert page.input_value("[name=content]") == "修好水龙头"
    assert not HelpRequest.objects.filter(content="修好水龙头").exists()


def test_a_typed_start_and_a_tapped_length_exclude_each_other(visitor):
    page = visitor(Role.TEAM_LEADER, viewport=PHONE)
    page.goto("/services/logs/call/")
    page.locator("label[for=id_duration_1]").click()

    page.locator(".call-times summary").click()
    page.fill("[name=starts]", "13:10")
    assert page.locator("[name=duration]:checked").count() == 0

    page.locator("label[for=id_duration_1]").click()
    assert page.input_value("[name=starts]") == ""


def test_a_request_that_waits_leads_to_its_log(visitor):
    page = visitor(Role.TEAM_LEADER, viewport=PHONE)
    team = HelpRequest.objects.filter(state="open", team__memberships__volunteer__user__isnull=False)[0].team
    waiting = make_request(team=team, caller="胡阿公", content="看看电线")
    page.clock.install(time=AFTERNOON)  # half an hour until now: the phone's now, at whatever hour this runs
    page.goto("/")

    page.click("text=胡阿公 >> visible=true")
    page.click(f"a[href='/services/logs/new/?request={waiting.pk}']")
    page.locator("[data-minutes='30']").click()
    page.locator(".field-category label").first.click()
    page.fill("[name=content]", "换了老化的电线")
    page.click("main form .btn-primary")
    page.wait_for_url("**/services/pager/")  # where what waits is

    waiting.refresh_from_db()
    assert (waiting.state, waiting.logs.get().recipient) == ("resolved", "胡阿公")


def test_the_page_for_a_phone_is_light(village, visitor):
    page = visitor(Role.TEAM_LEADER, viewport=PHONE)
    fetched = {}
    page.route("**/*", lambda route: route.continue_())  # nothing comes from the cache
    page.on("response", lambda answer: fetched.__setitem__(answer.url, answer))
    page.goto("/services/logs/call/")
    page.wait_for_load_state("networkidle")

    weights = {url.removeprefix(village): _on_the_wire(answer) for url, answer in fetched.items() if answer.ok}
    assert any("bootstrap" in url for url in weights)

    assert sum(weights.values()) < HEAVIEST, weights


def _on_the_wire(answer):
    """Weigh an answer as production sends it: packed, by the server or by what stands before it."""
    return len(gzip.compress(answer.body(), 6))
