"""Votes entered as tallies: how often the households of a grid ticked what for each volunteer of its team."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from auditlog.models import LogEntry
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.audit import event, record
from accounts.models import User
from common.rules import RuleBroken
from grids.models import Team
from grids.models.team import TeamQuerySet
from services.models import BallotTally, Participation, RecognitionRound
from services.models.ballot import OPTIONS
from volunteers.models import Volunteer

Counts = tuple[int, int, int, int]


@dataclass(frozen=True)
class Candidate:
    """Somebody the households of a grid may have voted on, and whether they are in the team now."""

    volunteer: Volunteer
    is_member: bool


class WrongVotes(RuleBroken):
    """The counts of some volunteer cannot be right; ``volunteer`` is the key of whose row it is."""

    def __init__(self, message: str, volunteer: Volunteer) -> None:
        """Put the message to the first of the volunteer's four fields."""
        super().__init__(message, field=f"satisfied_{volunteer.pk}")
        self.volunteer = volunteer.pk


def voting_teams(round: RecognitionRound) -> TeamQuerySet:
    """Return the teams that were active at some time of the round's year: their grids vote."""
    first, last = date(round.year, 1, 1), date(round.year, 12, 31)
    return Team.objects.filter(activated_on__lte=last).exclude(dissolved_on__lt=first)


def progress(round: RecognitionRound, user: User) -> list[dict[str, object]]:
    """Return for each township that ``user`` sees how many teams' grids vote, and of how many the votes are in."""
    rows = (
        with_votes(voting_teams(round), round)
        .visible_to(user)
        .order_by()
        .values("township", "township__name", "township__code")
        .annotate(teams=Count("pk"), entered=Count("pk", filter=Q(has_votes=True)))
        .order_by("township__code")
    )
    return [
        {"township": row["township"], "name": row["township__name"], "teams": row["teams"], "entered": row["entered"]}
        for row in rows
    ]


def with_votes(teams: TeamQuerySet, round: RecognitionRound) -> TeamQuerySet:
    """Mark the teams whose grid's votes were entered: ``has_votes``."""
    return teams.annotate(has_votes=Exists(BallotTally.objects.filter(round=round, team=OuterRef("pk"))))


def candidates(round: RecognitionRound, team: Team) -> list[Candidate]:
    """Return who may have been voted on in the team's grid: its members now, then who else served with it that year."""
    members = list(
        Volunteer.objects.filter(memberships__team=team, memberships__left_on__isnull=True).order_by(
            "name_pinyin", "id"
        )
    )
    served = Participation.objects.filter(
        log__team=team, log__date__range=(date(round.year, 1, 1), date(round.year, 12, 31)), is_withdrawn=False
    )
    others = (
        Volunteer.objects.filter(pk__in=served.values("volunteer"))
        .exclude(pk__in=[member.pk for member in members])
        .order_by("name_pinyin", "id")
    )
    return [Candidate(one, True) for one in members] + [Candidate(one, False) for one in others]


@event
def enter_votes(round: RecognitionRound, team: Team, counts: Mapping[int, Counts], *, by: User) -> list[BallotTally]:
    """Set the tallies of ``team``: volunteer key → satisfied, fairly satisfied, dissatisfied, do not know.

    Every ballot marks everybody, so each row adds up to the same number of ballots, at most the grid's households.
    Present members must each have a row; who left or only helped has one when they were on the ballot. Entered again,
    the counts replace the former ones, until the round is scored. Raises ``RuleBroken`` (``WrongVotes`` for a row).
    """
    held = RecognitionRound.objects.select_for_update(of=("self",), no_key=True).get(pk=round.pk)
    if held.is_frozen:
        raise RuleBroken(_("The round has been scored: its votes no longer change."))
    locked = Team.objects.select_for_update(of=("self",), no_key=True).select_related("grid").get(pk=team.pk)
    people = candidates(held, locked)
    _check(counts, people, locked.grid.households)
    known = {one.volunteer.pk: one.volunteer for one in people}
    before = {tally.volunteer_id: tally for tally in held.tallies.filter(team=locked)}
    made, changed, changes = [], [], []
    for pk, numbers in counts.items():
        values = dict(zip(OPTIONS, numbers, strict=True))
        if pk not in before:
            made.append(BallotTally(round=held, team=locked, volunteer=known[pk], **values))
        elif numbers != _numbers(before[pk]):
            tally = before[pk]
            tally.team, tally.volunteer = locked, known[pk]
            changes.append({name: (getattr(tally, name), value) for name, value in values.items()})
            for name, value in values.items():
                setattr(tally, name, value)
            changed.append(tally)
    BallotTally.objects.bulk_create(made)
    BallotTally.objects.bulk_update(changed, OPTIONS)
    record(made, LogEntry.Action.CREATE)
    for tally, change in zip(changed, changes, strict=True):
        record([tally], LogEntry.Action.UPDATE, change)
    # Rows that are empty now were entered for somebody who was not on the ballot.
    held.tallies.filter(pk__in=[tally.pk for pk, tally in before.items() if pk not in counts]).delete()
    return list(held.tallies.filter(team=locked))


def _numbers(tally: BallotTally) -> Counts:
    return tally.satisfied, tally.fairly_satisfied, tally.dissatisfied, tally.unknown


def _check(counts: Mapping[int, Counts], people: Iterable[Candidate], households: int) -> None:
    known = {one.volunteer.pk: one for one in people}
    if not set(counts) <= set(known):
        raise RuleBroken(_("Somebody in this list was not in the team this year. Open the page again."))
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
