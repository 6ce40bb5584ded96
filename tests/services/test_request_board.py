"""The board of due and late requests: lanes, reasons, time, the mend, filters, who sees what, how it renews itself."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.rights import Role
from services.domain import request_board
from services.domain.waiting import hold_request
from tests.factories import make_page_request, make_request, make_team, make_user, make_village

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 7, 8, 4, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BOARD = "/services/requests/board/"


@pytest.fixture(autouse=True)
def _at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


def lanes_of(page):
    return {lane["key"]: lane for lane in page.context["lanes"]}


def only_card(page, lane):
    (card,) = lanes_of(page)[lane]["cards"]
    return card


def test_requests_lie_in_the_lane_of_what_is_due_the_late_first(team, staff):
    soon = make_request(team=team, asked_at=NOON - 3 * HOUR)
    late = make_request(team=team, asked_at=NOON - 6 * HOUR)
    urgent = make_request(team=team, asked_at=NOON - HOUR, urgency="urgent")
    coming = make_request(team=team, asked_at=NOON - HOUR, answered_at=NOON)
    there = make_request(team=team, asked_at=NOON - HOUR, arrived_at=NOON)
    waiting = hold_request(make_request(team=team, asked_at=NOON - 9 * HOUR), reason="周五回来", by=staff.user)
    make_request(team=team, state="resolved")

    page = staff.get(BOARD)

    found = {key: [card["pk"] for card in lane["cards"]] for key, lane in lanes_of(page).items()}
    assert found == {
        "answer": [late.pk, urgent.pk, soon.pk],
        "arrive": [coming.pk],
        "resolve": [there.pk],
        "waiting": [waiting.pk],
    }
    assert (page.context["board"].total, page.context["board"].total_late) == (6, 2)
    words = [card["left"] for card in lanes_of(page)["answer"]["cards"]]
    assert ["late by 2 hours" in words[0], "late by 30 minutes" in words[1], "1 hour left" in words[2]] == [True] * 3
    assert only_card(page, "waiting")["reason"] == "周五回来"


@pytest.mark.parametrize(
    ("fields", "lane", "reason"),
    [
        ({}, "answer", "The team has had it for 1 hour and has not answered."),
        ({"answered_at": NOON - 30 * MINUTE}, "arrive", "Answered 30 minutes ago; nobody has set out."),
        (
            {"answered_at": NOON - 30 * MINUTE, "set_out_at": NOON - 20 * MINUTE},
            "arrive",
            "Somebody has been on the way for 20 minutes.",
        ),
        ({"arrived_at": NOON - 10 * MINUTE}, "resolve", "Somebody came 10 minutes ago; no service is logged yet."),
        (
            {"arrived_at": NOON - 10 * MINUTE, "times_reopened": 1},
            "resolve",
            "The resident says that it is not solved.",
        ),
    ],
)
def test_card_says_why_it_waits(team, staff, fields, lane, reason):
    make_request(team=team, asked_at=NOON - HOUR, **fields)

    card = only_card(staff.get(BOARD), lane)

    assert card["reason"] == reason
    assert card["owner"] == team.name


def test_without_a_team_the_office_has_it_and_gives_it_on(team, staff):
    village = make_village(township=team.township)
    asked = make_page_request(village=village)

    card = only_card(staff.get(BOARD), "answer")

    assert card["reason"] == "No team has it: the grid is not known."
    assert (card["owner"], card["mend"]) == ("The township's office", "Give it to a team")
    assert card["mend_url"] == f"{asked.get_absolute_url()}#choose"
    assert 'id="choose"' in staff.get(asked.get_absolute_url()).content.decode()


def test_mend_leads_to_pages_that_are_there_for_the_reader(team, staff, leader, client_of):
    make_request(team=team)
    make_request(team=team, answered_at=NOON)
    make_request(team=team, arrived_at=NOON)
    hold_request(make_request(team=team), reason="等", by=staff.user)
    for client in (staff, leader, client_of(Role.REVIEWER, township=team.township), client_of(Role.AUDITOR)):
        cards = [card for lane in client.get(BOARD).context["lanes"] for card in lane["cards"]]
        assert len(cards) == 4
        for card in cards:
            assert client.get(card["mend_url"].partition("#")[0]).status_code == 200, card


def test_reader_sees_own_requests_and_no_figure_of_others(team, staff, leader):
    make_request(caller="别镇阿公", asked_at=NOON - DAY)
    make_request(team=make_team(township=team.township), caller="邻队阿公")
    make_request(team=team, caller="本队阿公")

    of_staff, of_leader = staff.get(BOARD), leader.get(BOARD)

    assert of_staff.context["board"].total == 2
    assert "别镇" not in of_staff.content.decode()
    assert of_leader.context["board"].total == 1
    assert "邻队" not in of_leader.content.decode()
    assert not any("phone" in column for column in request_board.CARD)


def test_city_sees_which_townships_are_late_and_opens_one(team, client_of):
    other = make_team()
    for _ in range(2):
        make_request(team=other, asked_at=NOON - DAY)
    make_request(team=team, asked_at=NOON - DAY)
    make_request(team=make_team())
    city = client_of(Role.ADMIN)

    page = city.get(BOARD)
    assert [(town["name"], town["late"]) for town in page.context["townships"]] == [
        (other.township.name, 2),
        (team.township.name, 1),
    ]

    one = city.get(BOARD + page.context["townships"][0]["url"])
    assert one.context["board"].total == 2
    assert one.context["townships"] == []


def test_board_is_narrowed_by_team_urgency_and_lane(team, staff):
    other = make_team(township=team.township)
    wanted = make_request(team=team, urgency="urgent")
    make_request(team=team)
    make_request(team=other, urgency="urgent")

    page = staff.get(BOARD, {"team": team.pk, "urgency": "urgent"})
    assert only_card(page, "answer")["pk"] == wanted.pk
    page = staff.get(BOARD, {"lane": "answer"})
    assert [lane["key"] for lane in page.context["lanes"]] == ["answer"]
    assert page.context["board"].total == 3


@pytest.mark.parametrize("query", ["lane=nowhere", "urgency=<script>", "team=x", "township=999999", "team=٣"])
def test_what_is_not_understood_is_said(client_of, query):
    make_request()
    page = client_of(Role.ADMIN).get(f"{BOARD}?{query}")

    assert page.status_code == 200
    assert page.context["problems"]
    assert "<script>" not in page.content.decode().partition("<main")[2]


def test_lane_shows_its_most_pressing_and_says_how_many_more(team, staff, monkeypatch):
    monkeypatch.setattr(request_board, "BESIDE", 2)
    late = make_request(team=team, asked_at=NOON - DAY)
    for _ in range(3):
        make_request(team=team)

    lane = lanes_of(staff.get(BOARD))["answer"]

    assert (len(lane["cards"]), lane["more"], lane["count"]) == (2, 2, 4)
    assert lane["cards"][0]["pk"] == late.pk
    assert len(lanes_of(staff.get(BOARD + lane["url"]))["answer"]["cards"]) == 4


def test_empty_board_says_so(staff):
    assert "everybody who asked has been helped" in staff.get(BOARD).content.decode()
    make_request(team=make_team(township=staff.user.township))
    assert "Clear all" in staff.get(BOARD, {"urgency": "low"}).content.decode()


def test_board_renews_itself_without_being_a_use_of_the_session(team, staff):
    make_request(team=team)
    assert 'hx-trigger="every 60s"' in staff.get(BOARD).content.decode()

    answer = staff.get(BOARD, headers={"HX-Request": "true", "Yiwang-Poll": "1"})
    assert answer.content.decode().lstrip().startswith('<div id="board"')
    assert "HX-Push-Url" not in answer.headers
    assert "hx-swap-oob" not in answer.content.decode()
    chosen = staff.get(BOARD, {"urgency": "urgent"}, headers={"HX-Request": "true"})
    assert 'id="filter-team" hx-swap-oob' in chosen.content.decode()
    assert chosen.headers["HX-Push-Url"] == f"{BOARD}?urgency=urgent"


@pytest.mark.parametrize(("headers", "status"), [({"Yiwang-Poll": "1"}, 302), ({}, 200)])
def test_session_of_a_board_that_nobody_looks_at_ends(team, client_of, settings, headers, status):
    with time_machine.travel(NOON, tick=False) as clock:
        staff = client_of(Role.TOWNSHIP_STAFF, township=team.township)
        for _ in range(5):
            clock.shift(timedelta(seconds=settings.OFFICE_SESSION[0] / 4))
            answer = staff.get(BOARD, headers=headers)
        assert answer.status_code == status


def test_questions_do_not_grow_with_the_board(team, staff, django_assert_max_num_queries):
    def fill(times):
        for number in range(times):
            each = make_team(township=team.township)
            make_request(team=each, asked_at=NOON - number * HOUR)
            hold_request(make_request(team=each), reason="等", by=make_user())

    fill(1)
    staff.get(BOARD)
    with django_assert_max_num_queries(9):
        staff.get(BOARD)
    fill(6)
    with django_assert_max_num_queries(9):
        assert staff.get(BOARD).context["board"].total == 14


def test_tabs_lead_from_the_list_to_the_board(staff):
    assert BOARD in staff.get(reverse("services:request_list")).content.decode()


def test_home_leads_to_what_is_late(team, staff, client_of):
    late = [make_request(team=team, asked_at=NOON - DAY) for _ in range(2)]
    make_request(team=team)
    type(late[0]).objects.filter(pk=late[0].pk).update(escalation=2)
    for client, count in ((staff, 2), (client_of(Role.ADMIN), 1)):
        first = client.get(reverse("home")).context["tasks"][0]
        assert first.count == count
        assert client.get(first.url).context["board"].total == count
    words = [row["waiting"] for row in staff.get(reverse("home")).context["requests"]]
    assert words == ["late by 20 hours", "late by 20 hours", "4 hours left"]
