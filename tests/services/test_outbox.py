"""The outbox's page and its door: what a phone is told of each log that it hands in, whatever happens."""

import json
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client

from accounts.own_store import OwnStore
from accounts.rights import Role
from grids.domain.team import choose_leader
from grids.models import Membership
from services.models import ServiceLog
from services.models.log import ServiceLogQuerySet
from tests.access_world import CANARY
from tests.factories import (
    make_category,
    make_log,
    make_membership,
    make_report,
    make_team,
    make_township,
    make_user,
)
from tests.pictures import jpeg

pytestmark = pytest.mark.django_db
PAGE = "/services/logs/outbox/"
SEND = "/services/logs/outbox/send/"
NOON = datetime.fromisoformat("2026-07-08T12:00:00+08:00")
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture(autouse=True)
def _in_july():
    """Let it be the 8th of July 2026, noon in Shanghai."""
    with time_machine.travel(NOON, tick=False):
        yield


def milliseconds(moment):
    return str(round(moment.timestamp() * 1000))


def members(team):
    return list(Membership.objects.filter(team=team).order_by("id").values_list("volunteer", flat=True))


def somebody_else(team):
    return Membership.objects.filter(team=team, role="member").first().volunteer


def photo(number):
    return SimpleUploadedFile(f"{number}.jpg", jpeg(number))


def entry(team, user, **changes):
    """Return what a phone sends for an hour of service by the whole team."""
    return {
        "key": str(uuid4()),
        "owner": OwnStore.of(user).owner,
        "made_at": milliseconds(NOON - timedelta(hours=3)),
        "sent_at": milliseconds(NOON),
        "team": team.pk,
        "date": "2026-07-06",
        "starts": "08:00",
        "ends": "09:00",
        "category": make_category().pk,
        "participants": members(team),
        "recipient": "村民老陈",
        "content": "打扫院子",
        "people_served": "1",
    } | changes


def send(client, data):
    """Send as the phone does, and return the status with what the answer says."""
    response = client.post(SEND, data, **JSON)
    assert response["Content-Type"] == "application/json"
    assert int(response.get("Content-Length", len(response.content))) == len(response.content)
    return response.status_code, json.loads(response.content)


# --- Taken ------------------------------------------------------------------------------------------------


def test_log_from_the_outbox_is_saved_with_its_number(leader, team):
    status, told = send(leader, entry(team, leader.user))

    log = ServiceLog.objects.get()
    assert (status, told["state"], told["number"], told["url"]) == (201, "saved", log.pk, log.get_absolute_url())
    assert (log.recipient, log.minutes, log.recorded_by) == ("村民老陈", 60, leader.user)
    assert log.participations.count() == 3
    assert told["now"] == int(milliseconds(NOON))


def test_log_sent_twice_counts_once_and_keeps_its_number(leader, team):
    data = entry(team, leader.user)
    _, first = send(leader, data)

    status, again = send(leader, data | {"sent_at": milliseconds(NOON + timedelta(minutes=5))})

    assert (status, again["state"], again["number"]) == (200, "same", first["number"])
    assert ServiceLog.objects.count() == 1


def test_log_changed_after_its_answer_was_lost_is_asked_about(leader, team):
    data = entry(team, leader.user)
    _, first = send(leader, data)

    status, told = send(leader, data | {"content": "别的内容"})

    assert (status, told["state"], told["reason"]) == (409, "ask", "differs")
    assert (told["number"], told["url"]) == (first["number"], first["url"])
    assert ServiceLog.objects.get().content == "打扫院子"


def test_key_of_somebody_elses_log_tells_nothing_of_it(leader, team):
    foreign = make_log(team=make_team())
    data = entry(team, leader.user, key=str(foreign.key))

    status, told = send(leader, data)

    assert (status, told["state"]) == (409, "ask")
    assert not {"number", "url"} & set(told)
    assert ServiceLog.objects.count() == 1


def test_photos_come_with_the_log_once_however_often_it_is_sent(leader, team):
    data = entry(team, leader.user)
    _, first = send(leader, data | {"photos": [photo(1), photo(2)]})
    _, again = send(leader, data | {"photos": [photo(1), photo(2)]})

    assert (first["state"], again["state"]) == ("saved", "same")
    assert ServiceLog.objects.get().photos.standing().count() == 2


def test_file_that_is_no_photo_is_refused_and_the_log_with_it(leader, team):
    status, told = send(leader, entry(team, leader.user, photos=[SimpleUploadedFile("a.jpg", b"no photo")]))

    assert (status, told["state"], [error["field"] for error in told["errors"]]) == (422, "refused", ["photos"])
    assert not ServiceLog.objects.exists()


# --- Refused ----------------------------------------------------------------------------------------------


def test_refused_log_comes_back_with_field_label_and_reason(leader, team):
    status, told = send(leader, entry(team, leader.user, ends="07:00", category=""))

    assert (status, told["state"]) == (422, "refused")
    assert told["errors"] == [
        {"field": "category", "label": "Category", "text": "Choose what kind of service it was."},
    ]
    status, told = send(leader, entry(team, leader.user, ends="07:00"))
    assert (status, told["state"], told["errors"][0]["field"]) == (422, "refused", "ends")
    assert not ServiceLog.objects.exists()


def test_leader_replaced_meanwhile_is_told_who_logs_it(leader, team):
    choose_leader(team, somebody_else(team), by=make_user(Role.ADMIN))

    status, told = send(leader, entry(team, leader.user))

    assert (status, told["state"]) == (422, "refused")
    assert [error["field"] for error in told["errors"]] == ["team"]
    assert "township's staff can log it" in told["errors"][0]["text"]
    assert not ServiceLog.objects.exists()


def test_log_that_arrived_before_the_leader_was_replaced_is_delivered(leader, team):
    data = entry(team, leader.user)
    _, first = send(leader, data)
    choose_leader(team, somebody_else(team), by=make_user(Role.ADMIN))

    status, told = send(leader, data)

    assert (status, told["state"], told["number"], told["url"]) == (200, "same", first["number"], "")


def test_team_of_another_township_is_refused_without_a_word_of_it(leader):
    elsewhere = make_team(township=make_township(name=f"{CANARY}镇"), name=f"{CANARY}服务队")

    response = leader.post(SEND, entry(elsewhere, leader.user), **JSON)

    assert response.status_code == 422
    assert CANARY not in response.content.decode()
    assert not ServiceLog.objects.exists()


def test_day_of_a_month_handed_in_is_refused_with_the_way_out(leader, team):
    make_report(team=team, month=date(2026, 7, 1), state="submitted")

    status, told = send(leader, entry(team, leader.user))

    assert (status, told["state"], told["errors"][0]["field"]) == (422, "refused", "date")


# --- Whose it is ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("owner", ["", "0" * 32, "somebody", "é"])
def test_log_of_another_owner_is_not_taken(owner, leader, team):
    status, told = send(leader, entry(team, leader.user, owner=owner))

    assert (status, told["state"]) == (409, "other_user")
    assert not ServiceLog.objects.exists()


def test_log_of_a_colleague_is_not_taken_though_the_team_is_the_same(leader, team, client_of):
    staff = client_of(Role.TOWNSHIP_STAFF, township=team.township)

    status, told = send(staff, entry(team, leader.user))

    assert (status, told["state"]) == (409, "other_user")
    assert not ServiceLog.objects.exists()


def test_owner_and_key_differ_by_person_and_tell_no_number():
    stores = [OwnStore.of(make_user()) for _ in range(3)]

    assert len({store.owner for store in stores}) == len({store.key for store in stores}) == 3
    assert all(len(store.owner) == 32 and len(store.key) == 44 for store in stores)


# --- The phone's clock ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("off", "typed", "words", "proposal"),
    [
        (timedelta(days=1), ("2026-07-08", "08:00", "09:00"), "24 hours fast", ("2026-07-07", "08:00", "09:00", "")),
        (timedelta(days=-1), ("2026-07-06", "08:00", "09:00"), "24 hours slow", ("2026-07-07", "08:00", "09:00", "")),
        (timedelta(hours=-8), ("2026-07-08", "00:30", "01:30"), "8 hours slow", ("2026-07-08", "08:30", "09:30", "")),
        (timedelta(hours=9), ("2026-07-08", "08:30", "09:30"), "9 hours fast", ("2026-07-07", "23:30", "00:30", "on")),
        (timedelta(minutes=11), ("2026-07-08", "08:30", "09:30"), "11 minutes", ("2026-07-08", "08:19", "09:19", "")),
    ],
    ids=["a day fast", "a day slow", "another zone", "over midnight", "minutes"],
)
def test_wrong_clock_asks_and_proposes_the_right_time(off, typed, words, proposal, leader, team):
    day, starts, ends = typed
    data = entry(team, leader.user, date=day, starts=starts, ends=ends, sent_at=milliseconds(NOON + off))

    status, told = send(leader, data)

    assert (status, told["state"], told["reason"]) == (409, "ask", "clock")
    assert words in told["errors"][0]["text"]
    assert tuple(told["proposal"][name] for name in ("date", "starts", "ends", "next_day")) == proposal
    assert not ServiceLog.objects.exists()

    put_right = data | {name: told["proposal"][name] for name in ("date", "starts", "ends", "next_day")}
    status, told = send(leader, put_right | {"clock_confirmed": "on"})
    assert (status, told["state"]) == (201, "saved")


@pytest.mark.parametrize("sent_at", ["0", "1", "99999999999999"], ids=["1970", "a moment later", "5138"])
def test_clock_of_another_age_proposes_no_senseless_time(sent_at, leader, team):
    status, told = send(leader, entry(team, leader.user, sent_at=sent_at))

    assert (status, told["state"], told["reason"], told["proposal"]) == (409, "ask", "clock", None)


def test_confirmed_times_are_taken_as_they_are(leader, team):
    data = entry(team, leader.user, sent_at=milliseconds(NOON - timedelta(days=1)), clock_confirmed="on")

    assert send(leader, data)[1]["state"] == "saved"
    assert ServiceLog.objects.get().date == date(2026, 7, 6)


def test_confirming_does_not_open_the_future(leader, team):
    data = entry(team, leader.user, date="2026-07-09", sent_at=milliseconds(NOON + timedelta(days=1)))
    assert send(leader, data)[1]["state"] == "ask"

    status, told = send(leader, data | {"clock_confirmed": "on"})

    assert (status, told["state"], told["errors"][0]["field"]) == (422, "refused", "date")


@pytest.mark.parametrize(
    ("made", "known"), [(NOON + timedelta(days=1), None), (NOON - timedelta(days=1), NOON - timedelta(hours=2))]
)
def test_clock_that_was_wrong_at_writing_and_is_right_now_asks_too(made, known, leader, team):
    times = {"made_at": milliseconds(made)} | ({"known_at": milliseconds(known)} if known else {})

    status, told = send(leader, entry(team, leader.user, **times))

    assert (status, told["state"], told["reason"], told["proposal"]) == (409, "ask", "clock", None)


def test_nine_minutes_are_no_matter(leader, team):
    data = entry(team, leader.user, sent_at=milliseconds(NOON + timedelta(minutes=9)))

    assert send(leader, data)[1]["state"] == "saved"


def test_clock_that_went_wrong_after_the_log_arrived_asks_nothing(leader, team):
    data = entry(team, leader.user)
    send(leader, data)

    assert send(leader, data | {"sent_at": milliseconds(NOON + timedelta(days=3))})[1]["state"] == "same"


@pytest.mark.parametrize("clock", ["", "x", "-1", "9" * 30, "９９９", "1e9", "\x00"])
def test_clock_that_says_rubbish_asks_nothing(clock, leader, team):
    data = entry(team, leader.user, sent_at=clock, made_at=clock, known_at=clock)

    assert send(leader, data)[1]["state"] == "saved"


# --- Answers of the layers around -------------------------------------------------------------------------


def test_ended_session_is_said_in_json(team, leader):
    status, told = send(Client(headers={"origin": "http://testserver"}), entry(team, leader.user))

    assert (status, told["state"]) == (401, "signed_out")
    assert not ServiceLog.objects.exists()


def test_first_password_must_be_changed_before(client_of, team):
    client = client_of(Role.TOWNSHIP_STAFF, township=team.township, must_change_password=True)

    assert send(client, entry(team, client.user))[1]["state"] == "signed_out"


def test_missing_token_is_said_in_json(leader, team):
    client = Client(enforce_csrf_checks=True, headers={"origin": "http://testserver"})
    client.force_login(leader.user, backend="django.contrib.auth.backends.ModelBackend")

    status, told = send(client, entry(team, leader.user))

    assert (status, told["state"]) == (403, "retry")
    assert not ServiceLog.objects.exists()


def test_role_that_may_not_log_is_told_who_may(client_of, team):
    reviewer = client_of(Role.REVIEWER, township=team.township)

    status, told = send(reviewer, entry(team, reviewer.user))

    assert (status, told["state"]) == (403, "refused")
    assert "Team leader" in told["errors"][0]["text"]


@pytest.mark.parametrize(
    ("error", "status"), [("database is locked", 409), ("connection to server failed", 503), ("no such table", 500)]
)
def test_trouble_of_the_database_is_tried_again(error, status, leader, team, monkeypatch):
    def breaks(*args, **kwargs):
        raise OperationalError(error)

    monkeypatch.setattr(ServiceLogQuerySet, "filter", breaks)
    leader.raise_request_exception = False

    told = send(leader, entry(team, leader.user))

    assert (told[0], told[1]["state"]) == (status, "retry")


def test_too_large_a_log_is_refused(leader, team, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    status, told = send(leader, entry(team, leader.user, content="长" * 2000))

    assert (status, told["state"]) == (400, "refused")


def test_pages_still_answer_in_html(leader, client):
    assert "text/html" in leader.get("/nowhere/", HTTP_ACCEPT="text/html,application/json")["Content-Type"]
    assert client.post(SEND).status_code == 302


# --- The page ---------------------------------------------------------------------------------------------


def book_of(response):
    text = response.content.decode()
    return json.loads(text.partition('<script id="outbox-book" type="application/json">')[2].partition("</script>")[0])


def test_page_brings_the_teams_people_with_their_days_and_who_took_part_last(leader, team):
    gone = make_membership(team, left_on=date(2026, 6, 30))
    make_membership(team, left_on=date(2026, 3, 1))
    chief = members(team)[0]
    make_log(team=team, on=date(2026, 7, 5), participants=[Membership.objects.get(volunteer=chief).volunteer])
    make_log(team=team, on=date(2026, 7, 7), participants=[gone.volunteer], is_withdrawn=True, withdrawn_reason="错")

    [found] = book_of(leader.get(PAGE))["teams"]

    assert (found["pk"], found["name"], found["last"]) == (team.pk, team.name, [chief])
    assert sorted(member["pk"] for member in found["members"]) == sorted(members(team)[:4])
    assert {"pk": gone.volunteer_id, "name": gone.volunteer.name, "from": "2020-01-01", "to": "2026-06-30"} in found[
        "members"
    ]


def test_page_brings_nobody_else(leader, team):
    make_team(township=team.township, name=f"{CANARY}服务队")

    response = leader.get(PAGE)

    assert CANARY not in response.content.decode()


def test_only_a_leaders_page_may_be_kept_on_the_device(leader, team, client_of):
    staff = client_of(Role.TOWNSHIP_STAFF, township=team.township)

    assert leader.get(PAGE)["Yiwang-Keep"] == OwnStore.of(leader.user).owner
    assert "Yiwang-Keep" not in staff.get(PAGE)
    assert "no-store" in leader.get(PAGE)["Cache-Control"]


def test_page_costs_the_same_for_many_teams(client_of, django_assert_max_num_queries):
    township = make_township()
    staff = client_of(Role.TOWNSHIP_STAFF, township=township)
    for _ in range(2):
        make_log(team=make_team(township=township))
    with django_assert_max_num_queries(14):
        staff.get(PAGE)
    for _ in range(8):
        make_log(team=make_team(township=township))
    with django_assert_max_num_queries(14):
        staff.get(PAGE)


def test_leader_without_a_team_sees_the_list_alone(client_of):
    leader = client_of(Role.TEAM_LEADER, township=make_township())

    page = leader.get(PAGE).content.decode()

    assert "You lead no team at the moment" in page
    assert 'id="outbox-list"' in page


# --- The app ----------------------------------------------------------------------------------------------


def test_manifest_names_the_app_and_icons_that_are_there(client):
    manifest = json.loads(client.get("/manifest.webmanifest").content)

    assert (manifest["start_url"], manifest["display"], manifest["lang"]) == ("/", "standalone", "en")
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    in_chinese = json.loads(client.get("/manifest.webmanifest", headers={"accept-language": "zh-CN"}).content)
    assert (in_chinese["lang"], in_chinese["short_name"]) == ("zh-Hans", "义网")


def test_service_worker_is_served_for_the_whole_site_and_never_from_a_cache(client):
    response = client.get("/sw.js")
    text = response.content.decode()

    assert response["Service-Worker-Allowed"] == "/"
    assert "no-cache" in response["Cache-Control"]
    assert response["Content-Type"].startswith("text/javascript")
    release = json.loads(text.removeprefix("const RELEASE = ").partition(";\n")[0])
    assert (release["outbox"], release["hashed"]) == (PAGE, False)
    assert "/static/js/outbox.js" in release["assets"]


def test_page_that_stands_in_without_a_network_holds_nobodys_name(leader):
    assert leader.user.name not in leader.get("/offline/").content.decode()


def test_signing_out_over_https_clears_the_browser(client_of):
    client = client_of(Role.TEAM_LEADER, township=make_township())
    response = client.post("/accounts/sign-out/", {"clear": "all"}, secure=True)
    assert response["Clear-Site-Data"] == '"cache", "storage"'

    other = client_of(Role.TEAM_LEADER, township=make_township())
    response = other.post("/accounts/sign-out/", secure=True)
    assert response["Clear-Site-Data"] == '"cache"'
