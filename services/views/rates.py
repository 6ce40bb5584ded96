"""The three rates of requests: of a period, parted by township, village, category, channel, urgency or month."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.rights import Right, right_required
from common.exports import Offer, export_table
from common.filter_fields import chips_of, filter_fields, given_values, read_filters
from services.domain.figures import Period
from services.domain.rates import By, rates_of
from services.models import HelpRequest
from services.rate_rows import BYS, at_a_glance, by_month, export_of, rate_row, rows_by, summary
from services.request_filters import RatesFilter


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_FIGURES)
def request_rates(request: HttpRequest) -> HttpResponseBase:
    """Show the rates of ``?period=`` (2026 or 2026-07) by ``?by=``, narrowed by the filters; or give them as a file."""
    user, now = request.user, timezone.now()
    today = timezone.localdate(now)
    filterset, problems = read_filters(RatesFilter, request, HelpRequest.objects.visible_to(user))
    if not filterset.is_valid():  # the page says so, and shows this year as if nothing had been asked
        request.GET = type(request.GET)("", mutable=True)
        filterset, _none = read_filters(RatesFilter, request, HelpRequest.objects.visible_to(user))
        problems = [_("A filter was not understood: this is all of this year.")]
    given: dict[str, Any] = dict(given_values(filterset))
    period = Period.parse(given["period"])
    by, trouble = _chosen(request.GET.get("by", ""), user, given)
    problems += trouble
    parted = rates_of(filterset.qs, by, period=period, now=now)
    rows = rows_by(by, parted, given, period=period, reader=user, today=today)
    total = rate_row(_("All"), parted.total, given)
    export = export_of(by)
    fields = filter_fields(filterset)
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    if request.method == "POST":
        return export_table(request, export, HelpRequest, [*rows, total], filters=chips_of(fields, list(given.items())))
    context = {
        "fields": [field for field in fields if not field.is_pointless],
        "problems": problems,
        "by": by,
        "by_label": BYS[by],
        "bys": [(one, BYS[one]) for one in _offered(user, given)],
        "period": period,
        "as_of": now,
        "rows": rows,
        # A month without a request keeps its place among the others; a place stands below, by its name.
        "without": [row for row in rows if not row["rates"]["asked"]] if by != By.MONTH else [],
        "total": total,
        "summary": summary(parted.total),
        "glance": at_a_glance(total["figures"]),
        "columns": by_month(parted, given, period=period, today=today) if by == By.MONTH and not period.month else [],
        "offer": Offer.to(request, export, query),
    }
    return render(request, "services/request/rates.html", context)


def _offered(user: User, given: dict[str, Any]) -> list[By]:
    """Return what the table may be parted by: the city by townships, one township by its villages."""
    is_one = not user.chooses_township or "township" in given
    return [by for by in By if by != (By.TOWNSHIP if is_one else By.VILLAGE)]


def _chosen(asked: str, user: User, given: dict[str, Any]) -> tuple[By, list[str]]:
    """Return what the table is parted by, and what was not understood."""
    offered = _offered(user, given)
    if not asked or asked in offered:
        return By(asked) if asked else offered[0], []
    if asked == By.VILLAGE:
        return offered[0], [_("Choose a township to see its villages.")]
    if asked == By.TOWNSHIP:  # one was chosen a moment ago
        return offered[0], []
    return offered[0], [_("The breakdown was not understood: this is by %(by)s.") % {"by": BYS[offered[0]]}]
