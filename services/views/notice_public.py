"""What everybody sees without an account: running notices, one of them with the way to object, and one's objection.

The pages ask search engines to stay away and caches to keep nothing: names vanish when a notice ends.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.addresses import client_address, network_of
from common.public import public_page
from common.rules import RuleBroken
from services.domain.flood import Flood
from services.domain.objection import followed_by, make_objection, refuse_objections
from services.forms.notice import ObjectionForm
from services.models import Notice
from services.notice_rows import notice_badge, objection_badge, shown
from services.rows import month_name


@public_page
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the notices that run today."""
    running = Notice.objects.running().select_related("township").order_by("township__code", "-month")
    rows = [
        {
            "url": notice.get_public_url(),
            "township": notice.township.name,
            "month": month_name(notice.month),
            "closes_on": notice.closes_on,
        }
        for notice in running
    ]
    return render(request, "services/notice/index.html", {"rows": rows})


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def notice(request: HttpRequest, code: str) -> HttpResponse:
    """Show a notice and take an objection to it."""
    found = get_object_or_404(Notice.objects.select_related("township"), code=code)
    form, status = ObjectionForm(), 200
    if request.method == "POST":
        form, status = ObjectionForm(request.POST), 422
        if form.is_valid():
            told = {name: form.cleaned_data[name] for name in ("key", "text", "contact")}
            try:
                refuse_objections(network_of(client_address(request)), found)
                token = make_objection(found, **told)
            except Flood as flood:
                form.add_rule(flood)
                status = 429
            except RuleBroken as broken:
                form.add_rule(broken)
            else:
                return redirect("notices:objection", token=token)
    context = {**shown(found), "form": form, "public_url": request.build_absolute_uri(found.get_public_url())}
    return render(request, "services/notice/public.html", context, status=status)


@public_page
@require_safe
def objection(request: HttpRequest, token: str) -> HttpResponse:
    """Show somebody their objection and the answer, by the link that only they have; never the contact."""
    found = followed_by(token)
    if found is None:
        raise Http404
    context = {
        "objection": found,
        "notice": found.notice,
        "month": month_name(found.notice.month),
        "state": objection_badge(found),
        "notice_state": notice_badge(found.notice),
        "url": request.build_absolute_uri(request.path),
    }
    return render(request, "services/objection/follow.html", context)
