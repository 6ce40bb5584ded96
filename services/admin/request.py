"""Requests for help in the admin site."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin import ReadOnlyAdmin
from services.models import HelpRequest


@admin.register(HelpRequest)
class HelpRequestAdmin(ReadOnlyAdmin):
    """Shows the requests; they are noted, answered and closed on the pages. The phone stays masked here."""

    list_display = ("asked_at", "team", "caller", "channel", "state")
    list_display_links = ("asked_at", "caller")
    list_filter = ("state", "channel", "township")
    list_select_related = ("team",)
    search_fields = ("caller", "content")
    ordering = ("-asked_at", "-id")
    fields = readonly_fields = (
        "township",
        "team",
        "village",
        "grid",
        "caller",
        "phone_masked",
        "channel",
        "content",
        "asked_at",
        "state",
        "closed_at",
        "outcome",
        "referred_to",
        "category",
        "urgency",
        "recorded_by",
        "recorded_at",
    )

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Refuse to filter by parts of the phone, which would tell it bit by bit."""
        return not lookup.startswith("phone") and super().lookup_allowed(lookup, value, request)

    @admin.display(description=_("Phone"))
    def phone_masked(self, request: HelpRequest) -> str:
        """Show the phone as the page does."""
        return request.masked_phone
