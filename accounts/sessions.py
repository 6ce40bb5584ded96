"""How long a session lives: offices on shared machines briefly, team leaders on their own phone a week.

Disabling a user or changing the password ends sessions at the next request by Django's own means: the user is
loaded with each request, and the session carries a hash of the password.
"""

from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from accounts.rights import Role

SIGNED_IN_AT, SEEN_AT = "signed_in_at", "seen_at"
# Seconds between two notes that a session is in use: an idle session lives at most this much shorter.
NOTED_EVERY = 120
# The header of what a page asks by itself, with nobody at it.
POLL = "Yiwang-Poll"


class Lifetime(NamedTuple):
    """Seconds that a session may lie idle, and live in all."""

    idle: int
    absolute: int


def lifetime_of(user: User) -> Lifetime:
    """Return the limits for the user's kind of account (settings)."""
    return Lifetime(*(settings.LEADER_SESSION if user.role == Role.TEAM_LEADER else settings.OFFICE_SESSION))


def start(request: HttpRequest, user: User) -> None:
    """Start the session's clock when ``user`` signs in."""
    now = int(timezone.now().timestamp())
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = now
    request.session.set_expiry(lifetime_of(user).absolute)


def is_over(request: HttpRequest, user: User) -> bool:
    """Whether the session lay idle or lived for too long; one without a clock is over."""
    now = timezone.now().timestamp()
    idle, absolute = lifetime_of(user)
    return now - request.session.get(SEEN_AT, 0) > idle or now - request.session.get(SIGNED_IN_AT, 0) > absolute


def note_use(request: HttpRequest) -> None:
    """Note that the session is in use, without writing it at every request; a page that looks for news is no use."""
    if request.method == "GET" and POLL in request.headers:
        return
    now = int(timezone.now().timestamp())
    if now - request.session[SEEN_AT] >= NOTED_EVERY:
        request.session[SEEN_AT] = now
