"""The intake desk prepared for the page: matches in words, and a village's grids with who serves them."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.rights import Right
from common.templatetags.yiwang import badge
from grids.states import TONES, UNCOVERED, GridState, with_state
from services.domain.intake import Known, Match
from services.forms.intake import IntakeForm
from services.models import HelpRequest
from services.request_parts import Context, Section, register
from services.request_rows import request_badge

Urgency = HelpRequest.Urgency


def known_rows(known: Known) -> dict[str, Any]:
    """Prepare what is known of a caller."""
    return {
        "open": [_row(match) for match in known.open],
        "settled": [_row(match) for match in known.settled],
        "households": [_household(match) for match in known.households],
        "was_sought": known.was_sought,
        "shown": " ".join(str(match.pk) for match in known.pressing),
    }


def _row(match: Match) -> dict[str, Any]:
    row = match.row
    why = [
        (match.by_number, "info", _("this number"), "phone"),
        (match.by_household, "info", _("this household"), "house"),
        (match.is_alike, "warn", _("alike words"), "copy-check"),
    ]
    is_late = row["due_at"] is not None and row["due_at"] < timezone.now()
    return {
        "pk": match.pk,
        "url": reverse("services:request_detail", args=[match.pk]),
        "state": request_badge(row["state"]),
        "why": [badge(tone, label, icon_name) for holds, tone, label, icon_name in why if holds],
        "urgent": badge("bad", Urgency.URGENT.label, "siren") if row["urgency"] == Urgency.URGENT else "",
        "late": badge("bad", _("late"), "clock-alert") if is_late else "",
        "content": row["content"],
        "caller": row["caller"],
        "place": _place(row),
        "asked": date_format(timezone.localtime(row["asked_at"]), "SHORT_DATETIME_FORMAT"),
        "owner": row["team__name"] or _("with the township"),
    }


def _household(match: Match) -> dict[str, Any]:
    return {"pk": match.pk, "caller": match.row["caller"], "place": _place(match.row)}


def _place(row: dict[str, Any]) -> str:
    """Return village, grid and door as far as they are known."""
    number = row["grid__number"]
    grid = _("Grid %(number)s") % {"number": number} if number else ""
    return " · ".join(filter(None, [row["village__name"], grid, row["place"]]))


def grid_choices(form: IntakeForm) -> list[dict[str, Any]]:
    """Prepare the grids of the chosen village as buttons: number, boundary, the team and how the grid stands."""
    chosen = str(form["grid"].value() or "")
    rows = with_state(form.grids, form.user).values("pk", "number", "boundary", "state", "standing__name")
    choices = []
    for row in rows:
        state = GridState(row["state"])
        tone, icon_name = TONES[state]
        choices.append(
            {
                "value": str(row["pk"]),
                "is_chosen": str(row["pk"]) == chosen,
                "number": row["number"],
                "boundary": row["boundary"],
                "team": row["standing__name"] or "",
                "state": badge(tone, state.label, icon_name),
                "is_served": form.is_leaders or state not in UNCOVERED,
            }
        )
    return choices


def words_for_caller(asked: HelpRequest, code: str, address: str) -> str:
    """Return what may be sent to the caller: who has the request, the code, and the page that follows it."""
    if asked.team:
        who = _("Your request is noted. %(team)s has it and calls you.") % {"team": asked.team.name}
    else:
        township = asked.township.present.name
        who = _("Your request is noted. The office of %(township)s has it and chooses a team for you.") % {
            "township": township
        }
    how = _("Your code is %(code)s. You can follow the request here: %(address)s") % {"code": code, "address": address}
    return f"{who}\n{how}"


def _code(request: HelpRequest, reader: User) -> Context | None:
    return {"url": reverse("services:request_code", args=[request.pk])} if request.has_code_to_tell else None


def register_all() -> None:
    """Put the way to the code onto the page of a request."""
    part = Section(
        "code",
        gettext_lazy("The caller's code"),
        "services/request/parts/_code.html",
        _code,
        order=30,
        right=Right.KEEP_REQUESTS,
        is_aside=True,
    )
    register(part)
