"""Monthly reports and comments in the admin site: looked up there, changed on the pages of those who submit and review.

An administrator neither submits nor reviews (``accounts.rights``), so there is nothing to press here.
"""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin import ReadOnlyAdmin
from services.models import LogComment, MonthlyReport, ReportContributor


@admin.register(MonthlyReport)
class MonthlyReportAdmin(ReadOnlyAdmin):
    """Finds a team's month, and says who submitted and who reviewed it."""

    list_display = ("month_text", "team", "township", "state", "submitted_by", "reviewed_by", "times_returned")
    list_filter = ("state", "township")
    list_select_related = ("team", "township", "submitted_by", "reviewed_by")
    search_fields = ("team__name",)
    ordering = ("-month", "-id")
    fields = (
        "month_text",
        "team",
        "township",
        "state",
        "submitted_by",
        "submitted_at",
        "reviewed_by",
        "reviewed_at",
        "remark",
        "times_returned",
    )

    @admin.display(description=_("month"), ordering="month")
    def month_text(self, report: MonthlyReport) -> str:
        """Show the month without its first day."""
        return f"{report.month:%Y-%m}"


@admin.register(LogComment)
class LogCommentAdmin(ReadOnlyAdmin):
    """Finds what reviewers said."""

    list_display = ("at", "by", "log", "text")
    search_fields = ("text", "by__name")
    fields = ("at", "by", "log", "text")

    def get_queryset(self, request: HttpRequest) -> QuerySet[LogComment]:
        """Bring the logs and people along."""
        return super().get_queryset(request).select_related("log", "by")


@admin.register(ReportContributor)
class ReportContributorAdmin(ReadOnlyAdmin):
    """Finds who had a part in a month, and so may not review it."""

    list_display = ("report", "user")
    search_fields = ("report__team__name", "user__name")
    fields = ("report", "user")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReportContributor]:
        """Bring the months and people along."""
        return super().get_queryset(request).select_related("report__team", "user")
