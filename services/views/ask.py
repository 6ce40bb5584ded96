"""What a resident does without an account: ask for help, by the card's code or by township and village."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.addresses import client_address, network_of
from areas.models import Township, Village, hotline_of
from areas.models.township import TownshipQuerySet
from common.public import public_page
from common.rules import RuleBroken
from grids.domain.page import find_grid
from grids.models import Grid
from services.domain.ask import ask_for_help, refuse_many_requests
from services.domain.flood import Flood
from services.domain.request import AskedDifferently
from services.forms.ask import AskForm
from services.models.request import code_of
from services.views.follow import WRONG_CODES, too_many_codes


@public_page
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Ask for the township."""
    return _page(
        request,
        "start.html",
        {"townships": _townships().order_by("code")},
    )


@public_page
@require_safe
def villages(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for the village of a township."""
    township = _townships().filter(code=code).first()
    if township is None:
        return _unknown(request, _("There is no township with this address. Choose yours from the list."))
    return _page(
        request, "villages.html", {"township": township, "villages": township.villages.current().order_by("code")}
    )


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def ask_village(request: HttpRequest, code: str) -> HttpResponse:
    """Take a request from a village; which grid it is may be left open."""
    village = Village.objects.select_related("township", "merged_into").filter(code=code).first()
    if village is None:
        return _unknown(request, _("There is no village with this address. Choose yours from the list."))
    if village.merged_into is not None:
        return redirect("services:ask_village", code=village.merged_into.code)
    return _ask(request, village)


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """Take a request from the grid whose card has this code."""
    who = network_of(client_address(request))
    if WRONG_CODES.is_spent(who):
        return too_many_codes(request)
    grid = find_grid(code)
    if grid is None:
        WRONG_CODES.take(who)
        return _unknown(request, _("This code belongs to no grid. Compare it with your card, or choose your village."))
    if grid.is_retired:
        return redirect("services:ask_village", code=grid.village.code)
    return _ask(request, grid.village, grid)


def _townships() -> TownshipQuerySet:
    """Return the townships that there are today, with villages to choose from."""
    return Township.objects.current().filter(villages__merged_into__isnull=True, villages__isnull=False).distinct()


def _ask(request: HttpRequest, village: Village, grid: Grid | None = None) -> HttpResponse:
    if request.method != "POST":
        return _form(request, AskForm(village=village, grid=grid), village, grid)
    form = AskForm(request.POST, request.FILES, village=village, grid=grid)
    who = network_of(client_address(request))
    if not request.user.is_authenticated and not form.is_trapped:
        form.take_photos(who)
    if request.user.is_authenticated:
        form.add_error(
            None, _("You are signed in. This page is for residents: note the request in the office's pages.")
        )
    elif form.is_valid():
        values = form.cleaned_data
        try:
            refuse_many_requests(values["key"], who, values["phone"], village)
            code = ask_for_help(
                key=values["key"],
                village=village,
                grid=grid or values.get("grid"),
                content=values["content"],
                place=values["place"],
                phone=values["phone"],
            )
        except AskedDifferently as different:
            form.add_rule(different)
            return _form(request, form, village, grid, status=422, sent=code_of(different.request.key))
        except RuleBroken as broken:
            form.add_rule(broken)
            return _form(request, form, village, grid, status=429 if isinstance(broken, Flood) else 422)
        return redirect("services:ask_followed", code=code)
    return _form(request, form, village, grid, status=422)


def _form(
    request: HttpRequest, form: AskForm, village: Village, grid: Grid | None, *, status: int = 200, sent: str = ""
) -> HttpResponse:
    context = {"form": form, "village": village, "grid": grid, "hotline": hotline_of(village.township_id), "sent": sent}
    return _page(request, "ask.html", context, status=status)


def _unknown(request: HttpRequest, message: str) -> HttpResponse:
    return _page(request, "unknown.html", {"message": message}, status=404)


def _page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return render(request, f"services/ask/{template}", context, status=status)
