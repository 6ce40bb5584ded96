"""What waits for a grid's team, and its votes, when the grid is split, merged or changed."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.models import Reminder
from common.rules import RuleBroken
from grids.domain.change import seen_hash
from grids.domain.division import Part, split_grid, words_about_split
from grids.domain.grid import edit_grid
from grids.domain.merging import merge_grids, words_about_merge
from grids.models import Grid, GridChange
from services.domain.request_notices import Notice, notice_key
from services.invariants import invariants
from services.models import BallotTally, MonthlyReport, RecognitionRound
from tests.factories import (
    make_grid,
    make_log,
    make_report,
    make_request,
    make_team,
    make_user,
    make_visit_plan,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept():
    return make_team()


@pytest.fixture
def other(kept):
    return make_team(grid=make_grid(village=kept.grid.village))


def merge(kept, other, **options):
    words = words_about_merge(kept, [other])
    options = {"seen": seen_hash(kept.village, words), "reason": "并网", "by": make_user()} | options
    return merge_grids(kept.village, kept.pk, [other.pk], **options)


def texts(words):
    return [(word.refuses, word.text) for word in words]


def this_month():
    return timezone.localdate().replace(day=1)


def last_month():
    return (this_month() - timedelta(days=1)).replace(day=1)


# --- Splitting -----------------------------------------------------------------------------------------


def test_split_says_that_open_months_and_requests_stay_and_leaves_them(kept):
    report, asked = make_report(team=kept, month=this_month()), make_request(team=kept)
    words = words_about_split(kept.grid, 15)

    split_grid(
        kept.grid,
        [Part(1, 15), Part(2, 15)],
        seen=seen_hash(kept.grid.village),
        by=make_user(),
    )

    assert [word.refuses for word in words] == [False, False]
    assert f"{kept} keeps its months that are not submitted yet" in words[0].text
    assert f"1 request waits for {kept} and stays with it" in words[1].text
    assert words[1].url.endswith(f"?team={kept.pk}&state=open")
    report.refresh_from_db()
    asked.refresh_from_db()
    assert (report.team, report.state, asked.team, asked.state) == (kept, "open", kept, "open")


def test_split_of_a_grid_where_nothing_waits_says_nothing(kept):
    make_report(team=kept, month=date(2026, 7, 1), state="read")

    assert words_about_split(kept.grid, 15) == []


# --- Votes ---------------------------------------------------------------------------------------------


def enter_ballots(grid, ballots, **fields):
    round_ = RecognitionRound.objects.create(year=2026, **fields)
    member = grid.teams.first().memberships.first().volunteer
    BallotTally.objects.create(
        round=round_, grid=grid, volunteer=member, satisfied=ballots, fairly_satisfied=0, dissatisfied=0, unknown=0
    )
    return round_


def test_grid_never_has_fewer_households_than_ballots_of_an_open_round(kept):
    enter_ballots(kept.grid, 20)
    by = make_user()

    with pytest.raises(RuleBroken, match=r"20 ballots of .* were entered for 2026"):
        split_grid(kept.grid, [Part(1, 19), Part(2, 11)], seen=seen_hash(kept.grid.village), by=by)
    with pytest.raises(RuleBroken, match=r"20 ballots of .* were entered for 2026"):
        edit_grid(kept.grid.pk, {"households": 19}, version=0, by=by)
    assert not GridChange.objects.exists()

    split_grid(kept.grid, [Part(1, 20), Part(2, 10)], seen=seen_hash(kept.grid.village), by=by)

    kept.grid.refresh_from_db()
    assert kept.grid.households == 20


def test_scored_round_no_longer_keeps_the_households(kept):
    round_ = enter_ballots(kept.grid, 20)
    reviewer = make_user("reviewer")
    RecognitionRound.objects.filter(pk=round_.pk).update(
        state="scored", evidence_hash="0" * 64, scored_by=reviewer, scored_at=timezone.now()
    )

    assert edit_grid(kept.grid.pk, {"households": 5}, version=0, by=make_user()).households == 5


# --- Merging -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["open", "returned"])
def test_merge_waits_for_months_that_are_over_and_names_them(kept, other, state):
    make_report(team=other, month=last_month(), state=state)

    words = words_about_merge(kept.grid, [other.grid])
    with pytest.raises(RuleBroken, match=r"has months that are over and not submitted: .*Submit them first"):
        merge(kept.grid, other.grid)

    assert words[0].refuses
    assert words[0].url.endswith(f"?team={other.pk}")
    other.refresh_from_db()
    other.grid.refresh_from_db()
    assert (other.state, other.grid.is_retired, GridChange.objects.count()) == ("active", False, 0)


def test_month_of_a_scored_year_keeps_no_merge_waiting(kept, other):
    make_report(team=other, month=date(2025, 7, 1))
    reviewer = make_user("reviewer")
    RecognitionRound.objects.create(
        year=2025, state="scored", evidence_hash="0" * 64, scored_by=reviewer, scored_at=timezone.now()
    )

    merge(kept.grid, other.grid)

    other.refresh_from_db()
    assert other.state == "dissolved"


def test_month_that_is_not_over_stays_with_its_team_and_staff_submit_it(kept, other):
    log = make_log(team=other, on=this_month())

    words = words_about_merge(kept.grid, [other.grid])
    merge(kept.grid, other.grid)

    assert [word.refuses for word in words] == [False]
    assert "Township staff submit it" in words[0].text
    report = MonthlyReport.objects.get(pk=log.report_id)
    log.refresh_from_db()
    assert (log.team, report.team, report.state) == (other, other, "open")


def test_requests_go_on_with_the_team_that_stays(kept, other):
    waiting, closed = make_request(team=other), make_request(team=other, state="unsolved", outcome="电话里说清了")

    words = words_about_merge(kept.grid, [other.grid])
    merge(kept.grid, other.grid)

    assert texts(words) == [(False, f"1 request that waits for {other} goes on with {kept}: {waiting}.")]
    waiting.refresh_from_db()
    closed.refresh_from_db()
    assert (waiting.team, waiting.state, waiting.version) == (kept, "open", 1)
    assert closed.team == other
    assert notice_key(waiting, Notice.TRANSFERRED_TO) in set(Reminder.objects.values_list("key", flat=True))


def test_request_whose_service_was_withdrawn_goes_on_too(kept, other):
    waiting = make_request(team=other)
    make_log(team=other, on=timezone.localdate(), request=waiting, is_withdrawn=True, withdrawn_reason="误记")

    merge(kept.grid, other.grid)

    waiting.refresh_from_db()
    assert waiting.team == kept
    found = {each.name: each.broken_by() for each in invariants()}
    assert found["request_served_by_its_team"] == []


def test_requests_need_a_team_to_go_on_with(kept):
    bare = make_grid(village=kept.grid.village)
    waiting = make_request(team=kept)

    with pytest.raises(RuleBroken, match="has no team to take it over") as caught:
        merge(bare, kept.grid)

    assert str(waiting) in caught.value.message
    kept.refresh_from_db()
    assert kept.state == "active"


def test_visit_plans_that_end_are_told(kept, other):
    make_visit_plan(team=other)

    words = words_about_merge(kept.grid, [other.grid])

    assert texts(words) == [(False, f"1 visit plan ends with {other}. Add it to the team that stays if it goes on.")]


def test_merge_before_the_last_service_of_a_team_changes_nothing(kept, other):
    make_log(team=other, on=timezone.localdate())
    make_report(team=other, month=last_month(), state="read")

    with pytest.raises(RuleBroken):
        merge(kept.grid, other.grid, on=timezone.localdate() - timedelta(days=1))

    assert Grid.objects.filter(is_retired=True).count() == 0
