"""What everybody may ask without an account: whether a service record certificate is good, by the code on it.

Who agreed to have their name shown in public is named; of the others whoever holds the paper may compare the name that
stands on it (志愿服务条例 Art. 20: nothing of a volunteer is published without their consent).
"""

import hmac
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.addresses import client_address, network_of
from common.codes import read_signs
from common.hours import hours
from common.public import public_page
from common.throttle import Limit
from services.domain.certificate import find_certificate, period_words
from services.forms.certificate import CheckForm, NameForm
from services.models import Certificate
from services.models.certificate import CODE_LENGTH

# 51 bits: at this rate nobody guesses one from however many lines.
WRONG_CODES = Limit("certificate code", most=20)
# Names are tried against one certificate: so few that a list of common names does not find the right one.
NAMES = Limit("certificate name", most=10)


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Ask for the code of a certificate, and lead to the page that its QR code leads to."""
    if request.method != "POST":
        return _page(request, "ask.html", {"form": CheckForm()})
    form = CheckForm(request.POST)
    if not form.is_valid():
        return _page(request, "ask.html", {"form": form}, status=422)
    return redirect("certificates:show", code=form.cleaned_data["code"])


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Say what the certificate with this code is worth, its number, days, hours and issuer; nothing else."""
    who = network_of(client_address(request))
    if WRONG_CODES.is_spent(who):
        return _page(request, "ask.html", {"too_many": _too_many(WRONG_CODES)}, status=429)
    signs = read_signs(code, CODE_LENGTH)
    certificate = find_certificate(signs) if signs else None
    if certificate is None:
        WRONG_CODES.take(who)
        return _page(request, "unknown.html", {"form": CheckForm()}, status=404)
    status, context = 200, _shown(certificate)
    if request.method == "POST" and not context["name"]:
        form = NameForm(request.POST)
        context["form"] = form
        status = 422
        if form.is_valid():
            if NAMES.take(f"{who} {certificate.pk}"):
                status = 200
                context["is_name"] = hmac.compare_digest(form.cleaned_data["name"].encode(), certificate.name.encode())
            else:
                status = 429
                form.add_error(None, _too_many(NAMES))
    return _page(request, "show.html", context, status=status)


def _shown(certificate: Certificate) -> dict[str, Any]:
    return {
        "standing": certificate.standing,
        "Standing": Certificate.Standing,
        "number": certificate.number,
        "name": certificate.name if certificate.volunteer.shows_name else "",
        "period": period_words(certificate),
        "hours": hours(certificate.minutes),
        "services": certificate.services,
        "office": certificate.office,
        "issued_on": certificate.issued_on,
        "revoked_on": certificate.revoked_at,
        "form": NameForm(),
    }


def _too_many(limit: Limit) -> str:
    until = date_format(timezone.localtime(limit.over_at), "TIME_FORMAT")
    return _("Too many attempts came from here. Try again after %(time)s.") % {"time": until}


def _page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return render(request, f"services/certificate/public/{template}", context, status=status)
