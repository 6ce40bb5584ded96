"""Townships and villages in the admin site."""

from django.contrib import admin
from django.http import HttpRequest

from areas.models import Holiday, Township, Village
from common.admin import YiwangModelAdmin


@admin.register(Township)
class TownshipAdmin(YiwangModelAdmin):
    """Names and codes of townships; ``manage.py load_divisions`` loads a whole city."""

    list_display = ("code", "name", "kind")
    list_filter = ("kind",)
    search_fields = ("code", "name")

    def get_readonly_fields(self, request: HttpRequest, obj: Township | None = None) -> tuple[str, ...]:
        """Keep the code, by which ``load_divisions`` knows the township, and the name, which changes on its page."""
        return () if obj is None else ("code", "name")


@admin.register(Village)
class VillageAdmin(YiwangModelAdmin):
    """Names and codes of villages."""

    list_display = ("code", "name", "township", "district")
    list_filter = ("township",)
    fields = ("code", "name", "township", "district")
    list_select_related = ("township",)
    autocomplete_fields = ("township",)
    search_fields = ("code", "name")

    def get_readonly_fields(self, request: HttpRequest, obj: Village | None = None) -> tuple[str, ...]:
        """Keep a village where it is, and its name: both change on its page, where what was before is kept."""
        return () if obj is None else ("code", "name", "township")


@admin.register(Holiday)
class HolidayAdmin(YiwangModelAdmin):
    """Holidays and make-up days that were published since, or that differ here."""

    list_display = ("day", "name", "is_working")
    list_filter = ("is_working",)
    search_fields = ("name",)
