"""Townships and villages get other names, and villages are merged: what was called so before is still found."""

import csv
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.rights import Role
from areas.former_names import former_township_names, former_village_names
from areas.models import FormerName, Township, Village
from common.rules import RuleBroken, SavedMeanwhile
from grids.domain.places import rename_township, rename_village
from grids.domain.team import form_team, name_after
from grids.domain.township_merge import merge_townships
from grids.domain.village_merge import merge_villages
from grids.imports.check import check_rows
from grids.models import ChangedGrid, Grid
from services.invariants import invariants
from services.paper.directory import Directory as PaperDirectory
from tests.factories import (
    make_composition,
    make_grid,
    make_team,
    make_township,
    make_user,
    make_village,
    make_volunteer,
)
from volunteers.imports.lines import Directory

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


def rename(village, name, by=None):
    village.refresh_from_db()
    by = by or make_user(Role.ADMIN)
    return rename_village(village.pk, name=name, on=TODAY(), version=village.version, by=by)


def merge(ended, kept):
    ended, kept = (Village.objects.get(pk=place.pk) for place in (ended, kept))
    by = make_user(Role.ADMIN)
    return merge_villages(ended.pk, kept.pk, version=ended.version, kept_version=kept.version, by=by)


def holds():
    return {invariant.name: keys for invariant in invariants() if (keys := invariant.broken_by())} == {}


# --- Renaming -------------------------------------------------------------------------------------------


def test_rename_keeps_the_former_name_with_its_days():
    village = make_village(name="旧村")

    rename(village, "中村")
    rename(village, "新村")

    village.refresh_from_db()
    assert village.name == "新村"
    assert list(FormerName.objects.values_list("name", "since", "until")) == [
        ("中村", TODAY(), TODAY()),
        ("旧村", None, TODAY()),
    ]


def test_teams_that_are_called_after_their_grid_follow_a_renamed_or_merged_village():
    kept = make_village(name="大坑村")
    ended = make_village(name="小坑村", township=kept.township)
    by = make_user(Role.ADMIN)
    make_grid(village=kept, number=1)
    grids = [make_grid(village=ended, number=number) for number in (1, 2)]
    called, own = form_team(grids[0], by=by), form_team(grids[1], name="红心队", by=by)
    assert called.name == name_after(grids[0])

    rename(ended, "新坑村")

    grid = Grid.objects.select_related("village").get(pk=grids[0].pk)
    called.refresh_from_db()
    assert "新坑村" in called.name
    assert called.name == name_after(grid)

    merge(ended, kept)

    grid = Grid.objects.select_related("village").get(pk=grids[0].pk)
    for team in (called, own):
        team.refresh_from_db()
    assert "大坑村" in called.name
    assert (called.name, own.name) == (name_after(grid), "红心队")


def test_rename_refuses_the_same_name_one_that_is_taken_the_future_and_an_old_page():
    village, by = make_village(name="旧村"), make_user(Role.ADMIN)
    make_village(name="邻村", township=village.township)
    for name, on, field in (
        ("旧村", TODAY(), "name"),
        ("邻村", TODAY(), "name"),
        ("新村", TODAY() + timedelta(days=1), "on"),
    ):
        with pytest.raises(RuleBroken) as caught:
            rename_village(village.pk, name=name, on=on, version=0, by=by)
        assert caught.value.field == field
    rename(village, "新村")
    with pytest.raises(RuleBroken, match="changed on") as caught:
        rename_village(village.pk, name="再村", on=date(2020, 1, 1), version=1, by=by)
    with pytest.raises(SavedMeanwhile):
        rename_village(village.pk, name="再村", on=TODAY(), version=0, by=by)


def test_rename_township_refuses_the_name_of_another():
    township, other = make_township(), make_township()

    with pytest.raises(RuleBroken, match="Another township"):
        rename_township(township.pk, name=other.name, on=TODAY(), version=0, by=make_user(Role.ADMIN))


def test_former_names_are_shown_and_found_on_the_board(client_of):
    village = make_village(name="旧柳村")
    make_grid(village=village)
    other = make_village(name="别村", township=village.township)
    make_grid(village=other)
    rename(village, "新村")
    client = client_of(Role.TOWNSHIP_STAFF, township=village.township)

    page = client.get(reverse("grids:village_detail", args=[village.pk])).content.decode()
    found = client.get(reverse("grids:village_list"), {"q": "旧柳"}).content.decode()

    assert "旧柳村" in page
    assert "新村" in found
    assert "别村" not in found


def test_former_name_of_a_township_finds_its_villages():
    village = make_village(township=make_township(name="象镇"))
    make_village()
    rename_township(village.township_id, name="柳镇", on=TODAY(), version=0, by=make_user(Role.ADMIN))

    assert list(Village.objects.named("象镇")) == [village]


@pytest.mark.parametrize("name", ["", "新" * 61, "新🙂村"])
def test_rename_form_comes_back_with_what_is_wrong(client_of, name):
    village = make_village(name="旧村")

    response = client_of(Role.ADMIN).post(
        reverse("grids:village_rename", args=[village.pk]), {"name": name, "on": TODAY(), "version": 0}
    )

    village.refresh_from_db()
    assert (response.status_code, village.name) == (422, "旧村")


def test_rename_page_renames_township_and_village(client_of):
    village, client = make_village(), client_of(Role.ADMIN)
    for kind, pk in (("village", village.pk), ("township", village.township_id)):
        sent = {"name": f"新{kind}", "on": TODAY(), "version": 0}
        assert client.post(reverse(f"grids:{kind}_rename", args=[pk]), sent).status_code == 302
        assert f"新{kind}" in client.get(reverse("grids:village_detail", args=[village.pk])).content.decode()


# --- Files from before ----------------------------------------------------------------------------------


def test_files_from_before_a_rename_are_understood():
    village = make_village(name="旧村", township=make_township(name="象镇"))
    team = make_team(grid=make_grid(village=village))
    rename(village, "新村")
    rename_township(village.township_id, name="柳镇", on=TODAY(), version=0, by=make_user(Role.ADMIN))

    people = Directory(make_user(Role.ADMIN))
    grids = check_rows([(2, {"village": "旧村", "number": "1", "households": "30"})], [Village.objects.get()])
    logs = PaperDirectory(make_user(township=Township.objects.get()))

    assert people.village("旧村") == {village.township_id: village.pk}
    assert people.township("象镇") == village.township_id
    assert grids[0].village == village
    assert logs.team("旧村1") == team


def test_name_that_another_village_has_today_means_that_one():
    village = make_village(name="旧村")
    rename(village, "新村")
    other = make_village(name="旧村", township=village.township)

    assert Directory(make_user(Role.ADMIN)).village("旧村") == {village.township_id: other.pk}


def test_names_and_codes_of_merged_places_lead_to_the_kept_ones():
    kept, ended, first = (make_village(township=make_township()) for _number in range(3))
    by = make_user(Role.ADMIN)
    merge_townships(ended.township_id, kept.township_id, version=0, kept_version=0, by=by)
    merge_townships(kept.township_id, first.township_id, version=1, kept_version=0, by=by)
    for village in (kept, ended):
        village.refresh_from_db()
    merge(ended, kept)

    assert former_village_names() == {kept.pk: {ended.name, ended.code}}
    people = Directory(by)
    old = Township.objects.filter(merged_into__isnull=False)
    assert {people.township(township.code) for township in old} == {first.township_id}
    assert set(former_township_names()) == {first.township_id}
    assert people.village(ended.name) == {first.township_id: kept.pk}


# --- Merging villages -----------------------------------------------------------------------------------


def test_merge_villages_moves_grids_renumbers_clashes_and_takes_the_people_along(client_of):
    kept = make_village()
    ended = make_village(township=kept.township)
    make_grid(village=kept, number=1)
    clash, free = make_grid(village=ended, number=1), make_grid(village=ended, number=7)
    team = make_team(grid=clash)
    person = make_volunteer(village=ended)

    merge(ended, kept)

    assert dict(kept.grids.values_list("pk", "number")) == {
        clash.pk: 2,
        free.pk: 7,
        kept.grids.get(number=1).pk: 1,
    }
    person.refresh_from_db()
    ended.refresh_from_db()
    assert (person.village, ended.merged_into, ended.ended_on) == (kept, kept, TODAY())
    assert ChangedGrid.objects.get(grid=clash).number_before == 1
    assert Grid.objects.get(teams=team).village == kept
    assert holds()
    page = client_of(Role.ADMIN).get(reverse("grids:village_detail", args=[ended.pk]))
    assert reverse("grids:village_detail", args=[kept.pk]) in page.content.decode()
    assert list(Village.objects.current().named(ended.name)) == [kept]


def test_merge_villages_takes_a_grids_proposal_along_and_puts_the_villages_aside():
    kept = make_village()
    ended = make_village(township=kept.township)
    grid = make_grid(village=ended)
    for_grid, for_village, for_township = (make_composition(scope) for scope in (grid, ended, kept.township))

    merge(ended, kept)

    for composition in (for_grid, for_village, for_township):
        composition.refresh_from_db()
    assert (for_grid.village, for_grid.state) == (kept, "open")
    assert (for_village.village, for_village.state) == (ended, "discarded")
    assert for_township.state == "open"
    discarding = AuditEntry.objects.filter(content_type__model="composition", event="merge_villages")
    assert [entry.object_pk for entry in discarding] == [str(for_village.pk)]


def test_merge_villages_refuses_what_would_be_wrong():
    village, elsewhere = make_village(), make_village()
    other = make_village(township=village.township)
    third = make_village(township=village.township)
    with pytest.raises(RuleBroken, match="different townships"):
        merge(village, elsewhere)
    with pytest.raises(RuleBroken, match="into itself"):
        merge(village, village)
    with pytest.raises(SavedMeanwhile):
        merge_villages(village.pk, other.pk, version=4, kept_version=0, by=make_user(Role.ADMIN))
    merge(village, other)
    for ended, kept in ((village, third), (third, village)):
        with pytest.raises(RuleBroken, match="was merged into"):
            merge(ended, kept)


def test_merge_villages_refuses_more_grids_than_there_are_numbers():
    kept = make_village()
    ended = make_village(township=kept.township)
    Grid.objects.bulk_create(Grid(village=kept, number=number, households=30) for number in range(1, 100))
    make_grid(village=ended, number=1)

    with pytest.raises(RuleBroken, match="more than 99 grids"):
        merge(ended, kept)

    assert Grid.objects.filter(village=ended).count() == 1


def test_village_merge_page_shows_the_numbers_and_merges(client_of):
    kept = make_village()
    ended = make_village(township=kept.township)
    for village in (kept, ended):
        make_grid(village=village, number=1)
    client, url = client_of(Role.ADMIN), f"{reverse('grids:village_merge', args=[ended.pk])}?into={kept.pk}"

    page = client.get(url)
    done = client.post(url, {"version": 0, "kept_version": 0, "is_sure": "on"})

    assert [(one.grid.number, one.number) for one in page.context["numbered"]] == [(1, 2)]
    assert done.url == reverse("grids:village_detail", args=[kept.pk])
    assert client.get(url).status_code == 200


# --- Divisions ------------------------------------------------------------------------------------------


@pytest.fixture
def divisions(tmp_path):
    def write(*rows):
        path = tmp_path / "divisions.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["township_code", "township", "village_code", "village"])
            writer.writerows(rows)
        out = StringIO()
        call_command("load_divisions", str(path), stdout=out)
        return out.getvalue()

    return write


def test_load_divisions_leaves_what_was_renamed_and_merged(divisions):
    rows = [
        ("330000001", "甲镇", "330000001001", "东村村委会"),
        ("330000002", "乙镇", "330000002001", "西村村委会"),
        ("330000002", "乙镇", "330000002002", "南村村委会"),
    ]
    divisions(*rows)
    east, west, south = Village.objects.order_by("code")
    rename(east, "新东村")
    merge_townships(west.township_id, east.township_id, version=0, kept_version=0, by=make_user(Role.ADMIN))
    merge(south, west)
    before = list(Village.objects.order_by("code").values()), list(Township.objects.order_by("code").values())

    divisions(*rows)
    divisions(*rows, ("330000002", "乙镇", "330000002003", "北村村委会"))

    north = Village.objects.get(code="330000002003")
    assert (north.name, north.township_id) == ("北村村", east.township_id)
    north.delete()
    after = list(Village.objects.order_by("code").values()), list(Township.objects.order_by("code").values())
    assert after == before


def test_load_divisions_takes_a_name_that_is_new(divisions):
    divisions(("330000001", "甲镇", "330000001001", "东村村委会"))

    told = divisions(("330000001", "甲街道", "330000001001", "东村社区"))

    assert Township.objects.get().name == "甲街道"
    assert Township.objects.get().kind == Township.Kind.SUBDISTRICT
    assert Village.objects.get().name == "东村社区"
    assert sorted(FormerName.objects.values_list("name", flat=True)) == ["东村村", "甲镇"]
    assert "Renamed: 2" in told
