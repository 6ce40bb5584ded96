"""What a composition proposes for one grid, for one person, and what the officer has said about a person and a grid."""

from auditlog.registry import auditlog
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.models import length_checks
from grids.models.composition import Composition, CompositionPart
from grids.models.grid import Grid
from grids.models.membership import Membership
from grids.models.team import Team
from volunteers.models import Volunteer


class ProposedTeam(models.Model):
    """A grid in a composition: which team served it when it was solved, and whether the proposal was accepted."""

    part = models.ForeignKey(CompositionPart, on_delete=models.CASCADE, related_name="teams")
    grid = models.ForeignKey(Grid, verbose_name=_("grid"), on_delete=models.PROTECT, related_name="+")
    # The team that stood when it was solved, if any, and whether it was active.
    team = models.ForeignKey(Team, verbose_name=_("team"), null=True, on_delete=models.PROTECT, related_name="+")
    was_active = models.BooleanField(_("was active"), default=False)
    is_changed = models.BooleanField(_("changes"), default=False)
    is_complete = models.BooleanField(_("satisfies the rule"), default=False)
    accepted_at = models.DateTimeField(_("accepted"), null=True)
    accepted_by = models.ForeignKey(
        User, verbose_name=_("accepted by"), null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("proposed team")
        verbose_name_plural = _("proposed teams")
        ordering = ("grid__village__code", "grid__number", "id")
        constraints = [
            models.UniqueConstraint(name="proposed_team_once", fields=["part", "grid"]),
            models.CheckConstraint(
                name="proposed_team_accepted_by_somebody",
                condition=models.Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | models.Q(accepted_at__isnull=False, accepted_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.grid)


class ProposedSeat(models.Model):
    """A person in a composition: where they serve today, where they are proposed to, and why.

    Whoever could serve has one: without a ``grid`` they are in no team. ``solved_grid`` is what the optimisation found,
    ``grid`` what it is after somebody was moved by hand.
    """

    part = models.ForeignKey(CompositionPart, on_delete=models.CASCADE, related_name="seats")
    volunteer = models.ForeignKey(Volunteer, verbose_name=_("volunteer"), on_delete=models.PROTECT, related_name="+")
    from_grid = models.ForeignKey(
        Grid, verbose_name=_("serves today"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    from_role = models.CharField(_("role today"), max_length=6, blank=True)
    grid = models.ForeignKey(Grid, verbose_name=_("grid"), null=True, on_delete=models.PROTECT, related_name="+")
    solved_grid = models.ForeignKey(Grid, null=True, on_delete=models.PROTECT, related_name="+")
    is_leader = models.BooleanField(_("leads"), default=False)
    reasons = models.JSONField(_("reasons"), default=list)

    class Meta:
        verbose_name = _("proposed seat")
        verbose_name_plural = _("proposed seats")
        ordering = ("id",)
        indexes = [models.Index(fields=["part", "grid"], name="proposed_seat_of_grid")]
        constraints = [
            models.UniqueConstraint(name="proposed_seat_once", fields=["part", "volunteer"]),
            models.UniqueConstraint(
                name="proposed_seat_one_leader", fields=["part", "grid"], condition=models.Q(is_leader=True)
            ),
            models.CheckConstraint(
                name="proposed_seat_leader_has_grid",
                condition=models.Q(is_leader=False) | models.Q(grid__isnull=False),
            ),
            models.CheckConstraint(
                name="proposed_seat_role_known", condition=models.Q(from_role__in=["", "leader", "deputy", "member"])
            ),
            *length_checks("proposed_seat", {"from_role": 6}),
        ]

    def __str__(self) -> str:
        return str(self.volunteer)

    @property
    def role(self) -> str:
        """What the person is in the proposed team: who stays keeps being a deputy, who comes is a member."""
        if self.is_leader:
            return Membership.Role.LEADER
        stays_deputy = self.grid_id == self.from_grid_id and self.from_role == Membership.Role.DEPUTY
        return Membership.Role.DEPUTY if stays_deputy else Membership.Role.MEMBER

    @property
    def changes(self) -> bool:
        """Whether the person does not stay where they are."""
        return self.grid_id != self.from_grid_id


class CompositionWish(models.Model):
    """What the officer said about a person and a grid: they stay in it whatever is solved, or they never get there."""

    class Kind(models.TextChoices):
        """What was said."""

        LOCK = "lock", _("Locked")
        BAR = "bar", _("Barred")

    composition = models.ForeignKey(Composition, on_delete=models.CASCADE, related_name="wishes")
    volunteer = models.ForeignKey(Volunteer, verbose_name=_("volunteer"), on_delete=models.PROTECT, related_name="+")
    grid = models.ForeignKey(Grid, verbose_name=_("grid"), on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=4, choices=Kind)
    by = models.ForeignKey(User, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("lock or bar")
        verbose_name_plural = _("locks and bars")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(name="composition_wish_once", fields=["composition", "volunteer", "grid"]),
            models.UniqueConstraint(
                name="composition_wish_one_lock",
                fields=["composition", "volunteer"],
                condition=models.Q(kind="lock"),
            ),
            models.CheckConstraint(name="composition_wish_kind_known", condition=models.Q(kind__in=["lock", "bar"])),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.volunteer}"


auditlog.register(ProposedTeam, include_fields=["grid", "accepted_at", "accepted_by"])
auditlog.register(ProposedSeat, include_fields=["volunteer", "grid", "is_leader"])
auditlog.register(CompositionWish, include_fields=["volunteer", "grid", "kind", "by"])
