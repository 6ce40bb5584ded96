"""What everybody reads without an account: the texts in force, and each of their versions."""

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from common.public import public_page
from volunteers.domain.text import current_texts
from volunteers.models import ProgrammeText
from volunteers.text_rows import compared, paragraphs, text_badge

NAME = re.compile(r"([a-z]+)(?:-([0-9]{1,4}))?")


@public_page
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the three texts with the version in force."""
    return render(request, "volunteers/text/index.html", {"texts": current_texts()})


@public_page
@require_safe
def version(request: HttpRequest, name: str) -> HttpResponse:
    """Show the version in force of a kind ("conduct"), or a certain one ("conduct-2"), with all others beside it."""
    asked = NAME.fullmatch(name)
    if asked is None:
        raise Http404
    kind, number = asked.groups()
    versions = list(ProgrammeText.objects.published().filter(kind=kind).order_by("-number"))
    today = timezone.localdate()
    current = next((text for text in versions if text.in_force_from and text.in_force_from <= today), None)
    text = next((text for text in versions if text.number == int(number)), None) if number else current
    if text is None:
        raise Http404
    before = next((other for other in versions if other.number < text.number), None)
    shows_changes = before is not None and "changes" in request.GET
    context = {
        "text": text,
        "state": text_badge(text, current),
        "current": current,
        "before": before,
        "upcoming": next((other for other in versions if current and other.number > current.number), None),
        "paragraphs": paragraphs(text.body),
        "compared": compared(text.body, before.body) if shows_changes and before else [],
        "versions": [(other, text_badge(other, current)) for other in versions],
        "public_url": request.build_absolute_uri(text.get_absolute_url()),
    }
    return render(request, "volunteers/text/public.html", context)
