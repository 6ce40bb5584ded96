"""What of the services stays where it was made when a township is merged into another, and what goes on there.

Receiver of ``grids.hooks.township_merging``, connected by ``ServicesConfig.ready``.
"""

from typing import Any

from django.utils.translation import gettext as _

from areas.models import Township, TownshipSettings
from grids.domain.merge_lines import Line, counted
from grids.hooks import township_merging
from services.domain import duty
from services.models import (
    Certificate,
    Evidence,
    Feedback,
    HelpRequest,
    LogImport,
    MonthlyReport,
    Notice,
    ServiceLog,
)


def follow(
    sender: Any,
    ended: Township,
    kept: Township,
    *,
    is_preview: bool = False,
    is_refused: bool = False,
    **_unused: Any,
) -> list[Any]:
    """Say what stays, or what stands in the way; else move the spreadsheets that have not been taken in yet.

    Months that nobody has to hand in any more, or somebody has to again, are those of the township that stays.
    """
    if is_preview:
        return _stays(ended)
    imports = LogImport.objects.filter(township=ended)
    if is_refused:
        running = imports.filter(state=LogImport.State.RUNNING).exists()
        text = _("A spreadsheet of logs is being imported. Wait until it is done, and merge then.")
        return [text] if running else []
    imports.filter(state=LogImport.State.CHECKED).update(township=kept)
    kept_logs, keeps_logs = (TownshipSettings.of(place.pk).uses_logs for place in (ended, kept))
    if kept_logs != keeps_logs:
        # What the other township has holds from now on, for this month as well.
        duty.follow(sender, ended, duty.LOGS, is_on=keeps_logs)
    return []


def _stays(ended: Township) -> list[Line]:
    reports = MonthlyReport.objects.filter(township=ended)
    requests = HelpRequest.objects.filter(township=ended)
    reached = _("The other township's offices go on with them.")
    return counted(
        [
            (_("Monthly reports that have been read"), reports.filter(state=MonthlyReport.State.READ).count(), ""),
            (_("Monthly reports that are not read yet"), reports.unread().count(), reached),
            (_("Service logs"), ServiceLog.objects.filter(township=ended).count(), ""),
            (_("Requests that wait"), requests.open().count(), reached),
            (_("Requests that were closed"), requests.exclude(state=HelpRequest.State.OPEN).count(), ""),
            (_("Residents' words"), Feedback.objects.filter(township=ended).count(), reached),
            (_("Certificates"), Certificate.objects.filter(township=ended).count(), ""),
            (_("Notices"), Notice.objects.filter(township=ended).count(), ""),
            (
                _("Evidence of scored years"),
                Evidence.objects.filter(township=ended).count(),
                _("Frozen: nothing of it ever changes."),
            ),
        ]
    )


def connect() -> None:
    """Listen to what happens to townships."""
    township_merging.connect(follow, dispatch_uid="services.follow_townships")
