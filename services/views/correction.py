"""Corrections of read months: asking for one, the list, one of them side by side, and the decisions on it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import Right, right_required
from common.forms import YiwangForm
from common.lists import list_page
from common.rules import RuleBroken
from services.correction_rows import compared, correction_badge, correction_rows, lines_of, steps_of
from services.domain import correction as domain
from services.domain.entry import Entry
from services.domain.reasons import other_reviewers
from services.exports import CORRECTIONS
from services.filters import CorrectionFilter
from services.forms.correction import ASKED, CorrectionForm, DecisionForm, RefuseForm, StrikeForm
from services.forms.log import stored_entry
from services.models import Correction, ServiceLog
from services.models.correction import CorrectionQuerySet
from services.rows import month_name


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_LOGS)
def correction_list(request: HttpRequest) -> HttpResponse:
    """List the corrections that the person sees, the latest asked first."""
    return list_page(
        request,
        queryset=_shown().visible_to(request.user),
        filterset_class=CorrectionFilter,
        ordering=("-asked_at", "-id"),
        rows=correction_rows,
        template="services/correction/list.html",
        export=CORRECTIONS,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.MEND_LOGS)
def correction_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask that a log of a read month say something else, or that it be struck; "preview" shows both side by side."""
    logs = ServiceLog.objects.visible_to(request.user).select_related("team", "report", "category", "township")
    log = get_object_or_404(logs, pk=pk)
    if request.method != "POST":
        why = domain.why_not_ask(log, request.user)
        if why:
            messages.error(request, why)
            return redirect(log)
        return _ask_page(request, log)
    if "strike" in request.POST:
        strike = StrikeForm(request.POST, auto_id="strike_%s")
        asked = _asked(request, log, strike, domain.ask_strike)
        return asked or _ask_page(request, log, strike=strike, status=422)
    form = CorrectionForm(request.POST, user=request.user, log=log, is_draft="reload" in request.POST)
    if form.is_draft:
        return _ask_page(request, log, form=form)
    if "preview" in request.POST and form.is_valid():
        entry = {name: value for name, value in form.entry().items() if name in ASKED}
        return _ask_page(request, log, form=form, lines=compared(log, Entry(**entry)))
    asked = _asked(request, log, form, domain.ask_change)
    return asked or _ask_page(request, log, form=form, status=422)


@require_safe
@right_required(Right.VIEW_LOGS)
def correction_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the original and the correction side by side, with the reason, and what can be done."""
    return _detail_page(request, _correction(request, pk))


@require_POST
@right_required(Right.MEND_LOGS)
def correction_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for it no longer."""
    return _decide(
        request, pk, DecisionForm(request.POST), domain.take_back_correction, _("The correction was taken back.")
    )


@require_POST
@right_required(Right.REVIEW_REPORTS)
def correction_grant(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the correction in the original's place."""
    done = _("The correction was granted: it counts now, and the original stays to be read.")
    return _decide(request, pk, DecisionForm(request.POST), domain.grant_correction, done)


@require_POST
@right_required(Right.REVIEW_REPORTS)
def correction_refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave the log as it is, with an answer."""
    done = _("The correction was refused. Who asked for it reads your answer.")
    return _decide(request, pk, RefuseForm(request.POST), domain.refuse_correction, done)


def _asked(
    request: HttpRequest, log: ServiceLog, form: CorrectionForm | StrikeForm, ask: Callable[..., Correction]
) -> HttpResponse | None:
    """Ask for what the form says, and lead to it; None when it is refused, which the form then tells."""
    if not form.is_valid():
        return None
    try:
        correction = ask(log, **form.entry(), by=request.user)
    except RuleBroken as broken:
        log.refresh_from_db()
        form.add_rule(broken, current_version=log.version)
        return None
    messages.success(request, _("The correction was asked for. A reviewer decides on it."))
    return redirect(correction)


def _ask_page(
    request: HttpRequest,
    log: ServiceLog,
    *,
    form: CorrectionForm | None = None,
    strike: StrikeForm | None = None,
    lines: list[Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    today = timezone.localdate()
    context = {
        "log": log,
        "form": form or CorrectionForm(user=request.user, log=log, initial=stored_entry(log)),
        "strike": strike or StrikeForm(auto_id="strike_%s", initial={"version": log.version}),
        "lines": lines,
        "month": month_name(log.report.month),
        "today": f"{today:%Y-%m-%d}",
        "durations": [30, 60, 90, 120],
        "has_teams": True,
    }
    return render(request, "services/correction/form.html", context, status=status)


def _decide(
    request: HttpRequest, pk: int, form: YiwangForm, decide: Callable[..., Correction], done: str
) -> HttpResponse:
    """Clean the form, run the event, and go back to the correction; what was refused comes back filled, with 422."""
    correction = _correction(request, pk)
    if form.is_valid():
        try:
            decide(correction, **form.cleaned_data, by=request.user)
        except RuleBroken as broken:
            correction.refresh_from_db(from_queryset=_shown())
            form.add_rule(broken, current_version=correction.version)
        else:
            messages.success(request, done)
            return redirect(correction)
    is_shown = isinstance(form, RefuseForm) and correction.is_open
    for errors in () if is_shown else form.errors.values():
        for error in errors:
            messages.error(request, error)
    return _detail_page(request, correction, refuse=form if is_shown else None, status=422)


def _correction(request: HttpRequest, pk: int) -> Correction:
    return get_object_or_404(_shown().visible_to(request.user), pk=pk)


def _shown() -> CorrectionQuerySet:
    """Bring along what the pages name."""
    return Correction.objects.select_related(
        "log__team",
        "log__township",
        "log__report",
        "log__category",
        "asked_by",
        "decided_by",
        "category",
        "result",
        "round",
    )


def _detail_page(
    request: HttpRequest, correction: Correction, *, refuse: YiwangForm | None = None, status: int = 200
) -> HttpResponse:
    user = request.user
    seen = {"version": correction.version}
    decides = user.may(Right.REVIEW_REPORTS) and correction.is_open
    conflict = domain.why_not_decide(correction, user) if decides else ""
    others = other_reviewers(correction.log.report).exclude(pk=correction.asked_by_id)
    context = {
        "correction": correction,
        "log": correction.log,
        "state": correction_badge(correction),
        "month": month_name(correction.log.report.month),
        "lines": lines_of(correction),
        "steps": steps_of(correction),
        "may_decide": decides and not conflict,
        "may_take_back": correction.is_open and correction.asked_by_id == user.pk and user.may(Right.MEND_LOGS),
        "conflict": conflict,
        "others": others[:5] if conflict or (correction.is_open and not decides) else [],
        "refuse_form": refuse or RefuseForm(initial=seen),
    }
    return render(request, "services/correction/detail.html", context, status=status)
