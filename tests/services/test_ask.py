"""Residents ask for help without an account: what comes in, what is refused, and how they follow it."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import Error, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Reminder
from accounts.rights import Role
from common.clean import clean_any_phone
from common.codes import ALPHABET
from common.rules import RuleBroken, SavedMeanwhile
from services.domain.ask import FOR_ONE_PHONE, FROM_ONE_ADDRESS, ask_for_help
from services.domain.dispatch import hand_to_team
from services.domain.log import record_service
from services.domain.request import fail_request, open_request
from services.models import HelpRequest
from services.models.request import code_of, dialled
from tests.factories import (
    make_category,
    make_channel,
    make_grid,
    make_page_request,
    make_request,
    make_team,
    make_township,
    make_user,
    make_village,
)
from tests.races import in_parallel

pytestmark = pytest.mark.django_db
WORDS = "厨房水管漏水，老人一个人在家"


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def resident():
    cache.clear()
    return Client()


def form_of(**fields):
    return {
        "key": str(uuid4()),
        "content": WORDS,
        "place": "桥头12号",
        "phone": "138 1234 5678",
        "website": "",
    } | fields


def at_grid(grid):
    return reverse("services:ask", args=[grid.page_code])


def at_village(village):
    return reverse("services:ask_village", args=[village.code])


def serve(team, request, by):
    """Log yesterday's hour of the whole team as the answer to the request."""
    start = timezone.localtime().replace(hour=8, minute=0, second=0, microsecond=0) - timedelta(days=1)
    record_service(
        key=uuid4(),
        team=team,
        date=start.date(),
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        category=make_category(),
        recipient="王阿婆",
        content="修好水管",
        participants=dict.fromkeys(team.memberships.values_list("volunteer", flat=True)),
        request=request,
        by=by,
    )


# --- Asking -------------------------------------------------------------------------------------------


def test_a_request_from_the_card_goes_to_the_team_at_once(resident, team):
    typed = form_of()

    answer = resident.post(at_grid(team.grid), typed)

    request = HelpRequest.objects.get()
    assert (request.team, request.grid, request.village) == (team, team.grid, team.grid.village)
    assert (request.channel, request.recorded_by, request.phone) == ("page", None, "13812345678")
    assert answer.url == reverse("services:ask_followed", args=[code_of(request.key)])
    entry = AuditEntry.objects.get(event="ask_for_help")
    assert entry.actor is None
    assert "13812345678" not in str(entry.changes)
    assert code_of(request.key) not in str(entry.changes)
    assert Reminder.objects.count() == 0


def test_the_follow_page_says_plainly_where_it_stands(resident, team):
    staff = make_user(Role.TOWNSHIP_STAFF, township=team.township)
    followed = resident.post(at_grid(team.grid), form_of()).url
    request = HelpRequest.objects.get()

    waiting = resident.get(followed).content.decode()
    fail_request(request, reason="儿子已经修好", by=staff)
    closed = resident.get(followed).content.decode()

    assert team.name in waiting
    assert WORDS in waiting
    assert code_of(request.key) in waiting
    assert "王阿婆" not in waiting + closed
    assert "13812345678" not in waiting + closed
    assert "儿子已经修好" in closed


def test_the_follow_page_says_that_the_team_has_helped(resident, team):
    followed = resident.post(at_grid(team.grid), form_of()).url
    staff = make_user(Role.TOWNSHIP_STAFF, township=team.township)

    serve(team, HelpRequest.objects.get(), staff)

    assert resident.get(followed).context["title"] == "The team has helped"


def test_without_a_known_grid_the_township_has_it_and_is_reminded(resident):
    village = make_village()
    staff, elsewhere = make_user(Role.TOWNSHIP_STAFF, township=village.township), make_user(Role.TOWNSHIP_STAFF)

    resident.post(at_village(village), form_of(grid=""))

    request = HelpRequest.objects.get()
    assert (request.team, request.grid, request.village) == (None, None, village)
    assert list(Reminder.objects.values_list("user", "url")) == [(staff.pk, request.get_absolute_url())]
    assert HelpRequest.objects.visible_to(elsewhere).count() == 0


@pytest.mark.parametrize("state", ["forming", None])
def test_a_grid_without_an_active_team_leaves_it_with_the_township(resident, state):
    grid = make_grid() if state is None else make_team(state=state).grid

    resident.post(at_grid(grid), form_of())

    assert HelpRequest.objects.get().team is None
    assert HelpRequest.objects.get().grid == grid


def test_a_grid_is_chosen_from_the_villages_own(resident, team):
    village, foreign = team.grid.village, make_grid()

    refused = resident.post(at_village(village), form_of(grid=foreign.pk))
    resident.post(at_village(village), form_of(grid=team.grid.pk))

    assert refused.status_code == 422
    assert HelpRequest.objects.get().team == team


def test_name_and_place_may_be_left_empty_and_a_phone_may_not(resident, team):
    refused = resident.post(at_grid(team.grid), form_of(phone=""))
    resident.post(at_grid(team.grid), form_of(caller=""))

    assert refused.status_code == 422
    assert HelpRequest.objects.get().caller == "A resident"


# --- Bad input ----------------------------------------------------------------------------------------


def test_the_same_form_sent_nine_times_is_one_request(resident, team):
    typed = form_of()

    answers = {resident.post(at_grid(team.grid), typed).url for _ in range(9)}

    assert HelpRequest.objects.count() == 1
    assert len(answers) == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_nine_times_at_once_is_one_request(team):
    key = uuid4()

    def send():
        return ask_for_help(key=key, village=team.grid.village, grid=team.grid, content=WORDS, phone="13812345678")

    codes = in_parallel(*[send] * 9)

    assert HelpRequest.objects.count() == 1
    assert set(codes) == {code_of(key)}


def test_the_same_form_with_other_words_leads_to_what_was_sent(resident, team):
    typed = form_of()
    resident.post(at_grid(team.grid), typed)

    page = resident.post(at_grid(team.grid), typed | {"content": "还有灯坏了"})

    assert page.status_code == 422
    assert code_of(HelpRequest.objects.get().key) in page.content.decode()
    assert "还有灯坏了" in page.content.decode()


def test_five_thousand_characters_are_refused_and_nothing_is_lost(resident, team):
    words = "漏水了" * 1_700

    page = resident.post(at_grid(team.grid), form_of(content=words))

    assert page.status_code == 422
    assert words in page.content.decode()
    assert "500" in str(page.context["form"].errors["content"])
    assert HelpRequest.objects.count() == 0


def test_script_in_the_words_is_text(resident, team):
    script = "<script>alert(1)</script>"
    followed = resident.post(at_grid(team.grid), form_of(content=script, caller=script)).url
    staff = Client()
    staff.force_login(make_user(Role.TOWNSHIP_STAFF, township=team.township))

    pages = [
        resident.get(followed),
        staff.get(HelpRequest.objects.get().get_absolute_url()),
        staff.get(reverse("services:request_list")),
    ]

    for page in pages:
        assert script not in page.content.decode()
        assert "&lt;script&gt;" in page.content.decode()


def test_what_a_program_fills_in_is_refused_and_a_person_may_empty_it(resident, team):
    typed = form_of(website="http://example.com")

    refused = resident.post(at_grid(team.grid), typed)

    assert refused.status_code == 422
    assert HelpRequest.objects.count() == 0
    assert resident.post(at_grid(team.grid), typed | {"website": ""}).status_code == 302


def test_a_hundred_requests_from_one_address_stop_at_the_limit(resident, team):
    answers = [resident.post(at_grid(team.grid), form_of(phone=f"139{number:08}")).status_code for number in range(100)]

    assert answers == [302] * FROM_ONE_ADDRESS.most + [429] * (100 - FROM_ONE_ADDRESS.most)
    assert HelpRequest.objects.count() == FROM_ONE_ADDRESS.most


def test_one_phone_stops_at_its_limit_from_many_addresses(team):
    answers = [
        Client(REMOTE_ADDR=f"10.0.{number}.1").post(at_grid(team.grid), form_of()).status_code for number in range(7)
    ]

    assert answers == [302] * FOR_ONE_PHONE.most + [429] * 2


def test_a_form_that_arrives_again_does_not_count(resident, team):
    typed = form_of()
    for _ in range(FROM_ONE_ADDRESS.most + 3):
        assert resident.post(at_grid(team.grid), typed).status_code == 302


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("services:ask_village", "999999999999"),
        ("services:ask_village", "x"),
        ("services:ask_township", "999999999"),
        ("services:ask", "ABC"),
        ("services:ask", "23456789ACD"),
    ],
)
def test_a_place_that_does_not_exist_is_a_page_that_leads_on(resident, name, code):
    page = resident.get(reverse(name, args=[code]))

    assert page.status_code == 404
    assert reverse("services:ask_start") in page.content.decode()


def test_a_retired_grid_leads_to_its_village(resident):
    grid = make_grid(is_retired=True)

    assert resident.get(at_grid(grid)).url == at_village(grid.village)
    with pytest.raises(RuleBroken):
        ask_for_help(key=uuid4(), village=grid.village, grid=grid, content=WORDS, phone="13812345678")


def test_who_is_signed_in_notes_it_in_the_office(client_of, team):
    page = client_of(Role.ADMIN).post(at_grid(team.grid), form_of())

    assert page.status_code == 422
    assert HelpRequest.objects.count() == 0


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("138 1234 5678", "13812345678"),
        ("+86 138-1234-5678", "13812345678"),
        ("0577-62181234", "0577-62181234"),
        ("(0577) 6218 1234", "0577-62181234"),
        ("0577 62181234 转 801", "0577-62181234-801"),
        ("0577-62181234-801", "0577-62181234-801"),
        ("0577-62181234 ext. 801", "0577-62181234-801"),
        ("057762181234#801", "0577-62181234-801"),
        ("62181234分机12", "62181234-12"),
        ("+86 0577 62181234", "0577-62181234"),
        ("０５７７－６２１８１２３４", "0577-62181234"),
    ],
)
def test_mobiles_and_landlines_with_extension_are_phones(typed, kept):
    assert clean_any_phone(typed) == kept


@pytest.mark.parametrize("typed", ["123", "0577-1234", "12345678901", "0577-62181234-12345678", "打我电话", "1" * 40])
def test_what_is_no_phone_is_refused(typed):
    with pytest.raises(ValidationError, match="landline"):
        clean_any_phone(typed)


def test_an_extension_is_dialled_after_a_pause():
    assert dialled("0577-62181234-801") == "057762181234,801"
    assert dialled("62181234-12") == "62181234,12"
    assert dialled("13812345678") == "13812345678"


# --- Following ----------------------------------------------------------------------------------------


def test_a_mistyped_code_says_so_and_costs_no_try(resident):
    code = code_of(make_page_request().key)
    wrong = code[:-1] + next(sign for sign in ALPHABET if sign != code[-1])

    for _ in range(40):
        answer = resident.post(reverse("services:ask_follow"), {"code": wrong})
        assert answer.status_code == 422
    assert "mistyped" in str(answer.context["form"].errors)
    assert resident.get(reverse("services:ask_followed", args=[wrong])).status_code == 404
    typed = code.lower().replace("-", " ")
    assert resident.get(resident.post(reverse("services:ask_follow"), {"code": typed}).url).status_code == 200


def test_codes_are_not_to_be_guessed(resident):
    make_page_request()

    answers = [resident.get(reverse("services:ask_followed", args=[code_of(uuid4())])).status_code for _ in range(40)]

    assert answers == [404] * 30 + [429] * 10


def test_public_pages_are_small_uncached_and_out_of_search(resident, team):
    followed = resident.post(at_grid(team.grid), form_of()).url
    township = team.township
    pages = [
        reverse("services:ask_start"),
        reverse("services:ask_township", args=[township.code]),
        at_village(team.grid.village),
        at_grid(team.grid),
        reverse("services:ask_follow"),
        followed,
    ]
    for address in pages:
        for language in ("zh-hans", "en"):
            page = resident.get(address, headers={"Accept-Language": language})
            assert page.status_code == 200
            assert len(page.content) < 30_000
            assert "no-store" in page["Cache-Control"]
            assert "noindex" in page["X-Robots-Tag"]


def test_the_form_needs_no_script(resident, team):
    page = resident.get(at_grid(team.grid)).content.decode()

    key = re.search(r'name="key" value="([0-9a-f-]+)"', page)
    assert key
    assert "htmx" not in page.split("</head>")[0].replace("htmx-config", "")


# --- The township -------------------------------------------------------------------------------------


def test_staff_see_it_at_once_marked_and_give_it_to_a_team(client_of, team):
    asked = make_page_request(village=team.grid.village)
    staff = client_of(Role.TOWNSHIP_STAFF, township=team.township)
    Reminder.objects.create(user=staff.user, kind="request", key=f"request:{asked.pk}", text="x", url="/")

    (row,) = staff.get(reverse("services:request_list")).context["page"].rows
    page = staff.get(asked.get_absolute_url())
    staff.post(
        reverse("services:request_hand", args=[asked.pk]), {"team": team.pk, "version": page.context["asked"].version}
    )

    assert "Public page" in row["channel"]
    assert "no team yet" in row["team"]
    asked.refresh_from_db()
    assert asked.team == team
    assert Reminder.objects.unseen().count() == 0
    assert AuditEntry.objects.filter(event="hand_to_team", actor=staff.user).count() == 1
    titles = [title for _tone, title, *_rest in staff.get(asked.get_absolute_url()).context["steps"]]
    assert "Given to a team" in titles


def test_handing_is_refused_elsewhere_twice_and_when_it_is_settled(team):
    staff = make_user(Role.TOWNSHIP_STAFF, township=team.township)
    asked, closed = (make_page_request(village=team.grid.village) for _ in range(2))
    fail_request(closed, reason="已处理", by=staff)

    with pytest.raises(RuleBroken, match="township"):
        hand_to_team(asked, team=make_team(), by=staff)
    with pytest.raises(SavedMeanwhile):
        hand_to_team(asked, team=team, version=99, by=staff)
    hand_to_team(asked, team=team, by=staff)
    for each in (asked, closed, make_request(team=team)):
        with pytest.raises(RuleBroken):
            hand_to_team(each, team=team, by=staff)


def test_handing_to_a_team_that_the_township_lacks_brings_the_form_back(client_of, team):
    asked, foreign = make_page_request(village=team.grid.village), make_team()
    staff = client_of(Role.TOWNSHIP_STAFF, township=team.township)

    page = staff.post(reverse("services:request_hand", args=[asked.pk]), {"team": foreign.pk, "version": 0})

    assert page.status_code == 422
    assert foreign.name not in page.content.decode()
    asked.refresh_from_db()
    assert asked.team is None


def test_whoever_logs_the_service_has_the_request(team):
    staff = make_user(Role.TOWNSHIP_STAFF, township=team.township)
    asked = make_page_request(village=team.grid.village)

    serve(team, asked, staff)

    asked.refresh_from_db()
    assert (asked.team, asked.state) == (team, "resolved")


def test_an_office_cannot_note_in_the_pages_name_and_the_database_knows(team):
    staff = make_user(Role.TOWNSHIP_STAFF, township=team.township)
    with pytest.raises(RuleBroken):
        open_request(key=uuid4(), team=team, caller="王", content=WORDS, channel="page", by=staff)
    asked = make_page_request(grid=team.grid)
    for flaw in ({"recorded_by": staff}, {"channel": "phone"}, {"code_hash": None}, {"team": None, "village": None}):
        with pytest.raises(Error), transaction.atomic():
            HelpRequest.objects.filter(pk=asked.pk).update(**flaw)


def test_a_township_without_villages_is_not_offered(resident):
    empty, full = make_township(), make_village().township

    offered = list(resident.get(reverse("services:ask_start")).context["townships"])

    assert offered == [full]
    assert resident.get(reverse("services:ask_township", args=[empty.code])).status_code == 404


def test_a_village_that_was_merged_leads_to_the_one_that_goes_on(resident):
    kept = make_village()
    ended = make_village(township=kept.township, merged_into=kept, ended_on=date(2026, 1, 1))

    assert resident.get(at_village(ended)).url == at_village(kept)
    listed = resident.get(reverse("services:ask_township", args=[kept.township.code])).context["villages"]
    assert list(listed) == [kept]


def test_what_an_ended_township_left_waiting_is_given_to_a_team_of_the_one_that_goes_on(team):
    asked = make_page_request()
    township = asked.township
    type(township).objects.filter(pk=township.pk).update(merged_into=team.township, ended_on=date(2026, 1, 1))
    type(township).objects.filter(pk=team.township_id).update(predecessor_ids=[township.pk])
    staff = make_user(Role.TOWNSHIP_STAFF, township=team.township)

    hand_to_team(HelpRequest.objects.get(), team=team, by=staff)

    assert HelpRequest.objects.get().team == team


@pytest.mark.parametrize("has_team", [True, False])
def test_the_follow_page_names_the_office_and_the_hotline_that_there_are_today(resident, team, has_team):
    asked = make_page_request(grid=team.grid) if has_team else make_page_request(village=team.grid.village)
    kept = make_township(name="合并后的镇")
    hotline = make_channel(township=kept)
    type(kept).objects.filter(pk=team.township_id).update(merged_into=kept, ended_on=date(2026, 1, 1))

    page = resident.get(reverse("services:ask_followed", args=[code_of(asked.key)]))

    assert page.context["hotline"] == hotline
    assert f"office of {kept.name}" in page.context["said"]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_hand_it_to_different_teams_at_once_one_is_told():
    village = make_village()
    teams = [make_team(grid=make_grid(village=village)) for _ in range(2)]
    asked = make_page_request(village=village)
    staff = make_user(Role.TOWNSHIP_STAFF, township=village.township)

    answers = in_parallel(*(lambda team=team: hand_to_team(asked, team=team, by=staff) for team in teams))

    refused = [answer for answer in answers if isinstance(answer, RuleBroken)]
    (handed,) = [answer for answer in answers if isinstance(answer, HelpRequest)]
    assert len(refused) == 1
    assert f"{handed.team} has this request now" in refused[0].message
    assert HelpRequest.objects.get().team == handed.team
