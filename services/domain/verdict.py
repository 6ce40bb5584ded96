"""Which tests of a round somebody passed or missed, and by how much: what the list and the person's page say."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.hours import hours
from services.domain.scoring import Score
from services.models import Evidence, RecognitionRound

# With fewer valid votes than this only pass or fail is shown: the numbers would tell who voted what.
FEWEST_VOTES_SHOWN = 5


@dataclass(frozen=True)
class RoundTest:
    """One test of the round: what it is called, what was reached, what it asks for, and the distance in words."""

    name: str
    reached: str
    asked: str
    is_passed: bool
    distance: str


@dataclass(frozen=True)
class Verdict:
    """The three tests of one volunteer: hours or services must be passed, and votes."""

    hours: RoundTest
    services: RoundTest
    votes: RoundTest

    @property
    def has_enough_service(self) -> bool:
        """Whether one of the two tests of service is passed."""
        return self.hours.is_passed or self.services.is_passed

    @property
    def missed(self) -> str:
        """What was missed, and by how much; empty for the eligible."""
        parts = [] if self.has_enough_service else [self.hours.distance, self.services.distance]
        return " · ".join([*parts, *([] if self.votes.is_passed else [self.votes.distance])])


def verdict_of(evidence: Evidence | Score, round: RecognitionRound) -> Verdict:
    """Hold the frozen figures of one volunteer against the round's terms, or what they would be now."""
    return Verdict(hours=_hours(evidence, round), services=_services(evidence, round), votes=_votes(evidence, round))


def _hours(evidence: Evidence | Score, round: RecognitionRound) -> RoundTest:
    beyond = evidence.minutes - round.min_minutes
    return RoundTest(
        name=_("Hours"),
        reached=_("%(hours)s h") % {"hours": hours(evidence.minutes)},
        asked=_("at least %(hours)s h") % {"hours": hours(round.min_minutes)},
        is_passed=beyond >= 0,
        distance=(_("%(time)s more than needed") if beyond >= 0 else _("%(time)s short"))
        % {"time": exact_time(abs(beyond))},
    )


def _services(evidence: Evidence | Score, round: RecognitionRound) -> RoundTest:
    beyond = evidence.services - round.min_services
    return RoundTest(
        name=_("Services"),
        reached=str(evidence.services),
        asked=_("at least %(count)s") % {"count": round.min_services},
        is_passed=beyond >= 0,
        distance=(
            ngettext("%(count)s service more than needed", "%(count)s services more than needed", beyond)
            if beyond >= 0
            else ngettext("%(count)s service too few", "%(count)s services too few", -beyond)
        )
        % {"count": abs(beyond)},
    )


def _votes(evidence: Evidence | Score, round: RecognitionRound) -> RoundTest:
    """More than the percentage of the valid votes; the distance counts to the fewest votes that are more."""
    satisfied, valid = evidence.satisfied_votes, evidence.valid_votes
    is_passed = satisfied * 100 > round.min_satisfied_percent * valid
    asked = _("more than %(percent)s %% satisfied") % {"percent": round.min_satisfied_percent}
    if valid == 0:
        return RoundTest(_("Votes"), _("no valid vote"), asked, False, _("no valid vote"))
    if valid < FEWEST_VOTES_SHOWN:
        reached = _("fewer than %(count)s valid votes") % {"count": FEWEST_VOTES_SHOWN}
        return RoundTest(_("Votes"), reached, asked, is_passed, _("votes passed") if is_passed else _("votes missed"))
    needed = round.min_satisfied_percent * valid // 100 + 1
    beyond = satisfied - needed
    return RoundTest(
        name=_("Votes"),
        reached=_("%(satisfied)s of %(valid)s (%(percent)s %%)")
        % {"satisfied": satisfied, "valid": valid, "percent": _tenths(satisfied * 1000 // valid)},
        asked=asked,
        is_passed=is_passed,
        distance=(
            ngettext("%(count)s satisfied vote more than needed", "%(count)s satisfied votes more than needed", beyond)
            if is_passed
            else ngettext("%(count)s satisfied vote too few", "%(count)s satisfied votes too few", -beyond)
        )
        % {"count": abs(beyond)},
    )


def exact_time(minutes: int) -> str:
    """Print a distance to the minute: a tenth of an hour would hide that one minute was missing."""
    whole, rest = divmod(minutes, 60)
    if not whole:
        return _("%(minutes)s min") % {"minutes": rest}
    if not rest:
        return _("%(hours)s h") % {"hours": whole}
    return _("%(hours)s h %(minutes)s min") % {"hours": whole, "minutes": rest}


def _tenths(per_mille: int) -> str:
    """Print per mille as per cent with one decimal, floored."""
    return f"{per_mille // 10}.{per_mille % 10}"
