"""提示: flags are raised when a log is written and renewed when it is changed or withdrawn, under the locks held then.

The log that is written has the flag, also where an earlier one resembles it: ``other`` names that one, so the pair is
seen, and nobody's month is disturbed by what others write later. Flags of other logs only ever fall away here. An
answered flag stays as it is, whatever becomes of its log.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from services.domain.flag_lines import NEAR_DAYS, NIGHT_COMPANY, NIGHT_MINUTES, TEXT_DAYS, TEXT_TEAMS
from services.domain.flag_neighbours import FIELDS, Neighbours, Trace, around, townships
from services.domain.flag_photos import renew_photo_flag
from services.domain.flag_rules import Found, Rule, judge
from services.models import LogFlag, Participation, ServiceLog

# What ``judge`` finds; the flag on photos comes and goes with them.
JUDGED = frozenset(Rule) - {Rule.SAME_PHOTO}


@dataclass(frozen=True)
class Place:
    """Where a log stood among others: taken before it changes, it tells whose flags may have rested on it."""

    day: date
    people: frozenset[int]
    text: int | None

    @classmethod
    def of(cls, log: ServiceLog) -> "Place":
        """Take the place of a log as it is in the database."""
        return cls(log.date, frozenset(log.participations.values_list("volunteer", flat=True)), log.text_key)


def raise_flags(log: ServiceLog) -> list[LogFlag]:
    """Raise what stands out about a log that was just written down; return its flags.

    Two queries whatever the history, one more if it was not entered on its day, one for the flags if there are any;
    a few more by night and in December.
    """
    trace = Trace.of(log)
    near = around([trace])
    flags = _settle([trace], {trace.pk: judge(trace, near)}, ())
    _forget_the_ordinary(trace, near)
    return flags


def renew_flags(log: ServiceLog, before: Place) -> None:
    """Judge a changed log anew, and those whose flags rested on what it was."""
    trace = Trace.of(log)
    near = around([trace])
    _settle([trace], {trace.pk: judge(trace, near)}, log.flags.all())
    _forget_the_ordinary(trace, near)
    _reconsider(log, before)


def drop_flags(log: ServiceLog) -> None:
    """Take the unanswered flags off a withdrawn log, and those off others that held because of it."""
    log.flags.unanswered().delete()
    _reconsider(log, Place.of(log))
    showing = LogFlag.objects.unanswered().filter(rule=Rule.SAME_PHOTO, other=log).select_related("log")
    for flag in showing:
        renew_photo_flag(flag.log)


def replace_flags(log: ServiceLog, result: ServiceLog) -> None:
    """Let the flags follow a correction: what was answered about the original is answered about ``result`` too."""
    drop_flags(log)
    raise_flags(result)
    renew_photo_flag(result)
    for flag in log.flags.all():
        result.flags.unanswered().filter(rule=flag.rule).update(
            answer=flag.answer, answered_by=flag.answered_by_id, answered_at=flag.answered_at
        )


def raise_all(logs: QuerySet[ServiceLog]) -> int:
    """Judge all of ``logs``, township by township, as if each had been judged when it was written; return the flags."""
    count = 0
    for traces, near in townships(logs):
        there = LogFlag.objects.filter(log__in=logs.filter(township=traces[0].township).order_by()) if traces else ()
        count += len(_settle(traces, {log.pk: judge(log, near) for log in traces}, there))
    return count


def _settle(
    logs: Iterable[Trace], found: Mapping[int, list[Found]], there: Iterable[LogFlag], *, may_raise: bool = True
) -> list[LogFlag]:
    """Bring the flags ``there`` in line with what was ``found``: answered ones stay, others come and go."""
    known: dict[tuple[int, str], LogFlag] = {(flag.log_id, flag.rule): flag for flag in there}
    wanted = {(log.pk, each.rule): each for log in logs for each in found[log.pk]}
    gone = [
        flag.pk for key, flag in known.items() if key not in wanted and flag.answered_at is None and flag.rule in JUDGED
    ]
    if gone:
        LogFlag.objects.unanswered().filter(pk__in=gone).delete()
    changed = []
    for key, flag in known.items():
        now = wanted.get(key)
        if now is not None and flag.answered_at is None and (flag.measured, flag.other_id) != (now.measured, now.other):
            flag.measured, flag.other_id = now.measured, now.other
            changed.append(flag)
    if changed:
        # Who answered one meanwhile has looked at it as it was: these two columns alone are written.
        LogFlag.objects.bulk_update(changed, ["measured", "other"], batch_size=200)
    new = [
        LogFlag(log_id=pk, rule=rule, measured=now.measured, other_id=now.other)
        for (pk, rule), now in wanted.items()
        if may_raise and (pk, rule) not in known
    ]
    if new:
        LogFlag.objects.bulk_create(new, batch_size=1_000, ignore_conflicts=True)
    return new


def _reconsider(log: ServiceLog, before: Place) -> None:
    """Judge those logs anew whose unanswered flags may have rested on ``log`` as it was: what no longer holds goes."""
    now = Place.of(log)
    days, people = {before.day, now.day}, before.people | now.people
    texts = {before.text, now.text} - {None}
    near, far = timedelta(days=NEAR_DAYS), timedelta(days=TEXT_DAYS)
    unanswered = LogFlag.objects.unanswered().exclude(log=log).order_by()
    decembers = [Q(date__range=(date(year, 12, 1), date(year, 12, 31))) for year in sorted({day.year for day in days})]
    served = Q(date__in=days)
    for december in decembers:
        served |= december
    same = Q(log__text_key__in=texts, log__date__range=(min(days) - far, max(days) + far))
    theirs = Participation.objects.standing().filter(served, volunteer__in=people).order_by().values("log")
    resting = unanswered.filter(other=log).values_list("log")
    resting = resting.union(
        unanswered.filter(log__team=log.team_id, log__date__range=(min(days) - near, max(days) + near)).values_list(
            "log"
        ),
        unanswered.filter(same, rule=Rule.SAME_TEXT).values_list("log"),
        unanswered.filter(rule__in=(Rule.BUSY, Rule.JUMP), log__in=theirs).values_list("log"),
    )
    pks = [pk for (pk,) in resting]
    if not pks:
        return
    traces = [Trace(*row) for row in ServiceLog.objects.standing().filter(pk__in=pks).values_list(*FIELDS)]
    beside = around(traces)
    found = {trace.pk: judge(trace, beside) for trace in traces}
    _settle(traces, found, LogFlag.objects.filter(log__in=pks), may_raise=False)


def _forget_the_ordinary(log: Trace, near: Neighbours) -> None:
    """Take back what the first logs got that turn out to be ordinary: a phrase that was given out, a night on duty.

    The log that brings their number to the line does it; those that come later find nothing to take back.
    """
    flags = LogFlag.objects.unanswered().exclude(log=log.pk)
    if near.teams_of_text(log) == TEXT_TEAMS:
        far = timedelta(days=TEXT_DAYS)
        same = ServiceLog.objects.filter(text_key=log.text, date__range=(log.date - far, log.date + far))
        flags.filter(rule=Rule.SAME_TEXT, log__in=same.order_by()).delete()
    if log.night_minutes > NIGHT_MINUTES and near.company(log) == NIGHT_COMPANY:
        evenings = {day for night, _minutes in log.nights() for day in (night, night + timedelta(days=1))}
        out = ServiceLog.objects.filter(township=log.township, date__in=evenings)
        flags.filter(rule=Rule.NIGHT, log__in=out.order_by()).delete()
