"""Spreadsheets of grids: upload, preview row by row, import what was confirmed, and the wrong rows back as a file."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import Right, right_required
from areas.models import Village
from common.rules import RuleBroken
from common.workbook.preview import grouped_page
from common.workbook.writing import workbook_response
from grids.domain import grid_import as domain
from grids.forms.grid_import import GridUploadForm
from grids.import_rows import import_rows, preview_rows
from grids.imports.check import CHANGED, NEW, SAME, WRONG
from grids.imports.sheets import template, wrong_rows
from grids.models import GridImport

LATEST = 20


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.MANAGE_TEAMS)
def grid_import_create(request: HttpRequest) -> HttpResponse:
    """Take a file in and show what its rows would do; nothing is drawn yet."""
    form, status = GridUploadForm(), 200
    if request.method == "POST":
        form, status = GridUploadForm(request.POST, request.FILES), 422
        if form.is_valid():
            try:
                return redirect(domain.upload_grids(**form.upload(), by=request.user))
            except RuleBroken as broken:
                form.add_rule(broken)
    latest = GridImport.objects.visible_to(request.user).select_related("by").defer("rows", "header", "columns")
    context = {"form": form, "latest": import_rows(list(latest[:LATEST]))}
    return render(request, "grids/import/upload.html", context, status=status)


@require_safe
@right_required(Right.MANAGE_TEAMS)
def grid_import_template(request: HttpRequest) -> HttpResponse:
    """Hand out the template with the names and codes of the person's villages."""
    villages = list(Village.objects.visible_to(request.user).current().select_related("township"))
    return workbook_response(template(villages), "yiwang-grids.xlsx")


@require_safe
@right_required(Right.MANAGE_TEAMS)
def grid_import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what each row would do now; after the import, that the grids are as the file has them."""
    found = _import(request, pk)
    rows = domain.checked(found, request.user)
    groups = {"": rows, **{state: [row for row in rows if row.state == state] for state in (NEW, CHANGED, SAME, WRONG)}}
    labels = {
        "": _("All rows"),
        NEW: _("New"),
        CHANGED: pgettext("row of a file", "Changes"),
        SAME: _("As it is"),
        WRONG: _("Wrong"),
    }
    context = grouped_page(request, groups, labels)
    twin = GridImport.objects.visible_to(request.user).filter(sha256=found.sha256, pk__lt=found.pk)
    context |= {
        "import": found,
        "rows": preview_rows(context["part"], found),
        "is_done": found.state == GridImport.State.DONE,
        "wanted": len(groups[NEW]) + len(groups[CHANGED]),
        "seen": domain.seen_hash(rows),
        "twin": twin.defer("rows").select_related("by").order_by("-pk").first(),
    }
    return render(request, "grids/import/detail.html", context)


@require_POST
@right_required(Right.MANAGE_TEAMS)
def grid_import_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Take in the new and changed rows that the person saw, all at once."""
    found = _import(request, pk)
    try:
        done = domain.import_grids(found, seen=request.POST.get("seen", ""), by=request.user)
    except RuleBroken as broken:
        messages.error(request, broken.message)
    else:
        told = _("The file was imported: %(drawn)d grids drawn up, %(changed)d changed.")
        messages.success(request, told % {"drawn": done.drawn_count, "changed": done.changed_count})
    return redirect(found)


@require_safe
@right_required(Right.MANAGE_TEAMS)
def grid_import_wrong_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the wrong rows back, to be mended and uploaded again."""
    found = _import(request, pk)
    wrong = [row for row in domain.checked(found, request.user) if row.state == WRONG]
    if not wrong:
        messages.info(request, _("No row is wrong."))
        return redirect(found)
    return workbook_response(wrong_rows(found, wrong), f"yiwang-wrong-grids-{found.pk}.xlsx")


def _import(request: HttpRequest, pk: int) -> GridImport:
    return get_object_or_404(GridImport.objects.visible_to(request.user).select_related("by"), pk=pk)
