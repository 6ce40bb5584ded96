"""Where volunteers belonged before their township was merged into another: figures of closed years stay there."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from areas.models import Township
from volunteers.models.volunteer import Volunteer


class FormerHome(models.Model):
    """A volunteer belonged to a township until it was merged away.

    Persons of a period count where they belonged at its end. Who moves house afterwards counts where they live, in
    every period, as everybody who moves: then the row goes. Written with the merge, which the audit trail tells.
    """

    volunteer = models.ForeignKey(
        Volunteer, verbose_name=_("volunteer"), on_delete=models.PROTECT, related_name="former_homes"
    )
    township = models.ForeignKey(Township, verbose_name=_("township"), on_delete=models.PROTECT, related_name="+")
    until = models.DateField(_("until"))

    class Meta:
        verbose_name = _("former township of a volunteer")
        verbose_name_plural = _("former townships of volunteers")
        ordering = ("volunteer", "until")
        indexes = [models.Index(fields=["until"], name="former_home_by_day")]
        constraints = [models.UniqueConstraint(name="former_home_once", fields=["volunteer", "township"])]

    def __str__(self) -> str:
        return f"{self.volunteer} · {self.township}"
