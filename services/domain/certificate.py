"""A service record certificate (志愿服务记录证明) is issued, issued anew after a correction, and revoked.

志愿服务条例 (State Council Decree 685) Art. 19: whoever recorded the services gives the certificate to the volunteer
who needs it, free of charge and true to the records; the form follows Order 67 of the Ministry of Civil Affairs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Max, Q, Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from common.hours import hours
from common.one_at_a_time import wait_for_turn
from common.pdf import refuse_missing_glyphs
from common.rules import RuleBroken
from services.models import Certificate, Participation
from volunteers.domain.volunteer import required_reason
from volunteers.models import Volunteer

# Any number that nothing else locks with: one certificate at a time takes a number.
ADVISORY_LOCK = 330_382_002
PRINTED = ("office", "head", "handler", "contact")


@dataclass(frozen=True)
class Figures:
    """What the records say of a volunteer's services in a period: counted ones, and those of months not read yet."""

    services: int = 0
    minutes: int = 0
    categories: tuple[tuple[str, int, int], ...] = ()
    waiting_services: int = 0
    waiting_minutes: int = 0


def figures_of(volunteer: Volunteer, starts_on: date, ends_on: date) -> Figures:
    """Return the figures of the days from ``starts_on`` to ``ends_on``, also of records merged into this one."""
    parts = Participation.objects.standing().filter(
        Q(volunteer=volunteer) | Q(volunteer__merged_into=volunteer), date__range=(starts_on, ends_on)
    )
    rows = (
        parts.order_by()
        .values("log__category__name", "counted")
        .annotate(services=Count("pk"), total=Sum("minutes"))
        .values_list("log__category__name", "counted", "services", "total")
    )
    counted = sorted(
        ((name, services, minutes) for name, is_counted, services, minutes in rows if is_counted),
        key=lambda row: (-row[2], row[0]),
    )
    waiting = [(services, minutes) for _name, is_counted, services, minutes in rows if not is_counted]
    return Figures(
        services=sum(row[1] for row in counted),
        minutes=sum(row[2] for row in counted),
        categories=tuple(counted),
        waiting_services=sum(services for services, _minutes in waiting),
        waiting_minutes=sum(minutes for _services, minutes in waiting),
    )


def present_figures(certificate: Certificate) -> Figures:
    """Return what the records say today of the certificate's period."""
    return figures_of(certificate.volunteer, certificate.starts_on, certificate.ends_on)


def differs(certificate: Certificate, figures: Figures) -> bool:
    """Whether the certified figures are not those of the records any more: a correction, or a month read since."""
    return (certificate.minutes, certificate.services, _rows(certificate.categories)) != (
        figures.minutes,
        figures.services,
        _rows(figures.categories),
    )


def remembered(volunteer: Volunteer, by: User) -> dict[str, str]:
    """Return what this office last printed beside its name: nobody types it twice."""
    last = Certificate.objects.filter(issued_by__township=by.township_id, issued_by__role=by.role)
    if by.is_city_wide:
        last = last.filter(issued_by=by)
    found = last.order_by("-id").values(*PRINTED).first()
    if found is None:
        office = volunteer.township.name if by.township_id else ""
        found = {"office": office, "head": "", "contact": ""}
    return {**found, "handler": by.name}


@event
def issue_certificate(
    volunteer: Volunteer,
    *,
    key: UUID,
    starts_on: date,
    ends_on: date,
    office: str,
    head: str,
    handler: str,
    contact: str,
    with_id_number: bool = False,
    supersedes: Certificate | None = None,
    by: User,
) -> Certificate:
    """Issue a certificate for the days from ``starts_on`` to ``ends_on``; the same form sent twice makes one.

    With ``supersedes`` it takes the place of that one, which is shown as superseded from then on.
    """
    printed = {"office": office, "head": head, "handler": handler, "contact": contact}
    _check(volunteer, starts_on, ends_on, printed)
    wait_for_turn(ADVISORY_LOCK)
    if (sent_before := Certificate.objects.filter(key=key, issued_by=by).first()) is not None:
        return sent_before
    if supersedes is not None:
        supersedes = _supersedable(supersedes, volunteer)
    figures = figures_of(volunteer, starts_on, ends_on)
    if not figures.services:
        raise _nothing_to_certify(figures)
    today = timezone.localdate()
    last = Certificate.objects.filter(year=today.year).aggregate(Max("serial"))["serial__max"] or 0
    return Certificate.objects.create(
        key=key,
        year=today.year,
        serial=last + 1,
        number=f"{settings.CERTIFICATE_PREFIX}〔{today.year}〕{last + 1:06}",
        volunteer=volunteer,
        name=volunteer.name,
        volunteer_number=volunteer.number,
        gender=volunteer.gender,
        with_id_number=with_id_number,
        township=volunteer.township,
        starts_on=starts_on,
        ends_on=ends_on,
        minutes=figures.minutes,
        services=figures.services,
        categories=[list(row) for row in figures.categories],
        waiting_minutes=figures.waiting_minutes,
        waiting_services=figures.waiting_services,
        issued_on=today,
        issued_by=by,
        supersedes=supersedes,
        **printed,
    )


@event
def revoke_certificate(certificate: Certificate, *, reason: str, by: User) -> Certificate:
    """Take a certificate back, with the reason; whoever checks it reads that it is not valid. Once, for good."""
    reason = required_reason(reason)
    now = timezone.now()
    standing = Certificate.objects.filter(pk=certificate.pk, revoked_at__isnull=True)
    if not standing.update(revoked_at=now, revoked_by=by, revoked_reason=reason):
        raise RuleBroken(_("This certificate was revoked already."))
    changes = {"revoked_at": (None, str(now)), "revoked_by": (None, str(by.pk)), "revoked_reason": ("", reason)}
    record([certificate], AuditEntry.Action.UPDATE, changes)
    certificate.refresh_from_db()
    return certificate


@event
def print_certificate(certificate: Certificate, *, by: User) -> Certificate:
    """Note who printed it; a revoked or superseded one is not printed any more."""
    if certificate.standing != Certificate.Standing.VALID:
        raise RuleBroken(
            _("This certificate is “%(standing)s” and is not printed any more. Issue a new one.")
            % {"standing": certificate.standing.label}
        )
    printed = {"with the ID number": ("", "True")} if certificate.with_id_number else {}
    record([certificate], AuditEntry.Action.ACCESS, printed)
    return certificate


def _check(volunteer: Volunteer, starts_on: date, ends_on: date, printed: dict[str, str]) -> None:
    if volunteer.merged_into is not None:
        raise RuleBroken(
            _("This record was given up. Issue the certificate from the record %(number)s.")
            % {"number": volunteer.merged_into.number}
        )
    if ends_on > timezone.localdate():
        raise RuleBroken(_("This day lies in the future. A certificate ends today at the latest."), field="ends_on")
    if starts_on > ends_on:
        raise RuleBroken(_("The last day lies before the first. Check both."), field="ends_on")
    for name, text in printed.items():
        if not text.strip():
            raise RuleBroken(_("This is printed on the certificate. Fill it in."), field=name)
    refuse_missing_glyphs({str(volunteer): volunteer.name, _("This form"): "".join(printed.values())})


def _supersedable(old: Certificate, volunteer: Volunteer) -> Certificate:
    old = Certificate.objects.select_related("successor").get(pk=old.pk)
    if old.volunteer_id not in volunteer.records:
        raise RuleBroken(_("That certificate is another volunteer's. Open it from their dossier."))
    if old.standing != Certificate.Standing.VALID:
        raise RuleBroken(
            _("That certificate is “%(standing)s” already. Issue one from the dossier instead.")
            % {"standing": old.standing.label}
        )
    return old


def _nothing_to_certify(figures: Figures) -> RuleBroken:
    if figures.waiting_services:
        text = _(
            "No service of these days counts yet: %(services)s services with %(hours)s hours wait for their months to "
            "be read. Have them read first, or choose other days."
        ) % {"services": figures.waiting_services, "hours": hours(figures.waiting_minutes)}
    else:
        text = _("No service of this volunteer is on record for these days. Choose other days.")
    return RuleBroken(text, field="period")


def _rows(categories: Iterable[Any]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in categories]


def find_certificate(code: str) -> Certificate | None:
    """Return the certificate that the code (clean signs) belongs to, with what its page shows."""
    shown = Certificate.objects.select_related("volunteer", "successor", "township")
    return shown.filter(code=code).first()


def period_words(certificate: Certificate) -> str:
    """Return the certified days in the reader's language."""
    return f"{date_format(certificate.starts_on)} – {date_format(certificate.ends_on)}"
