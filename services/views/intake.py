"""The intake desk: a call is noted, or attached to the open request that it is about, while the phone is in hand."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rights import Right, right_required
from common.clean import key_of
from common.rules import RuleBroken
from services.domain.intake import Known, call_again, known_of, may_tell_code, tell_code
from services.domain.request import AskedDifferently, open_request
from services.forms.intake import IntakeForm, first_call, typed_so_far
from services.intake_rows import grid_choices, known_rows, words_for_caller
from services.models import HelpRequest
from services.models.request import code_of


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.KEEP_REQUESTS)
def request_create(request: HttpRequest) -> HttpResponse:
    """Note a request. Without scripts "look up" and "fill in" show the form again, and "attach" attaches the call."""
    if request.method != "POST":
        return _page(request, IntakeForm(user=request.user, initial=first_call(request.user, request.GET)))
    if "attach" in request.POST:
        return _attach(request)
    if "take" in request.POST or "lookup" in request.POST:
        return _shown_again(request)
    form = IntakeForm(request.POST, user=request.user)
    stored = None
    if form.is_valid():
        known = _known(form)
        if _is_unseen(request, known):
            return _page(request, form, known=known, is_asking=True, status=422)
        values = {name: value for name, value in form.cleaned_data.items() if name != "key"}
        try:
            opened = open_request(key=form.cleaned_data["key"], team=form.team(), **values, by=request.user)
        except AskedDifferently as different:
            form.add_rule(different)
            stored = HelpRequest.objects.visible_to(request.user).filter(pk=different.request.pk).first()
        except RuleBroken as broken:
            form.add_rule(broken)
        else:
            return redirect("services:request_code", pk=opened.request.pk)
    return _page(request, form, stored=stored, status=422)


@require_POST
@right_required(Right.KEEP_REQUESTS)
def request_lookup(request: HttpRequest) -> HttpResponse:
    """Return what is known of the number, household and words typed so far, and the grids of a village just chosen.

    What is typed comes in the body: numbers have no place in addresses, which every server writes down.
    """
    form = IntakeForm(request.POST, user=request.user)
    context = {"known": known_rows(_known(form)), "form": form}
    if request.htmx.trigger == "intake-grids":  # another village
        context |= _grids(form)
    return render(request, "services/intake/_lookup.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.KEEP_REQUESTS)
def request_code(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the code to tell the caller: at once to who noted the request a moment ago, else when pressed, on record."""
    asked = get_object_or_404(HelpRequest.objects.visible_to(request.user).select_related("team", "township"), pk=pk)
    if not asked.has_code_to_tell:
        raise Http404
    code = ""
    if request.method == "POST":
        code = tell_code(asked, by=request.user)
    elif may_tell_code(asked, request.user):
        code = code_of(asked.key)
    context: dict[str, Any] = {"asked": asked, "code": code}
    if code:
        address = request.build_absolute_uri(reverse("services:ask_followed", args=[code]))
        context["words"] = words_for_caller(asked, code, address)
    return render(request, "services/intake/noted.html", context)


def _attach(request: HttpRequest) -> HttpResponse:
    """Attach the call to the request that was pressed, with the words and the number typed so far."""
    chosen = get_object_or_404(HelpRequest.objects.visible_to(request.user), pk=key_of(request.POST["attach"]))
    form = IntakeForm(request.POST, user=request.user)
    form.judge_only("phone", "content")
    if not form.errors:
        typed = {"words": form.cleaned_data.get("content", ""), "phone": form.cleaned_data.get("phone", "")}
        try:
            call_again(chosen, **typed, by=request.user)
        except RuleBroken as broken:
            form.add_rule(broken)
        else:
            messages.success(request, _("The call was attached, and whoever has the request was told."))
            return redirect(chosen)
    return _page(request, form, known=_known(form), status=422)


def _shown_again(request: HttpRequest) -> HttpResponse:
    """Show the form with all that was typed, what is known of it, and the household that was pressed filled in."""
    typed = request.POST.copy()
    is_taken = "take" in typed
    if is_taken:
        household = get_object_or_404(HelpRequest.objects.visible_to(request.user), pk=key_of(typed["take"]))
        typed["caller"], typed["place"] = household.caller, household.place
        typed["village"], typed["grid"] = str(household.village_id), str(household.grid_id or "")
    known = _known(IntakeForm(typed, user=request.user))
    begins_at = "content" if is_taken else "phone"
    form = IntakeForm(user=request.user, initial=typed_so_far(typed), begins_at=begins_at)
    return _page(request, form, known=known)


def _known(form: IntakeForm) -> Known:
    sought = form.sought()
    return known_of(sought, form.user, but=form.cleaned_data.get("key"))


def _is_unseen(request: HttpRequest, known: Known) -> bool:
    """Whether something should be seen before a further request is opened, and has not been on this page yet."""
    if HelpRequest.objects.filter(key=request.POST["key"]).exists():  # the same form once more
        return False
    seen = set(request.POST.get("shown", "").split())
    return any(str(match.pk) not in seen for match in known.pressing)


def _page(
    request: HttpRequest, form: IntakeForm, *, known: Known | None = None, status: int = 200, **context: Any
) -> HttpResponse:
    context |= {
        "form": form,
        "known": known_rows(known or _known_to_begin(form)),
        "has_villages": form.villages.exists(),
        **_grids(form),
    }
    return render(request, "services/intake/desk.html", context, status=status)


def _grids(form: IntakeForm) -> dict[str, Any]:
    """Return the grids of the village, and the one that is chosen."""
    grids = grid_choices(form) if form["village"].value() else []
    return {"grids": grids, "chosen_grid": next((grid for grid in grids if grid["is_chosen"]), None)}


def _known_to_begin(form: IntakeForm) -> Known:
    return _known(form) if form.is_bound else Known()
