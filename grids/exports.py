"""What of the lists of grids and teams may be taken along."""

from django.utils.translation import gettext_lazy as _

from common.exports import Column, Export

TEAMS = Export(
    _("Teams"),
    (
        Column(_("Team"), "name"),
        Column(_("Grid"), "grid"),
        Column(_("Leader"), "leader"),
        Column(_("Members"), "count"),
        Column(_("Skill types"), "skills"),
        Column(_("Last service"), "last"),
        Column(_("State"), "state"),
    ),
)
GRIDS = Export(
    _("Grids"),
    (
        Column(_("Grid"), "name"),
        Column(_("Coverage"), "state"),
        Column(_("Team"), "team"),
        Column(_("Leader"), "leader"),
        Column(_("Members"), "count"),
        Column(_("Last service"), "last"),
        Column(_("Households"), "households"),
    ),
)
