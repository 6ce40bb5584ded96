"""Requests for help prepared for the page: words, dates and addresses, so that templates only print."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.history import entries_of
from accounts.models import User
from common.templatetags.yiwang import badge
from services.models import HelpRequest, ServiceLog

State = HelpRequest.State

# A phone is nowhere among them: the page of one request shows it, masked.
LIST_FIELDS = ("id", "asked_at", "caller", "content", "channel", "state", "team__name")
STATES = {State.OPEN: ("warn", "bell-ring"), State.RESOLVED: ("ok", "circle-check"), State.CLOSED: ("neutral", "ban")}
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


def steps_of(request: HelpRequest, reader: User) -> list[tuple[str, str, str, str, str]]:
    """Tell what became of a request as a timeline: tone, title, when, who, text."""
    steps = [("info", pgettext("request", "Asked"), _moment(request.asked_at), request.recorder_name, request.content)]
    for log in logs_of(request, reader):
        words = _("Withdrawn: %(reason)s") % {"reason": log.withdrawn_reason} if log.is_withdrawn else log.content
        tone = "neutral" if log.is_withdrawn else "ok"
        title = _("Service on %(day)s") % {"day": date_format(log.date)}
        steps.append((tone, title, _moment(log.recorded_at), log.recorded_by.name, words))
    handed = entries_of(request, ["hand_to_team"]).last() if request.is_from_page else None
    if handed is not None and request.team is not None:
        who = handed.actor.name if handed.actor else ""
        steps.insert(1, ("info", _("Given to a team"), _moment(handed.timestamp), who, request.team.name))
    if request.state == State.CLOSED:
        closed = entries_of(request, ["close_request"]).last()
        who = closed.actor.name if closed is not None and closed.actor else ""
        title = str(State.CLOSED.label)
        steps.append(("neutral", title, _moment(request.closed_at), who, request.outcome))
    return steps


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
