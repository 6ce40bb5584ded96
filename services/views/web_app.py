"""Yiwang as an app on a phone: its manifest, its service worker, and the page that stands in without a network."""

import hashlib
import json
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

# What the page of the outbox needs, and the page that stands in for the others.
ASSETS = (
    "bootstrap/css/bootstrap.min.css",
    "css/yiwang.css",
    "css/log.css",
    "css/outbox.css",
    "js/yiwang.js",
    "js/own-store.js",
    "js/device.js",
    "js/log.js",
    "js/outbox-send.js",
    "js/outbox-list.js",
    "js/photos.js",
    "js/outbox.js",
    "img/yiwang.svg",
)


@login_not_required
@cache_control(max_age=3600)
@require_safe
def web_manifest(request: HttpRequest) -> JsonResponse:
    """Describe the app to the phone that installs it."""

    def icon(name: str, size: int, purpose: str = "any") -> dict[str, str]:
        return {"src": static(f"img/{name}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}

    language = "zh-Hans" if get_language() == "zh-hans" else str(get_language())
    manifest = {
        "id": "/",
        "name": _("Yiwang, the volunteers' net"),
        "short_name": _("Yiwang"),
        "description": _("Services of the volunteers' teams: written down in the village, also without a network."),
        "lang": language,
        "dir": "ltr",
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "theme_color": "#ffffff",
        "background_color": "#faf8f4",
        "icons": [icon("icon-192", 192), icon("icon-512", 512), icon("icon-maskable-512", 512, "maskable")],
        "shortcuts": [
            {"name": _("Log a service"), "url": reverse("services:log_create")},
            {"name": _("Outbox"), "url": reverse("services:outbox")},
        ],
    }
    return JsonResponse(
        manifest, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False, "indent": 1}
    )


@login_not_required
@cache_control(no_cache=True)
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """Serve static/js/sw.js for the whole site, with the addresses of this release's files filled in."""
    source, release = worker_source(), release_of_today()
    response = HttpResponse(
        f"const RELEASE = {json.dumps(release, indent=1)};\n{source}", "text/javascript; charset=utf-8"
    )
    response["Service-Worker-Allowed"] = "/"
    return response


@login_not_required
@cache_control(no_cache=True)
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Say calmly that there is no network, and lead to the outbox; the same for everybody, so it may be kept."""
    # Without the request: no menu, no name, nobody's token.
    return HttpResponse(render_to_string("services/outbox/offline.html"))


@cache
def worker_source() -> str:
    """Read the worker as it lies in the repository: the collected copies have other names."""
    return (settings.BASE_DIR / "static/js/sw.js").read_text(encoding="utf-8")


@cache
def release_of_today() -> dict[str, Any]:
    """Name the files of this release; ``version`` changes with any of them, and the phone then takes all anew."""
    release = {
        "outbox": reverse("services:outbox"),
        "offline": reverse("offline"),
        "identity": [reverse("accounts:sign_in"), reverse("accounts:sign_out")],
        "assets": [static(path) for path in ASSETS],
        # A name with a hash never changes its content; without (while developing) the network is asked first.
        "hashed": isinstance(staticfiles_storage, ManifestFilesMixin),
    }
    named = json.dumps(release) + worker_source()
    return release | {"version": hashlib.sha256(named.encode()).hexdigest()[:12]}
