"""The cards of the pager: what, where, who, since when, by when, and what the team says next."""

import hashlib
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.duties import off_sentence
from accounts.models import User
from accounts.rights import Right
from grids.models import Team
from services.call_rows import address_of, ago, minutes_since, said_in, when
from services.clock_words import CLOCKS, Left, left_until, urgency_badge, waiting_for
from services.custody_rows import out_marks
from services.domain import pager
from services.domain.call_attempt import who_comes
from services.domain.clock import Clock, due_of, is_met
from services.domain.waiting import too_long_since
from services.models import HelpRequest, RequestPhoto
from services.request_parts import Context, Section, register
from services.request_share import share_text

# What one page shows; whoever has more looks at the list of requests too.
CARDS, TEAMS, AT_HOME, ATTEMPTS = 30, 100, 5, 30
# What changes on a card without a new version of its request.
CHANGES = ("ago", "left", "undo", "coming", "custody")
ICONS = {"answer": "check", "set_out": "footprints", "arrive": "map-pin-check", "resolve": "circle-check-big"}
SECTIONS = {
    "new": (pgettext_lazy("pager", "New"), "bell-ring"),
    "under_way": (gettext_lazy("Under way"), "footprints"),
    "waiting": (gettext_lazy("Waiting for the resident"), "hourglass"),
}


def pager_of(user: User, team: Team | None, now: datetime) -> dict[str, Any]:
    """Prepare the open requests of a team, or of all in the user's sight, by what is to be done with them."""
    requests = pager.requests_of_teams(user, team)
    photos = Prefetch("photos", RequestPhoto.objects.standing(), to_attr="shown_photos")
    named = pager.in_turn(requests).select_related("team", "village", "grid__village", "category")
    shown = list(named.prefetch_related(photos)[:CARDS])
    counts = pager.counts_of(requests)
    coming = who_comes(shown)
    handed_over = out_marks([each.pk for each in shown])
    cards = [
        _card(each, user, now, [volunteer.name for volunteer in coming[each.pk]])
        | {"custody": handed_over.get(each.pk, "")}
        for each in shown
    ]
    return {
        "team": team,
        "sections": [
            {
                "name": name,
                "title": title,
                "icon": icon,
                "count": counts[name],
                "cards": [card for card in cards if card["section"] == name],
            }
            for name, (title, icon) in SECTIONS.items()
            if counts[name]
        ],
        "is_mixed": len({each.team_id for each in shown}) > 1,
        "new": counts["new"],
        "left_out": sum(counts.values()) - len(shown),
        "no_logs": no_logs(user),
        "mark": _mark(cards),
    }


def pager_at_home(user: User, now: datetime) -> dict[str, Any]:
    """Prepare the first requests of the pager for the home page of whoever carries it, and how many there are."""
    requests = pager.requests_of_teams(user)
    counts = pager.counts_of(requests)
    shown = pager.in_turn(requests)[:AT_HOME]
    return {
        "url": address_of(None),
        "new": counts["new"],
        "open": sum(counts.values()),
        "rows": [
            {
                "url": f"{address_of(None)}#request-{each.pk}",
                "icon": SECTIONS[pager.section_of(each)][1],
                "caller": each.caller,
                "content": each.content,
                "ago": ago(each.asked_at, now),
                "left": left.words if (left := left_of(each, now)) else "",
            }
            for each in shown
        ],
    }


def no_logs(user: User) -> str:
    """Say what to do where the township keeps no service logs, so that nothing can be said to be resolved."""
    return "" if user.may(Right.LOG_SERVICES) else off_sentence("uses_logs")


def _card(request: HelpRequest, user: User, now: datetime, coming: list[str]) -> dict[str, Any]:
    left = left_of(request, now)
    return taps_of(request, user, now) | {
        "asked": request,
        "section": pager.section_of(request),
        "ago": ago(request.asked_at, now),
        "left": left,
        "urgency": urgency_badge(request.urgency) if request.urgency != HelpRequest.Urgency.NORMAL else "",
        "is_late": request.due_at is not None and request.due_at < now,
        "coming": coming,
        "share": share_text(request),
        "photos": request.shown_photos,  # type: ignore[attr-defined]  # prefetched
    }


def _mark(cards: list[dict[str, Any]]) -> str:
    """Return what is equal for two pages that say the same."""
    said = [
        (card["asked"].pk, card["asked"].version, len(card["photos"]), *(card[name] for name in CHANGES))
        for card in cards
    ]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def taps_of(request: HelpRequest, user: User, now: datetime) -> dict[str, Any]:
    """Prepare the buttons of a request: the next tap, those after it, what was said, and what may be taken back."""
    names = list(pager.LABELS)
    offered = [
        {"name": name, "label": pager.LABELS[name], "icon": ICONS[name]}
        for name in names[names.index(pager.next_tap(request)) :]
        if name != "resolve" or user.may(Right.LOG_SERVICES)
    ]
    undo = pager.revocable(request, now)
    return {
        "next": offered[0] if offered else None,
        "others": offered[1:],
        "done": [
            {"label": pager.LABELS[name], "when": when(moment, now)}
            for name, field in pager.TAPS.items()
            if (moment := getattr(request, field)) is not None
        ],
        "undo": undo,
        "undo_label": pager.LABELS[undo] if undo else "",
        "log_url": f"{reverse('services:log_create')}?request={request.pk}",
    }


def left_of(request: HelpRequest, now: datetime) -> Left | None:
    """Say which deadline is the next one and how it stands; while the resident is waited for, for how long."""
    if request.waiting_since is not None:
        return waiting_for(
            minutes_since(request.waiting_since, now), is_too_long=request.waiting_since < too_long_since(now)
        )
    for clock in Clock:
        if not is_met(request, clock) and due_of(request, clock) == request.due_at:
            left = left_until(request.due_at, now, request.asked_at)
            words = {"clock": CLOCKS[clock], "when": when(request.due_at, now), "left": left.words}
            return replace(left, words=_("%(clock)s by %(when)s: %(left)s") % words)
    return None


def teams_of(user: User, now: datetime) -> list[dict[str, Any]]:
    """Prepare the teams that have open requests, those with the nearest deadline first, for whoever sees several."""
    return [
        {
            "name": team.name,
            "url": address_of(team),
            "new": team.new_requests,
            "open": team.open_requests,
            "is_late": team.due_at is not None and team.due_at < now,
        }
        for team in pager.teams_with_requests(user)[:TEAMS]
    ]


def part_of_request(request: HelpRequest, reader: User) -> Context | None:
    """Prepare the taps and calls for the page of a request: the buttons for whoever may press them."""
    now = timezone.now()
    may_tap = request.is_open and request.team_id is not None and reader.may(Right.ANSWER_REQUESTS)
    attempts = request.call_attempts.visible_to(reader).select_related("volunteer", "by").order_by("-at", "-id")
    calls = [{"name": each.volunteer.name, "by": each.by.name, **said_in(each, now)} for each in attempts[:ATTEMPTS]]
    if not (may_tap or calls):
        return None
    return {
        "taps": taps_of(request, reader, now) if may_tap else None,
        "no_logs": no_logs(reader) if may_tap else "",
        "coming": [volunteer.name for volunteer in who_comes([request])[request.pk]] if request.is_open else [],
        "calls": calls,
        "may_call": may_tap,
    }


def register_all() -> None:
    """Put the taps and calls onto the page of a request."""
    register(
        Section(
            "taps",
            gettext_lazy("How far the team is"),
            "services/request/parts/_pager.html",
            part_of_request,
            20,
        )
    )
