"""Teams: the list, a team's page, and what happens to a team as a whole."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import Right, right_required
from common.lists import list_page
from grids.domain.rule import gap_of, members_of, missing_for_activation
from grids.domain.team import activate_team, dissolve_team, form_team, rename_team
from grids.exports import TEAMS
from grids.filters import TeamFilter
from grids.forms.team import DayForm, LeavingForm, RenameForm, TeamForm
from grids.models import Grid, Membership, Team
from grids.models.team import TeamQuerySet
from grids.rows import last_service_text, team_badge, team_rows
from grids.views.pages import form_page, posted, press
from volunteers.models import SkillType


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_TEAMS)
def team_list(request: HttpRequest) -> HttpResponse:
    """List the teams."""
    return list_page(
        request,
        queryset=Team.objects.visible_to(request.user).select_related("grid__village"),
        filterset_class=TeamFilter,
        ordering=("id",),
        rows=team_rows,
        template="grids/team/list.html",
        export=TEAMS,
        context=_by_state,
    )


def _by_state(teams: TeamQuerySet) -> dict[str, Any]:
    """Count the found teams by their state."""
    states = {state: Count("pk", filter=Q(state=state)) for state in (Team.State.ACTIVE, Team.State.FORMING)}
    return {"states": teams.order_by().aggregate(**states)}


@require_safe
@right_required(Right.VIEW_TEAMS)
def team_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a team: its members, what it lacks, who was in it before, and who was in it on a day."""
    team = get_object_or_404(Team.objects.visible_to(request.user).select_related("grid__village", "township"), pk=pk)
    members = members_of(team)
    return render(
        request,
        "grids/team/detail.html",
        {
            "team": team,
            "state": team_badge(team),
            "members": members,
            "last": last_service_text(Team.objects.filter(pk=pk).last_services()[pk]),
            "standing": team.state != Team.State.DISSOLVED,
            "forming": team.state == Team.State.FORMING,
            "has_room": len(members) < settings.TEAM_MAX_MEMBERS,
            "former": _memberships(team).filter(left_on__isnull=False).order_by("-left_on", "-pk"),
            **_gap(members),
            **_on_day(request, team),
        },
    )


def _gap(members: list[Membership]) -> dict[str, Any]:
    """Say which skill types the members have, which none has, and what is missing of the rule."""
    gap = gap_of(members)
    count: dict[int, int] = {}
    for member in members:
        count[member.volunteer.primary_skill_id] = count.get(member.volunteer.primary_skill_id, 0) + 1
    types = SkillType.objects.filter(Q(is_retired=False) | Q(pk__in=count))
    return {
        "skills": [(skill, count.get(skill.pk, 0)) for skill in types],
        "missing": missing_for_activation(members),
        "missing_members": range(gap.members),
    }


def _on_day(request: HttpRequest, team: Team) -> dict[str, Any]:
    """Say who was in the team on the day that the query string names, if it names one."""
    form = DayForm(request.GET if "day" in request.GET else None)
    day: date | None = form.cleaned_data["day"] if form.is_valid() else None
    on_day = _memberships(team).on(day).order_by("joined_on", "pk") if day else []
    return {"day_form": form, "day": day, "on_day": on_day}


def _memberships(team: Team) -> Any:
    return team.memberships.select_related("volunteer__primary_skill")


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.MANAGE_TEAMS)
def team_form(request: HttpRequest, pk: int) -> HttpResponse:
    """Form the team of a grid."""
    grid = get_object_or_404(Grid.objects.visible_to(request.user).select_related("village"), pk=pk)
    return form_page(
        request,
        TeamForm(posted(request)),
        act=lambda values: form_team(grid, **values, by=request.user),
        title=_("Form a team"),
        submit=_("Form the team"),
        back=grid.get_absolute_url(),
        up=str(grid),
        done=_("The team was formed. Add its members now."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.MANAGE_TEAMS)
def team_rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a team another name."""
    team = get_object_or_404(Team.objects.visible_to(request.user), pk=pk)
    return form_page(
        request,
        RenameForm(posted(request), initial={"name": team.name, "version": team.version}),
        act=lambda values: rename_team(team, **values, by=request.user),
        title=_("Rename the team"),
        submit=_("Save"),
        back=team.get_absolute_url(),
        up=str(team),
        done=_("The team was renamed."),
        current_version=lambda: team.version,
    )


@require_POST
@right_required(Right.MANAGE_TEAMS)
def team_activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a team that satisfies the rule serve from today on."""
    team = get_object_or_404(Team.objects.visible_to(request.user), pk=pk)
    return press(
        request,
        lambda: activate_team(team, by=request.user),
        back=team,
        done=_("The team is active. Its services can be logged from now on."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.MANAGE_TEAMS)
def team_dissolve(request: HttpRequest, pk: int) -> HttpResponse:
    """End a team."""
    team = get_object_or_404(Team.objects.visible_to(request.user), pk=pk)
    return form_page(
        request,
        LeavingForm(posted(request)),
        act=lambda values: dissolve_team(team, **values, by=request.user),
        title=_("Dissolve the team"),
        submit=_("Dissolve"),
        back=team.get_absolute_url(),
        up=str(team),
        done=_("The team was dissolved."),
        lead=_("All memberships end. The team's logs and reports stay, and its grid is without a team."),
    )
