"""Home: what waits for whom, each a count of the rows behind its link."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.rights import Role
from grids.models import Team
from services.domain.report import read_month, submit_month
from services.domain.sample import check_sampled
from services.domain.task import Task
from services.models import LogComment
from tests.factories import (
    make_grid,
    make_log,
    make_report,
    make_sampled,
    make_team,
    make_text,
    make_township,
    make_user,
    make_volunteer,
)
from volunteers.domain.volunteer import show_phone
from volunteers.models import ProgrammeText

pytestmark = pytest.mark.django_db

ClientOf = Callable[..., Client]
TODAY = datetime(2026, 8, 12, 9, tzinfo=timezone.get_fixed_timezone(8 * 60))


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(TODAY, tick=False):
        yield


def leader_of(team: Team) -> User:
    user = make_user(Role.TEAM_LEADER, township=team.township)
    leader = team.memberships.get(role="leader").volunteer
    leader.user = user
    leader.save()
    return user


def a_township_at_work() -> Team:
    """Make a township with something of everything that waits, and return its busy team."""
    township = make_township()
    team, silent = make_team(township=township), make_team(township=township)
    make_report(team=team, month=date(2026, 5, 1), state="returned", remark="看一下")
    make_report(team=team, month=date(2026, 6, 1), state="submitted")
    make_report(team=silent, month=date(2026, 6, 1))
    make_report(team=silent, month=date(2026, 7, 1))
    make_log(team=team, on=date(2026, 8, 11), people_served=4)
    make_report(team=silent, month=date(2026, 8, 1))
    make_team(grid=make_grid(township=township), members=0)
    make_volunteer(township=township, status="applied")
    return team


def tasks_of(client: Client) -> list[Task]:
    answer = client.get(reverse("home"))
    assert answer.status_code == 200
    return answer.context["tasks"]


def counts_behind(client: Client, tasks: list[Task]) -> list[int]:
    return [rows_behind(client, task.url) for task in tasks if "/admin/" not in task.url]


def rows_behind(client: Client, url: str) -> int:
    """Count what a link shows: the rows of a list, or the months that wait on a desk or in the city's progress."""
    context = client.get(url).context
    if "page" in context:
        return context["page"].count.number
    if "sums" in context:
        return context["sums"]["submitted"]
    return sum(context["counts"][part] for part in ("look", "nil", "plain"))


PEOPLE: dict[str, Callable[[Team], dict[str, Any]]] = {
    "staff": lambda team: {"who": Role.TOWNSHIP_STAFF, "township": team.township},
    "leader": lambda team: {"who": leader_of(team)},
    "reviewer": lambda team: {"who": Role.REVIEWER, "township": team.township},
    "city": lambda team: {"who": Role.REVIEWER},
    "admin": lambda team: {"who": Role.ADMIN},
    "auditor": lambda team: {"who": Role.AUDITOR},
}


@pytest.fixture(autouse=True)
def _texts_are_published() -> None:
    """Publish the texts, in force some day: what waits until then and from then on is of test_text_pages."""
    for kind in ProgrammeText.Kind.values:
        make_text(kind, in_force_from=date(2099, 1, 1), published_at=timezone.now())


@pytest.mark.parametrize(
    ("person", "counts"),
    [
        ("staff", [1, 1, 1, 1, 1, 1]),  # returned, June, July, silent, uncovered, forming
        ("leader", [1]),
        ("reviewer", [1, 1, 1, 1]),  # to review, silent, uncovered, forming
        ("city", [1, 2, 2, 2]),
        ("admin", [2, 2, 2, 2]),  # applied, silent, uncovered, forming
        ("auditor", []),
    ],
)
def test_each_task_counts_the_rows_behind_its_link(client_of: ClientOf, person: str, counts: list[int]) -> None:
    team = a_township_at_work()
    another = make_township()
    make_team(township=another)
    make_team(grid=make_grid(township=another), members=0)
    make_volunteer(township=another, status="applied")
    client = client_of(**PEOPLE[person](team))

    tasks = tasks_of(client)

    assert [task.count for task in tasks] == counts
    assert counts_behind(client, tasks) == counts


def test_nothing_to_do_says_so(client_of: ClientOf) -> None:
    answer = client_of(Role.TOWNSHIP_STAFF).get(reverse("home"))

    assert answer.context["tasks"] == []
    assert "circle-check" in answer.content.decode()


def test_staff_see_returned_months_with_the_remark_and_this_week(client_of: ClientOf) -> None:
    team = a_township_at_work()
    make_log(team=team, on=date(2026, 8, 9))  # Sunday: last week
    make_log(on=date(2026, 8, 11))
    client = client_of(Role.TOWNSHIP_STAFF, township=team.township)

    context = client.get(reverse("home")).context

    assert [(row["team"], row["remark"]) for row in context["returned"]] == [(team.name, "看一下")]
    assert context["week"]["logs"] == 1
    assert client.get(context["week"]["url"]).context["page"].count.number == 1


def test_a_leader_sees_the_month_of_the_own_team_and_the_comments(client_of: ClientOf) -> None:
    team = a_township_at_work()
    log = make_log(team=team, on=date(2026, 5, 4))
    LogComment.objects.create(log=log, text="时间写错了？", by=make_user(Role.REVIEWER))
    make_log(on=date(2026, 8, 11))
    client = client_of(leader_of(team))

    answer = client.get(reverse("home"))

    (month,) = answer.context["months"]
    assert (month["team"], month["logs"], month["people"], month["hours"]) == (team, 1, 4, "3.0")
    assert [comment.text for comment in answer.context["comments"]] == ["时间写错了？"]
    assert reverse("services:log_create") in answer.content.decode()


def test_a_leader_without_a_team_is_told(client_of: ClientOf) -> None:
    answer = client_of(Role.TEAM_LEADER).get(reverse("home"))

    assert (answer.status_code, answer.context["months"]) == (200, [])


def test_the_city_reviewer_sees_townships_by_how_long_they_wait(client_of: ClientOf) -> None:
    now = timezone.now()
    long, short = make_team(), make_team()
    make_report(team=long, state="submitted", submitted_by=make_user(), submitted_at=now - timedelta(days=9))
    for month in (6, 7):
        make_report(
            team=short,
            month=date(2026, month, 1),
            state="submitted",
            submitted_by=make_user(),
            submitted_at=now - timedelta(days=2),
        )
    client = client_of(Role.REVIEWER)

    townships = client.get(reverse("home")).context["townships"]

    assert [(row["name"], row["count"], row["days"]) for row in townships] == [
        (long.township.name, 1, 9),
        (short.township.name, 1, 2),
        (short.township.name, 1, 2),
    ]
    assert [rows_behind(client, row["url"]) for row in townships] == [1, 1, 1]
    assert [client.get(row["url"]).context["month_value"] for row in townships[1:]] == ["2026-06", "2026-07"]


def test_a_township_reviewer_sees_teams_by_how_long_they_wait(client_of: ClientOf) -> None:
    team = make_team()
    make_report(team=team, state="submitted", submitted_by=make_user(), submitted_at=timezone.now() - timedelta(days=3))
    make_report(state="submitted")

    reports = client_of(Role.REVIEWER, township=team.township).get(reverse("home")).context["reports"]

    assert [(row["team"], row["days"]) for row in reports] == [(team.name, 3)]
    assert reports[0]["url"] == f"{reverse('services:review_desk')}?month=2026-07#team-{team.pk}"


def test_a_leader_reads_the_word_of_thanks(client_of: ClientOf) -> None:
    report, other = make_report(), make_report()
    for each in (report, other):
        make_log(report=each)
        submit_month(each, by=make_user())
        read_month(each, thanks=f"辛苦了，{each.team.name}", by=make_user(Role.REVIEWER))

    client = client_of(leader_of(report.team))
    html = client.get(reverse("home")).content.decode()
    with time_machine.travel(TODAY + timedelta(days=40)):
        later = client_of(client.user).get(reverse("home")).content.decode()

    assert f"辛苦了，{report.team.name}" in html
    assert other.team.name not in html
    assert "辛苦了" not in later


def test_sampled_months_wait_for_the_city_and_remarks_for_the_township(client_of: ClientOf) -> None:
    waiting = make_sampled(make_report(state="read"))
    found = make_sampled(make_report(state="read"))
    check_sampled(found, finding="remark", remark="请说明", by=make_user(Role.REVIEWER))
    city, township = client_of(Role.REVIEWER), client_of(Role.REVIEWER, township=found.report.township)
    elsewhere = client_of(Role.REVIEWER, township=waiting.report.township)

    tasks = {client: [task for task in tasks_of(client) if "finding" in task.url] for client in (city, township)}

    assert [(task.count, rows_behind(city, task.url)) for task in tasks[city]] == [(1, 1)]
    assert [(task.count, rows_behind(township, task.url)) for task in tasks[township]] == [(1, 1)]
    assert [task for task in tasks_of(elsewhere) if "finding" in task.url] == []


def test_the_auditor_sees_what_was_looked_at_and_taken_away(client_of: ClientOf) -> None:
    volunteer = make_volunteer()
    with time_machine.travel(TODAY - timedelta(days=31)):
        show_phone(volunteer, by=make_user(Role.ADMIN))
    for _ in range(2):
        show_phone(volunteer, by=make_user(Role.ADMIN))
    client = client_of(Role.AUDITOR)

    tasks = tasks_of(client)

    assert [task.count for task in tasks] == [2]
    assert counts_behind(client, tasks) == [2]
    assert len(client.get(reverse("home")).context["entries"]) > 0


def test_locked_accounts_wait_for_the_admin(client_of: ClientOf) -> None:
    visitor, user = Client(), make_user(Role.REVIEWER)
    for _ in range(5):
        visitor.post(reverse("accounts:sign_in"), {"username": user.username, "password": "wrong"})
    client = client_of(Role.ADMIN)

    (task,) = tasks_of(client)

    assert task.count == 1
    assert client.get(task.url).context["cl"].result_count == 1


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("size", [1, 4])
def test_queries_do_not_depend_on_how_much_waits(
    client_of: ClientOf, django_assert_max_num_queries: Any, person: str, size: int
) -> None:
    for _ in range(size):
        team = a_township_at_work()
        make_report(team=team, month=date(2026, 4, 1), state="returned")
    client = client_of(**PEOPLE[person](team))

    with django_assert_max_num_queries(26):
        client.get(reverse("home"))
