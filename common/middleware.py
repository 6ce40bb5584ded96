"""What befalls any page: the database away or busy, and pages that no shared computer may keep."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from common.outage import answer_to

GetResponse = Callable[[HttpRequest], HttpResponse]


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
