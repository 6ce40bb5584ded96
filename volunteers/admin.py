"""Volunteers and skill types in the admin site, under the rules of the pages."""

from typing import Any

from django import forms
from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.rights import Right
from common.admin import VersionedForm, YiwangModelAdmin
from common.forms import NameField, PhoneField, RecordsField
from volunteers.domain.volunteer import CHANGEABLE, edit_volunteer, register_volunteer
from volunteers.forms.phone import KeepsPhone
from volunteers.models import Badge, Provider, SkillType, Volunteer

# Columns of which nothing is told, or only a part.
HIDDEN = ("phone", "id_number")


@admin.register(SkillType)
class SkillTypeAdmin(YiwangModelAdmin):
    """What volunteers are sorted by; retired rather than deleted."""

    list_display = ("name", "name_en", "code", "position", "is_retired")
    search_fields = ("name", "name_en", "code")

    def get_readonly_fields(self, request: HttpRequest, obj: SkillType | None = None) -> tuple[str, ...]:
        """Keep the code once it is given: imports and the demo find the type by it."""
        return ("code",) if obj else ()


class VolunteerAdminForm(KeepsPhone, VersionedForm):
    """A volunteer's fields; the phone is kept without being shown."""

    name = NameField(label=pgettext_lazy("person", "Name"))
    phone = PhoneField(label=_("Mobile phone"))
    further_skills = RecordsField(
        label=_("Further skill types"),
        queryset=SkillType.objects.all(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = Volunteer
        fields = (*CHANGEABLE, "further_skills", "user")


@admin.register(Volunteer)
class VolunteerAdmin(YiwangModelAdmin):
    """Every field of a volunteer; saved by the domain's functions."""

    form = VolunteerAdminForm
    list_display = ("name", "number", "primary_skill", "village", "township", "unit_kind", "phone_masked", "status")
    list_filter = ("status", "unit_kind", "primary_skill", "township")
    list_select_related = ("primary_skill", "village", "township")
    search_fields = ("name", "name_pinyin", "name_initials", "number")
    autocomplete_fields = ("township", "village", "user")
    readonly_fields = ("number", "status", "status_reason", "left_on", "absences")
    fieldsets = (
        (None, {"fields": ("number", "name", "gender", "birth_date", "phone", "opened_version")}),
        (_("Where"), {"fields": ("township", "village")}),
        (
            _("What they can do"),
            {"fields": ("primary_skill", "further_skills", "speciality", "is_rural_expert")},
        ),
        (
            _("Unit and party"),
            {
                "fields": (
                    "unit",
                    "unit_kind",
                    "occupation",
                    "post",
                    "party_branch",
                    "joined_party_on",
                    "education",
                    "discipline",
                    "interests",
                )
            },
        ),
        (
            _("Programme"),
            {
                "fields": (
                    "status",
                    "status_reason",
                    "joined_on",
                    "left_on",
                    "absences",
                    "shows_name",
                    "shows_phone",
                    "user",
                )
            },
        ),
    )
    ordering = ("name_pinyin", "id")

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Look for whole phones for those who may see them."""
        return (*self.search_fields, "=phone") if request.user.may(Right.SEE_PHONES) else self.search_fields

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Refuse to filter by parts of what is hidden, which would tell it bit by bit."""
        return not lookup.startswith(HIDDEN) and super().lookup_allowed(lookup, value, request)

    def get_fieldsets(self, request: HttpRequest, obj: Volunteer | None = None) -> Any:
        """Show those who only look the masked phone instead of the field for a new one."""
        fieldsets = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return fieldsets
        (title, options), *rest = fieldsets
        shown = ("number", "name", "gender", "birth_date", "phone_masked")
        return [(title, options | {"fields": shown}), *rest]

    @admin.display(description=_("Mobile phone"))
    def phone_masked(self, volunteer: Volunteer) -> str:
        """Show the phone as lists do."""
        return volunteer.masked_phone

    @admin.display(description=_("Away"))
    def absences(self, volunteer: Volunteer) -> str:
        """List the spells in which the volunteer did not serve."""
        spells = ((date_format(spell.since), spell.until) for spell in volunteer.absences.all())
        return "\n".join(f"{since} – {date_format(until) if until else ''}" for since, until in spells)

    def save_model(self, request: HttpRequest, obj: Volunteer, form: ModelForm, change: bool) -> None:
        """Register or change the volunteer as the pages do."""
        values = form.cleaned_data
        if change:
            edit_volunteer(obj.pk, values, version=values["opened_version"], by=request.user)
        else:
            register_volunteer(obj, further_skills=values["further_skills"], by=request.user)


@admin.register(Badge)
class BadgeAdmin(YiwangModelAdmin):
    """Badges to look at: they are issued and ended on the pages of the volunteers."""

    list_display = ("number", "volunteer", "state", "issued_on", "valid_until", "printed_at")
    list_filter = ("state", "volunteer__township")
    list_select_related = ("volunteer",)
    search_fields = ("number", "volunteer__name")
    fields = (
        "number",
        "volunteer",
        "state",
        "reason",
        "issued_on",
        "issued_by",
        "valid_until",
        "printed_at",
        "ended_at",
    )
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: a badge is issued on the volunteer's page."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Badge | None = None) -> bool:
        """Refuse, for the same reason."""
        return False


@admin.register(Provider)
class ProviderAdmin(YiwangModelAdmin):
    """Who gives courses; retired rather than deleted."""

    list_display = ("name", "kind", "is_retired")
    list_filter = ("kind", "is_retired")
    search_fields = ("name",)
