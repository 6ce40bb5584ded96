"""The list of courses, a course's page, and what happens to it."""

from copy import copy
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rights import Right, right_required
from common.bulk import Action
from common.exports import Export
from common.hours import hours
from common.lists import list_page
from common.rules import RuleBroken
from volunteers.domain import course as domain
from volunteers.forms.course import CancelForm, CourseForm
from volunteers.models import Attendance, Course, Invitation
from volunteers.training_exports import ATTENDED, COURSES, INVITED
from volunteers.training_filters import CourseFilter, InvitedFilter, ParticipantFilter
from volunteers.training_rows import (
    ATTENDED_FIELDS,
    INVITED_FIELDS,
    attended_rows,
    course_badge,
    course_rows,
    days_of,
    invited_rows,
    region_words,
)

State = Course.State
BY_NAME = ("volunteer__name_pinyin", "id")


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_TRAINING)
def course_list(request: HttpRequest) -> HttpResponse:
    """List the courses, the latest first."""
    courses = Course.objects.visible_to(request.user).select_related("township", "provider")
    return list_page(
        request,
        queryset=courses.prefetch_related("townships"),
        filterset_class=CourseFilter,
        ordering=("-starts_on", "-id"),
        rows=course_rows(request.user),
        template="volunteers/course/list.html",
        export=COURSES,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_TRAINING)
def course_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a course and who came."""
    return detail_page(request, visible(request, pk), export=ATTENDED)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_TRAINING)
def course_invited(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a course and who is invited."""
    course = visible(request, pk)
    about = _about(request, course, "invited")
    action = Action(_("Take back"), reverse("training:invitation_take_back", args=[pk]), "undo-2")
    return list_page(
        request,
        queryset=Invitation.objects.visible_to(request.user).filter(course=course).with_coming(),
        filterset_class=InvitedFilter,
        ordering=BY_NAME,
        columns=INVITED_FIELDS,
        rows=invited_rows,
        template="volunteers/invited/list.html",
        export=INVITED,
        context=about,
        bulk=[action] if about["may_take_back"] else None,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.KEEP_TRAINING)
def course_create(request: HttpRequest) -> HttpResponse:
    """Plan a course."""
    form = CourseForm(request.POST or None, instance=Course(), by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            _take_provider(form, request)
            townships = form.cleaned_data.get("townships") or ()
            course = domain.plan_course(
                form.instance, key=form.cleaned_data["key"], townships=townships, by=request.user
            )
        except RuleBroken as broken:
            form.add_rule(_at_hours(broken))
        else:
            messages.success(request, _("The course is planned. Now invite volunteers, or print the sign-in sheet."))
            return redirect(course)
    return _form(request, form, heading=_("Plan a course"))


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.KEEP_TRAINING)
def course_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a course."""
    course = kept(request, pk)
    shown = copy(course)  # the form writes into its instance, the page shows what is stored
    form = CourseForm(request.POST or None, instance=course, by=request.user)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            _take_provider(form, request)
            domain.edit_course(
                pk, values, townships=values.get("townships"), version=values["version"], by=request.user
            )
        except RuleBroken as broken:
            form.add_rule(_at_hours(broken), current_version=shown.version)
        else:
            messages.success(request, _("The course was saved."))
            return redirect(shown)
    return _form(request, form, heading=_("Change “%(title)s”") % {"title": shown.title}, course=shown)


@require_POST
@right_required(Right.KEEP_TRAINING)
def course_hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a course took place."""
    course = kept(request, pk)
    try:
        domain.hold_course(course, by=request.user)
    except RuleBroken as broken:
        messages.error(request, broken.message)
    else:
        messages.success(request, _("The course is marked as held."))
    return redirect(course)


@require_POST
@right_required(Right.KEEP_TRAINING)
def course_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a course."""
    course = kept(request, pk)
    form = CancelForm(request.POST)
    if form.is_valid():
        try:
            domain.cancel_course(course, reason=form.cleaned_data["reason"], by=request.user)
        except RuleBroken as broken:
            form.add_rule(broken)
        else:
            messages.success(request, _("The course is cancelled. Tell those who were invited."))
            return redirect(course)
    return detail_page(request, course, cancel_form=form, status=422)


def visible(request: HttpRequest, pk: int) -> Course:
    """Return a course that the reader sees."""
    courses = Course.objects.visible_to(request.user).select_related("township", "provider", "speciality")
    return get_object_or_404(courses.prefetch_related("townships"), pk=pk)


def kept(request: HttpRequest, pk: int) -> Course:
    """Return a course that the person plans; others are not there for them."""
    courses = Course.objects.kept_by(request.user).select_related("township", "provider", "speciality")
    return get_object_or_404(courses.prefetch_related("townships"), pk=pk)


def detail_page(
    request: HttpRequest,
    course: Course,
    *,
    cancel_form: CancelForm | None = None,
    export: Export | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the page of a course, its form of cancelling filled and open where it was refused.

    ``export`` is given by the page's own address only: a POST elsewhere asks for no file.
    """
    response = list_page(
        request,
        queryset=Attendance.objects.visible_to(request.user).filter(course=course),
        filterset_class=ParticipantFilter,
        ordering=BY_NAME,
        columns=ATTENDED_FIELDS,
        rows=attended_rows,
        template="volunteers/attended/list.html",
        context=_about(request, course, "came") | {"cancel_form": cancel_form or CancelForm()},
        export=export,
    )
    if status != 200:
        response.status_code = status
    return response


def _about(request: HttpRequest, course: Course, shown: str) -> dict[str, Any]:
    """Return what both pages of a course say of it; the numbers are those of whom the reader sees."""
    user = request.user
    attendances = Attendance.objects.visible_to(user).filter(course=course).order_by()
    numbers = attendances.aggregate(
        came=Count("pk"), minutes=Sum("minutes"), passed=Count("pk", filter=Q(result=Attendance.Result.PASSED))
    )
    invited = Invitation.objects.visible_to(user).filter(course=course).order_by()
    number_invited, missing = invited.count(), invited.missing().count()
    is_kept = user.may(Right.KEEP_TRAINING) and (user.is_city_wide or course.township_id in user.township_ids)
    is_over = course.ends_on < timezone.localdate()
    page, base = course.get_absolute_url(), f"{course.get_absolute_url()}invited/"
    return {
        "course": course,
        "state": course_badge(course),
        "days": days_of(course),
        "region": region_words(course),
        "tabs": [
            (_("Came"), page, numbers["came"], shown == "came"),
            (_("Invited"), base, number_invited, shown == "invited"),
        ],
        "figures": [
            {"number": numbers["came"], "label": _("Came"), "url": page},
            {"number": number_invited, "label": _("Invited"), "url": base},
            {
                "number": missing,
                "label": _("Invited, not recorded"),
                "url": f"{base}?came=no",
                "tone": "warn" if is_over else "",
            },
            {
                "number": numbers["passed"],
                "label": pgettext("result of a course", "Passed"),
                "url": f"{page}?result=passed",
            },
            {"number": hours(numbers["minutes"] or 0), "label": _("Hours of all"), "url": page},
        ],
        "is_kept": is_kept,
        "is_over": is_over,
        "may_invite": is_kept and course.state == State.PLANNED and not is_over,
        "may_record": user.may(Right.KEEP_TRAINING) and course.state != State.CANCELLED and course.has_begun,
        "may_hold": is_kept and course.state == State.PLANNED and course.has_begun,
        "may_cancel": is_kept and course.state != State.CANCELLED and not numbers["came"],
        "open_names": course.open_names.visible_to(user) if user.may(Right.KEEP_TRAINING) else [],
        "may_take_back": is_kept and course.state == State.PLANNED,
    }


def _take_provider(form: CourseForm, request: HttpRequest) -> None:
    """Let a new provider be the course's."""
    values = form.cleaned_data
    if values["new_provider"]:
        provider = domain.add_provider(name=values["new_provider"], kind=values["new_provider_kind"], by=request.user)
        form.instance.provider = values["provider"] = provider


def _at_hours(broken: RuleBroken) -> RuleBroken:
    """Put what is said of the minutes at the field in which they are typed."""
    broken.field = "hours" if broken.field == "minutes" else broken.field
    return broken


def _form(request: HttpRequest, form: CourseForm, **context: Any) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, "volunteers/course/form.html", {"form": form, **context}, status=status)
