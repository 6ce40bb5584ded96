"""Photos are added to a log that was written before, or taken away from it, while its month takes logs.

Lock order: rounds, team, reports by key, as for every change of a log.
"""

from uuid import UUID

from accounts.audit import event
from accounts.models import User
from services.domain.album import attach, take_away
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
    """Take one photo away from its log for good; done twice, it is done once."""
    assert photo.log is not None  # noqa: S101 (what waits is discarded with its form)
    log, reports = held_for_change(photo.log)
    take_away(log, {photo.pk}, by=by)
    ReportContributor.note(reports, by)
