"""转乡镇: a volunteer moved to another township; what was done before stays where it was done."""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from areas.models import Township, Village
from common.models import length_checks
from volunteers.models.volunteer import Volunteer


class MoveQuerySet(models.QuerySet["Move"]):
    """Moves, the latest first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to those out of the user's township and into it."""
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.filter(models.Q(from_township__in=user.township_ids) | models.Q(to_township__in=user.township_ids))


class Move(models.Model):
    """One move from a village of one township to a village of another."""

    volunteer = models.ForeignKey(
        Volunteer, verbose_name=_("volunteer"), on_delete=models.PROTECT, related_name="moves"
    )
    from_township = models.ForeignKey(
        Township, verbose_name=_("from the township"), on_delete=models.PROTECT, related_name="+"
    )
    from_village = models.ForeignKey(
        Village, verbose_name=_("from the village"), on_delete=models.PROTECT, related_name="+"
    )
    to_township = models.ForeignKey(
        Township, verbose_name=_("to the township"), on_delete=models.PROTECT, related_name="+"
    )
    to_village = models.ForeignKey(
        Village, verbose_name=_("to the village"), on_delete=models.PROTECT, related_name="+"
    )
    on = models.DateField(_("day of the move"))
    reason = models.CharField(_("reason"), max_length=200)
    by = models.ForeignKey(User, verbose_name=_("entered by"), on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("entered"), default=timezone.now)

    objects = MoveQuerySet.as_manager()

    class Meta:
        verbose_name = _("move to another township")
        verbose_name_plural = _("moves to another township")
        ordering = ("-at", "-id")
        constraints = [
            models.CheckConstraint(
                name="move_to_another_township", condition=~models.Q(from_township=models.F("to_township"))
            ),
            models.CheckConstraint(name="move_has_reason", condition=~models.Q(reason="")),
            *length_checks("move", {"reason": 200}),
        ]

    def __str__(self) -> str:
        return f"{self.volunteer_id}: {self.from_village_id} → {self.to_village_id}"


auditlog.register(Move)
