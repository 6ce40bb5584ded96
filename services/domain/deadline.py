"""By when a request is to be answered, when somebody is to arrive, and when it is to be resolved."""

from dataclasses import dataclass

from services.models import HelpRequest

Urgency = HelpRequest.Urgency
HOUR, DAY = 60, 24 * 60


@dataclass(frozen=True)
class Minutes:
    """The deadlines of one urgency, in minutes from the asking."""

    answer: int
    arrive: int
    resolve: int


USUAL = {
    Urgency.URGENT: Minutes(30, 2 * HOUR, DAY),
    Urgency.NORMAL: Minutes(4 * HOUR, DAY, 3 * DAY),
    Urgency.LOW: Minutes(DAY, 3 * DAY, 7 * DAY),
}


def minutes_for(township: int, urgency: str) -> Minutes:
    """Return the deadlines that hold in the township, by its key, for requests of this urgency."""
    return USUAL[Urgency(urgency)]
