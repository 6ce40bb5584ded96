"""Signing in and out, the lock-out, and forms that came without a valid token."""

import math
from collections.abc import Mapping
from typing import Any

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms.session import SignInForm
from accounts.kept_form import is_from_own_origin, own_address, read_kept
from common.resend import resend_page


@login_not_required
@never_cache
@sensitive_post_parameters("password", "kept")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign somebody in and lead them on: to the page they asked for, or to the form they were about to send."""
    target = own_address(request, request.POST.get("next") or request.GET.get("next", ""))
    kept = request.POST.get("kept", "")
    if request.method != "POST":
        if request.user.is_authenticated:
            return HttpResponseRedirect(target or str(settings.LOGIN_REDIRECT_URL))
        return sign_in_page(request, target=target)
    form = SignInForm(request, request.POST)
    if not form.is_valid():
        return sign_in_page(request, form=form, target=target, kept=kept, status=422)
    login(request, form.get_user())
    kept_form = read_kept(kept)
    if kept_form is not None and kept_form.user_pk in (None, request.user.pk):
        return resend_page(
            request,
            status=200,
            title=_("Your entries are kept"),
            text=_("You had been signed out when you sent this. You are signed in again: send it once more."),
            action=kept_form.path,
            fields=kept_form.fields,
        )
    return HttpResponseRedirect(target or str(settings.LOGIN_REDIRECT_URL))


def sign_in_page(
    request: HttpRequest, *, form: SignInForm | None = None, target: str = "", kept: str = "", status: int = 200
) -> HttpResponse:
    """Show the sign-in form; ``kept`` is a form that was sent meanwhile and is offered again afterwards."""
    context = {"form": form or SignInForm(request), "next": target, "kept": kept if read_kept(kept) else ""}
    return render(request, "accounts/sign_in.html", context, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session; the browser forgets what it keeps of this site.

    The page has cleared the person's own store by then (static/js/device.js). It asks for everything to go unless logs
    that another person could not send yet lie on the same device: these are theirs.
    """
    logout(request)
    messages.success(request, _("You are signed out."))
    response = redirect("accounts:sign_in")
    if request.is_secure():  # browsers heed it over HTTPS only
        response["Clear-Site-Data"] = '"cache", "storage"' if request.POST.get("clear") == "all" else '"cache"'
    return response


def locked_out(request: HttpRequest, response: HttpResponse | None, credentials: Mapping[str, Any]) -> HttpResponse:
    """Say for how long an account is locked after failed sign-ins, and who can help (called by axes)."""
    cool_off = get_cool_off(request)
    last = AccessAttempt.objects.filter(username=credentials["username"]).order_by("-attempt_time").first()
    left = last.attempt_time + cool_off - timezone.now() if last else cool_off
    minutes = max(1, math.ceil(left.total_seconds() / 60))
    page = render(request, "accounts/locked_out.html", {"minutes": minutes}, status=429)
    page["Retry-After"] = str(minutes * 60)
    return page


@login_not_required
def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token is missing or old: a page of ours is offered again, anybody else's is refused."""
    if not is_from_own_origin(request):
        return render(request, "403_csrf.html", status=403)
    if any("password" in name for name in request.POST):
        # Passwords are never sent back, so there is no form to offer: it begins anew.
        messages.warning(request, _("The page had been open for too long. Please fill it in again."))
        return HttpResponseRedirect(request.get_full_path())
    return resend_page(
        request,
        status=403,
        title=_("Please send it once more"),
        text=_("The page had been open for too long, so it was not saved. Your entries are kept."),
    )
