"""Grids, teams and memberships in the admin site: the same events as on the pages."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from common.admin import VersionedForm, YiwangModelAdmin
from grids.domain.grid import CHANGEABLE, draw_grid, edit_grid, retire_grid
from grids.domain.team import activate_team, add_member, form_team, remove_member, rename_team
from grids.models import Grid, Membership, Team


class GridForm(VersionedForm):
    """A grid's fields."""

    class Meta:
        model = Grid
        fields = ("village", "number", "households", "boundary", "official_code")


@admin.register(Grid)
class GridAdmin(YiwangModelAdmin):
    """Draws up, changes and retires grids."""

    form = GridForm
    list_display = ("village", "number", "households", "official_code", "is_retired")
    list_filter = ("is_retired", "village__township")
    list_select_related = ("village",)
    search_fields = ("village__name", "official_code")
    autocomplete_fields = ("village",)
    actions = ("retire",)

    def get_readonly_fields(self, request: HttpRequest, obj: Grid | None = None) -> tuple[str, ...]:
        """Keep village and number: cards and reports name the grid by them."""
        return ("village", "number") if obj else ()

    def save_model(self, request: HttpRequest, obj: Grid, form: ModelForm, change: bool) -> None:
        """Draw up or change the grid by its domain functions."""
        values = form.cleaned_data
        if change:
            version = values["opened_version"]
            edit_grid(obj.pk, {name: values[name] for name in CHANGEABLE}, version=version, by=request.user)
            return
        drawn = draw_grid(
            obj.village, obj.number, obj.households, obj.boundary, official_code=obj.official_code, by=request.user
        )
        obj.pk = drawn.pk

    @admin.action(description=_("Retire the chosen grids"), permissions=["change"])
    def retire(self, request: HttpRequest, grids: QuerySet[Grid]) -> None:
        """Take the grids out of use."""
        for grid in grids.order_by("pk"):
            retire_grid(grid, by=request.user)


class MembershipInline(admin.TabularInline):
    """Shows who is and was in the team; people join and leave by the team's page or by memberships."""

    model = Membership
    fields = ("volunteer", "role", "joined_on", "left_on", "reason")
    readonly_fields = fields
    ordering = ("-left_on", "joined_on")
    extra = 0
    can_delete = False
    verbose_name_plural = _("memberships")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        """Bring the volunteers along."""
        return super().get_queryset(request).select_related("volunteer", "team")

    def has_add_permission(self, request: HttpRequest, obj: Team | None = None) -> bool:
        """Nobody joins here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Team | None = None) -> bool:
        """Nobody leaves here: without it the page would take the rows' hidden fields from the form."""
        return False


@admin.register(Team)
class TeamAdmin(YiwangModelAdmin):
    """Forms, renames and activates teams; to dissolve one, open its page: the reason is asked for."""

    form = VersionedForm
    fields = ("grid", "name", "formed_on", "state", "activated_on", "dissolved_on", "opened_version")
    list_display = ("name", "grid", "state", "member_count", "formed_on", "activated_on")
    list_filter = ("state", "township")
    list_select_related = ("grid__village",)
    search_fields = ("name", "grid__village__name")
    autocomplete_fields = ("grid",)
    inlines = (MembershipInline,)
    actions = ("activate",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        """Count the members along."""
        current = Count("memberships", filter=Q(memberships__left_on__isnull=True))
        return super().get_queryset(request).annotate(member_count=current)

    @admin.display(description=_("members"), ordering="member_count")
    def member_count(self, team: Team) -> int:
        """Return how many are in the team now."""
        return team.member_count

    def get_readonly_fields(self, request: HttpRequest, obj: Team | None = None) -> tuple[str, ...]:
        """Let only the name of an existing team change."""
        states = ("state", "activated_on", "dissolved_on")
        return ("grid", "formed_on", *states) if obj else states

    def save_model(self, request: HttpRequest, obj: Team, form: ModelForm, change: bool) -> None:
        """Form or rename the team by its domain functions."""
        if change:
            rename_team(obj, name=obj.name, version=form.cleaned_data["opened_version"], by=request.user)
            return
        formed = form_team(obj.grid, name=obj.name, on=obj.formed_on, by=request.user)
        obj.pk = formed.pk

    @admin.action(description=_("Activate the chosen teams"), permissions=["change"])
    def activate(self, request: HttpRequest, teams: QuerySet[Team]) -> None:
        """Let the teams serve that satisfy the rule."""
        for team in teams.order_by("pk"):
            activate_team(team, by=request.user)


@admin.register(Membership)
class MembershipAdmin(YiwangModelAdmin):
    """Lets people join teams, and ends memberships with day and reason."""

    fields = ("team", "volunteer", "role", "joined_on", "left_on", "reason")
    list_display = ("volunteer", "team", "role", "joined_on", "left_on")
    list_filter = (("left_on", admin.EmptyFieldListFilter), "role", "team__township")
    list_select_related = ("volunteer", "team")
    search_fields = ("volunteer__name", "volunteer__number", "volunteer__name_initials", "team__name")
    autocomplete_fields = ("team", "volunteer")

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        """Let a new membership begin, and a current one end."""
        if obj is None:
            return ("left_on", "reason")
        return ("team", "volunteer", "role", "joined_on")

    def has_change_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        """Leave the past as it is."""
        return super().has_change_permission(request, obj) and (obj is None or obj.left_on is None)

    def get_form(self, request: HttpRequest, obj: Membership | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Ask for the reason where a membership ends."""
        form = super().get_form(request, obj, change, **kwargs)
        for name in ("left_on", "reason"):
            if name in form.base_fields:
                form.base_fields[name].required = True
        return form

    def save_model(self, request: HttpRequest, obj: Membership, form: ModelForm, change: bool) -> None:
        """Let the person join or leave by the domain functions."""
        if change:
            remove_member(obj.team, obj.volunteer, reason=obj.reason, on=obj.left_on, by=request.user)
            return
        joined = add_member(obj.team, obj.volunteer, role=obj.role, on=obj.joined_on, by=request.user)
        obj.pk = joined.pk
