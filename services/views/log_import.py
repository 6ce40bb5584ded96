"""Spreadsheets of logs: upload, preview row by row, import what was confirmed, and the wrong rows back as a file."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import Right, right_required
from common.lists import list_page
from common.rules import RuleBroken
from common.workbook.preview import grouped_page
from common.workbook.writing import workbook_response
from services.domain import log_import as domain
from services.exports import LOG_IMPORTS
from services.filters import LogImportFilter
from services.forms.log_import import UploadForm
from services.import_rows import import_rows, preview_rows
from services.models import LogImport
from services.paper.check import NEW, SAME, WRONG, CheckedRow
from services.paper.sheets import template, wrong_rows

State = LogImport.State


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.MEND_LOGS)
def import_list(request: HttpRequest) -> HttpResponse:
    """List the files that were uploaded, the latest first."""
    return list_page(
        request,
        queryset=LogImport.objects.visible_to(request.user)
        .select_related("by")
        .defer("rows", "wanted", "refused", "header", "columns"),
        filterset_class=LogImportFilter,
        ordering=("-at", "-id"),
        rows=import_rows,
        template="services/import/list.html",
        export=LOG_IMPORTS,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.LOG_SERVICES)
def import_create(request: HttpRequest) -> HttpResponse:
    """Take a file in and show what its rows would do; nothing is logged yet."""
    if request.method != "POST":
        return _upload_page(request, UploadForm())
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            return redirect(domain.upload_logs(**form.upload(), by=request.user))
        except RuleBroken as broken:
            form.add_rule(broken)
    return _upload_page(request, form, status=422)


@require_POST
@right_required(Right.LOG_SERVICES)
def import_template(request: HttpRequest) -> HttpResponse:
    """Hand out the template with names and numbers; recorded, therefore a POST."""
    domain.download_import_template(request.user.township, by=request.user)
    return workbook_response(template(request.user), "yiwang-logs.xlsx")


@require_safe
@right_required(Right.MEND_LOGS)
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what each row would do, or how far the import is."""
    return _detail_page(request, _import(request, pk))


@require_POST
@right_required(Right.LOG_SERVICES)
def import_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm the new rows that the person saw, and begin."""
    found = _import(request, pk)
    try:
        domain.start_import(found, seen=request.POST.get("seen", ""), by=request.user)
    except RuleBroken as broken:
        messages.error(request, broken.message)
    return redirect(found)


@require_POST
@right_required(Right.LOG_SERVICES)
def import_continue(request: HttpRequest, pk: int) -> HttpResponse:
    """Take in the next rows; the page asks again by itself until all are in."""
    found = domain.continue_import(_import(request, pk), by=request.user)
    if not request.htmx:
        return redirect(found)
    if found.state == State.RUNNING:
        return render(request, "services/import/_progress.html", {"import": found, "goes_on": True})
    response = HttpResponse(status=204)
    response["HX-Redirect"] = found.get_absolute_url()
    return response


@require_POST
@right_required(Right.MEND_LOGS)
def import_wrong_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the wrong rows back, to be mended and uploaded again; recorded, therefore a POST."""
    found = _import(request, pk)
    wrong = [row for row in domain.checked(found, request.user) if _is_wrong(row, found)]
    if not wrong:
        messages.info(request, _("No row is wrong."))
        return redirect(found)
    domain.download_wrong_rows(found, by=request.user)
    return workbook_response(wrong_rows(found, wrong, found.refused), f"yiwang-wrong-rows-{found.pk}.xlsx")


def _import(request: HttpRequest, pk: int) -> LogImport:
    return get_object_or_404(LogImport.objects.visible_to(request.user).select_related("by"), pk=pk)


def _is_wrong(row: CheckedRow, found: LogImport) -> bool:
    return row.state == WRONG or (row.state == NEW and str(row.number) in found.refused)


def _upload_page(request: HttpRequest, form: UploadForm, *, status: int = 200) -> HttpResponse:
    latest = LogImport.objects.visible_to(request.user).select_related("by").defer("rows", "wanted", "refused")
    context = {"form": form, "latest": import_rows(list(latest.order_by("-at", "-id")[:5]))}
    return render(request, "services/import/upload.html", context, status=status)


def _detail_page(request: HttpRequest, found: LogImport) -> HttpResponse:
    if found.state == State.RUNNING:
        return render(request, "services/import/running.html", {"import": found})
    rows = domain.checked(found, request.user)
    groups = {
        "": rows,
        NEW: [row for row in rows if row.state == NEW],
        SAME: [row for row in rows if row.state == SAME],
        WRONG: [row for row in rows if row.state == WRONG],
    }
    labels = {"": _("All rows"), NEW: _("New"), SAME: _("Already there"), WRONG: _("Wrong")}
    twin = LogImport.objects.visible_to(request.user).filter(sha256=found.sha256, pk__lt=found.pk)
    context = grouped_page(request, groups, labels)
    context |= {
        "import": found,
        "rows": preview_rows(context["part"], found),
        "seen": domain.seen_hash(rows),
        "wrong_count": sum(_is_wrong(row, found) for row in rows),
        "refused_count": len(found.refused),
        "twin": twin.defer("rows", "wanted").select_related("by").order_by("-pk").first(),
    }
    return render(request, "services/import/detail.html", context)
