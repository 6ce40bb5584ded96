"""Votes entered as tallies: how often the households of a grid ticked what for each volunteer who served it.

A grid votes once a round, on one ballot paper, whichever of its teams somebody served with that year.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from common.rules import RuleBroken, SavedMeanwhile
from grids.models import Grid, Team
from grids.models.grid import GridQuerySet
from grids.models.team import TeamQuerySet
from services.models import BallotTally, MonthlyReport, Participation, RecognitionRound
from services.models.ballot import OPTIONS
from volunteers.models import Volunteer

Counts = tuple[int, int, int, int]
# How many grids a message names; the list of votes shows the others.
NAMED = 5


@dataclass(frozen=True)
class Candidate:
    """Somebody the households of a grid may have voted on, and whether they are in its team now."""

    volunteer: Volunteer
    is_member: bool


class WrongVotes(RuleBroken):
    """The counts of some volunteer cannot be right; ``volunteer`` is the key of whose row it is."""

    def __init__(self, message: str, volunteer: Volunteer) -> None:
        """Put the message to the first of the volunteer's four fields."""
        super().__init__(message, field=f"satisfied_{volunteer.pk}")
        self.volunteer = volunteer.pk


def voting_teams(year: int) -> TeamQuerySet:
    """Return the teams that served at some time of ``year``: a report exists for every month that a team is active in.

    Whether it is active now says nothing: it may have lost a member since, and have been activated anew.
    """
    first, last = date(year, 1, 1), date(year, 12, 31)
    reported = MonthlyReport.objects.filter(team=OuterRef("pk"), month__range=(first, last))
    return Team.objects.filter(Exists(reported)).exclude(dissolved_on__lt=first)


def voting_grids(year: int) -> GridQuerySet:
    """Return the grids whose households vote on ``year``: those that a team served."""
    return Grid.objects.filter(pk__in=voting_teams(year).order_by().values("grid"))


def progress(round: RecognitionRound, user: User) -> list[dict[str, object]]:
    """Return for each township that ``user`` sees how many grids vote, and of how many the votes are in."""
    rows = (
        with_votes(voting_grids(round.year), round)
        .visible_to(user)
        .order_by()
        .values("village__township", "village__township__name", "village__township__code")
        .annotate(grids=Count("pk"), entered=Count("pk", filter=Q(has_votes=True)))
        .order_by("village__township__code")
    )
    return [
        {
            "township": row["village__township"],
            "name": row["village__township__name"],
            "grids": row["grids"],
            "entered": row["entered"],
        }
        for row in rows
    ]


def with_votes(grids: GridQuerySet, round: RecognitionRound) -> GridQuerySet:
    """Mark the grids whose votes were entered: ``has_votes``."""
    return grids.annotate(has_votes=Exists(BallotTally.objects.filter(round=round, grid=OuterRef("pk"))))


def candidates(round: RecognitionRound, grid: Grid) -> list[Candidate]:
    """Return who may have been voted on: the members of the grid's team now, then who else served it that year."""
    members = list(
        Volunteer.objects.filter(memberships__team__grid=grid, memberships__left_on__isnull=True).order_by(
            "name_pinyin", "id"
        )
    )
    served = Participation.objects.filter(
        log__team__grid=grid, log__date__range=(date(round.year, 1, 1), date(round.year, 12, 31)), is_withdrawn=False
    )
    people = served.values(person=Coalesce("volunteer__merged_into", "volunteer"))
    others = (
        Volunteer.objects.filter(pk__in=people)
        .exclude(pk__in=[member.pk for member in members])
        .order_by("name_pinyin", "id")
    )
    return [Candidate(one, True) for one in members] + [Candidate(one, False) for one in others]


def votes_version(tallies: Iterable[BallotTally]) -> str:
    """Return what tells one state of a grid's tallies from another: of a form filled from older ones it differs."""
    rows = sorted((tally.volunteer_id, *_numbers(tally)) for tally in tallies)
    return hashlib.sha256(repr(rows).encode()).hexdigest()


@event
def enter_votes(
    round: RecognitionRound, grid: Grid, counts: Mapping[int, Counts], *, by: User, version: str | None = None
) -> list[BallotTally]:
    """Set the tallies of ``grid``: volunteer key → satisfied, fairly satisfied, dissatisfied, do not know.

    Every ballot marks everybody, so each row adds up to the same number of ballots, at most the grid's households.
    Present members must each have a row; who left or only helped has one when they were on the ballot. Entered again,
    the counts replace the former ones, until the round is scored. The trail keeps who did it and the number of
    ballots. Raises ``SavedMeanwhile`` when ``version`` (``votes_version``) is no longer current, ``RuleBroken``
    (``WrongVotes`` for a row) for what cannot be right.
    """
    (held,) = RecognitionRound.held([round.year])
    if held.is_frozen:
        raise RuleBroken(_("The round has been scored: its votes no longer change."))
    locked = Grid.locked(grid.pk)
    before = list(held.tallies.filter(grid=locked))
    if version is not None and version != votes_version(before):
        raise SavedMeanwhile
    people = candidates(held, locked)
    _check(counts, people, locked.households)
    BallotTally.objects.bulk_create(
        [
            BallotTally(round=held, grid=locked, volunteer_id=pk, **dict(zip(OPTIONS, numbers, strict=True)))
            for pk, numbers in counts.items()
        ],
        update_conflicts=True,
        unique_fields=["round", "grid", "volunteer"],
        update_fields=OPTIONS,
    )
    # Rows that are empty now were entered for somebody who was not on the ballot.
    held.tallies.filter(grid=locked).exclude(volunteer__in=counts.keys()).delete()
    after = list(held.tallies.filter(grid=locked))
    if votes_version(after) != votes_version(before):
        record([locked], AuditEntry.Action.UPDATE, {"ballots": (_ballots(held, before), _ballots(held, after))})
    return after


def refuse_wrong_ballots(round: RecognitionRound) -> None:
    """Raise ``RuleBroken``, naming the grids, unless every ballot marks everybody and no grid has too many of them."""
    ballots = F("satisfied") + F("fairly_satisfied") + F("dissatisfied") + F("unknown")
    wrong = (
        round.tallies.order_by()
        .values("grid")
        .annotate(fewest=Min(ballots), most=Max(ballots))
        .filter(Q(fewest__lt=F("most")) | Q(most__gt=F("grid__households")))
    )
    grids = Grid.objects.filter(pk__in=wrong.values("grid"))
    if grids.exists():
        raise RuleBroken(
            _(
                "The votes of these grids cannot be right: %(grids)s. Every ballot marks everybody, and a grid has no "
                "more ballots than households. Correct the votes or the households first."
            )
            % {"grids": _named(grids)}
        )


def refuse_missing_votes(round: RecognitionRound) -> None:
    """Raise ``RuleBroken``, saying how many and which, while there are grids whose votes were not entered."""
    missing = voting_grids(round.year).exclude(pk__in=round.tallies.order_by().values("grid"))
    count = missing.count()
    if count:
        raise RuleBroken(
            _(
                "Grids whose votes have not been entered: %(count)s (%(grids)s). Whoever served mostly there would not "
                "be eligible. Have the votes entered first, or confirm that they are left out."
            )
            % {"count": count, "grids": _named(missing)},
            field="accept_missing",
        )


def _named(grids: GridQuerySet) -> str:
    names = [str(grid) for grid in grids.select_related("village")[: NAMED + 1]]
    return "、".join([*names[:NAMED], "…"] if len(names) > NAMED else names)


def _ballots(round: RecognitionRound, tallies: list[BallotTally]) -> str:
    """Say for the trail how many ballots a grid's votes of the year are."""
    return f"{round.year}: {tallies[0].ballots}" if tallies else ""


def _numbers(tally: BallotTally) -> Counts:
    return tally.satisfied, tally.fairly_satisfied, tally.dissatisfied, tally.unknown


def _check(counts: Mapping[int, Counts], people: Iterable[Candidate], households: int) -> None:
    known = {one.volunteer.pk: one for one in people}
    if not set(counts) <= set(known):
        raise RuleBroken(_("Somebody in this list did not serve the grid this year. Open the page again."))
    ballots = None
    for one in known.values():
        numbers = counts.get(one.volunteer.pk)
        if numbers is None:
            if one.is_member:
                raise WrongVotes(
                    _("%(name)s is in the team: enter the votes on them.") % {"name": one.volunteer.name}, one.volunteer
                )
            continue
        if min(numbers) < 0:
            raise WrongVotes(_("A number of votes cannot be negative."), one.volunteer)
        if sum(numbers) > households:
            raise WrongVotes(
                _("%(name)s: %(ballots)s ballots, but the grid has %(households)s households.")
                % {"name": one.volunteer.name, "ballots": sum(numbers), "households": households},
                one.volunteer,
            )
        if ballots is None:
            ballots = sum(numbers)
        if sum(numbers) != ballots:
            raise WrongVotes(
                _(
                    "%(name)s: the four numbers add up to %(sum)s, those above to %(ballots)s. "
                    "Every ballot marks every volunteer, so the sums must be equal."
                )
                % {"name": one.volunteer.name, "sum": sum(numbers), "ballots": ballots},
                one.volunteer,
            )
    if not ballots:
        raise RuleBroken(_("No ballot was entered."))
