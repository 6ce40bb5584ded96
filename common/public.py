"""Pages without an account: open to everybody, to no search engine and no cache."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

View = Callable[..., HttpResponse]


def public_page(view: View) -> View:
    """Open the view to everybody, and to no search engine and no cache: names vanish when a consent is taken back."""

    @login_not_required
    @never_cache
    @wraps(view)
    def shown_to_all(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return shown_to_all
