"""Notices in the offices: the list, opening and taking one back, and the objections with their answers."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import Right, right_required
from common.lists import list_page
from common.rules import RuleBroken
from services.domain import notice as domain
from services.domain.month import previous_month
from services.domain.objection import answer_objection, show_contact
from services.exports import NOTICES, OBJECTIONS
from services.filters import NoticeFilter, ObjectionFilter
from services.forms.notice import AnswerForm, NoticeForm, WithdrawNoticeForm
from services.models import Notice, Objection
from services.notice_rows import notice_rows, objection_badge, objection_rows, shown

# A page of forms that somebody still works through, should a notice be flooded.
OBJECTIONS_SHOWN = 200


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_NOTICES)
def notice_list(request: HttpRequest) -> HttpResponse:
    """List the notices that the person sees, the latest month first."""
    notices = Notice.objects.visible_to(request.user).select_related("township")
    return list_page(
        request,
        queryset=notices.annotate(objections_made=Count("objections")),
        filterset_class=NoticeFilter,
        ordering=("-month", "-id"),
        rows=notice_rows,
        template="services/notice/list.html",
        export=NOTICES,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.REVIEW_REPORTS)
def notice_create(request: HttpRequest) -> HttpResponse:
    """Show a township's read month to everybody; what has not been read must be left out explicitly."""
    if request.method != "POST":
        first = {
            "month": request.GET.get("month", f"{previous_month(timezone.localdate()):%Y-%m}")[:7],
            "township": request.GET.get("township"),
        }
        return render(request, "services/notice/form.html", {"form": NoticeForm(user=request.user, initial=first)})
    form = NoticeForm(request.POST, user=request.user)
    if form.is_valid():
        try:
            opened = domain.open_notice(**form.entry(), by=request.user)
        except RuleBroken as broken:
            form.add_rule(broken)
        else:
            messages.success(request, _("The notice is open. Its address can be given to everybody."))
            return redirect(opened)
    return render(request, "services/notice/form.html", {"form": form}, status=422)


@require_safe
@right_required(Right.VIEW_NOTICES)
def notice_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what everybody sees, the address, and the objections."""
    return _detail_page(request, _notice(request, pk))


@require_POST
@right_required(Right.REVIEW_REPORTS)
def notice_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the notice back, with a reason."""
    notice = _notice(request, pk)
    form = WithdrawNoticeForm(request.POST)
    if form.is_valid():
        try:
            domain.withdraw_notice(notice, **form.cleaned_data, by=request.user)
        except RuleBroken as broken:
            notice.refresh_from_db(from_queryset=_shown())
            form.add_rule(broken, current_version=notice.version)
            if notice.is_withdrawn:  # the page no longer shows the form
                messages.error(request, broken.message)
        else:
            messages.success(request, _("The notice was withdrawn: its page no longer shows anything."))
            return redirect(notice)
    return _detail_page(request, notice, withdraw_form=form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_NOTICES)
def objection_list(request: HttpRequest) -> HttpResponse:
    """List the objections that the person sees, the latest first."""
    return list_page(
        request,
        queryset=Objection.objects.visible_to(request.user).select_related("notice__township", "answered_by"),
        filterset_class=ObjectionFilter,
        ordering=("-made_at", "-id"),
        rows=objection_rows,
        template="services/objection/list.html",
        export=OBJECTIONS,
    )


@require_POST
@right_required(Right.ANSWER_OBJECTIONS)
def objection_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer an objection."""
    objection = _objection(request, pk)
    notice = _notice(request, objection.notice_id)
    form = AnswerForm(request.POST, auto_id=f"id_{pk}_%s")
    if form.is_valid():
        try:
            answer_objection(objection, **form.cleaned_data, by=request.user)
        except RuleBroken as broken:
            objection.refresh_from_db()
            form.add_rule(broken, current_version=objection.version)
        else:
            messages.success(request, _("The answer was saved. Who objected reads it by their link."))
            return redirect(f"{notice.get_absolute_url()}#objection-{pk}")
    return _detail_page(request, notice, answering={pk: form}, status=422)


@require_POST
@right_required(Right.ANSWER_OBJECTIONS)
def objection_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how to reach who objected; the look is recorded."""
    objection = _objection(request, pk)
    contact = show_contact(objection, by=request.user)
    return _detail_page(request, _notice(request, objection.notice_id), contacts={pk: contact})


def _notice(request: HttpRequest, pk: int) -> Notice:
    return get_object_or_404(_shown().visible_to(request.user), pk=pk)


def _shown() -> Any:
    """Bring along what a notice's page names."""
    return Notice.objects.select_related("township", "opened_by", "withdrawn_by")


def _objection(request: HttpRequest, pk: int) -> Objection:
    return get_object_or_404(Objection.objects.visible_to(request.user), pk=pk)


def _detail_page(
    request: HttpRequest,
    notice: Notice,
    *,
    withdraw_form: WithdrawNoticeForm | None = None,
    answering: dict[int, AnswerForm] | None = None,
    contacts: dict[int, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    may_answer = request.user.may(Right.ANSWER_OBJECTIONS)
    objections = [
        {
            "objection": one,
            "state": objection_badge(one),
            "contact": (contacts or {}).get(one.pk, ""),
            "form": (answering or {}).get(one.pk) or _answer_form(one) if may_answer else None,
            "is_open": one.pk in (answering or {}) or not one.answered_at,
        }
        for one in _objections_of(notice, {*(answering or {}), *(contacts or {})})
    ]
    context = {
        **shown(notice),
        "public_url": request.build_absolute_uri(notice.get_public_url()),
        "objections": objections,
        "may_withdraw": request.user.may(Right.REVIEW_REPORTS) and not notice.is_withdrawn,
        "withdraw_form": withdraw_form or WithdrawNoticeForm(initial={"version": notice.version}),
    }
    return render(request, "services/notice/detail.html", context, status=status)


def _objections_of(notice: Notice, asked: set[int]) -> list[Objection]:
    """Return the objections, those that wait first, the latest of each; of very many the first and those ``asked`` for.

    Once they are answered the others come up; the list has all of them.
    """
    found = notice.objections.select_related("answered_by")
    shown = list(found.order_by(F("answered_at").desc(nulls_first=True), "-made_at", "-id")[:OBJECTIONS_SHOWN])
    missing = asked - {one.pk for one in shown}
    return [*found.filter(pk__in=missing), *shown] if missing else shown


def _answer_form(objection: Objection) -> AnswerForm:
    first = {"version": objection.version, "answer": objection.answer, "is_public": objection.is_public}
    return AnswerForm(auto_id=f"id_{objection.pk}_%s", initial=first)
