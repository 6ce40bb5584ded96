"""The desk for applications: townships endorse or reject, administrators admit; and the poster that leads there."""

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import Right, right_required
from areas.models import Township
from common.bulk import back_to_list, selected
from common.clean import key_of
from common.lists import list_page
from common.rules import RuleBroken
from volunteers.application_rows import application_rows, match_rows, progress_of
from volunteers.domain import application as domain
from volunteers.domain.double import can_be_told_apart
from volunteers.exports import APPLICATIONS
from volunteers.filters import ApplicationFilter, VolunteerFilter
from volunteers.forms.application import EndorseForm, RejectForm
from volunteers.models import Application, Volunteer
from volunteers.models.application import ApplicationQuerySet


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_APPLICATIONS)
def application_list(request: HttpRequest) -> HttpResponse:
    """List what came in by the public page, the oldest first."""
    return list_page(
        request,
        queryset=_applications(request),
        filterset_class=ApplicationFilter,
        ordering=("made_at", "id"),
        rows=application_rows,
        template="volunteers/application/list.html",
        export=APPLICATIONS,
    )


@require_safe
@right_required(Right.VIEW_APPLICATIONS)
def application_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an application, its conditions, and who on record may be the same person."""
    return _detail(request, _visible(request, pk))


@require_POST
@right_required(Right.REGISTER_VOLUNTEERS)
def application_endorse(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the record of the applicant, who waits for an administrator then."""
    application = _visible(request, pk)
    form = EndorseForm(request.POST)
    if form.is_valid():
        try:
            volunteer = domain.endorse_application(application, by=request.user, **form.cleaned_data)
        except RuleBroken as broken:
            form.add_rule(broken)
        else:
            told = {"name": volunteer.name, "number": volunteer.number}
            messages.success(
                request, _("%(name)s is entered with the number %(number)s. An administrator admits them.") % told
            )
            return redirect(volunteer)
    return _detail(request, application, endorse_form=form, status=422)


@require_POST
@right_required(Right.REGISTER_VOLUNTEERS)
def application_reject(request: HttpRequest, pk: int) -> HttpResponse:
    """Turn the application down with a reason that the applicant reads."""
    application = _visible(request, pk)
    form = RejectForm(request.POST)
    if form.is_valid():
        try:
            domain.reject_application(application, reason=form.cleaned_data["reason"], by=request.user)
        except RuleBroken as broken:
            form.add_rule(broken)
        else:
            messages.success(request, _("The application is rejected. The applicant reads the reason by the code."))
            return redirect(application)
    return _detail(request, application, reject_form=form, status=422)


@require_POST
@right_required(Right.SEE_PHONES)
def application_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the phone number in full and record who looked; without scripts the whole page comes with it."""
    application = _visible(request, pk)
    phone = domain.show_applicants_phone(application, by=request.user)
    if request.htmx:
        return render(request, "volunteers/volunteer/_phone.html", {"phone": phone})
    return _detail(request, application, phone=phone)


@require_POST
@right_required(Right.ADMIT_VOLUNTEERS)
def admit(request: HttpRequest) -> HttpResponse:
    """Admit the chosen applicants, as far as their townships have endorsed them."""
    try:
        chosen = selected(request, Volunteer.objects.visible_to(request.user), VolunteerFilter)
        keys = list(chosen.order_by().values_list("pk", flat=True))
        count = domain.admit(keys, by=request.user)
    except RuleBroken as broken:
        messages.error(request, broken.message)
        return redirect(back_to_list(request, "volunteers:list"))
    if count:
        text = ngettext("%(count)d applicant is admitted.", "%(count)d applicants are admitted.", count)
        messages.success(request, text % {"count": count})
    if left := len(keys) - count:
        text = ngettext(
            "%(count)d was left out: not an applicant, or not endorsed by the township yet.",
            "%(count)d were left out: not applicants, or not endorsed by their townships yet.",
            left,
        )
        messages.warning(request, text % {"count": left})
    return redirect(back_to_list(request, "volunteers:list"))


@require_safe
@right_required(Right.VIEW_APPLICATIONS)
def poster(request: HttpRequest) -> HttpResponse:
    """Show the poster of a township's office, to be printed on A4: its QR code leads to the application."""
    townships = Township.objects.visible_to(request.user).current().order_by("code")
    chosen = key_of(request.GET.get("township", ""))
    township = get_object_or_404(townships, pk=chosen) if chosen else townships.first()
    address = request.build_absolute_uri(reverse("apply:form", args=[township.code])) if township else ""
    context = {
        "townships": townships if request.user.is_city_wide else [],
        "township": township,
        "qr": _qr(address) if address else "",
        "address": address.partition("://")[2],
    }
    return render(request, "volunteers/application/poster.html", context)


def _applications(request: HttpRequest) -> ApplicationQuerySet:
    applications = Application.objects.visible_to(request.user)
    return applications.select_related("township", "village", "primary_skill", "volunteer__merged_into", "decided_by")


def _visible(request: HttpRequest, pk: int) -> Application:
    return get_object_or_404(_applications(request), pk=pk)


def _detail(request: HttpRequest, application: Application, *, status: int = 200, **context: object) -> HttpResponse:
    matches = domain.doubles_of(application)
    context = {
        "application": application,
        "progress": progress_of(application),
        "age": domain.age_of(application),
        "conditions": domain.conditions_of(application),
        "matches": match_rows(matches, request.user),
        "may_tell_apart": bool(matches) and can_be_told_apart(matches, request.user),
        "also_applied": domain.also_applied(application).visible_to(request.user)[:10],
        "texts": application.texts.all(),
        "endorse_form": EndorseForm(),
        "reject_form": RejectForm(),
        "may_show_phone": request.user.may(Right.SEE_PHONES),
        "may_decide": application.state == Application.State.WAITING and request.user.may(Right.REGISTER_VOLUNTEERS),
    } | context
    return render(request, "volunteers/application/detail.html", context, status=status)


def _qr(text: str) -> SafeString:
    drawn = segno.make(text, error="m", micro=False).svg_inline(scale=4, border=2, omitsize=True)
    return mark_safe(drawn)  # noqa: S308 (made of our own address)
