"""Pages of no app: the sign of life and the error pages; those for outages do not rely on the database."""

import logging
import secrets
import sys

from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import is_valid_path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common.outage import answer_to

logger = logging.getLogger(__name__)


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say whether the database answers, for a load balancer: 200 or 503, and nothing more."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return HttpResponse("unavailable", content_type="text/plain", status=503)
    return HttpResponse("ok", content_type="text/plain")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: what could not be understood, for instance a form of more than a thousand fields."""
    return _error_page(
        400,
        title=_("This request could not be understood"),
        text=_("It may hold too many fields or have been cut off on its way. Go back, shorten it and send it again."),
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: says why, with the reason that ``right_required`` gives: who can do it."""
    return _error_page(403, request, title=_("Your role cannot do this"), text=str(exception))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: the same bytes for what does not exist and for what is somebody else's."""
    return _error_page(
        404,
        request,
        title=_("There is no such page"),
        text=_("The address may be mistyped, or the record belongs to another township."),
    )


def not_for_looking(request: HttpRequest) -> HttpResponse:
    """405 for a person: the address of a button, opened as a page; the record whose button it is lies above it."""
    above = f"{request.path.rstrip('/').rpartition('/')[0]}/"
    return _error_page(
        405,
        request,
        title=_("There is nothing to see at this address"),
        text=_("It belongs to a button. Go to the page that has it."),
        back=above if is_valid_path(above) else "",
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500: shows the number under which the log tells what happened; a database that is away has its own page."""
    error = sys.exc_info()[1]
    page = answer_to(request, error)
    if page is not None:
        return page
    reference = secrets.token_hex(4).upper()
    logger.error("Unforeseen error %s at %s", reference, request.path, extra={"reference": reference}, exc_info=error)
    return _error_page(
        500,
        title=_("Something went wrong on our side"),
        text=_("It was not saved. Please tell the administrator this number; the log explains it:")
        if request.method == "POST"
        else _("Please tell the administrator this number; the log explains it:"),
        reference=reference,
    )


def _error_page(status: int, request: HttpRequest | None = None, **context: str) -> HttpResponse:
    """Show the page; with the request it has the menu, without it needs no database."""
    return HttpResponse(render_to_string(f"errors/{status}.html", context, request), status=status)
