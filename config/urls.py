"""Where each address leads."""

from django.contrib import admin
from django.urls import include, path

from services.views.confirmation import confirm
from services.views.home import home
from services.views.web_app import offline, service_worker, web_manifest

urlpatterns = [
    path("", home, name="home"),
    path("manifest.webmanifest", web_manifest, name="web_manifest"),
    path("sw.js", service_worker, name="service_worker"),
    path("offline/", offline, name="offline"),
    path("confirm/", confirm, name="confirm"),
    path("accounts/", include("accounts.urls")),
    path("apply/", include("volunteers.apply_urls")),
    path("volunteers/", include("volunteers.urls")),
    path("badge/", include("volunteers.badge_urls")),
    path("training/", include("volunteers.training_urls")),
    path("", include("grids.urls")),
    path("", include("services.urls")),
    path("texts/", include("volunteers.text_urls")),
    path("notices/", include("services.notice_urls")),
    path("feedback/", include("services.feedback_urls")),
    path("certificates/check/", include("services.certificate_urls")),
    path("admin/", admin.site.urls),
    path("", include("common.urls")),
]

handler400 = "common.views.bad_request"
handler403 = "common.views.forbidden"
handler404 = "common.views.not_found"
handler500 = "common.views.server_error"
