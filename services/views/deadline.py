"""By when requests are answered, arrived at and resolved: read by everybody, set by an administrator."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rights import Right, right_required, roles_named
from areas.models import Township
from grids.views.pages import form_page, posted
from services.deadline_rows import deadline_rows, history_rows
from services.domain.deadline import Deadlines, set_deadlines, version_of
from services.forms.deadline import DeadlinesForm
from services.models import RequestDeadline

HISTORY_SHOWN = 50


@require_safe
@right_required(Right.VIEW_REQUESTS)
def deadline_list(request: HttpRequest) -> HttpResponse:
    """Show the city's deadlines, and which townships have their own."""
    held = Deadlines.read()
    townships = Township.objects.visible_to(request.user).current().order_by("code")
    return _page(
        request,
        None,
        held,
        own=townships.filter(pk__in=held.townships),
        others=townships.exclude(pk__in=held.townships),
    )


@require_safe
@right_required(Right.VIEW_REQUESTS)
def township_deadlines(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what holds in a township."""
    township = _township(request, pk)
    return _page(request, township, Deadlines.read(townships=[township.pk]))


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.KEEP_DEADLINES)
def deadline_edit(request: HttpRequest) -> HttpResponse:
    """Set the city's deadlines."""
    return _form(request, None, reverse("services:deadline_list"))


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.KEEP_DEADLINES)
def township_deadlines_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Set a township's own deadlines, or let it do as the city does."""
    township = _township(request, pk)
    return _form(request, township, reverse("services:township_deadlines", args=[township.pk]))


def _township(request: HttpRequest, pk: int) -> Township:
    return get_object_or_404(Township.objects.visible_to(request.user), pk=pk)


def _page(request: HttpRequest, township: Township | None, held: Deadlines, **more: Any) -> HttpResponse:
    versions = RequestDeadline.objects.visible_to(request.user).of(township).select_related("set_by")
    context = {
        "township": township,
        "rows": deadline_rows(held, township),
        "history": history_rows(versions[:HISTORY_SHOWN]),
        "keepers": roles_named(Right.KEEP_DEADLINES),
        **more,
    }
    return render(request, "services/deadline/detail.html", context)


def _form(request: HttpRequest, township: Township | None, back: str) -> HttpResponse:
    form = DeadlinesForm(posted(request), township=township)

    def act(values: dict[str, Any]) -> None:
        set_deadlines(township, form.wanted(), reason=values["reason"], version=values["version"], by=request.user)

    title = (
        _("Change the deadlines of requests in %(township)s") % {"township": township}
        if township
        else _("Change the city's deadlines of requests")
    )
    return form_page(
        request,
        form,
        act=act,
        title=title,
        submit=_("Save"),
        back=back,
        up=_("Deadlines of requests"),
        done=_("The deadlines were saved. They hold for requests that come in from now on."),
        template="services/deadline/form.html",
        current_version=lambda: version_of(township),
        township=township,
    )
