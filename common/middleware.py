"""What befalls any page: rubbish, the database away or busy, and that no shared computer may keep it."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from common.json_answer import answer, answer_instead_of, wants_json
from common.outage import answer_to
from common.views import not_for_looking

# U+FFFD, what stands for a character that cannot be shown.
REPLACEMENT = "%EF%BF%BD"
GetResponse = Callable[[HttpRequest], HttpResponse]


class NulMiddleware:
    """Makes NUL in a query string a sign that nothing matches: PostgreSQL breaks on it, and nobody types one."""

    def __init__(self, get_response: GetResponse) -> None:
        """Take the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Mend the string before anybody has read it."""
        query = request.META.get("QUERY_STRING", "")
        request.META["QUERY_STRING"] = query.replace("%00", REPLACEMENT).replace("\x00", REPLACEMENT)
        return self.get_response(request)


class JsonAnswerMiddleware:
    """Answers a script in JSON also where a layer around the view answers: signed out, no token, too large, away."""

    def __init__(self, get_response: GetResponse) -> None:
        """Take the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Put JSON into an answer that holds a page; its headers and cookies stay."""
        response = self.get_response(request)
        if wants_json(request) and response.get("Content-Type") != "application/json" and not response.streaming:
            told = answer_instead_of(response)
            response.content, response.status_code = told.content, told.status_code
            response["Content-Type"], response["Content-Length"] = told["Content-Type"], str(len(told.content))
            del response["Location"]
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Say who may do it, where the person's role may not."""
        if wants_json(request) and isinstance(exception, PermissionDenied):
            return answer("refused", status=403, text=str(exception))
        return None


class DatabaseAwayMiddleware:
    """Answers 503 while the database cannot be reached and 409 where two people wait for one row; entries are kept."""

    def __init__(self, get_response: GetResponse) -> None:
        """Take the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on: Django turns the errors of the layers within into ``common.views.server_error``."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for a view that met the database's absence or waited too long for a lock."""
        return answer_to(request, exception)


class WrongMethodMiddleware:
    """Shows people a page where the address of a button is opened, as after switching the language on its answer."""

    def __init__(self, get_response: GetResponse) -> None:
        """Take the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Put our page into the bare answer."""
        response = self.get_response(request)
        if response.status_code == 405 and request.method == "GET":
            response.content = not_for_looking(request).content
        return response


class PersonalPageMiddleware:
    """Keeps the pages of signed-in people out of every cache: township computers are shared."""

    def __init__(self, get_response: GetResponse) -> None:
        """Take the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Mark the answer, also to the one who signs in or out by it."""
        was_signed_in = request.user.is_authenticated
        response = self.get_response(request)
        if was_signed_in or request.user.is_authenticated:
            response["Cache-Control"] = "no-store"
        return response
