"""The list of volunteers, their records, and what happens to them."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import Right, right_required
from common.bulk import Action
from common.forms import YiwangForm
from common.lists import list_page
from common.rules import RuleBroken
from volunteers.application_rows import match_rows
from volunteers.domain import identity
from volunteers.domain import volunteer as domain
from volunteers.domain.double import Double, can_be_told_apart
from volunteers.dossier import parts_of
from volunteers.exports import VOLUNTEERS
from volunteers.filters import VolunteerFilter
from volunteers.forms.volunteer import LeaveForm, ReasonForm, VolunteerForm
from volunteers.id_number import is_switched_on
from volunteers.models import Volunteer
from volunteers.rows import LIST_FIELDS, status_badge, volunteer_rows


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_VOLUNTEERS)
def volunteer_list(request: HttpRequest) -> HttpResponse:
    """List the volunteers whom the reader may see."""
    return list_page(
        request,
        queryset=Volunteer.objects.visible_to(request.user).persons().with_present_membership(),
        filterset_class=VolunteerFilter,
        ordering=("name_pinyin", "id"),
        columns=LIST_FIELDS,
        rows=volunteer_rows,
        template="volunteers/volunteer/list.html",
        bulk=_bulk(request),
        export=VOLUNTEERS,
    )


@require_safe
@right_required(Right.VIEW_VOLUNTEERS)
def volunteer_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a volunteer's dossier."""
    return detail_page(request, volunteer_of(request, pk))


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.REGISTER_VOLUNTEERS)
def volunteer_create(request: HttpRequest) -> HttpResponse:
    """Register a volunteer."""
    form = VolunteerForm(request.POST or None, initial={"joined_on": timezone.localdate()}, by=request.user)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            volunteer = domain.register_volunteer(
                form.instance,
                further_skills=values["further_skills"],
                id_number=values.get("id_number", ""),
                is_other_person=values["is_other_person"],
                by=request.user,
            )
        except Double as double:
            form.add_rule(double)
            return _form(request, form, heading=_("Register a volunteer"), **_matches(request, double))
        except RuleBroken as broken:
            form.add_rule(broken)
        else:
            messages.success(request, _registered(volunteer))
            return redirect(volunteer)
    return _form(request, form, heading=_("Register a volunteer"))


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.REGISTER_VOLUNTEERS)
def volunteer_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a volunteer's record."""
    volunteer = volunteer_of(request, pk)
    shown = Volunteer.objects.get(pk=pk)  # the form writes into its instance, the page shows what is stored
    form = VolunteerForm(request.POST or None, instance=volunteer, by=request.user)
    matches: dict[str, object] = {}
    if request.method == "POST" and form.is_valid():
        try:
            domain.edit_volunteer(pk, form.cleaned_data, version=form.cleaned_data["version"], by=request.user)
        except Double as double:
            form.add_rule(double)
            matches = _matches(request, double)
        except RuleBroken as broken:
            form.add_rule(broken, current_version=shown.version)
        else:
            messages.success(request, _("The record was saved."))
            return redirect(volunteer)
    return _form(request, form, heading=_("Change %(name)s") % {"name": shown.name}, volunteer=shown, **matches)


@require_POST
@right_required(Right.SEE_PHONES)
def show_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the phone number in full and record who looked; without scripts the whole page comes with it."""
    volunteer = volunteer_of(request, pk)
    phone = domain.show_phone(volunteer, by=request.user)
    if request.htmx:
        return render(request, "volunteers/volunteer/_phone.html", {"phone": phone})
    return detail_page(request, volunteer, phone=phone)


@require_POST
@right_required(Right.SEE_ID_NUMBERS)
def show_id_number(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the ID number in full and record who looked; without scripts the whole page comes with it."""
    volunteer = volunteer_of(request, pk)
    id_number = identity.show_id_number(volunteer, by=request.user)
    if request.htmx:
        return render(request, "volunteers/volunteer/_id_number.html", {"id_number": id_number})
    return detail_page(request, volunteer, id_number=id_number)


@require_POST
@right_required(Right.REGISTER_VOLUNTEERS)
def suspend(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a volunteer pause."""
    return _step(request, pk, ReasonForm(request.POST, prefix="suspend"), domain.suspend)


@require_POST
@right_required(Right.REGISTER_VOLUNTEERS)
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a volunteer leave the programme."""
    return _step(request, pk, LeaveForm(request.POST, prefix="leave"), domain.leave)


@require_POST
@right_required(Right.REGISTER_VOLUNTEERS)
def reinstate(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a volunteer back."""
    return _step(request, pk, YiwangForm(request.POST), domain.reinstate)


@require_POST
@right_required(Right.REGISTER_VOLUNTEERS)
def endorse(request: HttpRequest, pk: int) -> HttpResponse:
    """Say for the township that it wants the applicant."""
    volunteer = volunteer_of(request, pk)
    try:
        domain.endorse(volunteer, by=request.user)
    except RuleBroken as broken:
        messages.error(request, broken.message)
    else:
        messages.success(request, _("%(name)s is endorsed. An administrator admits them.") % {"name": volunteer.name})
    return redirect(volunteer)


@require_POST
@right_required(Right.ADMIT_VOLUNTEERS)
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept an applicant."""
    return _step(request, pk, YiwangForm(request.POST), domain.approve)


@require_POST
@right_required(Right.REGISTER_VOLUNTEERS)
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    """Turn an applicant down."""
    return _step(request, pk, ReasonForm(request.POST, prefix="reject"), domain.reject)


def _bulk(request: HttpRequest) -> list[Action]:
    """Offer to admit where the list shows applicants."""
    if request.GET.get("status") != Volunteer.Status.APPLIED or not request.user.may(Right.ADMIT_VOLUNTEERS):
        return []
    return [Action(pgettext("an applicant", "Admit"), reverse("volunteers:admit"), "user-check")]


def _registered(volunteer: Volunteer) -> str:
    told = {"name": volunteer.name, "number": volunteer.number}
    if volunteer.status == Volunteer.Status.APPLIED:
        return _("%(name)s is entered with the number %(number)s. An administrator admits them.") % told
    return _("%(name)s is registered with the number %(number)s.") % told


def volunteer_of(request: HttpRequest, pk: int) -> Volunteer:
    """Return the volunteer for their page, a 404 where the reader does not see them."""
    volunteers = Volunteer.objects.visible_to(request.user).select_related(
        "village__township", "primary_skill", "user", "endorsed_by", "merged_into"
    )
    return get_object_or_404(volunteers, pk=pk)


def _step(request: HttpRequest, pk: int, form: YiwangForm, act: Callable[..., Volunteer]) -> HttpResponse:
    """Take one step of the status; what is wrong comes back on the record's page, the step's form filled and open."""
    volunteer = volunteer_of(request, pk)
    if form.is_valid():
        try:
            stepped = act(volunteer, **form.cleaned_data, by=request.user)
        except RuleBroken as broken:
            if not form.fields:
                messages.error(request, broken.message)
                return redirect(volunteer)
            form.add_rule(broken)
        else:
            told = {"name": stepped.name, "status": stepped.get_status_display()}
            messages.success(request, _("%(name)s is now “%(status)s”.") % told)
            for consequence in stepped.consequences:
                messages.warning(request, consequence)
            return redirect(volunteer)
    return detail_page(request, volunteer, status=422, **{f"{form.prefix}_form": form})


def detail_page(request: HttpRequest, volunteer: Volunteer, *, status: int = 200, **context: object) -> HttpResponse:
    """Show the dossier, with what ``context`` says of a step that was refused or a number that is shown."""
    context = {
        "suspend_form": ReasonForm(prefix="suspend"),
        "reject_form": ReasonForm(prefix="reject"),
        "leave_form": LeaveForm(prefix="leave", initial={"on": timezone.localdate()}),
        "volunteer": volunteer,
        "status": status_badge(volunteer),
        "survivor": _survivor(request, volunteer),
        "keeps_id_numbers": is_switched_on(),
        "parts": parts_of(volunteer, request.user),
    } | context
    return render(request, "volunteers/volunteer/detail.html", context, status=status)


def _survivor(request: HttpRequest, volunteer: Volunteer) -> dict[str, object] | None:
    """Return the record that a given-up one was merged into, with its address for those who see it."""
    if volunteer.merged_into is None:
        return None
    is_seen = Volunteer.objects.visible_to(request.user).filter(pk=volunteer.merged_into_id).exists()
    url = volunteer.merged_into.get_absolute_url() if is_seen else ""
    return {"number": volunteer.merged_into.number, "url": url}


def _matches(request: HttpRequest, double: Double) -> dict[str, object]:
    """Return who the person may be, within the reader's rights, and whether the reader may say that they are not."""
    return {
        "matches": match_rows(double.matches, request.user),
        "may_tell_apart": can_be_told_apart(double.matches, request.user),
    }


def _form(request: HttpRequest, form: VolunteerForm, **context: object) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, "volunteers/volunteer/form.html", {"form": form, **context}, status=status)
