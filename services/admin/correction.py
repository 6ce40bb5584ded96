"""Corrections in the admin site: looked up there, asked for and decided on the pages."""

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from services.models import Correction


@admin.register(Correction)
class CorrectionAdmin(ReadOnlyAdmin):
    """Finds what was corrected after a month had been read, who asked for it and who granted it."""

    list_display = ("asked_at", "log", "kind", "state", "asked_by", "decided_by")
    list_filter = ("state", "kind")
    list_select_related = ("log", "asked_by", "decided_by")
    search_fields = ("log__recipient", "reason", "log__team__name")
    ordering = ("-asked_at", "-id")
    fields = ("log", "kind", "reason", "asked_by", "asked_at", "state", "decided_by", "decided_at", "answer", "result")
