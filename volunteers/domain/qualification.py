"""A qualification is added, renewed by the next one, or withdrawn with a reason."""

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event
from accounts.models import User
from common.rules import RuleBroken, constraint_named
from volunteers.models import Qualification, Volunteer
from volunteers.models.qualification import NEVER, TEXT_LIMITS

State = Qualification.State


@event
def add_qualification(
    volunteer: Volunteer,
    *,
    kind: str,
    title: str,
    number: str = "",
    issuer: str = "",
    issued_on: date,
    expires_on: date | None = None,
    by: User,
) -> Qualification:
    """Put a qualification on the volunteer's record; ``expires_on`` is its last day, None where it has none."""
    return _add(
        volunteer,
        {"kind": kind, "title": title, "number": number, "issuer": issuer},
        issued_on=issued_on,
        expires_on=expires_on or NEVER,
        by=by,
    )


@event
def renew_qualification(
    old: Qualification,
    *,
    number: str = "",
    issued_on: date,
    expires_on: date | None = None,
    version: int | None = None,
    by: User,
) -> Qualification:
    """Put the next one in the place of ``old``, which stays on record as renewed."""
    old = Qualification.locked(old.pk, version=version)
    _refuse_ended(old)
    expires = expires_on or NEVER
    if expires <= old.expires_on:
        raise RuleBroken(_("The renewed one is valid longer than the old one. Check its last day."), field="expires_on")
    old.state = State.RENEWED
    old.save()
    what = {"kind": old.kind, "title": old.title, "number": number or old.number, "issuer": old.issuer}
    return _add(old.volunteer, what, issued_on=issued_on, expires_on=expires, renews=old, by=by)


@event
def withdraw_qualification(
    qualification: Qualification, *, reason: str, version: int | None = None, by: User
) -> Qualification:
    """Take a qualification off, with the reason: entered by mistake, or taken away by its issuer."""
    reason = reason.strip()
    if not reason:
        raise RuleBroken(_("Say why."), field="reason")
    if len(reason) > TEXT_LIMITS["withdrawn_reason"]:
        raise RuleBroken(
            _("At most %(limit)s characters.") % {"limit": TEXT_LIMITS["withdrawn_reason"]}, field="reason"
        )
    locked = Qualification.locked(qualification.pk, version=version)
    _refuse_ended(locked)
    locked.state, locked.withdrawn_by = State.WITHDRAWN, by
    locked.withdrawn_at, locked.withdrawn_reason = timezone.now(), reason
    locked.save()
    return locked


def _add(
    volunteer: Volunteer,
    what: dict[str, Any],
    *,
    issued_on: date,
    expires_on: date,
    renews: Qualification | None = None,
    by: User,
) -> Qualification:
    if issued_on > timezone.localdate():
        raise RuleBroken(_("This day lies in the future. Enter it when it has come."), field="issued_on")
    if issued_on <= volunteer.birth_date:
        raise RuleBroken(_("This lies before the volunteer was born. Check the year."), field="issued_on")
    if expires_on <= issued_on:
        raise RuleBroken(_("The last day lies after the day of issue. Check both."), field="expires_on")
    qualification = Qualification(
        volunteer=volunteer, issued_on=issued_on, expires_on=expires_on, renews=renews, added_by=by, **what
    )
    qualification.full_clean(validate_constraints=False, validate_unique=False)
    there = RuleBroken(
        _("This certificate is on record already. Renew that one, or withdraw it if it is wrong."), field="number"
    )
    if Qualification.objects.standing().filter(volunteer=volunteer, **_same(what)).exists():
        raise there
    # SQLite names the columns of a unique index, PostgreSQL its name.
    with (
        constraint_named("qualification_once", there),
        constraint_named("volunteers_qualification.volunteer_id", there),
    ):
        qualification.save()
    return qualification


def _same(what: dict[str, Any]) -> dict[str, Any]:
    return {name: what[name] for name in ("kind", "title", "number")}


def _refuse_ended(qualification: Qualification) -> None:
    if not qualification.is_standing:
        raise RuleBroken(
            _("This qualification is “%(state)s” already; there is nothing left to do with it.")
            % {"state": qualification.get_state_display()}
        )
