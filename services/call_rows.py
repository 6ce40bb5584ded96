"""Who may be called for a request, prepared for the page: in which order, why, and what each said last."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rights import Right
from common import spans
from common.templatetags.yiwang import badge
from grids.models import Team
from grids.states import is_leader
from services.dispatch_rows import marks_of
from services.domain.call_attempt import latest_of, who_comes
from services.domain.suggest import BUSY_DAYS, suggest
from services.forms.dispatch import BackForm
from services.models import CallAttempt, HelpRequest
from services.request_acts import ACTS
from volunteers.models import Volunteer

RESULTS = {
    CallAttempt.Result.NO_ANSWER: ("warn", "phone-missed"),
    CallAttempt.Result.CANNOT: ("neutral", "user-x"),
    CallAttempt.Result.COMES: ("ok", "user-check"),
}


def calls_of(request: HelpRequest, team: Team, user: User, now: datetime) -> dict[str, Any]:
    """Prepare the members who may be called, in the order that is suggested, each with what they said last."""
    suggestion = suggest(team, request.category, timezone.localdate(now))
    people = [each.member.volunteer for each in suggestion.members]
    seen = set(
        Volunteer.objects.visible_to(user).filter(pk__in=[person.pk for person in people]).values_list("pk", flat=True)
    )
    latest = latest_of([request])
    said = {volunteer: attempt for (_request, volunteer), attempt in latest.items()}
    coming = [volunteer.name for volunteer in who_comes([request])[request.pk]]
    untried = next((person.pk for person in people if person.pk in seen and person.pk not in said), None)
    return {
        "asked": request,
        "ago": ago(request.asked_at, now),
        "suggested": {
            "rows": suggestion.members,
            "needs": suggestion.needs_words,
            "unqualified": suggestion.unqualified,
        },
        "days": BUSY_DAYS,
        "callees": [
            {
                "volunteer": volunteer,
                "marks": marks_of(each),
                "load": each,
                "is_next": volunteer.pk == untried,
                "is_own": volunteer.user_id == user.pk,
                "is_known": volunteer.pk in seen,
                "may_dial": bool(volunteer.phone) and user.may(Right.SEE_PHONES),
                "said": said_in(said[volunteer.pk], now) if volunteer.pk in said else None,
            }
            for each, volunteer in zip(suggestion.members, people, strict=True)
        ],
        "coming": coming,
        "is_nobody_left": untried is None and not coming,
        "pager_url": address_of(None if is_leader(user) else team),
        "back": _back(request, latest.values()),
    }


def _back(request: HelpRequest, attempts: Iterable[CallAttempt]) -> dict[str, Any]:
    """Prepare giving it back to the office, with what the members said as the reason to begin with."""
    told = [
        _("%(name)s: %(result)s") % {"name": each.volunteer.name, "result": each.get_result_display()}
        for each in attempts
        if each.result != CallAttempt.Result.COMES
    ]
    initial = {"version": request.version, "reason": "\n".join(told)}
    return {
        "act": ACTS["back"],
        "form": BackForm(asked=request, initial=initial, auto_id="id_back_%s"),
        "url": reverse("services:request_back", args=[request.pk]),
    }


def said_in(attempt: CallAttempt, now: datetime) -> dict[str, Any]:
    """Prepare what came of calling somebody, and when."""
    result = CallAttempt.Result(attempt.result)
    tone, icon = RESULTS[result]
    return {"badge": badge(tone, str(result.label), icon), "when": when(attempt.at, now), "result": attempt.result}


def address_of(team: Team | None) -> str:
    """Return the address of the pager, of one team or of all that the person leads."""
    return reverse("services:pager") + (f"?team={team.pk}" if team is not None else "")


def ago(moment: datetime, now: datetime) -> str:
    """Say how long ago something was, in its largest unit."""
    return _("%(time)s ago") % {"time": spans.said(minutes_since(moment, now), parts=1)}


def minutes_since(since: datetime, now: datetime) -> int:
    """Return the whole minutes from a moment until now."""
    return int((now - since) / timedelta(minutes=1))


def when(moment: datetime, now: datetime) -> str:
    """Name a moment: its time if it is of today, else with the day."""
    local = timezone.localtime(moment)
    if local.date() == timezone.localtime(now).date():
        return f"{local:%H:%M}"
    return date_format(local, "SHORT_DATETIME_FORMAT")
