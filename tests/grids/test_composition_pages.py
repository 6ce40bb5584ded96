"""The pages of composing: begun from where one is, followed, proposal beside today, changed, accepted."""

from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.rights import Role
from grids.composition_words import shortage_lines
from grids.domain.composition import begin_composition, stop_composition
from grids.domain.composition_change import bar_person, move_person
from grids.domain.grid import retire_grid
from grids.models import Composition, CompositionPart, ProposedSeat, Team
from tests.factories import (
    make_composition,
    make_grid,
    make_skill_type,
    make_team,
    make_user,
    make_village,
    make_volunteer,
)
from volunteers.models import SkillType

pytestmark = pytest.mark.django_db


@pytest.fixture
def repair(client_of):
    """Return a staff member's client and a proposal: one bare grid, one team that stays, three free volunteers."""
    team = make_team(members=4)
    grid = make_grid(village=team.grid.village)
    people = [make_volunteer(village=grid.village) for _ in range(3)]
    client = client_of(Role.TOWNSHIP_STAFF, township=team.township)
    composition = make_composition(team.township, by=client.user, mode="propose")
    return client, composition, team, grid, people


def url(name, *args, query=""):
    return reverse(f"grids:composition_{name}", args=args) + query


def change(client, composition, **fields):
    return client.post(url("change", composition.pk), fields, follow=True)


def seat_of(composition, volunteer):
    return ProposedSeat.objects.get(part__composition=composition, volunteer=volunteer)


@pytest.mark.parametrize("scope", ["grid", "village", "township"])
def test_begun_from_a_page_for_what_the_page_is_about(client_of, scope):
    grid = make_grid()
    client = client_of(Role.TOWNSHIP_STAFF, township=grid.village.township)
    record = {"grid": grid, "village": grid.village, "township": grid.village.township}[scope]
    page = client.get(url("begin", query=f"?{scope}={record.pk}"))

    assert page.status_code == 200
    assert "There are no free volunteers here." in page.text
    answer = client.post(url("begin", query=f"?{scope}={record.pk}"), {"mode": "repair", "key": uuid4()})

    composition = Composition.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, composition.get_absolute_url())
    assert str(getattr(composition, scope)) == str(record)
    assert composition.township == grid.village.township


def test_staff_begin_for_their_township_and_the_city_for_all(client_of):
    grid = make_grid()
    make_grid()
    staff, admin = client_of(Role.TOWNSHIP_STAFF, township=grid.village.township), client_of(Role.ADMIN)
    for client in (staff, admin):
        client.post(url("begin"), {"mode": "propose", "key": uuid4()})

    of_staff, of_city = Composition.objects.order_by("pk")
    assert (of_staff.township, of_city.township) == (grid.village.township, None)
    assert (of_staff.parts.count(), of_city.parts.count()) == (1, 2)


@pytest.mark.parametrize("query", ["?grid=x", "?village=99999999", "?township={elsewhere}", "?grid={retired}"])
def test_scope_that_is_not_there_is_a_404(client_of, query):
    village, elsewhere = make_village(), make_village()
    retired = make_grid(village=village, is_retired=True)
    client = client_of(Role.TOWNSHIP_STAFF, township=village.township)

    query = query.format(elsewhere=elsewhere.township_id, retired=retired.pk)
    assert client.get(url("begin", query=query)).status_code == 404
    assert client.post(url("begin", query=query), {"mode": "repair", "key": uuid4()}).status_code == 404
    assert Composition.objects.count() == 0


def test_village_without_grids_and_mangled_forms_come_back(client_of):
    village = make_village()
    client = client_of(Role.ADMIN)
    for fields in ({"mode": "repair", "key": uuid4()}, {"mode": "greedy", "key": uuid4()}, {"mode": "repair"}):
        assert client.post(url("begin", query=f"?village={village.pk}"), fields).status_code == 422
    assert Composition.objects.count() == 0


def test_open_proposal_for_the_same_place_is_pointed_to(repair):
    client, composition, team, *_ = repair
    page = client.get(url("begin", query=f"?township={team.township_id}")).text
    assert composition.get_absolute_url() in page
    assert composition.get_absolute_url() not in client.get(url("begin", query=f"?grid={team.grid_id}")).text


def test_work_is_followed_and_can_be_stopped(client_of):
    grid = make_grid()
    client = client_of(Role.TOWNSHIP_STAFF, township=grid.village.township)
    composition = begin_composition(grid, mode="repair", key=uuid4(), by=client.user)
    page = client.get(url("detail", composition.pk)).text

    assert "You may close this page" in page
    assert url("stop", composition.pk) in page
    client.post(url("stop", composition.pk))
    composition.refresh_from_db()
    assert composition.is_stopped
    assert "It stops within some seconds" in client.get(url("detail", composition.pk)).text
    Composition.objects.update(work_state="done")
    page = client.get(url("detail", composition.pk)).text
    assert "Solving was stopped" in page
    assert "Accept all" not in page


def test_proposal_stands_beside_today_with_reasons_and_only_what_changes(repair):
    client, composition, team, grid, people = repair
    page = client.get(url("detail", composition.pk)).text

    assert f'id="grid-{grid.pk}"' in page
    assert f'id="grid-{team.grid_id}"' not in page
    assert "Proven optimal" in page
    for person in people:
        assert person.name in page
    assert "Joins" in page
    assert "Lives in the grid&#x27;s village." in page
    everything = client.get(url("detail", composition.pk, query="?show=all")).text
    assert f'id="grid-{team.grid_id}"' in everything


@pytest.mark.parametrize("query", ["?show=nonsense", "?village=x", "?village=99999999", "?page=99999", "?part=abc"])
def test_addresses_that_mean_nothing_show_the_proposal(repair, query):
    client, composition, *_ = repair
    assert client.get(url("detail", composition.pk, query=query)).status_code == 200


def test_missing_people_are_said_in_a_sentence(client_of):
    grid = make_grid()
    client = client_of(Role.TOWNSHIP_STAFF, township=grid.village.township)
    composition = make_composition(grid, by=client.user)
    page = client.get(url("detail", composition.pk)).text

    assert f"{grid.village.township} lacks" in page
    assert "Register or admit volunteers" in page


def test_sentences_count_each_type_of_the_township_once():
    grid = make_grid()
    medical, other = make_skill_type(name_en="Medical service"), make_skill_type(name_en="Law")
    part = CompositionPart(
        township=grid.village.township,
        unmet=[
            {"grid": 1, "kind": "skills", "skill": medical.pk, "count": 1, "is_choice": False},
            {"grid": 2, "kind": "skills", "skill": medical.pk, "count": 1, "is_choice": True},
            {"grid": 2, "kind": "skills", "skill": other.pk, "count": 1, "is_choice": False},
            {"grid": 3, "kind": "members", "skill": None, "count": 4, "is_choice": False},
            {"grid": grid.pk, "kind": "full", "skill": None, "count": 1, "is_choice": False},
            {"grid": 4, "kind": "leader", "skill": None, "count": 1, "is_choice": False},
        ],
    )
    skills = SkillType.objects.in_bulk([medical.pk, other.pk])

    assert shortage_lines(part, skills, {grid.pk: grid}) == [
        f"{part.township} lacks 2 more volunteers of the type “{medical.name_en}”.",
        f"{part.township} lacks 1 more volunteer of the type “{other.name_en}”.",
        f"{part.township} lacks 4 more volunteers.",
        f"{grid}: the team is full and lacks skill types. Repair it: somebody has to change teams.",
        "In 1 team nobody was trained or has the experience to lead; somebody is proposed all the same.",
    ]


def test_person_is_moved_swapped_locked_and_barred_from_the_page(repair):
    client, composition, team, grid, people = repair
    seat = seat_of(composition, people[0])
    answer = change(client, composition, seat=seat.pk, to=team.grid_id, back="show=all")
    assert f"{people[0].name} is proposed for {team.grid}. 1 of 2 grids would be served." in answer.text
    assert answer.redirect_chain[-1][0].endswith("?show=all")

    other = seat_of(composition, people[1])
    change(client, composition, **{"seat": seat.pk, "with": other.pk})
    seat.refresh_from_db()
    assert seat.grid_id == grid.pk
    change(client, composition, unlock=seat.pk)
    assert not composition.wishes.filter(volunteer=people[0]).exists()
    change(client, composition, lock=seat.pk)
    change(client, composition, lead=seat.pk)
    seat.refresh_from_db()
    assert seat.is_leader
    assert "proposed for no team" in change(client, composition, bar=seat.pk, to=grid.pk).text
    bar = composition.wishes.get(kind="bar")
    change(client, composition, lift=bar.pk)
    assert not composition.wishes.filter(kind="bar").exists()
    change(client, composition, seat=other.pk, to="out")
    other.refresh_from_db()
    assert other.grid_id is None
    assert Team.objects.count() == 1


@pytest.mark.parametrize(
    "fields", [{}, {"seat": "1"}, {"seat": "x", "to": "y"}, {"bar": "1"}, {"lift": "99999999", "seat": "1"}]
)
def test_change_that_says_nothing_is_answered(repair, fields):
    client, composition, *_ = repair
    before = list(ProposedSeat.objects.order_by("pk").values_list("grid", "is_leader"))

    assert change(client, composition, **fields).status_code == 200
    assert list(ProposedSeat.objects.order_by("pk").values_list("grid", "is_leader")) == before


def test_seat_page_names_where_to_and_with_whom_and_nobody_elsewhere(repair):
    client, composition, team, _grid, people = repair
    foreign = make_team(members=4)
    make_composition(foreign.township)
    seat = seat_of(composition, people[0])
    page = client.get(url("seat", seat.pk)).text

    assert str(team.grid) in page
    assert team.memberships.first().volunteer.name in page
    assert str(foreign.grid) not in page
    theirs = ProposedSeat.objects.filter(part__township=foreign.township).first()
    assert client.get(url("seat", theirs.pk)).status_code == 404


def test_foreign_keys_in_a_change_are_refused_and_tell_nothing(repair):
    client, composition, team, _grid, people = repair
    foreign = make_team(members=4)
    theirs = ProposedSeat.objects.filter(part__composition=make_composition(foreign.township)).first()
    seat = seat_of(composition, people[0])
    for fields in (
        {"seat": theirs.pk, "to": team.grid_id},
        {"seat": seat.pk, "to": foreign.grid_id},
        {"seat": seat.pk, "with": theirs.pk},
        {"lock": theirs.pk},
    ):
        answer = change(client, composition, **fields)
        assert theirs.volunteer.name not in answer.text
        assert str(foreign.grid) not in answer.text
    assert composition.wishes.count() == 0


def test_accepted_for_one_grid_or_for_all(repair):
    client, composition, _team, grid, people = repair
    proposed = composition.parts.get().teams.get(grid=grid)
    answer = client.post(
        url("accept", composition.pk), {"team": proposed.pk, "version": composition.version}, follow=True
    )

    assert "Accepted: 1 team stands as proposed." in answer.text
    team = Team.objects.get(grid=grid)
    assert set(team.memberships.values_list("volunteer", flat=True)) == {person.pk for person in people}
    assert "This proposal was accepted." in answer.text


def test_refusal_names_what_changed_and_offers_the_rest(repair):
    client, composition, team, grid, _people = repair
    other = make_grid(village=grid.village)
    for _ in range(3):
        make_volunteer(village=grid.village)
    composition = make_composition(team.township, by=client.user, mode="propose")
    retire_grid(other, by=make_user())
    answer = client.post(url("accept", composition.pk), {"version": composition.version}, follow=True)

    assert f"{other} has been retired." in answer.text
    assert "Accept what still stands" in answer.text
    assert Team.objects.filter(grid=grid).count() == 0
    answer = client.post(url("accept", composition.pk), {"version": composition.version, "rest": "1"}, follow=True)
    assert Team.objects.filter(grid=grid).count() == 1
    assert f"{other} has been retired." in answer.text


@pytest.mark.parametrize("version", ["", "x", "999"])
def test_acceptance_of_what_was_not_seen_is_refused(repair, version):
    client, composition, _team, grid, _people = repair
    answer = client.post(url("accept", composition.pk), {"version": version}, follow=True)

    assert "changed after you opened the page" in answer.text
    assert not Team.objects.filter(grid=grid).exists()


def test_proposed_team_of_another_proposal_is_a_404(repair):
    client, composition, *_ = repair
    foreign = make_composition(make_team(members=4).township)
    theirs = foreign.parts.get()
    for fields in ({"team": theirs.teams.get().pk}, {"part": theirs.pk}):
        answer = client.post(url("accept", composition.pk), {"version": composition.version, **fields})
        assert answer.status_code == 404


def test_locks_that_cannot_hold_are_named_on_the_page(repair):
    client, composition, _team, grid, people = repair
    part = composition.parts.get()
    part.state = "impossible"
    part.conflict = {"rule": "most", "locks": [[people[0].pk, grid.pk]], "grid": grid.pk}
    part.save()
    page = client.get(url("detail", composition.pk)).text

    assert "There is no proposal with these locks." in page
    assert "More people are locked into one grid than a team may have." in page
    assert f"{people[0].name} · {grid}" in page
    assert "Accept all" not in page


def test_who_looks_only_sees_no_buttons(repair, client_of):
    _client, composition, _team, _grid, people = repair
    reviewer = client_of(Role.REVIEWER, township=composition.township)
    page = reviewer.get(url("detail", composition.pk)).text

    assert people[0].name in page
    for words in ("Accept", "Solve again", "Discard", 'name="lock"', "data-seat", "composition.js"):
        assert words not in page


def test_city_page_has_a_row_for_each_township(client_of):
    first, second = make_grid(), make_grid()
    for _ in range(3):
        make_volunteer(village=first.village)
    client = client_of(Role.ADMIN)
    composition = make_composition(None, by=client.user, mode="propose")
    page = client.get(url("detail", composition.pk)).text

    assert f"?part={first.village.township_id}" in page
    assert f"{second.village.township} lacks" in page
    one = client.get(url("detail", composition.pk, query=f"?part={first.village.township_id}")).text
    assert f'id="grid-{first.pk}"' in one
    assert f'id="grid-{second.pk}"' not in one


def test_list_shows_each_with_its_state(repair):
    client, composition, team, *_ = repair
    page = client.get(url("list")).text
    assert composition.get_absolute_url() in page
    assert "1 → 2" in page
    waiting = begin_composition(team.grid, mode="repair", key=uuid4(), by=client.user)
    stop_composition(waiting, by=client.user)
    page = client.get(url("list")).text
    assert "Waits for its turn" in page
    assert str(team.grid) in page


def test_queries_do_not_grow_with_grids_and_people(repair, django_assert_max_num_queries):
    client, composition, team, *_ = repair
    for _ in range(6):
        make_team(members=6, grid=make_grid(village=team.grid.village))
        make_volunteer(village=team.grid.village)
    composition = make_composition(team.township, by=client.user)
    seat = composition.parts.get().seats.filter(grid__isnull=False).first()
    move_person(composition, seat.pk, None, by=client.user)
    bar_person(composition, seat.pk, team.grid_id, by=client.user)
    for address in (url("detail", composition.pk, query="?show=all"), url("seat", seat.pk), url("list")):
        client.get(address)
        with django_assert_max_num_queries(24):
            client.get(address)
