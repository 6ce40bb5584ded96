"""评定计票: the villagers' votes on the volunteers who serve their grid, as counters and never as ballots."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import Right
from grids.models import Grid
from services.models.recognition import RecognitionRound
from volunteers.models import Volunteer

OPTIONS = ("satisfied", "fairly_satisfied", "dissatisfied", "unknown")


class BallotTallyQuerySet(models.QuerySet["BallotTally"]):
    """Tallies, grid by grid."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the grids of the user's township; the city level sees all."""
        if not user.may(Right.VIEW_RECOGNITION):
            return self.none()
        return self if user.is_city_wide else self.filter(grid__village__township__in=user.township_ids)


class BallotTally(models.Model):
    """How often each option was ticked for one volunteer by the households of one grid.

    A grid votes once a round, on everybody who served it, in whichever of its teams. Every ballot marks everybody, so
    the four counts of each add up to the same number of ballots, at most the grid's households. 不了解 is no valid
    vote; only 满意 is a satisfied one. No change of a tally is in the audit trail, which has more readers than the
    pages that hide few votes: it says who entered a grid's votes, and how many ballots (``enter_votes``).
    """

    round = models.ForeignKey(
        RecognitionRound, verbose_name=_("round"), on_delete=models.PROTECT, related_name="tallies"
    )
    grid = models.ForeignKey(Grid, verbose_name=_("grid"), on_delete=models.PROTECT, related_name="tallies")
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
        ordering = ("grid", "volunteer")
        constraints = [
            models.UniqueConstraint(name="tally_once_per_grid_and_volunteer", fields=["round", "grid", "volunteer"]),
            *[
                models.CheckConstraint(
                    name=f"tally_{option}_range", condition=models.Q(**{f"{option}__gte": 0, f"{option}__lte": 5000})
                )
                for option in OPTIONS
            ],
        ]

    def __str__(self) -> str:
        return f"{self.grid} {self.volunteer}"

    @property
    def ballots(self) -> int:
        """How many ballots the counts come from."""
        return self.satisfied + self.fairly_satisfied + self.dissatisfied + self.unknown

    @property
    def valid_votes(self) -> int:
        """The votes of those who know the volunteer."""
        return self.ballots - self.unknown
