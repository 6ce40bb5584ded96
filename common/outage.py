"""What a page answers while the database is away or a record is locked: nothing typed is lost, and never a bare 500."""

import logging

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from common.resend import resend_page
from common.rules import is_lock_conflict

logger = logging.getLogger(__name__)

# What PostgreSQL and SQLite say when nobody answers; other operational errors (a missing table …) are mistakes.
AWAY = (
    "could not connect",
    "connection to server",
    "connection refused",
    "closed the connection",
    "connection timed out",
    "ssl connection",
    "terminating connection",
    "shutting down",
    "starting up",
    "too many clients",
    "recovery mode",
    "unable to open database file",
    "disk i/o error",
    "disk is full",
    "no space left",
    "readonly database",
)


def is_database_away(error: BaseException) -> bool:
    """Whether the database could not be reached or cannot write, as opposed to a mistake of ours."""
    if isinstance(error, InterfaceError):
        return True
    return isinstance(error, OperationalError) and any(phrase in str(error).lower() for phrase in AWAY)


def answer_to(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """Return the page for an error of the database that trying again can mend, or None for any other error."""
    is_saving = request.method == "POST"
    if isinstance(error, DatabaseError) and is_lock_conflict(error):
        logger.warning("A lock was not granted in time", exc_info=error)
        return resend_page(
            request,
            status=409,
            title=_("Someone is saving the same thing"),
            text=_("It was not saved yet, and nothing is lost. Wait a moment and try again.")
            if is_saving
            else _("Nothing is lost. Wait a moment and try again."),
        )
    if error is not None and is_database_away(error):
        logger.error("The database is away", exc_info=error)
        page = resend_page(
            request,
            status=503,
            title=_("The database cannot be reached"),
            text=_("It was not saved, and nothing is lost: keep this page open and try again in a minute.")
            if is_saving
            else _("Nothing is lost. Try again in a minute."),
        )
        page["Retry-After"] = "60"
        return page
    return None
