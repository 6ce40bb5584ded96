"""Where a resident's request stands, in plain words for whoever asked."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from services.models import HelpRequest

State = HelpRequest.State


def told_to_resident(asked: HelpRequest) -> dict[str, Any]:
    """Return a title, a sentence, and what happened so far, without anybody's name but the team's."""
    words = {
        "team": asked.team.name if asked.team else "",
        "township": asked.township.present.name,
        "place": str(asked.grid or asked.village),
    }
    steps = [("info", _("Your request arrived"), _moment(asked.asked_at), "", words["place"])]
    if asked.team:
        steps.append(("info", _("It went to the team"), "", "", words["team"]))
    if asked.state == State.RESOLVED:
        steps.append(("ok", _("The team has helped"), _moment(asked.closed_at), "", ""))
    if asked.state == State.REFERRED:
        steps.append(
            ("neutral", _("Referred to the competent office"), _moment(asked.closed_at), "", asked.referred_to)
        )
    if asked.state == State.UNSOLVED:
        steps.append(("neutral", _("Closed without a service"), _moment(asked.closed_at), "", asked.outcome))
    if asked.state == State.WITHDRAWN:
        steps.append(("neutral", _("Withdrawn"), _moment(asked.closed_at), "", ""))
    closed = (_("Your request was closed"), _("The office says why below. You may ask anew."))
    title, said = {
        (State.OPEN, True): (
            _("Your request has arrived"),
            _("%(team)s has it and calls you. Should nobody call, turn to the office of %(township)s."),
        ),
        (State.OPEN, False): (
            _("Your request has arrived"),
            _("The office of %(township)s has it and chooses a team for you. Should nobody call, turn to the office."),
        ),
        (State.RESOLVED, True): (
            _("The team has helped"),
            _("%(team)s has noted that it helped you. If that is not so, turn to the office of %(township)s."),
        ),
    }.get((State(asked.state), asked.team is not None), closed)
    return {"title": title, "said": said % words, "steps": steps}


def _moment(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT") if moment else ""
