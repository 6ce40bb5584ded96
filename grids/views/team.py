"""Teams: the list, a team's page, and what happens to a team as a whole."""

from collections import Counter
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.rights import Right, right_required
from areas.models import TownshipSettings
from common.lists import list_page
from grids.domain.rule import gap_of, members_of, missing_for_activation
from grids.domain.team import activate_team, dissolve_team, form_team, rename_team
from grids.exports import TEAMS
from grids.filters import TeamFilter
from grids.forms.team import DayForm, LeavingForm, RenameForm, TeamForm
from grids.models import Grid, Membership, Team
from grids.models.team import TeamQuerySet
from grids.reasons import last_service_text
from grids.rows import team_badge, team_rows
from grids.team_sections import parts_of
from grids.time_line_rows import time_line
from grids.views.pages import form_page, posted, press
from volunteers.models import SkillType, Volunteer


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
    """Show a team: who is in it and what it lacks, its work, and who was in it when."""
    teams = Team.objects.visible_to(request.user).select_related("grid__village", "township")
    team = get_object_or_404(teams, pk=pk)
    members = members_of(team)
    prefetch_related_objects(members, "volunteer__further_skills")
    seen = Volunteer.objects.visible_to(request.user).filter(pk__in=team.memberships.values("volunteer"))
    visible = set(seen.values_list("pk", flat=True))
    form = DayForm(request.GET if "day" in request.GET else None)
    return render(
        request,
        "grids/team/detail.html",
        {
            "team": team,
            "state": team_badge(team),
            "members": members,
            "visible": visible,
            "last": last_service_text(Team.objects.filter(pk=pk).last_services()[pk]),
            "standing": team.state != Team.State.DISSOLVED,
            "forming": team.state == Team.State.FORMING,
            "has_room": len(members) < settings.TEAM_MAX_MEMBERS,
            "day_form": form,
            "time_line": time_line(team, form.cleaned_data["day"] if form.is_valid() else None, visible),
            **_gap(members, TownshipSettings.of(team.township_id).least_skill_types),
            **_columns(team, request.user),
        },
    )


def _columns(team: Team, reader: User) -> dict[str, Any]:
    """Part the panels into the wide column and the one beside it."""
    parts = parts_of(team, reader)
    beside = [part for part in parts if getattr(part.section, "is_aside", False)]
    return {"parts": [part for part in parts if part not in beside], "beside": beside}


def _gap(members: list[Membership], least: int) -> dict[str, Any]:
    """Say which skill types the members have, which none has, and what is missing of the rule."""
    gap = gap_of(members, least)
    count = Counter(member.volunteer.primary_skill_id for member in members)
    further = Counter(skill.pk for member in members for skill in member.volunteer.further_skills.all())
    types = SkillType.objects.filter(Q(is_retired=False) | Q(pk__in=count))
    return {
        "skills": [(skill, count[skill.pk], further[skill.pk]) for skill in types],
        "missing": missing_for_activation(members, least),
        "missing_members": range(gap.members),
        "missing_skill_types": range(gap.skill_types),
    }


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
