"""A resident asks for help on a phone, with scripts and without, and follows it; all pages are light and clear."""

import gzip

import pytest
from axe_playwright_python.sync_playwright import Axe

from grids.models import Grid
from services.models import HelpRequest
from services.models.request import code_of
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_call_log_done import HEAVIEST
from tests.browser.test_every_page import RULES
from tests.factories import make_request
from tests.pictures import jpeg

PHOTO = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": jpeg(5)}


@pytest.fixture
def grid(village):
    return Grid.objects.filter(teams__state="active").select_related("village").order_by("pk")[0]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_resident_asks_with_a_photo_puts_the_phone_right_and_adds_a_word(visitor, grid, scripts):
    page = visitor(None, viewport=PHONE, scripts=scripts)
    page.goto("/ask/")
    page.click(f"text={grid.village.township.name}")
    page.click(f".ask-places >> text={grid.village.name}")
    page.fill("[name=content]", "厨房水管漏水")
    page.fill("[name=place]", "桥头12号")
    page.fill("[name=phone]", "123")
    page.set_input_files("[name=photos]", PHOTO)
    page.click(".ask-form [type=submit]")
    page.fill("[name=phone]", "0577-62181234-801")
    page.click(".ask-form [type=submit]")
    page.wait_for_url("**/ask/follow/*-*-*/")

    page.click("details.ask-action >> nth=0 >> summary")
    page.fill("[name=text]", "水已经漫到客厅")
    page.click("details[open] [type=submit]")
    page.wait_for_selector(".timeline >> text=水已经漫到客厅")

    asked = HelpRequest.objects.get(content="厨房水管漏水")
    assert (asked.phone, asked.place, asked.photos.count()) == ("0577-62181234-801", "桥头12号", 1)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["1280", "360"])
def test_the_pages_of_residents_are_accessible_fit_and_are_light(village, visitor, grid, viewport):
    team = grid.teams.active().get()
    waiting, solved = make_request(team=team), make_request(team=team, state="resolved")
    places = [f"/ask/follow/{code_of(asked.key)}/" for asked in (waiting, solved)]
    flaws = []
    for path in ["/ask/", f"/ask/village/{grid.village.code}/", "/ask/follow/", *places]:
        page = visitor(None, viewport=viewport)
        weight = opened(page, path)
        if weight >= HEAVIEST:
            flaws.append(f"{path}: {weight} bytes")
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
        for violation in Axe().run(page, options=RULES).response["violations"]:
            flaws.append(f"{path}: {violation['id']}: {violation['nodes'][0]['html'][:160]}")
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            flaws.append(f"{path}: too wide")

    assert not flaws, "\n".join(flaws)


def opened(page, path):
    """Open a page with nothing in the cache and return what came, packed as production sends it."""
    fetched = []
    page.route("**/*", lambda route: route.continue_())
    page.on("response", lambda answer: fetched.append(answer))
    page.goto(path)
    page.wait_for_load_state("networkidle")
    return sum(len(gzip.compress(answer.body(), 6)) for answer in fetched if answer.ok)
