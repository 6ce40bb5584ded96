"""A volunteer moves to another township: leaves the team there, and belongs to the new one's office from then on.

What was done before stays with the team and the township where it was done.
"""

from datetime import date

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.audit import event
from accounts.models import User
from areas.models import Village
from common.rules import RuleBroken
from volunteers.domain.volunteer import (
    Status,
    locked_volunteer,
    refuse_elsewhere,
    refuse_merged,
    required_reason,
)
from volunteers.hooks import volunteer_changed
from volunteers.models import Move, Volunteer

# Who can move: whoever is in the programme, or has applied at the wrong place.
MOVABLE = frozenset({Status.APPLIED, Status.ACTIVE, Status.SUSPENDED})


@event
def move_township(
    volunteer: Volunteer, *, village: Village, on: date, reason: str, version: int | None = None, by: User
) -> Volunteer:
    """Move a volunteer into a village of another township; whoever is in a team leaves it on that day.

    The township that they leave says so, or an administrator. An account of the old township's is taken off the record.
    Raises ``RuleBroken`` for a day before the last service with the team, ``SavedMeanwhile`` for an old ``version``.
    """
    reason = required_reason(reason)
    moving = locked_volunteer(volunteer.pk, version=version)
    before = Volunteer.objects.select_related("user").get(pk=volunteer.pk)
    refuse_elsewhere(before, by)
    refuse_merged(before)
    _check(before, village, on)
    moving.village, moving.township, moving.moved_on = village, village.township, on
    if moving.status == Status.APPLIED:
        # The township that they come to has its own word on an applicant.
        moving.endorsed_on = moving.endorsed_by = None
    told = []
    if before.user is not None and before.user.township_id is not None:
        moving.user = None
        told.append(_("The account %(account)s is no longer theirs.") % {"account": before.user.username})
    moving.save()
    moving.former_homes.all().delete()
    Move.objects.create(
        volunteer=moving,
        from_township_id=before.township_id,
        from_village_id=before.village_id,
        to_township_id=village.township_id,
        to_village=village,
        on=on,
        reason=reason,
        by=by,
    )
    answers = volunteer_changed.send(Volunteer, before=before, volunteer=moving, by=by)
    moving.consequences = [*(answer for _receiver, answer in answers if answer), *told]
    return moving


def consequences_of(volunteer: Volunteer) -> list[str]:
    """Say what a move will bring, before it is done."""
    told = [
        _("They leave %(team)s; if it lacks somebody then, it is forming again.") % {"team": membership.team}
        for membership in volunteer.memberships.filter(left_on__isnull=True).select_related("team")
    ]
    if volunteer.user is not None and volunteer.user.township_id is not None:
        told.append(_("The account %(account)s is taken off the record.") % {"account": volunteer.user.username})
    return [
        *told,
        _("Services stay with the team and township where they were done, and count as before."),
        _("From then on the other township's office keeps the record."),
    ]


def _check(before: Volunteer, village: Village, on: date) -> None:
    if before.status not in MOVABLE:
        raise RuleBroken(
            _("%(name)s is “%(status)s” and does not move. Reinstate them first.")
            % {"name": before.name, "status": before.get_status_display()}
        )
    if village.township_id == before.township_id:
        raise RuleBroken(
            _("This village is in the same township. Change the home village on the form of the record instead."),
            field="village",
        )
    if on > timezone.localdate():
        raise RuleBroken(_("This day lies in the future. Enter it when it has come."), field="on")
    last = before.moves.order_by("-on").values_list("on", flat=True).first()
    first = max(day for day in (before.joined_on, last) if day is not None)
    if on < first:
        raise RuleBroken(
            _("This volunteer joined, or moved last, on %(day)s. Enter that day or a later one.")
            % {"day": date_format(first)},
            field="on",
        )
