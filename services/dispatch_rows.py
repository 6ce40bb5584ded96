"""Whom and which team to choose for a request, prepared for its page: each with the reasons for it in words."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from common.templatetags.yiwang import badge
from grids.models import Membership, Team
from services.domain.nearest import Distance, Nearest, Proposal, nearest_teams
from services.domain.suggest import BUSY_DAYS, Fit, Suggested, suggest
from services.models import HelpRequest, RequestStep
from volunteers.models import Qualification

ROLES = {Membership.Role.LEADER: "crown", Membership.Role.DEPUTY: "user-cog"}


def proposals_of(asked: HelpRequest) -> dict[str, Any]:
    """Prepare the teams that may take the request, the nearest able one first."""
    nearest = nearest_teams(asked, timezone.localdate())
    return {
        "proposals": [_proposal_row(each, nearest) for each in nearest.proposals],
        "has_what_it_needs": nearest.are_able,
        "needs": nearest.qualification,
    }


def _proposal_row(proposal: Proposal, nearest: Nearest) -> dict[str, Any]:
    team = proposal.team
    reasons = [badge("ok" if proposal.distance == Distance.VILLAGE else "neutral", _near(proposal), "map-pin")]
    if proposal.holders:
        words = ngettext(
            "%(count)d holder of a valid qualification: %(field)s",
            "%(count)d holders of a valid qualification: %(field)s",
            proposal.holders,
        ) % {"count": proposal.holders, "field": nearest.qualification}
        reasons.append(badge("ok", words, "badge-check"))
    if proposal.fitting:
        words = ngettext("%(count)d member fits", "%(count)d members fit", proposal.fitting)
        reasons.append(badge("ok", words % {"count": proposal.fitting}, "user-check"))
    reasons.append(_busy(proposal.open_requests))
    return {
        "pk": team.pk,
        "name": team.name,
        "place": str(team.grid),
        "url": team.get_absolute_url(),
        "reasons": reasons,
    }


def _near(proposal: Proposal) -> str:
    if proposal.distance == Distance.DISTRICT:
        return _("Same part of the township: %(district)s") % {"district": proposal.team.grid.village.district}
    return str(proposal.distance.label)


def _busy(open_requests: int) -> SafeString:
    if not open_requests:
        return badge("ok", _("no open request"), "inbox")
    words = ngettext("%(count)d open request", "%(count)d open requests", open_requests) % {"count": open_requests}
    return badge("neutral", words, "inbox")


def why_no_team(asked: HelpRequest) -> str:
    """Say why a request went to no team by itself."""
    if asked.steps.filter(kind=RequestStep.Kind.HANDED_BACK).exists():
        return _("Its team has given it back.")
    if asked.grid is None:
        return _("Nobody knows the grid.")
    if asked.grid.teams.filter(state=Team.State.FORMING).exists():
        return _("The team of this grid is still forming.")
    return _("No active team serves this grid.")


def suggestions_of(asked: HelpRequest, reader: User) -> dict[str, Any] | None:
    """Prepare whom of the team to call, in order; None where there is nobody to call any more."""
    if asked.team is None or not asked.is_open:
        return None
    suggestion = suggest(asked.team, asked.category, timezone.localdate())
    return {
        "rows": [_member_row(each, asked, reader) for each in suggestion.members],
        "category": asked.category,
        "needs": suggestion.needs_words,
        "unqualified": suggestion.unqualified,
        "days": BUSY_DAYS,
    }


def _member_row(suggested: Suggested, asked: HelpRequest, reader: User) -> dict[str, Any]:
    volunteer = suggested.member.volunteer
    is_in_reach = reader.is_city_wide or volunteer.township_id in reader.township_ids
    return {
        "name": volunteer.name,
        "url": reverse("volunteers:detail", args=[volunteer.pk]) if is_in_reach else "",
        "marks": marks_of(suggested),
        "open_requests": suggested.open_requests,
        "services": suggested.services,
    }


def marks_of(suggested: Suggested) -> list[SafeString]:
    """Say of a member who may be called what they are in the team, and what speaks for them."""
    role = Membership.Role(suggested.member.role)
    marks = [badge("info", str(role.label), ROLES[role])] if role in ROLES else []
    if suggested.fit is not None:
        marks.append(FITS[suggested.fit](suggested.member.volunteer.primary_skill))
    if suggested.qualification is not None:
        marks.append(badge("ok", _valid(suggested.qualification), "badge-check"))
    return marks


FITS = {
    Fit.PRIMARY: lambda skill: badge("ok", str(skill), "user-check"),
    Fit.FURTHER: lambda skill: badge("ok", _("fits by a further skill type"), "user-check"),
    Fit.NONE: lambda skill: badge("neutral", _("another skill type: %(skill)s") % {"skill": skill}, "circle-dashed"),
}


def _valid(qualification: Qualification) -> str:
    if not qualification.has_end:
        return qualification.title
    return _("%(title)s, valid until %(day)s") % {
        "title": qualification.title,
        "day": date_format(qualification.expires_on),
    }
