"""Who is told what about a request: on the bell, by e-mail and by a text to the phone.

``tell`` is called within the event that changes the request. A notice names the place and the kind of help, never a
person, a phone or a word of the resident: those are on the page that it leads to, for those who may see it. It waits on
the bell until the person has seen it, or until the request has moved on (``moved_on``): nobody is sent to what others
have done already. Urgent ones are sent by e-mail at once, the others with the digest (``accounts.domain.digest``).
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from accounts.domain.digest import tell_urgent
from accounts.domain.reminder import AT_ONCE, remind_anew, settle_reminders
from accounts.models import Reminder, User
from accounts.rights import Role
from areas.models import Township
from grids.models import Membership, Team
from services.domain.message import about, message_leader, message_resident
from services.models import HelpRequest, RequestStep

Step = RequestStep.Kind


class Notice(models.TextChoices):
    """What people are told."""

    NEW = "new", gettext_lazy("New request")
    TRANSFERRED_TO = "transferred_to", gettext_lazy("Transferred to the team")
    TRANSFERRED_AWAY = "transferred_away", gettext_lazy("Transferred away from the team")
    HANDED_BACK = "handed_back", gettext_lazy("Given back to the office")
    NO_TEAM = "no_team", gettext_lazy("No team has it")
    CALLED_AGAIN = "called_again", gettext_lazy("The resident called again")
    WORD = "word", gettext_lazy("The resident added something")
    REOPENED = "reopened", gettext_lazy("Reopened")
    WITHDRAWN = "withdrawn", gettext_lazy("Withdrawn")
    DISSATISFIED = "dissatisfied", gettext_lazy("The resident is not satisfied")
    DUE_SOON = "due_soon", gettext_lazy("A deadline is near")
    ESCALATED_TOWNSHIP = "escalated_township", gettext_lazy("Late, told to the township")
    ESCALATED_CITY = "escalated_city", gettext_lazy("Late, told to the city")


# The office above the townships': the administrators of the city.
CITY = "city"
KIND = "request"
TEXTS = {
    Notice.NEW: _("New request for help: %(about)s. Answer it."),
    Notice.TRANSFERRED_TO: _("A request was transferred to your team: %(about)s. Answer it."),
    Notice.TRANSFERRED_AWAY: _("A request was transferred to another team: %(about)s. Yours need not come."),
    Notice.HANDED_BACK: _("A team cannot come: %(about)s. Choose another one."),
    Notice.NO_TEAM: _("No team has this request yet: %(about)s. Choose one."),
    Notice.CALLED_AGAIN: _("The resident called again about a request: %(about)s."),
    Notice.WORD: _("The resident added something to a request: %(about)s."),
    Notice.REOPENED: _("The resident says that it is not solved, the request is open again: %(about)s."),
    Notice.WITHDRAWN: _("A request was withdrawn: %(about)s. Nobody need come."),
    Notice.DISSATISFIED: _("A resident is not satisfied: %(about)s. Ask what is missing."),
    Notice.DUE_SOON: _("A deadline of this request is near: %(about)s."),
    Notice.ESCALATED_TOWNSHIP: _("A request is late: %(about)s. See that somebody goes."),
    Notice.ESCALATED_CITY: _("A request is still late, its township was told: %(about)s."),
}
URGENT_TEXTS = {
    Notice.NEW: _("URGENT request for help: %(about)s. Answer it now."),
    Notice.TRANSFERRED_TO: _("An URGENT request was transferred to your team: %(about)s. Answer it now."),
    Notice.NO_TEAM: _("No team has this URGENT request yet: %(about)s. Choose one now."),
    Notice.HANDED_BACK: _("A team cannot come to an URGENT request: %(about)s. Choose another one now."),
}
# Which of a request's earlier notices are over when another is told: it has a new owner.
OWNERS = (Notice.NEW, Notice.TRANSFERRED_TO, Notice.HANDED_BACK, Notice.NO_TEAM, Notice.REOPENED, Notice.DUE_SOON)
CHANGES_OWNER = (Notice.NEW, Notice.TRANSFERRED_TO, Notice.HANDED_BACK, Notice.NO_TEAM)
# What a step of the request answers.
ANSWERED = (*OWNERS, Notice.CALLED_AGAIN)
ALL_BUT_WITHDRAWN = tuple(notice for notice in Notice if notice != Notice.WITHDRAWN)
OVER_AFTER: dict[str, Collection[Notice]] = {
    Step.ANSWERED: ANSWERED,
    Step.SET_OUT: ANSWERED,
    Step.ARRIVED: (*ANSWERED, Notice.WORD, Notice.ESCALATED_TOWNSHIP, Notice.ESCALATED_CITY),
    Step.RESOLVED: tuple(Notice),
    Step.REFERRED: tuple(Notice),
    Step.UNSOLVED: tuple(Notice),
    Step.WITHDRAWN: ALL_BUT_WITHDRAWN,
}
# Of which the leader gets a text as well, and of which only while the request is urgent.
TEXTED, TEXTED_IF_URGENT = (Notice.NEW, Notice.TRANSFERRED_TO), (Notice.REOPENED, Notice.CALLED_AGAIN, Notice.DUE_SOON)
# What is the office's business where nobody is named; the others are the team's, if there is one.
OF_THE_OFFICE = (Notice.HANDED_BACK, Notice.NO_TEAM, Notice.DISSATISFIED, Notice.ESCALATED_TOWNSHIP)
# How long before a deadline it is said that it is near: a part of an urgent request's half hour, an hour of others.
SOON_IF_URGENT, SOON = timedelta(minutes=10), timedelta(hours=1)


def tell(
    request: HelpRequest,
    kind: Notice | str,
    *,
    teams: Collection[Team] = (),
    offices: Collection[Township | str] = (),
    is_first: bool = False,
    by: User | None = None,
) -> int:
    """Tell the leaders and deputies of ``teams`` and the people of ``offices``; return how many people that were.

    An office is a township, or ``CITY``. Where neither is named it is told to whom it concerns: the team that has the
    request, else its township. Where a team's leaders have no account the township is told. Who did it, ``by``, is not.
    ``is_first`` says that nobody has been told anything of it yet: it came a moment ago.
    """
    notice, teams, offices = Notice(kind), list(teams), list(offices)
    if not teams and not offices:
        if notice == Notice.ESCALATED_CITY:
            offices = [CITY]
        elif request.team is None or notice in OF_THE_OFFICE:
            offices = [request.township]
        else:
            teams = [request.team]
    leading = Membership.objects.leading_with_account().filter(team__in=teams)
    people = list(User.objects.filter(pk__in=leading.values("volunteer__user")).order_by("pk")) if teams else []
    if teams and not people:
        offices.append(request.township)
    if offices:
        people = list(dict.fromkeys([*people, *_people_of(offices)]))
    people = [person for person in people if by is None or person.pk != by.pk]
    if notice in CHANGES_OWNER and not is_first:
        _settle(request, OWNERS)
    is_urgent = request.urgency == HelpRequest.Urgency.URGENT
    text = URGENT_TEXTS.get(notice, TEXTS[notice]) if is_urgent else TEXTS[notice]
    # The former team sees the request no longer.
    url = reverse("services:request_list") if notice == Notice.TRANSFERRED_AWAY else request.get_absolute_url()
    with translation.override(settings.LANGUAGE_CODE):
        where = about(request)
    words = {"about": where} | ({"due": request.due_at.isoformat()} if request.due_at else {})
    reminder_kind = AT_ONCE if is_urgent else KIND
    told = remind_anew(
        people, reminder_kind, notice_key(request, notice), text=text, url=url, is_first=is_first, **words
    )
    if is_urgent and any(person.email and person.email_reminders for person in people):
        tell_urgent()
    if notice in TEXTED or (is_urgent and notice in TEXTED_IF_URGENT):
        for team in teams:
            message_leader(request, notice, team)
    if notice in (Notice.NEW, Notice.NO_TEAM):
        message_resident(request, notice)
    return told


def moved_on(request: HelpRequest, step: str) -> None:
    """Let nobody wait for what a step of the request has answered."""
    if over := OVER_AFTER.get(step):
        _settle(request, over)


def notice_key(request: HelpRequest, notice: Notice) -> str:
    """Return what the reminders of this notice are known by."""
    return f"request:{request.pk}:{notice}"


def warn_of_deadlines(now: datetime | None = None) -> int:
    """Tell the owners of requests whose next deadline is near, once a deadline; return how many people were told."""
    now = now or timezone.now()
    near = HelpRequest.objects.open().filter(due_at__gt=now, due_at__lte=now + SOON)
    near = near.exclude(urgency=HelpRequest.Urgency.URGENT, due_at__gt=now + SOON_IF_URGENT).order_by("due_at", "id")
    requests = list(near.select_related("team", "township", "village", "grid__village", "category"))
    keys = [notice_key(request, Notice.DUE_SOON) for request in requests]
    told = {
        (key, words.get("due")) for key, words in Reminder.objects.filter(key__in=keys).values_list("key", "params")
    }
    people = 0
    for request in requests:
        due = request.due_at.isoformat() if request.due_at else None
        if (notice_key(request, Notice.DUE_SOON), due) not in told:
            people += tell(request, Notice.DUE_SOON)
    return people


def _settle(request: HelpRequest, notices: Collection[Notice]) -> None:
    keys = [notice_key(request, notice) for notice in notices]
    if Notice.NO_TEAM in notices:
        keys.append(f"request:{request.pk}")  # what it was known by before there were other notices
    settle_reminders(keys)


def _people_of(offices: Collection[Township | str]) -> QuerySet[User]:
    townships = [office.present for office in offices if isinstance(office, Township)]
    staff = models.Q(role=Role.TOWNSHIP_STAFF, township__in=townships)
    city = models.Q(role=Role.ADMIN) if CITY in offices else models.Q(pk=None)
    return User.objects.filter(staff | city, is_active=True).order_by("pk")
