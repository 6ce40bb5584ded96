"""A resident follows their request: what the page tells, what they add, and what happens once however it comes."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.rights import Role
from common.rules import RuleBroken
from grids.domain.team import dissolve_team
from services.domain.clock import hold
from services.domain.dispatch import answer_referral, transfer_request
from services.domain.follow import (
    FOR_ONE_REQUEST,
    REOPENED_WITHIN,
    add_to_request,
    confirm_solved,
    rate_request,
    reopen_request,
    withdraw_own,
)
from services.domain.log import withdraw_service
from services.domain.pager import arrive, set_out
from services.domain.request import fail_request, refer_request
from services.domain.step import Actor, Kind, note
from services.models import HelpRequest, RequestStep, ServiceLog
from services.models.request import code_of
from tests.factories import make_page_request, make_request, make_team, make_user
from tests.races import in_parallel
from tests.services.test_ask import serve

pytestmark = pytest.mark.django_db
NEVER_TOLD = "李四13899990000"


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def resident():
    cache.clear()
    return Client()


def at(name, asked):
    return reverse(f"services:{name}", args=[code_of(asked.key)])


def told(resident, asked):
    return [title for _tone, title, *_rest in resident.get(at("ask_followed", asked)).context["steps"]]


# --- What is told -------------------------------------------------------------------------------------


def test_every_step_is_told_in_plain_words_and_nothing_of_the_offices_is(resident, team):
    asked = make_page_request(grid=team.grid, place="桥头12号")
    by = make_user(Role.TOWNSHIP_STAFF, township=team.township, name="王五五")
    for kind in Kind:
        note(asked, kind, by=by, team=team, text=NEVER_TOLD)

    page = resident.get(at("ask_followed", asked)).content.decode()

    for inner in (NEVER_TOLD, "李四", "13899990000", by.name, asked.phone):
        assert inner not in page
    assert {"The team has it and gets in touch", "Somebody is on the way to you", "Somebody has come to you"} <= set(
        told(resident, asked)
    )
    # A member who does not answer, an office's note and a changed field are the offices' own business.
    assert len(told(resident, asked)) == len(Kind) + 2 - 6
    assert team.name in page


def test_the_page_says_where_it_stands_and_by_when_something_is_due(resident, team):
    asked = make_page_request(grid=team.grid)

    fresh = resident.get(at("ask_followed", asked)).context
    HelpRequest.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    late = resident.get(at("ask_followed", asked)).context

    assert "hear from somebody by" in fresh["promise"]
    assert "longer than it should" in late["promise"]
    assert (fresh["is_late"], late["is_late"]) == (False, True)


def test_nobody_is_said_to_be_on_the_way_or_there_of_a_team_that_has_it_only_now(resident, team):
    other = make_team(township=team.township)
    by = make_user(Role.TOWNSHIP_STAFF, township=team.township)
    asked = make_page_request(grid=team.grid)
    for act, title in ((set_out, "Somebody is on the way to you"), (arrive, "The team has come to you")):
        asked.refresh_from_db()
        act(asked, by=by)
        assert resident.get(at("ask_followed", asked)).context["title"] == title
        asked.refresh_from_db()
        former, latter = asked.team, other if asked.team == team else team
        transfer_request(asked, team=latter, reason="都在外地", by=by)
        page = resident.get(at("ask_followed", asked)).context
        assert (page["title"], former.name in page["said"]) == ("The team has your request", False)


def test_an_outcome_that_is_none_is_told_with_office_or_reason(resident, team):
    by = make_user(Role.TOWNSHIP_STAFF, township=team.township)
    referred, unsolved = make_page_request(grid=team.grid), make_page_request(grid=team.grid)
    refer_request(referred, referred_to="自来水公司", reason=NEVER_TOLD, by=by)
    fail_request(unsolved, reason="河道不归村里管", by=by)

    passed_on = resident.get(at("ask_followed", referred)).content.decode()

    assert "自来水公司" in passed_on
    assert NEVER_TOLD not in passed_on
    answer_referral(referred, answer="下周一上门更换水表", by=by)
    assert "下周一上门更换水表" in resident.get(at("ask_followed", referred)).content.decode()
    assert "河道不归村里管" in resident.get(at("ask_followed", unsolved)).content.decode()


def test_a_request_that_an_office_noted_is_followed_by_its_code_too(resident, team):
    asked = make_request(team=team, caller=NEVER_TOLD, channel=HelpRequest.Channel.PHONE)

    page = resident.get(at("ask_followed", asked))

    assert page.status_code == 200
    assert NEVER_TOLD not in page.content.decode()


# --- A word -------------------------------------------------------------------------------------------


def test_a_word_is_on_both_time_lines_and_sent_nine_times_it_is_one(resident, client_of, team):
    asked = make_page_request(grid=team.grid)
    typed = {"key": str(uuid4()), "text": "水已经漫到客厅"}

    answers = {resident.post(at("ask_add", asked), typed).status_code for _ in range(9)}

    assert answers == {302}
    assert RequestStep.objects.filter(kind=Kind.WORD, actor=Actor.RESIDENT, text="水已经漫到客厅").count() == 1
    assert "水已经漫到客厅" in resident.get(at("ask_followed", asked)).content.decode()
    staff = client_of(Role.TOWNSHIP_STAFF, township=team.township)
    assert "水已经漫到客厅" in staff.get(asked.get_absolute_url()).content.decode()
    assert "水已经漫到客厅" not in str(list(AuditEntry.objects.values_list("changes", flat=True)))


def test_a_word_ends_the_waiting_for_the_resident(team):
    asked = make_page_request(grid=team.grid)
    hold(asked, timezone.now())
    asked.save()

    add_to_request(asked, text="我在家了", form_key=uuid4())

    asked.refresh_from_db()
    assert not asked.is_waiting
    assert asked.due_at is not None
    assert asked.steps.last().kind == Kind.RESUMED


@pytest.mark.parametrize("text", ["", "   ", "漏" * 5_000])
def test_no_word_at_all_and_five_thousand_characters_are_refused_and_kept(resident, team, text):
    asked = make_page_request(grid=team.grid)

    page = resident.post(at("ask_add", asked), {"key": str(uuid4()), "text": text})

    assert page.status_code == 422
    assert text in page.content.decode()
    assert not RequestStep.objects.filter(kind=Kind.WORD).exists()


def test_a_word_that_comes_too_late_is_kept_for_opening_it_again(resident, team):
    asked = make_page_request(grid=team.grid)
    serve(team, asked, make_user(Role.TOWNSHIP_STAFF, township=team.township))

    page = resident.post(at("ask_add", asked), {"key": str(uuid4()), "text": "还在漏"})

    assert page.status_code == 422
    assert "还在漏" in page.content.decode()
    assert "noted that it helped you" in str(page.context["wrong"].errors)


def test_messages_about_one_request_stop_at_their_limit(resident, team):
    asked = make_page_request(grid=team.grid)

    answers = [
        resident.post(at("ask_add", asked), {"key": str(uuid4()), "text": f"第{number}句"}).status_code
        for number in range(FOR_ONE_REQUEST.most + 2)
    ]

    assert answers == [302] * FOR_ONE_REQUEST.most + [429] * 2


def test_whoever_is_signed_in_does_not_speak_as_a_resident(client_of, team):
    asked = make_page_request(grid=team.grid)
    staff = client_of(Role.TOWNSHIP_STAFF, township=team.township)

    for name in ("ask_add", "ask_confirm", "ask_reopen", "ask_withdraw", "ask_rate"):
        assert staff.post(at(name, asked), {"key": str(uuid4()), "text": "x", "rating": "fair"}).status_code == 422
    assert set(asked.steps.values_list("kind", flat=True)) == {Kind.ASKED, Kind.DISPATCHED}


def test_a_mistyped_code_says_so_on_every_address(resident, team):
    code = code_of(make_page_request(grid=team.grid).key)
    wrong = code[:-1] + ("3" if code[-1] != "3" else "4")

    for name in ("ask_add", "ask_confirm", "ask_reopen", "ask_withdraw", "ask_rate"):
        page = resident.post(reverse(f"services:{name}", args=[wrong]), {"text": "x"})
        assert page.status_code == 404
        assert "mistyped" in page.content.decode()


# --- Solved or not ------------------------------------------------------------------------------------


@pytest.fixture
def solved(team):
    asked = make_page_request(grid=team.grid)
    serve(team, asked, make_user(Role.TOWNSHIP_STAFF, township=team.township))
    asked.refresh_from_db()
    return asked


def test_the_resident_confirms_once_what_the_team_has_noted(resident, solved):
    for _ in range(3):
        assert resident.post(at("ask_confirm", solved)).status_code == 302

    solved.refresh_from_db()
    assert solved.confirmed_at is not None
    assert solved.steps.filter(kind=Kind.CONFIRMED).count() == 1
    page = resident.get(at("ask_followed", solved))
    assert page.context["title"] == "It is solved"
    assert f"http://testserver{at('ask_followed', solved)}" in page.content.decode()


def test_without_a_service_nothing_is_confirmed_as_solved(resident, team):
    asked = make_page_request(grid=team.grid)

    page = resident.post(at("ask_confirm", asked))

    assert page.status_code == 422
    assert "nobody has written down yet" in page.content.decode()
    asked.refresh_from_db()
    assert (asked.state, asked.confirmed_at) == ("open", None)


def test_it_is_opened_again_once_with_a_new_deadline_and_needs_a_further_service(resident, team, solved):
    confirm_solved(solved)
    before = solved.answered_at

    for _ in range(9):
        assert resident.post(at("ask_reopen", solved), {"text": "又漏了"}).status_code == 302

    solved.refresh_from_db()
    assert (solved.state, solved.team, solved.times_reopened) == ("open", team, 1)
    assert (solved.closed_at, solved.confirmed_at, solved.resolve_minutes) == (None, None, None)
    assert solved.answered_at == before
    assert solved.due_at == solved.resolve_due_at > timezone.now()
    assert solved.steps.filter(kind=Kind.REOPENED, text="又漏了").count() == 1
    assert ServiceLog.objects.standing().filter(request=solved).count() == 1
    assert not solved.logs_that_count().exists()
    first = ServiceLog.objects.get()
    withdraw_service(first, reason="记错了", by=first.recorded_by)
    solved.refresh_from_db()
    assert solved.state == "open"


def test_after_seven_days_it_is_asked_anew(resident, solved):
    HelpRequest.objects.update(closed_at=timezone.now() - REOPENED_WITHIN)

    page = resident.post(at("ask_reopen", solved), {"text": "又漏了"})

    assert page.status_code == 422
    assert "ask anew" in page.content.decode()
    assert not page.context["may_reopen"]
    solved.refresh_from_db()
    assert solved.state == "resolved"


def test_who_says_that_it_is_not_solved_says_what_is_wrong(resident, solved):
    page = resident.post(at("ask_reopen", solved), {"text": "  "})

    assert page.status_code == 422
    assert "what is still wrong" in str(page.context["wrong"].errors)


@pytest.mark.parametrize("has_successor", [True, False])
def test_opened_again_it_goes_to_who_serves_the_grid_now(resident, team, solved, has_successor):
    admin = make_user(Role.ADMIN)
    dissolve_team(team, on=timezone.localdate(), reason="合并", by=admin)
    successor = make_team(grid=team.grid) if has_successor else None

    resident.post(at("ask_reopen", solved), {"text": "又漏了"})

    solved.refresh_from_db()
    assert (solved.state, solved.team) == ("open", successor)
    said = resident.get(at("ask_followed", solved)).context["said"]
    assert (successor.name if successor else team.township.name) in said


# --- Taking back --------------------------------------------------------------------------------------


def test_the_resident_takes_it_back_once(resident, team):
    asked = make_page_request(grid=team.grid)

    for _ in range(3):
        assert resident.post(at("ask_withdraw", asked)).status_code == 302

    asked.refresh_from_db()
    assert (asked.state, asked.due_at) == ("withdrawn", None)
    assert list(asked.steps.filter(kind=Kind.WITHDRAWN).values_list("actor", "by")) == [("resident", None)]
    assert "You took your request back" in told(resident, asked)


def test_what_was_solved_is_not_taken_back(resident, solved):
    page = resident.post(at("ask_withdraw", solved))

    assert page.status_code == 422
    assert "service has been logged" not in page.content.decode()  # that is said to offices
    solved.refresh_from_db()
    assert solved.state == "resolved"


# --- How it was ---------------------------------------------------------------------------------------


def test_it_is_rated_once(resident, client_of, solved):
    typed = {"rating": "fair", "words": "来得有点晚"}

    first = [resident.post(at("ask_rate", solved), typed).status_code for _ in range(9)]
    other = resident.post(at("ask_rate", solved), {"rating": "satisfied"})

    assert first == [302] * 9
    assert other.status_code == 422
    assert "already" in other.content.decode()
    solved.refresh_from_db()
    assert (solved.rating, solved.rating_words) == ("fair", "来得有点晚")
    assert solved.steps.filter(kind=Kind.RATED).count() == 1
    staff = client_of(Role.TOWNSHIP_STAFF, township=solved.township)
    page = staff.get(solved.get_absolute_url()).content.decode()
    assert "Fairly satisfied" in page
    assert "来得有点晚" in page


@pytest.mark.parametrize("typed", [{}, {"rating": "great"}, {"rating": "fair", "words": "好" * 201}])
def test_a_rating_that_is_none_is_refused(resident, solved, typed):
    assert resident.post(at("ask_rate", solved), typed).status_code == 422
    solved.refresh_from_db()
    assert solved.rating == ""


def test_what_is_open_or_taken_back_is_not_rated(resident, team):
    asked = make_page_request(grid=team.grid)
    assert resident.post(at("ask_rate", asked), {"rating": "fair"}).status_code == 422
    withdraw_own(asked)
    assert resident.post(at("ask_rate", asked), {"rating": "fair"}).status_code == 422


def test_rules_hold_past_the_forms(solved):
    for refused in (
        lambda: rate_request(solved, rating="great"),
        lambda: rate_request(solved, rating="fair", words="好" * 201),
        lambda: reopen_request(solved, text=" "),
        lambda: reopen_request(solved, text="漏" * 501),
        lambda: add_to_request(solved, text="漏", form_key=uuid4()),
    ):
        with pytest.raises(RuleBroken):
            refused()


def test_the_page_offers_what_can_be_done_and_nothing_else(resident, team, solved):
    waiting = make_page_request(grid=team.grid)
    open_page = resident.get(at("ask_followed", waiting)).content.decode()
    solved_page = resident.get(at("ask_followed", solved)).content.decode()

    for name, where in (
        ("ask_add", open_page),
        ("ask_withdraw", open_page),
        ("ask_confirm", solved_page),
        ("ask_reopen", solved_page),
        ("ask_rate", solved_page),
    ):
        asked, other = (waiting, solved_page) if where is open_page else (solved, open_page)
        assert at(name, asked) in where
        assert at(name, solved if asked is waiting else waiting) not in other
    assert f"http://testserver{at('ask_followed', solved)}" in solved_page


# --- At once ------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_same_word_nine_times_at_once_is_one_step(team):
    asked, key = make_page_request(grid=team.grid), uuid4()

    in_parallel(*[lambda: add_to_request(asked, text="水已经漫到客厅", form_key=key)] * 9)

    assert asked.steps.filter(kind=Kind.WORD).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_ratings_at_once_one_counts(team):
    asked = make_request(team=team, state="resolved")

    answers = in_parallel(
        *(lambda rating=rating: rate_request(asked, rating=rating) for rating in ("satisfied", "dissatisfied"))
    )

    assert sum(isinstance(answer, RuleBroken) for answer in answers) == 1
    assert asked.steps.filter(kind=Kind.RATED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_team_is_dissolved_while_it_is_opened_again(team):
    asked, admin = make_request(team=team, state="resolved"), make_user(Role.ADMIN)

    answers = in_parallel(
        lambda: reopen_request(asked, text="又漏了"),
        lambda: dissolve_team(team, on=timezone.localdate(), reason="合并", by=admin),
    )

    asked.refresh_from_db()
    assert not isinstance(answers[0], Exception)
    assert asked.state == "open"
