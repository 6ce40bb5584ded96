"""Service logs and their categories in the admin site."""

from typing import Any

from django.contrib import admin
from django.db.models import ManyToManyField, Model, QuerySet
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin import ReadOnlyAdmin
from common.admin import YiwangModelAdmin
from services.models import Participation, ServiceCategory, ServiceLog


@admin.register(ServiceCategory)
class ServiceCategoryAdmin(YiwangModelAdmin):
    """Adds, names and retires categories, and says who fits them; logs keep a retired one."""

    list_display = ("name", "name_en", "code", "counter", "fitting", "qualification_kind", "position", "is_retired")
    list_filter = ("is_retired", "counter")
    search_fields = ("name", "name_en", "code")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ServiceCategory]:
        """Bring the skill types along."""
        return super().get_queryset(request).prefetch_related("skills")

    def formfield_for_manytomany(self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Show the few skill types as boxes to tick."""
        return super().formfield_for_manytomany(db_field, request, **{"widget": CheckboxSelectMultiple, **kwargs})

    @admin.display(description=_("skill types that fit"))
    def fitting(self, category: ServiceCategory) -> str:
        """Name them."""
        return "、".join(str(skill) for skill in category.skills.all())

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Keep the code: it is the natural key."""
        return ("code",) if obj else ()


class ParticipationInline(admin.TabularInline):
    """Who took part in a log."""

    model = Participation
    fields = readonly_fields = ("volunteer", "minutes", "is_helper", "counted", "is_withdrawn")
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Participation]:
        """Bring the names along."""
        return super().get_queryset(request).select_related("volunteer")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse, as for the log itself."""
        return False


@admin.register(ServiceLog)
class ServiceLogAdmin(ReadOnlyAdmin):
    """Shows the logs. Those who were there write them, on the pages (``accounts.rights``): nobody in a back office."""

    list_display = ("date", "team", "category", "recipient", "minutes", "is_withdrawn")
    list_display_links = ("date", "recipient")
    list_filter = ("category", "is_withdrawn", "township")
    list_select_related = ("team", "category")
    search_fields = ("recipient", "content")
    ordering = ("-date", "-id")
    inlines = (ParticipationInline,)
