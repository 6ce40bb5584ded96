"""What of the lists of volunteers may be taken along."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.rights import Right
from common.exports import Column, Export, Unmasked
from volunteers.models import ProgrammeText
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
APPLICATIONS = Export(
    _("Applications"),
    (
        Column(pgettext_lazy("person", "Name"), "name"),
        Column(_("Township"), "township"),
        Column(_("Village"), "village"),
        Column(_("Skill type"), "skill"),
        Column(_("Phone"), "phone"),
        Column(_("Came in"), "made"),
        Column(_("State"), "state"),
    ),
)
QUALIFICATIONS = Export(
    _("Qualifications"),
    (
        Column(pgettext_lazy("person", "Name"), "name"),
        Column(_("Number"), "number"),
        Column(_("Township"), "township"),
        Column(_("Certificate"), "title"),
        Column(pgettext_lazy("of a qualification", "Field"), "kind"),
        Column(_("Issuer"), "issuer"),
        Column(_("Valid until"), "until"),
        Column(_("State"), "state"),
    ),
)
BADGES = Export(
    _("Badges"),
    (
        Column(_("Badge number"), "number"),
        Column(pgettext_lazy("person", "Name"), "name"),
        Column(_("Team"), "team"),
        Column(_("Township"), "township", is_city=True),
        Column(_("State"), "standing"),
        Column(pgettext_lazy("badge", "Issued"), "issued_on"),
        Column(_("Valid until"), "valid_until"),
        Column(pgettext_lazy("badge", "Printed"), "printed"),
    ),
)
BADGES_NEEDED = Export(
    _("Who needs a badge"),
    (
        Column(pgettext_lazy("person", "Name"), "name"),
        Column(_("Number"), "number"),
        Column(_("Village"), "village"),
        Column(_("Team"), "team"),
        Column(_("Last badge"), "latest"),
    ),
)
BADGE_PRINTS = Export(
    _("Printed badges"),
    (
        Column(_("When"), "at"),
        Column(_("By"), "by"),
        Column(_("Township"), "township", is_city=True),
        Column(_("Pages"), "layout"),
        Column(_("Badges"), "count"),
        Column(_("Left out"), "left_out"),
        Column(_("State"), "state"),
    ),
)
IMPORTS = Export(
    _("Imports of volunteers"),
    (
        Column(_("File"), "file"),
        Column(_("Township"), "township"),
        Column(_("Uploaded"), "at"),
        Column(_("Uploaded by"), "by"),
        Column(_("Rows"), "rows"),
        Column(_("Added"), "added"),
        Column(_("Changed"), "changed"),
        Column(_("State"), "state"),
    ),
)
MOVES = Export(
    _("Moves"),
    (
        Column(_("Volunteer"), "name"),
        Column(_("Day of the move"), "on"),
        Column(pgettext_lazy("a move", "From"), "from_place"),
        Column(pgettext_lazy("a move", "To"), "to_place"),
        Column(_("Reason"), "reason"),
    ),
)


def acceptances(texts: Sequence[ProgrammeText]) -> Export:
    """Return what may be taken along of who accepted the ``texts``: a column for each."""

    def of_text(place: int) -> Callable[[dict[str, Any]], Any]:
        return lambda row: row["texts"][place][1]

    versions = [
        Column(f"{text.name} {gettext('Version %(number)s') % {'number': text.number}}", of_text(place))
        for place, text in enumerate(texts)
    ]
    person = (
        Column(pgettext_lazy("person", "Name"), "name"),
        Column(_("Number"), "number"),
        Column(_("Village"), "village"),
    )
    return Export(_("Who has accepted"), (*person, *versions))
