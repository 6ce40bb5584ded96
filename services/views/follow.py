"""What somebody does who follows their request by its code, without an account."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.addresses import client_address, network_of
from areas.models import hotline_of
from common.codes import is_mistyped, read_signs
from common.forms import YiwangForm
from common.public import public_page
from common.rules import RuleBroken
from common.throttle import Limit
from services.ask_rows import told_to_resident
from services.domain.flood import Flood
from services.domain.follow import (
    add_to_request,
    confirm_solved,
    followed_by,
    may_rate,
    may_reopen,
    rate_request,
    refuse_much,
    reopen_request,
    withdraw_own,
)
from services.forms.follow import AddForm, FollowForm, RateForm, ReopenForm
from services.models import HelpRequest
from services.models.request import CODE_LENGTH, code_of
from services.views.photo import photo_file

# Codes of grids and of requests have 51 bits: at this rate nobody finds another one's.
WRONG_CODES = Limit("help request code", most=30)

View = Callable[..., HttpResponseBase]


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest) -> HttpResponse:
    """Ask for the code that somebody wrote down, and lead to what it follows."""
    form = FollowForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return redirect("services:ask_followed", code=form.cleaned_data["code"])
    return _code_page(request, form, status=422 if form.is_bound else 200)


def by_code(view: View) -> View:
    """Give the view the request that the code in the address follows; without one say what is wrong with the code."""

    @wraps(view)
    def found(request: HttpRequest, code: str, **kwargs: Any) -> HttpResponseBase:
        who = network_of(client_address(request))
        signs = read_signs(code, CODE_LENGTH)
        if not signs or is_mistyped(signs):
            return _code_page(request, FollowForm({"code": code[:40]}), status=404)
        if WRONG_CODES.is_spent(who):
            return too_many_codes(request)
        asked = followed_by(code)
        if asked is None:
            WRONG_CODES.take(who)
            return _code_page(request, FollowForm(initial={"code": code[:40]}), is_unknown=True, status=404)
        return view(request, asked, **kwargs)

    return found


@public_page
@require_safe
@by_code
def followed(request: HttpRequest, asked: HelpRequest) -> HttpResponse:
    """Show somebody where their request stands, by the code that only they have; never a phone or a name."""
    return _show(request, asked)


@public_page
@require_POST
@by_code
def add(request: HttpRequest, asked: HelpRequest) -> HttpResponse:
    """Add a word, a photo or both."""
    form = AddForm(request.POST, request.FILES)
    if not request.user.is_authenticated and asked.is_open:
        form.take_photos(network_of(client_address(request)))

    def act() -> None:
        add_to_request(asked, text=form.cleaned_data["text"], form_key=form.cleaned_data["key"])

    return _done(request, asked, "add_form", form, act, _("It was added."))


@public_page
@require_POST
@by_code
def confirm(request: HttpRequest, asked: HelpRequest) -> HttpResponse:
    """Say that it is solved."""
    said = _("Thank you for saying so.")
    return _done(request, asked, "confirm_form", YiwangForm(request.POST), lambda: confirm_solved(asked), said)


@public_page
@require_POST
@by_code
def reopen(request: HttpRequest, asked: HelpRequest) -> HttpResponse:
    """Say that it is not solved."""
    form = ReopenForm(request.POST)
    said = _("Your request is open again.")
    return _done(
        request, asked, "reopen_form", form, lambda: reopen_request(asked, text=form.cleaned_data["text"]), said
    )


@public_page
@require_POST
@by_code
def withdraw(request: HttpRequest, asked: HelpRequest) -> HttpResponse:
    """Take the request back."""
    said = _("Your request was taken back.")
    return _done(request, asked, "withdraw_form", YiwangForm(request.POST), lambda: withdraw_own(asked), said)


@public_page
@require_POST
@by_code
def rate(request: HttpRequest, asked: HelpRequest) -> HttpResponse:
    """Say how satisfied one is."""
    form = RateForm(request.POST)
    said = _("Thank you. The office reads it.")
    return _done(request, asked, "rate_form", form, lambda: rate_request(asked, **form.cleaned_data), said)


@public_page
@require_safe
@by_code
def photo(request: HttpRequest, asked: HelpRequest, pk: int, *, small: bool) -> HttpResponseBase:
    """Give a photo of the request, or the small one of it."""
    return photo_file(get_object_or_404(asked.photos.standing(), pk=pk), small=small)


def _done(
    request: HttpRequest, asked: HelpRequest, name: str, form: YiwangForm, act: Callable[[], object], said: str
) -> HttpResponse:
    """Do what the form says and show the page anew, or say on it what is wrong."""
    status = 422
    if request.user.is_authenticated:
        form.add_error(None, _("You are signed in. This page is for residents: use the office's pages."))
    elif form.is_valid():
        try:
            refuse_much(asked)
            act()
        except RuleBroken as broken:
            form.add_rule(broken)
            status = 429 if isinstance(broken, Flood) else 422
        else:
            messages.success(request, said)
            return redirect("services:ask_followed", code=code_of(asked.key))
    asked.refresh_from_db()
    given = {name: form}
    if name == "add_form" and may_reopen(asked):  # the team was quicker: what was typed is not lost
        given["reopen_form"] = ReopenForm(initial={"text": form.data.get("text", "")})
    return _show(request, asked, **given, status=status)


def _show(request: HttpRequest, asked: HelpRequest, *, status: int = 200, **forms: YiwangForm) -> HttpResponse:
    code = code_of(asked.key)
    context = {
        "asked": asked,
        "code": code,
        "url": request.build_absolute_uri(reverse("services:ask_followed", args=[code])),
        "hotline": hotline_of(asked.township.present.pk),
        "anew": reverse("services:ask", args=[asked.grid.page_code])
        if asked.grid and not asked.grid.is_retired
        else reverse("services:ask_village", args=[asked.village.code]),
        "photos": list(asked.photos.standing()),
        "may_reopen": may_reopen(asked),
        "may_rate": may_rate(asked),
        "add_form": AddForm(),
        "reopen_form": ReopenForm(),
        "rate_form": RateForm(),
        **told_to_resident(asked),
        **forms,
        "wrong": next(iter(forms.values()), None),
    }
    return render(request, "services/ask/followed.html", context, status=status)


def _code_page(request: HttpRequest, form: FollowForm, *, is_unknown: bool = False, status: int) -> HttpResponse:
    return render(request, "services/ask/follow.html", {"form": form, "is_unknown": is_unknown}, status=status)


def too_many_codes(request: HttpRequest) -> HttpResponse:
    """Say that too many wrong codes came from here, and when to try again."""
    until = date_format(timezone.localtime(WRONG_CODES.over_at), "TIME_FORMAT")
    message = _("Too many wrong codes came from here. Try again after %(time)s.") % {"time": until}
    return render(request, "services/ask/unknown.html", {"message": message}, status=429)
