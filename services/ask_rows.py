"""Where a resident's request stands, in plain words for whoever asked.

Read by people without an account: of whatever the office and the team have written down, nothing stands here but the
names of teams and offices, and what is written for the resident: why it could not be solved, what another office
answered. No member's name, no phone, no inner word.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from services.models import HelpRequest, RequestStep

State = HelpRequest.State
Kind, Actor = RequestStep.Kind, RequestStep.Actor
Step = tuple[str, str, str, str, str]

# Tone and words of each step, by who took it where that makes a difference; what is not here is not told.
WORDS: dict[str, tuple[str, Any]] = {
    Kind.ASKED: ("info", gettext_lazy("Your request arrived")),
    Kind.CALLED_AGAIN: ("info", gettext_lazy("You called once more")),
    Kind.DISPATCHED: ("info", gettext_lazy("It went to the team")),
    Kind.TRANSFERRED: ("info", gettext_lazy("It went to another team")),
    Kind.HANDED_BACK: ("warn", gettext_lazy("The team cannot come; the office looks for another one")),
    Kind.ANSWERED: ("ok", gettext_lazy("The team has it and gets in touch")),
    Kind.SET_OUT: ("ok", gettext_lazy("Somebody is on the way to you")),
    Kind.ARRIVED: ("ok", gettext_lazy("Somebody has come to you")),
    Kind.WAITING: ("warn", gettext_lazy("The team waits for word from you")),
    Kind.RESUMED: ("info", gettext_lazy("It goes on")),
    Kind.RESOLVED: ("ok", gettext_lazy("The team has helped")),
    Kind.UNSERVED: ("warn", gettext_lazy("The team took its note back: your request is open again")),
    Kind.REFERRED: ("neutral", gettext_lazy("It was passed on to the office in charge")),
    Kind.REFERRAL_ANSWERED: ("neutral", gettext_lazy("The office in charge has answered")),
    Kind.UNSOLVED: ("neutral", gettext_lazy("It could not be solved")),
    Kind.WITHDRAWN: ("neutral", gettext_lazy("The office noted that you need no help any more")),
    Kind.REOPENED: ("warn", gettext_lazy("Your request was opened again")),
    Kind.ESCALATED: ("warn", gettext_lazy("It takes long: the office above was told")),
    Kind.CUSTODY_TAKEN: ("info", gettext_lazy("The team took something of yours in hand")),
    Kind.CUSTODY_SUBMITTED: ("info", gettext_lazy("What you gave was handed in")),
    Kind.CUSTODY_RETURNED: ("ok", gettext_lazy("You got something back")),
    Kind.ANONYMISED: ("neutral", gettext_lazy("What you wrote was deleted, as its time was over")),
}
OWN_WORDS: dict[str, tuple[str, Any]] = {
    Kind.ASKED: WORDS[Kind.ASKED],
    Kind.WORD: ("info", gettext_lazy("You added")),
    Kind.PHOTO: ("info", gettext_lazy("You sent a photo")),
    Kind.WITHDRAWN: ("neutral", gettext_lazy("You took your request back")),
    Kind.REOPENED: ("warn", gettext_lazy("You said that it is not solved")),
    Kind.CONFIRMED: ("ok", gettext_lazy("You said that it is solved")),
    Kind.RATED: ("ok", gettext_lazy("You said how it was")),
}
# The latest of them: a page stays small however often somebody writes.
STEPS_SHOWN = 100
# With which steps the team's name stands.
NAMES_TEAM = (Kind.DISPATCHED, Kind.TRANSFERRED)


def told_to_resident(asked: HelpRequest) -> dict[str, Any]:
    """Return a title, sentences, and what happened so far, without anybody's name but teams' and offices'."""
    title, said = _stands(asked)
    return {
        "title": title,
        "said": said,
        "promise": promise(asked),
        "is_late": asked.due_at is not None and asked.due_at < timezone.now(),
        "steps": list(steps_for_resident(asked)),
    }


def steps_for_resident(asked: HelpRequest) -> Iterator[Step]:
    """Yield the steps that a resident is told of: tone, title, when, nobody, text."""
    for step in reversed(asked.steps.select_related("team").order_by("-at", "-id")[:STEPS_SHOWN]):
        own = step.actor == Actor.RESIDENT
        words = (OWN_WORDS if own else WORDS).get(step.kind)
        if words is not None:
            tone, title = words
            yield tone, str(title), _moment(step.at), "", _text(asked, step, own=own)


def _text(asked: HelpRequest, step: RequestStep, *, own: bool) -> str:
    """Return what stands below a step: the resident's own words, a team or an office, the reason meant for them."""
    if step.kind == Kind.ASKED:
        return str(asked.grid or asked.village)
    if step.kind == Kind.RATED:
        return " · ".join(filter(None, [asked.get_rating_display(), asked.rating_words]))
    if own:
        return step.text
    if step.kind in NAMES_TEAM and step.team is not None:
        return step.team.name
    if step.kind == Kind.REFERRED:
        return asked.referred_to
    if asked.anonymised_at:
        return ""
    return {Kind.UNSOLVED: asked.outcome, Kind.REFERRAL_ANSWERED: asked.referral_answer}.get(Kind(step.kind), "")


def _stands(asked: HelpRequest) -> tuple[str, str]:
    """Return in a title and a sentence where the request stands."""
    words = {"team": asked.team.name if asked.team else "", "township": asked.township.present.name}
    if asked.anonymised_at:
        title = _("Your request was closed long ago")
        said = _(
            "It is over, and the time for keeping what you wrote is over too: your words, name, phone and photos were "
            "deleted. You may ask anew at any time."
        )
    elif asked.is_open:
        title, said = _open(asked)
    elif asked.state == State.RESOLVED:
        title, said = (
            (_("It is solved"), _("You have confirmed that %(team)s helped you. Thank you."))
            if asked.confirmed_at
            else (_("The team has helped"), _("%(team)s has noted that it helped you. Is that so?"))
        )
    elif asked.state == State.REFERRED:
        title = _("Another office is in charge")
        said = _("%(office)s is in charge of this, and your request was passed on to it.")
        words["office"] = asked.referred_to
    elif asked.state == State.WITHDRAWN:
        title, said = _("Your request was taken back"), _("Nobody comes any more. You may ask anew at any time.")
    else:
        title, said = _("It could not be solved"), _("The reason stands below. You may ask anew at any time.")
    return title, said % words


def _open(asked: HelpRequest) -> tuple[str, str]:
    if asked.team is None:
        title = _("Your request has arrived")
        if asked.times_reopened:
            title = _("Your request is open again")
        said = _(
            "The office of %(township)s has it and chooses a team for you. Should nobody call, turn to the office."
        )
        return title, said
    if asked.is_waiting:
        said = _("%(team)s needs to hear from you before it can go on. Call, or add a word below.")
        return _("The team waits for word from you"), said
    if asked.times_reopened:
        return _("Your request is open again"), _("%(team)s has it once more and gets in touch with you.")
    if asked.arrived_at and asked.arrived_at >= (asked.handed_at or asked.arrived_at):  # not another team before
        return _("The team has come to you"), _("%(team)s is at work.")
    if asked.set_out_at:
        return _("Somebody is on the way to you"), _("%(team)s is on the way.")
    if asked.answered_at:
        return _("The team has your request"), _("%(team)s has it and gets in touch with you.")
    said = _("%(team)s has it and calls you. Should nobody call, turn to the office of %(township)s.")
    return _("Your request has arrived"), said


def promise(asked: HelpRequest) -> str:
    """Return by when something is due, or that it takes too long; nothing while nothing is due."""
    due = asked.due_at
    if due is None:
        return ""
    if due < timezone.now():
        return _("It takes longer than it should. Please call, so that somebody looks after it at once.")
    words = {"due": _moment(due)}
    if asked.answered_at is None:
        return _("You should hear from somebody by %(due)s.") % words
    if asked.arrived_at is None:
        return _("Somebody should come by %(due)s.") % words
    return _("It should be solved by %(due)s.") % words


def _moment(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
