"""Service logs: the list, one log, and writing, correcting and withdrawing it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.rights import Right, right_required
from areas.models import TownshipSettings
from common.clean import key_of
from common.filter_fields import chosen_pk
from common.hours import hours
from common.lists import list_page
from common.rules import RuleBroken
from grids.states import is_leader
from services.correction_rows import corrections_of
from services.domain.call import serve_call
from services.domain.correction import why_not_ask
from services.domain.log import Recorded, RecordedDifferently, edit_service, record_service, withdraw_service
from services.exports import LOGS
from services.filters import LogFilter
from services.flag_rows import flags_for
from services.forms.call import CallForm, first_call
from services.forms.log import LogForm, WithdrawForm, first_entry, stored_entry, ticked_for
from services.forms.photo import PhotoAddForm
from services.log_rows import LIST_FIELDS, history_of, log_rows, parts_of
from services.models import HelpRequest, LogPhoto, Participation, ServiceLog
from services.models.log import ServiceLogQuerySet
from services.models.visit_plan import VISIT
from services.rows import state_badge
from volunteers.models import Volunteer
from volunteers.search import named


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_LOGS)
def log_list(request: HttpRequest) -> HttpResponse:
    """List the logs that the person sees, the latest first."""

    def totals(found: QuerySet[ServiceLog]) -> dict[str, Any]:
        # Adding up everybody's minutes is cheap for one team or person only.
        team, volunteer = chosen_pk(request, "team"), chosen_pk(request, "volunteer")
        if not (team or volunteer):
            return {}
        parts = Participation.objects.standing().filter(log__in=found.order_by().values("pk"))
        if volunteer:
            parts = parts.filter(volunteer=volunteer)
        return {"hours": hours(parts.aggregate(minutes=Sum("minutes"))["minutes"] or 0)}

    return list_page(
        request,
        queryset=ServiceLog.objects.visible_to(request.user),
        filterset_class=LogFilter,
        ordering=("-date", "-id"),
        columns=LIST_FIELDS,
        rows=log_rows,
        template="services/log/list.html",
        export=LOGS,
        context=totals,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.LOG_SERVICES)
def log_create(request: HttpRequest) -> HttpResponse:
    """Log a service; "next" shows the form again for the same team, date and people."""
    return _create(request, LogForm, first_entry, record_service)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.LOG_SERVICES)
def call_create(request: HttpRequest) -> HttpResponse:
    """Log a call that was answered at once: the request and its service in one."""
    return _create(request, CallForm, first_call, serve_call)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.MEND_LOGS)
def log_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct a log of a month that takes logs."""
    log = log_of(request, pk)
    if request.method != "POST":
        if not _may_change(request, log):
            messages.error(request, _("This log can no longer be changed: its month has been handed in."))
            return redirect(log)
        return _form_page(request, LogForm(user=request.user, log=log, initial=stored_entry(log)), log=log)
    form = LogForm(request.POST, request.FILES, user=request.user, log=log, is_draft="reload" in request.POST)
    form.take_photos()
    if form.is_draft:
        return _form_page(request, form, log=log)
    if form.is_valid():
        try:
            edit_service(log, **form.entry(), by=request.user)
        except RuleBroken as broken:
            log.refresh_from_db()
            form.add_rule(broken, current_version=log.version)
        else:
            messages.success(request, _("The log was changed."))
            return redirect(log)
    return _form_page(request, form, log=log, status=422)


@require_POST
@right_required(Right.MEND_LOGS)
def log_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw a log, with a reason."""
    log = log_of(request, pk)
    form = WithdrawForm(request.POST)
    if form.is_valid():
        try:
            withdraw_service(log, **form.cleaned_data, by=request.user)
        except RuleBroken as broken:
            log.refresh_from_db(from_queryset=_shown())
            form.add_rule(broken, current_version=log.version)
            if not _may_change(request, log):  # the page no longer shows the form
                messages.error(request, broken.message)
        else:
            messages.success(request, _("The log was withdrawn. It stays on record and does not count."))
            return redirect(log)
    return detail_page(request, log, form, status=422)


@require_safe
@right_required(Right.VIEW_LOGS)
def log_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a log with its people, its month, what was said on it and what was changed."""
    log = log_of(request, pk)
    return detail_page(request, log)


@require_safe
@right_required(Right.MEND_LOGS)
def helper_suggest(request: HttpRequest) -> HttpResponse:
    """Suggest helpers of the township by name, pinyin, initials or number."""
    text = request.GET.get("helper_search", "").replace("\x00", "").strip()[:40]
    found = Volunteer.objects.in_reach_of(request.user).active() if text else Volunteer.objects.none()
    helpers = named(found, text).order_by("name_pinyin", "id").only("name", "number")[:8]
    return render(request, "services/log/_helpers.html", {"helpers": helpers, "asked": text})


def _back_to(user: User, asked: HelpRequest | None) -> str:
    """Return where whoever has written a log goes on: with what waits for them, if it answered a request."""
    if asked is None:
        return reverse("services:log_list")
    return reverse("services:pager") if is_leader(user) else asked.get_absolute_url()


def _create(
    request: HttpRequest,
    form_class: type[LogForm],
    first: Callable[[User, Mapping[str, str]], dict[str, Any]],
    record: Callable[..., Recorded],
) -> HttpResponse:
    if request.method != "POST":
        return _form_page(request, form_class(user=request.user, initial=first(request.user, request.GET)))
    if "reload" in request.POST:
        return _form_page(request, _draft(request, form_class))
    form = form_class(request.POST, request.FILES, user=request.user)
    form.take_photos()
    stored = None
    if form.is_valid():
        try:
            recorded = record(**form.entry(), by=request.user)
        except RecordedDifferently as different:
            form.add_rule(different)
            stored = ServiceLog.objects.visible_to(request.user).filter(pk=different.log.pk).first()
        except RuleBroken as broken:
            form.add_rule(broken)
        else:
            _say_saved(request, recorded.log)
            if "next" in request.POST:
                return redirect(f"{reverse('services:log_create')}?after={recorded.log.pk}")
            return redirect(_back_to(request.user, form.cleaned_data.get("request")))
    return _form_page(request, form, status=422, stored=stored)


def log_of(request: HttpRequest, pk: int) -> ServiceLog:
    """Return the log of an address, as far as the person may see it."""
    return get_object_or_404(_shown().visible_to(request.user), pk=pk)


def _shown() -> ServiceLogQuerySet:
    """Bring along what a log's page names."""
    return ServiceLog.objects.select_related(
        "team", "township", "report", "category", "recorded_by", "request", "confirmation", "corrects"
    )


def _may_change(request: HttpRequest, log: ServiceLog) -> bool:
    return request.user.may(Right.MEND_LOGS) and log.report.takes_logs and not log.is_withdrawn


def _draft(request: HttpRequest, form_class: type[LogForm]) -> LogForm:
    """Show the form again for another team or date; another team's people are ticked as in its last service."""
    data = request.POST.copy()
    if data.get("ticked_for", "") != data.get("team", ""):
        data.setlist("participants", [str(pk) for pk in ticked_for(request.user, key_of(data.get("team")))])
    form = form_class(data, request.FILES, user=request.user, is_draft=True)
    form.take_photos()
    return form


def _say_saved(request: HttpRequest, log: ServiceLog) -> None:
    messages.success(
        request,
        # By its key the phone knows which draft is saved now (static/js/device.js).
        format_html(
            '{} <a href="{}" data-saved-key="{}">{}</a>',
            _("The service was logged."),
            log.get_absolute_url(),
            log.key,
            log.recipient,
        ),
    )
    days = (timezone.localdate() - log.date).days
    if days > TownshipSettings.of(log.township_id).late_entry_days:
        messages.warning(request, _("It was %(days)s days ago: the reviewer sees it as a late entry.") % {"days": days})


def _form_page(
    request: HttpRequest,
    form: LogForm,
    *,
    log: ServiceLog | None = None,
    stored: ServiceLog | None = None,
    status: int = 200,
) -> HttpResponse:
    today = timezone.localdate()
    context = {
        "form": form,
        "log": log,
        "stored": stored,
        "today": f"{today:%Y-%m-%d}",
        "yesterday": f"{today - timedelta(days=1):%Y-%m-%d}",
        "durations": [30, 60, 90, 120],
        "has_teams": log is not None or form.fields["team"].queryset.exists(),
    }
    template = "services/log/call.html" if form.is_call else "services/log/form.html"
    return render(request, template, context, status=status)


def detail_page(
    request: HttpRequest,
    log: ServiceLog,
    withdraw_form: WithdrawForm | None = None,
    *,
    photos_form: PhotoAddForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show a log; the forms are those that came back with an error."""
    starts, ends = timezone.localtime(log.starts_at), timezone.localtime(log.ends_at)
    context = {
        "log": log,
        "time": f"{starts:%H:%M}–{ends:%H:%M}",
        "ends_next_day": ends.date() > log.date,
        "parts": parts_of(log, request.user),
        "report_state": state_badge(log.report.state),
        "may_change": _may_change(request, log),
        "withdraw_form": withdraw_form or WithdrawForm(initial={"version": log.version}),
        "photos": LogPhoto.objects.standing().filter(log__in=log.with_originals()),
        "confirmation": getattr(log, "confirmation", None),
        "may_make_slip": request.user.may(Right.MEND_LOGS) and not log.is_withdrawn,
        "photos_form": photos_form or PhotoAddForm(user=request.user, log=log),
        "comments": log.comments.select_related("by"),
        "history": history_of(log),
        "corrections": corrections_of(log),
        "flags": flags_for(log, request.user),
        "found": HelpRequest.objects.visible_to(request.user).filter(found_on=log).order_by("id"),
        "may_find": log.category.code == VISIT and not log.is_withdrawn and request.user.may(Right.KEEP_REQUESTS),
        "may_ask": request.user.may(Right.MEND_LOGS) and not why_not_ask(log, request.user),
    }
    return render(request, "services/log/detail.html", context, status=status)
