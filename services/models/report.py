"""月报: a team's month, read by the organisation office."""

from collections.abc import Iterable
from datetime import date
from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import Role
from areas.models import Township
from common.models import Versioned, length_checks
from grids.models import Team


class MonthlyReportQuerySet(models.QuerySet["MonthlyReport"]):
    """Reports, the latest month first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the user's township, and for a team leader to the teams that they lead."""
        if user.role == Role.TEAM_LEADER:
            return self.filter(team__in=Team.objects.visible_to(user))
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.filter(township__in=user.township_ids)

    def in_month(self, month: date) -> Self:
        """Keep the reports of the month that begins on ``month``."""
        return self.filter(month=month)

    def expected(self) -> Self:
        """Keep the reports that somebody waits for: not those of months in which their township kept no logs."""
        return self.filter(waived_on__isnull=True)

    def unread(self) -> Self:
        """Keep the expected reports that have not been read."""
        return self.expected().exclude(state=MonthlyReport.State.READ)


class MonthlyReport(Versioned):
    """One per active team and month, also without services. Once read, its logs do not change, on any path."""

    class State(models.TextChoices):
        """Where a report stands."""

        OPEN = "open", _("Open")
        SUBMITTED = "submitted", _("Submitted")
        READ = "read", _("Read")
        RETURNED = "returned", _("Returned")

    # The allowed steps: from which states each leads where. Reopening needs a reason, and a year that is not frozen.
    STEPS = {
        "submit": ({State.OPEN, State.RETURNED}, State.SUBMITTED),
        "read": ({State.SUBMITTED}, State.READ),
        "return": ({State.SUBMITTED}, State.RETURNED),
        "reopen": ({State.READ}, State.RETURNED),
    }

    team = models.ForeignKey(Team, verbose_name=_("team"), on_delete=models.PROTECT, related_name="reports")
    township = models.ForeignKey(
        Township,
        verbose_name=_("township"),
        on_delete=models.PROTECT,
        related_name="reports",
        editable=False,
        help_text=_("The team's when the month began."),
    )
    month = models.DateField(_("month"), help_text=_("The first day of the month."))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN, editable=False)
    submitted_by = models.ForeignKey(
        User,
        verbose_name=_("submitted by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True, editable=False)
    reviewed_by = models.ForeignKey(
        User,
        verbose_name=_("reviewed by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Who read it, or returned it last."),
    )
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True, editable=False)
    remark = models.CharField(
        _("remark"), max_length=300, blank=True, editable=False, help_text=_("Why it was returned or reopened.")
    )
    times_returned = models.PositiveSmallIntegerField(_("times returned"), default=0, editable=False)

    waived_on = models.DateField(
        _("not expected since"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("The township stopped keeping logs before anything was recorded for this month."),
    )

    objects = MonthlyReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("monthly report")
        verbose_name_plural = _("monthly reports")
        ordering = ("-month", "team")
        indexes = [models.Index(fields=["township", "month", "state"], name="report_in_township_month")]
        constraints = [
            models.UniqueConstraint(name="report_one_per_team_month", fields=["team", "month"]),
            models.CheckConstraint(name="report_month_first_day", condition=models.Q(month__day=1)),
            models.CheckConstraint(
                name="report_state_known",
                condition=models.Q(state="open")
                | models.Q(state="submitted", submitted_by__isnull=False, submitted_at__isnull=False)
                | models.Q(
                    state__in=["read", "returned"],
                    submitted_by__isnull=False,
                    submitted_at__isnull=False,
                    reviewed_by__isnull=False,
                    reviewed_at__isnull=False,
                ),
            ),
            # Nobody reads what they submitted. What else they contributed, a trigger refuses (``ReportContributor``);
            # whether they took part is checked under the lock.
            models.CheckConstraint(
                name="report_reader_not_submitter",
                condition=~models.Q(state="read") | ~models.Q(reviewed_by=models.F("submitted_by")),
            ),
            *length_checks("report", {"remark": 300}),
        ]

    def __str__(self) -> str:
        return f"{self.team} {self.month:%Y-%m}"

    def get_absolute_url(self) -> str:
        """Return the address of the report's page."""
        return reverse("services:report_detail", args=[self.pk])

    def allows(self, step: str) -> bool:
        """Whether ``step``, a key of ``STEPS``, may be taken from the present state."""
        return self.state in self.STEPS[step][0]

    @property
    def is_expected(self) -> bool:
        """Whether somebody waits for it."""
        return self.waived_on is None

    @property
    def is_locked(self) -> bool:
        """Whether its logs may no longer change."""
        return self.state == self.State.READ

    @property
    def takes_logs(self) -> bool:
        """Whether logs may be written into it: before it is submitted, and again when it was returned."""
        return self.state in (self.State.OPEN, self.State.RETURNED)


class ReportContributor(models.Model):
    """Somebody who recorded, changed or withdrew a log of the month, or submitted it, once or ever: not its reviewer.

    The report and its logs name the last one only. Append-only: a trigger refuses to change or delete a row.
    """

    report = models.ForeignKey(
        MonthlyReport, verbose_name=_("monthly report"), on_delete=models.PROTECT, related_name="contributors"
    )
    user = models.ForeignKey(User, verbose_name=_("user"), on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("contributor to a month")
        verbose_name_plural = _("contributors to months")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(name="contributor_once_per_report", fields=["report", "user"]),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.report}"

    @staticmethod
    def note(reports: Iterable[MonthlyReport], user: User) -> None:
        """Remember that ``user`` has a part in the ``reports``, locked by the event that is at work on them."""
        rows = [ReportContributor(report=report, user=user) for report in reports]
        ReportContributor.objects.bulk_create(rows, ignore_conflicts=True)

    @staticmethod
    def carry_over(former: MonthlyReport, report: MonthlyReport) -> None:
        """Let a log that moves from ``former`` to ``report`` bring along whoever may have had a hand in it."""
        users = ReportContributor.objects.filter(report=former).values_list("user", flat=True)
        rows = [ReportContributor(report=report, user_id=user) for user in users]
        ReportContributor.objects.bulk_create(rows, ignore_conflicts=True)


# Who contributed how is in the trail already, with the log or the report that they wrote.
auditlog.register(MonthlyReport, exclude_fields=["version"])
