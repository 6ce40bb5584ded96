"""Who is asking: session lifetimes, sign-in for every page, the first password, and the audit trail's cause."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from accounts import sessions
from accounts.addresses import client_address
from accounts.audit import caused_by
from accounts.kept_form import is_from_own_origin, keep
from accounts.views.session import sign_in_page

GetResponse = Callable[[HttpRequest], HttpResponse]
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class SessionLifetimeMiddleware:
    """Ends sessions that lay idle or lived for too long (``accounts.sessions``)."""

    def __init__(self, get_response: GetResponse) -> None:
        """Take the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Turn the visitor of a session that is over into an anonymous one; remember who it was for a kept form."""
        request.former_user_pk = None
        if request.user.is_authenticated:
            if sessions.is_over(request, request.user):
                request.former_user_pk = request.user.pk
                request.session.flush()
                request.user = AnonymousUser()
            else:
                sessions.note_use(request)
        return self.get_response(request)


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Asks for a sign-in on every page but the public ones (``login_not_required``), losing nothing typed."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponse:
        """Lead to the sign-in page; a form sent from a page of ours is carried along and offered again after it."""
        if request.former_user_pk is not None:
            messages.info(request, _("Your session had ended. Please sign in again."))
        if request.htmx:
            return HttpResponseClientRedirect(sign_in_address(request.htmx.current_url_abs_path or ""))
        if request.method in SAFE_METHODS:
            return redirect(sign_in_address(request.get_full_path()))
        if request.method == "POST" and is_from_own_origin(request):
            return sign_in_page(request, kept=keep(request, user_pk=request.former_user_pk), status=401)
        return redirect(sign_in_address(""))


def sign_in_address(target: str) -> str:
    """Return the address of the sign-in page that leads to ``target`` afterwards."""
    return reverse("accounts:sign_in", query={"next": target} if target else None)


class MustChangePasswordMiddleware:
    """Lets nobody work with a password that somebody else chose for them."""

    OPEN_VIEWS = frozenset({"accounts:password_change", "accounts:sign_out", "set_language"})

    def __init__(self, get_response: GetResponse) -> None:
        """Take the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on: what is asked is known once the view is."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Lead to the change of password, whatever page was asked for."""
        is_open = not getattr(view, "login_required", True) or request.resolver_match.view_name in self.OPEN_VIEWS
        if is_open or not request.user.is_authenticated or not request.user.must_change_password:
            return None
        address = reverse("accounts:password_change")
        return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


class AuditMiddleware:
    """Puts what a request changes down to its user and address."""

    def __init__(self, get_response: GetResponse) -> None:
        """Take the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Name the cause for the time of the request."""
        by = request.user if request.user.is_authenticated else None
        with caused_by(by=by, address=client_address(request)):
            return self.get_response(request)
