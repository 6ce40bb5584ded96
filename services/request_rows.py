"""Requests for help prepared for the page: words, dates and addresses, so that templates only print."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from common.templatetags.yiwang import badge
from services.models import HelpRequest, RequestStep, ServiceLog

State = HelpRequest.State
Kind = RequestStep.Kind

# A phone is nowhere among them: the page of one request shows it, masked.
LIST_FIELDS = ("id", "asked_at", "caller", "content", "channel", "state", "team__name")
STATES = {
    State.OPEN: ("warn", "bell-ring"),
    State.RESOLVED: ("ok", "circle-check"),
    State.REFERRED: ("info", "forward"),
    State.UNSOLVED: ("neutral", "ban"),
    State.WITHDRAWN: ("neutral", "undo-2"),
}
STEPS_SHOWN = 20


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
    no_team = badge("warn", _("no team yet"), "users")
    return [
        {
            "url": f"{base}{request['id']}/",
            "asked": date_format(timezone.localtime(request["asked_at"]), "SHORT_DATETIME_FORMAT"),
            "caller": request["caller"],
            "content": request["content"],
            "channel": channels[request["channel"]],
            "team": request["team__name"] or no_team,
            "state": badges[State(request["state"])],
        }
        for request in requests
    ]


def waiting_rows(requests: Sequence[HelpRequest], today: date) -> list[dict[str, Any]]:
    """Prepare the requests that wait, with the team, for a home page."""
    return [
        {
            "url": request.get_absolute_url(),
            "caller": request.caller,
            "content": request.content,
            "team": request.team.name if request.team else _("no team yet"),
            "waiting": _since((today - timezone.localtime(request.asked_at).date()).days),
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
    """Tell what became of a request as a timeline: tone, title, when, who, text."""
    return [
        (
            STEP_TONES.get(Kind(step.kind), "info"),
            step.get_kind_display(),
            _moment(step.at),
            step.by.name if step.by else step.get_actor_display(),
            " · ".join(word for word in (step.team.name if step.team else "", step.text) if word),
        )
        for step in request.steps.visible_to(reader).select_related("by", "team")
    ]


def logs_of(request: HelpRequest, reader: User) -> list[ServiceLog]:
    """Return the services that were logged for the request, withdrawn ones too, as far as the reader sees them."""
    logs = request.logs.visible_to(reader).select_related("recorded_by").order_by("id")
    return list(logs[:STEPS_SHOWN])


def _since(days: int) -> str:
    if days < 1:
        return _("asked today")
    return ngettext("waiting for %(days)s day", "waiting for %(days)s days", days) % {"days": days}


def _moment(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT") if moment else ""
