"""Whom the night reminds of what: one small function a rule, from the records as they stand.

Each rule gives everything that holds now, whether or not it was said before: a reminder is written once
(``accounts.domain.reminder``), and one that no longer holds is waited for no more. A new rule is a function here and
its name in ``RULES``; what happens at once may call ``remind`` directly. Texts name teams, months and numbers only.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from accounts.domain.reminder import Due, Kept, keep_reminders, settle_reminders
from accounts.models import User
from accounts.rights import ROLES_WITH, Right, Role
from areas.models import Township, TownshipSettings
from grids.models import Grid, Membership, Team
from services.domain.feedback import REMINDER as FEEDBACK_CAME
from services.domain.feedback import reminder_key
from services.domain.figures import silent_teams
from services.domain.month import due_on, first_day
from services.domain.owner import held_by
from services.domain.recognition import unsettled
from services.domain.silence import NEVER, with_silence
from services.domain.visit_plan import overdue_by_team
from services.models import Feedback, MonthlyReport

State = MonthlyReport.State
# So many days before the due date a month is first thought of.
DAYS_BEFORE = 3
# The whole city, among the townships of reviewers.
CITY = None


@dataclass
class People:
    """Whom to remind, by what they are for: active accounts only, by their keys."""

    leaders: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    staff: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    reviewers: dict[int | None, list[int]] = field(default_factory=lambda: defaultdict(list))
    admins: list[int] = field(default_factory=list)
    moved: dict[int, int] = field(default_factory=dict)

    @classmethod
    def today(cls) -> "People":
        """Find leaders and deputies by their teams, staff and reviewers by their townships: two queries."""
        people = cls()
        users = User.objects.filter(is_active=True)
        submitters = ROLES_WITH[Right.SUBMIT_REPORTS] - {Role.TEAM_LEADER}
        columns = ("pk", "role", "township", "township__predecessor_ids")
        for pk, role, township, predecessors in users.order_by("pk").values_list(*columns):
            people.moved |= dict.fromkeys(predecessors or (), township)
            if role in submitters and township is not None:
                people.staff[township].append(pk)
            elif role in ROLES_WITH[Right.REVIEW_REPORTS]:
                people.reviewers[township].append(pk)
            elif role == Role.ADMIN:
                people.admins.append(pk)
        leading = Membership.objects.leading_with_account()
        for team, pk in leading.order_by("team", "volunteer__user").values_list("team", "volunteer__user"):
            people.leaders[team].append(pk)
        return people

    def office(self, township: int) -> int:
        """Return the township whose office has what was recorded in ``township``: it may have been merged away."""
        return self.moved.get(township, township)


Rule = Callable[[People, date], Iterator[Due]]


def write_reminders() -> Kept:
    """Write what people are to be reminded of today; a second run of the day writes nothing."""
    people, today = People.today(), timezone.localdate()
    return keep_reminders(tuple(RULES), [due for rule in RULES.values() for due in rule(people, today)])


def month_due(people: People, today: date) -> Iterator[Due]:
    """Name a month that is not submitted: three days before it is due, on the day and after; to staff as a number."""
    missing: dict[tuple[date, int], int] = defaultdict(int)
    reports = unsettled(MonthlyReport.objects.filter(state=State.OPEN, month__lte=first_day(today)))
    found = reports.order_by("month", "team").values_list("month", "team", "team__name", "township")
    for month, team, name, where in found:
        township = people.office(where)
        stage = _stage(due_on(month), today)
        if stage is None:
            continue
        missing[month, township] += 1
        words = {"month": month.isoformat(), "day": due_on(month).isoformat(), "team": name}
        url = f"{reverse('services:team_month', args=[team])}?month={month:%Y-%m}"
        key = f"month-due:{month:%Y-%m}:team{team}:{stage}"
        for pk in people.leaders[team]:
            yield Due(pk, "month_due", key, LEADER_TEXTS[stage], url, words)
    for (month, township), count in missing.items():
        stage = _stage(due_on(month), today)
        assert stage is not None  # noqa: S101 - it was one above
        words = {"month": month.isoformat(), "day": due_on(month).isoformat(), "count": str(count)}
        url = f"{reverse('services:report_list')}?state={State.OPEN}&month={month:%Y-%m}"
        # Until all are in, the office is reminded again each week, with the number as it is then.
        again = f":{_week(today)}" if stage == "over" else ""
        key = f"month-due:{month:%Y-%m}:township{township}:{stage}{again}"
        for pk in people.staff[township]:
            yield Due(pk, "month_due", key, STAFF_TEXTS[stage], url, words)


LEADER_TEXTS = {
    "soon": _("%(month)s of %(team)s is to be submitted by %(day)s."),
    "today": _("%(month)s of %(team)s is to be submitted today."),
    "over": _("%(month)s of %(team)s was to be submitted by %(day)s."),
}
STAFF_TEXTS = {
    "soon": _("%(month)s is to be submitted by %(day)s. Teams that have not submitted it: %(count)s."),
    "today": _("%(month)s is to be submitted today. Teams that have not submitted it: %(count)s."),
    "over": _("%(month)s was to be submitted by %(day)s. Teams that have not submitted it: %(count)s."),
}


def month_returned(people: People, today: date) -> Iterator[Due]:
    """Name a month that was given back: to its submitter and the leader, to the staff if neither is there."""
    reports = unsettled(MonthlyReport.objects.filter(state=State.RETURNED))
    found = reports.order_by("pk").values_list(
        "pk", "month", "team", "team__name", "township", "times_returned", "submitted_by"
    )
    for pk, month, team, name, township, times, submitter in found:
        staff = people.staff[people.office(township)]
        who = {*people.leaders[team], *(each for each in staff if each == submitter)} or set(staff)
        words = {"month": month.isoformat(), "team": name}
        url = f"{reverse('services:team_month', args=[team])}?month={month:%Y-%m}"
        text = _("%(month)s of %(team)s was returned. Read the remark, put it right and submit it again.")
        for user in sorted(who):
            yield Due(user, "month_returned", f"month-returned:{pk}:{times}", text, url, words)


def review(people: People, today: date) -> Iterator[Due]:
    """Count the months that wait for a reviewer after their due date: once a week."""
    waiting = unsettled(MonthlyReport.objects.filter(state=State.SUBMITTED)).order_by()
    counts: dict[int | None, int] = defaultdict(int)
    since: dict[int | None, date] = {}
    rows = waiting.values_list("township", "month").annotate(Count("pk"), Min("submitted_at"))
    for township, month, count, first in rows:
        if due_on(month) < today:
            day = timezone.localtime(first).date()
            for place in (people.office(township), CITY):
                counts[place] += count
                since[place] = min(day, since.get(place, day))
    url = f"{reverse('services:report_list')}?state={State.SUBMITTED}&unsettled=true"
    text = _("Months that wait for review: %(count)s. The first has waited since %(day)s.")
    for place, count in counts.items():
        words = {"count": str(count), "day": since[place].isoformat()}
        for pk in people.reviewers[place]:
            yield Due(pk, "review", f"review:{_week(today)}", text, url, words)


def silent(people: People, today: date) -> Iterator[Due]:
    """Name a team that has not served for long: to its leader once a silence, to staff once a week as a number."""
    counts: dict[int, int] = defaultdict(int)
    teams = with_silence(silent_teams(Team.objects.all(), today)).order_by("pk")
    for team, name, township, last in teams.values_list("pk", "name", "township", "last_day"):
        counts[township] += 1
        never = last == NEVER
        text = (
            _("%(team)s has not logged a service yet. If it served, log it now.")
            if never
            else _("%(team)s has not logged a service since %(day)s. If it served, log it now.")
        )
        words = {"team": name} if never else {"team": name, "day": last.isoformat()}
        key = f"silent:{team}:{'never' if never else last.isoformat()}"
        for pk in people.leaders[team]:
            yield Due(pk, "silent", key, text, reverse("services:team_month", args=[team]), words)
    text, holdings = _("Teams without a service for %(days)s days: %(count)s."), TownshipSettings.by_township()
    for township, count in counts.items():
        words = {"days": str(holdings[township].silent_after_days), "count": str(count)}
        for pk in people.staff[township]:
            yield Due(pk, "silent", f"silent:{_week(today)}", text, reverse("services:silent_list"), words)


def uncovered(people: People, today: date) -> Iterator[Due]:
    """Count the grids without an active team: for the township's staff once a week."""
    grids = Grid.objects.uncovered().order_by().values_list("village__township")
    for township, count in grids.annotate(Count("pk")):
        text, words = _("Grids without an active team: %(count)s."), {"count": str(count)}
        for pk in people.staff[township]:
            yield Due(pk, "uncovered", f"uncovered:{_week(today)}", text, reverse("services:uncovered_list"), words)


def visits(people: People, today: date) -> Iterator[Due]:
    """Count the visits that are overdue: for the team's leader once a week."""
    overdue = {team: count for team, count in overdue_by_team(today).items() if people.leaders[team]}
    names = dict(Team.objects.filter(pk__in=overdue).order_by().values_list("pk", "name"))
    text = _("%(team)s has visits that are overdue: %(count)s.")
    for team, count in sorted(overdue.items()):
        url = f"{reverse('services:team_month', args=[team])}#visits"
        for pk in people.leaders[team]:
            words = {"team": names[team], "count": str(count)}
            yield Due(pk, "visits", f"visits:{team}:{_week(today)}", text, url, words)


def feedback(people: People, today: date) -> Iterator[Due]:
    """Name what a resident said, until it is answered; and once a week how much of it waits beyond its last day."""
    overdue: dict[int, int] = defaultdict(int)
    waiting = Feedback.objects.waiting().order_by("due_on", "pk")
    for pk, where, due in waiting.values_list("pk", "township", "due_on"):
        township = people.office(where)
        overdue[township] += due < today
        words = {"day": due.isoformat()}
        url = reverse("services:feedback_detail", args=[pk])
        for user in people.staff[township]:
            yield Due(user, "feedback", reminder_key(pk), FEEDBACK_CAME, url, words)
    text = _("Residents' words that were to be answered already: %(count)s.")
    url = f"{reverse('services:feedback_list')}?state=overdue"
    for township, count in overdue.items():
        for user in people.staff[township] if count else ():
            yield Due(user, "feedback", f"feedback-overdue:{_week(today)}", text, url, {"count": str(count)})


def request_owner(people: People, today: date) -> Iterator[Due]:
    """Name whoever has requests and cannot act on them: no request is without an owner (``services.domain.owner``).

    The office is told of requests that no team has, each night, and once a week of teams that are not active or that
    nobody reads for; the administrators of townships where nobody has an active account.
    """
    deserted: dict[int, int] = defaultdict(int)
    for held in held_by():
        office = people.office(held.township)
        cares = held.team is None or not held.is_active or not people.leaders[held.team]
        if not people.staff[office] and (held.team is None or not people.leaders[held.team]):
            deserted[office] += held.requests
        if not cares:
            continue
        words = {"count": str(held.requests)} | ({"team": held.name} if held.team else {})
        text = NO_OWNER_TEXTS["none" if held.team is None else "unread" if held.is_active else "forming"]
        key = f"request-without-team:{today}" if held.team is None else f"request-unread:{held.team}:{_week(today)}"
        whose = f"team={held.team}" if held.team else "owner=office"
        for pk in people.staff[office]:
            yield Due(pk, "request_owner", key, text, f"{reverse('services:request_list')}?state=open&{whose}", words)
    names: dict[int, str] = {}
    if deserted:
        names |= Township.objects.filter(pk__in=deserted).order_by().values_list("pk", "name")
    for township, count in sorted(deserted.items()):
        words = {"township": names[township], "count": str(count)}
        key = f"request-deserted:{township}:{_week(today)}"
        url = f"{reverse('services:request_list')}?state=open&township={township}"
        for pk in people.admins:
            yield Due(pk, "request_owner", key, NO_OWNER_TEXTS["deserted"], url, words)


NO_OWNER_TEXTS = {
    "none": _("Requests that no team has: %(count)s. Choose a team for each."),
    "unread": _("%(team)s has open requests, and nobody of it has an account to read them: %(count)s."),
    "forming": _("%(team)s has open requests and is not active any more: %(count)s. Transfer them, or complete it."),
    "deserted": _("In %(township)s nobody with an account reads the open requests: %(count)s. Open one there."),
}


def months_were_submitted(reports: Iterable[MonthlyReport]) -> None:
    """Take the months that were handed in a moment ago off their leaders' bells."""
    keys = []
    for report in reports:
        keys += [f"month-due:{report.month:%Y-%m}:team{report.team_id}:{stage}" for stage in LEADER_TEXTS]
        keys.append(f"month-returned:{report.pk}:{report.times_returned}")
    settle_reminders(keys)


# By the kind of their reminders.
RULES: dict[str, Rule] = {
    "month_due": month_due,
    "month_returned": month_returned,
    "review": review,
    "silent": silent,
    "uncovered": uncovered,
    "visits": visits,
    "feedback": feedback,
    "request_owner": request_owner,
}


def _stage(due: date, today: date) -> str | None:
    if today > due:
        return "over"
    if today == due:
        return "today"
    return "soon" if today >= due - timedelta(days=DAYS_BEFORE) else None


def _week(today: date) -> str:
    year, week, _weekday = today.isocalendar()
    return f"{year}-W{week:02}"
