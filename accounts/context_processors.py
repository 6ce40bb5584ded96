"""What every page shows of the person's rights: the way about, and what buttons there are."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from accounts.models import Reminder, User
from accounts.own_store import OwnStore
from accounts.rights import ROLES_WITH, Right


@dataclass(frozen=True)
class Entry:
    """One entry of the navigation; ``icon`` is a lucide name, ``current`` marks where the page belongs."""

    label: str
    url: str
    icon: str
    current: bool = False


# label, url name, icon, the right that opens it (None: everybody signed in), the duty that the own township must have
ENTRIES: tuple[tuple[Any, ...], ...] = (
    (_("Home"), "home", "house", None),
    (_("Volunteers"), "volunteers:list", "users", Right.VIEW_VOLUNTEERS),
    (_("Training"), "training:course_list", "graduation-cap", Right.VIEW_TRAINING),
    (_("Grids"), "grids:village_list", "grid-3x3", Right.VIEW_TEAMS),
    (_("Teams"), "grids:team_list", "handshake", Right.VIEW_TEAMS),
    (_("Help pager"), "services:pager", "bell-ring", Right.CARRY_PAGER),
    (_("Requests"), "services:request_list", "phone-call", Right.VIEW_REQUESTS),
    (_("Service logs"), "services:log_list", "notebook-pen", Right.VIEW_LOGS, "uses_logs"),
    (_("My month"), "services:my_month", "calendar-days", Right.KEEP_OWN_MONTH, "uses_logs"),
    (_("Monthly reports"), "services:report_list", "clipboard-check", Right.VIEW_REPORTS, "uses_logs"),
    (_("Recognition"), "services:round_list", "award", Right.VIEW_RECOGNITION),
    (_("Figures"), "services:dashboard", "chart-column", Right.VIEW_FIGURES),
    (_("Audit trail"), "accounts:audit_list", "history", Right.VIEW_AUDIT_TRAIL),
    (_("Administration"), "admin:index", "settings", Right.VIEW_ADMIN_SITE),
)


# pages whose address lies beside that of the entry they belong to
BELOW = {
    "services:certificate_list": "volunteers:list",
    "services:correction_list": "services:log_list",
    "services:slip_list": "services:log_list",
    "services:silent_list": "grids:team_list",
    "services:pager": "services:request_list",
    "services:notice_list": "services:report_list",
    "services:objection_list": "services:report_list",
    "services:sample_list": "services:report_list",
    "services:feedback_list": "volunteers:list",
    "services:message_list": "services:request_list",
    "grids:channel_list": "grids:village_list",
    "grids:card_list": "grids:village_list",
}


class May:
    """Answers ``{% if may.log_services %}`` from the rights table; an unknown right is an error, not a no."""

    def __init__(self, user: User) -> None:
        """Take whose rights are asked for."""
        self._user = user

    def __getitem__(self, name: str) -> bool:
        """Return whether the user has the right called ``name`` (templates look up keys first)."""
        if name not in ROLES_WITH:
            raise LookupError(name)  # templates swallow a KeyError or ValueError
        return self._user.may(Right(name))


def navigation(request: HttpRequest) -> dict[str, object]:
    """Return ``navigation``, what the user's rights open, ``may``, ``own_store`` and how many reminders wait."""
    user = getattr(request, "user", None)  # missing when a middleware before it answered
    if user is None or not user.is_authenticated:
        return {"navigation": [], "may": None, "own_store": None, "reminders_waiting": 0}
    return {
        "navigation": SimpleLazyObject(lambda: _entries(request, user)),
        "may": May(user),
        "own_store": SimpleLazyObject(lambda: OwnStore.of(user)),
        "reminders_waiting": SimpleLazyObject(lambda: Reminder.objects.unseen().visible_to(user).count()),
    }


@cache
def _address(name: str) -> str:
    """Return the address of an entry; to look up ten of them on every page takes longer than the rest of the menu."""
    return reverse(name)


def _entries(request: HttpRequest, user: User) -> list[Entry]:
    """Build the entries; current is the one whose address begins the page's (the longest), home only on itself."""
    reachable = [
        Entry(str(label), _address(name), icon)
        for label, name, icon, right, *duties in ENTRIES
        if (right is None or user.may(right)) and all(user.has_duty(duty) for duty in duties)
    ]
    home = reachable[0].url
    above = [entry.url for entry in reachable if request.path.startswith(entry.url) and entry.url != home]
    beside = [_address(entry) for page, entry in BELOW.items() if request.path.startswith(_address(page))]
    current = max(above or beside, key=len, default=home if request.path == home else "")
    return [Entry(entry.label, entry.url, entry.icon, current=entry.url == current) for entry in reachable]
