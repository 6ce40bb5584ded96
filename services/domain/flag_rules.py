"""The rules by which a log stands out: how each is told from the log itself and from those around it.

A log is held against those written before it, so of two that resemble each other the later one has the flag and names
the earlier. These functions ask no database: ``services.domain.flag_neighbours`` has fetched what they look at. Their
numbers and sentences are in ``services.domain.flag_lines``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from services.domain.flag_lines import (
    BURST_AFTER,
    BURST_BEFORE,
    BURST_DAYS,
    BURST_LOGS,
    BUSY_MINUTES,
    DAILY_DAYS,
    JUMP_MINUTES,
    JUMP_PERCENT,
    JUMP_SERVICES,
    JUMP_TIMES,
    LONG_MINUTES,
    MANY_SERVED,
    NIGHT_COMPANY,
    NIGHT_MINUTES,
    ROUTINE_DAYS,
    ROUTINE_GAP,
    ROUTINE_ROUND,
    SPLIT_MINUTES,
    TEXT_TEAMS,
    Rule,
)
from services.domain.flag_neighbours import Neighbours, Trace


@dataclass(frozen=True, slots=True)
class Found:
    """A rule that holds for a log: what it counted, and the log that it compares with, by key."""

    rule: str
    measured: int
    other: int | None = None


def judge(log: Trace, around: Neighbours) -> list[Found]:
    """Return what stands out about ``log``, rule by rule."""
    before = around.before(log)
    found = [rule(log, around) for rule in ALONE]
    found += [rule(log, before) for rule in BESIDE_ITS_TEAM]
    return [each for each in found if each is not None]


# --- rules about the log itself, its people and its text ----------------------------------------------


def _late(log: Trace, around: Neighbours) -> Found | None:
    days = (log.recorded_day - log.date).days
    return Found(Rule.LATE, days) if days > 0 and days > around.late_after(log) else None


def _long(log: Trace, around: Neighbours) -> Found | None:
    return Found(Rule.LONG, log.minutes) if log.minutes > LONG_MINUTES else None


def _busy(log: Trace, around: Neighbours) -> Found | None:
    """Add up a day of several logs; one of a single long service is told by its length."""
    most, other = around.longest_day(log)
    return Found(Rule.BUSY, most, other) if other is not None and most > BUSY_MINUTES else None


def _night(log: Trace, around: Neighbours) -> Found | None:
    """Find who was alone in the night.

    Evening patrols that end late and sweeping before sunrise stay below the hour; in floods and fires many are out.
    """
    if log.night_minutes <= NIGHT_MINUTES or around.company(log) >= NIGHT_COMPANY:
        return None
    return Found(Rule.NIGHT, log.night_minutes)


def _same_text(log: Trace, around: Neighbours) -> Found | None:
    """Find a text copied for somebody else, or from another team.

    The same team's next visit to the same person may well read the same.
    """
    if around.teams_of_text(log) >= TEXT_TEAMS:
        return None
    copied = [
        other
        for other in around.same_text(log)
        if other.written < log.written and (other.team != log.team or other.recipient != log.recipient)
    ]
    return Found(Rule.SAME_TEXT, len(copied), max(copied, key=_written).pk) if copied else None


def _jump(log: Trace, around: Neighbours) -> Found | None:
    """Find whom December carries towards the line: only who is below it gains by that."""
    found = None
    for year in around.decembers(log):
        if year.minutes >= year.min_minutes or year.services >= year.min_services:
            continue
        december, other = year.until(log)
        by_minutes = _leaps(year.minutes, december.minutes, JUMP_MINUTES, year.min_minutes)
        by_services = _leaps(year.services, december.services, JUMP_SERVICES, year.min_services)
        if (by_minutes or by_services) and (found is None or december.minutes > found.measured):
            found = Found(Rule.JUMP, december.minutes, other)
    return found


def _leaps(before: int, december: int, least: int, threshold: int) -> bool:
    """Whether December is far above the eleven months before, and brings their sum near the threshold."""
    is_near = (before + december) * 100 >= JUMP_PERCENT * threshold
    return is_near and december >= least and december > JUMP_TIMES * before / 11


# --- rules about the team's logs of a month around, those written before -------------------------------


def _split(log: Trace, before: list[Trace]) -> Found | None:
    same = [
        other
        for other in before
        if other.date == log.date
        and other.recipient == log.recipient
        and max(other.start - log.end, log.start - other.end) < SPLIT_MINUTES
        # Whole neighbourhoods are served in several ways on one day.
        and (other.category == log.category or min(other.served, log.served) < MANY_SERVED)
    ]
    return Found(Rule.SPLIT, len(same) + 1, max(same, key=_written).pk) if same else None


def _burst(log: Trace, before: list[Trace]) -> Found | None:
    day = log.recorded_day
    next_month = (day + timedelta(days=BURST_BEFORE)).month
    if day.day > BURST_AFTER and next_month == day.month:
        return None
    earliest = log.recorded_at - timedelta(hours=24)
    together = [other for other in before if earliest < other.recorded_at <= log.recorded_at]
    if len(together) + 1 < BURST_LOGS:
        return None
    days = [log.date, *(other.date for other in together)]
    if (max(days) - min(days)).days <= BURST_DAYS:
        return None
    return Found(Rule.BURST, len(days), max(together, key=_written).pk)


def _daily(log: Trace, before: list[Trace]) -> Found | None:
    if log.served >= MANY_SERVED:
        return None
    served = {other.date: other for other in before if other.recipient == log.recipient and other.date != log.date}
    run = [*_in_a_row(served, log, -1), *_in_a_row(served, log, 1)]
    return Found(Rule.DAILY, len(run) + 1, run[0].pk) if len(run) + 1 >= DAILY_DAYS else None


def _in_a_row(served: dict[date, Trace], log: Trace, step: int) -> list[Trace]:
    """Return the logs of the days before (or after) that of ``log`` without a gap, the nearest first."""
    run = []
    day = log.date + timedelta(days=step)
    while day in served:
        run.append(served[day])
        day += timedelta(days=step)
    return run


def _routine(log: Trace, before: list[Trace]) -> Found | None:
    if log.start % ROUTINE_ROUND or log.end % ROUTINE_ROUND:
        return None
    same: dict[date, Trace | None] = {}
    for other in before:
        if other.date != log.date:
            is_same = other.start == log.start and other.end == log.end
            same[other.date] = other if is_same else same.get(other.date)
    run = []
    for days in (
        sorted((day for day in same if day < log.date), reverse=True),
        sorted(day for day in same if day > log.date),
    ):
        last = log.date
        for day in days:
            on_that_day = same[day]
            if on_that_day is None or abs((day - last).days) > ROUTINE_GAP:
                break
            run.append(on_that_day)
            last = day
    return Found(Rule.ROUTINE, len(run) + 1, run[0].pk) if len(run) + 1 >= ROUTINE_DAYS else None


def _written(log: Trace) -> tuple:
    return log.written


ALONE: tuple[Callable[[Trace, Neighbours], Found | None], ...] = (_late, _long, _busy, _night, _same_text, _jump)
BESIDE_ITS_TEAM: tuple[Callable[[Trace, list[Trace]], Found | None], ...] = (_split, _burst, _daily, _routine)
