"""A team's visit plans: added, changed, ended; which services were visits; what is due.

A service is a visit of a plan when the form was opened from the plan, or when it is of the category 走访 and names the
same recipient, however it is spelt. That is decided once, when the log is written or changed, and stored (``Visit``);
a plan that is added looks back over the services since its first day. Withdrawn services never count.

Lock order: team, then the plan; a log is written under its team's lock as well.
"""

import datetime
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event
from accounts.duties import require_duty
from accounts.models import User
from areas.models import TownshipSettings
from common.rules import RuleBroken, constraint_named
from grids.models import Team
from services.models import ServiceLog, Visit, VisitPlan
from services.models.visit_plan import TEXT_LIMITS, VISIT, key_of_recipient

# A plan may begin so far back, to take in the visits of a paper list, and so far ahead.
LONGEST_BACK, LONGEST_AHEAD = 366, 366
SHORTENED = ("recipient", "place", "note")


@dataclass(frozen=True)
class Round:
    """A plan as it stands today: its last visit (and that log's key), when the next is due, and how late it is."""

    plan: VisitPlan
    last_visit: datetime.date | None
    last_log: int | None
    due_on: datetime.date
    days_overdue: int


@event
def add_visit_plan(
    team: Team,
    *,
    recipient: str,
    every_days: int,
    starts_on: datetime.date,
    place: str = "",
    note: str = "",
    by: User,
) -> VisitPlan:
    """Let the team visit somebody regularly; visits since ``starts_on`` that were logged already count."""
    team = Team.locked(team.pk)
    require_duty("uses_visit_plans", team.township_id)
    if team.state == Team.State.DISSOLVED:
        raise RuleBroken(_("This team was dissolved. Another team's plan can hold the visit."))
    plan = VisitPlan(team=team, starts_on=starts_on, recorded_by=by)
    _fill(plan, recipient=recipient, place=place, note=note, every_days=every_days)
    _refuse_far(starts_on)
    with _once(plan):
        plan.save(force_insert=True)
    logs = ServiceLog.objects.filter(team=team, category__code=VISIT, date__gte=starts_on, visit__isnull=True)
    same = [pk for pk, name in logs.values_list("pk", "recipient") if key_of_recipient(name) == plan.recipient_key]
    Visit.objects.bulk_create(Visit(plan=plan, log_id=pk) for pk in same)
    return plan


@event
def edit_visit_plan(
    plan: VisitPlan,
    *,
    recipient: str,
    every_days: int,
    starts_on: datetime.date,
    place: str = "",
    note: str = "",
    version: int,
    by: User,
) -> VisitPlan:
    """Change a running plan. What was a visit of it stays one. Raises ``SavedMeanwhile`` for an older ``version``."""
    team = Team.locked(plan.team_id)
    require_duty("uses_visit_plans", team.township_id)
    plan = VisitPlan.locked(plan.pk, version=version)
    refuse_ended(plan)
    _fill(plan, recipient=recipient, place=place, note=note, every_days=every_days)
    if starts_on != plan.starts_on:
        _refuse_far(starts_on)
    plan.starts_on = starts_on
    with _once(plan):
        plan.save()
    return plan


@event
def end_visit_plan(plan: VisitPlan, *, by: User) -> VisitPlan:
    """End a plan today; its visits stay on record, and it may be added anew."""
    Team.locked(plan.team_id)
    plan = VisitPlan.locked(plan.pk)
    refuse_ended(plan)
    plan.ended_on = timezone.localdate()
    plan.save()
    return plan


def note_visit(log: ServiceLog, chosen: VisitPlan | None = None) -> None:
    """Say of which plan the new log, written under its team's lock, is a visit; of none where neither tells one."""
    is_chosen = chosen is not None and chosen.team_id == log.team_id
    plan = chosen.pk if chosen is not None and is_chosen else _plan_named_by(log)
    if plan is not None:
        Visit.objects.create(plan_id=plan, log=log, is_chosen=is_chosen)


def renote_visit(log: ServiceLog) -> None:
    """Let a corrected log follow its recipient's name; where that names no plan, one that a person chose stays."""
    plan, before = _plan_named_by(log), Visit.objects.filter(log=log).first()
    if before is None:
        note_visit(log)
    elif plan is None and not before.is_chosen:
        before.delete()
    elif plan is not None and plan != before.plan_id:
        before.plan_id, before.is_chosen = plan, False
        before.save()


def carry_visit_over(former: ServiceLog, log: ServiceLog) -> None:
    """Let the log that a correction puts in the place of ``former`` be a visit as if ``former`` had been changed.

    It follows its recipient's name; where that names no plan, one that a person chose stays.
    """
    before = Visit.objects.filter(log=former, is_chosen=True).select_related("plan").first()
    named = _plan_named_by(log)
    is_kept = before is not None and named in (None, before.plan_id)
    note_visit(log, before.plan if before is not None and is_kept else None)


def rounds_of(team: Team, today: datetime.date) -> list[Round]:
    """Return the team's running plans, what is due first."""
    plans = VisitPlan.objects.running().filter(team=team).with_last_visit()
    return sorted((_round(plan, today) for plan in plans), key=lambda each: (each.due_on, each.plan.pk))


def overdue_by_team(today: datetime.date) -> dict[int, int]:
    """Count the overdue visits of each standing team that has any, by its key; plans of a township may rest."""
    plans = VisitPlan.objects.running().exclude(team__state=Team.State.DISSOLVED).with_last_visit()
    plans = plans.filter(TownshipSettings.by_township().taking_part("uses_visit_plans", path="team__township"))
    counts: dict[int, int] = {}
    for plan in plans.filter(starts_on__lt=today).iterator(chunk_size=2_000):
        if _round(plan, today).days_overdue:
            counts[plan.team_id] = counts.get(plan.team_id, 0) + 1
    return counts


def _round(plan: Any, today: datetime.date) -> Round:
    due = plan.due_after(plan.last_visit)
    return Round(plan, plan.last_visit, plan.last_log, due, max(0, (today - due).days))


def _plan_named_by(log: ServiceLog) -> int | None:
    """Return the key of the team's plan for the log's recipient; of the latest, where there were several."""
    if log.category.code != VISIT:
        return None
    plans = VisitPlan.objects.on(log.date).filter(team=log.team_id, recipient_key=key_of_recipient(log.recipient))
    return plans.order_by("-id").values_list("pk", flat=True).first()


def _fill(plan: VisitPlan, *, every_days: int, **texts: str) -> None:
    for name in SHORTENED:
        text = texts[name].strip()
        if len(text) > TEXT_LIMITS[name]:
            raise RuleBroken(_("At most %(limit)s characters.") % {"limit": TEXT_LIMITS[name]}, field=name)
        setattr(plan, name, text)
    plan.recipient_key = key_of_recipient(plan.recipient)[: TEXT_LIMITS["recipient_key"]]
    if not plan.recipient_key:
        raise RuleBroken(_("Say whom the team visits."), field="recipient")
    if every_days not in VisitPlan.Rhythm.values:
        raise RuleBroken(_("Choose how often the visit is due."), field="every_days")
    plan.every_days = every_days


def _once(plan: VisitPlan) -> Any:
    """Refuse a second running plan for one recipient; the team's lock keeps two from passing at once."""
    twice = RuleBroken(_("The team has a plan for this recipient already. Change that one."), field="recipient")
    same = VisitPlan.objects.running().filter(team=plan.team_id, recipient_key=plan.recipient_key)
    if same.exclude(pk=plan.pk).exists():
        raise twice
    return constraint_named("recipient_key", twice)  # the databases name its index or its columns


def _refuse_far(starts_on: datetime.date) -> None:
    today = timezone.localdate()
    if abs((starts_on - today).days) > (LONGEST_BACK if starts_on < today else LONGEST_AHEAD):
        raise RuleBroken(_("A plan begins within a year of today. Check the date."), field="starts_on")


def refuse_ended(plan: VisitPlan) -> None:
    """Refuse a plan that holds no more."""
    if plan.ended_on is not None:
        raise RuleBroken(_("This plan was ended. Add it anew to visit them again."))
