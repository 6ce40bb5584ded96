"""Services written down without a network: in the outbox on a phone, by one person or two in one browser."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from accounts.rights import Role
from grids.domain.team import choose_leader
from grids.models import Membership
from services.demo.users import PASSWORD
from services.models import ServiceLog
from tests.browser.conftest import AFTERNOON, PHONE, person_of
from tests.factories import make_user
from tests.pictures import jpeg

OUTBOX = "/services/logs/outbox/"
SEND = "**/services/logs/outbox/send/"


@pytest.fixture
def phone(visitor):
    """Return the page of a leader whose phone shows the right time and keeps the outbox by now."""
    page = visitor(Role.TEAM_LEADER, viewport=PHONE)
    page.clock.install(time=AFTERNOON)
    for _ in range(3):
        page.goto("/")
        if is_so(page, "() => navigator.serviceWorker.controller !== null"):
            break
    until(page, "() => caches.has('yiwang-page')")
    return page


def is_so(page, question):
    """Wait until the page answers yes; the site's own policy forbids Playwright's way of doing it."""
    for _ in range(100):
        if page.evaluate(question):
            return True
        page.wait_for_timeout(100)
    return False


def until(page, question):
    assert is_so(page, question), f"never: {question}"


def open_outbox(page):
    page.goto(OUTBOX)
    page.wait_for_selector("form[data-ready]")


def write(page, content, *, starts="05:10", ends="05:40", put=True):
    """Write one log, by default before anybody of the demo is out."""
    page.fill("[name=starts]", starts)
    page.fill("[name=ends]", ends)
    if not page.locator("[name=participants]:checked").count():
        page.locator("#log-people label").first.click()
    page.locator(".field-category label").first.click()
    page.fill("[name=recipient]", "独居老人陈阿婆")
    page.fill("[name=content]", content)
    if put:
        before = page.locator(".outbox-entry").count()
        page.click("form[data-offline] [type=submit]")
        page.locator(".outbox-entry").nth(before).wait_for()


def wait_for_state(page, state, number=1):
    for _ in range(150):
        if page.locator(f".outbox-entry[data-state={state}]").count() == number:
            return
        page.wait_for_timeout(100)
    raise AssertionError(page.locator("#outbox-list").inner_text())


def sign_in(page, user):
    page.goto("/accounts/sign-in/")
    page.fill("[name=username]", user.username)
    page.fill("[name=password]", PASSWORD)
    page.click("main [type=submit]")
    page.wait_for_selector(".menu-name")


def another_leader():
    """Return a second leader of the demo's township, of a team of their own."""
    first = person_of(Role.TEAM_LEADER)
    teams = Membership.objects.current().filter(role="leader", volunteer__user__isnull=True)
    chief = teams.filter(volunteer__township=first.township).order_by("pk").first().volunteer
    user = make_user(Role.TEAM_LEADER, township=first.township, name="第二位队长", password=PASSWORD)
    chief.user = user
    chief.save()
    return user


def stored_text(page):
    """Return everything that a page of this site can read on the device, as text."""
    return page.evaluate(
        """async () => {
            const done = ask => new Promise(resolve => { ask.onsuccess = () => resolve(ask.result); });
            const found = [JSON.stringify(localStorage)];
            for (const name of await caches.keys()) {
                const cache = await caches.open(name);
                for (const key of await cache.keys()) { found.push(key.url, await (await cache.match(key)).text()); }
            }
            for (const { name } of await indexedDB.databases()) {
                const database = await done(indexedDB.open(name));
                for (const kind of database.objectStoreNames) {
                    for (const row of await done(database.transaction(kind).objectStore(kind).getAll())) {
                        const sealed = [row.sealed, ...(row.photos || [])].filter(Boolean);
                        found.push(JSON.stringify(row), ...sealed.map(part => new TextDecoder().decode(part.data)));
                    }
                }
                database.close();
            }
            return found.join("\\n");
        }"""
    )


# --- Without a network ------------------------------------------------------------------------------------


def test_logs_written_without_a_network_arrive_once_it_is_back(phone):
    phone.context.set_offline(True)
    phone.goto("/services/logs/")
    phone.click("main .btn-primary")  # the page that stands in leads to the outbox
    phone.wait_for_selector("form[data-ready]")
    assert phone.locator("[data-when-offline]").is_visible()
    write(phone, "离线第一次")
    write(phone, "离线第二次", starts="06:00", ends="06:30", put=False)
    phone.wait_for_timeout(600)
    phone.reload()
    phone.wait_for_selector("form[data-ready]")
    assert phone.input_value("[name=content]") == "离线第二次"
    phone.click("form[data-offline] [type=submit]")
    wait_for_state(phone, "waiting", 2)
    assert not ServiceLog.objects.filter(content__startswith="离线").exists()

    phone.context.set_offline(False)

    wait_for_state(phone, "delivered", 2)
    logs = ServiceLog.objects.filter(content__startswith="离线")
    assert sorted(log.minutes for log in logs) == [30, 30]
    shown = phone.locator("#outbox-list").inner_text()
    assert all(re.search(rf"\b{log.pk}\b", shown) for log in logs)
    phone.locator(".outbox-entry a").first.click()
    phone.wait_for_url(re.compile(rf"/logs/({'|'.join(str(log.pk) for log in logs)})/"))


def test_home_shows_how_many_wait(phone):
    open_outbox(phone)
    phone.context.set_offline(True)
    write(phone, "等着")
    phone.route(SEND, lambda route: route.abort())
    phone.context.set_offline(False)

    phone.goto("/")

    phone.locator("[data-outbox-count]").wait_for()
    assert phone.locator("[data-outbox-count]").inner_text() == "1"


def test_nothing_but_the_outbox_is_kept(phone):
    phone.goto("/services/logs/")
    phone.goto("/volunteers/")
    open_outbox(phone)

    kept = phone.evaluate(
        "async () => { const all = []; for (const name of await caches.keys()) {"
        " for (const key of await (await caches.open(name)).keys()) { all.push(new URL(key.url).pathname); } }"
        " return all; }"
    )

    assert {path for path in kept if not path.startswith("/static/")} == {"/offline/", OUTBOX}


def test_log_whose_answer_was_lost_is_sent_again_and_counts_once(phone):
    open_outbox(phone)
    lost = []

    def lose_the_answer(route):
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    phone.route(SEND, lose_the_answer)
    write(phone, "答复丢了")
    for _ in range(200):  # it waits before it is sent as well
        if lost:
            break
        phone.wait_for_timeout(50)
    wait_for_state(phone, "waiting")
    assert lost == [201]

    phone.click("#outbox-send")

    wait_for_state(phone, "delivered")
    log = ServiceLog.objects.get(content="答复丢了")
    assert str(log.pk) in phone.locator(".outbox-entry").inner_text()


def test_answer_that_is_not_ours_delivers_nothing(phone):
    open_outbox(phone)
    phone.route(SEND, lambda route: route.fulfill(status=200, content_type="text/html", body="<p>ok</p>"))

    write(phone, "门户网页")

    wait_for_state(phone, "waiting")
    assert phone.locator(".outbox-entry[data-state=delivered]").count() == 0


def test_ended_session_keeps_the_log_and_says_so(phone):
    open_outbox(phone)
    phone.context.clear_cookies(name="sessionid")

    write(phone, "会话过期")

    phone.locator("[data-when-halted=signed_out]").wait_for()
    assert phone.locator(".outbox-entry[data-state=waiting]").count() == 1
    sign_in(phone, person_of(Role.TEAM_LEADER))
    open_outbox(phone)
    wait_for_state(phone, "delivered")
    assert ServiceLog.objects.filter(content="会话过期").count() == 1


def test_photos_wait_with_their_log_and_arrive_small(phone):
    open_outbox(phone)
    phone.context.set_offline(True)
    large = {"name": "大.jpg", "mimeType": "image/jpeg", "buffer": jpeg(1, size=(2400, 1800))}
    write(phone, "带照片", put=False)
    phone.set_input_files("[name=photos]", large)
    phone.locator("[data-photo-list] li").wait_for()
    phone.wait_for_timeout(700)
    phone.reload()  # the draft keeps its photo
    phone.locator("[data-photo-list] li").wait_for()
    phone.click("form[data-offline] [type=submit]")
    wait_for_state(phone, "waiting")
    phone.click("[data-do=edit]")
    phone.locator("[data-photo-list] li").wait_for()
    phone.fill("[name=content]", "带照片，改过")
    phone.click("form[data-offline] [type=submit]")
    wait_for_state(phone, "waiting")

    phone.context.set_offline(False)

    wait_for_state(phone, "delivered")
    photo = ServiceLog.objects.get(content="带照片，改过").photos.standing().get()
    assert max(photo.width, photo.height) <= 1600
    assert phone.evaluate("async () => (await ownStore.photosOf((await ownStore.entries())[0].id)).length") == 0


# --- Refused and asked ------------------------------------------------------------------------------------


def test_refused_log_says_why_and_is_put_right(phone):
    open_outbox(phone)
    write(phone, "还没结束", starts="14:00", ends="23:00")
    wait_for_state(phone, "refused")
    assert phone.locator("[data-reasons]").is_visible()

    phone.click("[data-do=edit]")
    expect(phone.locator("[name=ends]")).to_have_value("23:00")  # what was written comes from the phone's own store
    phone.fill("[name=starts]", "05:00")
    phone.fill("[name=ends]", "05:30")
    phone.click("form[data-offline] [type=submit]")

    wait_for_state(phone, "delivered")
    assert ServiceLog.objects.get(content="还没结束").minutes == 30


def test_log_of_a_leader_replaced_meanwhile_is_refused_with_its_text_to_copy(phone):
    open_outbox(phone)
    phone.context.set_offline(True)
    write(phone, "换了队长")
    chief = Membership.objects.current().get(volunteer__user=person_of(Role.TEAM_LEADER))
    other = Membership.objects.current().filter(team=chief.team, role="member").first()
    choose_leader(chief.team, other.volunteer, by=person_of(Role.ADMIN))

    phone.context.set_offline(False)

    wait_for_state(phone, "refused")
    assert phone.locator("[data-reasons] li").count() == 1
    phone.click("[data-text] summary")
    assert "换了队长" in phone.locator("[data-text] pre").inner_text()
    assert chief.team.name in phone.locator("[data-text] pre").inner_text()
    assert not ServiceLog.objects.filter(content="换了队长").exists()


def test_phone_a_day_fast_is_asked_and_put_right(phone):
    phone.clock.install(time=AFTERNOON + timedelta(days=1))
    open_outbox(phone)

    write(phone, "手机快一天")

    wait_for_state(phone, "ask")
    assert not ServiceLog.objects.filter(content="手机快一天").exists()
    phone.click("[data-do=accept]")
    wait_for_state(phone, "delivered")
    assert ServiceLog.objects.get(content="手机快一天").date == timezone.localdate()


def test_phone_a_day_slow_is_warned_before_anything_is_written(phone):
    open_outbox(phone)
    phone.clock.install(time=AFTERNOON - timedelta(days=1))

    open_outbox(phone)

    assert phone.locator("#clock-note").is_visible()


# --- Two people in one browser ----------------------------------------------------------------------------


def test_two_people_in_one_browser_never_meet(phone):
    first, second = person_of(Role.TEAM_LEADER), another_leader()
    open_outbox(phone)
    phone.context.set_offline(True)
    write(phone, "第一个人的日志")
    write(phone, "第一个人的草稿", put=False)
    phone.wait_for_timeout(600)
    phone.context.clear_cookies()  # the first one's session ended without signing out
    phone.context.set_offline(False)
    phone.wait_for_timeout(500)

    sign_in(phone, second)

    seen = stored_text(phone)
    assert "第一个人" not in seen
    assert "独居老人陈阿婆" not in seen
    until(phone, "() => caches.has('yiwang-page')")
    assert first.name not in stored_text(phone)
    assert phone.locator("[data-outbox-count]").is_hidden()
    open_outbox(phone)
    assert phone.locator(".outbox-entry").count() == 0
    assert phone.input_value("[name=content]") == ""
    assert not ServiceLog.objects.filter(content__startswith="第一个人").exists()

    leave(phone)
    sign_in(phone, first)
    phone.locator("[data-when-parked]").first.wait_for(state="attached")
    open_outbox(phone)
    wait_for_state(phone, "delivered")
    log = ServiceLog.objects.get(content="第一个人的日志")
    assert log.recorded_by == first
    assert phone.input_value("[name=content]") == "第一个人的草稿"


def leave(page, *, undelivered=False):
    page.click(".topbar .menu summary")
    page.click("form[data-sign-out] button")
    if undelivered:
        page.click("#confirm [data-proceed]")
    page.wait_for_url("**/accounts/sign-in/")


def test_signing_out_warns_of_what_was_not_sent_and_leaves_nothing(phone):
    open_outbox(phone)
    phone.route(SEND, lambda route: route.abort())
    write(phone, "没发出去")
    phone.goto("/services/logs/new/")
    phone.fill("[name=recipient]", "写了一半的人")
    phone.wait_for_timeout(600)

    phone.click(".topbar .menu summary")
    phone.click("form[data-sign-out] button")
    phone.locator("#confirm[open]").wait_for()
    assert "1" in phone.locator("#confirm-text").inner_text()
    phone.click("#confirm [data-close]")
    phone.wait_for_url(f"**{OUTBOX}")
    phone.wait_for_selector("form[data-ready]")
    assert phone.locator(".outbox-entry").count() == 1

    leave(phone, undelivered=True)

    left = phone.evaluate(
        "async () => [await indexedDB.databases(), await caches.keys(), Object.keys(localStorage),"
        " (await navigator.serviceWorker.getRegistrations()).length]"
    )
    assert left == [[], [], [], 0]


def test_somebody_who_keeps_no_outbox_clears_the_page_by_signing_in(phone):
    assert phone.evaluate("() => caches.has('yiwang-page')")
    phone.context.clear_cookies()

    sign_in(phone, User.objects.filter(role=Role.REVIEWER, township__isnull=False).first())

    until(phone, "async () => !(await caches.has('yiwang-page'))")


# --- The ordinary form, and without scripts ---------------------------------------------------------------


def test_half_written_log_survives_a_closed_tab(phone):
    phone.goto("/services/logs/new/")
    phone.fill("[name=recipient]", "张阿公")
    phone.fill("[name=content]", "写了一半")
    phone.fill("[name=starts]", "05:00")
    phone.wait_for_timeout(700)
    again = phone.context.new_page()
    phone.close()
    again.clock.install(time=AFTERNOON)
    again.goto("/services/logs/new/")
    again.locator("#draft-offer").wait_for()
    assert "张阿公" in again.locator("#draft-offer").inner_text()

    again.click("[data-restore]")
    again.wait_for_selector("#draft-offer", state="hidden")

    assert again.input_value("[name=content]") == "写了一半"
    again.fill("[name=ends]", "05:30")
    if not again.locator("[name=participants]:checked").count():
        again.locator("[name=participants] + label").first.click()
    again.locator(".field-category label").first.click()
    again.click("main form .btn-primary")
    again.wait_for_url("**/services/logs/")
    assert ServiceLog.objects.filter(content="写了一半").count() == 1
    again.goto("/services/logs/new/")
    again.wait_for_timeout(500)
    assert again.locator("#draft-offer").is_hidden()


def test_ordinary_form_without_a_network_goes_to_the_outbox(phone):
    phone.goto("/services/logs/new/")
    phone.fill("[name=starts]", "05:00")
    phone.fill("[name=ends]", "05:30")
    if not phone.locator("[name=participants]:checked").count():
        phone.locator("[name=participants] + label").first.click()
    phone.locator(".field-category label").first.click()
    phone.fill("[name=recipient]", "李阿婆")
    phone.fill("[name=content]", "写到一半断网")
    phone.context.set_offline(True)
    phone.click("main form.log-form .btn-primary")
    phone.locator("#draft-offline").wait_for()

    phone.click("#draft-offline a")
    phone.wait_for_selector("form[data-ready]")
    assert phone.input_value("[name=content]") == "写到一半断网"
    phone.click("form[data-offline] [type=submit]")
    phone.context.set_offline(False)

    wait_for_state(phone, "delivered")
    assert ServiceLog.objects.get(content="写到一半断网").recipient == "李阿婆"


def test_without_scripts_the_page_leads_to_the_ordinary_form(visitor):
    page = visitor(Role.TEAM_LEADER, viewport=PHONE, scripts=False)

    page.goto(OUTBOX)

    assert page.locator("form[data-offline]").is_hidden()
    page.click("main [data-needs-scripts] a")
    page.wait_for_url("**/services/logs/new/")
