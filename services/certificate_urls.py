"""What everybody may open without an account: whether a certificate is good. The address is printed: keep it short."""

from django.urls import path

from services.views import certificate_public

app_name = "certificates"
urlpatterns = [
    path("", certificate_public.check, name="check"),
    path("<str:code>/", certificate_public.show, name="show"),
]
