"""A flag is answered once and for all: by whom, when, for one log or for all flags of a kind in a month."""

from time import sleep

import pytest
from django.db.models import QuerySet

from accounts.models import AuditEntry
from accounts.rights import Role
from common.rules import RuleBroken, SavedMeanwhile
from services.domain.flag import answer_flag, answer_flags
from services.domain.report import read_month, return_month, submit_month
from services.models import LogFlag
from tests.factories import make_flag, make_log, make_report, make_user
from tests.races import in_parallel

pytestmark = pytest.mark.django_db


def _flagged(*rules, **log):
    """A submitted month with one log for each of the rules."""
    report = make_report()
    flags = [
        make_flag(log=make_log(report=report, on=report.month.replace(day=day), **log), rule=rule)
        for day, rule in enumerate(rules, start=2)
    ]
    submit_month(report, by=make_user())
    return report, flags


def test_answer_is_kept_with_who_and_when():
    _report, (flag,) = _flagged("late")
    by = make_user(Role.REVIEWER)

    answer_flag(flag, text=" 纸质记录补录，已核对 ", by=by)

    flag.refresh_from_db()
    assert (flag.answer, flag.answered_by) == ("纸质记录补录，已核对", by)
    assert flag.answered_at is not None
    entry = AuditEntry.objects.get_for_object(flag).first()
    assert (entry.event, entry.actor, entry.changes["answer"]) == ("answer_flag", by, ["", "纸质记录补录，已核对"])


def test_flag_is_answered_once_and_the_second_reviewer_is_told_by_whom():
    _report, (flag,) = _flagged("late")
    answer_flag(flag, text="已核对", by=make_user(Role.REVIEWER, name="李审阅"))

    with pytest.raises(RuleBroken) as refused:
        answer_flag(flag, text="不对", by=make_user(Role.REVIEWER))

    assert "李审阅" in refused.value.message
    assert "已核对" in refused.value.message
    assert LogFlag.objects.get().answer == "已核对"


@pytest.mark.parametrize("text", ["", "  ", "长" * 301])
def test_empty_and_overlong_answers_are_refused_at_the_field(text):
    report, (flag,) = _flagged("late")
    by = make_user(Role.REVIEWER)

    for act in (
        lambda: answer_flag(flag, text=text, by=by),
        lambda: answer_flags(report, rule="late", text=text, by=by),
    ):
        with pytest.raises(RuleBroken) as refused:
            act()
        assert refused.value.field == "text"
    assert LogFlag.objects.get().answer == ""


def test_who_recorded_a_log_of_the_month_does_not_answer_for_it():
    recorder = make_user(Role.REVIEWER)
    report, (flag,) = _flagged("late", recorded_by=recorder)

    for act in (
        lambda: answer_flag(flag, text="没问题", by=recorder),
        lambda: answer_flags(report, rule="late", text="没问题", by=recorder),
    ):
        with pytest.raises(RuleBroken) as refused:
            act()
        assert refused.value.code == "conflict"
    assert LogFlag.objects.get().answer == ""


@pytest.mark.parametrize(
    ("state", "accepted"), [("open", False), ("submitted", True), ("read", True), ("returned", False)]
)
def test_flags_are_answered_while_the_month_is_reviewed_and_after_it_was_read(state, accepted):
    report = make_report()
    flag = make_flag(log=make_log(report=report))
    reviewer = make_user(Role.REVIEWER)
    if state != "open":
        submit_month(report, by=make_user())
    if state == "read":
        read_month(report, by=reviewer)
    if state == "returned":
        return_month(report, remark="请核对", by=reviewer)

    if accepted:
        answer_flag(flag, text="已核对", by=reviewer)
    else:
        with pytest.raises(RuleBroken):
            answer_flag(flag, text="已核对", by=reviewer)
        with pytest.raises(RuleBroken):
            answer_flags(report, rule=flag.rule, text="已核对", by=reviewer)

    assert LogFlag.objects.get().answer == ("已核对" if accepted else "")


def test_one_answer_goes_to_all_flags_of_a_kind_and_to_no_others():
    report, (first, second, other, done, withdrawn) = _flagged("late", "late", "split", "late", "late")
    _elsewhere, (foreign,) = _flagged("late")
    by = make_user(Role.REVIEWER)
    answer_flag(done, text="早已核对", by=by)
    withdrawn.log.is_withdrawn, withdrawn.log.withdrawn_reason = True, "重复"
    withdrawn.log.save()

    assert answer_flags(report, rule="late", text="雨季补录", by=by) == 2

    answers = [LogFlag.objects.get(pk=flag.pk).answer for flag in (first, second, other, done, withdrawn, foreign)]
    assert answers == ["雨季补录", "雨季补录", "", "早已核对", "", ""]
    entries = [AuditEntry.objects.get_for_object(flag).first() for flag in (first, second)]
    assert {(entry.event, entry.actor) for entry in entries} == {("answer_flags", by)}


@pytest.mark.parametrize("rule", ["late", "nonsense"])
def test_nothing_to_answer_is_said(rule):
    report, _flags = _flagged("split")

    with pytest.raises(RuleBroken):
        answer_flags(report, rule=rule, text="已核对", by=make_user(Role.REVIEWER))


def test_flag_whose_log_moved_away_is_not_answered_from_the_page_of_before():
    report, (flag,) = _flagged("late")
    stale = LogFlag.objects.select_related("log").get(pk=flag.pk)
    other = make_report(team=report.team, month=report.month.replace(month=8))
    flag.log.__class__.objects.filter(pk=flag.log_id).update(report=other, date=other.month)

    with pytest.raises(SavedMeanwhile):
        answer_flag(stale, text="已核对", by=make_user(Role.REVIEWER))

    assert LogFlag.objects.get().answer == ""


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_answer_one_flag_once():
    _report, (flag,) = _flagged("late")
    reviewers = [make_user(Role.REVIEWER), make_user(Role.REVIEWER)]

    answers = in_parallel(*(lambda by=by: answer_flag(flag, text=f"{by.name}核对", by=by) for by in reviewers))

    assert sorted(type(answer).__name__ for answer in answers) == ["LogFlag", "RuleBroken"]
    kept = next(answer for answer in answers if isinstance(answer, LogFlag))
    assert LogFlag.objects.get().answer == kept.answer


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_without_locks_the_second_answer_wipes_out_the_first(monkeypatch):
    """What the test above must show to be worth anything; SQLite's writers take turns whatever is locked."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self.all())
    save = LogFlag.save

    def slow(self, *args, **kwargs):
        sleep(0.3)
        save(self, *args, **kwargs)

    monkeypatch.setattr(LogFlag, "save", slow)
    _report, (flag,) = _flagged("late")
    reviewers = [make_user(Role.REVIEWER), make_user(Role.REVIEWER)]

    answers = in_parallel(*(lambda by=by: answer_flag(flag, text=f"{by.name}核对", by=by) for by in reviewers))

    assert [type(answer).__name__ for answer in answers] == ["LogFlag", "LogFlag"]
