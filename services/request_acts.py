"""What may be done with a request: one table of acts, each with its right, its form and when it is there.

The page of a request offers the acts that fit its state and its reader; ``services.views.request_act``
carries them out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import Right
from services.domain import dispatch
from services.domain.request import fail_request, refer_request, withdraw_request
from services.forms.dispatch import (
    ActForm,
    BackForm,
    FailForm,
    HandForm,
    LocateForm,
    ReferForm,
    ReferralAnswerForm,
    SortForm,
    TransferForm,
    UrgencyForm,
    WithdrawForm,
    WordForm,
)
from services.models import HelpRequest

State = HelpRequest.State
# What has a place of its own on the page, because it is what comes next; the grid only while no team has the request.
APART = ("hand", "answer")


def _has_team(asked: HelpRequest) -> bool:
    return asked.is_open and asked.team_id is not None


def _has_no_team(asked: HelpRequest) -> bool:
    return asked.is_open and asked.team_id is None


def _is_of_no_grid(asked: HelpRequest) -> bool:
    return asked.is_open and asked.grid_id is None


def _waits_for_office(asked: HelpRequest) -> bool:
    return asked.state == State.REFERRED and asked.referral_answered_at is None


def _is_open(asked: HelpRequest) -> bool:
    return asked.is_open


def _always(asked: HelpRequest) -> bool:
    return True


@dataclass(frozen=True)
class Act:
    """Something that somebody does with a request by a form behind a button.

    ``name`` is the end of the address and of the URL's name (``request_…``). ``label`` is on the button that opens the
    form, ``submit`` on the one that sends it; ``done`` is what is said afterwards.
    """

    name: str
    label: str | Promise
    icon: str
    right: Right
    form: type[ActForm]
    event: Callable[..., HelpRequest]
    fits: Callable[[HelpRequest], bool]
    done: str | Promise
    submit: str | Promise
    help: str | Promise = ""
    is_grave: bool = False

    def is_there(self, asked: HelpRequest, reader: User) -> bool:
        """Whether the page offers it."""
        return reader.may(self.right) and self.fits(asked) and asked.anonymised_at is None

    def form_for(self, asked: HelpRequest, data: QueryDict | None = None) -> ActForm:
        """Return the form as the page shows it at first, or as it was sent."""
        initial = {"version": asked.version, "category": asked.category_id, "urgency": asked.urgency}
        return self.form(data, asked=asked, initial=initial, auto_id=f"id_{self.name}_%s")


ACTS = {
    act.name: act
    for act in (
        Act(
            "hand",
            _("Give it to a team"),
            "send",
            Right.DISPATCH_REQUESTS,
            HandForm,
            dispatch.hand_to_team,
            _has_no_team,
            _("The team has the request now and was told."),
            _("Give it to this team"),
        ),
        Act(
            "locate",
            _("Say which grid it is"),
            "map-pin",
            Right.DISPATCH_REQUESTS,
            LocateForm,
            dispatch.locate_request,
            _is_of_no_grid,
            _("The grid was put down. A request that no team had is the team’s of that grid now, if one serves it."),
            _("Save the grid"),
            _("As soon as the grid is known, its team has the request."),
        ),
        Act(
            "transfer",
            _("Transfer it to another team"),
            "arrow-right-left",
            Right.DISPATCH_REQUESTS,
            TransferForm,
            dispatch.transfer_request,
            _has_team,
            _("The request was transferred. Both teams were told."),
            _("Transfer it to this team"),
            _("What has happened so far and the clocks go along. Both teams are told."),
        ),
        Act(
            "back",
            _("The team cannot come"),
            "undo-2",
            Right.ANSWER_REQUESTS,
            BackForm,
            dispatch.hand_back,
            _has_team,
            _("The office has the request again and was told."),
            _("Give it back to the office"),
            _("Nobody is forced to help. The office chooses another team; the resident does not read the reason."),
        ),
        Act(
            "refer",
            _("Refer it to another office"),
            "forward",
            Right.DISPATCH_REQUESTS,
            ReferForm,
            refer_request,
            _is_open,
            _("The request was referred. Put down here what the office answers."),
            _("Refer it"),
            _("It is settled as referred, which does not count as resolved. The resident reads which office has it."),
        ),
        Act(
            "answer",
            _("Put down the office’s answer"),
            "message-square-reply",
            Right.DISPATCH_REQUESTS,
            ReferralAnswerForm,
            dispatch.answer_referral,
            _waits_for_office,
            _("The office’s answer was put down."),
            _("Save the answer"),
            _("The resident reads it on the page that follows the request."),
        ),
        Act(
            "fail",
            _("It cannot be solved"),
            "ban",
            Right.DISPATCH_REQUESTS,
            FailForm,
            fail_request,
            _is_open,
            _("The request was closed as one that could not be solved."),
            _("Close it as not solved"),
            _("It stays on record with the reason, and does not count as resolved. The resident reads the reason."),
            is_grave=True,
        ),
        Act(
            "withdraw",
            _("The resident needs nothing any more"),
            "circle-x",
            Right.KEEP_REQUESTS,
            WithdrawForm,
            withdraw_request,
            _is_open,
            _("The request was withdrawn for the resident."),
            _("Withdraw it for the resident"),
            _("Only when the resident said so. It does not count as resolved."),
            is_grave=True,
        ),
        Act(
            "urgency",
            _("Say how urgent it is"),
            "siren",
            Right.DISPATCH_REQUESTS,
            UrgencyForm,
            dispatch.set_urgency,
            _is_open,
            _("The deadlines that are still to be met follow the urgency now."),
            _("Save the urgency"),
            _("What is still to be met is due anew, counted from the asking. If it is urgent, whoever has it is told."),
        ),
        Act(
            "sort",
            _("Say what kind of service it is"),
            "tags",
            Right.KEEP_REQUESTS,
            SortForm,
            dispatch.sort_request,
            _is_open,
            _("Who is suggested follows the category now."),
            _("Save the category"),
        ),
        Act(
            "word",
            _("Add a word for colleagues"),
            "message-square-plus",
            Right.KEEP_REQUESTS,
            WordForm,
            dispatch.note_word,
            _always,
            _("The word was added."),
            _("Add it"),
            _("The office and the team read it, the resident does not."),
        ),
    )
}


def is_apart(name: str, asked: HelpRequest) -> bool:
    """Whether the act has a place of its own on the page."""
    return name in APART or (name == "locate" and asked.team_id is None)


def acts_for(asked: HelpRequest, reader: User, sent: tuple[str, ActForm] | None = None) -> dict[str, dict[str, Any]]:
    """Prepare what ``reader`` may do with the request now, by name; ``sent`` is the form that came back with errors."""
    name_sent, form_sent = sent or ("", None)
    return {
        name: {
            "act": act,
            "form": form_sent if form_sent is not None and name == name_sent else act.form_for(asked),
            "url": f"{asked.get_absolute_url()}{name}/",
            "is_sent": name == name_sent,
        }
        for name, act in ACTS.items()
        if act.is_there(asked, reader)
    }
