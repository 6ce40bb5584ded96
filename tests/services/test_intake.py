"""The intake desk: what is known while one types, the household filled in, the call attached, and the code told."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from accounts.models import AuditEntry, Reminder
from accounts.rights import Role
from grids.models import Membership, Team
from services.domain.intake import Sought, call_again, known_of
from services.domain.waiting import hold_request
from services.models import HelpRequest, RequestStep
from services.models.request import code_of
from services.similar import ALIKE, likeness
from tests.factories import make_grid, make_page_request, make_request, make_team, make_user

pytestmark = pytest.mark.django_db
DESK, LOOKUP = "/services/requests/new/", "/services/requests/lookup/"
NOW = datetime.fromisoformat("2026-07-08T12:00:30+08:00")
NUMBER = "13900001111"


@pytest.fixture(autouse=True)
def _in_july():
    """Let it be the 8th of July 2026, noon in Shanghai."""
    with time_machine.travel(NOW, tick=False):
        yield


def typed(team, **changes):
    """Return what a browser sends of a call from the team's grid."""
    return {
        "key": str(uuid4()),
        "phone": "１３９ 0000-1111",
        "village": team.grid.village_id,
        "grid": team.grid_id,
        "place": "桥头 12 号",
        "caller": "陈阿婆",
        "content": "厨房的水管漏了",
        "urgency": "normal",
        "category": "",
        "channel": "phone",
    } | changes


def called_before(team, **fields):
    """Note what the household asked before, by its number."""
    return make_request(team=team, **({"phone": NUMBER, "caller": "陈阿婆", "place": "桥头12号"} | fields))


def leader_of(team):
    """Give the team's leader an account, and return it."""
    chief = Membership.objects.get(team=team, role="leader").volunteer
    chief.user = make_user(Role.TEAM_LEADER, township=team.township)
    chief.save()
    return chief.user


def keys(matches):
    return {match.pk for match in matches}


# --- what is known ------------------------------------------------------------------------------------


def test_open_and_settled_requests_of_the_number_and_of_the_household_are_known(team):
    staff = make_user(township=team.township)
    by_number = called_before(team, place="")
    by_household = called_before(team, phone="13922223333", place="桥头 １２号")
    settled = called_before(team, state="withdrawn", place="")
    make_request(team=team, place="桥头13号")
    elsewhere = make_team(township=team.township)
    make_request(team=elsewhere, place="桥头12号")  # the same door of another village

    known = known_of(Sought(phone=NUMBER, village=team.grid.village, place="桥头12号"), staff)

    assert (keys(known.open), keys(known.settled)) == ({by_number.pk, by_household.pk}, {settled.pk})
    assert {(match.pk, match.by_number, match.by_household) for match in known.open} == {
        (by_number.pk, True, False),
        (by_household.pk, False, True),
    }


def test_an_open_request_is_known_however_many_were_settled_since(team):
    old = called_before(team, asked_at=NOW - timedelta(days=90))
    for day in range(6):
        called_before(team, state="withdrawn", closed_at=NOW - timedelta(days=day))

    known = known_of(Sought(phone=NUMBER), make_user(township=team.township))

    assert (keys(known.open), len(known.settled)) == ({old.pk}, 4)


@pytest.mark.parametrize("noted", ["0577-62181234-801", "0577-62181234", "62181234"])
def test_a_landline_is_known_by_any_extension_and_without_its_area_code(team, noted):
    request = called_before(team, phone=noted)

    known = known_of(Sought(phone="0577-62181234-9"), make_user(township=team.township))

    assert keys(known.open) == {request.pk}


def test_nobody_is_shown_what_they_must_not_see(team):
    foreign, others = called_before(make_team()), called_before(make_team(township=team.township))
    own = called_before(team)
    leader = leader_of(team)

    assert keys(known_of(Sought(phone=NUMBER), leader).open) == {own.pk}
    assert keys(known_of(Sought(phone=NUMBER), make_user(township=team.township)).open) == {own.pk, others.pk}
    assert keys(known_of(Sought(phone=NUMBER), make_user(township=foreign.township)).open) == {foreign.pk}


@pytest.mark.parametrize(
    ("one", "other", "is_alike"),
    [
        ("厨房的水管漏了", "家里水管漏水", True),
        ("厨房的水管漏了", "想问养老保险怎么交", False),
        ("请帮忙修一下水管", "请帮忙买一下药", False),  # only the words that everybody says
        ("厨房的水管漏了", "", False),
        ("灯", "灯", False),
    ],
)
def test_short_texts_are_alike_by_their_pairs_of_characters(one, other, is_alike):
    assert (likeness(one, other) >= ALIKE, likeness(other, one) >= ALIKE) == (is_alike, is_alike)


def test_alike_words_of_the_grid_lately_are_known_and_no_others(team):
    staff = make_user(township=team.township)
    neighbour = make_request(team=team, content="家里水管漏水")
    helped = make_request(team=team, content="水管漏了", state="withdrawn", closed_at=NOW - timedelta(days=3))
    make_request(team=team, content="养老保险怎么交")
    make_request(team=team, content="家里水管漏水", asked_at=NOW - timedelta(days=15))
    beside = make_team(grid=make_grid(village=team.grid.village))
    next_door = make_request(team=beside, content="水管漏了")
    sought = {"village": team.grid.village, "content": "厨房的水管漏了"}

    known = known_of(Sought(**sought, grid=team.grid), staff)

    assert (keys(known.open), keys(known.settled)) == ({neighbour.pk}, {helped.pk})
    assert keys(known.pressing) == {neighbour.pk, helped.pk}
    assert keys(known_of(Sought(**sought), staff).open) == {neighbour.pk, next_door.pk}


# --- the lookup ---------------------------------------------------------------------------------------


def test_lookup_shows_what_is_known_and_never_a_number_or_anything_of_elsewhere(staff, team):
    own = called_before(team, phone="0577-62181234-801", content="修屋顶")
    called_before(make_team(), phone="62181234", content="别处的事")

    page = staff.post(LOOKUP, {"phone": "62181234", "key": str(uuid4())}).content.decode()
    with_area = staff.post(LOOKUP, {"phone": "0577 62181234 转 801", "key": str(uuid4())}).content.decode()

    assert ("修屋顶" in page, "修屋顶" in with_area, "别处" in page + with_area) == (False, True, False)
    assert (own.get_absolute_url() in with_area, "62181234" in with_area) == (True, False)


def test_lookup_shows_the_grids_of_a_village_just_chosen_with_their_teams_and_states(staff, team):
    empty = make_grid(village=team.grid.village, number=team.grid.number + 1)
    said = {"village": team.grid.village_id}

    page = staff.post(LOOKUP, said, headers={"HX-Request": "true", "HX-Trigger": "intake-grids"})
    other = staff.post(LOOKUP, said, headers={"HX-Request": "true", "HX-Trigger": "intake"})

    shown = [(grid["value"], grid["team"], grid["is_served"]) for grid in page.context["grids"]]
    assert shown == [(str(team.grid_id), team.name, True), (str(empty.pk), "", False)]
    assert ('id="intake-grids"' in page.content.decode(), 'id="intake-grids"' in other.content.decode()) == (
        True,
        False,
    )


@pytest.mark.parametrize(
    "said",
    [
        {"phone": "1390000"},
        {"phone": "<script>alert(1)</script>"},
        {"phone": NUMBER + "\x00"},
        {"village": "9" * 30, "grid": "x", "place": "\x00", "content": "长" * 5000, "key": "x"},
        {},
    ],
)
def test_lookup_of_what_cannot_be_read_finds_nothing_and_fails_nowhere(staff, team, said):
    called_before(team, content="修屋顶")

    answer = staff.post(LOOKUP, said)

    assert (answer.status_code, "修屋顶" in answer.content.decode(), "<script>alert" in answer.content.decode()) == (
        200,
        False,
        False,
    )


def test_numbers_are_never_sent_in_an_address(staff):
    assert staff.get(LOOKUP, {"phone": NUMBER}).status_code == 405


# --- without scripts ----------------------------------------------------------------------------------


def test_looking_up_without_scripts_loses_nothing_that_was_typed(staff, team):
    before = called_before(team)
    said = typed(team, caller="", content="x" * 501, channel="qq", lookup="1")

    answer = staff.post(DESK, said)

    form = answer.context["form"]
    assert (answer.status_code, form.errors, HelpRequest.objects.count()) == (200, {}, 1)
    assert {name: str(form[name].value()) for name in form.fields} == {
        name: str(value) for name, value in said.items() if name != "lookup"
    }
    assert [match["pk"] for match in answer.context["known"]["open"]] == [before.pk]


def test_a_returning_caller_is_filled_in_by_one_press(staff, team):
    before = called_before(team, state="withdrawn")

    answer = staff.post(DESK, typed(team, village="", grid="", place="", caller="", take=str(before.pk)))

    form = answer.context["form"]
    assert answer.status_code == 200
    assert [str(form[name].value()) for name in ("caller", "place", "village", "grid")] == [
        "陈阿婆",
        "桥头12号",
        str(team.grid.village_id),
        str(team.grid_id),
    ]
    assert (form["content"].value(), form["phone"].value()) == ("厨房的水管漏了", "１３９ 0000-1111")
    assert answer.context["known"]["households"] == []  # it is what stands in the form now


@pytest.mark.parametrize("button", ["take", "attach"])
@pytest.mark.parametrize("pk", ["elsewhere", "0", "x", "9" * 30])
def test_a_request_of_elsewhere_is_neither_filled_in_nor_attached_to(staff, team, button, pk):
    foreign = called_before(make_team())

    answer = staff.post(DESK, typed(team) | {button: foreign.pk if pk == "elsewhere" else pk})

    assert (answer.status_code, foreign.caller in answer.content.decode()) == (404, False)
    assert not RequestStep.objects.filter(kind="called_again").exists()


# --- saving -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["staff", "leader"])
def test_a_call_is_saved_for_the_grids_team_and_the_code_is_shown(request, team, who):
    client = request.getfixturevalue(who)

    answer = client.post(DESK, typed(team, urgency="urgent", channel="wechat"), follow=True)

    noted = HelpRequest.objects.get()
    assert (noted.team, noted.grid, noted.village, noted.place) == (team, team.grid, team.grid.village, "桥头 12 号")
    assert (noted.phone, noted.urgency, noted.channel, noted.recorded_by) == (NUMBER, "urgent", "wechat", client.user)
    assert answer.redirect_chain == [(reverse("services:request_code", args=[noted.pk]), 302)]
    page = answer.content.decode()
    assert (code_of(noted.key) in page, team.name in page, NUMBER in page) == (True, True, False)


def test_a_grid_without_an_active_team_leaves_the_request_with_the_township(staff, team):
    grid = make_grid(village=team.grid.village, number=team.grid.number + 1)

    for number, unknown in enumerate((grid.pk, "")):
        staff.post(DESK, typed(team, grid=unknown, phone="", place="", content=("修灯", "送药")[number]))

    noted = HelpRequest.objects.order_by("id")
    assert [(each.team, each.grid, each.township) for each in noted] == [
        (None, grid, team.township),
        (None, None, team.township),
    ]


def test_a_leader_notes_for_the_own_team_that_is_still_forming(leader, team):
    Team.objects.filter(pk=team.pk).update(state=Team.State.FORMING, activated_on=None)

    leader.post(DESK, typed(team))

    assert HelpRequest.objects.get().team == team


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"village": "0", "grid": ""}, "village"),
        ({"village": "9" * 30, "grid": ""}, "village"),
        ({"grid": "0"}, "grid"),
        ({"grid": "²"}, "grid"),
        ({"phone": "110"}, "phone"),
        ({"caller": " "}, "caller"),
        ({"content": ""}, "content"),
        ({"content": "长" * 5000}, "content"),
        ({"place": "长" * 101}, "place"),
        ({"urgency": "now"}, "urgency"),
        ({"channel": "page"}, "channel"),
        ({"category": "0"}, "category"),
        ({"key": "x"}, "key"),
    ],
)
def test_what_is_typed_wrongly_comes_back_at_its_field(staff, team, changes, field):
    answer = staff.post(DESK, typed(team) | changes)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert not HelpRequest.objects.exists()


@pytest.mark.parametrize("who", ["staff", "leader"])
def test_places_of_elsewhere_are_refused_like_places_that_are_not_there(request, team, who):
    client = request.getfixturevalue(who)
    elsewhere = make_team() if who == "staff" else make_team(township=team.township)

    answers = [
        client.post(DESK, typed(team, village=elsewhere.grid.village_id, grid=elsewhere.grid_id)),
        client.post(DESK, typed(team, grid=elsewhere.grid_id)),
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert elsewhere.name not in "".join(answer.content.decode() for answer in answers)
    assert not HelpRequest.objects.exists()


def test_a_leader_names_the_grid(leader, team):
    assert list(leader.post(DESK, typed(team, grid="")).context["form"].errors) == ["grid"]


def test_a_leaders_desk_begins_with_the_own_grid(leader, team):
    form = leader.get(DESK).context["form"]

    assert (form["village"].value(), form["grid"].value()) == (team.grid.village_id, team.grid_id)


def test_the_desk_begins_with_the_place_of_the_team_of_its_address(staff, team):
    foreign = make_team()

    assert staff.get(DESK, {"team": team.pk}).context["form"]["grid"].value() == team.grid_id
    for pk in (foreign.pk, "x", "9" * 30):
        assert staff.get(DESK, {"team": pk}).context["form"]["grid"].value() is None


def test_the_same_form_sent_nine_times_is_one_request(staff, team):
    said = typed(team)

    answers = [staff.post(DESK, said) for _time in range(9)]

    noted = HelpRequest.objects.get()
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (302, reverse("services:request_code", args=[noted.pk]))
    }
    assert noted.steps.filter(kind="asked").count() == 1


def test_what_may_be_the_same_is_shown_once_before_saving_and_blocks_nothing(staff, team):
    before = called_before(team)
    said = typed(team)

    first = staff.post(DESK, said)
    shown = first.context["known"]["shown"]
    second = staff.post(DESK, said | {"shown": shown})

    assert (first.status_code, first.context["is_asking"], shown) == (422, True, str(before.pk))
    assert (second.status_code, HelpRequest.objects.count()) == (302, 2)


def test_what_was_settled_does_not_hold_up_a_further_request(staff, team):
    called_before(team, state="withdrawn", content="修屋顶")

    assert staff.post(DESK, typed(team)).status_code == 302


# --- the call that belongs to an open request ---------------------------------------------------------


def test_a_call_is_attached_with_its_words_and_the_team_is_told(staff, team):
    chief = leader_of(team)
    before = called_before(team, phone="")

    answer = staff.post(DESK, typed(team, village="", caller="", content="水流到楼下了", attach=str(before.pk)))

    before.refresh_from_db()
    step = before.steps.get(kind="called_again")
    assert (answer.status_code, answer["Location"], HelpRequest.objects.count()) == (302, before.get_absolute_url(), 1)
    assert (step.text, step.by, step.actor, before.phone, before.phone_key) == (
        "水流到楼下了",
        staff.user,
        "office",
        NUMBER,
        NUMBER,
    )
    assert [reminder.user for reminder in Reminder.objects.filter(url=before.get_absolute_url())] == [chief]


def test_the_township_is_told_of_a_call_about_what_no_team_has(team):
    officer = make_user(Role.TOWNSHIP_STAFF, township=team.township)
    asked = make_page_request(village=team.grid.village)

    call_again(asked, words="", by=make_user(township=team.township))

    assert Reminder.objects.filter(user=officer, url=asked.get_absolute_url()).exists()


def test_a_call_ends_the_waiting_for_the_resident(team):
    by = make_user(Role.TOWNSHIP_STAFF, township=team.township)
    waiting = hold_request(called_before(team), reason="等居民拿证件", by=by)

    call_again(waiting, words="证件拿到了", by=by)

    waiting.refresh_from_db()
    assert (waiting.waiting_since, waiting.due_at) == (None, waiting.answer_due_at)
    assert [step.kind for step in waiting.steps.order_by("-id")[:2]] == ["resumed", "called_again"]


def test_the_number_that_was_noted_first_stays(team):
    before = called_before(team, phone="13922223333")

    call_again(before, words="", phone=NUMBER, by=make_user(township=team.township))

    before.refresh_from_db()
    assert before.phone == "13922223333"


def test_the_same_call_attached_nine_times_is_one_step_and_a_later_one_is_another(staff, team):
    before, said = called_before(team), typed(team)

    for _time in range(9):
        staff.post(DESK, said | {"attach": str(before.pk)})
    with time_machine.travel(NOW + timedelta(minutes=11), tick=False):
        staff.post(DESK, said | {"attach": str(before.pk)})

    assert before.steps.filter(kind="called_again").count() == 2


@pytest.mark.parametrize(("changes", "field"), [({"content": "长" * 501}, "content"), ({"phone": "110"}, "phone")])
def test_a_call_with_words_that_cannot_be_kept_is_not_attached(staff, team, changes, field):
    before = called_before(team)

    answer = staff.post(DESK, typed(team, caller="") | changes | {"attach": str(before.pk)})

    form = answer.context["form"]
    assert (answer.status_code, list(form.errors), form[field].value()) == (422, [field], changes[field])
    assert not before.steps.filter(kind="called_again").exists()


def test_a_call_is_not_attached_to_what_was_settled_meanwhile(staff, team):
    before = called_before(team, state="withdrawn")

    answer = staff.post(DESK, typed(team, attach=str(before.pk)))

    assert (answer.status_code, answer.context["form"]["content"].value()) == (422, "厨房的水管漏了")
    assert "Note a new one" in answer.content.decode()
    assert not before.steps.filter(kind="called_again").exists()


# --- the code -----------------------------------------------------------------------------------------


def test_the_code_is_shown_to_who_noted_it_a_moment_ago_and_later_on_record_only(staff, team, client_of):
    noted = called_before(team, recorded_by=staff.user)
    address, code = reverse("services:request_code", args=[noted.pk]), code_of(noted.key)
    colleague = client_of(Role.TOWNSHIP_STAFF, township=team.township)

    shown = [client.get(address) for client in (staff, colleague)]
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):  # everybody has been signed out meanwhile
        shown += [client_of(staff.user).get(address), client_of(colleague.user).post(address)]

    assert [code in answer.content.decode() for answer in shown] == [True, False, False, True]
    looked = AuditEntry.objects.filter(event="tell_code", object_id=noted.pk)
    assert [(entry.actor, code in str(entry.changes)) for entry in looked] == [(colleague.user, False)]


def test_nobody_is_told_the_code_of_what_a_resident_wrote_or_of_elsewhere(staff, team):
    for asked in (make_page_request(village=team.grid.village), called_before(make_team())):
        address = reverse("services:request_code", args=[asked.pk])

        assert [staff.get(address).status_code, staff.post(address).status_code] == [404, 404]


def test_the_desk_asks_the_database_no_more_however_much_is_known(staff, team, django_assert_max_num_queries):
    said = typed(team)
    for _more in range(2):
        for _request in range(6):
            called_before(team)
            called_before(team, state="withdrawn")
        with django_assert_max_num_queries(20):
            staff.post(LOOKUP, said, headers={"HX-Request": "true", "HX-Trigger": "intake-grids"})
