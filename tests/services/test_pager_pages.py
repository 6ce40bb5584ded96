"""The pager's pages: what a leader sees and taps, calls that leave a trace, and what staff may do for a team."""

import re
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.rights import Role
from areas.models import TownshipSettings
from grids.models import Membership
from services.domain.call_attempt import note_call
from services.domain.dispatch import transfer_request
from services.domain.pager import answer_request, set_out
from services.domain.suggest import suggest
from services.models import RequestPhoto
from tests.factories import make_log, make_request, make_team, make_user
from tests.pictures import make_request_photo

pytestmark = pytest.mark.django_db
PAGER = "/services/pager/"
HTMX = {"HX-Request": "true"}


def told(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def shown(answer):
    """Return the requests of each part of the page."""
    return {part["name"]: [card["asked"].pk for card in part["cards"]] for part in answer.context["sections"]}


def member(team, place=1):
    return Membership.objects.filter(team=team).order_by("id")[place].volunteer


def looks(user):
    """Return which records the user looked at, and by which event."""
    entries = AuditEntry.objects.filter(actor=user, action=AuditEntry.Action.ACCESS).order_by("id")
    return list(entries.exclude(event="sign_in").values_list("event", "object_id"))


def test_new_requests_come_first_then_under_way_then_waiting(leader, team):
    waiting = make_request(team=team, waiting_since=timezone.now(), due_at=None)
    under_way, new = make_request(team=team), make_request(team=team)
    answer_request(under_way, by=leader.user)
    make_request(team=make_team(township=team.township))

    answer = leader.get(PAGER)

    assert shown(answer) == {"new": [new.pk], "under_way": [under_way.pk], "waiting": [waiting.pk]}
    assert list(shown(answer)) == ["new", "under_way", "waiting"]


def test_card_says_what_where_who_when_and_no_number(leader, team):
    asked = make_request(
        team=team,
        phone="13912345678",
        place="3幢201",
        urgency="urgent",
        asked_at=timezone.now() - timedelta(minutes=12, seconds=20),
    )

    page = leader.get(PAGER).content.decode()

    for words in (asked.content, asked.caller, "3幢201", "12 minutes ago", "Answer by", "17 minutes left", "Urgent"):
        assert words in page
    assert "13912345678" not in page
    assert "139****5678" in page


def test_card_shows_the_residents_photos_and_that_it_was_reopened(leader, team):
    asked = make_request(team=team, reopened_at=timezone.now(), times_reopened=1)
    photo = make_request_photo(asked)
    away = make_request_photo(asked, number=2)
    RequestPhoto.objects.filter(pk=away.pk).update(removed_at=timezone.now())

    page = leader.get(PAGER).content.decode()

    assert photo.thumbnail_url in page
    assert away.thumbnail_url not in page
    assert "Reopened: it is not solved yet" in page


def test_each_tap_leads_back_to_its_card_and_offers_the_next(leader, team):
    asked = make_request(team=team)
    for step, following in (("answer", "set_out"), ("set_out", "arrive"), ("arrive", "resolve")):
        answer = leader.post(f"{PAGER}{asked.pk}/tap/", {"step": step})

        assert answer.url == f"{PAGER}#request-{asked.pk}"
        [card] = leader.get(PAGER).context["sections"][0]["cards"]
        assert card["next"]["name"] == following
    assert f'href="/services/logs/new/?request={asked.pk}"' in leader.get(PAGER).content.decode()
    leader.post(f"{PAGER}{asked.pk}/tap/", {"undo": "arrive"})
    asked.refresh_from_db()
    assert (asked.arrived_at, asked.set_out_at is None) == (None, False)


def test_tap_by_htmx_brings_the_cards(leader, team):
    asked = make_request(team=team)

    answer = leader.post(f"{PAGER}{asked.pk}/tap/?team={team.pk}", {"step": "answer"}, headers=HTMX)

    assert (answer.status_code, "<html" in answer.content.decode()) == (200, False)
    assert shown(answer) == {"under_way": [asked.pk]}


@pytest.mark.parametrize(
    ("sent", "said"),
    [({"step": "resolve"}, "never without one"), ({}, "one of the buttons"), ({"undo": "x"}, "one of the buttons")],
)
def test_tap_that_is_none_is_refused(leader, team, sent, said):
    asked = make_request(team=team)

    answer = leader.post(f"{PAGER}{asked.pk}/tap/", sent)

    assert said in told(answer)[0]
    asked.refresh_from_db()
    assert asked.is_open


def test_page_that_looks_again_gets_nothing_unless_something_changed(leader, team):
    asked = make_request(team=team)
    mark = leader.get(PAGER).context["mark"]

    assert leader.get(f"{PAGER}?mark={mark}", headers=HTMX).status_code == 204
    set_out(asked, by=leader.user)
    assert leader.get(f"{PAGER}?mark={mark}", headers=HTMX).status_code == 200


def test_looking_again_does_not_keep_a_session_alive(leader, team):
    then = int(timezone.now().timestamp()) - 1000
    session = leader.session
    session["signed_in_at"] = session["seen_at"] = then
    session.save()

    leader.get(PAGER, headers=HTMX | {"Yiwang-Poll": "yes"})
    assert leader.session["seen_at"] == then
    leader.get(PAGER)
    assert leader.session["seen_at"] > then


def test_request_transferred_meanwhile_is_told_of_and_gone(leader, team):
    asked, other = make_request(team=team), make_team(township=team.township)
    office = make_user(township=team.township)
    transfer_request(asked, team=other, reason="另一队更近", by=office)

    answers = [leader.post(f"{PAGER}{asked.pk}/tap/", {"step": "arrive"}), leader.get(f"{PAGER}{asked.pk}/calls/")]

    for answer in answers:
        assert answer.status_code == 302
        assert f"{other.name} has this request now" in told(answer)[0]
    assert shown(leader.get(PAGER)) == {}
    asked.refresh_from_db()
    assert asked.arrived_at is None


def test_request_is_given_back_with_what_the_members_said(leader, team):
    asked, who = make_request(team=team), member(team)
    note_call(asked, who, result="no_answer", by=leader.user)
    back = leader.get(f"{PAGER}{asked.pk}/calls/").context["back"]

    assert back["form"]["reason"].value() == f"{who.name}: No answer"
    sent = {"version": back["form"]["version"].value(), "reason": "今天都在外地"}
    assert leader.post(back["url"], sent).status_code == 302
    asked.refresh_from_db()
    assert asked.team is None
    assert "has this request now" in told(leader.post(f"{PAGER}{asked.pk}/tap/", {"step": "answer"}))[-1]


def test_members_are_called_in_the_order_that_is_suggested(leader, team):
    asked = make_request(team=team)

    called = [each["volunteer"] for each in leader.get(f"{PAGER}{asked.pk}/calls/").context["callees"]]

    assert called == [each.member.volunteer for each in suggest(team, None, timezone.localdate()).members]


def test_request_that_was_never_the_teams_does_not_exist(leader, team):
    strange = make_request(team=make_team(township=team.township))
    for answer in (
        leader.post(f"{PAGER}{strange.pk}/tap/", {"step": "answer"}),
        leader.get(f"{PAGER}{strange.pk}/calls/"),
        leader.post(f"{PAGER}{strange.pk}/dial/"),
        leader.get(f"{PAGER}?team={strange.team_id}"),
        leader.get(f"{PAGER}?team=abc"),
    ):
        assert answer.status_code == 404
    strange.refresh_from_db()
    assert strange.answered_at is None


def test_one_tap_dials_and_is_recorded(leader, team):
    asked = make_request(team=team, phone="0577-62181234-801")

    answer = leader.post(f"{PAGER}{asked.pk}/dial/")

    assert (answer.status_code, answer.url) == (302, "tel:057762181234,801")
    assert looks(leader.user) == [("show_phone", asked.pk)]
    assert "form-action 'self' tel:" in leader.get(PAGER).headers["Content-Security-Policy"]


def test_dialling_without_a_number_leads_to_the_request(leader, team):
    asked = make_request(team=team, phone="")

    answer = leader.post(f"{PAGER}{asked.pk}/dial/")

    assert answer.url == asked.get_absolute_url()
    assert "no phone number" in told(answer)[0]


def test_member_is_dialled_recorded_and_said_to_come(leader, team):
    asked, who = make_request(team=team), member(team)

    assert leader.post(f"{PAGER}{asked.pk}/dial/", {"member": who.pk}).url == f"tel:{who.phone}"
    assert looks(leader.user) == [("show_phone", who.pk)]
    page = leader.get(f"{PAGER}{asked.pk}/calls/").content.decode()
    assert (who.name in page, who.phone in page) == (True, False)

    answer = leader.post(f"{PAGER}{asked.pk}/calls/", {"member": who.pk, "result": "comes"})

    assert answer.url == f"{PAGER}{asked.pk}/calls/"
    [card] = leader.get(PAGER).context["sections"][0]["cards"]
    assert card["coming"] == [who.name]


def test_only_members_of_the_requests_team_are_dialled_or_noted(leader, staff, team):
    asked = make_request(team=team)
    stranger = member(make_team(township=team.township))

    for client in (leader, staff):
        for address in ("dial", "calls"):
            for key in (stranger.pk, "abc", "9" * 30):
                sent = {"member": key, "result": "comes"}
                assert client.post(f"{PAGER}{asked.pk}/{address}/", sent).status_code == 404
    assert looks(leader.user) == []
    assert not asked.call_attempts.exists()


def test_next_member_is_marked_until_nobody_is_left(leader, team):
    asked = make_request(team=team)

    def next_ones():
        return [
            each["volunteer"] for each in leader.get(f"{PAGER}{asked.pk}/calls/").context["callees"] if each["is_next"]
        ]

    called = []
    for _place in range(3):
        [who] = next_ones()
        called.append(who)
        note_call(asked, who, result="no_answer", by=leader.user)

    assert (len(set(called)), next_ones()) == (3, [])
    context = leader.get(f"{PAGER}{asked.pk}/calls/").context
    assert context["is_nobody_left"]
    note_call(asked, called[0], result="comes", by=leader.user)
    assert not leader.get(f"{PAGER}{asked.pk}/calls/").context["is_nobody_left"]


def test_settled_request_is_called_for_no_more(leader, team):
    asked = make_log(team=team, request=make_request(team=team, state="resolved")).request

    answer = leader.get(f"{PAGER}{asked.pk}/calls/")

    assert answer.url == asked.get_absolute_url()
    assert "has been logged" in told(answer)[0]


def test_staff_choose_a_team_and_act_for_it(staff, team):
    asked = make_request(team=team)
    make_request()

    for page in ("/services/requests/", team.get_absolute_url()):
        assert f'href="{PAGER}' in staff.get(page).content.decode()
    [row] = staff.get(PAGER).context["teams"]
    assert (row["name"], row["new"], row["open"], row["url"]) == (team.name, 1, 1, f"{PAGER}?team={team.pk}")
    assert shown(staff.get(row["url"])) == {"new": [asked.pk]}
    answer = staff.post(f"{PAGER}{asked.pk}/tap/?team={team.pk}", {"step": "answer"})
    assert answer.url == f"{PAGER}?team={team.pk}#request-{asked.pk}"
    asked.refresh_from_db()
    assert asked.answered_at is not None


def test_where_no_logs_are_kept_the_page_says_what_to_do(leader, team):
    TownshipSettings.objects.create(township=team.township, uses_logs=False)
    asked = make_request(team=team)
    leader.post(f"{PAGER}{asked.pk}/tap/", {"step": "arrive"})

    answer = leader.get(PAGER)

    page = answer.content.decode()
    assert "/services/logs/new/" not in page
    assert "Without a log no request counts as resolved" in page
    [card] = answer.context["sections"][0]["cards"]
    assert (card["next"], card["others"]) == (None, [])


def test_home_shows_new_requests_first_with_one_link(leader, team):
    asked = make_request(team=team)

    page = leader.get("/").content.decode()

    assert page.index(f'href="{PAGER}"') < page.index("/services/logs/new/")
    assert f'href="{PAGER}#request-{asked.pk}"' in page
    menu = {entry.url for entry in leader.get("/").context["navigation"]}
    assert PAGER in menu


def test_menu_names_the_pager_to_leaders_only(staff):
    assert PAGER not in {entry.url for entry in staff.get("/").context["navigation"]}


def test_page_of_a_request_offers_the_taps_and_tells_of_the_calls(leader, staff, team, client_of):
    asked, who = make_request(team=team), member(team)
    note_call(asked, who, result="no_answer", by=leader.user)

    page = leader.get(asked.get_absolute_url()).content.decode()
    assert f'action="{PAGER}{asked.pk}/tap/"' in page
    assert who.name in page
    answer = staff.post(f"{PAGER}{asked.pk}/tap/", {"step": "answer", "detail": "1"})
    assert answer.url == asked.get_absolute_url()
    reviewer = client_of(Role.REVIEWER, township=team.township)
    page = reviewer.get(asked.get_absolute_url()).content.decode()
    assert (who.name in page, f"{PAGER}{asked.pk}/tap/" in page) == (True, False)


def test_cards_are_many_and_light(leader, team):
    for _number in range(3):
        make_request(team=team)
    leader.get(PAGER)
    with CaptureQueriesContext(connection) as few:
        leader.get(PAGER)
    for _number in range(40):
        note_call(make_request(team=team, content="水" * 500), member(team), result="comes", by=leader.user)
    with CaptureQueriesContext(connection) as many:
        answer = leader.get(PAGER)

    assert len(many) <= len(few)
    assert sum(len(part["cards"]) for part in answer.context["sections"]) == 30
    assert "13 more in the list of requests" in re.sub(r"\s+", " ", answer.content.decode())
