"""What waits for whom: the tasks that everybody lands on, each the count of the rows behind its link."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from django.db.models import Count, F, Min, QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.domain.user import locked_out_users
from accounts.models import AuditEntry, User
from accounts.rights import Role
from grids.coverage import coverage_in_sight
from grids.models import Grid, Team
from grids.models.team import TeamQuerySet
from grids.states import GridState
from services.domain.feedback import waiting_for
from services.domain.recognition import unsettled
from services.domain.review_home import review_tasks
from services.domain.silence import silence_of, silent_after
from services.domain.task import Task, days_since, listed
from services.models import Correction, CustodyItem, HelpRequest, LogComment, MonthlyReport, Objection, ServiceLog
from services.models.correction import ANSWERED_DAYS
from services.models.custody import LONG_DAYS
from volunteers.domain.text import texts_to_accept
from volunteers.models import Application, ProgrammeText, Qualification, Volunteer

ROWS_SHOWN = 10
# How far back the auditor's tasks look.
AUDITED_DAYS = 30
State = MonthlyReport.State


def tasks_of(user: User, today: date) -> list[Task]:
    """Return what waits for ``user``, the most pressing first; nothing that counts no row."""
    tasks = [*TASKS[Role(user.role)](user, today), _to_accept(user)]
    return [task for task in tasks if task.count]


def returned_reports(user: User) -> QuerySet[MonthlyReport]:
    """Return the months that were sent back to the user's offices, with the team; the latest return first."""
    return (
        unsettled(MonthlyReport.objects.visible_to(user))
        .filter(state=State.RETURNED)
        .select_related("team", "reviewed_by")
        .order_by("-reviewed_at", "-id")
    )


def open_requests(user: User) -> QuerySet[HelpRequest]:
    """Return the requests that wait for the user's teams, with the team; what is due first at the beginning."""
    requests = HelpRequest.objects.visible_to(user).open()
    return requests.select_related("team").order_by(F("due_at").asc(nulls_last=True), "asked_at", "id")


def week_of(user: User, today: date) -> dict[str, object]:
    """Return how many services were logged for this week, Monday to today, and their list."""
    monday = today - timedelta(days=today.weekday())
    logs = ServiceLog.objects.visible_to(user).standing().between(monday, today)
    return {"logs": logs.count(), "url": listed("services:log_list", since=monday, until=today, state="standing")}


def coverage_of(user: User) -> dict[str, object]:
    """Return how many of the grids in the user's sight are in order, of how many, and the board that shows them."""
    coverage = coverage_in_sight(user)
    url = listed("grids:village_list", state=GridState.WELL)
    return {"well": coverage.counts[GridState.WELL], "grids": coverage.grids, "url": url}


def months_of_teams(user: User, today: date) -> list[dict[str, object]]:
    """Return this month of each team that the user leads: services, people served and person-minutes so far."""
    month = today.replace(day=1)
    teams = Team.objects.visible_to(user).standing().order_by("id")
    logs = ServiceLog.objects.standing().filter(team__in=teams, date__gte=month, date__lte=today).order_by()
    sums = logs.values_list("team").annotate(Count("pk"), Sum("people_served"))
    counted = {team: (services, people) for team, services, people in sums}
    minutes = dict(logs.values_list("team").annotate(Sum("participations__minutes")))
    reports = {report.team_id: report for report in MonthlyReport.objects.filter(team__in=teams, month=month)}
    return [
        {
            "team": team,
            "report": reports.get(team.pk),
            "logs": counted.get(team.pk, (0, 0))[0],
            "people": counted.get(team.pk, (0, 0))[1],
            "minutes": minutes.get(team.pk) or 0,
            "url": listed("services:log_list", team=team.pk, since=month, until=today, state="standing"),
        }
        for team in teams
    ]


def comments_on(reports: list[MonthlyReport]) -> list[LogComment]:
    """Return what reviewers said on the logs of ``reports``, log by log."""
    comments = LogComment.objects.filter(log__report__in=reports, log__is_withdrawn=False)
    return list(comments.select_related("log").order_by("log__date", "log_id", "id")[:ROWS_SHOWN])


def latest_entries() -> QuerySet[AuditEntry]:
    """Return the latest entries of the audit trail."""
    return AuditEntry.objects.select_related("actor", "content_type").order_by("-timestamp", "-id")


def _staff(user: User, today: date) -> list[Task]:
    return [
        _late(user),
        _asked(user),
        _custody(user, today),
        _returned(user),
        _feedback(user),
        *_to_submit(user, today),
        _applications(user),
        _objections(user),
        _answered(user),
        *_gaps(user, today),
        *_qualifications(user, today),
    ]


def _leader(user: User, today: date) -> list[Task]:
    return [
        _late(user),
        _asked(user),
        _custody(user, today),
        _returned(user),
        *_to_submit(user, today),
        _answered(user),
        _own_silence(user, today),
    ]


def _reviewer(user: User, today: date) -> list[Task]:
    return [
        _late(user),
        *review_tasks(user),
        _to_decide(user),
        _objections(user),
        _overdue_feedback(user),
        *_gaps(user, today),
    ]


def _admin(user: User, today: date) -> list[Task]:
    applied = Volunteer.objects.visible_to(user).filter(status=Volunteer.Status.APPLIED)
    return [
        _late(user),
        Task(
            applied.count(),
            _("applicants to admit"),
            _("Admit or reject those whom their townships have endorsed."),
            listed("volunteers:list", status=Volunteer.Status.APPLIED),
            "user-check",
            "warn",
        ),
        _applications(user),
        Task(
            locked_out_users().count(),
            _("accounts locked after failed sign-ins"),
            _("Choose the account and lift the lock-out, once you know that it was its owner."),
            listed("admin:accounts_user_changelist", locked="yes"),
            "lock",
            "bad",
        ),
        *_gaps(user, today),
        Task(
            Volunteer.objects.visible_to(user).free().count(),
            _("active volunteers in no team"),
            _("They can join a team that has a gap."),
            listed("volunteers:list", status="active", team="none"),
            "user-round-x",
        ),
        _to_publish(user),
    ]


def _applications(user: User) -> Task:
    return Task(
        Application.objects.visible_to(user).waiting().count(),
        _("applications that wait for the township"),
        _("Look at the conditions and at who is on record already; endorse, or reject with a reason."),
        listed("volunteers:application_list", state=Application.State.WAITING),
        "inbox",
        "warn",
    )


def _qualifications(user: User, today: date) -> list[Task]:
    """Count what has run out, and what will soon: services that need it are for its holders."""
    standing = Qualification.objects.visible_to(user).of_the_present()
    return [
        Task(
            standing.expired(today).count(),
            _("qualifications that have expired"),
            _("Ask the volunteer for the renewed certificate, or withdraw it."),
            listed("volunteers:qualification_list", state="expired"),
            "badge-x",
            "warn",
        ),
        Task(
            standing.expiring(today).count(),
            _("qualifications that run out soon"),
            _("Remind the volunteer to have the certificate renewed."),
            listed("volunteers:qualification_list", state="expiring"),
            "badge-check",
        ),
    ]


def _auditor(user: User, today: date) -> list[Task]:
    since = today - timedelta(days=AUDITED_DAYS)
    midnight = timezone.make_aware(datetime.combine(since, time()))
    seen = AuditEntry.objects.visible_to(user).filter(timestamp__gte=midnight)
    return [
        Task(
            seen.filter(event=event).count(),
            text % {"days": AUDITED_DAYS},
            _("Look whether each was needed."),
            listed("accounts:audit_list", event=event, since=since),
            icon,
        )
        for event, text, icon in (
            ("show_phone", _("phone numbers shown in %(days)s days"), "phone"),
            ("export_unmasked", _("lists taken along with phone numbers in %(days)s days"), "download"),
            ("download_evidence", _("downloads of evidence in %(days)s days"), "download"),
        )
    ]


TASKS: dict[Role, Callable[[User, date], list[Task]]] = {
    Role.TOWNSHIP_STAFF: _staff,
    Role.TEAM_LEADER: _leader,
    Role.REVIEWER: _reviewer,
    Role.ADMIN: _admin,
    Role.AUDITOR: _auditor,
}


def _to_accept(user: User) -> Task:
    """Ask everybody whose account is a volunteer's for what they have not accepted yet."""
    volunteer = Volunteer.objects.filter(user=user.pk).first()
    return Task(
        len(texts_to_accept(volunteer)) if volunteer is not None else 0,
        _("texts to read and accept"),
        _("What the programme asks of volunteers has a version that you have not accepted yet."),
        reverse("volunteers:text_accept"),
        "scroll-text",
        "warn",
    )


def _to_publish(user: User) -> Task:
    published = ProgrammeText.objects.published().values_list("kind", flat=True)
    return Task(
        len(set(ProgrammeText.Kind.values) - set(published)),
        _("texts that were never published"),
        _("Conditions, service standards and code of conduct: read the drafts, change and publish them."),
        reverse("volunteers:text_list"),
        "scroll-text",
    )


def _to_decide(user: User) -> Task:
    return Task(
        Correction.objects.visible_to(user).asked().count(),
        _("corrections to decide on"),
        _("A log of a read month is said to be wrong: original and correction stand side by side."),
        listed("services:correction_list", state=Correction.State.ASKED),
        "file-pen",
        "warn",
    )


def _objections(user: User) -> Task:
    return Task(
        Objection.objects.visible_to(user).waiting().count(),
        _("objections to answer"),
        _("Somebody objected to a notice. They read the answer by a link of their own."),
        listed("services:objection_list", state="waiting"),
        "message-circle-warning",
        "warn",
    )


def _feedback(user: User) -> Task:
    waiting = waiting_for(user)
    if waiting.overdue:
        advice = _("Overdue: %(count)s. The resident was told a day by which to read the answer.")
        advice %= {"count": waiting.overdue}
    else:
        advice = _("Praise, suggestions and complaints about volunteers. The first is to be answered by %(day)s.")
        advice %= {"day": date_format(waiting.first_due, "MONTH_DAY_FORMAT") if waiting.first_due else ""}
    return Task(
        waiting.count,
        _("residents' words to answer"),
        advice,
        listed("services:feedback_list", state="waiting"),
        "message-circle",
        "bad" if waiting.overdue else "warn",
    )


def _overdue_feedback(user: User) -> Task:
    return Task(
        waiting_for(user).overdue,
        _("residents' words that were not answered in time"),
        _("The township's office answers; ask what keeps it."),
        listed("services:feedback_list", state="overdue"),
        "message-circle-warning",
        "warn",
    )


def _answered(user: User) -> Task:
    return Task(
        Correction.objects.visible_to(user).answered_lately().filter(asked_by=user).count(),
        _("corrections answered in %(days)s days") % {"days": ANSWERED_DAYS},
        _("You asked for them. See what was granted or refused, and why."),
        listed("services:correction_list", mine="true", answered="true"),
        "file-check",
    )


def _late(user: User) -> Task:
    """Count what is late; for the city's offices, which townships are to mend first, what they were told of."""
    late = HelpRequest.objects.visible_to(user).overdue()
    if user.is_city_wide:
        return Task(
            late.filter(escalation=HelpRequest.Escalation.CITY).count(),
            _("late requests that the city was told of"),
            _("Their townships were told before. The board says why each waits and who has it."),
            listed("services:request_board", late="city"),
            "clock-alert",
            "bad",
        )
    return Task(
        late.count(),
        _("requests that are late"),
        _("A deadline has passed. The board says why each waits, and leads to where it is mended."),
        listed("services:request_board", late="late"),
        "clock-alert",
        "bad",
    )


def _asked(user: User) -> Task:
    return Task(
        open_requests(user).count(),
        _("requests that wait"),
        _("Somebody asked for help. Log the service when it is done, or close the request with the reason."),
        listed("services:request_list", state=HelpRequest.State.OPEN),
        "phone-call",
        "warn",
    )


def _custody(user: User, today: date) -> Task:
    out = CustodyItem.objects.visible_to(user).out().order_by()
    found = out.aggregate(count=Count("pk"), first=Min("received_at"))
    days = days_since(found["first"], today) if found["first"] else 0
    advice = _("Papers and money that residents handed over for errands. The longest: %(days)s days.")
    return Task(
        found["count"],
        _("things of residents in our hands"),
        advice % {"days": days},
        reverse("services:custody_list"),
        "hand",
        "warn" if days >= LONG_DAYS else "info",
    )


def _returned(user: User) -> Task:
    return Task(
        returned_reports(user).count(),
        _("returned months to put right"),
        _("The reviewer's remarks stand beside the logs. Correct them and submit the month again."),
        listed("services:report_list", state=State.RETURNED, unsettled="true"),
        "undo-2",
        "bad",
    )


def _to_submit(user: User, today: date) -> list[Task]:
    """One task a month: its list holds just these reports."""
    months = (
        unsettled(MonthlyReport.objects.visible_to(user))
        .filter(state=State.OPEN, month__lt=today.replace(day=1))
        .order_by("month")
        .values_list("month")
        .annotate(Count("pk"))
    )
    return [
        Task(
            count,
            _("months to submit: %(month)s") % {"month": date_format(month, "YEAR_MONTH_FORMAT")},
            _("The month is over: check the logs and submit it."),
            listed("services:report_list", state=State.OPEN, month=f"{month:%Y-%m}"),
            "send",
            "warn",
        )
        for month, count in months
    ]


def _silent(user: User, teams: TeamQuerySet, today: date) -> Task:
    count, longest = silence_of(teams, today)
    days = silent_after(user)
    advice = _("Ask whether they need anything, or whether paper logs are still on a desk. The longest: %(days)s days.")
    return Task(
        count,
        _("teams without a service in %(days)s days") % {"days": days}
        if days
        else _("teams without a service for as long as their township has it"),
        advice % {"days": longest},
        reverse("services:silent_list"),
        "bell-off",
        "warn",
    )


def _own_silence(user: User, today: date) -> Task:
    count, longest = silence_of(Team.objects.visible_to(user), today)
    return Task(
        count,
        _("your team has logged no service for %(days)s days") % {"days": longest},
        _("If the team was out, log it now; a log is not refused because it comes late."),
        reverse("services:silent_list"),
        "bell-off",
        "warn",
    )


def _gaps(user: User, today: date) -> list[Task]:
    teams = Team.objects.visible_to(user)
    return [
        _silent(user, teams, today),
        Task(
            Grid.objects.visible_to(user).uncovered().count(),
            _("grids without an active team"),
            _("Form a team, or complete the one that is forming."),
            reverse("services:uncovered_list"),
            "map-pin-off",
            "warn",
        ),
        Task(
            teams.filter(state=Team.State.FORMING).count(),
            _("teams still forming"),
            _("Their pages say who is missing."),
            listed("grids:team_list", state=Team.State.FORMING),
            "users",
        ),
    ]
