"""A team's month: each step from each state, who may not review it, and what makes a month worth a look."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone, translation

from accounts.models import AuditEntry
from accounts.rights import Role
from common.rules import RuleBroken, SavedMeanwhile
from services.domain.log import edit_service, withdraw_service
from services.domain.month import open_missing_months, report_of
from services.domain.reasons import other_reviewers, reasons_to_look
from services.domain.report import (
    comment_on_log,
    read_month,
    read_plain_months,
    reopen_month,
    return_month,
    submit_month,
    submit_months,
)
from services.models import LogComment, MonthlyReport, Participation, RecognitionRound, ServiceLog
from tests.factories import (
    make_flag,
    make_flagged,
    make_log,
    make_read,
    make_report,
    make_team,
    make_township,
    make_user,
    make_volunteer,
)
from volunteers.models import Volunteer

pytestmark = pytest.mark.django_db

JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)
STEPS = {
    "submit": lambda report, by: submit_month(report, nil_confirmed=True, by=by),
    "read": lambda report, by: read_month(report, by=by),
    "return": lambda report, by: return_month(report, remark="请核对时间", by=by),
    "reopen": lambda report, by: reopen_month(report, reason="漏记", by=by),
}
ALLOWED = {
    ("open", "submit"): "submitted",
    ("submitted", "read"): "read",
    ("submitted", "return"): "returned",
    ("returned", "submit"): "submitted",
    ("read", "reopen"): "returned",
}


@pytest.mark.parametrize("state", MonthlyReport.State.values)
@pytest.mark.parametrize("step", STEPS)
def test_step_from_state(state, step):
    report = make_report(state=state)
    by = make_user(Role.REVIEWER)

    if (state, step) in ALLOWED:
        STEPS[step](report, by)
    else:
        with pytest.raises(RuleBroken):
            STEPS[step](report, by)

    report.refresh_from_db()
    assert report.state == ALLOWED.get((state, step), state)


@pytest.mark.parametrize("state", MonthlyReport.State.values)
def test_comment_from_state(state):
    report = make_report()
    log = make_log(report=report)
    if state in ("submitted", "read", "returned"):
        submit_month(report, by=make_user())
    if state == "read":
        read_month(report, by=make_user(Role.REVIEWER))
    if state == "returned":
        return_month(report, remark="请核对", by=make_user(Role.REVIEWER))

    if state == "submitted":
        comment_on_log(log, text="对象写清楚", by=make_user(Role.REVIEWER))
    else:
        with pytest.raises(RuleBroken):
            comment_on_log(log, text="对象写清楚", by=make_user(Role.REVIEWER))

    assert list(LogComment.objects.values_list("text", flat=True)) == (["对象写清楚"] if state == "submitted" else [])


def test_submitting_records_who_and_when():
    report, by = make_report(), make_user()
    make_log(report=report)

    submitted = submit_month(report, by=by)

    assert (submitted.submitted_by, submitted.version) == (by, 1)
    entry = AuditEntry.objects.get_for_object(report).first()
    assert (entry.event, entry.actor, entry.changes["state"]) == ("submit_month", by, ["open", "submitted"])


@pytest.mark.parametrize(
    ("now", "accepted"),
    [("2026-07-31 23:59", False), ("2026-08-01 00:01", True)],
)
def test_month_is_submitted_once_it_has_ended_in_shanghai(now, accepted):
    report = make_report()
    make_log(report=report)
    moment = timezone.make_aware(datetime.fromisoformat(now))

    with time_machine.travel(moment, tick=False):
        if accepted:
            submit_month(report, by=make_user())
        else:
            with pytest.raises(RuleBroken):
                submit_month(report, by=make_user())

    report.refresh_from_db()
    assert report.state == ("submitted" if accepted else "open")


def test_nil_report_is_confirmed_first():
    report = make_report()
    make_log(report=report, is_withdrawn=True, withdrawn_reason="记错了")

    with pytest.raises(RuleBroken) as refused:
        submit_month(report, by=make_user())
    submit_month(report, nil_confirmed=True, by=make_user())

    report.refresh_from_db()
    assert (refused.value.field, report.state) == ("nil_confirmed", "submitted")


def test_submitting_a_township_leaves_nil_and_returned_months():
    township = make_township()
    by = make_user(township=township)
    served, nil, returned = (
        make_report(team=make_team(township=township), state=state) for state in ("open", "open", "returned")
    )
    other = make_report()
    for report in (served, returned, other):
        make_log(report=report)

    result = submit_months(township, JULY, by=by)

    assert (result.submitted, result.nil) == (1, 1)
    states = [MonthlyReport.objects.get(pk=report.pk).state for report in (served, nil, returned, other)]
    assert states == ["submitted", "open", "returned", "open"]
    entry = AuditEntry.objects.get_for_object(served).first()
    assert (entry.event, entry.actor, entry.changes["state"]) == ("submit_months", by, ["open", "submitted"])


def test_reading_counts_the_participations_and_records_it():
    report, by = make_report(), make_user(Role.REVIEWER)
    make_log(report=report)
    make_log(report=report, on=date(2026, 7, 8), is_withdrawn=True, withdrawn_reason="重复")
    submit_month(report, by=make_user())

    read = read_month(report, by=by)

    assert (read.state, read.reviewed_by, read.is_locked) == ("read", by, True)
    assert list(Participation.objects.order_by("date").values_list("counted", flat=True)) == [True] * 3 + [False] * 3
    entry = AuditEntry.objects.get_for_object(report).first()
    assert (entry.event, entry.actor, entry.changes["state"]) == ("read_month", by, ["submitted", "read"])


def test_returning_needs_a_remark_and_lets_logs_in_again():
    report = make_report(state="submitted")

    with pytest.raises(RuleBroken) as refused:
        return_month(report, remark="  ", by=make_user(Role.REVIEWER))
    returned = return_month(report, remark=" 请补对象 ", by=make_user(Role.REVIEWER))

    assert refused.value.field == "remark"
    assert (returned.remark, returned.times_returned, returned.takes_logs) == ("请补对象", 1, True)


@pytest.mark.parametrize("text", ["", " ", "长" * 301])
def test_empty_and_overlong_words_are_refused_at_the_field(text):
    report, by = make_report(state="submitted"), make_user(Role.REVIEWER)
    read = make_report(state="read")
    log = make_log(report=make_report())

    for field, act in (
        ("remark", lambda: return_month(report, remark=text, by=by)),
        ("reason", lambda: reopen_month(read, reason=text, by=by)),
        ("text", lambda: comment_on_log(log, text=text, by=by)),
    ):
        with pytest.raises(RuleBroken) as refused:
            act()
        assert refused.value.field == field


@pytest.mark.parametrize("step", STEPS)
def test_nothing_moves_in_a_scored_year(step):
    report = make_report(state={"submit": "open", "read": "submitted", "return": "submitted", "reopen": "read"}[step])
    by = make_user(Role.REVIEWER)
    RecognitionRound.objects.create(
        year=2026, state="scored", evidence_hash="0" * 64, scored_by=by, scored_at=timezone.now()
    )

    with pytest.raises(RuleBroken):
        STEPS[step](report, by)

    assert MonthlyReport.objects.get(pk=report.pk).state == report.state


# --- who reviews ------------------------------------------------------------------------------------


def _submitted_by(reviewer):
    return make_report(state="submitted", submitted_by=reviewer, submitted_at=timezone.now())


def _recorded_by(reviewer):
    report = make_report()
    make_log(report=report, recorded_by=reviewer)
    return _submitted(report)


def _withdrawn_by(reviewer):
    report = make_report()
    make_log(report=report, recorded_by=reviewer, is_withdrawn=True, withdrawn_reason="重复")
    return _submitted(report)


def _with(reviewer):
    report = make_report()
    volunteer = make_volunteer(user=reviewer, village=report.team.grid.village)
    make_log(report=report, participants=[volunteer])
    return _submitted(report)


def _submitted_first_by(reviewer):
    report = make_report()
    make_log(report=report)
    submit_month(report, by=reviewer)
    return_month(report, remark="请补", by=make_user(Role.REVIEWER))
    return _submitted(report)


def _correct(log, *, by, days=0):
    """Correct a log, and move it by some days."""
    people = dict.fromkeys(log.participations.values_list("volunteer", flat=True))
    entry = {name: getattr(log, name) + timedelta(days=days) for name in ("date", "starts_at", "ends_at")}
    words = {"category": log.category, "recipient": log.recipient, "content": "改写"}
    return edit_service(log, version=log.version, participants=people, by=by, **entry, **words)


def _corrected_by(reviewer):
    return _submitted(_correct(make_log(), by=reviewer).report)


def _corrected_before_it_moved_by(reviewer):
    log = _correct(make_log(on=date(2026, 6, 30)), by=reviewer)
    return _submitted(_correct(log, days=1, by=make_user()).report)


def _recorded_before_it_moved_by(reviewer):
    log = make_log(on=date(2026, 6, 30), recorded_by=reviewer)
    return _submitted(_correct(log, days=1, by=make_user()).report)


def _taken_back_by(reviewer):
    log = make_log()
    withdraw_service(log, reason="重复", by=reviewer)
    return _submitted(log.report)


def _submitted_with_others_by(reviewer):
    report = make_report()
    make_log(report=report)
    submit_months(report.township, report.month, by=reviewer)
    return_month(report, remark="请补", by=make_user(Role.REVIEWER))
    return _submitted(report)


def _submitted(report):
    return submit_month(report, nil_confirmed=True, by=make_user())


INVOLVED = [
    _submitted_by,
    _recorded_by,
    _withdrawn_by,
    _with,
    _submitted_first_by,
    _corrected_by,
    _corrected_before_it_moved_by,
    _recorded_before_it_moved_by,
    _taken_back_by,
    _submitted_with_others_by,
]


@pytest.mark.parametrize("involved", INVOLVED)
@pytest.mark.parametrize("step", ["read", "return"])
def test_nobody_reviews_what_they_had_a_part_in(involved, step):
    reviewer, colleague = make_user(Role.REVIEWER), make_user(Role.REVIEWER, name="李审阅")
    report = involved(reviewer)

    with pytest.raises(RuleBroken) as refused:
        STEPS[step](report, reviewer)
    STEPS[step](report, colleague)

    assert "李审阅" in str(refused.value.message)


@pytest.mark.parametrize("involved", INVOLVED)
def test_plain_months_of_ones_own_are_left_for_a_colleague(involved):
    reviewer = make_user(Role.REVIEWER)
    report = involved(reviewer)

    result = read_plain_months(MonthlyReport.objects.all(), by=reviewer)

    assert (result.read, [report.pk for report, _ in result.left]) == (0, [report.pk])
    assert "conflict" in [reason.code for reason in result.left[0][1]]
    assert MonthlyReport.objects.get(pk=report.pk).state == "submitted"


def test_who_reopens_or_comments_had_no_part_in_it():
    reviewer = make_user(Role.REVIEWER)
    report = make_report()
    log = make_log(report=report, recorded_by=reviewer)
    submit_month(report, by=make_user())

    with pytest.raises(RuleBroken):
        comment_on_log(log, text="很好", by=reviewer)
    read_month(report, by=make_user(Role.REVIEWER))
    with pytest.raises(RuleBroken):
        reopen_month(report, reason="改一下", by=reviewer)

    assert (LogComment.objects.count(), MonthlyReport.objects.get().state) == (0, "read")


@pytest.mark.parametrize("involved", INVOLVED)
def test_who_had_a_part_in_it_is_not_named_as_a_reviewer(involved):
    report = involved(make_user(Role.REVIEWER, name="王经手"))

    assert "王经手" not in other_reviewers(report).values_list("name", flat=True)


@pytest.mark.parametrize("step", STEPS)
def test_step_from_a_page_of_before_is_refused(step):
    state = {"submit": "returned", "read": "submitted", "return": "submitted", "reopen": "read"}[step]
    report = make_report(state=state, version=4)
    act = {
        "submit": lambda version, by: submit_month(report, nil_confirmed=True, version=version, by=by),
        "read": lambda version, by: read_month(report, version=version, by=by),
        "return": lambda version, by: return_month(report, remark="请核对", version=version, by=by),
        "reopen": lambda version, by: reopen_month(report, reason="漏记", version=version, by=by),
    }[step]
    by = make_user(Role.REVIEWER)

    with pytest.raises(SavedMeanwhile):
        act(3, by)
    before = MonthlyReport.objects.get().state
    act(4, by)

    assert (before, MonthlyReport.objects.get().state) == (state, ALLOWED[state, step])


def test_month_that_came_back_changed_is_not_read_from_the_page_of_before():
    report = _submitted(make_report())
    seen = report.version
    return_month(report, remark="请补", by=make_user(Role.REVIEWER))
    make_log(report=report)
    _submitted(report)

    with pytest.raises(SavedMeanwhile):
        read_month(report, version=seen, by=make_user(Role.REVIEWER))


def test_log_that_moved_to_another_month_is_not_commented_on():
    stale = make_log()
    submit_month(stale.report, by=make_user())
    ServiceLog.objects.filter(pk=stale.pk).update(
        report=make_report(team=stale.team, month=date(2026, 8, 1)), date=date(2026, 8, 3)
    )

    with pytest.raises(SavedMeanwhile):
        comment_on_log(stale, text="很好", by=make_user(Role.REVIEWER))

    assert LogComment.objects.count() == 0


def test_other_reviewers_are_the_townships_then_the_citys():
    report = make_report()
    recorder = make_user(Role.REVIEWER, township=report.township)
    make_log(report=report, recorded_by=recorder)
    city = make_user(Role.REVIEWER)
    own = make_user(Role.REVIEWER, township=report.township)
    make_user(Role.REVIEWER, township=make_township())
    make_user(Role.REVIEWER, is_active=False)

    assert list(other_reviewers(report)) == [own, city]


# --- reasons to look --------------------------------------------------------------------------------


def _reasons(report, **kwargs):
    with translation.override("en"):
        return {reason.code: reason for reason in reasons_to_look([report], **kwargs)[report.pk]}


def test_ordinary_month_gives_no_reason():
    report = make_report()
    make_log(report=report)
    make_log(report=report, on=date(2026, 7, 9))

    assert _reasons(report, by=make_user(Role.REVIEWER)) == {}


def test_unanswered_flags_are_reasons_rule_by_rule_with_their_logs():
    report = make_report()
    logs = [make_log(report=report, on=date(2026, 7, day)) for day in (6, 7, 8)]
    for log, rule in ((logs[1], "split"), (logs[0], "split"), (logs[0], "late")):
        make_flag(log, rule=rule)

    reasons = _reasons(report)

    assert [(code, reason.log_pks) for code, reason in reasons.items()] == [
        ("late", (logs[0].pk,)),
        ("split", (logs[0].pk, logs[1].pk)),
    ]
    assert str(reasons["late"].text) == "Entered longer after the service than the township allows"


def test_a_month_whose_flags_are_answered_is_plain_and_another_months_flags_are_its_own():
    report = make_report()
    log = make_log(report=report)
    make_flag(log, rule="long", answer="防汛值守，属实。")
    make_flag(make_log(), rule="late")

    assert _reasons(report) == {}


def test_flags_on_a_withdrawn_log_are_no_reason():
    report = make_report()
    make_log(report=report)
    make_flag(make_log(report=report, on=date(2026, 7, 9), is_withdrawn=True, withdrawn_reason="重复"))

    assert _reasons(report) == {}


def test_nil_report_and_former_return_are_reasons():
    report = make_report(times_returned=2)

    assert {code: str(reason.text) for code, reason in _reasons(report).items()} == {
        "returned": "Returned or reopened 2 times before",
        "nil": "Nil report: no service all month",
    }


def test_reading_plain_months_leaves_the_others_with_their_reasons():
    township, by = make_township(), make_user(Role.REVIEWER)
    plain, odd, still_open = (make_report(team=make_team(township=township)) for _ in range(3))
    make_log(report=plain)
    log = make_log(report=odd, minutes=600)
    make_flagged(log)
    for report in (plain, odd):
        submit_month(report, by=make_user())

    result = read_plain_months(MonthlyReport.objects.filter(township=township), by=by)

    assert result.read == 1
    assert [(report.pk, [(reason.code, reason.log_pks) for reason in reasons]) for report, reasons in result.left] == [
        (odd.pk, [("long", (log.pk,))])
    ]
    states = [MonthlyReport.objects.get(pk=report.pk).state for report in (plain, odd, still_open)]
    assert states == ["read", "submitted", "open"]


# --- opening a month --------------------------------------------------------------------------------


def test_month_is_opened_once_for_every_active_team():
    active, forming = make_team(activated_on=date(2026, 7, 3)), make_team(members=0)
    reported = make_report(team=make_team(activated_on=date(2026, 7, 3)), state="submitted").team

    with time_machine.travel("2026-07-20T12:00:00+08:00"):
        assert [open_missing_months(), open_missing_months()] == [{JUNE: 0, JULY: 1}, {JUNE: 0, JULY: 0}]

    opened = MonthlyReport.objects.get(team=active)
    assert (opened.month, opened.state, opened.township) == (JULY, "open", active.township)
    assert not MonthlyReport.objects.filter(team=forming).exists()
    assert MonthlyReport.objects.get(team=reported).state == "submitted"
    entry = AuditEntry.objects.get_for_object(opened).get()
    assert (entry.event, entry.actor, entry.action) == ("open_missing_months", None, AuditEntry.Action.CREATE)


def test_report_of_a_day_is_found_or_opened():
    report = make_report()

    assert report_of(report.team, date(2026, 7, 31)) == report
    opened = report_of(report.team, date(2026, 8, 1), lock=False)

    assert (opened.month, opened.state, opened.township) == (date(2026, 8, 1), "open", report.township)
    assert report_of(report.team, date(2026, 8, 31)) == opened


def test_reports_are_visible_within_the_township_and_the_own_team():
    report, other = make_report(), make_report()
    leader = make_user(Role.TEAM_LEADER, township=report.township)
    Volunteer.objects.filter(memberships__team=report.team, memberships__role="leader").update(user=leader)
    same_township = make_report(team=make_team(township=report.township))
    make_read(other)

    seen = {
        role: set(MonthlyReport.objects.visible_to(user))
        for role, user in {
            "staff": make_user(township=report.township),
            "leader": leader,
            "reviewer": make_user(Role.REVIEWER, township=report.township),
            "city": make_user(Role.REVIEWER),
        }.items()
    }

    assert seen == {
        "staff": {report, same_township},
        "leader": {report},
        "reviewer": {report, same_township},
        "city": {report, same_township, other},
    }
