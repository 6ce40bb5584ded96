"""Notices and objections in the admin site: looked up there, opened and answered on the pages."""

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin import ReadOnlyAdmin
from services.models import Notice, Objection


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """Finds which months were shown to everybody, from when to when."""

    list_display = ("month", "township", "opened_on", "closes_on", "opened_by", "withdrawn_at")
    list_filter = ("township",)
    list_select_related = ("township", "opened_by")
    ordering = ("-month", "-id")


@admin.register(Objection)
class ObjectionAdmin(ReadOnlyAdmin):
    """Finds what was objected and answered; the contact is looked at on the notice's page, which records it."""

    list_display = ("made_at", "notice", "text", "answered_by", "is_public")
    list_filter = ("is_public",)
    list_select_related = ("notice__township", "answered_by")
    search_fields = ("text",)
    fields = ("notice", "text", "made_at", "answer", "answered_by", "answered_at", "is_public")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Refuse to filter by parts of the contact, which would tell it bit by bit, or by what a link is made of."""
        return not lookup.startswith(("contact", "key", "token")) and super().lookup_allowed(lookup, value, request)
