"""What a resident does with their own request, by its code and without an account; nobody else has recorded it.

Each event may arrive twice, from a finger that trembles or a line that breaks: it happens once. What cannot be done is
said in words for a resident: what somebody at the office reads about the same state is another sentence.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import event
from common.rules import RuleBroken
from common.throttle import Limit
from grids.models import Team
from services.domain.clock import run_again
from services.domain.custody import OUT
from services.domain.flood import Flood
from services.domain.request import withdraw_request
from services.domain.request_album import attach
from services.domain.request_notices import Notice, tell
from services.domain.step import Actor, Kind, note
from services.domain.waiting import end_wait
from services.models import HelpRequest
from services.models.request import TEXT_LIMITS, hash_of
from services.models.request_step import TEXT_LIMITS as STEP_LIMITS

State = HelpRequest.State
Rating = HelpRequest.Rating

REOPENED_WITHIN = timedelta(days=7)
# The same words within this time are the same message, sent again.
SAME_MESSAGE_WITHIN = timedelta(hours=1)
# Words, photos and answers for one request within an hour.
FOR_ONE_REQUEST = Limit("request followed", most=20)

# Why something cannot be done, by where the request stands; what can be done instead.
STANDS = {
    State.OPEN: gettext_lazy("Your request is open: nobody has written down yet that you were helped."),
    State.RESOLVED: gettext_lazy("The team has noted that it helped you. If that is not so, say so below."),
    State.REFERRED: gettext_lazy("Your request was passed on to another office. Ask anew if you need something else."),
    State.UNSOLVED: gettext_lazy("Your request was closed because it could not be solved. You may ask anew."),
    State.WITHDRAWN: gettext_lazy("Your request was taken back. Ask anew if you need help after all."),
}


def followed_by(code: str) -> HelpRequest | None:
    """Return the request that the code follows, if there is one."""
    stored = hash_of(code)
    found = HelpRequest.objects.select_related("team", "township__merged_into", "village", "grid__village")
    return found.filter(code_hash=stored).first() if stored else None


def refuse_much(request: HelpRequest) -> None:
    """Count one more message about the request, and refuse it beyond the limit."""
    if not FOR_ONE_REQUEST.take(str(request.pk)):
        raise Flood


def may_reopen(request: HelpRequest, now: datetime | None = None) -> bool:
    """Whether the resident may still say that it is not solved."""
    if request.state != State.RESOLVED or request.closed_at is None:
        return False
    return (now or timezone.now()) < request.closed_at + REOPENED_WITHIN


def may_rate(request: HelpRequest) -> bool:
    """Whether the resident may say how it was: once, and not what they took back themselves."""
    is_done = request.state in (State.RESOLVED, State.REFERRED, State.UNSOLVED)
    return is_done and not request.rating and request.anonymised_at is None


@event
def add_to_request(request: HelpRequest, *, text: str, form_key: UUID, by: None = None) -> HelpRequest:
    """Add a word, the photos that wait for the form, or both, to an open request; who waited for it goes on."""
    text = _within(text, "text")
    request = HelpRequest.locked(request.pk)
    if request.state != State.OPEN:
        raise _refused(request)
    now = timezone.now()
    own = request.steps.filter(kind=Kind.WORD, actor=Actor.RESIDENT)
    is_new = bool(text) and not own.filter(text=text, at__gt=now - SAME_MESSAGE_WITHIN).exists()
    if is_new:
        note(request, Kind.WORD, text=text, at=now)
    photos = attach(request, form_key)
    if photos:
        note(request, Kind.PHOTO, at=now)
    if not is_new and not photos:
        return request
    end_wait(request, now)
    request.save()
    tell(request, Notice.WORD)
    return request


@event
def confirm_solved(request: HelpRequest, *, by: None = None) -> HelpRequest:
    """Put down that the resident says so too: it is solved."""
    request = HelpRequest.locked(request.pk)
    if request.state != State.RESOLVED:
        raise _refused(request)
    if request.confirmed_at is None:
        request.confirmed_at = timezone.now()
        request.save()
        note(request, Kind.CONFIRMED)
    return request


@event
def reopen_request(request: HelpRequest, *, text: str, by: None = None) -> HelpRequest:
    """Open a request again because it is not solved, within seven days; its last deadline begins anew.

    The team that had it has it again; if that was dissolved meanwhile, the one that serves the grid now, or else the
    township's office. The service stays in the log, and a further one is needed.
    """
    text = _within(text, "text")
    if not text:
        raise RuleBroken(_("Say in a few words what is still wrong."), field="text")
    before = Team.objects.filter(requests=request.pk).first()
    now_there = request.grid.teams.active().first() if request.grid is not None else None
    teams = {pk: Team.locked(pk) for pk in sorted({team.pk for team in (before, now_there) if team is not None})}
    request = HelpRequest.locked(request.pk)
    if request.state == State.OPEN and request.times_reopened:
        return request  # the same form once more
    if request.state != State.RESOLVED:
        raise _refused(request)
    now = timezone.now()
    if not may_reopen(request, now):
        raise RuleBroken(_("More than seven days have passed since the team helped. Please ask anew."))
    team = _who_has_it(request, teams)
    request.team_id = team.pk if team is not None else None
    request.handed_at = now if team is not None else None
    request.state, request.closed_at, request.confirmed_at = State.OPEN, None, None
    request.reopened_at, request.times_reopened = now, request.times_reopened + 1
    request.escalation = HelpRequest.Escalation.NONE
    run_again(request, now)
    request.save()
    note(request, Kind.REOPENED, team=team, text=text, at=now)
    tell(request, Notice.REOPENED)
    return request


def _who_has_it(request: HelpRequest, teams: dict[int, Team]) -> Team | None:
    """Return the team that had the request, unless it was dissolved, or else one that serves the grid now."""
    before = teams.get(request.team_id or 0)
    if before is not None and before.state != Team.State.DISSOLVED:
        return before
    serving = [team for team in teams.values() if team.state == Team.State.ACTIVE and team.pk != request.team_id]
    return serving[0] if serving else None


@event
def withdraw_own(request: HelpRequest, *, by: None = None) -> HelpRequest:
    """Take the request back: the resident needs nothing any more."""
    try:
        request = withdraw_request(request, by=None)
    except RuleBroken as refused:
        if refused.code == OUT:
            raise
        request.refresh_from_db()
        if request.state == State.WITHDRAWN:
            return request
        if request.is_open:  # something of theirs is still in the team's hands, which says so itself
            raise
        raise _refused(request) from refused
    tell(request, Notice.WITHDRAWN)
    return request


@event
def rate_request(request: HelpRequest, *, rating: str, words: str = "", by: None = None) -> HelpRequest:
    """Put down how satisfied the resident is, once and for all."""
    words = words.strip()
    if rating not in Rating:
        raise RuleBroken(_("Choose one of the three."), field="rating")
    if len(words) > TEXT_LIMITS["rating_words"]:
        raise RuleBroken(_("At most %(limit)s characters.") % {"limit": TEXT_LIMITS["rating_words"]}, field="words")
    request = HelpRequest.locked(request.pk)
    if (request.rating, request.rating_words) == (rating, words):
        return request
    if request.rating:
        raise RuleBroken(
            _("You have said “%(rating)s” already. It counts once; tell the office what has changed since.")
            % {"rating": Rating(request.rating).label},
            field="rating",
        )
    if not may_rate(request):
        raise _refused(request)
    request.rating, request.rating_words, request.rated_at = rating, words, timezone.now()
    request.save()
    note(request, Kind.RATED, text=words)
    if rating == Rating.DISSATISFIED:
        tell(request, Notice.DISSATISFIED)
    return request


def _within(text: str, field: str) -> str:
    text = text.strip()
    if len(text) > STEP_LIMITS["text"]:
        raise RuleBroken(_("At most %(limit)s characters.") % {"limit": STEP_LIMITS["text"]}, field=field)
    return text


def _refused(request: HelpRequest) -> RuleBroken:
    return RuleBroken(str(STANDS[State(request.state)]), code="settled")
