"""Drawing up grids in the browser: divide, split, merge, renumber, and the history that the pages tell."""

from datetime import date
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from grids.domain.change import seen_hash
from grids.domain.division import Part, split_grid
from grids.domain.grid import draw_grid
from grids.domain.merging import merge_grids, words_about_merge
from grids.domain.numbering import renumber_grids
from grids.models import Grid, GridChange
from tests.factories import make_grid, make_report, make_request, make_team, make_user, make_village

pytestmark = pytest.mark.django_db


@pytest.fixture
def village():
    return make_village(name="冯村村")


@pytest.fixture
def staff(village):
    return make_user(township=village.township)


@pytest.fixture
def browser(staff):
    client = Client()
    client.force_login(staff)
    return client


def sent(form, **changed):
    """Return what a shown form would send, with some of it typed otherwise."""
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in (values | changed).items()}


def text_of(response):
    return response.content.decode()


# --- Dividing ------------------------------------------------------------------------------------------


def test_village_is_divided_from_two_numbers(browser, village):
    address = reverse("grids:village_divide", args=[village.pk])
    assert browser.get(address).context["form"] is None

    page = browser.get(f"{address}?households=300&grids=10")
    form = page.context["form"]
    assert [line.households.value() for line in form.lines()] == [30] * 10
    answer = browser.post(f"{address}?households=300&grids=10", sent(form, boundary_0="溪东"), follow=True)

    assert "10 grids were drawn up." in text_of(answer)
    assert "300 households" in text_of(answer)
    assert village.grids.count() == 10
    assert village.grids.get(number=1).boundary == "溪东"


def test_wrong_rows_come_back_as_they_were_typed(browser, village):
    address = reverse("grids:village_divide", args=[village.pk]) + "?households=60&grids=2"
    form = browser.get(address).context["form"]

    answer = browser.post(address, sent(form, households_0="28", boundary_1="溪东", number_1="1"))

    assert answer.status_code == 422
    assert "Number 1 is given twice" in text_of(answer)
    assert 'value="28"' in text_of(answer)
    assert 'value="溪东"' in text_of(answer)
    answer = browser.post(address, sent(form, households_0="28"))
    assert "2 households are in no grid" in text_of(answer)
    assert not Grid.objects.exists()


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("households=0&grids=2", "greater than or equal to 1"),
        ("households=&grids=2", "This field is required"),
        ("households=3&grids=10", "10 grids cannot be made of 3 households"),
        ("households=x&grids=y", "Enter a whole number"),
    ],
)
def test_numbers_that_cannot_be_are_refused_before_any_row(browser, village, query, told):
    page = browser.get(reverse("grids:village_divide", args=[village.pk]) + f"?{query}")

    assert told in text_of(page)
    assert page.context["form"] is None


@pytest.mark.parametrize("rows", ["", "x", "-1", "500", "99999999999999999999"])
def test_damaged_rows_are_refused(browser, village, rows):
    address = reverse("grids:village_divide", args=[village.pk]) + "?households=60&grids=2"
    form = browser.get(address).context["form"]

    assert browser.post(address, sent(form, rows=rows)).status_code == 422
    assert browser.post(reverse("grids:village_divide", args=[village.pk]), sent(form)).status_code == 422
    assert not Grid.objects.exists()


def test_somebody_faster_is_told_and_the_second_look_succeeds(browser, village, staff):
    address = reverse("grids:village_divide", args=[village.pk]) + "?households=60&grids=2"
    values = sent(browser.get(address).context["form"])
    draw_grid(village, 9, 30, "", by=staff)

    answer = browser.post(address, values)
    assert "after you opened the page" in text_of(answer)
    again = sent(answer.context["form"], rows="2", households_0="15", households_1="15")
    browser.post(address, again)

    assert sorted(village.grids.values_list("number", "households")) == [(1, 15), (2, 15), (9, 30)]


# --- Splitting -----------------------------------------------------------------------------------------


def test_split_says_before_what_stays(browser, village):
    team = make_team(grid=make_grid(village=village, households=30))
    make_report(team=team, month=timezone.localdate().replace(day=1))
    make_request(team=team)
    address = reverse("grids:grid_split", args=[team.grid_id])

    page = browser.get(f"{address}?into=3")
    assert "keeps its months that are not submitted yet" in text_of(page)
    assert "stays with it" in text_of(page)
    answer = browser.post(f"{address}?into=3", sent(page.context["form"], boundary_0="溪东"), follow=True)

    assert "The grid was split into 3." in text_of(answer)
    assert sorted(village.grids.values_list("number", "households")) == [(1, 10), (2, 10), (3, 10)]


def test_split_into_more_than_there_are_households_shows_no_rows(browser, village):
    grid = make_grid(village=village, households=2)

    page = browser.get(reverse("grids:grid_split", args=[grid.pk]) + "?into=3")

    assert "3 grids cannot be made of 2 households" in text_of(page)
    assert page.context["form"] is None


def test_retired_grid_offers_no_split(browser, village):
    grid = make_grid(village=village, is_retired=True)

    page = browser.get(reverse("grids:grid_split", args=[grid.pk]))

    assert "has been retired" in text_of(page)
    assert page.context["form"] is None


# --- Merging -------------------------------------------------------------------------------------------


def merge_address(village, kept, *others):
    query = "&".join(f"grids={grid.pk}" for grid in (kept, *others))
    return reverse("grids:grids_merge", args=[village.pk]) + f"?{query}&kept={kept.pk}"


def test_merge_shows_what_becomes_of_teams_and_does_it(browser, village):
    kept = make_team(grid=make_grid(village=village, households=30))
    other = make_team(grid=make_grid(village=village, households=20))
    waiting = make_request(team=other)
    address = merge_address(village, kept.grid, other.grid)

    page = browser.get(address)
    assert "stays, with 50 households" in text_of(page)
    assert f"1 request that waits for {other} goes on with {kept}" in text_of(page)
    values = sent(page.context["form"], reason="并网")
    answer = browser.post(address, values, follow=True)

    assert "The grids were merged." in text_of(answer)
    waiting.refresh_from_db()
    assert waiting.team == kept
    # A form that was sent twice finds its grids given up already, and changes nothing.
    assert browser.post(address, values).status_code == 302
    assert GridChange.objects.count() == 1


def test_merge_that_is_refused_offers_no_button(browser, village):
    kept, other = (make_team(grid=make_grid(village=village)) for _ in range(2))
    make_report(team=other, month=date(2026, 7, 1))
    address = merge_address(village, kept.grid, other.grid)

    page = browser.get(address)

    assert "Submit them first, then merge the grids." in text_of(page)
    assert "Merge these grids" not in text_of(page)
    answer = browser.post(address, sent(page.context["form"], reason="并网"))
    assert answer.status_code == 422
    other.refresh_from_db()
    assert other.state == "active"


def test_merge_needs_two_grids_of_the_village_and_one_of_them_to_stay(browser, village):
    one, two, elsewhere = make_grid(village=village), make_grid(village=village), make_grid()
    address = reverse("grids:grids_merge", args=[village.pk])

    assert "Tick two grids at least" in text_of(browser.get(f"{address}?grids={one.pk}&kept={one.pk}"))
    assert "Choose the grid that stays" in text_of(browser.get(f"{address}?grids={one.pk}&grids={two.pk}&kept="))
    page = browser.get(f"{address}?chosen=1&grids={one.pk}&grids={two.pk}")
    assert "Choose the grid that stays" in text_of(page)
    assert [row["is_ticked"] for row in page.context["tiles"]] == [True, True]
    assert "Tick the grids that become one." in text_of(browser.get(f"{address}?chosen=1"))
    (ticked,) = [row for row in browser.get(f"{address}?grids={two.pk}").context["tiles"] if row["is_ticked"]]
    assert ticked["tile"].pk == two.pk
    three = make_grid(village=village)
    assert "tick it too" in text_of(browser.get(f"{address}?grids={one.pk}&grids={two.pk}&kept={three.pk}"))
    strange = browser.get(f"{address}?grids={one.pk}&grids={elsewhere.pk}&kept={one.pk}")
    assert "What becomes of them" not in text_of(strange)
    assert elsewhere.village.name not in text_of(strange)
    assert browser.get(f"{address}?grids=x&grids={10**30}&kept=9").status_code == 200


# --- Renumbering ---------------------------------------------------------------------------------------


def test_two_grids_swap_numbers_on_the_page(browser, village):
    one, two = make_grid(village=village, number=1), make_grid(village=village, number=2)
    address = reverse("grids:grids_renumber", args=[village.pk])
    form = browser.get(address).context["form"]

    answer = browser.post(address, sent(form, **{f"number_{one.pk}": 2, f"number_{two.pk}": 1}), follow=True)

    assert "The grids were renumbered." in text_of(answer)
    assert dict(village.grids.values_list("pk", "number")) == {one.pk: 2, two.pk: 1}


def test_numbers_in_a_row_are_proposed(browser, village):
    grids = [make_grid(village=village, number=number) for number in (2, 5, 9)]

    form = browser.get(reverse("grids:grids_renumber", args=[village.pk]) + "?row=1").context["form"]

    assert [form[f"number_{grid.pk}"].value() for grid in grids] == [1, 2, 3]


def test_shared_number_is_told_at_its_row(browser, village):
    one, _two = make_grid(village=village, number=1), make_grid(village=village, number=2)
    address = reverse("grids:grids_renumber", args=[village.pk])

    answer = browser.post(address, sent(browser.get(address).context["form"], **{f"number_{one.pk}": 2}))

    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {f"number_{one.pk}"}


# --- History -------------------------------------------------------------------------------------------


@pytest.fixture
def history(village, staff):
    """A grid that was drawn, split, renumbered, and merged with its part again."""
    grid = draw_grid(village, 3, 40, "", by=staff)
    split_grid(grid, [Part(3, 25), Part(4, 15)], seen=seen_hash(village), remark="户数多", by=staff)
    part = village.grids.get(number=4)
    renumber_grids(village, {grid.pk: 4, part.pk: 3}, seen=seen_hash(village), by=staff)
    grid.refresh_from_db()
    part.refresh_from_db()
    words = words_about_merge(grid, [part])
    merge_grids(village, grid.pk, [part.pk], seen=seen_hash(village, words), reason="并网", by=staff)
    return grid, part


def test_grid_tells_where_it_comes_from_and_what_became_of_it(browser, history):
    grid, _part = history

    kept, gone = (text_of(browser.get(each.get_absolute_url())) for each in history)

    assert "was grid 3 until" in kept
    assert "Parts of it became" in kept
    assert "it kept 25 of 40 households" in kept
    assert "It was grid 3 and is grid 4 from this day on." in kept
    assert "40 households instead of 25" in kept
    assert "户数多" in kept
    assert f'Made of a part of <a href="{grid.get_absolute_url()}">' in gone
    assert f'Given up for <a href="{grid.get_absolute_url()}">' in gone


def test_village_tells_the_changes_of_its_grids(browser, village, history):
    page = text_of(browser.get(reverse("grids:village_detail", args=[village.pk])))

    assert "1 grid in use" in page
    assert "40 households" in page
    assert "Numbers: 3 → 4、4 → 3." in page


def test_grids_are_found_by_a_former_number(browser, village, history):
    make_grid(village=village, number=7)

    page = browser.get(reverse("grids:grid_list") + "?number=3")

    # The one that has it, and the one that had it before.
    assert {row["name"] for row in page.context["page"].rows} == {str(Grid.objects.get(pk=grid.pk)) for grid in history}
    assert not browser.get(reverse("grids:grid_list") + "?number=8").context["page"].rows


@pytest.mark.parametrize("changes", [1, 6])
def test_history_asks_the_same_number_of_questions(browser, village, staff, changes, django_assert_max_num_queries):
    for _ in range(changes):
        grid = draw_grid(village, village.grids.count() + 1, 40, "", by=staff)
        number = village.grids.count() + 1
        split_grid(grid, [Part(grid.number, 20), Part(number, 20)], seen=seen_hash(village), by=staff)

    for address in (
        reverse("grids:village_detail", args=[village.pk]),
        grid.get_absolute_url(),
        reverse("grids:grids_renumber", args=[village.pk]),
        reverse("grids:grids_merge", args=[village.pk]),
        reverse("grids:village_divide", args=[village.pk]) + "?households=900&grids=20",
    ):
        with django_assert_max_num_queries(25):
            browser.get(address)


def test_key_that_was_used_elsewhere_changes_nothing(browser, village, staff):
    key = uuid4()
    address = reverse("grids:village_divide", args=[village.pk]) + "?households=30&grids=1"
    browser.post(address, sent(browser.get(address).context["form"], key=key))
    other = make_village(township=village.township)
    address = reverse("grids:village_divide", args=[other.pk]) + "?households=30&grids=1"

    answer = browser.post(address, sent(browser.get(address).context["form"], key=key))

    assert answer.status_code == 422
    assert not other.grids.exists()
