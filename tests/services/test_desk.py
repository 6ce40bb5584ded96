"""The desk: what needs eyes first, opened in place, acted on from what was looked at, and rounds that are kept."""

from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.rights import Role
from common.rules import RuleBroken, SavedMeanwhile
from services.domain.comment import settle_comment
from services.domain.desk import desk_of, progress_of
from services.domain.flag import answer_flag
from services.domain.log import edit_service, withdraw_service
from services.domain.report import (
    comment_on_log,
    read_month,
    read_plain_months,
    reopen_month,
    return_month,
    submit_month,
)
from services.domain.rounds import rounds_of
from services.models import LogComment, LogFlag, MonthlyReport, Thanks
from tests.factories import make_flag, make_log, make_report, make_team, make_township, make_user

pytestmark = pytest.mark.django_db

JULY = date(2026, 7, 1)
DESK = {"month": "2026-07"}
HTMX = {"HTTP_HX_REQUEST": "true"}


def _submitted(township=None, *, team=None, flags=(), **log):
    report = make_report(team=team or make_team(**({"township": township} if township else {})))
    made = make_log(report=report, **log)
    for rule in flags:
        make_flag(log=made, rule=rule)
    return submit_month(report, by=make_user())


def _state(report):
    return MonthlyReport.objects.get(pk=report.pk).state


def _address(name, record):
    return reverse(f"services:{name}", args=[record.pk])


# --- what lies on the desk ----------------------------------------------------------------------------


def test_desk_parts_a_township_by_what_is_to_be_done():
    township, by = make_township(), make_user(Role.REVIEWER)
    plain = _submitted(township)
    few, many = _submitted(township, flags=["late"]), _submitted(township, flags=["late", "long", "night"])
    own = _submitted(township, flags=["late", "long", "night", "busy"], recorded_by=by)
    nil = submit_month(make_report(team=make_team(township=township)), nil_confirmed=True, by=make_user())
    read = read_month(_submitted(township), by=by)
    still_open = make_report(team=make_team(township=township))
    make_log(report=still_open)
    silent = make_report(team=make_team(township=township))
    returned = return_month(_submitted(township), remark="请核对", by=by)
    none = make_team(township=township)
    _submitted()

    desk = desk_of(township, JULY, by=by)

    assert {name: [line.team for line in lines] for name, lines in desk.parts().items()} == {
        "look": [many.team_id, few.team_id, own.team_id],
        "nil": [nil.team_id],
        "plain": [plain.team_id],
        "waiting": [returned.team_id, still_open.team_id, silent.team_id, none.pk],
        "read": [read.team_id],
    }
    line = desk.look[0]
    assert (line.totals.logs, line.totals.people, line.totals.minutes) == (1, 3, 180)
    assert [(flag.rule, flag.unanswered, flag.answered) for flag in line.flags] == [
        ("late", 1, 0), ("long", 1, 0), ("night", 1, 0),
    ]  # fmt: skip


def test_answered_flag_is_no_reason_to_look_but_stays_in_sight(client_of):
    township, by = make_township(), make_user(Role.REVIEWER)
    report = _submitted(township, flags=["late"])
    before = desk_of(township, JULY, by=by)

    answer_flag(LogFlag.objects.get(), text="已核对", by=by)

    after = desk_of(township, JULY, by=by)
    assert [line.team for line in before.look] == [line.team for line in after.plain] == [report.team_id]
    assert [(flag.unanswered, flag.answered) for flag in after.plain[0].flags] == [(0, 1)]
    page = client_of(by).get(reverse("services:review_desk"), DESK | {"township": township.pk}).content.decode()
    assert "Late entry <b>1</b> answered" in page
    assert read_plain_months(MonthlyReport.objects.all(), by=by).read == 1


def test_flags_of_withdrawn_logs_are_not_counted():
    township = make_township()
    report = _submitted(township)
    make_flag(log=make_log(report=make_report(), is_withdrawn=True, withdrawn_reason="重复"))
    LogFlag.objects.get().log.__class__.objects.filter(is_withdrawn=True).update(report=report)

    assert desk_of(township, JULY, by=make_user(Role.REVIEWER)).plain[0].flags == []


# --- opened in place, and acted on ---------------------------------------------------------------------


def test_team_opens_with_its_logs_and_what_can_be_done(client_of):
    report = _submitted(recipient="王阿婆", content="打扫院子", flags=["late"])
    client = client_of(Role.REVIEWER, township=report.township)

    html = client.get(_address("desk_team", report)).content.decode()

    log = report.logs.get()
    for words in ("王阿婆", "打扫院子", "Late entry"):
        assert words in html
    for name, record in (
        ("report_read", report),
        ("report_return", report),
        ("log_comment", log),
        ("flag_answer", log.flags.get()),
    ):
        assert f'action="{_address(name, record)}"' in html
    assert "<html" not in html


def test_reading_on_the_desk_is_answered_with_the_row_as_it_is_then(client_of):
    report = _submitted()
    client = client_of(Role.REVIEWER, township=report.township)

    answer = client.post(_address("report_read", report), {"version": report.version, "thanks": "辛苦了"}, **HTMX)

    html = answer.content.decode()
    assert (answer.status_code, _state(report)) == (200, "read")
    assert f'id="team-{report.team_id}"' in html
    assert 'data-can=""' in html
    assert report.team.name in html.partition("data-said")[2][:200]
    assert 'data-refused=""' in html
    assert Thanks.objects.get().text == "辛苦了"


def test_key_reads_only_the_version_that_was_shown(client_of):
    report = _submitted()
    client = client_of(Role.REVIEWER, township=report.township)
    seen = client.get(reverse("services:review_desk"), DESK).context["plain"][0]["version"]
    return_month(report, remark="请补", by=make_user(Role.REVIEWER))
    make_log(report=report, on=date(2026, 7, 9))
    submit_month(report, by=make_user(name="赵报送"))

    answers = [client.post(_address("report_read", report), data, **HTMX) for data in ({"version": seen}, {})]

    for answer in answers:
        html = answer.content.decode()
        assert answer.status_code == 422
        assert 'data-refused="yes"' in html
        assert "赵报送 submitted it" in html
        assert "This month changed after you opened its page" in html
    assert (seen, _state(report)) == (report.version, "submitted")


def test_log_edited_a_second_ago_is_not_read_unseen(client_of):
    """Returned, corrected and submitted again within the time that a page stands open."""
    report = _submitted()
    client = client_of(Role.REVIEWER, township=report.township)
    page = client.get(_address("desk_team", report))
    seen = page.context["report"].version
    return_month(report, remark="请补", by=make_user(Role.REVIEWER))
    _correct(report.logs.get(), content="改写的内容")
    submit_month(report, by=make_user())

    with pytest.raises(SavedMeanwhile):
        read_month(report, version=seen, by=make_user(Role.REVIEWER))
    answer = client.post(_address("report_read", report), {"version": seen}, **HTMX)

    assert (answer.status_code, _state(report)) == (422, "submitted")
    assert "改写的内容" in answer.content.decode()  # it is shown as it is now


@pytest.mark.parametrize("step", ["read", "return"])
def test_second_reviewer_is_told_who_did_what(client_of, step):
    report = _submitted()
    first = make_user(Role.REVIEWER, name="李先审")
    if step == "read":
        read_month(report, by=first)
    else:
        return_month(report, remark="请补", by=first)
    client = client_of(Role.REVIEWER, township=report.township)

    read = client.post(_address("report_read", report), {"version": report.version}, **HTMX)
    page = client.post(_address("report_read", report), {"version": report.version}, follow=True)
    back = client.post(_address("report_return", report), {"version": report.version, "remark": "补"}, **HTMX)

    did = {"read": "李先审 marked it as read on", "return": "李先审 returned it on"}[step]
    for answer in (read, page, back):
        assert did in answer.content.decode()
    assert (read.status_code, back.status_code) == (422, 422)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("report_return", {"remark": ""}),
        ("report_return", {"remark": "长" * 301}),
        ("report_read", {"thanks": "长" * 201}),
    ],
)
def test_refused_form_comes_back_open_on_the_desk(client_of, name, data):
    report = _submitted()
    client = client_of(Role.REVIEWER, township=report.township)

    answer = client.post(_address(name, report), data | {"version": report.version}, **HTMX)
    page = client.post(_address(name, report), data | {"version": report.version})

    for each in (answer, page):
        assert each.status_code == 422
        assert "error-summary" in each.content.decode()
    assert 'id="desk-answer"' in answer.content.decode()
    assert "<html" in page.content.decode()
    assert _state(report) == "submitted"


def test_comment_flag_and_tick_are_answered_on_the_desk_too(client_of):
    report = _submitted(flags=["late"])
    log, flag = report.logs.get(), LogFlag.objects.get()
    client = client_of(Role.REVIEWER, township=report.township)

    commented = client.post(_address("log_comment", log), {"text": "对象写清楚"}, **HTMX)
    comment = LogComment.objects.get()
    settled = client.post(_address("comment_settle", comment), {"is_settled": "on"}, **HTMX)
    answered = client.post(_address("flag_answer", flag), {"text": "纸质补录"}, **HTMX)
    again = client.post(_address("flag_answer", flag), {"text": "再答"}, **HTMX)

    assert [each.status_code for each in (commented, settled, answered, again)] == [200, 200, 200, 422]
    assert "对象写清楚" in commented.content.decode()
    assert f"settled by {client.user.name}" in settled.content.decode()
    assert "纸质补录" in answered.content.decode()
    assert f"{client.user.name} has answered this flag already" in again.content.decode()
    comment.refresh_from_db()
    assert (comment.round, comment.settled_by) == (0, client.user)


def test_one_answer_for_all_flags_of_a_kind(client_of):
    report = make_report()
    for day in (2, 3, 4):
        make_flag(log=make_log(report=report, on=date(2026, 7, day)), rule="late")
    submit_month(report, by=make_user())
    client = client_of(Role.REVIEWER, township=report.township)
    address = _address("report_answer_flags", report)

    refused = client.post(address, {"rule": "late", "text": ""}, **HTMX)
    nonsense = client.post(address, {"rule": "<b>", "text": "好"})
    done = client.post(address, {"rule": "late", "text": "雨季补录"})

    assert [each.status_code for each in (refused, nonsense, done)] == [422, 422, 302]
    assert "<b>" not in nonsense.content.decode().partition("<main")[2]
    assert set(LogFlag.objects.values_list("answer", flat=True)) == {"雨季补录"}


def test_what_stands_out_does_not_name_a_log_that_the_reader_does_not_see(client_of):
    report, foreign = _submitted(), _submitted()
    other = foreign.logs.get()
    make_flag(log=report.logs.get(), rule="same_text", other=other)

    html = client_of(Role.REVIEWER, township=report.township).get(_address("desk_team", report)).content.decode()
    city = client_of(Role.REVIEWER).get(_address("desk_team", report)).content.decode()

    assert foreign.team.name not in html
    assert other.get_absolute_url() not in html
    assert "a log of another team" in html
    assert f'href="{other.get_absolute_url()}"' in city


@pytest.mark.parametrize("name", ["desk_team", "report_read", "report_return"])
def test_leader_and_staff_have_no_desk(client_of, name):
    report = _submitted()
    for role in (Role.TEAM_LEADER, Role.TOWNSHIP_STAFF, Role.ADMIN):
        township = {} if role == Role.ADMIN else {"township": report.township}
        answer = getattr(client_of(role, **township), "get" if name == "desk_team" else "post")(_address(name, report))
        assert answer.status_code == 403
    assert _state(report) == "submitted"


# --- thanks -------------------------------------------------------------------------------------------


def test_thanks_are_kept_with_the_round_and_shown_on_the_months_page(client_of):
    report, by = _submitted(), make_user(Role.REVIEWER)

    read_month(report, thanks="  台风天辛苦了  ", by=by)
    reopen_month(report, reason="漏记", by=by)
    submit_month(report, by=make_user())
    read_month(report, thanks="补得很全", by=by)

    assert list(Thanks.objects.order_by("pk").values_list("round", "text", "by")) == [
        (0, "台风天辛苦了", by.pk),
        (1, "补得很全", by.pk),
    ]
    html = client_of(Role.TOWNSHIP_STAFF, township=report.township).get(report.get_absolute_url()).content.decode()
    assert "补得很全" in html


def test_thanks_are_optional_short_and_reach_every_plain_month(client_of):
    township = make_township()
    plain = [_submitted(township) for _ in range(3)]
    odd = _submitted(township, flags=["late"])
    client = client_of(Role.REVIEWER, township=township)
    address = reverse("services:report_read_plain")

    refused = client.post(address, DESK | {"thanks": "长" * 201}, follow=True)
    states = {_state(report) for report in plain}
    with pytest.raises(RuleBroken) as broken:
        read_month(odd, thanks="长" * 201, by=make_user(Role.REVIEWER))
    client.post(address, DESK | {"thanks": "大家辛苦了"})
    read_month(odd, by=make_user(Role.REVIEWER))

    assert "note-bad" in refused.content.decode()
    assert (states, broken.value.field) == ({"submitted"}, "thanks")
    assert sorted(Thanks.objects.values_list("report", "text")) == [(report.pk, "大家辛苦了") for report in plain]
    entry = AuditEntry.objects.get_for_object(Thanks.objects.first()).get()
    assert (entry.event, entry.actor) == ("read_plain_months", client.user)


# --- rounds -------------------------------------------------------------------------------------------


def _correct(log, **words):
    people = dict.fromkeys(log.participations.values_list("volunteer", flat=True))
    entry = {name: getattr(log, name) for name in ("date", "starts_at", "ends_at", "category", "recipient", "content")}
    return edit_service(log, version=log.version, participants=people, by=make_user(), **entry | words)


def test_second_round_shows_what_was_asked_and_what_was_done(client_of):
    report = make_report()
    asked = make_log(report=report, content="打扫")
    gone = make_log(report=report, on=date(2026, 7, 8))
    make_log(report=report, on=date(2026, 7, 9))
    reviewer = make_user(Role.REVIEWER, name="李审阅")
    submit_month(report, by=make_user(name="赵报送"))
    comment = comment_on_log(asked, text="写清楚做了什么", by=reviewer)
    return_month(report, remark="一条不清楚", by=reviewer)
    _correct(asked, content="打扫院子，清理水沟")
    withdraw_service(gone, reason="重复", by=make_user())
    submit_month(report, by=make_user())
    second = comment_on_log(asked, text="很好", by=reviewer)
    settle_comment(comment, by=reviewer)

    report.refresh_from_db()
    first, now = rounds_of(report)

    assert (first.number, first.remark, [each.text for each in first.comments]) == (1, "一条不清楚", ["写清楚做了什么"])
    assert (now.given_back, [each.pk for each in now.comments]) == (None, [second.pk])
    assert [(change.log.pk, change.what) for change in now.changes] == [
        (asked.pk, "Changed a service log"),
        (gone.pk, "Withdrew a service log"),
    ]
    assert [(field.before, field.after) for field in now.changes[0].changes] == [("打扫", "打扫院子，清理水沟")]
    html = client_of(reviewer).get(_address("desk_team", report)).content.decode()
    for words in (
        "Round 1",
        "Round 2",
        "一条不清楚",
        "写清楚做了什么",
        "<del>打扫</del>",
        "Asked on the logs, all settled:",
    ):
        assert words in html


def test_month_that_was_never_given_back_has_no_rounds():
    assert rounds_of(_submitted()) == []


def test_comments_of_before_rounds_were_kept_find_their_round_by_time():
    report = _submitted()
    log, reviewer = report.logs.get(), make_user(Role.REVIEWER)
    old = LogComment.objects.create(log=log, text="旧", by=reviewer)
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        return_month(report, remark="请补", by=reviewer)
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        submit_month(report, by=make_user())
        new = LogComment.objects.create(log=log, text="新", by=reviewer, at=timezone.now())

    report.refresh_from_db()

    assert [[each.pk for each in one.comments] for one in rounds_of(report)] == [[old.pk], [new.pk]]


def test_month_without_a_trail_still_has_its_rounds():
    report = make_report(state="submitted", times_returned=2, remark="请补")
    LogComment.objects.create(log=make_log(report=make_report()), text="?", by=make_user(Role.REVIEWER))

    assert [(each.number, each.submitted, each.remark) for each in rounds_of(report)] == [
        (1, None, ""), (2, None, "请补"), (3, None, ""),
    ]  # fmt: skip


def test_comment_is_ticked_while_it_is_reviewed_and_by_who_may_review():
    reviewer, recorder = make_user(Role.REVIEWER), make_user(Role.REVIEWER)
    report = _submitted(recorded_by=recorder)
    comment = comment_on_log(report.logs.get(), text="?", by=reviewer)

    with pytest.raises(RuleBroken):
        settle_comment(comment, by=recorder)
    for is_settled in (True, True, False, True):
        comment = settle_comment(comment, is_settled=is_settled, by=reviewer)
        assert (comment.settled_by == reviewer, comment.settled_at is not None) == (is_settled, is_settled)
    read_month(report, by=reviewer)
    with pytest.raises(RuleBroken):
        settle_comment(comment, is_settled=False, by=reviewer)

    comment.refresh_from_db()
    assert comment.settled_by == reviewer


# --- the city ---------------------------------------------------------------------------------------


def _at(day, clock=time(9)):
    return timezone.make_aware(datetime.combine(day, clock))


@pytest.mark.parametrize(
    ("today", "to_submit", "to_review"),
    [(date(2026, 8, 5), 0, 0), (date(2026, 8, 6), 1, 0), (date(2026, 8, 10), 5, 0), (date(2026, 8, 12), 7, 2)],
)
def test_progress_says_who_is_late_and_by_how_many_days(today, to_submit, to_review):
    township = make_township()
    make_report(team=make_team(township=township))
    make_report(
        team=make_team(township=township),
        state="submitted",
        submitted_by=make_user(),
        submitted_at=_at(date(2026, 8, 3)),
    )

    with time_machine.travel(_at(today), tick=False):
        (line,) = progress_of(JULY, by=make_user(Role.REVIEWER))
        late = (line.days_to_submit, line.days_to_review)

    assert (line.due, line.submitted, line.missing) == (2, 1, 1)
    assert late == (to_submit, to_review)


@pytest.mark.parametrize(
    ("moment", "late"), [(_at(date(2026, 8, 5), time(23, 59)), 0), (_at(date(2026, 8, 6), time(0, 0)), 1)]
)
def test_submitted_after_the_due_day_is_late_in_shanghai(moment, late):
    make_report(state="submitted", submitted_by=make_user(), submitted_at=moment)

    (line,) = progress_of(JULY, by=make_user(Role.REVIEWER))

    assert line.submitted_late == late


def test_nobody_is_late_where_everything_is_read(client_of):
    report = _submitted()
    read_month(report, by=make_user(Role.REVIEWER))

    with time_machine.travel(_at(date(2026, 9, 20)), tick=False):
        (line,) = progress_of(JULY, by=make_user(Role.REVIEWER))
        html = client_of(Role.REVIEWER).get(reverse("services:review_desk"), DESK).content.decode()

    assert (line.days_to_submit, line.days_to_review) == (0, 0)
    assert "days late" not in html


# --- queries ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("teams", [2, 14])
def test_desk_takes_as_many_queries_for_any_number_of_teams(client_of, django_assert_max_num_queries, teams):
    township = make_township()
    for number in range(teams):
        _submitted(township, flags=["late", "long"] if number % 2 else ())
    client = client_of(Role.REVIEWER, township=township)

    with django_assert_max_num_queries(22):
        assert client.get(reverse("services:review_desk"), DESK).status_code == 200


@pytest.mark.parametrize("size", [1, 8])
def test_opened_team_takes_as_many_queries_for_any_number_of_logs(client_of, django_assert_max_num_queries, size):
    report, reviewer = make_report(), make_user(Role.REVIEWER)
    logs = [make_log(report=report, on=date(2026, 7, 2 + day)) for day in range(size)]
    for log in logs:
        make_flag(log=log, rule="same_text", other=logs[0])
    submit_month(report, by=make_user())
    for log in logs:
        comment_on_log(log, text="?", by=reviewer)
    return_month(report, remark="请补", by=reviewer)
    for log in logs:
        _correct(log, content="改写")
    submit_month(report, by=make_user())
    client = client_of(Role.REVIEWER, township=report.township)

    with django_assert_max_num_queries(37):
        assert client.get(_address("desk_team", report)).status_code == 200


@pytest.mark.django_db
def test_month_at_the_end_of_time_is_none(client_of):
    township = make_team().township
    reviewer, staff = (client_of(role, township=township) for role in (Role.REVIEWER, Role.TOWNSHIP_STAFF))

    assert "This is not a month" in reviewer.get("/services/reports/desk/?month=9999-12").content.decode()
    assert reviewer.post("/services/notices/new/", {"month": "9999-12"}).status_code == 422
    assert staff.post("/services/reports/submit-all/", {"month": "9999-12"}).status_code == 302
