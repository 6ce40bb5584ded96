"""Volunteers in figures: how many of each kind, beside the list and on a page, and how many are new by month."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.rights import Right, right_required
from areas.models import Township
from common.filter_fields import chips_of, filter_fields, given_values, read_filters
from volunteers.counts import counts_of, months_until, new_by_month
from volunteers.filters import VolunteerFilter
from volunteers.models import SkillType, Volunteer
from volunteers.models.volunteer import VolunteerQuerySet

Given = list[tuple[str, str]]


@require_safe
@right_required(Right.VIEW_VOLUNTEERS)
def figures(request: HttpRequest) -> HttpResponse:
    """Count whom the list's filters find; beside the list, without the months and the frame."""
    volunteers = Volunteer.objects.visible_to(request.user).persons()
    filterset, problems = read_filters(VolunteerFilter, request, volunteers)
    found = filterset.qs if filterset.is_valid() else volunteers.none()
    given = given_values(filterset)
    is_beside = request.htmx and not request.htmx.history_restore_request
    context = {
        **_counts(request, found, given, with_none=not is_beside),
        "query": urlencode(given),
        "list_url": _listed(given),
        "as_of": timezone.localdate(),
    }
    if is_beside:
        response = render(request, "volunteers/figures/_counts.html", context)
    else:
        months = months_until(timezone.localdate())
        new = new_by_month(found, months)
        context |= {
            "problems": problems,
            "chips": chips_of(filter_fields(filterset), given),
            "by_month": [
                (f"{month:%Y-%m}", new.get(month, 0), _listed(given, joined=f"{month:%Y-%m}")) for month in months
            ],
        }
        response = render(request, "volunteers/figures/figures.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _counts(
    request: HttpRequest, found: VolunteerQuerySet, given: Given, *, with_none: bool
) -> dict[str, list[tuple[str, int, str]]]:
    """Return the bars of the three kinds; beside the list only those that somebody belongs to."""
    counts = counts_of(found)
    skills = [skill for skill in SkillType.objects.all() if not skill.is_retired or skill.pk in counts.by_skill]
    townships = Township.objects.visible_to(request.user).current() if request.user.is_city_wide else []
    kinds = {
        "skill": ([(one.pk, str(one)) for one in skills], counts.by_skill),
        "township": ([(one.pk, one.name) for one in townships], counts.by_township),
        "unit_kind": (Volunteer.UnitKind.choices, counts.by_unit_kind),
    }
    # What the list is narrowed down to already shows itself only.
    none_shown = {name for name in kinds if with_none and not any(given_name == name for given_name, _ in given)}
    return {
        f"by_{name}": [
            (str(label), counted.get(key, 0), _listed(given, **{name: key}))
            for key, label in choices
            if key in counted or name in none_shown
        ]
        for name, (choices, counted) in kinds.items()
    }


def _listed(given: Given, **more: Any) -> str:
    kept = [(name, value) for name, value in given if name not in more]
    return f"{reverse('volunteers:list')}?{urlencode([*kept, *more.items()])}"
