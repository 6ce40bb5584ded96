"""A team's round of its grid: who is due, a visit logged with one tap, what was found on the way.

A tap makes the log that the form would make: today, the last half hour, the people who were ticked once for the whole
round, whom and where from the plan. It goes through ``record_service`` with all its rules. Its time is the latest
stretch of today in which nobody of them served elsewhere: who taps five doors one after the other, back at home, gets
five visits one before the other, and none that overlap.

Lock order: round, team, then as a log.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.audit import event
from accounts.duties import require_duty
from accounts.models import User
from common.rules import RuleBroken
from grids.models import Team
from services.domain.entry import SHORTEST
from services.domain.log import Recorded, RecordedDifferently, record_service, withdraw_service
from services.domain.month import first_day
from services.domain.request import Opened, open_request
from services.domain.visit_plan import Round, refuse_ended, rounds_of
from services.models import (
    HelpRequest,
    MissedVisit,
    Participation,
    RecognitionRound,
    ServiceCategory,
    ServiceLog,
    VisitPlan,
)
from services.models.visit_plan import VISIT
from services.similar import recipient_key

# How long a visit lasts unless the leader says otherwise, and what may be said.
USUAL_MINUTES = 30
MINUTES = (10, 20, 30, 45, 60)
# Who is due within so many days may as well be called on while one is there.
AHEAD_DAYS = 7


@dataclass(frozen=True)
class Stop:
    """One plan on the round: how it stands, and whether nobody was at home today."""

    round: Round
    was_out: bool


@dataclass(frozen=True)
class TeamRound:
    """A team's round today: who is due, who soon, who later; and what was done already."""

    due: list[Stop]
    soon: list[Stop]
    later: int
    visited: list[ServiceLog]


@dataclass(frozen=True)
class Seen:
    """How many households the team called on in a month, in how many visits, of how many in its grid."""

    households: int
    visits: int
    of: int


def round_of(team: Team, today: date) -> TeamRound:
    """Return the team's round: from door to door as the numbers run, who was out today at the end."""
    out = set(MissedVisit.objects.filter(plan__team=team, day=today).values_list("plan", flat=True))
    plans = [each for each in rounds_of(team, today) if each.last_visit != today]
    stops = sorted((Stop(each, each.plan.pk in out) for each in plans), key=_way)
    soon = today + timedelta(days=AHEAD_DAYS)
    return TeamRound(
        due=[stop for stop in stops if stop.round.due_on <= today],
        soon=[stop for stop in stops if today < stop.round.due_on <= soon],
        later=sum(1 for stop in stops if stop.round.due_on > soon),
        visited=list(_visited(team, today)),
    )


def seen_in(team: Team, month: date) -> Seen:
    """Count whom the team called on in the month of ``month``, by its logs of visits; a household is its name."""
    first = first_day(month)
    logs = ServiceLog.objects.standing().filter(
        team=team, category__code=VISIT, date__gte=first, date__lt=first_day(first + timedelta(days=32))
    )
    names = list(logs.order_by().values_list("recipient", flat=True))
    return Seen(len({recipient_key(name) for name in names}), len(names), team.grid.households)


@event
def visit_now(
    plan: VisitPlan,
    *,
    key: UUID,
    participants: Collection[int],
    minutes: int = USUAL_MINUTES,
    note: str = "",
    by: User,
) -> Recorded:
    """Log the visit that was made a moment ago, once for each ``key`` and once a day, however often one taps."""
    now = timezone.now()
    RecognitionRound.held({timezone.localdate(now).year})
    team = Team.locked(plan.team_id)
    stored = ServiceLog.objects.select_related("visit").filter(key=key).first()
    if stored is not None:
        return _stored(stored, plan)
    require_duty("uses_visit_plans", team.township_id)
    plan = VisitPlan.objects.get(pk=plan.pk)
    refuse_ended(plan)
    if minutes not in MINUTES:
        raise RuleBroken(_("Choose how long a visit takes."), field="minutes")
    if not participants:
        raise RuleBroken(_("Tick who goes along: at least one member of the team."), field="participants")
    today = timezone.localdate(now)
    earlier = ServiceLog.objects.standing().filter(visit__plan=plan, date=today).first()
    if earlier is not None:
        raise RuleBroken(
            _("%(whom)s was called on today already, at %(time)s. Log a second visit by the form.")
            % {"whom": plan.recipient, "time": date_format(timezone.localtime(earlier.starts_at), "TIME_FORMAT")}
        )
    starts_at, ends_at = free_time(participants, minutes, now)
    return record_service(
        key=key,
        team=team,
        date=today,
        starts_at=starts_at,
        ends_at=ends_at,
        category=_category(),
        recipient=plan.recipient,
        content=note.strip() or _("Called on them by the visit plan."),
        participants=dict.fromkeys(participants),
        place=plan.place,
        visit=plan,
        by=by,
    )


@event
def undo_visit(log: ServiceLog, *, by: User) -> ServiceLog:
    """Take back a visit that was tapped by mistake today: the log stays on record, withdrawn."""
    visit = getattr(log, "visit", None)
    if visit is None or log.date != timezone.localdate():
        raise RuleBroken(_("Only today's visits are undone here. Withdraw this log on its own page."))
    return withdraw_service(log, reason=_("Tapped by mistake on the round."), by=by)


@event
def miss_visit(plan: VisitPlan, *, by: User) -> MissedVisit:
    """Put down that nobody was at home today; it is no service, and the visit stays due."""
    team = Team.locked(plan.team_id)
    require_duty("uses_visit_plans", team.township_id)
    plan = VisitPlan.objects.get(pk=plan.pk)
    refuse_ended(plan)
    today = timezone.localdate()
    if ServiceLog.objects.standing().filter(visit__plan=plan, date=today).exists():
        raise RuleBroken(_("%(whom)s was called on today already.") % {"whom": plan.recipient})
    missed = MissedVisit.objects.filter(plan=plan, day=today).first()
    return missed or MissedVisit.objects.create(plan=plan, day=today, recorded_by=by)


@event
def open_found(
    log: ServiceLog,
    *,
    key: UUID,
    content: str,
    phone: str = "",
    category: ServiceCategory | None = None,
    urgency: str = HelpRequest.Urgency.NORMAL,
    by: User,
) -> Opened:
    """Note a request that was found on a visit: of whom was called on, where they live, for the team that was there."""
    if log.is_withdrawn:
        raise RuleBroken(_("This visit was withdrawn. Note the request without it."))
    if log.category.code != VISIT:
        raise RuleBroken(_("This service was no visit. Note the request without it."))
    return open_request(
        key=key,
        team=log.team,
        caller=log.recipient,
        phone=phone,
        place=log.place,
        content=content,
        category=category,
        urgency=urgency,
        channel=HelpRequest.Channel.VISIT,
        found_on=log,
        by=by,
    )


def free_time(participants: Collection[int], minutes: int, now: datetime) -> tuple[datetime, datetime]:
    """Return the latest stretch of today before ``now`` in which nobody of ``participants`` served, in whole minutes.

    It is as long as ``minutes``, or shorter where less is free, five minutes at least.
    """
    end = now.replace(second=0, microsecond=0)
    today = timezone.localdate(now)
    midnight = timezone.make_aware(datetime.combine(today, time()))
    parts = Participation.objects.standing().filter(volunteer__in=participants, ends_at__gt=midnight, starts_at__lt=now)
    # Nobody's day has more than a few services: all of them are one page.
    busy = sorted(set(parts.order_by().values_list("starts_at", "ends_at")), key=lambda each: each[1], reverse=True)
    shortest = timedelta(minutes=SHORTEST)
    for starts, ends in [*busy, (midnight, midnight)]:
        begin = max(ends, end - timedelta(minutes=minutes), midnight)
        if end - begin >= shortest:
            return begin, end
        end = min(end, starts)
    raise RuleBroken(
        _("Whoever is ticked has no five minutes left today that are free. Log this visit by the form, with its time.")
    )


def _way(stop: Stop) -> tuple[bool, list[tuple[int, str]], str]:
    """Order stops as one walks: by the numbers of the doors; a place without a name comes last."""
    parts = re.findall(r"[0-9]+|[^0-9]+", stop.round.plan.place)
    numbers = [(int(part), "") if part.isdecimal() else (0, part) for part in parts]
    return stop.was_out, numbers or [(1_000_000, "")], stop.round.plan.recipient


def _visited(team: Team, today: date) -> Iterable[ServiceLog]:
    logs = ServiceLog.objects.standing().filter(team=team, date=today, visit__isnull=False)
    return logs.order_by("-starts_at", "-id")


def _stored(log: ServiceLog, plan: VisitPlan) -> Recorded:
    visit = getattr(log, "visit", None)
    if visit is None or visit.plan_id != plan.pk:
        raise RecordedDifferently(log)
    if log.is_withdrawn:
        raise RuleBroken(_("This visit was undone. If it took place after all, tap once more."))
    return Recorded(log, is_new=False)


def _category() -> ServiceCategory:
    category = ServiceCategory.objects.in_use().filter(code=VISIT).first()
    if category is None:
        raise RuleBroken(_("The category of visits is no longer used. Log the visit by the form."))
    return category
