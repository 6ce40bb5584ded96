"""Who has a request now, in words: for whoever acts on one that changed hands meanwhile."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.rules import RuleBroken, SavedMeanwhile
from services.models import HelpRequest


class HasItNow(SavedMeanwhile):
    """The request changed hands, or was changed otherwise, after the page was opened: the message says who has it."""

    def __init__(self, request: HelpRequest) -> None:
        """Name who has it."""
        RuleBroken.__init__(
            self, f"{holder_of(request)} {_('Nothing was saved: look at it once more, then decide.')}", code="stale"
        )


def holder_of(request: HelpRequest) -> str:
    """Say in a sentence who has the request now, and since when."""
    if request.team is not None:
        return _("%(team)s has this request now, since %(when)s.") % {
            "team": request.team,
            "when": date_format(timezone.localtime(request.handed_at), "DATETIME_FORMAT"),
        }
    return _("The office of %(township)s has this request now.") % {"township": request.township.present}
