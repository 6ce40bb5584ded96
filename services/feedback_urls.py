"""What residents say about volunteers, and where they read the answer: open to everybody."""

from django.urls import path

from services.views import feedback_public as views

app_name = "feedback"
urlpatterns = [
    path("", views.ask, name="ask"),
    path("badge/<str:code>/", views.give, name="give"),
    path("<str:code>/", views.follow, name="follow"),
]
