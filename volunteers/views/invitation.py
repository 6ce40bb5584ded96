"""Inviting: who still needs training, and who gets a place in a course."""

from django.contrib import messages
from django.db.models import Count, F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rights import Right, right_required
from common.bulk import Action, back_to_list, carried, selected
from common.clean import key_of
from common.lists import list_page
from common.rules import RuleBroken
from volunteers.domain.invitation import (
    NEEDING_FIRST,
    invitable,
    invite,
    places_left,
    take_back,
    with_last_training,
)
from volunteers.models import Course, Volunteer
from volunteers.models.course import CourseQuerySet
from volunteers.training_exports import IN_NEED
from volunteers.training_filters import InvitedFilter, NeedFilter
from volunteers.training_rows import NEED_FIELDS, days_of, need_rows, region_words
from volunteers.views.course import kept

# Planned courses to choose from at once.
MOST_COURSES = 50


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_TRAINING)
def need_list(request: HttpRequest) -> HttpResponse:
    """List the active volunteers, those first who need training most."""
    may_invite = request.user.may(Right.KEEP_TRAINING)
    return list_page(
        request,
        queryset=with_last_training(Volunteer.objects.visible_to(request.user).active()),
        filterset_class=NeedFilter,
        ordering=NEEDING_FIRST,
        columns=NEED_FIELDS,
        rows=need_rows,
        template="volunteers/need/list.html",
        bulk=[Action(_("Invite to a course"), reverse("training:invite_chosen"), "mail-plus")] if may_invite else [],
        export=IN_NEED,
    )


@require_POST
@right_required(Right.KEEP_TRAINING)
def invite_chosen(request: HttpRequest) -> HttpResponse:
    """Ask to which course those chosen in the list are invited, and invite them."""
    back = back_to_list(request, "training:need_list")
    volunteers = Volunteer.objects.visible_to(request.user).active()
    try:
        chosen = selected(request, volunteers, NeedFilter)
    except RuleBroken as broken:
        messages.error(request, broken.message)
        return redirect(back)
    problem, status = "", 200
    if request.POST.get("step") == "invite":
        course = _coming(request).filter(pk=key_of(request.POST.get("course", "")) or 0).first()
        if course is not None:
            try:
                return _invited(request, course, invite(course, chosen, by=request.user))
            except RuleBroken as broken:
                problem, status = broken.message, 422
        else:
            problem, status = _("Choose the course."), 422
    courses = [
        {
            "pk": course.pk,
            "title": course.title,
            "days": days_of(course),
            "region": region_words(course),
            "left": max(0, course.capacity - course.number_invited),
        }
        for course in _coming(request).prefetch_related("townships")[:MOST_COURSES]
    ]
    context = {
        "count": chosen.count(),
        "courses": courses,
        "carried": carried(request),
        "problem": problem,
        "back": back,
    }
    return render(request, "volunteers/need/choose.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.KEEP_TRAINING)
def invite_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who may be invited to a course, in the order in which places are given."""
    course = kept(request, pk)
    left = places_left(course)
    is_open = course.state == Course.State.PLANNED and course.ends_on >= timezone.localdate()
    action = Action(_("Invite"), reverse("training:invite_add", args=[pk]), "mail-plus")
    return list_page(
        request,
        queryset=with_last_training(invitable(course, request.user)),
        filterset_class=NeedFilter,
        ordering=NEEDING_FIRST,
        columns=NEED_FIELDS,
        rows=need_rows,
        template="volunteers/invite/list.html",
        context={"course": course, "left": left, "is_open": is_open},
        bulk=[action] if is_open and left else [],
        export=IN_NEED,
    )


@require_POST
@right_required(Right.KEEP_TRAINING)
def invite_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Invite those ticked, or as many of all found as there are places, those in need first."""
    course = kept(request, pk)
    try:
        chosen = selected(request, Volunteer.objects.in_reach_of(request.user).active(), NeedFilter)
        return _invited(request, course, invite(course, chosen, by=request.user))
    except RuleBroken as broken:
        messages.error(request, broken.message)
    return redirect(back_to_list(request, "training:invite_list", pk))


@require_POST
@right_required(Right.KEEP_TRAINING)
def invitation_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the ticked invitations back, or all found."""
    course = kept(request, pk)
    try:
        chosen = selected(request, course.invitations.visible_to(request.user), InvitedFilter)
        count = take_back(course, chosen, by=request.user)
    except RuleBroken as broken:
        messages.error(request, broken.message)
    else:
        text = ngettext("%(count)s invitation was taken back.", "%(count)s invitations were taken back.", count)
        messages.success(request, text % {"count": count})
    return redirect(back_to_list(request, "training:course_invited", pk))


def _coming(request: HttpRequest) -> CourseQuerySet:
    """Return the courses that the person may invite to, the next first, with ``number_invited``."""
    courses = Course.objects.kept_by(request.user).planned().filter(ends_on__gte=timezone.localdate())
    return courses.annotate(number_invited=Count("invitations")).order_by(F("starts_on").asc(), "pk")


def _invited(request: HttpRequest, course: Course, invited: object) -> HttpResponse:
    """Say how many were invited, and lead to them."""
    if invited.new:
        text = ngettext("%(count)s volunteer was invited.", "%(count)s volunteers were invited.", invited.new)
        messages.success(request, text % {"count": invited.new})
    else:
        messages.info(request, _("Nobody was added."))
    if invited.left_out:
        text = ngettext(
            "%(count)s was not: there was no place left, or the course is not for them or meets another one.",
            "%(count)s were not: there were no places left, or the course is not for them or meets another one.",
            invited.left_out,
        )
        messages.warning(request, text % {"count": invited.left_out})
    return redirect("training:course_invited", pk=course.pk)
