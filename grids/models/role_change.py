"""职务变动: a member became leader or deputy, or ceased to be, within their time in the team."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from grids.models.membership import Membership


class RoleChangeQuerySet(models.QuerySet["RoleChange"]):
    """Changes of role, the first first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the changes in the teams that the user sees."""
        return self.filter(membership__in=Membership.objects.visible_to(user))


class RoleChange(models.Model):
    """From ``day`` on a member's role was ``after``; until the day before it was ``before``.

    The membership says the last role. Who has had one all the time, as most have, has no change.
    """

    membership = models.ForeignKey(
        Membership, verbose_name=_("membership"), on_delete=models.PROTECT, related_name="role_changes"
    )
    day = models.DateField(_("day"))
    before = models.CharField(_("role before"), max_length=6, choices=Membership.Role)
    after = models.CharField(_("role after"), max_length=6, choices=Membership.Role)

    objects = RoleChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of role")
        verbose_name_plural = _("changes of role")
        ordering = ("day", "id")
        constraints = [
            models.CheckConstraint(
                name="rolechange_roles_known",
                condition=models.Q(before__in=["leader", "deputy", "member"], after__in=["leader", "deputy", "member"]),
            ),
            models.CheckConstraint(name="rolechange_changes", condition=~models.Q(before=models.F("after"))),
        ]

    def __str__(self) -> str:
        return f"{self.membership} {self.day:%Y-%m-%d}"


# Who changed it is in the trail already, with the membership.
