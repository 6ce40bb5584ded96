"""The admin site in our house: our sign-in, our rules, and nothing is deleted."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import URLPattern, URLResolver
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from common.clean import key_of
from common.forms import RecordsField, VersionField
from common.rules import RuleBroken, SavedMeanwhile

# Django's own pages for these would go around our rules for passwords and sessions.
NOT_SERVED = frozenset({"password_change", "password_change_done", "logout"})


class YiwangAdminSite(admin.AdminSite):
    """Django's admin for those whose role opens it (``User.is_staff``), behind our sign-in page."""

    site_header = _("Yiwang administration")
    site_title = _("Yiwang administration")
    index_title = _("Records")
    enable_nav_sidebar = True

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Leave out what our own pages do."""
        return [url for url in super().get_urls() if getattr(url, "name", None) not in NOT_SERVED]

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        """Refuse people whose role does not open the admin; visitors have been led to the sign-in page before."""
        shown = super().admin_view(view, cacheable)

        @wraps(shown)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_permission(request):
                raise PermissionDenied(_("The administration is for administrators and auditors."))
            return shown(request, *args, **kwargs)

        return checked

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead to our sign-in page, which leads on those who are signed in, and never to another site."""
        return redirect_to_login(request.GET.get("next") or resolve_url("admin:index"), settings.LOGIN_URL)


class _Autocomplete(AutocompleteSelect):
    """Django's own looks the chosen record up by whatever was sent, and breaks on what is no key."""

    def optgroups(self, name: str, value: list[str], attr: dict[str, Any] | None = None) -> Any:
        """Show nothing chosen for what cannot be a record."""
        return super().optgroups(name, [key for key in value if key_of(key) is not None], attr)


class VersionedForm(ModelForm):
    """Base of the forms of ``Versioned`` records: it remembers the version that the page was filled from."""

    opened_version = VersionField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Remember the version."""
        super().__init__(*args, **kwargs)
        if "opened_version" in self.fields:
            self.fields["opened_version"].initial = self.instance.version

    def take_on_current_version(self) -> None:
        """Let the form be saved once more, after comparing, when somebody else had saved the record meanwhile."""
        self.data = self.data.copy()
        self.data[self.add_prefix("opened_version")] = str(self.instance.version)


class YiwangModelAdmin(admin.ModelAdmin):
    """Base of every model's admin: nothing is deleted, and a broken rule comes back as an error on the form.

    Records with a workflow are saved by the domain's functions, so that the rules of the pages hold here too. Override
    ``save_model`` and let ``RuleBroken`` through; the change is rolled back as a whole and the form is shown again with
    what was entered, the message at the rule's field if the form has it::

        class GridAdmin(YiwangModelAdmin):
            def save_model(self, request, obj, form, change):
                if change:
                    version = form.cleaned_data["opened_version"]  # of a ``VersionedForm``
                    edit_grid(obj.pk, form.cleaned_data, version=version, by=request.user)
                else:
                    saved = draw_grid(obj.village, obj.number, obj.households, obj.boundary, by=request.user)
                    obj.pk = saved.pk

    The same holds for ``save_related`` and ``save_formset``. A rule that an action breaks is shown as a message; the
    action is then undone for all of the chosen records.
    """

    list_per_page = 50
    show_full_result_count = False
    save_on_top = False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Refuse: records are ended or retired, never deleted."""
        return False

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Let the boxes that complete what is typed survive a key that is none."""
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = _Autocomplete(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(
        self, db_field: models.ManyToManyField[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Take only keys for records."""
        return super().formfield_for_manytomany(db_field, request, **{"form_class": RecordsField, **kwargs})

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        """Leave the hidden version away for those who only look."""
        fields = super().get_fields(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fields
        return [name for name in fields if name != "opened_version"]

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form again when saving it breaks a rule; Django has rolled the transaction back by then."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except RuleBroken as broken:
            request.rule_broken = broken  # ``get_form`` puts it on the form, which is then not saved again
            return super().changeform_view(request, *args, **kwargs)

    def get_form(
        self, request: HttpRequest, obj: models.Model | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm]:
        """Return the form, refused with the rule that saving it broke a moment ago."""
        form_class = super().get_form(request, obj, change, **kwargs)
        broken: RuleBroken | None = getattr(request, "rule_broken", None)
        if broken is None:
            return form_class

        class RefusedForm(form_class):  # type: ignore[misc, valid-type]
            def full_clean(self) -> None:
                super().full_clean()
                self.add_error(broken.field if broken.field in self.fields else None, broken)
                if isinstance(broken, SavedMeanwhile) and isinstance(self, VersionedForm):
                    self.take_on_current_version()

        return RefusedForm

    def response_action(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> HttpResponse | None:
        """Run the chosen action as one transaction; a broken rule becomes a message."""
        try:
            with transaction.atomic():
                return super().response_action(request, queryset)
        except RuleBroken as broken:
            self.message_user(request, broken.message, messages.ERROR)
            return redirect(request.get_full_path())
