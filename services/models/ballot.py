"""评定计票: the villagers' votes on the volunteers of their grid's team, as counters and never as ballots."""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import Right
from grids.models import Team
from services.models.recognition import RecognitionRound
from volunteers.models import Volunteer

OPTIONS = ("satisfied", "fairly_satisfied", "dissatisfied", "unknown")


class BallotTallyQuerySet(models.QuerySet["BallotTally"]):
    """Tallies, team by team."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the teams of the user's township; the city level sees all."""
        if not user.may(Right.VIEW_RECOGNITION):
            return self.none()
        return self if user.is_city_wide else self.filter(team__township=user.township_id)


class BallotTally(models.Model):
    """How often each option was ticked for one volunteer by the households of one team's grid.

    Every ballot marks every member, so the four counts of each member of a team add up to the same number of ballots,
    at most the grid's households. 不了解 is no valid vote; only 满意 is a satisfied one.
    """

    round = models.ForeignKey(
        RecognitionRound, verbose_name=_("round"), on_delete=models.PROTECT, related_name="tallies"
    )
    team = models.ForeignKey(Team, verbose_name=_("team"), on_delete=models.PROTECT, related_name="tallies")
    volunteer = models.ForeignKey(
        Volunteer, verbose_name=_("volunteer"), on_delete=models.PROTECT, related_name="tallies"
    )
    satisfied = models.PositiveIntegerField(_("satisfied"))
    fairly_satisfied = models.PositiveIntegerField(_("fairly satisfied"))
    dissatisfied = models.PositiveIntegerField(_("dissatisfied"))
    unknown = models.PositiveIntegerField(_("do not know them"))

    objects = BallotTallyQuerySet.as_manager()

    class Meta:
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")
        ordering = ("team", "volunteer")
        constraints = [
            models.UniqueConstraint(name="tally_once_per_team_and_volunteer", fields=["round", "team", "volunteer"]),
            *[
                models.CheckConstraint(
                    name=f"tally_{option}_range", condition=models.Q(**{f"{option}__gte": 0, f"{option}__lte": 5000})
                )
                for option in OPTIONS
            ],
        ]

    def __str__(self) -> str:
        return f"{self.team} {self.volunteer}"

    @property
    def ballots(self) -> int:
        """How many ballots the counts come from."""
        return self.satisfied + self.fairly_satisfied + self.dissatisfied + self.unknown

    @property
    def valid_votes(self) -> int:
        """The votes of those who know the volunteer."""
        return self.ballots - self.unknown


# Counters only: the trail says which office entered how many, never who voted what. Written in bulk (domain/ballot.py).
auditlog.register(BallotTally)
