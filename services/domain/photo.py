"""Photos are added to a log that was written before, or taken away from it, while its month takes logs.

Lock order: rounds, team, reports by key, as for every change of a log.
"""

from uuid import UUID

from accounts.audit import event
from accounts.models import User
from services.domain.album import attach, take_away
from services.domain.flag_photos import renew_photo_flag, standing_for
from services.domain.log import held_for_change
from services.models import LogPhoto, ReportContributor, ServiceLog


@event
def add_photos(log: ServiceLog, *, form_key: UUID, by: User) -> int:
    """Make the photos that wait for the form part of the log; return how many those were."""
    log, reports = held_for_change(log)
    added = attach(log, form_key, by=by)
    ReportContributor.note(reports, by)
    return added


@event
def remove_photo(photo: LogPhoto, *, by: User) -> None:
    """Take one photo away from its log for good; done twice, it is done once.

    The photo of a log that was corrected can be taken away as long as what stands in its place takes changes.
    """
    assert photo.log is not None  # noqa: S101 (what waits is discarded with its form)
    log, standing = photo.log, photo.log
    if log.is_withdrawn and log.pk in (after := standing_for([log.pk])):
        standing = ServiceLog.objects.get(pk=after[log.pk])
    standing, reports = held_for_change(standing)
    if log.report_id not in {report.pk for report in reports}:  # what stands has moved to another month
        held_for_change(log)
    take_away(log, {photo.pk}, by=by)
    renew_photo_flag(standing)
    ReportContributor.note(reports, by)
