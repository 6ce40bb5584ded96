"""A request changes hands: given to a team, transferred, given back; and another office answers a referral."""

from datetime import datetime, timedelta

import pytest
import time_machine

from accounts.domain.reminder import AT_ONCE
from accounts.models import Reminder
from accounts.rights import Role
from common.rules import RuleBroken, SavedMeanwhile
from grids.domain.team import dissolve_team
from services.domain.deadline import minutes_for
from services.domain.dispatch import (
    answer_referral,
    hand_back,
    hand_to_team,
    locate_request,
    note_word,
    set_urgency,
    sort_request,
    transfer_request,
)
from services.domain.follow import reopen_request
from services.domain.holder import HasItNow
from services.domain.request import fail_request, refer_request
from services.models import HelpRequest
from tests.factories import make_category, make_grid, make_page_request, make_request, make_team, make_user

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-07-08T12:00:00+08:00")
CLOCKS = (
    "asked_at", "answered_at", "set_out_at", "arrived_at", "answer_due_at", "arrive_due_at", "resolve_due_at", "due_at",
    "answer_minutes", "arrive_minutes", "waiting_since", "waited_seconds", "escalation",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _in_july():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def other(team):
    return make_team(township=team.township)


@pytest.fixture
def staff(team):
    return make_user(Role.TOWNSHIP_STAFF, township=team.township)


def reader_of(team):
    """Return the account of the team's leader."""
    user = make_user(Role.TEAM_LEADER, township=team.township)
    volunteer = team.memberships.get(role="leader").volunteer
    volunteer.user = user
    volunteer.save()
    return user


def steps(request):
    return [(step.kind, step.team, step.text) for step in request.steps.order_by("at", "id")]


def refusal(act, request, **values):
    """Return field and message of the refusal, having seen that the request is what it was."""
    before = HelpRequest.objects.filter(pk=request.pk).values().get(), request.steps.count()
    with pytest.raises(RuleBroken) as refused:
        act(request, **values)
    assert (HelpRequest.objects.filter(pk=request.pk).values().get(), request.steps.count()) == before
    return refused.value.field, refused.value.message


# --- the grid becomes known -----------------------------------------------------------------------------


def test_request_goes_to_the_team_of_its_grid_the_moment_that_is_known(team, staff):
    reader = reader_of(team)
    asked = make_page_request(village=team.grid.village)
    Reminder.objects.all().delete()

    located = locate_request(asked, grid=team.grid, by=staff)

    assert (located.grid, located.team, located.handed_at) == (team.grid, team, NOW)
    assert [step[:2] for step in steps(asked)[-2:]] == [("changed", None), ("dispatched", team)]
    assert Reminder.objects.filter(user=reader).exists()


def test_office_keeps_a_request_of_a_grid_without_an_active_team(team, staff):
    asked = make_page_request(village=team.grid.village)
    forming = make_team(grid=make_grid(village=team.grid.village), members=0)

    located = locate_request(asked, grid=forming.grid, by=staff)

    assert (located.grid, located.team) == (forming.grid, None)


def test_team_that_has_it_keeps_it_when_the_grid_becomes_known(team, other, staff):
    asked = hand_to_team(make_page_request(village=team.grid.village), team=other, by=staff)

    located = locate_request(asked, grid=team.grid, by=staff)

    assert (located.grid, located.team) == (team.grid, other)


def test_grid_of_another_village_is_refused(team, other, staff):
    asked = make_page_request(village=team.grid.village)

    field, message = refusal(locate_request, asked, grid=other.grid, by=staff)

    assert (field, message) == ("grid", "Choose a grid of the village that the request came from.")


# --- transferred --------------------------------------------------------------------------------------


def test_transfer_keeps_clocks_and_history_and_tells_both_teams(team, other, staff):
    former, latter = reader_of(team), reader_of(other)
    request = make_request(team=team, asked_at=NOW - timedelta(hours=2), answered_at=NOW - timedelta(hours=1))
    before = steps(request)

    transfer_request(request, team=other, reason="队员都在外地", version=request.version, by=staff)

    after = HelpRequest.objects.get()
    assert [getattr(after, name) for name in CLOCKS] == [getattr(request, name) for name in CLOCKS]
    assert (after.team, after.handed_at, after.state) == (other, NOW, "open")
    assert steps(after) == [*before, ("transferred", other, "队员都在外地")]
    assert set(Reminder.objects.values_list("user", flat=True)) == {former.pk, latter.pk}
    assert "队员都在外地" not in str(list(Reminder.objects.values_list("text", "params")))


def test_transfer_is_refused_without_a_reason_and_to_a_team_that_cannot(team, other, staff):
    request = make_request(team=team)
    forming, foreign, gone = (
        make_team(township=team.township, members=0),
        make_team(),
        make_team(township=team.township),
    )
    dissolve_team(gone, reason="合并", by=staff)

    assert refusal(transfer_request, request, team=other, reason=" ", by=staff)[0] == "reason"
    assert refusal(transfer_request, request, team=other, reason="长" * 501, by=staff)[0] == "reason"
    for unable, words in ((team, "already"), (forming, "forming"), (foreign, "township"), (gone, "dissolved")):
        field, message = refusal(transfer_request, request, team=unable, reason="去不了", by=staff)
        assert (field, words in message) == ("team", True)


def test_who_was_slower_reads_who_has_it_now(team, other, staff):
    request = make_request(team=team)
    third = make_team(township=team.township)
    page = request.version
    transfer_request(request, team=other, reason="去不了", version=page, by=staff)

    for act in (
        lambda seen: transfer_request(seen, team=third, reason="去不了", version=page, by=staff),
        lambda seen: hand_back(seen, reason="去不了", by=staff),  # without a version: who has it is enough
        lambda seen: fail_request(seen, reason="去不了", version=page, by=staff),
    ):
        with pytest.raises(HasItNow) as refused:
            act(request)
        assert refused.value.message.startswith(f"{other} has this request now")
    assert HelpRequest.objects.get().team == other


# --- handed -------------------------------------------------------------------------------------------


def test_office_gives_a_request_to_a_team_once(team, other, staff):
    reader = reader_of(team)
    request = make_page_request(village=team.grid.village)

    hand_to_team(request, team=team, version=request.version, by=staff)

    after = HelpRequest.objects.get()
    assert (after.team, after.handed_at, steps(after)[-1]) == (team, NOW, ("dispatched", team, ""))
    assert list(Reminder.objects.unseen().values_list("user", flat=True)) == [reader.pk]
    assert "has this request now" in refusal(hand_to_team, after, team=other, by=staff)[1]
    assert refusal(transfer_request, make_page_request(village=team.grid.village), team=other, reason="x", by=staff)


# --- given back ---------------------------------------------------------------------------------------


def test_team_that_cannot_come_gives_it_back_with_the_reason_and_the_office_is_told(team, staff):
    leader = reader_of(team)
    request = make_request(team=team)

    hand_back(request, reason="都在外地", version=request.version, by=leader)

    after = HelpRequest.objects.get()
    assert (after.team, after.handed_at, after.state) == (None, None, "open")
    assert (after.due_at, steps(after)[-1]) == (request.due_at, ("handed_back", team, "都在外地"))
    assert set(Reminder.objects.values_list("user", flat=True)) == {staff.pk, request.recorded_by_id}
    assert refusal(hand_back, request, reason="", by=leader)[0] == "reason"
    assert "office has" in refusal(hand_back, after, reason="都在外地", by=staff)[1]


def test_requests_of_a_team_that_is_dissolved_go_back_to_the_office(team, staff):
    waiting, settled = make_request(team=team), make_request(team=team, state="resolved")

    dissolve_team(team, reason="并入他队", by=staff)

    waiting.refresh_from_db()
    settled.refresh_from_db()
    assert (waiting.team, steps(waiting)[-1]) == (None, ("handed_back", team, "The team was dissolved."))
    assert settled.team == team
    told = set(Reminder.objects.values_list("user", flat=True))
    assert told == {waiting.recorded_by_id, settled.recorded_by_id}  # the office, without whoever dissolved the team


# --- referred, sorted, a word -------------------------------------------------------------------------


def test_answer_to_a_referral_is_put_down_once_and_resolves_nothing(team, staff):
    request = make_request(team=team)
    assert "not referred" in refusal(answer_referral, request, answer="已修好", by=staff)[1]
    refer_request(request, referred_to="镇自来水站", by=staff)

    answer_referral(request, answer="下周一上门更换水表", by=staff)

    after = HelpRequest.objects.get()
    assert (after.state, after.referral_answer, after.referral_answered_at) == ("referred", "下周一上门更换水表", NOW)
    assert steps(after)[-1] == ("referral_answered", None, "下周一上门更换水表")
    assert "already" in refusal(answer_referral, after, answer="已修好", by=staff)[1]
    with pytest.raises(SavedMeanwhile):
        answer_referral(request, answer="已修好", version=request.version, by=staff)
    assert refusal(answer_referral, after, answer=" ", by=staff)[0] == "answer"


def test_category_is_said_while_it_is_open(team, staff):
    request, retired = make_request(team=team), make_category(is_retired=True)
    category = make_category()

    request = sort_request(request, category=category, by=staff)
    sort_request(request, category=category, by=staff)  # said twice it is one step

    after = HelpRequest.objects.get()
    assert (after.category, [kind for kind, *_rest in steps(after)].count("changed")) == (category, 1)
    assert refusal(sort_request, after, category=retired, by=staff)[0] == "category"
    fail_request(after, reason="已搬走", by=staff)
    assert refusal(sort_request, after, category=None, by=staff)[1]


def test_urgency_sets_what_is_still_to_be_met_anew_and_who_has_it_is_told(team, staff):
    leader = reader_of(team)
    request = make_request(team=team, asked_at=NOW - timedelta(minutes=10))

    set_urgency(request, urgency="urgent", version=request.version, by=staff)

    after = HelpRequest.objects.get()
    usual = minutes_for(team.township_id, "urgent")
    assert (after.urgency, after.due_at) == ("urgent", request.asked_at + timedelta(minutes=usual.answer))
    assert after.resolve_due_at == request.asked_at + timedelta(minutes=usual.resolve)
    assert steps(after)[-1] == ("changed", None, "Urgent")
    assert list(Reminder.objects.values_list("user", "kind")) == [(leader.pk, AT_ONCE)]
    assert refusal(set_urgency, after, urgency="soon", by=staff) == ("urgency", "Choose how urgent it is.")
    with pytest.raises(HasItNow):
        set_urgency(request, urgency="low", version=request.version, by=staff)
    fail_request(after, reason="不归村里管", by=staff)
    assert "could not be solved" in refusal(set_urgency, after, urgency="low", by=staff)[1]


def test_urgency_of_a_reopened_request_counts_from_the_reopening(team, staff):
    request = make_request(team=team, state="resolved", asked_at=NOW - timedelta(days=3))
    reopen_request(request, text="又漏了")

    set_urgency(HelpRequest.objects.get(), urgency="urgent", by=staff)

    after, usual = HelpRequest.objects.get(), minutes_for(team.township_id, "urgent")
    assert after.due_at == after.resolve_due_at == NOW + timedelta(minutes=usual.resolve)


def test_a_word_is_added_in_any_state(team, staff):
    request = make_request(team=team, state="withdrawn")

    note_word(request, text="女儿来电，勿再打扰", by=staff)

    assert steps(request)[-1] == ("word", None, "女儿来电，勿再打扰")
    assert refusal(note_word, request, text=" ", by=staff)[0] == "text"
    assert refusal(note_word, request, text="长" * 501, by=staff)[0] == "text"
