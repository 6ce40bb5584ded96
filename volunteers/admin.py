"""Volunteers and skill types in the admin site, under the rules of the pages."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from common.admin import YiwangModelAdmin
from common.forms import NameField, PhoneField, VersionField
from volunteers.domain.volunteer import edit_volunteer, register_volunteer
from volunteers.models import SkillType, Volunteer


@admin.register(SkillType)
class SkillTypeAdmin(YiwangModelAdmin):
    """What volunteers are sorted by; retired rather than deleted."""

    list_display = ("name", "name_en", "code", "position", "is_retired")
    search_fields = ("name", "name_en", "code")

    def get_readonly_fields(self, request: HttpRequest, obj: SkillType | None = None) -> tuple[str, ...]:
        """Keep the code once it is given: imports and the demo find the type by it."""
        return ("code",) if obj else ()


class VolunteerAdminForm(ModelForm):
    """The fields that need more care than Django's own."""

    name = NameField()
    phone = PhoneField()
    version = VersionField(required=False, initial=0)

    class Meta:
        model = Volunteer
        fields = ()


@admin.register(Volunteer)
class VolunteerAdmin(YiwangModelAdmin):
    """Every field of a volunteer; saved by the domain's functions."""

    form = VolunteerAdminForm
    list_display = ("name", "number", "primary_skill", "village", "township", "unit_kind", "masked_phone", "status")
    list_filter = ("status", "unit_kind", "primary_skill", "township")
    list_select_related = ("primary_skill", "village", "township")
    search_fields = ("name", "name_pinyin", "name_initials", "=phone", "number")
    autocomplete_fields = ("township", "village", "user")
    filter_horizontal = ("further_skills",)
    readonly_fields = ("number", "status", "status_reason", "left_on")
    ordering = ("name_pinyin", "id")

    def get_form(self, request: HttpRequest, obj: Volunteer | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Fill in the version that the form was made from."""
        form = super().get_form(request, obj, change, **kwargs)
        if "version" in form.base_fields:
            form.base_fields["version"].initial = obj.version if obj else 0
        return form

    def save_model(self, request: HttpRequest, obj: Volunteer, form: ModelForm, change: bool) -> None:
        """Register or change the volunteer as the pages do."""
        values = form.cleaned_data
        if change:
            edit_volunteer(obj.pk, values, version=values["version"] or 0, by=request.user)
        else:
            register_volunteer(obj, further_skills=values["further_skills"], by=request.user)
