"""The stock admin, as a careful developer would set it up in an afternoon: columns, filters, search, select_related."""

from django.contrib import admin

from bench.reference.models import Participation, ServiceLog, Volunteer


@admin.register(Volunteer)
class VolunteerAdmin(admin.ModelAdmin):
    list_display = ("number", "name", "primary_skill", "village", "township", "unit_kind", "phone", "status")
    list_filter = ("township", "primary_skill", "status", "unit_kind")
    list_select_related = ("primary_skill", "village", "township")
    search_fields = ("name", "name_pinyin", "name_initials", "phone", "number")
    list_per_page = 50


class ParticipationInline(admin.TabularInline):
    model = Participation
    raw_id_fields = ("volunteer", "team")
    extra = 0


@admin.register(ServiceLog)
class ServiceLogAdmin(admin.ModelAdmin):
    list_display = ("date", "starts_at", "team", "category", "recipient", "content", "minutes", "report", "recorded_by")
    list_filter = ("township", "category", "is_withdrawn")
    list_select_related = ("team", "category", "report", "recorded_by")
    search_fields = ("recipient", "content")
    raw_id_fields = ("team", "report", "recorded_by", "township")
    inlines = (ParticipationInline,)
    list_per_page = 50
