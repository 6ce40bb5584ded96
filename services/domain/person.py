"""One person with two records: in one place at a time, and one person for good once a year was scored by it.

Receivers of ``volunteers.hooks``, connected by ``ServicesConfig.ready``; they run in the merge's transaction.
"""

from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.rules import RuleBroken
from services.models import Certificate, Evidence, Participation, RecognitionRound
from volunteers.hooks import merge_undoing, persons_changing, records_merging
from volunteers.models import Merge, Volunteer

# How many services a message names.
NAMED = 5


def hold_rounds(sender: Any, **_unused: Any) -> None:
    """Keep the rounds as they are: scoring comes before a merge or after it, never between."""
    RecognitionRound.held(RecognitionRound.objects.order_by("pk").values_list("year", flat=True))


def refuse_two_places(sender: Any, kept: Volunteer, given_up: Volunteer, **_unused: Any) -> None:
    """Refuse to make one person of two records that were in two services at one time; names the services."""
    meanwhile = Participation.objects.standing().filter(
        volunteer__in=kept.records, starts_at__lt=OuterRef("ends_at"), ends_at__gt=OuterRef("starts_at")
    )
    both = Participation.objects.standing().filter(Exists(meanwhile.order_by()), volunteer=given_up)
    found = list(both.select_related("team").order_by("starts_at", "id")[: NAMED + 1])
    if found:
        named = "; ".join(_service(part) for part in found[:NAMED])
        raise RuleBroken(
            _(
                "Both records were in a service at one time: %(services)s. If it is one person, have one of the two"
                " logs corrected first."
            )
            % {"services": named + ("; …" if len(found) > NAMED else "")}
        )


def refuse_built_on(sender: Any, merge: Merge, **_unused: Any) -> None:
    """Refuse to take apart what a scored year counted as one person."""
    rounds = RecognitionRound.objects.filter(scored_at__gte=merge.at).order_by("year")
    apart = Evidence.objects.filter(round=OuterRef("pk"), volunteer=merge.given_up)
    _refuse_certified(merge)
    served = Participation.objects.counted().filter(volunteer=merge.given_up).order_by()
    for scored in rounds.filter(~Exists(apart)):
        if served.filter(date__year=scored.year).exists():
            raise RuleBroken(
                _(
                    "The year %(year)s was scored with both records as one person: the merge stands. If they are two"
                    " persons, tell the organisation department, who can withdraw an award."
                )
                % {"year": scored.year}
            )


def _refuse_certified(merge: Merge) -> None:
    """Refuse to take apart what a certificate that stands certifies as one person's."""
    since = timezone.localtime(merge.at).date()
    issued = Certificate.objects.filter(volunteer=merge.kept, issued_on__gte=since, revoked_at__isnull=True)
    served = Participation.objects.counted().filter(volunteer=merge.given_up).order_by()
    for certificate in issued.order_by("id"):
        if served.filter(date__range=(certificate.starts_on, certificate.ends_on)).exists():
            raise RuleBroken(
                _("The certificate %(number)s counts the services of both records. Revoke it first.")
                % {"number": certificate.number}
            )


def _service(part: Participation) -> str:
    start, end = (f"{timezone.localtime(moment):%H:%M}" for moment in (part.starts_at, part.ends_at))
    return f"{date_format(part.date)} {start}–{end} {part.team.name}"


def connect() -> None:
    """Listen to what happens to persons."""
    persons_changing.connect(hold_rounds, dispatch_uid="services.hold_rounds")
    records_merging.connect(refuse_two_places, dispatch_uid="services.refuse_two_places")
    merge_undoing.connect(refuse_built_on, dispatch_uid="services.refuse_built_on")
