"""What of the lists of volunteers may be taken along."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.rights import Right
from common.exports import Column, Export, Unmasked
from volunteers.rows import volunteer_rows


def unmasked_rows(volunteers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Prepare volunteers with their phone numbers in full, for a file that is recorded as such."""
    return [
        row | {"phone": volunteer["phone"]}
        for row, volunteer in zip(volunteer_rows(volunteers), volunteers, strict=True)
    ]


VOLUNTEERS = Export(
    _("Volunteers"),
    (
        Column(pgettext_lazy("person", "Name"), "name"),
        Column(_("Number"), "number"),
        Column(_("Skill type"), "skill"),
        Column(_("Village"), "village"),
        Column(_("Team"), "team"),
        Column(_("Kind of unit"), "unit_kind"),
        Column(_("Phone"), "phone"),
        Column(_("Status"), "status"),
    ),
    Unmasked(Right.SEE_PHONES, _("With phone numbers in full"), unmasked_rows),
)
