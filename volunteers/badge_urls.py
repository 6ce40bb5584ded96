"""What everybody may open without an account: whether a badge is good. The address is printed: keep it short."""

from django.urls import path

from volunteers.views import badge_public

app_name = "badges"
urlpatterns = [
    path("", badge_public.ask, name="ask"),
    path("<str:code>/", badge_public.show, name="show"),
]
