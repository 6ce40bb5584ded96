"""The register of service record certificates, and one issued, printed, issued anew and revoked."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import Right, right_required
from common.hours import hours
from common.lists import list_page
from common.pdf import pdf_response
from common.rules import RuleBroken
from services.certificate_filters import CertificateFilter
from services.certificate_paper import certificate_pdf
from services.certificate_rows import LIST_FIELDS, certificate_rows, standing_badge
from services.domain import certificate as domain
from services.domain.certificate import Figures
from services.exports import CERTIFICATES
from services.forms.certificate import CertificateForm, RevokeForm
from services.models import Certificate
from volunteers.models import Volunteer


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_CERTIFICATES)
def certificate_list(request: HttpRequest) -> HttpResponse:
    """Show the register: every certificate that was ever issued, the latest first."""
    return list_page(
        request,
        queryset=Certificate.objects.visible_to(request.user),
        filterset_class=CertificateFilter,
        ordering=("-id",),
        columns=LIST_FIELDS,
        rows=certificate_rows,
        template="services/certificate/list.html",
        export=CERTIFICATES,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.ISSUE_CERTIFICATES)
def certificate_issue(request: HttpRequest, pk: int) -> HttpResponse:
    """Issue a certificate for the volunteer ``pk``: what each period holds is shown beside the choice."""
    volunteers = Volunteer.objects.visible_to(request.user).select_related("township", "village", "merged_into")
    return _issue(request, get_object_or_404(volunteers, pk=pk))


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.ISSUE_CERTIFICATES)
def certificate_reissue(request: HttpRequest, pk: int) -> HttpResponse:
    """Issue another one in the place of this, for the same days unless others are chosen."""
    old = _certificate(request, pk)
    if not _sees_volunteer(request, old):
        return _refused_after_move(request, old)
    return _issue(request, old.volunteer.merged_into or old.volunteer, supersedes=old)


@require_safe
@right_required(Right.VIEW_CERTIFICATES)
def certificate_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a certificate, what it is worth, and whether the records still say the same."""
    return _detail(request, _certificate(request, pk))


@require_POST
@right_required(Right.VIEW_CERTIFICATES)
def certificate_print(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the certificate as a PDF; who printed it is recorded."""
    certificate = _certificate(request, pk)
    if certificate.with_id_number and not request.user.may(Right.SEE_ID_NUMBERS):
        messages.error(request, _("It shows the ID number: the office that issued it prints it."))
        return redirect(certificate)
    if certificate.with_id_number and not _sees_volunteer(request, certificate):
        return _refused_after_move(request, certificate)
    try:
        domain.print_certificate(certificate, by=request.user)
    except RuleBroken as broken:
        messages.error(request, broken.message)
        return redirect(certificate)
    address = request.build_absolute_uri(certificate.get_public_url())
    return pdf_response(certificate_pdf(certificate, address), f"志愿服务记录证明{certificate.number}.pdf")


@require_POST
@right_required(Right.ISSUE_CERTIFICATES)
def certificate_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a certificate back."""
    certificate = _certificate(request, pk)
    form = RevokeForm(request.POST)
    if form.is_valid():
        try:
            domain.revoke_certificate(certificate, reason=form.cleaned_data["reason"], by=request.user)
        except RuleBroken as broken:
            form.add_rule(broken)
        else:
            messages.success(request, _("The certificate is revoked. Whoever checks it reads that it is not valid."))
            return redirect(certificate)
    return _detail(request, certificate, revoke_form=form, status=422)


def _certificate(request: HttpRequest, pk: int) -> Certificate:
    certificates = Certificate.objects.visible_to(request.user).select_related(
        "volunteer__merged_into",
        "volunteer__township",
        "township",
        "supersedes",
        "successor",
        "issued_by",
        "revoked_by",
    )
    return get_object_or_404(certificates, pk=pk)


def _sees_volunteer(request: HttpRequest, certificate: Certificate) -> bool:
    return Volunteer.objects.visible_to(request.user).filter(pk=certificate.volunteer_id).exists()


def _refused_after_move(request: HttpRequest, certificate: Certificate) -> HttpResponse:
    messages.error(request, _("The volunteer has moved. The office of their present township issues a new one."))
    return redirect(certificate)


def _issue(request: HttpRequest, volunteer: Volunteer, *, supersedes: Certificate | None = None) -> HttpResponse:
    periods = _periods(volunteer)
    initial: dict[str, Any] = {"period": "all", **domain.remembered(volunteer, request.user)}
    if supersedes is not None:
        initial |= {"period": "own", "starts_on": supersedes.starts_on, "ends_on": supersedes.ends_on}
    form = CertificateForm(
        request.POST or None,
        initial=initial,
        periods=periods,
        user=request.user,
        has_id_number=bool(volunteer.id_number_encrypted),
    )
    shown = [_line(label, domain.figures_of(volunteer, first, last)) for label, first, last in periods.values()]
    if request.method == "POST" and form.is_valid():
        entry = form.entry()
        if "preview" in request.POST:
            shown.append(_line(_("These days"), domain.figures_of(volunteer, entry["starts_on"], entry["ends_on"])))
        else:
            try:
                certificate = domain.issue_certificate(volunteer, **entry, supersedes=supersedes, by=request.user)
            except RuleBroken as broken:
                form.add_rule(broken)
            else:
                messages.success(request, _("%(number)s is issued. Print it.") % {"number": certificate.number})
                return redirect(certificate)
    context = {"form": form, "volunteer": volunteer, "figures": shown, "supersedes": supersedes}
    is_refused = request.method == "POST" and not ("preview" in request.POST and form.is_valid())
    return render(request, "services/certificate/form.html", context, status=422 if is_refused else 200)


def _periods(volunteer: Volunteer) -> dict[str, tuple[str, date, date]]:
    """Return the usual periods: all the years, this one, and the last if the volunteer was there."""
    today = timezone.localdate()
    joined = min(volunteer.joined_on, today)
    begins = date(today.year, 1, 1)
    periods = {
        "all": (_("Since joining, until today"), joined, today),
        "year": (_("%(year)s until today") % {"year": today.year}, begins, today),
    }
    if joined < begins:
        last = today.year - 1
        periods["last"] = (_("The year %(year)s") % {"year": last}, date(last, 1, 1), date(last, 12, 31))
    return periods


def _line(label: str, figures: Figures) -> dict[str, Any]:
    return {
        "label": label,
        "services": figures.services,
        "hours": hours(figures.minutes),
        "waiting_services": figures.waiting_services,
        "waiting_hours": hours(figures.waiting_minutes),
    }


def _detail(request: HttpRequest, certificate: Certificate, *, status: int = 200, **context: Any) -> HttpResponse:
    figures = domain.present_figures(certificate)
    context = {
        "certificate": certificate,
        "Standing": Certificate.Standing,
        "standing": standing_badge(certificate.standing),
        "is_valid": certificate.standing == Certificate.Standing.VALID,
        "period": domain.period_words(certificate),
        "hours": hours(certificate.minutes),
        "waiting_hours": hours(certificate.waiting_minutes),
        "categories": [(name, services, hours(minutes)) for name, services, minutes in certificate.categories],
        "sees_volunteer": _sees_volunteer(request, certificate),
        "differs": domain.differs(certificate, figures),
        "now": _line("", figures),
        "public_url": request.build_absolute_uri(certificate.get_public_url()),
        "revoke_form": RevokeForm(),
    } | context
    return render(request, "services/certificate/detail.html", context, status=status)
