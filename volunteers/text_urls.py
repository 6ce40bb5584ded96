"""The programme's texts as everybody reads them."""

from django.urls import path

from volunteers.views import text_public as views

app_name = "texts"
urlpatterns = [
    path("", views.index, name="index"),
    path("<slug:name>/", views.version, name="version"),
]
