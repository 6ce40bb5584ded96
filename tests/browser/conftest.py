"""What the browser tier stands on: Debian's Chromium, a served site with the demo's village, a page per person."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command
from playwright.sync_api import Browser, Page, expect, sync_playwright

from accounts.models import User
from accounts.rights import Role
from services.demo.users import PASSWORD

AFTERNOON = datetime(2026, 7, 15, 15, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# As long as a page may take on a busy machine: the same for what is expected and for what is waited for.
expect.set_options(timeout=30_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put every test of this folder into the browser tier."""
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start the machine's Chromium once."""
    # Playwright's loop runs in this thread, where Django would refuse to use the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def village(live_server) -> Iterator[str]:
    """Serve the demo's village on an afternoon in the middle of a month, and return its address."""
    with time_machine.travel(AFTERNOON):
        call_command("demo", scale="village", verbosity=0)
        yield live_server.url


@pytest.fixture
def visitor(chromium: Browser, village: str) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a browser of its own for a role, signed in; without a role for a resident."""
    contexts = []

    def open_page(role: str | None, *, viewport: dict[str, int] = DESKTOP, scripts: bool = True) -> Page:
        context = chromium.new_context(
            viewport=viewport,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=scripts,
            base_url=village,
        )
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        if role is None:
            return page
        page.goto("/")
        page.fill("[name=username]", person_of(role).username)
        page.fill("[name=password]", PASSWORD)
        page.click("main [type=submit]")
        page.wait_for_url(re.compile(f"{re.escape(village)}/$"))
        return page

    yield open_page
    for context in contexts:
        context.close()


def person_of(role: str) -> User:
    """Return the demo's first account of a role; of reviewers the township's own."""
    people = User.objects.filter(role=role).order_by("pk")
    return people.filter(township__isnull=False).first() or people[0]


ROLES = list(Role.values)
