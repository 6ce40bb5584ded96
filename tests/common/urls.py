"""The project's addresses and a few pages that only the tests of ``common`` have."""

import django_filters
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from areas.models import Township, Village
from common.bulk import Action, carried, selected
from common.filter_fields import chosen_pk
from common.lists import list_page
from common.rules import RuleBroken
from config.urls import handler400, handler403, handler404, handler500, urlpatterns

__all__ = ["handler400", "handler403", "handler404", "handler500"]


def villages_of_township(request: HttpRequest):
    township = chosen_pk(request, "township")
    villages = Village.objects.visible_to(request.user)
    return villages.filter(township=township) if township else villages.none()


class VillageFilter(django_filters.FilterSet):
    dependent = ("village",)

    q = django_filters.CharFilter(label="Name", field_name="name", lookup_expr="contains")
    township = django_filters.ModelChoiceFilter(
        label="Township", queryset=lambda request: Township.objects.visible_to(request.user)
    )
    village = django_filters.ModelChoiceFilter(label="Village", method="one", queryset=villages_of_township)

    class Meta:
        model = Village
        fields = ()

    def one(self, villages, name, value):
        return villages.filter(pk=value.pk)


def village_rows(villages):
    return [
        {"url": f"/villages/{village.pk}/", "name": village.name, "code": village.code, "pk": village.pk}
        for village in villages
    ]


def village_list(request: HttpRequest) -> HttpResponse:
    return list_page(
        request,
        queryset=Village.objects.visible_to(request.user).select_related("township"),
        filterset_class=VillageFilter,
        ordering=("-township__name", "name", "-id"),
        rows=village_rows,
        template="villages/list.html",
        page_size=4,
    )


def village_tick(request: HttpRequest) -> HttpResponse:
    """The same list with an action for ticked rows."""
    return list_page(
        request,
        queryset=Village.objects.visible_to(request.user),
        filterset_class=VillageFilter,
        ordering=("id",),
        rows=village_rows,
        template="villages/list.html",
        bulk=[Action("Choose", "/test/villages/chosen/?twice=yes", "check")],
    )


def village_chosen(request: HttpRequest) -> HttpResponse:
    """What was chosen, and how it is carried on."""
    try:
        villages = selected(request, Village.objects.visible_to(request.user), VillageFilter)
    except RuleBroken as broken:
        return JsonResponse({"message": broken.message}, status=422)
    return JsonResponse({"names": list(villages.order_by("id").values_list("name", flat=True)), "on": carried(request)})


def database_away(request: HttpRequest) -> HttpResponse:
    raise OperationalError('connection to server at "127.0.0.1" failed: Connection refused')


def locked(request: HttpRequest) -> HttpResponse:
    raise OperationalError("canceling statement due to lock timeout")


def mistaken(request: HttpRequest) -> HttpResponse:
    raise OperationalError("no such table: volunteers")


urlpatterns = [
    *urlpatterns,
    path("test/villages/", village_list, name="test_villages"),
    path("test/villages/tick/", village_tick, name="test_tick"),
    path("test/villages/chosen/", village_chosen, name="test_chosen"),
    path("test/away/", database_away, name="test_away"),
    path("test/locked/", locked, name="test_locked"),
    path("test/mistaken/", mistaken, name="test_mistaken"),
]
