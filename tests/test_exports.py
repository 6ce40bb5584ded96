"""Every list as everybody who may take it along: the file holds what the page shows, and nothing else."""

import re

import pytest
from django.urls import reverse

from tests.access_table import ROWS
from tests.access_world import CANARY
from tests.export_reading import read_csv, read_xlsx, table_of
from tests.test_access_matrix import ask, client_for

pytestmark = pytest.mark.django_db

# Lists that are for their reader alone.
PERSONAL = {"accounts:reminder_list"}
# Heads of the page whose parts are columns of their own in the file.
PARTED = {"Remark and answer"}
# Tables whose file has numbers to reckon with where the page has words and bars: their own tests compare the two.
RECKONED = {"services:request_rates"}
# The trail grows with everything that the test does: only what is told of one team stays as it is.
# The board has its table beside its tiles.
QUERIES = {
    "accounts:audit_list": f"?record={CANARY}服务队",
    "grids:village_list": "?view=table",
    "grids:township_detail": "?view=table",
}
PHONE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")
# What a page prints for nothing, and what only joins words.
FILLING = re.compile(r"[\s–—、]")


def lists_of(world) -> list[tuple[object, str]]:
    """Return each list with each person who sees it."""
    found = []
    for row in ROWS:
        if not row.takes("GET") or row.name in PERSONAL:
            continue
        for person in row.may.split():
            page = (ask(client_for(world, person), "GET", row, world).context or {}).get("page")
            if hasattr(page, "export"):
                found.append((row, person))
    return found


@pytest.fixture(scope="module")
def lists(world, django_db_blocker):
    with django_db_blocker.unblock():
        return lists_of(world)


def address_of(row, world) -> str:
    args = [getattr(world, row.pk).pk] if row.pk else []
    return reverse(row.name, args=args) + QUERIES.get(row.name, "")


def taken(client, row, world, kind, **more):
    """Return the answer to somebody who takes the list along."""
    return client.post(address_of(row, world), {"export": kind, **more})


def squeezed(cells) -> str:
    """Join what stands in a row; a sheet knows 3.0 hours as the number 3."""
    return FILLING.sub("", "".join("" if cell is None else str(cell).strip().removesuffix(".0") for cell in cells))


def test_tables_that_are_no_lists_are_offered_too(world):
    for name, pk in (("grids:village_list", ""), ("grids:township_detail", "township"), ("services:sample_list", "")):
        row = next(row for row in ROWS if row.name == name and row.pk == pk)
        assert client_for(world, "auditor").get(address_of(row, world)).context["offer"] is not None


def test_every_list_is_offered_to_the_offices_that_see_it(world, lists):
    offered = {}
    for row, person in lists:
        page = ask(client_for(world, person), "GET", row, world).context["page"]
        offered[f"{row.name} {person}"] = page.export is not None

    assert offered == {f"{row.name} {person}": "leader" not in person for row, person in lists}
    assert len({row.name for row, _ in lists}) > 15


@pytest.mark.parametrize(
    "row",
    [row for row in ROWS if row.takes("GET") and row.takes("POST") and row.name not in RECKONED],
    ids=lambda row: row.name,
)
def test_file_holds_the_rows_of_the_page_and_nothing_of_elsewhere(row, world):
    for person in row.may.split():
        client = client_for(world, person)
        answer = client.get(address_of(row, world))
        context = answer.context or {}
        if not (context.get("offer") or getattr(context.get("page"), "export", None)):
            continue  # a form, or somebody who may take nothing along
        head, shown = table_of(answer.content.decode())
        lines = read_csv(taken(client, row, world, "csv"))
        sheet, about = read_xlsx(taken(client, row, world, "xlsx")).values()

        assert [name for name in lines[0] if name in head] == [name for name in head if name not in PARTED], person
        assert [squeezed(line) for line in lines[1:]] == [squeezed(cells) for cells in shown], person
        assert [squeezed([cell]) for cell in sheet[0]] == [squeezed([cell]) for cell in lines[0]], person
        assert [squeezed(line) for line in sheet[1:]] == [squeezed(line) for line in lines[1:]], person
        words = str(lines + sheet + about)
        assert not PHONE.search(words), person
        if person in ("staff_elsewhere", "reviewer_elsewhere"):
            assert CANARY not in words, person
