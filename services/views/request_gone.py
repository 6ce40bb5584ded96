"""A leader opens or acts on a request that their team had and another one has now: they are told who has it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from services.domain.holder import holder_of
from services.models import HelpRequest

View = Callable[..., HttpResponse]


def tell_who_has_it(view: View) -> View:
    """Answer for a request that the reader's team had before, and sees no more, with who has it instead of a 404.

    Nothing else of it is told. To be put below ``right_required``; the view takes the request's ``pk``.
    """

    @wraps(view)
    def told(request: HttpRequest, pk: int, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, pk, *args, **kwargs)
        except Http404:
            gone = HelpRequest.objects.once_with(request.user).select_related("team", "township")  # type: ignore[arg-type]
            asked = gone.filter(pk=pk).first()
            if asked is None:
                raise
            context = {"holder": holder_of(asked), "was_sent": request.method == "POST"}
            return render(request, "services/request/gone.html", context, status=409 if context["was_sent"] else 410)

    return told
