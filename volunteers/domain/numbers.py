"""The numbers on the badges: seven digits, given once and never again."""

from common.one_at_a_time import wait_for_turn
from volunteers.models import Volunteer

FIRST = 1
# Any number that nothing else locks with: one registration at a time takes numbers.
ADVISORY_LOCK = 330_382_001


def next_numbers(count: int) -> list[str]:
    """Return the next ``count`` free numbers, in order; nobody else is given numbers until the transaction ends."""
    wait_for_turn(ADVISORY_LOCK)
    last = Volunteer.objects.order_by("-number").values_list("number", flat=True).first()
    start = max(FIRST, int(last) + 1 if last else FIRST)
    return [f"{number:07}" for number in range(start, start + count)]
