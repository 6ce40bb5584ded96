"""Answers for our own scripts: whatever happens, a script that asks for JSON reads JSON."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _


def wants_json(request: HttpRequest) -> bool:
    """Whether one of our scripts asks: browsers ask for pages with a list of types that begins with HTML."""
    return request.headers.get("Accept", "").strip() == "application/json"


def answer(state: str, *, status: int, text: str = "", **more: Any) -> JsonResponse:
    """Tell a script how it stands; ``text``, and ``errors`` by field, are what the person reads.

    ``now`` is the server's clock in milliseconds: a phone's own may be wrong.
    """
    errors = more.pop("errors", None) or ([{"field": "", "label": "", "text": text}] if text else [])
    now = round(timezone.now().timestamp() * 1000)
    return JsonResponse({"state": state, "errors": errors, "now": now, **more}, status=status)


def answer_instead_of(response: HttpResponse) -> JsonResponse:
    """Say in JSON what a page says that a layer around the view gave: signed out, not taken, or only not just now."""
    status = response.status_code
    if status in (301, 302, 401):  # to the sign-in page, or to the change of a first password
        return answer("signed_out", status=401, text=_("Sign in again: then it is sent."))
    if status in (400, 413):
        text = _("It was too large or was cut off on its way. Take photos out or shorten it.")
        return answer("refused", status=status, text=text)
    return answer("retry", status=status, text=_("The server could not take it just now. It is sent again by itself."))
