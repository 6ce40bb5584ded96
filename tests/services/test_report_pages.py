"""The pages of a month: what each role sees, what the buttons do, and how many queries they cost."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.rights import Role
from services.domain.report import read_month, reopen_month, return_month, submit_month
from services.models import LogComment, MonthlyReport, RecognitionRound
from tests.factories import make_flagged, make_log, make_read, make_report, make_team, make_township, make_user
from volunteers.models import Volunteer

pytestmark = pytest.mark.django_db

JULY = date(2026, 7, 1)
DESK = {"month": "2026-07"}


def _submitted(*, team=None, township=None, **log):
    report = make_report(team=team or make_team(**({"township": township} if township else {})))
    make_flagged(make_log(report=report, **log))
    return submit_month(report, by=make_user())


def _state(report):
    return MonthlyReport.objects.get(pk=report.pk).state


def _press(client, name, report, **data):
    """Press a button on the page of the month as it is now, or as it was with a ``version``."""
    data.setdefault("version", MonthlyReport.objects.get(pk=report.pk).version)
    return client.post(reverse(f"services:{name}", args=[report.pk]), data)


# --- the list ---------------------------------------------------------------------------------------


def test_list_shows_the_townships_months_with_their_figures(client_of):
    report = make_report()
    make_log(report=report, minutes=90)
    other = make_report()

    html = (
        client_of(Role.TOWNSHIP_STAFF, township=report.township).get(reverse("services:report_list")).content.decode()
    )

    assert report.team.name in html
    assert 'class="num">4.5</td>' in html  # three people, ninety minutes each
    assert other.team.name not in html


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"state": "submitted"}, ["submitted"]),
        ({"month": "2026-06"}, ["june"]),
        ({"q": "东岸"}, ["submitted"]),
        ({"team": "{submitted}"}, ["submitted"]),
        ({"state": "nonsense"}, []),
        ({"month": "2026-13"}, []),
        ({"team": "9" * 40}, []),
    ],
)
def test_list_is_narrowed(client_of, query, shown):
    township = make_township()
    reports = {
        "open": make_report(team=make_team(township=township, name="西岸队")),
        "june": make_report(team=make_team(township=township, name="南岸队"), month=date(2026, 6, 1)),
        "submitted": _submitted(team=make_team(township=township, name="东岸队")),
    }
    query = {name: value.format(submitted=reports["submitted"].team_id) for name, value in query.items()}

    response = client_of(Role.REVIEWER, township=township).get(reverse("services:report_list"), query)

    html = response.content.decode()
    assert response.status_code == 200
    assert [name for name, report in reports.items() if f'href="{report.get_absolute_url()}"' in html] == sorted(shown)


def test_list_names_what_was_returned_first(client_of):
    report = make_report(state="returned", remark="请补服务对象")

    html = (
        client_of(Role.TOWNSHIP_STAFF, township=report.township).get(reverse("services:report_list")).content.decode()
    )

    assert html.index("请补服务对象") < html.index('id="list"')


# --- the sheet --------------------------------------------------------------------------------------


def test_sheet_shows_logs_with_comments_and_everybodys_minutes(client_of):
    report = _submitted(recipient="陈阿公", content="修水管", minutes=50)
    log = report.logs.get()
    LogComment.objects.create(log=log, text="辛苦了", by=make_user(Role.REVIEWER))

    html = client_of(Role.TOWNSHIP_STAFF, township=report.township).get(report.get_absolute_url()).content.decode()

    for words in ("陈阿公", "修水管", "辛苦了", *(str(part.volunteer.name) for part in log.participations.all())):
        assert words in html


@pytest.mark.parametrize(
    ("role", "state", "buttons"),
    [
        (Role.TOWNSHIP_STAFF, "open", {"report_submit"}),
        (Role.TOWNSHIP_STAFF, "submitted", set()),
        (Role.TOWNSHIP_STAFF, "returned", {"report_submit"}),
        (Role.TOWNSHIP_STAFF, "read", set()),
        (Role.REVIEWER, "open", set()),
        (Role.REVIEWER, "submitted", {"report_read", "report_return", "log_comment"}),
        (Role.REVIEWER, "returned", set()),
        (Role.REVIEWER, "read", {"report_reopen"}),
        (Role.AUDITOR, "submitted", set()),
        (Role.ADMIN, "read", set()),
    ],
)
def test_sheet_offers_what_the_state_and_the_right_allow(client_of, role, state, buttons):
    report = make_report()
    log = make_log(report=report)
    report = MonthlyReport.objects.get(pk=report.pk)
    if state != "open":
        submit_month(report, by=make_user())
    if state == "read":
        _press(client_of(Role.REVIEWER), "report_read", report)
    if state == "returned":
        _press(client_of(Role.REVIEWER), "report_return", report, remark="请补")
    township = {} if role in (Role.AUDITOR, Role.ADMIN) else {"township": report.township}

    html = client_of(role, **township).get(report.get_absolute_url()).content.decode()

    actions = {
        name: reverse(f"services:{name}", args=[log.pk if name == "log_comment" else report.pk])
        for name in ("report_submit", "report_read", "report_return", "report_reopen", "log_comment")
    }
    assert _state(report) == state
    assert {name for name, address in actions.items() if f'action="{address}"' in html} == buttons


def test_sheet_says_who_else_can_review(client_of):
    reviewer = make_user(Role.REVIEWER)
    make_user(Role.REVIEWER, name="李审阅")
    report = _submitted(recorded_by=reviewer)

    html = client_of(reviewer).get(report.get_absolute_url()).content.decode()

    assert "李审阅" in html
    assert reverse("services:report_read", args=[report.pk]) not in html


def test_buttons_take_the_month_through_its_states(client_of):
    report = make_report()
    log = make_log(report=report)
    staff = client_of(Role.TOWNSHIP_STAFF, township=report.township)
    reviewer = client_of(Role.REVIEWER, township=report.township)

    states = []
    for client, name, data in (
        (staff, "report_submit", {}),
        (reviewer, "report_return", {"remark": "请补服务对象"}),
        (staff, "report_submit", {}),
        (reviewer, "report_read", {}),
        (reviewer, "report_reopen", {"reason": "漏记一次"}),
    ):
        response = _press(client, name, report, **data)
        states.append((response.status_code, _state(report)))

    assert [status for status, _ in states] == [302] * 5
    assert [state for _, state in states] == ["submitted", "returned", "submitted", "read", "returned"]
    assert log.comments.count() == 0


@pytest.mark.parametrize(
    ("name", "data", "state"),
    [
        ("report_submit", {}, "open"),
        ("report_return", {"remark": ""}, "submitted"),
        ("report_return", {"remark": "长" * 301}, "submitted"),
        ("report_reopen", {"reason": " "}, "read"),
    ],
)
def test_refused_form_comes_back_and_nothing_changes(client_of, name, data, state):
    report = make_report(state=state)
    role = Role.TOWNSHIP_STAFF if name == "report_submit" else Role.REVIEWER

    response = _press(client_of(role, township=report.township), name, report, **data)

    assert response.status_code == 422
    assert "error-summary" in response.content.decode()
    assert _state(report) == state


def test_reading_one_that_is_not_submitted_says_who_can(client_of):
    report = make_report()

    response = client_of(Role.REVIEWER).post(reverse("services:report_read", args=[report.pk]), follow=True)

    assert "note-bad" in response.content.decode()
    assert _state(report) == "open"


def test_stale_page_does_not_read_a_month_that_it_never_showed(client_of):
    report = _submitted()
    reviewer = client_of(Role.REVIEWER)
    seen = reviewer.get(report.get_absolute_url()).context["report"].version
    _press(client_of(Role.REVIEWER), "report_return", report, remark="请补")
    submit_month(report, by=make_user())

    responses = [
        reviewer.post(reverse("services:report_read", args=[report.pk]), data, follow=True)
        for data in ({"version": seen}, {})
    ]

    assert ["This month changed after you opened its page" in answer.content.decode() for answer in responses] == [
        True,
        True,
    ]
    assert _state(report) == "submitted"


def test_stale_form_comes_back_with_what_was_typed_and_is_then_saved(client_of):
    report = _submitted()
    reviewer = client_of(Role.REVIEWER)
    MonthlyReport.objects.update(version=9)

    stale = _press(reviewer, "report_return", report, version=8, remark="请补对象")
    now = stale.context["return_form"]["version"].value()
    again = _press(reviewer, "report_return", report, version=now, remark="补")

    html = stale.content.decode()
    assert (stale.status_code, again.status_code, _state(report)) == (422, 302, "returned")
    assert "Someone else saved this record" in html
    assert "请补对象" in html


def test_form_that_the_month_has_outgrown_is_answered_in_words(client_of):
    report = make_report(state="returned")

    response = _press(client_of(Role.REVIEWER), "report_return", report, remark="请补")

    assert response.status_code == 422
    assert "This month was returned." in response.content.decode()


def test_comment_is_saved_on_its_log_and_a_refused_one_comes_back(client_of):
    report = _submitted()
    log = report.logs.get()
    address = reverse("services:log_comment", args=[log.pk])
    client = client_of(Role.REVIEWER)

    refused = client.post(address, {"text": ""})
    saved = client.post(address, {"text": "对象写清楚"})

    assert (refused.status_code, saved.status_code) == (422, 302)
    assert list(LogComment.objects.values_list("log", "text", "by")) == [(log.pk, "对象写清楚", client.user.pk)]


# --- the desk ---------------------------------------------------------------------------------------


def test_desk_shows_every_team_and_reads_the_plain_ones(client_of):
    township = make_township()
    plain, odd = _submitted(township=township), _submitted(township=township, minutes=600)
    still_open = make_report(team=make_team(township=township))
    silent = make_team(township=township)
    client = client_of(Role.REVIEWER, township=township)

    before = client.get(reverse("services:review_desk"), DESK)
    response = client.post(reverse("services:report_read_plain"), DESK)

    names = {part: [row["team"] for row in before.context[part]] for part in ("look", "plain", "waiting", "read")}
    assert names == {
        "look": [odd.team.name],
        "plain": [plain.team.name],
        "waiting": [still_open.team.name, silent.name],
        "read": [],
    }
    assert response.status_code == 302
    assert [_state(report) for report in (plain, odd, still_open)] == ["read", "submitted", "open"]


def test_city_sees_progress_first_and_then_a_township(client_of):
    one, two = make_township(), make_township()
    _submitted(township=one)
    make_read(make_report(team=make_team(township=two)))
    make_team(township=two)
    client = client_of(Role.REVIEWER)

    progress = client.get(reverse("services:review_desk"), DESK)
    desk = client.get(reverse("services:review_desk"), DESK | {"township": one.pk})

    rows = [(row["line"].township, row["line"].due, row["line"].submitted) for row in progress.context["rows"]]
    lines = [(row["line"].read, row["line"].missing) for row in progress.context["rows"]]
    assert (rows, lines) == ([(one, 1, 1), (two, 2, 0)], [(0, 0), (1, 1)])
    assert len(desk.context["plain"]) == 1


def test_townships_reviewer_does_not_reach_another_townships_desk(client_of):
    report = _submitted()
    client = client_of(Role.REVIEWER, township=make_township())
    query = DESK | {"township": report.township_id}

    html = client.get(reverse("services:review_desk"), query).content.decode()
    client.post(reverse("services:report_read_plain"), query)

    assert report.team.name not in html
    assert report.township.name not in html
    assert _state(report) == "submitted"


@pytest.mark.parametrize("month", ["2026-13", "0202-01", "nonsense", "2026-7", "２０２６-07", "\x00", "9999999-01"])
def test_desk_takes_rubbish_with_a_message(client_of, month):
    response = client_of(Role.REVIEWER).get(reverse("services:review_desk"), {"month": month, "township": "x"})

    assert response.status_code == 200
    assert "note-warn" in response.content.decode()


def test_staff_submits_the_townships_months_at_once(client_of):
    township = make_township()
    served, nil = (make_report(team=make_team(township=township)) for _ in range(2))
    foreign = make_report()
    for report in (served, foreign):
        make_log(report=report)

    client_of(Role.TOWNSHIP_STAFF, township=township).post(reverse("services:report_submit_all"), DESK)

    assert [_state(report) for report in (served, nil, foreign)] == ["submitted", "open", "open"]


def test_leader_submits_the_own_team_only(client_of):
    report = make_report()
    colleague = make_report(team=make_team(township=report.township))
    for each in (report, colleague):
        make_log(report=each)
    client = client_of(Role.TEAM_LEADER, township=report.township)
    Volunteer.objects.filter(memberships__team=report.team, memberships__role="leader").update(user=client.user)

    foreign = client.post(reverse("services:report_submit", args=[colleague.pk]))
    client.post(reverse("services:report_submit_all"), DESK)

    assert foreign.status_code == 404
    assert [_state(each) for each in (report, colleague)] == ["submitted", "open"]


# --- queries ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("teams", [2, 12])
@pytest.mark.parametrize(("page", "most"), [("report_list", 12), ("review_desk", 24)])
def test_lists_take_few_queries_whatever_their_length(client_of, django_assert_max_num_queries, teams, page, most):
    township = make_township()
    for number in range(teams):
        _submitted(township=township, minutes=600 if number % 2 else 60)
    client = client_of(Role.REVIEWER, township=township)

    with django_assert_max_num_queries(most):
        response = client.get(reverse(f"services:{page}"), DESK)

    assert response.status_code == 200


@pytest.mark.parametrize("logs", [2, 12])
def test_sheet_takes_few_queries_whatever_its_length(client_of, django_assert_max_num_queries, logs):
    report = make_report()
    for number in range(logs):
        make_log(report=report, on=date(2026, 7, 2 + number))
    submit_month(report, by=make_user())
    client = client_of(Role.REVIEWER)

    with django_assert_max_num_queries(26):
        response = client.get(report.get_absolute_url())

    assert response.status_code == 200


# --- years that were scored, and what happened to a month ---------------------------------------------


def _scored(year):
    RecognitionRound.objects.create(
        year=year,
        state=RecognitionRound.State.SCORED,
        evidence_hash="0" * 64,
        scored_by=make_user(Role.REVIEWER),
        scored_at=timezone.now(),
    )


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.TOWNSHIP_STAFF])
@pytest.mark.parametrize("state", ["submitted", "open", "returned"])
def test_month_of_a_scored_year_offers_nothing_that_would_be_refused(client_of, role, state):
    report = make_report(state=state)
    _scored(report.month.year)
    client = client_of(role, township=report.township)

    html = client.get(report.get_absolute_url()).content.decode()

    assert "has been scored: its months no longer change" in html
    for button in ("/submit/", "/read/", "/return/", "/reopen/", "/logs/new/"):
        assert button not in html.partition("<main")[2]
    tasks = client.get(reverse("home")).context["tasks"]
    assert [task.url for task in tasks if "/reports/" in task.url] == []


def test_link_to_months_without_services_shows_just_these(client_of):
    township = make_township()
    served, nil = (make_report(team=make_team(township=township), month=date(2026, 6, 1)) for _ in range(2))
    make_log(report=served, on=date(2026, 6, 3))

    response = client_of(Role.TOWNSHIP_STAFF, township=township).get(reverse("services:report_list"), {"nil": "true"})

    assert [row["team"] for row in response.context["page"].rows] == [nil.team.name]


def test_timeline_keeps_every_step_of_a_month(client_of):
    report = make_report(team=make_team(), month=date(2026, 6, 1))
    make_log(report=report, on=date(2026, 6, 3))
    staff, reviewer = make_user(Role.TOWNSHIP_STAFF, township=report.township), make_user(Role.REVIEWER)
    submit_month(report, by=staff)
    return_month(report, remark="对象不清", by=reviewer)
    submit_month(report, by=staff)
    read_month(report, by=reviewer)
    reopen_month(report, reason="漏记一次", by=reviewer)

    response = client_of(reviewer).get(report.get_absolute_url())

    assert [(title, text) for _tone, title, _when, _who, text in response.context["steps"]] == [
        ("Submitted", ""),
        ("Returned", "对象不清"),
        ("Submitted", ""),
        ("Read", ""),
        ("Reopened", "漏记一次"),
    ]
    assert "<strong>Reopened</strong> 漏记一次" in response.content.decode()
