"""The pages of the recognition: who sees what, and what they may do there."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.rights import Role
from grids.models import Team
from services.domain.recognition import choose_award, edit_round, open_round, publish_round, score_round
from services.evidence import canonical_bytes, canonical_rows
from services.models import Award, BallotTally, Evidence, RecognitionRound, VolunteerYear
from tests.factories import make_membership, make_report, make_team, make_township, make_user
from volunteers.models import Volunteer

pytestmark = pytest.mark.django_db

YEAR = 2025
ClientOf = Callable[..., Client]


@pytest.fixture
def voting() -> RecognitionRound:
    return open_round(YEAR, by=make_user(Role.REVIEWER))


def team_with(voting: RecognitionRound, *figures: tuple[int, int, int], **fields: Any) -> Team:
    """Make a team whose members have (minutes, services, satisfied votes of twenty), with an unread month."""
    team = make_team(members=0, state="active", activated_on=date(2020, 1, 1), **fields)
    make_report(team=team, month=date(YEAR, 5, 1))
    for minutes, services, satisfied in figures:
        volunteer = make_membership(team).volunteer
        VolunteerYear.objects.create(volunteer=volunteer, team=team, year=YEAR, minutes=minutes, services=services)
        BallotTally.objects.create(
            round=voting,
            grid=team.grid,
            volunteer=volunteer,
            satisfied=satisfied,
            fairly_satisfied=20 - satisfied,
            dissatisfied=0,
            unknown=0,
        )
    return team


def scored(voting: RecognitionRound) -> RecognitionRound:
    return score_round(voting, by=make_user(Role.REVIEWER), accept_unread=True)


def test_a_city_reviewer_opens_a_round(client_of: ClientOf) -> None:
    client = client_of(Role.REVIEWER)

    answer = client.post(
        reverse("services:round_create"),
        {"year": YEAR, "min_hours": "３00", "min_services": 90, "min_satisfied_percent": 75},
    )

    opened = RecognitionRound.objects.get()
    assert answer.status_code == 302
    assert (opened.year, opened.min_minutes, opened.min_services, opened.min_satisfied_percent) == (
        YEAR,
        18_000,
        90,
        75,
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"year": ""},
        {"year": 1999},
        {"year": 2100},
        {"year": "二〇二五"},
        {"min_hours": 0},
        {"min_hours": 10**9},
        {"min_services": -1},
        {"min_services": 10**30},
        {"min_satisfied_percent": 100},
    ],
)
def test_a_round_with_wrong_terms_comes_back_filled(client_of: ClientOf, wrong: dict[str, Any]) -> None:
    data = {"year": YEAR, "min_hours": 300, "min_services": 100, "min_satisfied_percent": 80} | wrong

    answer = client_of(Role.REVIEWER).post(reverse("services:round_create"), data)

    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == wrong.keys()
    assert RecognitionRound.objects.count() == 0


def test_thresholds_are_not_overwritten_by_an_older_form(client_of: ClientOf, voting: RecognitionRound) -> None:
    client = client_of(Role.REVIEWER)
    address = reverse("services:round_edit", args=[voting.pk])
    data = {"min_hours": 200, "min_services": 50, "min_satisfied_percent": 70, "version": voting.version}

    first = client.post(address, data)
    second = client.post(address, data | {"min_hours": 1})

    voting.refresh_from_db()
    assert (first.status_code, second.status_code) == (302, 422)
    assert voting.min_minutes == 200 * 60


def test_the_voting_page_says_what_is_missing(client_of: ClientOf, voting: RecognitionRound) -> None:
    team = team_with(voting, (60, 1, 10))
    make_report(team=make_team(township=team.township), month=date(YEAR, 5, 1), state="read")
    elsewhere = make_report(month=date(YEAR, 5, 1)).team

    answer = client_of(Role.TOWNSHIP_STAFF, township=team.township).get(voting.get_absolute_url())
    city = client_of(Role.REVIEWER).get(voting.get_absolute_url())

    assert [(row["name"], row["grids"], row["entered"]) for row in answer.context["votes"]] == [
        (team.township.name, 2, 1)
    ]
    assert elsewhere.township.name not in answer.content.decode()
    assert (answer.context["unread"], answer.context["reports"]) == (1, 2)
    assert elsewhere.township.name in city.content.decode()


def test_scoring_asks_before_it_leaves_months_out(client_of: ClientOf, voting: RecognitionRound) -> None:
    team_with(voting, (18_000, 100, 20))
    client = client_of(Role.REVIEWER)
    address = reverse("services:round_score", args=[voting.pk])

    asked = client.post(address)
    voting.refresh_from_db()
    state_then = voting.state
    done = client.post(address, {"accept_unread": "on"})

    voting.refresh_from_db()
    assert (asked.status_code, state_then) == (422, "voting")
    assert "accept_unread" in asked.context["form"].errors
    assert (done.status_code, voting.state) == (302, "scored")


def test_scoring_asks_before_it_leaves_grids_without_votes(client_of: ClientOf, voting: RecognitionRound) -> None:
    team_with(voting, (18_000, 100, 20))
    make_report(month=date(YEAR, 5, 1))
    client = client_of(Role.REVIEWER)
    address = reverse("services:round_score", args=[voting.pk])

    asked = client.post(address, {"accept_unread": "on"})
    done = client.post(address, {"accept_unread": "on", "accept_missing": "on"})

    assert asked.status_code == 422
    assert asked.context["form"].errors.keys() == {"accept_missing"}
    assert done.status_code == 302


def test_a_round_is_not_scored_by_terms_that_were_changed_meanwhile(
    client_of: ClientOf, voting: RecognitionRound
) -> None:
    team_with(voting, (18_000, 100, 20))
    client = client_of(Role.REVIEWER)
    address = reverse("services:round_score", args=[voting.pk])
    shown = client.get(voting.get_absolute_url()).context["form"].initial["version"]
    edit_round(
        voting.pk,
        {"min_minutes": 1, "min_services": 1, "min_satisfied_percent": 1},
        version=None,
        by=make_user(Role.REVIEWER),
    )

    stale = client.post(address, {"accept_unread": "on", "version": shown})
    voting.refresh_from_db()
    state_then = voting.state
    again = client.post(address, {"accept_unread": "on", "version": stale.context["form"]["version"].value()})

    assert (stale.status_code, state_then) == (422, "voting")
    assert stale.context["round"].min_minutes == 1
    assert again.status_code == 302


def test_the_list_says_what_was_missed_and_by_how_much(client_of: ClientOf, voting: RecognitionRound) -> None:
    team_with(voting, (18_000, 12, 17), (17_999, 99, 20), (18_001, 3, 16))
    found = scored(voting)

    rows = client_of(Role.AUDITOR).get(found.get_absolute_url()).context["page"].rows

    assert [(row["hours"], row["services"], row["is_eligible"]) for row in rows] == [
        ("300.0", 3, False),
        ("300.0", 12, True),
        ("299.9", 99, False),
    ]
    assert rows[0]["missed"] != ""
    assert rows[1]["missed"] == ""
    assert "1" in rows[2]["missed"]


@pytest.mark.parametrize(
    ("result", "minutes"), [("eligible", {18_000}), ("service", {17_999}), ("votes", {18_001}), ("award", {18_000})]
)
def test_the_list_is_narrowed_by_result(
    client_of: ClientOf, voting: RecognitionRound, result: str, minutes: set[int]
) -> None:
    team_with(voting, (18_000, 12, 17), (17_999, 99, 20), (18_001, 3, 16))
    found = scored(voting)
    honoured = found.evidence.get(minutes=18_000).volunteer
    choose_award(found, honoured, by=make_user(Role.REVIEWER))

    page = client_of(Role.ADMIN).get(found.get_absolute_url(), {"result": result}).context["page"]

    numbers = set(found.evidence.filter(minutes__in=minutes).values_list("volunteer__number", flat=True))
    assert {row["number"] for row in page.rows} == numbers


def test_a_township_sees_its_own_people_only(client_of: ClientOf, voting: RecognitionRound) -> None:
    ours, theirs = team_with(voting, (60, 1, 20)), team_with(voting, (90, 1, 20))
    found = scored(voting)
    client = client_of(Role.TOWNSHIP_STAFF, township=ours.township)

    page = client.get(found.get_absolute_url())
    foreign = client.get(reverse("services:evidence_detail", args=[Evidence.objects.get(minutes=90).pk]))
    missing = client.get(reverse("services:evidence_detail", args=[10**9]))
    narrowed = client.get(found.get_absolute_url(), {"township": theirs.township_id})

    name = theirs.memberships.get().volunteer.name
    assert [row["hours"] for row in page.context["page"].rows] == ["1.0"]
    assert page.context["scored"] == 1
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert name not in page.content.decode() + narrowed.content.decode()


def test_few_valid_votes_show_pass_or_fail_only(client_of: ClientOf, voting: RecognitionRound) -> None:
    team = team_with(voting, (18_000, 12, 17))
    BallotTally.objects.filter(grid=team.grid).update(satisfied=4, fairly_satisfied=0, dissatisfied=0, unknown=16)
    found = scored(voting)

    answer = client_of(Role.ADMIN).get(reverse("services:evidence_detail", args=[found.evidence.get().pk]))

    votes = answer.context["verdict"].votes
    assert votes.is_passed
    assert "4" not in votes.reached + votes.distance


def test_the_person_page_says_each_test(client_of: ClientOf, voting: RecognitionRound) -> None:
    team_with(voting, (17_999, 103, 16))
    found = scored(voting)
    client = client_of(Role.ADMIN)
    client.cookies["django_language"] = "en"

    answer = client.get(reverse("services:evidence_detail", args=[found.evidence.get().pk]))

    verdict = answer.context["verdict"]
    assert (verdict.hours.reached, verdict.hours.is_passed, verdict.hours.distance) == (
        "299.9 h",
        False,
        "1 min short",
    )
    assert (verdict.services.reached, verdict.services.is_passed) == ("103", True)
    assert verdict.services.distance == "3 services more than needed"
    assert (verdict.votes.reached, verdict.votes.distance) == ("16 of 20 (80.0 %)", "1 satisfied vote too few")


def test_the_person_page_leads_to_nothing_that_is_another_townships(
    client_of: ClientOf, voting: RecognitionRound
) -> None:
    team = team_with(voting, (60, 1, 20))
    address = reverse("services:evidence_detail", args=[scored(voting).evidence.get().pk])
    client = client_of(Role.TOWNSHIP_STAFF, township=team.township)
    volunteer = team.memberships.get().volunteer

    before = client.get(address)
    Volunteer.objects.filter(pk=volunteer.pk).update(township=make_township())
    after = client.get(address)

    links = [volunteer.get_absolute_url(), f"volunteer={volunteer.pk}&amp;since={YEAR}-01-01"]
    assert [[link in answer.content.decode() for link in links] for answer in (before, after)] == [
        [True, True],
        [False, False],
    ]
    assert volunteer.number in after.content.decode()


def test_the_evidence_file_is_what_was_signed(client_of: ClientOf, voting: RecognitionRound) -> None:
    team_with(voting, (18_000, 12, 17), (60, 1, 3))
    found = scored(voting)
    auditor = client_of(Role.AUDITOR)

    answer = auditor.post(reverse("services:evidence_download", args=[found.pk]))

    assert answer.content == canonical_bytes(canonical_rows(found))
    assert answer["X-Evidence-SHA256"] == found.evidence_hash
    assert AuditEntry.objects.filter(event="download_evidence", actor=auditor.user).count() == 1


def test_there_is_no_evidence_file_before_scoring(client_of: ClientOf, voting: RecognitionRound) -> None:
    answer = client_of(Role.AUDITOR).post(reverse("services:evidence_download", args=[voting.pk]))

    assert answer.status_code == 302
    assert AuditEntry.objects.filter(event="download_evidence").count() == 0


def test_awards_are_chosen_and_withdrawn_until_published(client_of: ClientOf, voting: RecognitionRound) -> None:
    team_with(voting, (18_000, 12, 17), (60, 1, 3))
    found = scored(voting)
    client = client_of(Role.REVIEWER)
    eligible, other = found.evidence.get(minutes=18_000), found.evidence.get(minutes=60)

    client.post(reverse("services:award_choose", args=[eligible.pk]))
    refused = client.post(reverse("services:award_choose", args=[other.pk]))
    chosen = Award.objects.get()
    client.post(reverse("services:award_withdraw", args=[chosen.pk]))
    withdrawn = Award.objects.count()
    client.post(reverse("services:award_choose", args=[eligible.pk]))
    client.post(reverse("services:round_publish", args=[found.pk]))
    client.post(reverse("services:award_withdraw", args=[Award.objects.get().pk]))

    found.refresh_from_db()
    assert chosen.volunteer == eligible.volunteer
    assert [message.level_tag for message in get_messages(refused.wsgi_request)][-1] == "error"
    assert withdrawn == 0
    assert found.state == "published"
    assert Award.objects.get().volunteer == eligible.volunteer


@pytest.mark.parametrize("role", [Role.TOWNSHIP_STAFF, Role.ADMIN, Role.AUDITOR, Role.TEAM_LEADER])
def test_only_the_city_reviewer_runs_the_recognition(client_of: ClientOf, voting: RecognitionRound, role: Role) -> None:
    team_with(voting, (18_000, 12, 17))
    client = client_of(role)

    answers = [
        client.post(reverse(f"services:{name}", args=[voting.pk]), {"accept_unread": "on"}).status_code
        for name in ("round_score", "round_publish", "round_edit")
    ]

    voting.refresh_from_db()
    assert answers == [403, 403, 403]
    assert voting.state == "voting"


def votes_of(team: Team, counts: dict[int, tuple[int, ...]], ballots: int) -> dict[str, Any]:
    names = ("satisfied", "fairly_satisfied", "dissatisfied", "unknown")
    cells = {f"{name}_{pk}": value for pk, row in counts.items() for name, value in zip(names, row, strict=True)}
    return {"ballots": ballots, **cells}


def test_staff_enter_the_votes_of_their_teams(client_of: ClientOf, voting: RecognitionRound) -> None:
    team = make_report(month=date(YEAR, 5, 1)).team
    client = client_of(Role.TOWNSHIP_STAFF, township=team.township)
    members = list(team.memberships.values_list("volunteer", flat=True))
    address = f"{reverse('services:vote_enter', args=[team.grid_id])}?round={voting.pk}"

    shown = client.get(address)
    answer = client.post(address, votes_of(team, dict.fromkeys(members, (20, "", 3, "２")), 25))

    assert shown.status_code == 200
    assert answer.status_code == 302
    assert set(BallotTally.objects.values_list("satisfied", "fairly_satisfied", "dissatisfied", "unknown")) == {
        (20, 0, 3, 2)
    }
    assert client.get(reverse("services:vote_list", args=[voting.pk])).context["page"].rows[0]["ballots"] == 25


def test_a_second_tab_does_not_overwrite_the_votes_of_the_first(client_of: ClientOf, voting: RecognitionRound) -> None:
    team = make_report(month=date(YEAR, 5, 1)).team
    client = client_of(Role.TOWNSHIP_STAFF, township=team.township)
    members = list(team.memberships.values_list("volunteer", flat=True))
    address = reverse("services:vote_enter", args=[team.grid_id])
    version = client.get(address).context["form"].initial["version"]

    client.post(address, votes_of(team, dict.fromkeys(members, (20, 0, 0, 0)), 20) | {"version": version})
    second = votes_of(team, dict.fromkeys(members, (1, 9, 0, 0)), 10)
    stale = client.post(address, second | {"version": version})
    kept = BallotTally.objects.filter(satisfied=20).count()
    form = stale.context["form"]
    again = client.post(address, second | {"version": form["version"].value()})

    assert (stale.status_code, kept) == (422, 3)
    assert form[f"fairly_satisfied_{members[0]}"].value() == "9"
    assert again.status_code == 302
    assert set(BallotTally.objects.values_list("satisfied", "fairly_satisfied")) == {(1, 9)}


@pytest.mark.parametrize("row", [(20, 0, 3, 1), (31, 0, 0, 0), (-1, 26, 0, 0), ("x", 25, 0, 0), (10**20, 0, 0, 0)])
def test_votes_that_cannot_be_right_come_back_filled(
    client_of: ClientOf, voting: RecognitionRound, row: tuple[Any, ...]
) -> None:
    team = make_report(month=date(YEAR, 5, 1)).team
    client = client_of(Role.TOWNSHIP_STAFF, township=team.township)
    members = list(team.memberships.values_list("volunteer", flat=True))
    counts = dict.fromkeys(members, (25, 0, 0, 0)) | {members[1]: row}

    answer = client.post(reverse("services:vote_enter", args=[team.grid_id]), votes_of(team, counts, 25))

    assert answer.status_code == 422
    assert {name.rpartition("_")[2] for name in answer.context["form"].errors} == {str(members[1])}
    assert BallotTally.objects.count() == 0


def test_votes_of_another_township_are_not_there(client_of: ClientOf, voting: RecognitionRound) -> None:
    team = make_report(month=date(YEAR, 5, 1)).team
    client = client_of(Role.TOWNSHIP_STAFF)

    answers = [client.get(reverse("services:vote_enter", args=[pk])).status_code for pk in (team.grid_id, 10**9)]

    assert answers == [404, 404]
    assert client.get(reverse("services:vote_list", args=[voting.pk])).context["page"].rows == []


def test_the_list_of_votes_has_a_row_for_each_grid(client_of: ClientOf, voting: RecognitionRound) -> None:
    former = make_team(members=0, state="dissolved", dissolved_on=date(YEAR, 6, 1))
    latter = make_team(grid=former.grid)
    for team, month in ((former, 5), (latter, 7)):
        make_report(team=team, month=date(YEAR, month, 1))
    elsewhere = make_report(month=date(YEAR, 5, 1)).team
    client = client_of(Role.REVIEWER)
    address = reverse("services:vote_list", args=[voting.pk])

    everything = client.get(address).context["page"].rows
    narrowed = [
        [row["name"] for row in client.get(address, chosen).context["page"].rows]
        for chosen in (
            {"q": former.name},
            {"township": elsewhere.township_id},
            {"votes": "missing", "q": latter.name},
            {"votes": "entered"},
        )
    ]

    assert [(row["name"], row["teams"]) for row in everything] == [
        (str(former.grid), f"{former.name}、{latter.name}"),
        (str(elsewhere.grid), elsewhere.name),
    ]
    assert narrowed == [[str(former.grid)], [str(elsewhere.grid)], [str(former.grid)], []]


@pytest.mark.parametrize("rubbish", ["x", "0", "999999999999999999999", "１", "\x00"])
def test_a_round_that_is_not_there_is_404(client_of: ClientOf, voting: RecognitionRound, rubbish: str) -> None:
    team = make_team()
    client = client_of(Role.TOWNSHIP_STAFF, township=team.township)

    answer = client.get(reverse("services:vote_enter", args=[team.grid_id]), {"round": rubbish})

    assert answer.status_code == 404


def test_votes_are_closed_on_the_page_once_scored(client_of: ClientOf, voting: RecognitionRound) -> None:
    team = team_with(voting, (60, 1, 20))
    published = publish_round(scored(voting), by=make_user(Role.REVIEWER))
    client = client_of(Role.TOWNSHIP_STAFF, township=team.township)
    member = team.memberships.get().volunteer_id

    shown = client.get(reverse("services:vote_enter", args=[team.grid_id]))
    answer = client.post(reverse("services:vote_enter", args=[team.grid_id]), votes_of(team, {member: (1, 0, 0, 0)}, 1))

    assert (shown.status_code, answer.status_code) == (200, 422)
    assert BallotTally.objects.get(round=published).satisfied == 20


@pytest.mark.parametrize("people", [3, 30])
def test_queries_do_not_depend_on_the_number_of_people(
    client_of: ClientOf, voting: RecognitionRound, django_assert_max_num_queries: Any, people: int
) -> None:
    teams = [team_with(voting, (60, 1, 20), (70, 1, 20)) for _ in range(people)]
    client = client_of(Role.REVIEWER)
    with django_assert_max_num_queries(9):
        client.get(voting.get_absolute_url())
    with django_assert_max_num_queries(9):
        client.get(reverse("services:vote_list", args=[voting.pk]))
    with django_assert_max_num_queries(9):
        client.get(reverse("services:vote_enter", args=[teams[0].grid_id]))
    found = scored(voting)
    with django_assert_max_num_queries(12):  # what corrections changed since is asked for too
        client.get(found.get_absolute_url())
    with django_assert_max_num_queries(13):  # and the person's other records
        client.get(reverse("services:evidence_detail", args=[found.evidence.first().pk]))
