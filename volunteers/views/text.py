"""The programme's texts in the offices: versions, drafts, and how many have accepted."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import Right, right_required
from common.rules import RuleBroken
from volunteers.domain import text as domain
from volunteers.forms.text import DraftForm, PublishForm
from volunteers.models import ProgrammeText
from volunteers.text_rows import compared, township_rows, versions_by_kind


@require_safe
@right_required(Right.VIEW_ACCEPTANCES)
def text_list(request: HttpRequest) -> HttpResponse:
    """Show the three texts with their versions, and how many volunteers have accepted what is in force."""
    current = domain.current_texts()
    context = {
        "kinds": versions_by_kind(request.user, current),
        "current": current,
        **township_rows(request.user, current),
    }
    return render(request, "volunteers/text/list.html", context)


@require_POST
@right_required(Right.KEEP_TEXTS)
def text_start(request: HttpRequest) -> HttpResponse:
    """Begin the next version of a text."""
    kind = request.POST.get("kind", "")
    if kind not in ProgrammeText.Kind.values:
        messages.error(request, _("Choose the text of which a new version is to begin."))
        return redirect("volunteers:text_list")
    try:
        draft = domain.start_draft(kind, by=request.user)
    except RuleBroken as broken:
        messages.error(request, broken.message)
        return redirect("volunteers:text_list")
    return redirect("volunteers:text_edit", pk=draft.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.KEEP_TEXTS)
def text_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a draft; what is published leads to its page."""
    text = get_object_or_404(ProgrammeText, pk=pk)
    if request.method != "POST":
        return _edit_page(request, text) if text.is_draft else redirect(text)
    form = DraftForm(request.POST)
    if form.is_valid():
        values = dict(form.cleaned_data)
        try:
            domain.edit_draft(text, values, version=values.pop("version"), by=request.user)
        except RuleBroken as broken:
            text.refresh_from_db()
            form.add_rule(broken, current_version=text.version)
        else:
            messages.success(request, _("The draft was saved."))
            return redirect("volunteers:text_edit", pk=pk)
    return _edit_page(request, text, form=form, status=422)


@require_POST
@right_required(Right.KEEP_TEXTS)
def text_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish a draft."""
    text = get_object_or_404(ProgrammeText, pk=pk)
    form = PublishForm(request.POST, auto_id="id_publish_%s")
    if form.is_valid():
        try:
            published = domain.publish_text(text, **form.cleaned_data, by=request.user)
        except RuleBroken as broken:
            text.refresh_from_db()
            form.add_rule(broken, current_version=text.version)
        else:
            messages.success(request, _("It is published. Volunteers are asked to accept it once it is in force."))
            return redirect(published)
    return _edit_page(request, text, publish_form=form, status=422)


@require_POST
@right_required(Right.KEEP_TEXTS)
def text_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a draft up."""
    text = get_object_or_404(ProgrammeText, pk=pk)
    try:
        domain.discard_draft(text, by=request.user)
    except RuleBroken as broken:
        messages.error(request, broken.message)
    else:
        messages.success(request, _("The draft was discarded."))
    return redirect("volunteers:text_list")


def _edit_page(
    request: HttpRequest,
    text: ProgrammeText,
    *,
    form: DraftForm | None = None,
    publish_form: PublishForm | None = None,
    status: int = 200,
) -> HttpResponse:
    before = ProgrammeText.objects.published().filter(kind=text.kind, number__lt=text.number).first()
    written = {name: getattr(text, name) for name in (*domain.WRITTEN, "version")}
    first = {"version": text.version, "in_force_from": timezone.localdate()}
    context: dict[str, Any] = {
        "text": text,
        "before": before,
        "compared": compared(text.body, before.body) if before else [],
        "form": form or DraftForm(initial=written),
        "publish_form": publish_form or PublishForm(initial=first, auto_id="id_publish_%s"),
        "back": reverse("volunteers:text_list"),
    }
    return render(request, "volunteers/text/edit.html", context, status=status)
