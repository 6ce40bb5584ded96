"""Who is told what happened to a request, by the bell and the daily e-mail.

A notice says where it came from and what kind of help it is about; never a name, a phone or what was said.
"""

from collections.abc import Collection
from enum import StrEnum

from django.utils.translation import gettext_noop as _

from accounts.domain.reminder import remind
from accounts.models import User
from accounts.rights import Role
from areas.models import Township
from grids.models import Membership, Team
from services.models import HelpRequest


class Notice(StrEnum):
    """What people are told of."""

    NEW = "new"
    TRANSFERRED_AWAY = "transferred_away"
    TRANSFERRED_TO = "transferred_to"
    HANDED_BACK = "handed_back"
    NO_TEAM = "no_team"
    CALLED_AGAIN = "called_again"
    WORD = "word"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"
    ESCALATED = "escalated"
    DUE_SOON = "due_soon"


TEXTS = {
    Notice.NEW: _("Somebody asks for help: %(place)s."),
    Notice.TRANSFERRED_AWAY: _("A request went to another team: %(place)s."),
    Notice.TRANSFERRED_TO: _("A request was transferred to your team: %(place)s."),
    Notice.HANDED_BACK: _("A team cannot come. Choose another one: %(place)s."),
    Notice.NO_TEAM: _("A request has no team yet. Choose one: %(place)s."),
    Notice.CALLED_AGAIN: _("Somebody called again about a request: %(place)s."),
    Notice.WORD: _("A resident added something to a request: %(place)s."),
    Notice.REOPENED: _("A resident says that it is not solved: %(place)s."),
    Notice.WITHDRAWN: _("A resident withdrew a request: %(place)s."),
    Notice.ESCALATED: _("A request is late: %(place)s."),
    Notice.DUE_SOON: _("A request is due soon: %(place)s."),
}


def tell(
    request: HelpRequest,
    kind: Notice,
    *,
    teams: Collection[Team] = (),
    offices: Collection[Township] = (),
    by: User | None = None,
) -> None:
    """Tell the leaders and deputies of the teams, and the staff of the townships' offices, but never ``by``."""
    leading = Membership.objects.current().filter(
        team__in=teams, role__in=(Membership.Role.LEADER, Membership.Role.DEPUTY), volunteer__user__is_active=True
    )
    staff = User.objects.filter(role=Role.TOWNSHIP_STAFF, township__in=[office.present for office in offices])
    leaders = User.objects.filter(pk__in=leading.values("volunteer__user")) if teams else User.objects.none()
    who = {user.pk: user for user in [*leaders, *staff] if by is None or user.pk != by.pk}
    remind(
        who.values(),
        "request",
        f"request:{request.pk}:{kind}:{request.version}",
        text=TEXTS[kind],
        url=request.get_absolute_url(),
        place=str(request.grid or request.village),
    )
