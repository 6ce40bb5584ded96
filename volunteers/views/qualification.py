"""The qualifications of volunteers: all that run out, and one added, renewed or withdrawn."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.rights import Right, right_required
from common.forms import YiwangForm
from common.lists import list_page
from common.rules import RuleBroken
from volunteers.domain import qualification as domain
from volunteers.exports import QUALIFICATIONS
from volunteers.forms.qualification import QualificationForm, RenewalForm, WithdrawQualificationForm
from volunteers.models import Qualification, Volunteer
from volunteers.qualification_filters import QualificationFilter
from volunteers.qualification_rows import LIST_FIELDS, qualification_rows, validity


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_VOLUNTEERS)
def qualification_list(request: HttpRequest) -> HttpResponse:
    """List the qualifications of the volunteers whom the reader sees, the one that runs out first at the top."""
    return list_page(
        request,
        queryset=Qualification.objects.visible_to(request.user),
        filterset_class=QualificationFilter,
        ordering=("expires_on", "id"),
        columns=LIST_FIELDS,
        rows=qualification_rows,
        template="volunteers/qualification/list.html",
        export=QUALIFICATIONS,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.REGISTER_VOLUNTEERS)
def qualification_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a qualification on the record of the volunteer ``pk``."""
    volunteer = get_object_or_404(Volunteer.objects.visible_to(request.user), pk=pk)

    def add(**values: object) -> Qualification:
        return domain.add_qualification(volunteer, **values, by=request.user)

    form = QualificationForm(request.POST or None)
    told = {"heading": _("Add a qualification"), "save": _("Add")}
    return _answer(request, volunteer, form, add, _("The qualification is on record."), told)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.REGISTER_VOLUNTEERS)
def qualification_renew(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the next certificate in the place of this one."""
    old = _qualification(request, pk)

    def renew(**values: object) -> Qualification:
        return domain.renew_qualification(old, **values, by=request.user)

    form = RenewalForm(request.POST or None, initial={"version": old.version})
    told = {"heading": _("Renew a qualification"), "save": _("Renew"), "qualification": old}
    return _answer(request, old.volunteer, form, renew, _("The qualification is renewed."), told)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.REGISTER_VOLUNTEERS)
def qualification_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take this qualification off the record."""
    old = _qualification(request, pk)

    def withdraw(**values: object) -> Qualification:
        return domain.withdraw_qualification(old, **values, by=request.user)

    form = WithdrawQualificationForm(request.POST or None, initial={"version": old.version})
    told = {"heading": _("Withdraw a qualification"), "save": _("Withdraw"), "is_danger": True, "qualification": old}
    return _answer(request, old.volunteer, form, withdraw, _("The qualification is withdrawn."), told)


def _qualification(request: HttpRequest, pk: int) -> Qualification:
    found = Qualification.objects.visible_to(request.user).select_related("volunteer")
    return get_object_or_404(found, pk=pk)


def _answer(
    request: HttpRequest,
    volunteer: Volunteer,
    form: YiwangForm,
    act: Callable[..., Qualification],
    done: str,
    told: dict[str, object],
) -> HttpResponse:
    """Do it and lead back to the dossier, or show the form with what is wrong."""
    old = told.get("qualification")
    if request.method == "POST" and form.is_valid():
        try:
            act(**form.cleaned_data)
        except RuleBroken as broken:
            form.add_rule(broken, current_version=getattr(old, "version", None))
        else:
            messages.success(request, done)
            return redirect(f"{volunteer.get_absolute_url()}#qualifications")
    context = {"form": form, "volunteer": volunteer, **told}
    if isinstance(old, Qualification):
        context["validity"] = validity(old.state, old.expires_on)
    status = 422 if request.method == "POST" else 200
    return render(request, "volunteers/qualification/form.html", context, status=status)
