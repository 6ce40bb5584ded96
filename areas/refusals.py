"""What a database trigger says when something would be recorded for a place that was merged into another one."""

from django.db import DatabaseError
from django.utils.translation import gettext as _

from common.rules import RuleBroken


def refusal_of_ended(error: DatabaseError) -> RuleBroken | None:
    """Return the refusal for a trigger's error, or None for another error: the place was merged a moment ago."""
    text = str(error)
    if "township_has_ended" in text:
        return RuleBroken(
            _("This township was merged into another one meanwhile. Open the page anew and choose the one it is now."),
            code="ended",
        )
    if "village_has_ended" in text:
        return RuleBroken(
            _("This village was merged into another one meanwhile. Open the page anew and choose the one it is now."),
            code="ended",
        )
    return None
