"""Accounts, the audit trail and failed sign-ins in the admin site."""

from typing import Any

from axes.models import AccessAttempt, AccessFailureLog
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django_tasks_db.models import DBTaskResult

from accounts.domain.user import create_user, edit_user, locked_out_users, reset_password, unlock_user
from accounts.events import EVENTS, event_label
from accounts.forms.user import UserForm
from accounts.history import readable_changes
from accounts.models import AuditEntry, User
from common.admin import YiwangModelAdmin

admin.site.unregister(Group)  # rights come from the role (accounts.rights)
admin.site.unregister(DBTaskResult)  # says nothing that the record of the work does not say (common.jobs)
admin.site.unregister(AuditEntry)  # the library's page would offer to change it


class LockedFilter(admin.SimpleListFilter):
    """By whether failed sign-ins have locked the account at the moment."""

    title = _("lock-out")
    parameter_name = "locked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer those who wait for somebody to lift it."""
        return [("yes", _("Locked after failed sign-ins"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """Keep the locked accounts."""
        return queryset.filter(pk__in=locked_out_users()) if self.value() == "yes" else queryset


@admin.register(User)
class UserAdmin(YiwangModelAdmin):
    """Opens accounts, changes and closes them, gives new passwords and lifts lock-outs."""

    form = UserForm
    list_display = ("username", "name", "role", "township", "is_active", "last_login")
    list_filter = ("role", LockedFilter, "is_active", "township")
    list_select_related = ("township",)
    search_fields = ("username", "name")
    autocomplete_fields = ("township",)
    fields = ("username", "name", "role", "township", "email", "is_active", "first_password")
    actions = ("lift_lock_out",)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Refuse to filter by parts of a password's hash, which would tell it bit by bit."""
        return not lookup.startswith("password") and super().lookup_allowed(lookup, value, request)

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Leave the password away where it cannot be set."""
        if obj is not None and not self.has_change_permission(request, obj):
            return tuple(name for name in self.fields if name != "first_password")
        return self.fields

    @method_decorator(sensitive_post_parameters("first_password"))
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Keep the password out of error reports."""
        return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        """Open or change the account by its domain functions."""
        password = form.cleaned_data["first_password"]
        if not change:
            create_user(obj, password=password, by=request.user)
            return
        edit_user(obj, by=request.user)
        if password:
            reset_password(obj, password=password, by=request.user)

    @admin.action(description=_("Lift the lock-out after failed sign-ins"), permissions=["change"])
    def lift_lock_out(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Let the chosen people try again at once."""
        for user in users:
            unlock_user(user, by=request.user)
        count = len(users)
        messages.success(
            request,
            ngettext("%(count)d account is unlocked.", "%(count)d accounts are unlocked.", count) % {"count": count},
        )


class ReadOnlyAdmin(YiwangModelAdmin):
    """Shows records that nobody changes by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds one."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes one."""
        return False


class EventFilter(admin.SimpleListFilter):
    """By what happened, as people say it."""

    title = _("what")
    parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer every event."""
        return list(EVENTS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Keep the entries of the chosen event."""
        return queryset.filter(event=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Shows the audit trail; its own page (``accounts:audit_list``) is the comfortable one."""

    list_display = ("timestamp", "actor", "remote_addr", "what", "content_type", "object_repr")
    list_filter = ("action", EventFilter)
    list_select_related = ("actor", "content_type")
    search_fields = ("object_repr", "actor__name", "actor__username")
    fields = ("timestamp", "actor", "remote_addr", "what", "content_type", "object_repr", "changed")

    @admin.display(description=_("what"))
    def what(self, entry: AuditEntry) -> str:
        """Name the event."""
        return event_label(entry.event, entry.action)

    @admin.display(description=_("changes"))
    def changed(self, entry: AuditEntry) -> str:
        """List the fields with their values before and after."""
        changes = readable_changes([entry])[entry.pk]
        return "\n".join(f"{change.field}: {change.before} → {change.after}" for change in changes)


@admin.register(AccessAttempt)
class AccessAttemptAdmin(ReadOnlyAdmin):
    """Shows who is being counted towards a lock-out; the users' page lifts one."""

    list_display = ("attempt_time", "username", "ip_address", "failures_since_start")
    search_fields = ("username", "ip_address")
    fields = ("attempt_time", "username", "ip_address", "user_agent", "failures_since_start")


@admin.register(AccessFailureLog)
class AccessFailureLogAdmin(ReadOnlyAdmin):
    """Shows every failed sign-in, with user names that nobody has too."""

    list_display = ("attempt_time", "username", "ip_address", "locked_out")
    list_filter = ("locked_out",)
    search_fields = ("username", "ip_address")
    fields = ("attempt_time", "username", "ip_address", "user_agent", "locked_out")
