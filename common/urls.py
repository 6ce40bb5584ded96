"""The switch of languages, and the sign of life."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from common.views import healthz

urlpatterns = [
    path("language/", login_not_required(require_POST(set_language)), name="set_language"),
    path("healthz", healthz, name="healthz"),
]
