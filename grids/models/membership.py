"""队员: who was in which team, from when to when."""

from datetime import date
from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import Role
from common.models import length_checks
from grids.models.team import Team
from volunteers.models import Volunteer


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships, leaders first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the memberships in the teams that the user sees."""
        if user.role == Role.TEAM_LEADER or user.township_id is not None:
            return self.filter(team__in=Team.objects.visible_to(user))
        return self if user.is_city_wide else self.none()

    def current(self) -> Self:
        """Keep the memberships that have not ended."""
        return self.filter(left_on__isnull=True)

    def leading_with_account(self) -> Self:
        """Keep those of present leaders and deputies who may sign in for their team."""
        return self.current().filter(
            role__in=("leader", "deputy"),
            volunteer__user__is_active=True,
            volunteer__user__role=Role.TEAM_LEADER,
            volunteer__user__township=models.F("team__township"),
        )

    def on(self, day: date) -> Self:
        """Keep the memberships that held on ``day``, its first and last day included.

        On the day of a move the person belongs to both teams: the morning's service was with the old one.
        """
        return self.filter(models.Q(left_on__isnull=True) | models.Q(left_on__gte=day), joined_on__lte=day)


class Membership(models.Model):
    """A volunteer's time in a team, from ``joined_on`` to before ``left_on``.

    ``role`` is the present one, or the last: what came before it is told by its ``role_changes``.
    """

    class Role(models.TextChoices):
        """What a member does in the team."""

        LEADER = "leader", _("Leader")
        DEPUTY = "deputy", _("Deputy")
        MEMBER = "member", _("Member")

    team = models.ForeignKey(Team, verbose_name=_("team"), on_delete=models.PROTECT, related_name="memberships")
    volunteer = models.ForeignKey(
        Volunteer, verbose_name=_("volunteer"), on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=6, choices=Role, default=Role.MEMBER)
    joined_on = models.DateField(_("joined"))
    left_on = models.DateField(_("left"), null=True, blank=True)
    reason = models.CharField(_("reason for leaving"), max_length=100, blank=True)
    replaced_by = models.ForeignKey(
        "self",
        verbose_name=_("replaced by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Who took the place on that day, in one step."),
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ("role", "joined_on", "id")
        constraints = [
            models.UniqueConstraint(
                name="membership_one_current_per_volunteer",
                fields=["volunteer"],
                condition=models.Q(left_on__isnull=True),
            ),
            models.UniqueConstraint(
                name="membership_one_leader_per_team",
                fields=["team"],
                condition=models.Q(left_on__isnull=True, role="leader"),
            ),
            models.CheckConstraint(
                name="membership_role_known", condition=models.Q(role__in=["leader", "deputy", "member"])
            ),
            models.CheckConstraint(
                name="membership_ends_after_start",
                condition=models.Q(left_on__isnull=True) | models.Q(left_on__gte=models.F("joined_on")),
            ),
            *length_checks("membership", {"reason": 100}),
        ]

    def __str__(self) -> str:
        return f"{self.volunteer} · {self.team}"


auditlog.register(Membership)
