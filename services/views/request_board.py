"""The board of due and late requests, of a township and of the city; it refreshes itself."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts.rights import Right, right_required
from accounts.sessions import POLL
from common.filter_fields import chips_of, filter_fields, given_values, read_filters
from services.domain.request_board import Lane, board_of, late_by_township
from services.models import HelpRequest
from services.request_board_filters import RequestBoardFilter
from services.request_board_rows import clock_of, lane_rows


@require_safe
@right_required(Right.VIEW_REQUESTS)
def request_board(request: HttpRequest) -> HttpResponse:
    """Show what is due next in lanes, the late first, with the reason of each and one click to the mend."""
    filterset, problems = read_filters(RequestBoardFilter, request, HelpRequest.objects.visible_to(request.user))
    found = filterset.qs if filterset.is_valid() else filterset.queryset.none()
    given = given_values(filterset)
    filters = filter_fields(filterset)
    asked = filterset.form.cleaned_data.get("lane") if filterset.is_valid() else ""
    lane = Lane(asked) if asked else None
    now = timezone.now()
    board = board_of(found, now, lane=lane)

    def url(name: str, value: object) -> str:
        return "?" + urlencode([*(pair for pair in given if pair[0] != name), (name, value)])

    is_of_all = request.user.is_city_wide and not any(name == "township" for name, _value in given)
    context = {
        "board": board,
        "lanes": lane_rows(board, request.user, now, lambda each: url("lane", each), lane),
        "townships": [
            {"name": name, "late": late, "url": url("township", pk)} for pk, name, late in late_by_township(found, now)
        ]
        if is_of_all
        else [],
        "filters": filters,
        "chips": chips_of(filters, given),
        "problems": problems,
        "as_of": clock_of(now),
        "address": request.path + ("?" + urlencode(given) if given else ""),
    }
    htmx = request.htmx  # type: ignore[attr-defined]
    is_refresh = bool(htmx) and not htmx.boosted and not htmx.history_restore_request
    template = "services/request/_board.html" if is_refresh else "services/request/board.html"
    is_asked = is_refresh and POLL not in request.headers
    # What renews itself leaves the filters alone: somebody may have one open.
    response = render(request, template, context | {"is_refresh": is_asked})
    if is_asked:
        response["HX-Push-Url"] = context["address"]
    patch_vary_headers(response, ["HX-Request"])
    return response
