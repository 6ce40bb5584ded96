"""The outbox: the page that works without a network, and the door through which a phone hands its logs in."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from accounts.own_store import OwnStore
from accounts.rights import Right, Role, right_required
from common.json_answer import answer
from common.rules import RuleBroken
from services.domain.log import RecordedDifferently, record_service
from services.domain.outbox import teams_to_log_for
from services.forms.log import first_entry
from services.forms.outbox import OutboxForm
from services.models import ServiceLog


@require_safe
@right_required(Right.MEND_LOGS)
def outbox(request: HttpRequest) -> HttpResponse:
    """Show the form of a log and the logs that wait; all of it also from the phone's own copy of the page.

    Only a team leader's page may be kept on the device (static/js/sw.js): staff work on shared computers, and theirs
    names a whole township's people.
    """
    today = timezone.localdate()
    teams = teams_to_log_for(request.user, today)
    book = {"teams": teams, "now": round(timezone.now().timestamp() * 1000)}
    context = {
        "form": OutboxForm(user=request.user, initial=first_entry(request.user, {}) | {"date": None}),
        "book": book,
        "words": words_of_the_list(),
        "durations": [30, 60, 90, 120],
        "has_teams": bool(teams),
    }
    response = render(request, "services/outbox/outbox.html", context)
    if request.user.role == Role.TEAM_LEADER:
        response["Yiwang-Keep"] = OwnStore.of(request.user).owner
    return response


@require_POST
@right_required(Right.MEND_LOGS)
def outbox_send(request: HttpRequest) -> JsonResponse:
    """Take one log from a phone's outbox as the ordinary form does, and tell the phone how it stands.

    Its states: saved, same (it had arrived before), refused, ask, other_user; and from the layers around
    (``common.json_answer``) signed_out and retry.
    """
    if not OwnStore.of(request.user).is_named(request.POST.get("owner", "")):
        return answer(
            "other_user",
            status=409,
            text=_("Somebody else is signed in. It stays here until the person who wrote it signs in."),
        )
    form = OutboxForm(request.POST, request.FILES, user=request.user)
    form.take_photos()
    is_valid = form.is_valid()
    stored = form.stored()
    if stored is None and (question := form.clock_question()) is not None:
        return answer("ask", status=409, reason="clock", text=question.text, proposal=question.proposal)
    if not is_valid:
        if stored is not None and "team" in form.errors:  # it arrived while the team was still theirs
            return _taken("same", stored, request)
        return _refused(form)
    try:
        recorded = record_service(**form.entry(), by=request.user)
    except RecordedDifferently as different:
        return answer("ask", status=409, reason="differs", text=different.message, **_address(different.log, request))
    except RuleBroken as broken:
        form.add_rule(broken)
        return _refused(form)
    return _taken("saved" if recorded.is_new else "same", recorded.log, request)


def words_of_the_list() -> dict[str, str]:
    """Return the words that the scripts put into the list; ``{…}`` is filled in by them."""
    return {
        "team": _("Team"),
        "date": _("Date"),
        "starts": _("From"),
        "ends": _("To"),
        "next_day": _("Ends the next day"),
        "people": _("Who took part"),
        "category": _("Category"),
        "recipient": _("For whom"),
        "content": _("What was done"),
        "served": _("People served"),
        "place": _("Place"),
        "colon": pgettext("between a label and its message", ": "),
        "number": _("Number {number}"),
        "photos": _("Photos: {count}"),
        "helpers": _("Helpers ticked before: {count}"),
        "nobody": _("Nobody was in the team on that day."),
        "choose_team": _("Choose the team first: its people are then shown here."),
        "missing": _("Please fill in: {fields}."),
        "end_first": _("The end must be after the start. If it went past midnight, tick “Ends the next day”."),
        "proposal": _("By the right time it would be {when}."),
        "too_large": _("It is too large for the server. Take photos out and send it again."),
        "full": _("There is no room left on this device. Take photos out, or send what waits first."),
        "said": _("The log is in the outbox."),
        "copied": _("Copied"),
        "remove": pgettext("outbox", "Remove"),
        "remove_question": _("This log has not been delivered. Remove it for good?"),
    }


def _taken(state: str, log: ServiceLog, request: HttpRequest) -> JsonResponse:
    return answer(state, status=201 if state == "saved" else 200, **_address(log, request))


def _address(log: ServiceLog, request: HttpRequest) -> dict[str, Any]:
    """Name the stored log by its number, with its page for those who may see it; nothing of anybody else's."""
    is_visible = ServiceLog.objects.visible_to(request.user).filter(pk=log.pk).exists()
    if not is_visible and log.recorded_by_id != request.user.pk:
        return {}
    return {"number": log.pk, "url": log.get_absolute_url() if is_visible else ""}


def _refused(form: OutboxForm) -> JsonResponse:
    labels = {name: str(form[name].label) for name in form.errors if name in form.fields}
    errors = [
        {"field": name if name in labels else "", "label": labels.get(name, ""), "text": text}
        for name, texts in form.errors.items()
        for text in texts
    ]
    return answer("refused", status=422, errors=errors)
