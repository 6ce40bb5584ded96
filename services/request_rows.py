"""Requests for help prepared for the page: words, dates and addresses, so that templates only print."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from common.templatetags.yiwang import badge
from common.wording import in_words
from services.clock_words import left_until
from services.models import HelpRequest, RequestStep, ServiceLog
from services.models.request import ANONYMISED

State = HelpRequest.State
Kind = RequestStep.Kind

# A phone is nowhere among them: the page of one request shows it, masked.
LIST_FIELDS = (
    "id", "asked_at", "caller", "content", "channel", "state", "team__name", "village__name", "grid__number", "urgency",
    "category__name", "category__name_en", "due_at", "waiting_since", "escalation", "rating", "times_reopened",
)  # fmt: skip
STATES = {
    State.OPEN: ("warn", "bell-ring"),
    State.RESOLVED: ("ok", "circle-check"),
    State.REFERRED: ("info", "forward"),
    State.UNSOLVED: ("neutral", "ban"),
    State.WITHDRAWN: ("neutral", "undo-2"),
}
RATINGS = {
    HelpRequest.Rating.SATISFIED: ("ok", "smile"),
    HelpRequest.Rating.FAIR: ("neutral", "meh"),
    HelpRequest.Rating.DISSATISFIED: ("bad", "frown"),
}
STEPS_SHOWN, LOGS_SHOWN = 100, 20


def request_badge(state: str) -> SafeString:
    """Return where a request stands as a badge."""
    tone, icon_name = STATES[State(state)]
    return badge(tone, str(State(state).label), icon_name)


def request_rows(requests: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Prepare the requests of one page (``LIST_FIELDS`` of each)."""
    base = reverse("services:request_list")
    badges = {state: request_badge(state) for state in State}
    channels: dict[str, Any] = {value: str(label) for value, label in HelpRequest.Channel.choices}
    channels[HelpRequest.Channel.PAGE] = badge("info", channels[HelpRequest.Channel.PAGE], "globe")
    urgencies: dict[str, Any] = {value: str(label) for value, label in HelpRequest.Urgency.choices}
    urgencies[HelpRequest.Urgency.URGENT] = badge("bad", urgencies[HelpRequest.Urgency.URGENT], "siren")
    no_team, now = badge("warn", _("no team yet"), "users"), timezone.now()
    return [
        {
            "url": f"{base}{request['id']}/",
            "asked": _short(request["asked_at"]),
            "caller": said(request["caller"]),
            "where": _where(request),
            "content": said(request["content"]),
            "category": in_words(request["category__name"] or "", request["category__name_en"] or ""),
            "urgency": urgencies[request["urgency"]],
            "channel": channels[request["channel"]],
            "team": request["team__name"] or no_team,
            "due": _due(request, now),
            "state": badges[State(request["state"])],
            "marks": marks_of(request),
        }
        for request in requests
    ]


def rating_badge(rating: str) -> SafeString:
    """Return how satisfied the resident is as a badge."""
    tone, icon_name = RATINGS[HelpRequest.Rating(rating)]
    return badge(tone, str(HelpRequest.Rating(rating).label), icon_name)


def marks_of(request: Mapping[str, Any]) -> list[SafeString]:
    """Return what stands out about a request beside its state: passed on, reopened, and what the resident said."""
    marks = []
    if request["escalation"]:
        is_city = request["escalation"] == HelpRequest.Escalation.CITY
        marks.append(badge("bad", _("passed on to the city") if is_city else _("passed on"), "arrow-up-from-line"))
    if request["times_reopened"]:
        marks.append(badge("warn", _("reopened"), "rotate-ccw"))
    if request["rating"]:
        marks.append(rating_badge(request["rating"]))
    return marks


def _where(request: Mapping[str, Any]) -> str:
    """Name village and grid; the grid may not be known."""
    village, number = request["village__name"], request["grid__number"]
    return _("%(village)s, grid %(number)s") % {"village": village, "number": number} if number else village


def _due(request: Mapping[str, Any], now: datetime) -> SafeString | str:
    """Say by when the next clock is to be met; nothing for what is settled."""
    if request["waiting_since"]:
        return badge("info", _("waits for the resident"), "hourglass")
    due = request["due_at"]
    if due is None:
        return ""
    return badge("bad", _("overdue since %(due)s") % {"due": _short(due)}, "alarm-clock") if due < now else _short(due)


def _short(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")


def said(text: str) -> str:
    """Return what a resident said, or plainly that it was deleted, in the reader's language."""
    return _("Anonymised") if text == ANONYMISED else text


def waiting_rows(requests: Sequence[HelpRequest], now: datetime) -> list[dict[str, Any]]:
    """Prepare the requests that wait, with the team and how long is left, for a home page."""
    return [
        {
            "url": request.get_absolute_url(),
            "caller": request.caller,
            "content": request.content,
            "team": request.team.name if request.team else _("no team yet"),
            "waiting": left_until(request.due_at, now, request.asked_at).words
            if request.due_at
            else _("waits for the resident"),
        }
        for request in requests
    ]


# How a step looks; the others tell what goes on.
STEP_TONES = {
    Kind.RESOLVED: "ok",
    Kind.CONFIRMED: "ok",
    Kind.CALL_MISSED: "warn",
    Kind.HANDED_BACK: "warn",
    Kind.ESCALATED: "bad",
    Kind.REOPENED: "warn",
    Kind.UNSOLVED: "neutral",
    Kind.WITHDRAWN: "neutral",
}


def steps_of(request: HelpRequest, reader: User) -> list[tuple[str, str, str, str, str]]:
    """Tell what became of a request as a timeline: tone, title, when, who, text; of very many steps the latest."""
    steps = request.steps.visible_to(reader).select_related("by", "team").order_by("-at", "-id")
    return [
        (
            STEP_TONES.get(Kind(step.kind), "info"),
            step.get_kind_display(),
            _moment(step.at),
            step.by.name if step.by else step.get_actor_display(),
            " · ".join(word for word in (step.team.name if step.team else "", step.text) if word),
        )
        for step in reversed(steps[:STEPS_SHOWN])
    ]


def logs_of(request: HelpRequest, reader: User) -> list[ServiceLog]:
    """Return the services that were logged for the request, withdrawn ones too, as far as the reader sees them."""
    logs = request.logs.visible_to(reader).select_related("recorded_by").order_by("id")
    return list(logs[:LOGS_SHOWN])


def _moment(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT") if moment else ""
