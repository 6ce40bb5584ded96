"""Badges in the office: the lists, issuing one or many, and ending one."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rights import Right, right_required
from common.bulk import Action, back_to_list, selected
from common.lists import list_page
from common.rules import RuleBroken
from volunteers.badge_filters import BadgeFilter, NeedFilter, needing
from volunteers.badge_rows import BADGE_FIELDS, NEED_FIELDS, badge_rows, need_rows
from volunteers.domain import badge as domain
from volunteers.exports import BADGES, BADGES_NEEDED
from volunteers.forms.badge import EndForm
from volunteers.models import Badge, Volunteer

ENDINGS = {"reissue": domain.reissue_badge, "lost": domain.report_lost, "revoke": domain.revoke_badge}


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_BADGES)
def badge_list(request: HttpRequest) -> HttpResponse:
    """List the badges of the volunteers whom the reader may see."""
    may_print = request.user.may(Right.ISSUE_BADGES)
    return list_page(
        request,
        queryset=Badge.objects.visible_to(request.user).with_present_membership(),
        filterset_class=BadgeFilter,
        ordering=("-issued_on", "-id"),
        columns=BADGE_FIELDS,
        rows=badge_rows,
        template="volunteers/badge/list.html",
        export=BADGES,
        bulk=[Action(_("Print"), reverse("volunteers:badge_print"), "printer")] if may_print else [],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_BADGES)
def badge_needed(request: HttpRequest) -> HttpResponse:
    """List who serves and has no badge that is good for longer."""
    may_issue = request.user.may(Right.ISSUE_BADGES)
    question = _("Issue a badge to each of them? What expires soon is replaced.")
    action = Action(_("Issue badges"), reverse("volunteers:badge_issue_many"), "id-card", confirm=question)
    return list_page(
        request,
        queryset=needing(Volunteer.objects.visible_to(request.user)).with_present_membership(),
        filterset_class=NeedFilter,
        ordering=("name_pinyin", "id"),
        columns=NEED_FIELDS,
        rows=need_rows,
        template="volunteers/badge/needed/list.html",
        export=BADGES_NEEDED,
        bulk=[action] if may_issue else [],
    )


@require_POST
@right_required(Right.ISSUE_BADGES)
def badge_issue_many(request: HttpRequest) -> HttpResponse:
    """Issue badges to the volunteers who were ticked, or to all whom the filters find."""
    try:
        chosen = selected(request, needing(Volunteer.objects.visible_to(request.user)), NeedFilter)
        issued = domain.issue_badges(chosen.order_by().values_list("pk", flat=True), by=request.user)
    except RuleBroken as broken:
        messages.error(request, broken.message)
        return redirect(back_to_list(request, "volunteers:badge_needed"))
    told = ngettext("%(count)s badge was issued.", "%(count)s badges were issued.", len(issued))
    messages.success(request, told % {"count": len(issued)})
    return redirect(reverse("volunteers:badge_list") + "?standing=valid&printed=never")


@require_POST
@right_required(Right.ISSUE_BADGES)
def badge_issue(request: HttpRequest, pk: int) -> HttpResponse:
    """Issue a badge to one volunteer."""
    volunteer = get_object_or_404(Volunteer.objects.visible_to(request.user), pk=pk)
    try:
        badge = domain.issue_badge(volunteer, by=request.user)
    except RuleBroken as broken:
        messages.error(request, broken.message)
    else:
        messages.success(request, _("The badge %(number)s was issued.") % {"number": badge.number})
    return redirect(_dossier(volunteer))


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.KEEP_BADGES)
def badge_end(request: HttpRequest, pk: int, how: str) -> HttpResponse:
    """Ask why a badge is replaced, was lost or is revoked, and void it."""
    if how == "reissue" and not request.user.may(Right.ISSUE_BADGES):
        raise PermissionDenied(request.user.refusal(Right.ISSUE_BADGES))
    badge = get_object_or_404(Badge.objects.visible_to(request.user).select_related("volunteer"), pk=pk)
    form, status = EndForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                done = ENDINGS[how](badge, reason=form.cleaned_data["reason"], by=request.user)
            except RuleBroken as broken:
                form.add_rule(broken)
            else:
                messages.success(request, _ended(how, badge, done))
                return redirect(_dossier(badge.volunteer))
    return render(request, "volunteers/badge/end.html", {"form": form, "badge": badge, "how": how}, status=status)


def _ended(how: str, badge: Badge, done: Badge) -> str:
    if how == "reissue":
        told = _("The badge %(new)s was issued, and %(old)s is void.")
        return told % {"new": done.number, "old": badge.number}
    return _("The badge %(number)s is void.") % {"number": badge.number}


def _dossier(volunteer: Volunteer) -> str:
    return f"{volunteer.get_absolute_url()}#badges"
