"""Badges are printed: what the pages are, the page on which the file waits, and the file."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import Right, right_required
from common.bulk import back_to_list, carried, selected
from common.lists import Count, list_page
from common.rules import RuleBroken
from volunteers.badge_filters import BadgeFilter, BadgePrintFilter
from volunteers.badge_rows import PRINT_FIELDS, print_badge, print_rows
from volunteers.domain.badge_print import KEPT_FOR, MOST_PRINTED, hurry, print_badges
from volunteers.exports import BADGE_PRINTS
from volunteers.forms.badge import PrintForm
from volunteers.models import Badge, BadgePrint
from volunteers.print_files import path_of, storage

# So many of those who were left out are named on the page; a township has fewer.
MOST_NAMED = 200


@require_POST
@right_required(Right.ISSUE_BADGES)
def badge_print(request: HttpRequest) -> HttpResponse:
    """Ask what the pages are (sent by the list), then print the chosen badges (sent by the page itself)."""
    try:
        chosen = selected(request, Badge.objects.visible_to(request.user), BadgeFilter)
    except RuleBroken as broken:
        messages.error(request, broken.message)
        return redirect(back_to_list(request, "volunteers:badge_list"))
    valid = chosen.valid(timezone.localdate()).order_by()
    form, status = PrintForm(), 200
    if "step" in request.POST:
        form, status = PrintForm(request.POST), 422
        if form.is_valid():
            try:
                pks = list(valid.values_list("pk", flat=True)[: MOST_PRINTED + 1])
                made = print_badges(pks, **form.cleaned_data, by=request.user)
            except RuleBroken as broken:
                form.add_rule(broken)
            else:
                hurry(made)
                return redirect(made)
    context = {
        "form": form,
        "carried": carried(request),
        "count": Count.of(valid),
        "others": Count.of(chosen.exclude(pk__in=valid.values("pk"))),
        "back": back_to_list(request, "volunteers:badge_list"),
    }
    return render(request, "volunteers/badge/print.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_BADGES)
def badge_print_list(request: HttpRequest) -> HttpResponse:
    """List what was printed, by whom, and how many."""
    return list_page(
        request,
        queryset=BadgePrint.objects.visible_to(request.user),
        filterset_class=BadgePrintFilter,
        ordering=("-at", "-id"),
        columns=PRINT_FIELDS,
        rows=print_rows,
        template="volunteers/badge/prints/list.html",
        export=BADGE_PRINTS,
    )


@require_safe
@right_required(Right.VIEW_BADGES)
def badge_print_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a print is, its file, and who was left out and why."""
    made = get_object_or_404(BadgePrint.objects.visible_to(request.user).select_related("by", "township"), pk=pk)
    left_out = made.badges.exclude(left_out="").select_related("badge__volunteer")
    context = {
        "made": made,
        "state": print_badge(made.work_state, bool(made.file_name), made.printed),
        "left_out": left_out[:MOST_NAMED],
        "left_out_count": left_out.count(),
        "gone_on": timezone.localtime(made.at + KEPT_FOR).date(),
        "may_fetch": request.user.may(Right.KEEP_BADGES),
    }
    return render(request, "volunteers/badge/printed.html", context)


@require_safe
@right_required(Right.KEEP_BADGES)
def badge_print_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out the file of a print while it waits."""
    made = get_object_or_404(BadgePrint.objects.visible_to(request.user).exclude(file_name=""), pk=pk)
    try:
        file = storage.open(path_of(made.file_name))
    except FileNotFoundError as gone:
        raise Http404 from gone
    name = f"badges-{timezone.localtime(made.at):%Y%m%d-%H%M}-{made.printed}.pdf"
    return FileResponse(file, filename=name, content_type="application/pdf")
