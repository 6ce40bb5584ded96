"""What a resident does without an account: ask for help, by the card's code or township and village, and follow it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.addresses import client_address, network_of
from areas.models import Township, Village, hotline_of
from areas.models.township import TownshipQuerySet
from common.codes import is_mistyped, read_signs
from common.public import public_page
from common.rules import RuleBroken
from common.throttle import Limit
from grids.domain.page import find_grid
from grids.models import Grid
from services.ask_rows import told_to_resident
from services.domain.ask import ask_for_help, followed_by, refuse_many_requests
from services.domain.flood import Flood
from services.domain.request import AskedDifferently
from services.forms.ask import AskForm, FollowForm
from services.models.request import CODE_LENGTH, code_of

# Codes of grids and of requests have 51 bits: at this rate nobody finds another one's.
WRONG_CODES = Limit("help request code", most=30)


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
        return _too_many(request)
    grid = find_grid(code)
    if grid is None:
        WRONG_CODES.take(who)
        return _unknown(request, _("This code belongs to no grid. Compare it with your card, or choose your village."))
    if grid.is_retired:
        return redirect("services:ask_village", code=grid.village.code)
    return _ask(request, grid.village, grid)


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest) -> HttpResponse:
    """Ask for the code that somebody wrote down, and lead to what it follows."""
    form = FollowForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return redirect("services:ask_followed", code=form.cleaned_data["code"])
    return _page(request, "follow.html", {"form": form}, status=422 if form.is_bound else 200)


@public_page
@require_safe
def followed(request: HttpRequest, code: str) -> HttpResponse:
    """Show somebody where their request stands, by the code that only they have; never a phone or a name."""
    who = network_of(client_address(request))
    signs = read_signs(code, CODE_LENGTH)
    if not signs or is_mistyped(signs):
        form = FollowForm({"code": code[:40]})
        return _page(request, "follow.html", {"form": form}, status=404)
    if WRONG_CODES.is_spent(who):
        return _too_many(request)
    asked = followed_by(code)
    if asked is None:
        WRONG_CODES.take(who)
        form = FollowForm(initial={"code": code[:40]})
        return _page(request, "follow.html", {"form": form, "is_unknown": True}, status=404)
    context = {
        "asked": asked,
        "code": code_of(asked.key),
        "url": request.build_absolute_uri(request.path),
        "hotline": hotline_of(asked.township.present.pk),
        **told_to_resident(asked),
    }
    return _page(request, "followed.html", context)


def _townships() -> TownshipQuerySet:
    """Return the townships that there are today, with villages to choose from."""
    return Township.objects.current().filter(villages__merged_into__isnull=True, villages__isnull=False).distinct()


def _ask(request: HttpRequest, village: Village, grid: Grid | None = None) -> HttpResponse:
    if request.method != "POST":
        return _form(request, AskForm(village=village, grid=grid), village, grid)
    form = AskForm(request.POST, village=village, grid=grid)
    if request.user.is_authenticated:
        form.add_error(
            None, _("You are signed in. This page is for residents: note the request in the office's pages.")
        )
    elif form.is_valid():
        values = form.cleaned_data
        try:
            refuse_many_requests(values["key"], network_of(client_address(request)), values["phone"], village)
            code = ask_for_help(
                key=values["key"],
                village=village,
                grid=grid or values.get("grid"),
                content=values["content"],
                caller=values["caller"],
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


def _too_many(request: HttpRequest) -> HttpResponse:
    until = date_format(timezone.localtime(WRONG_CODES.over_at), "TIME_FORMAT")
    message = _("Too many wrong codes came from here. Try again after %(time)s.") % {"time": until}
    return _page(request, "unknown.html", {"message": message}, status=429)


def _page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return render(request, f"services/ask/{template}", context, status=status)
