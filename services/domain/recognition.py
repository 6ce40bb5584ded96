"""What happens in a recognition round: opened, scored, published; and whom it honours.

Lock order: Round → Team → MonthlyReport → Volunteers. Whoever changes votes, logs or months of the year first holds the
round as it is, beside others who do (``RecognitionRound.held``); whoever changes the round locks it alone. So scoring
sees either all of a change or nothing.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from common.rules import RuleBroken, constraint_named
from common.wording import sentences
from services.domain import scoring
from services.domain.ballot import refuse_missing_votes, refuse_wrong_ballots
from services.evidence import canonical_rows, evidence_hash
from services.models import Award, Evidence, MonthlyReport, RecognitionRound, VolunteerYear
from services.models.recognition import EvidenceQuerySet
from services.models.report import MonthlyReportQuerySet
from volunteers.domain.merge import records_of
from volunteers.models import Volunteer

THRESHOLDS = ("min_minutes", "min_services", "min_satisfied_percent")


@event
def open_round(
    year: int, *, by: User, min_minutes: int = 300 * 60, min_services: int = 100, min_satisfied_percent: int = 80
) -> RecognitionRound:
    """Open the round of ``year`` for voting; the thresholds default to those of the programme's report.

    Raises ``RuleBroken`` for a year that has not begun or has its round already.
    """
    if year > timezone.localdate().year:
        raise RuleBroken(_("This year has not begun yet."), field="year")
    if RecognitionRound.objects.filter(year=year).exists():
        raise _has_round()
    opened = RecognitionRound(
        year=year, min_minutes=min_minutes, min_services=min_services, min_satisfied_percent=min_satisfied_percent
    )
    opened.clean_fields()
    with constraint_named("services_recognitionround", _has_round()):
        opened.save()
    return opened


@event
def edit_round(pk: int, values: Mapping[str, Any], *, version: int | None, by: User) -> RecognitionRound:
    """Change the thresholds of a round while it is voting. Raises ``RuleBroken`` once it is scored."""
    changed = RecognitionRound.locked(pk, version=version)
    _require_state(changed, RecognitionRound.State.VOTING)
    for name in THRESHOLDS:
        setattr(changed, name, values[name])
    changed.clean_fields()
    changed.save()
    return changed


def unread_months(year: int, user: User | None = None) -> int:
    """Count the monthly reports of ``year`` that were not read, all or those ``user`` sees: they do not count."""
    reports = reports_of_year(year).unread()
    return (reports.visible_to(user) if user else reports).count()


def is_scored(year: int) -> bool:
    """Whether the year has been scored: its logs, months and votes are settled."""
    return RecognitionRound.objects.filter(year=year).exclude(state=RecognitionRound.State.VOTING).exists()


def unsettled(reports: MonthlyReportQuerySet) -> MonthlyReportQuerySet:
    """Keep the expected reports of years that were not scored: what waits in the others waits for nobody any more."""
    scored = RecognitionRound.objects.exclude(state=RecognitionRound.State.VOTING)
    return reports.expected().exclude(month__year__in=scored.order_by().values("year"))


def reports_of_year(year: int) -> MonthlyReportQuerySet:
    """Return the monthly reports of ``year``."""
    return MonthlyReport.objects.filter(month__range=(date(year, 1, 1), date(year, 12, 1)))


@event
def score_round(
    round: RecognitionRound,
    *,
    by: User,
    version: int | None = None,
    accept_unread: bool = False,
    accept_missing: bool = False,
) -> RecognitionRound:
    """Score everyone with a counted service in the round's year, freeze the evidence and sign it with its hash.

    One set-based statement from the yearly roll-up. Raises ``SavedMeanwhile`` when the round is no longer of
    ``version``; ``RuleBroken`` when it is not voting, votes cannot be right, or nobody has a counted service; unless
    ``accept_unread``, while months of the year are unread or the year is not over: what is not read when the round is
    scored never counts for it; and unless ``accept_missing``, while the votes of a grid have not been entered.
    """
    scored = RecognitionRound.locked(round.pk, version=version)
    _require_state(scored, RecognitionRound.State.VOTING)
    refuse_wrong_ballots(scored)
    if not accept_unread:
        _require_all_read(scored.year)
    if not accept_missing:
        refuse_missing_votes(scored)
    with connection.cursor() as cursor:
        cursor.execute(*scoring.insert_evidence(scored))
    if not scored.evidence.exists():
        raise RuleBroken(_("No service of this year counts yet: no month of it has been read."))
    scored.evidence_hash = evidence_hash(canonical_rows(scored))
    scored.state = RecognitionRound.State.SCORED
    scored.scored_by = by
    scored.scored_at = timezone.now()
    scored.save()
    return scored


@event
def publish_round(round: RecognitionRound, *, by: User) -> RecognitionRound:
    """Publish a scored round: from now on its awards stand. Raises ``RuleBroken`` unless it is scored."""
    published = RecognitionRound.locked(round.pk)
    _require_state(published, RecognitionRound.State.SCORED)
    published.state = RecognitionRound.State.PUBLISHED
    published.published_at = timezone.now()
    published.save()
    return published


@event
def choose_award(round: RecognitionRound, volunteer: Volunteer, *, by: User) -> Award:
    """Choose an eligible volunteer of a scored round as outstanding. Raises ``RuleBroken`` for anyone else."""
    held = RecognitionRound.locked(round.pk)
    _require_state(held, RecognitionRound.State.SCORED)
    if not Evidence.objects.eligible().filter(round=held, volunteer=volunteer).exists():
        raise RuleBroken(_("Awards are chosen among the eligible volunteers of the round only."), field="volunteer")
    if Award.objects.filter(round=held, volunteer=volunteer).exists():
        raise RuleBroken(_("This volunteer has been chosen already."), field="volunteer")
    return Award.objects.create(round=held, volunteer=volunteer, chosen_by=by)


@event
def withdraw_award(award: Award, *, by: User) -> None:
    """Take a choice back, while the round is not published; the audit trail keeps it."""
    held = RecognitionRound.locked(award.round_id)
    _require_state(held, RecognitionRound.State.SCORED)
    award.delete()


@event
def download_evidence(round: RecognitionRound, *, by: User) -> list[str]:
    """Return the lines of the round's canonical file, and record who took it. Raises ``RuleBroken`` before scoring."""
    if not round.is_frozen:
        raise RuleBroken(_("There is no evidence before the round is scored."))
    record([round], AuditEntry.Action.ACCESS, {})
    return canonical_rows(round)


def totals(evidence: EvidenceQuerySet) -> dict[str, int]:
    """Count everyone who was scored, the eligible and the honoured."""
    honoured = Award.objects.filter(round=OuterRef("round"), volunteer=OuterRef("volunteer"))
    return evidence.order_by().aggregate(
        scored=Count("pk"),
        eligible=Count("pk", filter=Q(is_eligible=True)),
        honoured=Count("pk", filter=Exists(honoured)),
    )


def lifetime(volunteer_pk: int, until: int) -> dict[str, int]:
    """Return what a volunteer served up to the end of the year ``until``, as counted: minutes and services."""
    years = VolunteerYear.objects.filter(volunteer__in=records_of(volunteer_pk), year__lte=until)
    return years.aggregate(minutes=Coalesce(Sum("minutes"), 0), services=Coalesce(Sum("services"), 0))


def verify_round(round: RecognitionRound) -> list[str]:
    """Prove a scored round: return what is wrong with it, nothing when its evidence and hash still hold.

    The hash is taken anew from the stored evidence, and the evidence is compared with what the records themselves
    (the participations of read months, past the roll-ups) and the votes say today. What corrections changed since the
    scoring is explained by them (``services.domain.difference``), and is taken back for this; nothing else is.
    """
    with transaction.atomic():
        wrong = []
        if evidence_hash(canonical_rows(round)) != round.evidence_hash:
            wrong.append(str(_("The evidence does not have the hash that the round was signed with.")))
        # Where a volunteer lives may have changed since; what they did may not.
        stored = {row._replace(township=0) for row in scoring.stored(round)}
        records = {row._replace(township=0) for row in scoring.score_as_scored(round)}
        numbers = sorted({row.volunteer for row in stored ^ records})
    people = Volunteer.objects.in_bulk(numbers)
    wrong += [
        str(_("The records of volunteer %(number)s differ from the evidence.") % {"number": people[pk].number})
        for pk in numbers
    ]
    return wrong


def _has_round() -> RuleBroken:
    return RuleBroken(_("This year has its round already."), field="year")


def _require_state(round: RecognitionRound, state: RecognitionRound.State) -> None:
    if round.state != state:
        raise RuleBroken(
            _("The round of %(year)s is %(state)s: this step is closed.")
            % {"year": round.year, "state": round.get_state_display()}
        )


def _require_all_read(year: int) -> None:
    given_up = []
    unread = unread_months(year)
    if unread:
        given_up.append(
            _("Monthly reports of this year not yet read: %(count)s; their services would never count.")
            % {"count": unread}
        )
    if not is_over(year):
        given_up.append(_("The year is not over: what is served from now on would not count."))
    if given_up:
        advice = _("Have the months read first, or confirm that they are left out.")
        raise RuleBroken(sentences([*given_up, advice]), field="accept_unread")


def is_over(year: int) -> bool:
    """Whether the calendar year has ended in Shanghai."""
    return timezone.localdate() > date(year, 12, 31)
