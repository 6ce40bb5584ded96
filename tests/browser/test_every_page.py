"""Every page of every role at both widths: no violation of WCAG 2.2 AA that axe finds, no sideways scroll, no error."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import Resolver404, resolve

from tests.browser.conftest import DESKTOP, PHONE, ROLES

# What axe calls level A and AA, up to WCAG 2.2.
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
# A photo is no page, nor is a paper: what the browser shows it in is its own.
LEAVES = {
    "accounts:sign_out",
    "services:photo",
    "services:request_photo",
    "services:ask_photo",
    "volunteers:photo",
    "volunteers:badge_print_file",
}


def name_of(path: str) -> str | None:
    try:
        match = resolve(path)
    except Resolver404:
        return None
    # The admin's own pages differ by model, not by object.
    return match.view_name


def links_of(page) -> list[str]:
    return page.eval_on_selector_all(
        "a[href]",
        "links => links.filter(a => a.origin === location.origin && !a.hasAttribute('download'))"
        ".map(a => a.pathname + a.search)",
    )


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_a_role_is_accessible_fits_and_is_quiet(role, viewport, visitor):
    page = visitor(role, viewport=viewport)
    waiting, seen, flaws = ["/"], set(), []

    while waiting:
        path = waiting.pop(0)
        name = name_of(path.partition("?")[0])
        if name is None or name in seen or name in LEAVES or name.endswith("_download"):
            continue
        seen.add(name)
        answer = page.goto(path)
        if answer.status != 200:
            flaws.append(f"{path}: {answer.status}")
            continue
        flaws += [f"{path}: {complaint}" for complaint in page.complaints]
        for violation in Axe().run(page, options=RULES).response["violations"]:
            flaws.append(f"{path}: {violation['id']}: {violation['nodes'][0]['html'][:160]}")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0 and not name.startswith("admin:"):
            flaws.append(f"{path}: {wide} px too wide")
        page.complaints.clear()  # axe tries styles that the page's own policy forbids
        waiting += links_of(page)

    assert not flaws, "\n".join(flaws)
    assert len(seen) >= 8
