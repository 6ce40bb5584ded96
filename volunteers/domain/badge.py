"""What happens to badges: issued, one a volunteer at a time; replaced, lost, revoked; and found by their code."""

from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.db.models import Max
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from accounts.audit import event, record
from accounts.duties import require_duty
from accounts.models import AuditEntry, User
from areas.models import TownshipSettings
from common.rules import RuleBroken, constraint_named
from volunteers.badge_code import (
    SHORT,
    code_of,
    hash_of,
    hashes_of,
    new_code,
    number_of,
    read_number,
    read_short_code,
)
from volunteers.domain.volunteer import refuse_merged, required_reason
from volunteers.models import Badge, Volunteer
from volunteers.models.badge import MOST_ISSUES

State = Badge.State
# A township has some eight hundred volunteers; the city does it in several goes.
MOST_AT_ONCE = 3_000


def find_badge(code: str) -> Badge | None:
    """Return the badge that a code belongs to, with its volunteer and township; None for a wrong one.

    Whether somebody may try at all is for the caller to ask (``common.throttle``).
    """
    hashes = hashes_of(code)
    if not hashes:
        return None
    return Badge.objects.select_related("volunteer__township").filter(code_hash__in=hashes).first()


def find_by_number(number: str, short_code: str) -> Badge | None:
    """Return the badge with this number, if the short code printed beside it is right."""
    number, signs = read_number(number), read_short_code(short_code)
    if not number or not signs:
        return None
    badge = Badge.objects.select_related("volunteer__township").filter(number=number).first()
    known = code_of(badge) if badge else new_code(number)  # the same work whether there is such a badge or not
    is_right = constant_time_compare(known[:SHORT], signs)
    return badge if is_right else None


def expiry_from(day: date) -> date:
    """Return until when a badge issued on ``day`` is valid: the end of a year, ``BADGE_YEARS`` after that one."""
    return date(day.year + settings.BADGE_YEARS, 12, 31)


@event
def issue_badge(volunteer: Volunteer, *, by: User) -> Badge:
    """Give a volunteer who serves and has no badge one: the first, or another after one that was lost or revoked."""
    _locked([volunteer.pk])
    volunteer = Volunteer.objects.get(pk=volunteer.pk)
    require_duty("uses_badges", volunteer.township_id)
    _refuse_away(volunteer)
    standing = volunteer.badges.issued().first()
    if standing is not None:
        raise RuleBroken(
            _("%(name)s has the badge %(number)s. Re-issue it if another one is needed: the old one is void then.")
            % {"name": volunteer.name, "number": standing.number}
        )
    [badge] = _made([volunteer], by)
    with constraint_named("badge_one_issued_per_volunteer", _issued_meanwhile()):
        badge.save(force_insert=True)
    return badge


@event
def reissue_badge(badge: Badge, *, reason: str, by: User) -> Badge:
    """Put a new badge in the place of one that stands, which is void from this moment on."""
    reason = required_reason(reason)
    badge = _locked_badge(badge)
    require_duty("uses_badges", badge.volunteer.township_id)
    _refuse_away(badge.volunteer)
    [new] = _made([badge.volunteer], by)
    _end(badge, State.REPLACED, reason)
    new.save(force_insert=True)
    return new


@event
def report_lost(badge: Badge, *, reason: str, by: User) -> Badge:
    """Void a badge that is lost, for good: if it turns up, it is still void."""
    return _end(_locked_badge(badge), State.LOST, required_reason(reason))


@event
def revoke_badge(badge: Badge, *, reason: str, by: User) -> Badge:
    """Void a badge, for good."""
    return _end(_locked_badge(badge), State.REVOKED, required_reason(reason))


@event
def issue_badges(volunteers: Iterable[int], *, by: User) -> list[Badge]:
    """Give each of the volunteers (keys) a badge who serves and has none that is good beyond the next days.

    One that expires soon is replaced. Whoever has a good one, does not serve or belongs to a township without badges is
    left out: sending the same list twice issues nothing twice.
    """
    wanted = set(volunteers)
    if len(wanted) > MOST_AT_ONCE:
        raise RuleBroken(
            _("At most %(most)s badges are issued at a time. Choose fewer, by township for instance.")
            % {"most": MOST_AT_ONCE}
        )
    pks = _locked(wanted)
    last_day = timezone.localdate() + settings.BADGE_EXPIRES_SOON
    have = Badge.objects.issued().filter(volunteer__in=pks, valid_until__gt=last_day)
    needing = Volunteer.objects.active().filter(pk__in=pks).exclude(pk__in=have.values("volunteer")).order_by("pk")
    needing = needing.filter(TownshipSettings.by_township().taking_part("uses_badges"))
    new = _made(list(needing), by)
    expiring = list(Badge.objects.issued().filter(volunteer__in=[badge.volunteer_id for badge in new]))
    now = timezone.now()
    reason = _("Expires soon; replaced together with others.")
    Badge.objects.filter(pk__in=[badge.pk for badge in expiring]).update(
        state=State.REPLACED, ended_at=now, reason=reason
    )
    record(
        expiring,
        AuditEntry.Action.UPDATE,
        {"state": (State.ISSUED, State.REPLACED), "ended_at": ("None", str(now)), "reason": ("", reason)},
    )
    with constraint_named("badge_one_issued_per_volunteer", _issued_meanwhile()):
        Badge.objects.bulk_create(new)
    record(new, AuditEntry.Action.CREATE)
    return new


def _made(volunteers: list[Volunteer], by: User) -> list[Badge]:
    """Return the next badge of each, not yet saved; the volunteers are locked."""
    lasts = dict(
        Badge.objects.filter(volunteer__in=volunteers).order_by().values_list("volunteer").annotate(Max("issue"))
    )
    today = timezone.localdate()
    badges = []
    for volunteer in volunteers:
        issue = lasts.get(volunteer.pk, 0) + 1
        if issue > MOST_ISSUES:
            raise RuleBroken(
                _("%(name)s has had %(most)s badges, as many as the number has room for. Leave them out.")
                % {"name": volunteer.name, "most": MOST_ISSUES}
            )
        number = number_of(volunteer.number, issue)
        badges.append(
            Badge(
                volunteer=volunteer,
                issue=issue,
                number=number,
                code_hash=hash_of(new_code(number)),
                issued_on=today,
                issued_by=by,
                valid_until=expiry_from(today),
            )
        )
    return badges


def _end(badge: Badge, state: str, reason: str) -> Badge:
    badge.state, badge.reason, badge.ended_at = state, reason, timezone.now()
    badge.save(update_fields=["state", "reason", "ended_at"])
    return badge


def _locked(volunteers: Iterable[int]) -> list[int]:
    """Lock the volunteers, in the order of their keys; return the keys of those who are there."""
    rows = Volunteer.objects.filter(pk__in=set(volunteers)).select_for_update(of=("self",), no_key=True)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _locked_badge(badge: Badge) -> Badge:
    """Lock the badge's volunteer, and return the badge as it is then; refuses one that has ended."""
    _locked([badge.volunteer_id])
    badge = Badge.objects.select_related("volunteer").get(pk=badge.pk)
    if badge.state != State.ISSUED:
        raise RuleBroken(
            _("The badge %(number)s is void already (%(state)s). Look at the volunteer's latest badge.")
            % {"number": badge.number, "state": badge.get_state_display()}
        )
    return badge


def _refuse_away(volunteer: Volunteer) -> None:
    refuse_merged(volunteer)
    if volunteer.status != Volunteer.Status.ACTIVE:
        raise RuleBroken(
            _("%(name)s is “%(status)s”. Badges are for volunteers who serve: take them back first.")
            % {"name": volunteer.name, "status": volunteer.get_status_display()}
        )


def _issued_meanwhile() -> RuleBroken:
    return RuleBroken(_("Somebody else has issued a badge at this moment. Open the page anew to see it."))
