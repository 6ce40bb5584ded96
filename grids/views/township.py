"""What holds for a township: read by everybody of it, kept by an administrator; and who does otherwise."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rights import Right, right_required, roles_named
from areas.models import Township, TownshipSettings
from common.lists import list_page
from grids.domain.township import consequences, set_township, since_of
from grids.exports import TOWNSHIP_SETTINGS
from grids.forms.township import WORDS, TownshipSettingsForm
from grids.models import SettingChange
from grids.township_filters import TownshipFilter
from grids.township_rows import history_rows, setting_rows, township_rows
from grids.views.pages import form_page, posted

HISTORY_SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_TEAMS)
def settings_list(request: HttpRequest) -> HttpResponseBase:
    """List the townships that the reader sees with what they do otherwise than the city."""
    return list_page(
        request,
        queryset=Township.objects.visible_to(request.user).current(),
        filterset_class=TownshipFilter,
        ordering=("code", "id"),
        rows=township_rows,
        template="grids/settings/list.html",
        export=TOWNSHIP_SETTINGS,
    )


@require_safe
@right_required(Right.VIEW_TEAMS)
def township_settings(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what holds for a township, since when and why, and what it was before."""
    township = _township(request, pk)
    changes = SettingChange.objects.filter(township=township).select_related("made_by")[:HISTORY_SHOWN]
    rows = setting_rows(township, since_of(township))
    context = {
        "township": township,
        "duties": [row for row in rows if row["is_duty"]],
        "numbers": [row for row in rows if not row["is_duty"]],
        "history": history_rows(list(changes)),
        "keepers": roles_named(Right.KEEP_TOWNSHIP_SETTINGS),
    }
    return render(request, "grids/settings/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.KEEP_TOWNSHIP_SETTINGS)
def settings_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what holds for a township; the page says what becomes of records when a duty is turned off."""
    township = _township(request, pk)
    current = TownshipSettings.objects.filter(township=township).first()
    form = TownshipSettingsForm(posted(request), current=current)

    def version() -> int:
        return TownshipSettings.objects.filter(township=township).values_list("version", flat=True).first() or 0

    def act(values: dict[str, Any]) -> None:
        set_township(township, form.values(), reason=values["reason"], version=values["version"], by=request.user)

    return form_page(
        request,
        form,
        act=act,
        title=_("Change the settings of %(township)s") % {"township": township},
        submit=_("Save"),
        back=reverse("grids:township_settings", args=[township.pk]),
        up=_("Settings of %(township)s") % {"township": township},
        done=_("The settings were saved. They hold from now on."),
        template="grids/settings/form.html",
        current_version=version,
        consequences=[(WORDS[duty][0], said) for duty, said in consequences(township).items() if said],
    )


def _township(request: HttpRequest, pk: int) -> Township:
    return get_object_or_404(Township.objects.visible_to(request.user), pk=pk)
