"""Lists of volunteers: upload, say what columns mean, look at each row, import, and the wrong rows back as a file."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import Right, right_required
from common.clean import key_of
from common.lists import list_page
from common.rules import RuleBroken
from common.workbook.writing import workbook_response
from volunteers.domain import volunteer_import as domain
from volunteers.exports import IMPORTS
from volunteers.filters import VolunteerImportFilter
from volunteers.forms.volunteer_import import MappingForm, UploadVolunteersForm
from volunteers.import_rows import hidden_sheets, import_rows, preview_rows, result_rows
from volunteers.imports.check import CHANGED, NEW, SAME, WRONG
from volunteers.imports.parts import page_of, rows_by_kind
from volunteers.imports.preview import STATES
from volunteers.imports.sheets import template, wrong_rows
from volunteers.models import VolunteerImport

# Rows of the preview on one page.
PAGE_SIZE = 100
LATEST = 5
State = VolunteerImport.State
SLIM = ("sheets", "columns", "defaults", "counts", "result")


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.IMPORT_VOLUNTEERS)
def import_list(request: HttpRequest) -> HttpResponse:
    """List the files that were uploaded, the latest first."""
    return list_page(
        request,
        queryset=VolunteerImport.objects.visible_to(request.user).select_related("by", "township").defer(*SLIM),
        filterset_class=VolunteerImportFilter,
        ordering=("-at", "-id"),
        rows=import_rows,
        template="volunteers/import/list.html",
        export=IMPORTS,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.IMPORT_VOLUNTEERS)
def import_create(request: HttpRequest) -> HttpResponse:
    """Take a file in; nothing is registered yet."""
    if request.method != "POST":
        return _upload_page(request, UploadVolunteersForm(user=request.user))
    form = UploadVolunteersForm(request.POST, request.FILES, user=request.user)
    if form.is_valid():
        try:
            return redirect(domain.upload_volunteers(**form.upload(), by=request.user))
        except RuleBroken as broken:
            form.add_rule(broken)
    return _upload_page(request, form, status=422)


@require_safe
@right_required(Right.IMPORT_VOLUNTEERS)
def import_template(request: HttpRequest) -> HttpResponse:
    """Hand out the template, which names villages and skill types but no person."""
    return workbook_response(template(request.user), "yiwang-volunteers.xlsx")


@require_safe
@right_required(Right.IMPORT_VOLUNTEERS)
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is to be done next: columns to be confirmed, progress, what each row would do, or the result."""
    found = _import(request, pk)
    try:
        return _detail(request, found)
    except RuleBroken as broken:  # the server's key was changed: what was kept cannot be read any more
        messages.error(request, broken.message)
        return redirect("volunteers:import_create")


@require_POST
@right_required(Right.IMPORT_VOLUNTEERS)
def import_map(request: HttpRequest, pk: int) -> HttpResponse:
    """Take in what the columns mean, and let the rows be checked."""
    found = _import(request, pk)
    if found.state not in domain.OPEN:
        messages.error(request, _("This file is being worked on, or done with. Here is how it stands."))
        return redirect(found)
    form = _mapping_form(request, found, request.POST)
    if form.is_valid():
        try:
            domain.map_columns(found, **form.mapping(), by=request.user)
        except RuleBroken as broken:
            form.add_rule(broken)
        else:
            return redirect(found)
    return _mapping_page(request, found, form, status=422)


@require_POST
@right_required(Right.IMPORT_VOLUNTEERS)
def import_remap(request: HttpRequest, pk: int) -> HttpResponse:
    """Go back to the columns."""
    return _step(request, pk, domain.remap_columns)


@require_POST
@right_required(Right.IMPORT_VOLUNTEERS)
def import_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Import all rows, or the good ones, as the person saw them."""
    seen = key_of(request.POST.get("seen", ""))
    only_good = request.POST.get("rows") == "good"
    return _step(request, pk, domain.confirm_volunteers, only_good=only_good, version=-1 if seen is None else seen)


@require_POST
@right_required(Right.IMPORT_VOLUNTEERS)
def import_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget the file."""
    return _step(request, pk, domain.discard_volunteers)


@require_POST
@right_required(Right.IMPORT_VOLUNTEERS)
def import_wrong_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the wrong rows back, to be mended and uploaded again; recorded, therefore a POST."""
    found = _import(request, pk)
    if not found.parts.filter(kind=WRONG).exists():
        messages.info(request, _("There is no wrong row, or the file was forgotten meanwhile."))
        return redirect(found)
    try:
        data = wrong_rows(found)
    except RuleBroken as broken:
        messages.error(request, broken.message)
        return redirect(found)
    domain.download_wrong_volunteers(found, by=request.user)
    return workbook_response(data, f"yiwang-wrong-volunteers-{found.pk}.xlsx")


def _import(request: HttpRequest, pk: int) -> VolunteerImport:
    imports = VolunteerImport.objects.visible_to(request.user).select_related("by", "township", "confirmed_by")
    return get_object_or_404(imports, pk=pk)


def _step(request: HttpRequest, pk: int, act: Any, **values: Any) -> HttpResponse:
    found = _import(request, pk)
    try:
        act(found, by=request.user, **values)
    except RuleBroken as broken:
        messages.error(request, broken.message)
    return redirect(found)


def _upload_page(request: HttpRequest, form: UploadVolunteersForm, *, status: int = 200) -> HttpResponse:
    latest = VolunteerImport.objects.visible_to(request.user).select_related("by", "township").defer(*SLIM)
    context = {"form": form, "latest": import_rows(list(latest.order_by("-at", "-id")[:LATEST]))}
    return render(request, "volunteers/import/upload.html", context, status=status)


def _detail(request: HttpRequest, found: VolunteerImport) -> HttpResponse:
    if found.state == State.MAPPING:
        return _mapping_page(request, found, _mapping_form(request, found))
    if found.state in (State.CHECKING, State.IMPORTING):
        return render(request, "volunteers/import/running.html", {"import": found})
    if found.state == State.DISCARDED:
        return render(request, "volunteers/import/discarded.html", {"import": found})
    return _rows_page(request, found)


def _mapping_form(request: HttpRequest, found: VolunteerImport, data: Any = None) -> MappingForm:
    asked = key_of(request.GET.get("sheet", ""))
    sheets = [place for place, facts in enumerate(found.sheets) if facts["rows"] and not facts["hidden"]]
    sheet = asked if asked in sheets else found.sheet
    return MappingForm(data, volunteer_import=found, sheet=sheet)


def _mapping_page(
    request: HttpRequest, found: VolunteerImport, form: MappingForm, *, status: int = 200
) -> HttpResponse:
    tabs = [
        (facts["name"], f"?sheet={place}", facts["rows"], place == form.sheet)
        for place, facts in enumerate(found.sheets)
        if facts["rows"] and not facts["hidden"]
    ]
    context = {
        "import": found,
        "form": form,
        "facts": form.facts,
        "sheet_tabs": tabs if len(tabs) > 1 else [],
        "columns": list(form.columns()),
        "unknown": form.unknown(),
        "hidden": hidden_sheets(found),
        "twin": _twin(request, found),
    }
    return render(request, "volunteers/import/mapping.html", context, status=status)


def _rows_page(request: HttpRequest, found: VolunteerImport) -> HttpResponse:
    is_done = found.state == State.DONE
    counts = rows_by_kind(found)
    kinds = [kind for kind in STATES if counts.get(kind) or not is_done]
    total = sum(counts.values())
    labels = {WRONG: _("Wrong"), CHANGED: _("Changed"), NEW: _("Added") if is_done else _("New"), SAME: _("Same")}
    shown = request.GET.get("rows", "")
    shown = shown if shown in kinds else ""
    count = counts.get(shown, 0) if shown else total
    pages = max(1, -(-count // PAGE_SIZE))
    number = min(max(key_of(request.GET.get("page", "")) or 1, 1), pages)
    rows = page_of(found, [shown] if shown else STATES, (number - 1) * PAGE_SIZE, PAGE_SIZE)
    tabs = [(_("All rows"), _address(""), total, not shown)]
    tabs += [(labels[kind], _address(kind), counts.get(kind, 0), kind == shown) for kind in kinds]
    good = found.counts.get(NEW, 0) + found.counts.get(CHANGED, 0)
    context = {
        "import": found,
        "is_done": is_done,
        "tabs": tabs,
        "counts": {kind: counts.get(kind, 0) for kind in STATES},
        "good": good,
        "rows": result_rows(rows, found) if is_done else preview_rows(rows, found),
        "hidden": hidden_sheets(found),
        "twin": None if is_done else _twin(request, found),
        "page": number,
        "pages": pages,
        "previous_url": _address(shown, number - 1) if number > 1 else "",
        "next_url": _address(shown, number + 1) if number < pages else "",
    }
    return render(request, "volunteers/import/detail.html", context)


def _twin(request: HttpRequest, found: VolunteerImport) -> VolunteerImport | None:
    """Return the last import of the very same file that was done."""
    twins = VolunteerImport.objects.visible_to(request.user).filter(sha256=found.sha256, state=State.DONE)
    return twins.exclude(pk=found.pk).defer(*SLIM).select_related("by").order_by("-pk").first()


def _address(group: str, page: int = 1) -> str:
    query = {name: value for name, value in (("rows", group), ("page", page if page > 1 else "")) if value}
    return f"?{urlencode(query)}"
