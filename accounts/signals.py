"""What happens when somebody signs in, fails to, or signs out: the session's clock starts, the audit trail is told.

The audit trail names accounts only, never a password. A failure with a user name that nobody has is found in axes'
log of failed attempts alone: a stranger cannot fill the append-only trail with invented names.
"""

from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from accounts import sessions
from accounts.audit import caused_by, record
from accounts.models import AuditEntry, User


def _tell(user: User, event: str, *, by: User | None) -> None:
    with caused_by(by=by, event=event):
        record([user], AuditEntry.Action.ACCESS, changes={})


def _signed_in(sender: Any, request: HttpRequest, user: User, **_: Any) -> None:
    sessions.start(request, user)
    _tell(user, "sign_in", by=user)


def _signed_out(sender: Any, request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None:
        _tell(user, "sign_out", by=user)


def _failed(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    user = User.objects.filter(username=credentials.get("username")).first()
    if user is not None and _is_counted(request):
        _tell(user, "sign_in_failed", by=None)


def _locked_out(sender: Any, request: HttpRequest, username: str, **_: Any) -> None:
    user = User.objects.filter(username=username).first()
    if user is not None and _is_counted(request):
        _tell(user, "lock_out", by=None)


def _is_counted(request: HttpRequest | None) -> bool:
    """Whether axes counted this failure; one during a lock-out is not, so it cannot flood the trail."""
    return getattr(request, "axes_failures_since_start", None) is not None


def connect() -> None:
    """Listen to Django's and axes' signals; axes' own receivers, connected before, have counted the failure."""
    user_logged_in.connect(_signed_in, dispatch_uid="accounts_signed_in")
    user_logged_out.connect(_signed_out, dispatch_uid="accounts_signed_out")
    user_login_failed.connect(_failed, dispatch_uid="accounts_failed")
    user_locked_out.connect(_locked_out, dispatch_uid="accounts_locked_out")
