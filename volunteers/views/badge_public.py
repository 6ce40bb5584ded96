"""What everybody may ask without an account: whether a badge is good, by its QR code or what stands beside it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.addresses import client_address, network_of
from common.public import public_page
from common.throttle import Limit
from volunteers.badge_code import code_of
from volunteers.domain.badge import find_badge, find_by_number
from volunteers.forms.badge import CheckForm
from volunteers.models import Badge, Volunteer

# Of 51 bits nobody guesses any at this rate, and many phones share one address of their network.
WRONG_CODES = Limit("badge", most=200)
# The short code alone has 28 bits: guessed by nobody at this rate, from however many lines.
WRONG_NUMBERS = Limit("badge number", most=20)
ALL_WRONG_NUMBERS = Limit("badge number, everybody", most=300)
# Beyond that each line has one more try: nobody keeps all others from checking by typing wrong codes from many lines.
ONE_EACH = Limit("badge number, one each", most=1)


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for the number of a badge and the code beside it, and lead to the page that its QR code leads to."""
    if request.method != "POST":
        return _page(request, "ask.html", {"form": CheckForm()})
    form = CheckForm(request.POST)
    if not form.is_valid():
        return _page(request, "ask.html", {"form": form}, status=422)
    who = network_of(client_address(request))
    if not (WRONG_NUMBERS.take(who) and (ALL_WRONG_NUMBERS.take() or ONE_EACH.take(who))):
        form.add_error(None, _too_many(WRONG_NUMBERS))
        return _page(request, "ask.html", {"form": form}, status=429)
    badge = find_by_number(form.cleaned_data["number"], form.cleaned_data["short_code"])
    if badge is None:
        return _page(request, "unknown.html", {"form": form}, status=404)
    WRONG_NUMBERS.give_back(who)
    ALL_WRONG_NUMBERS.give_back()
    ONE_EACH.give_back(who)
    return redirect("badges:show", code=code_of(badge))


@public_page
@require_safe
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Say what the badge with this code is worth today, and whose it is as far as they agreed; nothing else."""
    who = network_of(client_address(request))
    if WRONG_CODES.is_spent(who):
        return _page(request, "too_many.html", {"message": _too_many(WRONG_CODES)}, status=429)
    badge = find_badge(code)
    if badge is None:
        WRONG_CODES.take(who)
        return _page(request, "unknown.html", {"form": CheckForm()}, status=404)
    volunteer = badge.volunteer
    membership = volunteer.memberships.filter(left_on__isnull=True).select_related("team").first()
    context = {
        "badge": badge,
        "standing": badge.standing_on(timezone.localdate(), volunteer.status),
        "code": code,
        # Who has left is not named any more: the consent was for the time of service.
        "name": volunteer.name if volunteer.shows_name and volunteer.status != Volunteer.Status.LEFT else "",
        "team": membership.team.name if membership else "",
        "township": volunteer.township.name,
        "Standing": Badge.Standing,
    }
    return _page(request, "show.html", context)


def _too_many(limit: Limit) -> str:
    until = date_format(timezone.localtime(limit.over_at), "TIME_FORMAT")
    return _("Too many wrong codes came from here. Try again after %(time)s.") % {"time": until}


def _page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return render(request, f"volunteers/badge/public/{template}", context, status=status)
