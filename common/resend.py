"""«Here is what you typed, press to send it again»: for forms that could not be taken just now."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string

# Fields of our forms that say nothing to a person.
NOT_FOR_READING = frozenset({"key", "version", "opened_version", "ticked_for"})


def posted_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the posted fields in their order, without tokens and passwords: those are never sent back."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken" and "password" not in name
        for value in values
    ]


def resend_page(
    request: HttpRequest,
    *,
    status: int,
    title: str,
    text: str,
    action: str | None = None,
    fields: Iterable[tuple[str, str]] | None = None,
) -> HttpResponse:
    """Return a page that keeps ``fields`` (of this request's form unless given) and sends them to ``action`` again.

    ``action`` is the path of this request unless given. A request without a form gets a link to try again. The page
    asks nothing of the database, so that it can be shown while the database is away.
    """
    is_form = fields is not None or request.method == "POST"
    context = {
        "title": title,
        "text": text,
        "is_form": is_form,
        "action": action or request.get_full_path(),
        "fields": list(posted_fields(request) if is_form and fields is None else fields or ()),
        "hidden": NOT_FOR_READING,
        "csrf_token": get_token(request) if is_form else "",
    }
    # Without the request: no context processor then looks for the user in the database.
    return HttpResponse(render_to_string("components/resend.html", context), status=status)
