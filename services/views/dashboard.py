"""The dashboard: the programme's figures for a year or a month of it, each a link to its rows."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.rights import Right, right_required
from areas.models import Channel, Township, TownshipSettings
from common.hours import hours
from grids.card_rows import cards_issued
from grids.channels import counts_by_township, totals
from grids.tiles import page
from services.domain import figures
from services.domain.figures import FIRST_YEAR, Figures, Period, Totals
from services.domain.home import listed
from services.models import MonthlyReport, ServiceCategory
from services.rate_rows import rates_at_a_glance

NOTHING = Totals()


@require_safe
@right_required(Right.VIEW_FIGURES)
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show the figures of ``?period=`` (2026 or 2026-07), of one township for the city level with ``?township=``."""
    user, today = request.user, timezone.localdate()
    problems = []
    try:
        period = Period.parse(request.GET.get("period") or str(today.year))
    except ValueError:
        period = Period(today.year)
        problems.append(_("The period was not understood: this is the present year."))
    townships = list(Township.objects.visible_to(user))
    township = user.township
    asked = request.GET.get("township", "")
    if asked and user.chooses_township:
        chosen = next((one for one in townships if str(one.pk) == asked), None)
        if chosen is None:
            problems.append(
                _("There is no such township: this is the whole city.")
                if user.is_city_wide
                else _("There is no such township: this is your own.")
            )
        township = chosen or user.township
    counted = figures.from_rollups(period, township)
    channels = _channels(user, township)
    shown = townships if user.is_city_wide and not township else []
    context = {
        "period": period,
        "period_label": period.label,
        "chosen": str(period),
        "township": township,
        "townships": townships if user.chooses_township else [],
        "years": [(year, Period(year).label) for year in range(today.year, FIRST_YEAR - 1, -1)[:5]],
        "months": [(str(month), month.label) for month in months_of(period.year) if month.first <= today],
        "problems": problems,
        "as_of": today,
        "services": _services(counted, period, township),
        "standing": _standing(user, township) if township is None or township.ended_on is None else [],
        "board_url": page("grids:township_detail", township.pk) if township else reverse("grids:village_list"),
        "reports": _reports(user, period, township),
        "requests": rates_at_a_glance(user, period, township),
        "by_month": _by_month(counted, period, township),
        "by_category": _by_category(counted, period, township),
        "by_township": _by_township(counted, period, shown),
        "channels": _channel_figures(channels, township),
        "channels_by_township": _channels_by_township(channels, shown),
    }
    return render(request, "services/dashboard/dashboard.html", context)


def _scope(township: Township | None) -> dict[str, Any]:
    return {"township": township.pk} if township else {}


def _logs(period: Period, township: Township | None, **query: Any) -> str:
    """Return the address of the counted logs of the period."""
    return listed(
        "services:log_list", since=period.first, until=period.last, state="counted", **_scope(township), **query
    )


def _services(counted: Figures, period: Period, township: Township | None) -> list[dict[str, Any]]:
    logs = _logs(period, township)
    return [
        {"number": counted.total.logs, "label": _("Services"), "url": logs},
        {"number": counted.total.people_served, "label": _("People served"), "url": logs},
        {
            "number": counted.persons,
            "label": _("Volunteers who served"),
            "url": listed("volunteers:list", served=period, **_scope(township)),
        },
        {"number": counted.total.person_times, "label": _("Person-times"), "url": logs},
        {"number": hours(counted.total.minutes), "label": _("Hours of all volunteers"), "url": logs},
    ]


def _standing(user: User, township: Township | None) -> list[dict[str, Any]]:
    scope = _scope(township)
    standing = figures.standing(user, township)
    return [
        {
            "number": standing.volunteers,
            "label": _("Active volunteers"),
            "url": listed("volunteers:list", status="active", **scope),
        },
        {
            "number": standing.teams,
            "label": _("Active teams"),
            "url": listed("grids:team_list", state="active", **scope),
        },
        {
            "number": standing.silent,
            "label": _("Silent teams"),
            "tone": "warn" if standing.silent else "",
            "url": listed("services:silent_list", **scope),
            "note": _taking_part("uses_logs") if not township else "",
        },
        {
            "number": standing.covered,
            "label": _("Covered grids"),
            "url": listed("grids:grid_list", coverage="covered", **scope),
        },
        {
            "number": standing.uncovered,
            "label": _("Uncovered grids"),
            "tone": "warn" if standing.uncovered else "",
            "url": listed("services:uncovered_list", **scope),
        },
        {
            "number": cards_issued(user, township),
            "label": _("Contact cards issued"),
            "url": listed("grids:card_hand_out_list", **scope),
        },
    ]


def _channels(user: User, township: Township | None) -> Mapping[int, Mapping[str, int]]:
    """Count the channels that residents are shown, by township and kind."""
    active = Channel.objects.visible_to(user).active()
    return counts_by_township(active.filter(township=township) if township else active)


def _channel_figures(counts: Mapping[int, Mapping[str, int]], township: Township | None) -> list[dict[str, Any]]:
    return [
        {"number": number, "label": Channel.Kind(kind).label, "url": _channel_list(kind, **_scope(township))}
        for kind, number in totals(counts.values()).items()
    ]


def _channels_by_township(
    counts: Mapping[int, Mapping[str, int]], townships: list[Township]
) -> list[tuple[str, list[tuple[int, str, str]]]]:
    """Return for each township how many channels of each kind it has: without a hotline nobody can call."""
    return [
        (
            township.name,
            [
                (counts[township.pk].get(kind, 0), _channel_list(kind, township=township.pk), str(kind.label))
                for kind in Channel.Kind
            ],
        )
        for township in townships
        if township.ended_on is None
    ]


def _channel_list(kind: str, **scope: Any) -> str:
    return listed("grids:channel_list", kind=kind, state="active", **scope)


def _taking_part(duty: str) -> str:
    """Say of how many townships a figure speaks, where some do not take part; nothing where all do."""
    part = TownshipSettings.by_township().taking_part(duty, path="pk")
    if not part:
        return ""
    numbers = {"some": Township.objects.filter(part).count(), "all": Township.objects.count()}
    return _("of %(some)s of %(all)s townships, which keep logs") % numbers


def months_of(year: int) -> list[Period]:
    """Return the twelve months of ``year``."""
    return [Period(year, number) for number in range(1, 13)]


def _reports(user: User, period: Period, township: Township | None) -> dict[str, Any]:
    due = figures.due_in(MonthlyReport.objects.visible_to(user), period)
    if township:
        due = due.filter(township=township)
    scope = {"due": period, **_scope(township)}
    return {
        "due": due.count(),
        "note": _taking_part("uses_logs") if not township else "",
        "read": due.filter(state=MonthlyReport.State.READ).count(),
        "due_url": listed("services:report_list", **scope),
        "read_url": listed("services:report_list", state="read", **scope),
    }


def _by_month(counted: Figures, period: Period, township: Township | None) -> list[tuple[str, int, str]]:
    """Return the twelve months of a year as columns; nothing for a single month."""
    if period.month:
        return []
    alone = pgettext("date format: a month alone", "M")
    return [
        (date_format(month.first, alone), counted.by_month.get(month.first, NOTHING).logs, _logs(month, township))
        for month in months_of(period.year)
    ]


def _by_category(counted: Figures, period: Period, township: Township | None) -> list[tuple[str, int, str]]:
    """Return the categories as bars, each with its counter word, the retired ones only where they were used."""
    return [
        (
            _("%(category)s (%(unit)s)") % {"category": category, "unit": category.get_counter_display()},
            counted.by_category.get(category.pk, NOTHING).logs,
            _logs(period, township, category=category.pk),
        )
        for category in ServiceCategory.objects.all()
        if category.pk in counted.by_category or not category.is_retired
    ]


def _by_township(counted: Figures, period: Period, townships: list[Township]) -> list[dict[str, Any]]:
    """Return a row for every township, also those without a service: zero must be visible.

    One that was merged into another has a row only where something was counted for it.
    """
    rows = []
    for township in townships:
        totals = counted.by_township.get(township.pk, NOTHING)
        persons = counted.persons_by_township.get(township.pk, 0)
        if township.ended_on is not None and totals == NOTHING and not persons:
            continue
        rows.append(
            {
                "name": str(township),
                "url": listed("services:dashboard", period=period, township=township.pk),
                "logs": totals.logs,
                "logs_url": _logs(period, township),
                "people_served": totals.people_served,
                "persons": persons,
                "persons_url": listed("volunteers:list", served=period, township=township.pk),
                "person_times": totals.person_times,
                "hours": hours(totals.minutes),
            }
        )
    return rows
