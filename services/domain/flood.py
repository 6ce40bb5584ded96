"""Messages without an account are taken up to a limit by the hour: an office reads each of them."""

from django.utils.translation import gettext as _

from common.rules import RuleBroken
from common.throttle import Limit


class Flood(RuleBroken):
    """So many have come within the hour that no more are taken."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            _("Many messages have come from here within the hour. Try again later, or call the office."),
            code="too_many",
        )


def refuse_flood(one: Limit, address: str, everybody: Limit, about: str) -> None:
    """Count one more attempt from the address and about the matter; refuse it beyond the limits.

    Not within a transaction. Whoever floods one matter from many addresses keeps nobody from speaking of another.
    """
    if not one.take(address) or not everybody.take(about):
        raise Flood
