"""Composing teams: the addresses of proposals, part of ``grids.urls``."""

from django.urls import path

from grids.views import composition

urlpatterns = [
    path("grids/compositions/", composition.composition_list, name="composition_list"),
    path("grids/compositions/new/", composition.composition_begin, name="composition_begin"),
    path("grids/compositions/<int:pk>/", composition.composition_detail, name="composition_detail"),
    path("grids/compositions/<int:pk>/change/", composition.composition_change, name="composition_change"),
    path("grids/compositions/<int:pk>/accept/", composition.composition_accept, name="composition_accept"),
    path("grids/compositions/<int:pk>/solve/", composition.composition_solve, name="composition_solve"),
    path("grids/compositions/<int:pk>/stop/", composition.composition_stop, name="composition_stop"),
    path("grids/compositions/<int:pk>/discard/", composition.composition_discard, name="composition_discard"),
    path("grids/compositions/seats/<int:pk>/", composition.composition_seat, name="composition_seat"),
]
