"""Contact cards as PDF: ten on a sheet, who is left out and why, in files of whole grids, kept for some days."""

from datetime import date, timedelta
from html import unescape
from pathlib import Path

import pytest
import segno
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accounts.rights import Role
from common.jobs import Work
from common.rules import RuleBroken
from grids.card_paper import data_of, set_paper
from grids.cards import faces_of
from grids.domain import card_print as domain
from grids.domain.card_print import carry_out, parts_of, print_cards
from grids.models import CardBatch, CardFile, CardPrint, Grid, Team
from tests.factories import (
    make_card_batch,
    make_channel,
    make_grid,
    make_membership,
    make_settings,
    make_team,
    make_user,
    make_village,
    make_volunteer,
)
from tests.papers import pages_of

pytestmark = pytest.mark.django_db
# No font has a glyph for it: the last character of the last CJK extension is not assigned.
UNKNOWN = "\U00032000"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.PRINT_ROOT = tmp_path


@pytest.fixture
def admin():
    return make_user(Role.ADMIN)


def text(response) -> str:
    return unescape(response.content.decode())


def set_now(made) -> CardPrint:
    carry_out(made, lambda done, total: None)
    CardPrint.objects.filter(pk=made.pk).update(work_state=Work.WorkState.DONE)
    return CardPrint.objects.get(pk=made.pk)


def files_of(made) -> list[bytes]:
    return [
        path.read_bytes() for file in made.files.all() for path in Path(settings.PRINT_ROOT).glob(f"*/{file.name}.pdf")
    ]


def served(village=None, **fields) -> Team:
    """Make an active team whose leader agrees to be on the card."""
    grid = make_grid(village=village or make_village())
    team = make_team(grid=grid, members=0, state=Team.State.ACTIVE, activated_on=date(2020, 1, 1))
    told = {"name": "仇小丽", "shows_phone": True, "phone": "13812345678"} | fields
    make_membership(team, make_volunteer(village=grid.village, **told), role="leader")
    return team


# --- What is set ------------------------------------------------------------------------------------------


def test_as_many_cards_as_wanted_ten_on_a_sheet(admin):
    village = make_village()
    one, other = served(village), served(village)
    made = set_now(print_cards({one.grid_id: 23, other.grid_id: 8}, by=admin))

    [pdf] = files_of(made)
    assert pages_of(pdf) == [(210.0, 297.0)] * 4
    assert sorted(made.batches.values_list("copies", "left_out")) == [(8, ""), (23, "")]
    assert set(made.batches.values_list("printed_on", flat=True)) == {timezone.localdate()}


def test_same_cards_give_the_same_bytes():
    served()
    faces = [(face, 12) for face in faces_of(Grid.objects.all())]
    assert set_paper(faces) == set_paper(faces)


def test_code_leads_to_the_grids_page(settings):
    settings.SITE_URL = "https://yiwang.example.cn"
    team = served()
    [card] = data_of([(face, 1) for face in faces_of(Grid.objects.all())])["cards"]
    address = f"https://yiwang.example.cn/grid/{team.grid.page_code}/"
    dark = sum(sum(row) for row in segno.make(address, error="m", mode="byte", micro=False, boost_error=False).matrix)

    assert reverse("grids:grid_public", args=[team.grid.page_code]) in address
    assert card["code"].startswith("<svg")
    assert dark  # its modules are compared with segno's in tests/common/test_qr.py


@pytest.mark.parametrize("members", [0, 1, 5, 10])
def test_every_size_of_team_is_set_without_a_warning(members, caplog):
    team = make_team(members=0, state=Team.State.ACTIVE, activated_on=date(2020, 1, 1))
    make_channel(
        township=team.township, number="0577-62000001转8012", hours="工作日全天，节假日有人值班，夜间也有人值班"
    )
    for _ in range(members):
        who = make_volunteer(village=team.grid.village, name="阿卜杜拉·买买提", speciality="长" * 100, shows_phone=True)
        make_membership(team, who)
    make_membership(team, make_volunteer(village=team.grid.village))
    pdf = set_paper([(face, 1) for face in faces_of(Grid.objects.filter(pk=team.grid_id))])

    assert pages_of(pdf) == [(210.0, 297.0)]
    assert caplog.messages == []


@pytest.mark.parametrize("name", ["单晓䶮", "㛃喆𠅤", '#set page(fill: red) "引" $x$'])
def test_rare_and_odd_names_are_set_as_they_are(name, admin):
    team = served(name=name)
    made = set_now(print_cards({team.grid_id: 1}, by=admin))
    assert made.batches.get().left_out == ""


# --- What is left out -------------------------------------------------------------------------------------


def test_card_with_a_character_that_no_font_has_is_left_out_and_the_person_named(admin):
    village = make_village()
    good, bad = served(village), served(village, name=f"王{UNKNOWN}")
    made = set_now(print_cards({good.grid_id: 2, bad.grid_id: 2}, by=admin))
    batch = made.batches.get(grid=bad.grid)

    assert (batch.left_out, batch.printed_on, batch.fingerprint) == ("glyphs", None, "")
    assert batch.lacking == f"王{UNKNOWN}: {UNKNOWN} (U+32000)"
    assert made.batches.get(grid=good.grid).left_out == ""
    assert len(files_of(made)) == 1


def test_grids_without_team_or_number_are_left_out(admin):
    village = make_village()
    good, silent = served(village), served(village, shows_phone=False)
    bare = make_grid(village=village)
    made = set_now(print_cards({good.grid_id: 1, silent.grid_id: 1, bare.pk: 1}, by=admin))

    assert dict(made.batches.values_list("grid", "left_out")) == {
        good.grid_id: "",
        silent.grid_id: "no_number",
        bare.pk: "no_team",
    }
    assert CardBatch.objects.printed().count() == 1


def test_card_without_anybody_named_leads_to_the_hotline(admin):
    team = served(shows_phone=False)
    make_channel(township=team.township)
    made = set_now(print_cards({team.grid_id: 1}, by=admin))
    assert made.batches.get().left_out == ""


def test_nothing_printable_makes_no_file(admin):
    team = served(name=UNKNOWN)
    made = set_now(print_cards({team.grid_id: 4}, by=admin))
    assert files_of(made) == []
    assert not made.files.exists()


# --- What is refused --------------------------------------------------------------------------------------


def test_refusals_say_how_to_put_it_right(admin, monkeypatch):
    one, other = served(), served()
    bare = make_grid()
    retired = make_grid(is_retired=True)
    for copies, message in (
        ({one.grid_id: 1, other.grid_id: 1}, "one township at a time"),
        ({one.grid_id: 0}, "between 1 and 5000 cards"),
        ({one.grid_id: 5001}, "between 1 and 5000 cards"),
        ({bare.pk: 3}, "No active team serves these grids"),
        ({retired.pk: 3}, "None of these grids is in use"),
        ({}, "None of these grids is in use"),
    ):
        with pytest.raises(RuleBroken, match=message):
            print_cards(copies, by=admin)
    monkeypatch.setattr(domain, "MOST_CARDS", 4)
    with pytest.raises(RuleBroken, match="At most 4 cards"):
        print_cards({one.grid_id: 5}, by=admin)
    assert not CardPrint.objects.exists()


def test_township_that_does_without_cards_prints_none(admin):
    team = served()
    make_settings(team.township, uses_cards=False)
    with pytest.raises(RuleBroken, match="does without contact cards"):
        print_cards({team.grid_id: 1}, by=admin)


# --- The work ---------------------------------------------------------------------------------------------


def test_files_hold_whole_grids_and_no_more_than_fits(admin, monkeypatch):
    monkeypatch.setattr(domain, "CARDS_IN_A_FILE", 10)
    assert [
        [copies for _, copies in part] for part in parts_of([("a", 6), ("b", 4), ("c", 1), ("d", 30), ("e", 9)])
    ] == [
        [6, 4],
        [1],
        [30],
        [9],
    ]
    village = make_village()
    teams = [served(village) for _ in range(3)]
    made = set_now(print_cards({team.grid_id: 6 for team in teams}, by=admin))
    assert list(made.files.values_list("part", "cards")) == [(1, 6), (2, 6), (3, 6)]
    assert len(files_of(made)) == 3


def test_print_begun_twice_is_settled_once(admin):
    team = served()
    made = print_cards({team.grid_id: 3}, by=admin)
    copy = CardPrint.objects.get(pk=made.pk)
    set_now(made)
    carry_out(copy, lambda done, total: None)
    carry_out(CardPrint.objects.get(pk=made.pk), lambda done, total: None)

    assert CardFile.objects.count() == 1
    assert len(list(Path(settings.PRINT_ROOT).glob("*/*.pdf"))) == 1


def test_files_go_after_a_week_and_the_record_stays(client_of):
    batch = make_card_batch(served().grid)
    url = reverse("grids:card_file", args=[CardFile.objects.get().pk])
    client = client_of(Role.ADMIN)
    response = client.get(url)
    assert b"".join(response.streaming_content).startswith(b"%PDF")
    assert "no-store" in response["Cache-Control"]

    CardPrint.objects.update(at=timezone.now() - timedelta(days=8))
    call_command("nightly")
    assert client.get(url).status_code == 404
    assert not list(Path(settings.PRINT_ROOT).glob("*/*.pdf"))
    page = text(client.get(batch.print.get_absolute_url()))
    assert "The files have been deleted." in page
    assert CardBatch.objects.printed().count() == 1
