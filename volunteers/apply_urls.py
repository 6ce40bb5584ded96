"""Applying without an account."""

from django.urls import path, re_path

from volunteers.views import apply as views

app_name = "apply"
urlpatterns = [
    path("", views.start, name="start"),
    path("follow/", views.follow, name="follow"),
    re_path(r"^(?P<code>[0-9]{9})/$", views.form, name="form"),
]
