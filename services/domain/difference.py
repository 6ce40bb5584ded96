"""What corrections changed after a year was scored. The evidence stays; the difference is shown beside it. Reads only.

A correction knows the round that it came after (``Correction.round``): it put one log down, and perhaps another one up.
The sum over all of them is the difference between the evidence and what the records give now.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, QuerySet, Sum

from services.domain import scoring
from services.domain.scoring import Score
from services.models import Evidence, Participation, RecognitionRound
from services.models.recognition import EvidenceQuerySet


@dataclass
class Difference:
    """By how much one volunteer's minutes and services are more (or less) than the evidence says."""

    minutes: int = 0
    services: int = 0


@dataclass(frozen=True)
class Turned:
    """Somebody whom the figures of today would judge otherwise than the round did."""

    evidence: Evidence
    score: Score


def differences(round: RecognitionRound, volunteers: Collection[int] | None = None) -> dict[int, Difference]:
    """Return the differences since the scoring by the volunteer's key, of these volunteers only; none that is zero."""
    found: defaultdict[int, Difference] = defaultdict(Difference)
    parts = Participation.objects.order_by()
    if volunteers is not None:
        parts = parts.filter(volunteer__in=volunteers)
    for sign, sums in (
        (-1, _sums(parts.filter(log__corrections__round=round))),
        (1, _sums(parts.filter(log__result_of__round=round))),
    ):
        for volunteer, minutes, services in sums:
            found[volunteer].minutes += sign * minutes
            found[volunteer].services += sign * services
    return {pk: difference for pk, difference in found.items() if difference.minutes or difference.services}


def _sums(parts: QuerySet[Participation]) -> QuerySet:
    return parts.values_list("volunteer").annotate(Sum("minutes"), Count("pk"))


def score_now(round: RecognitionRound, volunteer: int) -> Score:
    """Return what the round would score ``volunteer`` by today."""
    scores = scoring.score_from_rollups(round, volunteers=[volunteer])
    return scores[0] if scores else Score(volunteer, 0, 0, 0, 0, 0, 0, False)


def turned(round: RecognitionRound, evidence: EvidenceQuerySet, volunteers: Collection[int]) -> list[Turned]:
    """Return those among the visible ``evidence`` of ``volunteers`` whom today's figures judge otherwise."""
    if not volunteers:
        return []
    scores = {score.volunteer: score for score in scoring.score_from_rollups(round, volunteers=volunteers)}
    found = evidence.filter(volunteer__in=volunteers).select_related("volunteer").order_by("volunteer__number")
    return [
        Turned(one, score)
        for one in found
        for score in (scores.get(one.volunteer_id, Score(one.volunteer_id, 0, 0, 0, 0, 0, 0, False)),)
        if score.is_eligible != one.is_eligible
    ]
