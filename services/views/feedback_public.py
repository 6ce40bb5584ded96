"""What a resident does without an account: praise, suggest or complain from a badge's page, and read the answer."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.addresses import client_address, network_of
from areas.models import TownshipSettings
from common.public import public_page
from common.rules import RuleBroken
from common.throttle import Limit
from services.domain.feedback import followed_by, give_feedback, refuse_much_feedback
from services.domain.flood import Flood
from services.feedback_rows import state_badge
from services.forms.feedback import FeedbackForm, FollowForm
from volunteers.domain.badge import find_badge
from volunteers.models import Badge

# A code has 51 bits: at this rate nobody finds another one's.
WRONG_CODES = Limit("feedback code", most=20)


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def give(request: HttpRequest, code: str) -> HttpResponse:
    """Take what a resident says about the volunteer whose badge has this code, also when the badge is void."""
    who = network_of(client_address(request))
    if WRONG_CODES.is_spent(who):
        return _too_many(request)
    badge = find_badge(code)
    if badge is None:
        WRONG_CODES.take(who)
        return _page(request, "unknown.html", {}, status=404)
    if request.method != "POST":
        return _give_page(request, badge, code, FeedbackForm())
    form = FeedbackForm(request.POST)
    if request.user.is_authenticated:
        form.add_error(None, _("You are signed in. This page is for residents: sign out first."))
    elif form.is_valid():
        try:
            refuse_much_feedback(who, badge)
            followed = give_feedback(badge, **form.cleaned_data)
        except RuleBroken as broken:
            form.add_rule(broken)
            return _give_page(request, badge, code, form, status=429 if isinstance(broken, Flood) else 422)
        return redirect("feedback:follow", code=followed)
    return _give_page(request, badge, code, form, status=422)


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for the code that somebody wrote down, and lead to what it follows."""
    if request.method != "POST":
        return _page(request, "ask.html", {"form": FollowForm()})
    form = FollowForm(request.POST)
    if not form.is_valid():
        return _page(request, "ask.html", {"form": form}, status=422)
    return redirect("feedback:follow", code=form.cleaned_data["code"])


@public_page
@require_safe
def follow(request: HttpRequest, code: str) -> HttpResponse:
    """Show somebody what they said and the answer, by the code that only they have; never the phone."""
    who = network_of(client_address(request))
    if WRONG_CODES.is_spent(who):
        return _too_many(request)
    feedback = followed_by(code)
    if feedback is None:
        WRONG_CODES.take(who)
        form = FollowForm(initial={"code": code[:40]})
        return _page(request, "ask.html", {"form": form, "is_unknown": True}, status=404)
    context = {
        "feedback": feedback,
        "state": state_badge(feedback),
        "code": code.upper(),
        "url": request.build_absolute_uri(request.path),
    }
    return _page(request, "follow.html", context)


def _give_page(request: HttpRequest, badge: Badge, code: str, form: FeedbackForm, *, status: int = 200) -> HttpResponse:
    """Show no more of the volunteer than the badge's own page does: the number that stands on the badge."""
    context = {
        "badge": badge,
        "township": badge.volunteer.township.name,
        "is_valid": badge.standing_on(timezone.localdate(), badge.volunteer.status) == Badge.Standing.VALID,
        "badge_code": code,
        "days": TownshipSettings.of(badge.volunteer.township_id).feedback_working_days,
        "form": form,
    }
    return _page(request, "give.html", context, status=status)


def _too_many(request: HttpRequest) -> HttpResponse:
    until = date_format(timezone.localtime(WRONG_CODES.over_at), "TIME_FORMAT")
    message = _("Too many wrong codes came from here. Try again after %(time)s.") % {"time": until}
    return _page(request, "unknown.html", {"message": message}, status=429)


def _page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return render(request, f"services/feedback/public/{template}", context, status=status)
