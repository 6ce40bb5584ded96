"""The figures of training, each a link to its rows, and what is printed for a course."""

from typing import Any
from urllib.parse import urlencode

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.rights import Right, right_required
from areas.models import Township
from common.clean import key_of
from common.hours import hours
from volunteers.domain.training import NOTHING, Figures, training_between
from volunteers.filters import PERIOD
from volunteers.models import Course, Invitation
from volunteers.training_filters import bounds
from volunteers.training_rows import days_of, month_words, region_words
from volunteers.views.course import kept, visible

YEARS = 5
# Empty lines at the end of a sign-in sheet, for those who come uninvited.
SPARE_LINES = 10


@require_safe
@right_required(Right.VIEW_TRAINING)
def figures(request: HttpRequest) -> HttpResponse:
    """Show what was trained in ``?period=`` (2026 or 2026-07), of one township for the city level."""
    today = timezone.localdate()
    problems = []
    period = request.GET.get("period") or str(today.year)
    if not PERIOD.fullmatch(period):
        problems.append(_("The period was not understood: this is the present year."))
        period = str(today.year)
    townships = list(Township.objects.visible_to(request.user))
    township = request.user.township
    asked = request.GET.get("township", "")
    if asked and request.user.chooses_township:
        chosen = next((one for one in townships if one.pk == key_of(asked)), None)
        if chosen is None:
            problems.append(
                _("There is no such township: this is the whole city.")
                if request.user.is_city_wide
                else _("There is no such township: this is your own.")
            )
        township = chosen or request.user.township
    scope = {"township": township.pk} if township and request.user.chooses_township else {}
    counted = training_between(*bounds(period), township=township, user=request.user)
    year = int(period[:4])
    context = {
        "problems": problems,
        "period": period,
        "year": str(year),
        "years": [str(each) for each in range(today.year, today.year - YEARS, -1)],
        "months": [
            (f"{year}-{month:02}", month_words(today.replace(year=year, month=month, day=1)))
            for month in range(1, 13)
            if (year, month) <= (today.year, today.month)
        ],
        "township": township,
        "townships": townships if request.user.chooses_township else [],
        "as_of": today,
        "total": _row("", counted.total, period, scope),
        "by_month": [
            _row(month_words(month), each, f"{month:%Y-%m}", scope) for month, each in counted.by_month.items()
        ],
        "by_content": [
            _row(label, counted.by_content.get(value, NOTHING), period, scope | {"content": value})
            for value, label in Course.Content.choices
        ],
        "by_township": [
            _township_row(one, counted.by_township[one.pk], period)
            for one in townships
            if one.pk in counted.by_township
        ]
        if request.user.is_city_wide and township is None
        else [],
    }
    return render(request, "volunteers/training/figures.html", context)


@require_safe
@right_required(Right.VIEW_TRAINING)
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the sign-in sheet (签到表) of a course to be printed, with those invited in the order of their names."""
    course = visible(request, pk)
    invited = Invitation.objects.visible_to(request.user).filter(course=course)
    people = invited.order_by("volunteer__name_pinyin", "volunteer__id").values_list(
        "volunteer__name", "volunteer__number", "volunteer__unit", "volunteer__village__name"
    )
    lines = [(name, number, unit or village) for name, number, unit, village in people]
    context = _printed(course) | {"lines": [*lines, *[("", "", "")] * SPARE_LINES]}
    return render(request, "volunteers/training/sheet.html", context)


@require_safe
@right_required(Right.KEEP_TRAINING)
def poster(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the poster by which people sign in with their phones."""
    course = kept(request, pk)
    address = request.build_absolute_uri(course.get_sign_in_url())
    context = _printed(course) | {"qr": _qr(address), "address": address.partition("://")[2]}
    return render(request, "volunteers/training/poster.html", context)


def _printed(course: Course) -> dict[str, Any]:
    return {"course": course, "days": days_of(course), "region": region_words(course)}


def _qr(text: str) -> SafeString:
    drawn = segno.make(text, error="m", micro=False).svg_inline(scale=4, border=2, omitsize=True)
    return mark_safe(drawn)  # noqa: S308 (made of our own address)


def _row(label: str, each: Figures, period: str, query: dict[str, Any]) -> dict[str, Any]:
    """Return figures with the addresses of their rows."""
    courses, attendances = reverse("training:course_list"), reverse("training:attendance_list")
    narrowed = {"period": period, **query}
    return _numbers(each) | {
        "label": label,
        "courses_url": f"{courses}?{urlencode({**narrowed, 'state': 'held'})}",
        "persons_url": f"{attendances}?{urlencode({**narrowed, 'once': 'on'})}",
        "times_url": f"{attendances}?{urlencode(narrowed)}",
    }


def _township_row(township: Township, each: Figures, period: str) -> dict[str, Any]:
    """Return a township's figures: the courses are those that its volunteers attended, wherever they were held."""
    row = _row(township.name, each, period, {"township": township.pk})
    query = urlencode({"period": period, "state": "held", "attended": township.pk})
    return row | {"courses_url": f"{reverse('training:course_list')}?{query}"}


def _numbers(each: Figures) -> dict[str, Any]:
    return {
        "courses": each.courses,
        "persons": each.persons,
        "times": each.person_times,
        "minutes": each.minutes,
        "hours": hours(each.minutes),
    }
