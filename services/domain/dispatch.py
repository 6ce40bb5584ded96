"""A request changes hands: given to a team, transferred (转派), back to the office; a referral (转办) is answered.

Clocks and history go along: nothing is measured anew. Locks: the team that gets it, then the request.
"""

from collections.abc import Collection

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.audit import event
from accounts.models import User
from common.rules import RuleBroken
from grids.models import Grid, Team
from services.domain.anonymise import refuse_anonymised
from services.domain.clock import start
from services.domain.holder import holder_of
from services.domain.request import State, Urgency, locked_open, said
from services.domain.request_notices import Notice, tell
from services.domain.step import Actor, Kind, note
from services.models import HelpRequest, ServiceCategory
from services.models.request import TEXT_LIMITS as ANSWER_LIMITS
from services.models.request_step import TEXT_LIMITS


@event
def hand_to_team(request: HelpRequest, *, team: Team, version: int | None = None, by: User) -> HelpRequest:
    """Give a request that the office has to a team of its township; the team is told.

    Raises ``HasItNow``, which says who has it, when somebody was faster.
    """
    team = Team.locked(team.pk)
    request = locked_open(request, version)
    if request.team is not None:
        raise RuleBroken(f"{holder_of(request)} {_('To give it to another team, transfer it.')}", field="team")
    refuse_unable(request, team)
    request.team, request.handed_at = team, timezone.now()
    request.save()
    note(request, Kind.DISPATCHED, by=by, team=team)
    tell(request, Notice.NEW, teams=[team], by=by)
    return request


@event
def transfer_request(
    request: HelpRequest, *, team: Team, reason: str, version: int | None = None, by: User
) -> HelpRequest:
    """转派: give a request that a team has to another team of the township, with the reason; both teams are told.

    Raises ``HasItNow``, which says who has it, when it went elsewhere since the page, of ``version``, was opened.
    """
    reason = said(reason, "reason", _("Say why it goes to another team."), limit=TEXT_LIMITS["text"])
    team = Team.locked(team.pk)
    request = locked_open(request, version)
    former = request.team
    if former is None:
        raise RuleBroken(_("The office has this request. Give it to a team instead of transferring it."))
    if former == team:
        raise RuleBroken(_("%(team)s has this request already. Choose another team.") % {"team": team}, field="team")
    refuse_unable(request, team)
    request.team, request.handed_at, request.set_out_at = team, timezone.now(), None  # of this team nobody has yet
    request.save()
    note(request, Kind.TRANSFERRED, by=by, team=team, text=reason)
    tell(request, Notice.TRANSFERRED_TO, teams=[team], by=by)
    tell(request, Notice.TRANSFERRED_AWAY, teams=[former], by=by)
    return request


@event
def hand_back(request: HelpRequest, *, reason: str, version: int | None = None, by: User) -> HelpRequest:
    """Give a request back to the office because the team cannot come: nobody is forced (志愿服务条例 Art. 25).

    The office is told and chooses another team; the clocks run on.
    """
    reason = said(reason, "reason", _("Say why nobody can come."), limit=TEXT_LIMITS["text"])
    request = locked_open(request, version)
    if request.team is None:
        raise RuleBroken(_("The office has this request already. It chooses a team for it."))
    return _to_office(request, reason, by=by)


@event
def return_to_office(requests: Collection[int], *, reason: str, by: User | None) -> int:
    """Let the office have the open ones of these ``requests``, whose team cannot do anything about them any more."""
    taken = 0
    for pk in sorted(requests):
        request = HelpRequest.locked(pk)
        if request.is_open and request.team is not None:
            _to_office(request, reason, by=by)
            taken += 1
    return taken


def _to_office(request: HelpRequest, reason: str, *, by: User | None) -> HelpRequest:
    """Take the locked request from its team."""
    former, request.team, request.handed_at, request.set_out_at = request.team, None, None, None
    request.save()
    note(request, Kind.HANDED_BACK, by=by, actor=Actor.SYSTEM, team=former, text=reason)
    tell(request, Notice.HANDED_BACK, offices=[request.township], by=by)
    return request


@event
def answer_referral(request: HelpRequest, *, answer: str, version: int | None = None, by: User) -> HelpRequest:
    """Put down what the office answered that a request was referred to; once. It stays referred, not resolved."""
    answer = said(answer, "answer", _("Say what the office answered."), limit=ANSWER_LIMITS["referral_answer"])
    request = HelpRequest.locked(request.pk, version=version)
    if request.state != State.REFERRED:
        raise RuleBroken(_("This request is not referred any more, so no office answers it. Look at it once more."))
    if request.referral_answered_at is not None:
        raise RuleBroken(
            _("The office's answer was put down on %(when)s already. What came later is added as a word.")
            % {"when": date_format(timezone.localtime(request.referral_answered_at), "DATETIME_FORMAT")}
        )
    refuse_anonymised(request)
    request.referral_answer, request.referral_answered_at = answer, timezone.now()
    request.save()
    note(request, Kind.REFERRAL_ANSWERED, by=by, text=answer)
    return request


@event
def locate_request(request: HelpRequest, *, grid: Grid, version: int | None = None, by: User) -> HelpRequest:
    """Say from which grid of its village a request came; one that the office has goes to that grid's team at once.

    Where no active team serves the grid the office keeps it. A team that has it already keeps it: it is transferred
    where another one is to go.
    """
    serving = grid.teams.active().first() if request.team_id is None else None
    team = Team.locked(serving.pk) if serving is not None else None
    request = locked_open(request, version)
    if not request.possible_grids.filter(pk=grid.pk).exists():
        raise RuleBroken(_("Choose a grid of the village that the request came from."), field="grid")
    request.grid = grid
    if team is not None and team.state == Team.State.ACTIVE:
        request.team, request.handed_at = team, timezone.now()
    request.save()
    note(request, Kind.CHANGED, by=by, text=str(grid))
    if team is not None and request.team == team:
        note(request, Kind.DISPATCHED, by=by, team=team)
        tell(request, Notice.NEW, teams=[team], by=by)
    return request


@event
def sort_request(
    request: HelpRequest, *, category: ServiceCategory | None, version: int | None = None, by: User
) -> HelpRequest:
    """Say what kind of service is asked for: who is suggested, and which teams are able, follows from it."""
    request = locked_open(request, version)
    if category is not None and category.is_retired and category.pk != request.category_id:
        raise RuleBroken(_("This category is no longer used. Choose another one."), field="category")
    if category != request.category:
        request.category = category
        request.save()
        note(request, Kind.CHANGED, by=by, text=category.name if category else "")
    return request


@event
def set_urgency(request: HelpRequest, *, urgency: str, version: int | None = None, by: User) -> HelpRequest:
    """Say how soon somebody has to come: what is still to be met is due anew, counted from the asking.

    Whoever has the request is told that it is urgent, unless somebody is there already.
    """
    if urgency not in Urgency:
        raise RuleBroken(_("Choose how urgent it is."), field="urgency")
    request = locked_open(request, version)
    if urgency == request.urgency:
        return request
    request.urgency = urgency
    start(request)
    request.save()
    note(request, Kind.CHANGED, by=by, text=str(Urgency(urgency).label))
    if urgency == Urgency.URGENT and request.arrived_at is None:
        tell(request, Notice.NEW if request.team is not None else Notice.NO_TEAM, by=by)
    return request


@event
def note_word(request: HelpRequest, *, text: str, by: User) -> HelpRequest:
    """Add a word for colleagues to a request, in whatever state; the resident does not read it."""
    text = said(text, "text", _("Write what is to be kept in mind."), limit=TEXT_LIMITS["text"])
    request = HelpRequest.locked(request.pk)
    refuse_anonymised(request)
    note(request, Kind.WORD, by=by, text=text)
    return request


def refuse_unable(request: HelpRequest, team: Team) -> None:
    """Refuse a team, locked, that cannot take the request: it does not serve now, or is another township's."""
    if team.state == Team.State.DISSOLVED:
        raise RuleBroken(_("This team has been dissolved. Choose the team that serves the grid now."), field="team")
    if team.state == Team.State.FORMING:
        raise RuleBroken(_("This team is still forming. Choose one that is active."), field="team")
    if team.township_id not in request.township.present.reach:
        raise RuleBroken(_("Choose a team of the township that the request came to."), field="team")
