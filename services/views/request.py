"""Requests for help: the list, one request, closing it without a service, and the caller's phone."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import Right, right_required
from common.lists import list_page
from common.rules import RuleBroken
from services.domain import request as domain
from services.exports import REQUESTS
from services.forms.request import CloseForm, HandForm
from services.models import HelpRequest
from services.models.request import HelpRequestQuerySet, dialled
from services.request_filters import RequestFilter
from services.request_parts import parts_of
from services.request_rows import LIST_FIELDS, logs_of, request_badge, request_rows, steps_of


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_REQUESTS)
def request_list(request: HttpRequest) -> HttpResponse:
    """List the requests that the person sees, the latest first."""
    return list_page(
        request,
        queryset=HelpRequest.objects.visible_to(request.user),
        filterset_class=RequestFilter,
        ordering=("-asked_at", "-id"),
        columns=LIST_FIELDS,
        rows=request_rows,
        template="services/request/list.html",
        export=REQUESTS,
    )


@require_safe
@right_required(Right.VIEW_REQUESTS)
def request_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a request with what became of it."""
    return _detail_page(request, _asked(request, pk))


@require_POST
@right_required(Right.KEEP_REQUESTS)
def request_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a request without a service, with the reason."""
    asked = _asked(request, pk)
    form = CloseForm(request.POST)
    if form.is_valid():
        try:
            domain.fail_request(asked, **form.cleaned_data, by=request.user)
        except RuleBroken as broken:
            asked.refresh_from_db(from_queryset=_shown())
            form.add_rule(broken, current_version=asked.version)
            if not asked.is_open:  # the page no longer shows the form
                messages.error(request, broken.message)
        else:
            messages.success(request, _("The request was closed without a service."))
            return redirect(asked)
    return _detail_page(request, asked, form=form, status=422)


@require_POST
@right_required(Right.KEEP_REQUESTS)
def request_hand(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a request that came without a team to one of the township."""
    asked = _asked(request, pk)
    form = HandForm(request.POST, asked=asked)
    if form.is_valid():
        try:
            handed = domain.hand_to_team(asked, **form.cleaned_data, by=request.user)
        except RuleBroken as broken:
            asked.refresh_from_db(from_queryset=_shown())
            form.add_rule(broken, current_version=asked.version)
            if asked.team is not None or not asked.is_open:  # the page no longer shows the form
                messages.error(request, broken.message)
        else:
            messages.success(request, _("%(team)s has the request now.") % {"team": handed.team})
            return redirect(asked)
    return _detail_page(request, asked, hand_form=form, status=422)


@require_POST
@right_required(Right.SEE_PHONES)
def request_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the caller's number in full and record who looked; without scripts the whole page comes with it."""
    asked = _asked(request, pk)
    phone = domain.show_phone(asked, by=request.user)
    if request.htmx:
        return render(request, "volunteers/volunteer/_phone.html", {"phone": phone, "dialled": dialled(phone)})
    return _detail_page(request, asked, phone=phone)


def _asked(request: HttpRequest, pk: int) -> HelpRequest:
    return get_object_or_404(_shown().visible_to(request.user), pk=pk)


def _shown() -> HelpRequestQuerySet:
    """Bring along what a request's page names."""
    return HelpRequest.objects.select_related("team", "township", "village", "grid__village", "recorded_by")


def _detail_page(
    request: HttpRequest,
    asked: HelpRequest,
    *,
    form: CloseForm | None = None,
    hand_form: HandForm | None = None,
    phone: str = "",
    status: int = 200,
) -> HttpResponse:
    parts = parts_of(asked, request.user)
    beside = [part for part in parts if getattr(part.section, "is_aside", False)]
    waits_for_team = asked.is_open and asked.team is None and request.user.may(Right.KEEP_REQUESTS)
    context = {
        "asked": asked,
        "parts": [part for part in parts if part not in beside],
        "beside": beside,
        "state": request_badge(asked.state),
        "steps": steps_of(asked, request.user),
        "logs": logs_of(asked, request.user),
        "phone": phone,
        "dialled": dialled(phone),
        "hand_form": (hand_form or HandForm(asked=asked, initial={"version": asked.version}))
        if waits_for_team
        else None,
        "close_form": form or CloseForm(initial={"version": asked.version}),
    }
    return render(request, "services/request/detail.html", context, status=status)
