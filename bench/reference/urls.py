"""The stock admin and the bare views."""

from django.contrib import admin
from django.urls import path

from bench.reference import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("volunteers/", views.volunteers),
    path("logs/", views.logs),
    path("desk/", views.desk),
    path("progress/", views.progress),
    path("city/", views.city),
    path("tiles/", views.tiles),
    path("due/", views.due),
]
