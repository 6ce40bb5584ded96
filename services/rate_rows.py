"""The rates of requests prepared for the page and a file: words, percentages, and the address behind each figure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from accounts.models import User
from areas.models import Township, Village
from common import spans
from common.exports import Column, Export
from common.wording import sentences
from services.domain.clock import Clock
from services.domain.figures import Period
from services.domain.rates import NUMBERS, By, Parted, Rates, Spread, months_of, rates_of
from services.domain.task import listed
from services.models import HelpRequest, ServiceCategory
from services.request_filters import UNKNOWN

BYS: dict[By, Any] = {
    By.TOWNSHIP: gettext_lazy("Township"),
    By.VILLAGE: gettext_lazy("Village"),
    By.CATEGORY: gettext_lazy("Category"),
    By.CHANNEL: gettext_lazy("How it came"),
    By.URGENCY: gettext_lazy("Urgency"),
    By.MONTH: gettext_lazy("Month of asking"),
}


@dataclass(frozen=True)
class Words:
    """What a clock's rate is called, and what its numbers count."""

    rate: str | Promise
    met: str | Promise
    in_time: str | Promise
    late: str | Promise
    not_yet: str | Promise
    median: str | Promise
    ninety: str | Promise


WORDS = {
    Clock.ANSWER: Words(
        gettext_lazy("Answer rate"),
        gettext_lazy("Answered"),
        gettext_lazy("Answered in time"),
        gettext_lazy("Answered late"),
        gettext_lazy("Not answered"),
        gettext_lazy("Median minutes until answered"),
        gettext_lazy("Minutes within which nine of ten were answered"),
    ),
    Clock.ARRIVE: Words(
        gettext_lazy("Arrival rate"),
        gettext_lazy("Arrived"),
        gettext_lazy("Arrived in time"),
        gettext_lazy("Arrived late"),
        gettext_lazy("Nobody arrived"),
        gettext_lazy("Median minutes until arrived"),
        gettext_lazy("Minutes within which somebody arrived at nine of ten"),
    ),
    Clock.RESOLVE: Words(
        gettext_lazy("Resolution rate"),
        pgettext_lazy("request", "Resolved"),
        gettext_lazy("Resolved in time"),
        gettext_lazy("Resolved late"),
        gettext_lazy("Not resolved"),
        gettext_lazy("Median minutes until resolved"),
        gettext_lazy("Minutes within which nine of ten were resolved"),
    ),
}


def percent(part: int, whole: int) -> float | None:
    """Return the share in percent with one decimal; 100 for all and 0 for none only, nothing of nothing."""
    if not whole:
        return None
    if part in (0, whole):
        return 100.0 * part / whole
    return min(99.9, max(0.1, round(100 * part / whole, 1)))


def percent_in_words(part: int, whole: int) -> str:
    """Print the share: 96.4%, 100%, or a dash where there is nothing to have a share of."""
    share = percent(part, whole)
    return "–" if share is None else f"{share:g}%"


# --- Figures with their links -------------------------------------------------------------------------------


Figure = tuple[int, str]


def figures_of(rates: Rates, query: Mapping[str, Any]) -> dict[str, Figure]:
    """Return each number with the address of the requests that it counts, within what ``query`` finds."""
    return {name: (rates[name], listed("services:request_list", **{**query, **more})) for name, more in NUMBERS.items()}


def clock_cell(clock: Clock, rates: Rates, figures: Mapping[str, Figure]) -> dict[str, Any]:
    """Prepare one of the three rates: percentage, bar, the numbers behind it and how fast it went."""
    words, spread = WORDS[clock], rates.spreads.get(clock)
    parts = (
        ("in_time", words.in_time, _("in time")),
        ("late", words.late, pgettext("request", "late")),
        ("not", words.not_yet, _("not (yet)")),
    )
    return {
        "label": words.rate,
        "percent": percent_in_words(rates[clock], rates["counted"]),
        "met": figures[clock],
        "met_label": words.met,
        "whole": rates["counted"],
        "parts": _bar([(how, label, word, figures[f"{clock}_{how}"]) for how, label, word in parts]),
        "spread": _spread_in_words(spread) if spread else "",
    }


def content_cell(rates: Rates, figures: Mapping[str, Figure]) -> dict[str, Any]:
    """Prepare what residents said: the share of the content ones, and each answer."""
    parts = [(rating.value, rating.label, rating.label, figures[rating]) for rating in HelpRequest.Rating]
    return {
        "label": _("Satisfaction"),
        "percent": percent_in_words(rates.content, rates["rated"]),
        "met": (rates.content, figures["rated"][1]),
        "met_label": _("Rated in any way"),
        "whole": rates["rated"],
        "parts": _bar(parts),
        "spread": "" if rates["rated"] else _("Nobody has rated yet."),
    }


def _bar(parts: list[tuple[str, Any, Any, Figure]]) -> list[dict[str, Any]]:
    """Lay the parts of a whole side by side, in hundredths."""
    whole, begins, drawn = sum(figure[0] for *_words, figure in parts) or 1, 0.0, []
    for how, label, word, figure in parts:
        width = round(100 * figure[0] / whole, 2)
        drawn.append({"how": how, "label": label, "word": word, "figure": figure, "x": begins, "width": width})
        begins = round(begins + width, 2)
    return drawn


def _spread_in_words(spread: Spread) -> str:
    return _("half within %(median)s, nine of ten within %(ninety)s") % {
        "median": spans.said(spread.median, parts=2),
        "ninety": spans.said(spread.ninety, parts=2),
    }


def rate_row(name: Any, rates: Rates, query: Mapping[str, Any], url: str = "") -> dict[str, Any]:
    """Prepare one row of the table: a part of the requests, or all of them."""
    figures = figures_of(rates, query)
    return {
        "name": str(name),
        "url": url,
        "rates": rates,
        "figures": figures,
        "cells": [*(clock_cell(clock, rates, figures) for clock in Clock), content_cell(rates, figures)],
    }


def rows_by(
    by: By, parted: Parted, given: Mapping[str, Any], *, period: Period, reader: User, today: Any
) -> list[dict[str, Any]]:
    """Prepare a row for every part that there is, those without a request too: zero must be visible.

    ``given`` are the filters in force; a part that has ended is shown where something was counted for it. Each name
    leads to the same page for the part alone.
    """
    rows = []
    for key, name, more in _parts(by, parted, given, period=period, reader=reader, today=today):
        query = {**given, **more}
        if any(str(given.get(field, value)) != str(value) for field, value in more.items() if field != "period"):
            continue  # narrowed to another one
        rows.append(rate_row(name, parted.parts.get(key, Rates()), query, listed("services:request_rates", **query)))
    return rows


Part = tuple[Any, Any, dict[str, Any]]


def _parts(
    by: By, parted: Parted, given: Mapping[str, Any], *, period: Period, reader: User, today: Any
) -> Iterable[Part]:
    """Yield the key of each part, its name and the filter that finds it."""
    counted = [key for key in parted.parts if key is not None]
    if by == By.TOWNSHIP:
        shown = Township.objects.visible_to(reader).filter(Q(pk__in=counted) | Q(merged_into__isnull=True))
        yield from ((one.pk, one, {"township": one.pk} if reader.chooses_township else {}) for one in shown)
    elif by == By.VILLAGE:
        yield from ((one.pk, one.name, {"village": one.pk}) for one in _villages(counted, given, reader))
    elif by == By.CATEGORY:
        shown_too = ServiceCategory.objects.filter(Q(pk__in=counted) | Q(is_retired=False))
        yield from ((one.pk, one, {"category": one.pk}) for one in shown_too)
        yield None, pgettext("category", "Not known yet"), {"category": UNKNOWN}
    elif by == By.CHANNEL:
        yield from ((one.value, one.label, {"channel": one.value}) for one in HelpRequest.Channel)
    elif by == By.URGENCY:
        yield from ((one.value, one.label, {"urgency": one.value}) for one in HelpRequest.Urgency)
    else:
        yield from ((str(one), one.label, {"period": str(one)}) for one in months_of(period, today))


def _villages(counted: list[int], given: Mapping[str, Any], reader: User) -> Iterable[Village]:
    """Return the villages of the township that is looked at, and those that something was counted for."""
    township = given.get("township") or reader.township_id
    there = Village.objects.visible_to(reader)
    return there.filter(Q(pk__in=counted) | Q(merged_into__isnull=True, township=township)).order_by("code")


def by_month(parted: Parted, given: Mapping[str, Any], *, period: Period, today: Any) -> list[tuple[str, int, str]]:
    """Return how many were asked in each month, as columns that lead to them."""
    alone = pgettext("date format: a month alone", "M")
    return [
        (
            date_format(one.first, alone),
            parted.parts.get(str(one), Rates())["asked"],
            listed("services:request_list", **{**given, "period": str(one)}),
        )
        for one in months_of(period, today)
    ]


def at_a_glance(figures: Mapping[str, Figure]) -> list[dict[str, Any]]:
    """Return how many there are and what else became of them, each with its link."""
    labels = {
        "asked": _("Requests"),
        "withdrawn": HelpRequest.State.WITHDRAWN.label,
        "counted": pgettext("requests", "Counted"),
        "open": _("Still open"),
        "waiting": _("Waits for the resident"),
        "overdue": _("Overdue"),
        "referred": HelpRequest.State.REFERRED.label,
        "unsolved": HelpRequest.State.UNSOLVED.label,
        "reopened": _("Reopened"),
    }
    return [
        {
            "number": figures[name][0],
            "label": label,
            "url": figures[name][1],
            "tone": "bad" if name == "overdue" else "",
        }
        for name, label in labels.items()
    ]


def rates_at_a_glance(reader: User, period: Period, township: Township | None) -> dict[str, Any]:
    """Return the three rates of the period for the dashboard, with the page that tells more."""
    requests = HelpRequest.objects.visible_to(reader)
    query: dict[str, Any] = {"period": str(period)}
    if township is not None and reader.chooses_township:
        requests, query["township"] = requests.filter(township=township), township.pk
    rates = rates_of(requests, period=period, now=timezone.now(), with_spreads=False).total
    figures = figures_of(rates, query)
    return {
        "cells": [clock_cell(clock, rates, figures) for clock in Clock],
        "summary": summary(rates),
        "url": listed("services:request_rates", **query),
    }


def summary(rates: Rates) -> str:
    """Say in a sentence what the rates are of."""
    told = [
        ngettext(
            "%(count)d request is counted: all that were asked in the period, without the withdrawn ones.",
            "%(count)d requests are counted: all that were asked in the period, without the withdrawn ones.",
            rates["counted"],
        )
        % {"count": rates["counted"]}
    ]
    if rates["open"]:
        told.append(
            ngettext(
                "%(count)d of them is still open and may yet be resolved.",
                "%(count)d of them are still open and may yet be resolved.",
                rates["open"],
            )
            % {"count": rates["open"]}
        )
    return sentences(told)


# --- The file ---------------------------------------------------------------------------------------------------


def _number(name: str) -> Any:
    return lambda row: row["rates"][name]


def _share(part: str, whole: str) -> Any:
    def value(row: dict[str, Any]) -> float | str:
        rates = row["rates"]
        share = percent(rates.content if part == "content" else rates[part], rates[whole])
        return "" if share is None else share

    return value


def _minutes(clock: Clock, which: str) -> Any:
    def value(row: dict[str, Any]) -> int | str:
        spread = row["rates"].spreads.get(clock)
        return getattr(spread, which) if spread else ""

    return value


def _in_percent(label: str | Promise) -> str:
    return _("%(label)s (%%)") % {"label": label}


def export_of(by: By) -> Export:
    """Return what the file of the table holds: numbers to reckon with, where the page has words."""
    columns = [Column(BYS[by], "name"), Column(_("Requests"), _number("asked"))]
    columns += [
        Column(HelpRequest.State.WITHDRAWN.label, _number("withdrawn")),
        Column(_("Counted in the rates"), _number("counted")),
    ]
    for clock, words in WORDS.items():
        columns += [
            Column(words.met, _number(clock)),
            Column(_in_percent(words.rate), _share(clock, "counted")),
            Column(words.in_time, _number(f"{clock}_in_time")),
            Column(words.late, _number(f"{clock}_late")),
            Column(words.not_yet, _number(f"{clock}_not")),
            Column(words.median, _minutes(clock, "median")),
            Column(words.ninety, _minutes(clock, "ninety")),
        ]
    columns += [
        Column(HelpRequest.State.REFERRED.label, _number("referred")),
        Column(HelpRequest.State.UNSOLVED.label, _number("unsolved")),
        Column(_("Still open"), _number("open")),
        Column(_("Waits for the resident"), _number("waiting")),
        Column(_("Overdue"), _number("overdue")),
        Column(_("Rated"), _number("rated")),
        *(Column(rating.label, _number(rating.value)) for rating in HelpRequest.Rating),
        Column(_in_percent(_("Satisfaction")), _share("content", "rated")),
        Column(_("Reopened"), _number("reopened")),
    ]
    return Export(gettext_lazy("Rates of requests"), columns)
