"""The city's samples: drawn, verified, looked at month by month, and answered by the townships."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rights import Right, right_required
from common.exports import Offer, export_table
from common.lists import list_page
from common.rules import RuleBroken
from common.templatetags.yiwang import badge
from services.domain.month import previous_month
from services.domain.sample import (
    answer_finding,
    check_sampled,
    draw_sample,
    is_as_drawn,
    refuse_second_look,
)
from services.exports import SAMPLED, SAMPLES
from services.filters import SampledFilter
from services.forms.sample import CheckForm, FindingAnswerForm, SampleForm
from services.models import Sample, SampledReport
from services.rows import month_name
from services.views.sheet import sheet_context, shown_reports

Finding = SampledReport.Finding
COLUMNS = (
    "id",
    "place",
    "report",
    "finding",
    "remark",
    "answer",
    "checked_by__name",
    "checked_at",
    "report__month",
    "report__team__name",
    "report__township__name",
)
SAMPLES_SHOWN = 100
# How anybody with a shell sees that the file is the signed one, and draws again: the keys in the order of the draw.
RECIPE = (
    "sha256sum sample-{pk}.txt\n"
    'while read key; do echo "$(printf \'%s\' "{seed}|$key" | sha256sum | cut -c1-64) $key"; done'
    " < sample-{pk}.txt | sort | head -n {size}\n"
)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_SAMPLES)
def sample_list(request: HttpRequest) -> HttpResponse:
    """List the samples, the latest first, with how far each has been looked through."""
    samples = (
        Sample.objects.visible_to(request.user)
        .defer("population")
        .select_related("drawn_by")
        .annotate(
            checked=Count("drawn", filter=~Q(drawn__finding="")),
            remarks=Count("drawn", filter=Q(drawn__finding=Finding.REMARK)),
        )
    )
    shown = samples[:SAMPLES_SHOWN]
    if request.method == "POST":
        return export_table(request, SAMPLES, Sample, [_sample_row(sample) for sample in shown])
    return render(request, "services/sample/list.html", {"samples": shown, "offer": Offer.to(request, SAMPLES)})


def _sample_row(sample: Any) -> dict[str, Any]:
    """Prepare a sample as the list shows it; what was found in it is counted with it."""
    return {
        "name": f"{sample.period} · {sample.percent}%",
        "drawn": f"{date_format(timezone.localtime(sample.drawn_at), 'DATETIME_FORMAT')} · {sample.drawn_by.name}",
        "size": f"{sample.size} / {sample.population_count}",
        "checked": sample.checked,
        "remarks": sample.remarks,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.SAMPLE_REPORTS)
def sample_create(request: HttpRequest) -> HttpResponse:
    """Draw a sample; the same form sent twice draws once."""
    month = f"{previous_month(timezone.localdate()):%Y-%m}"
    form = SampleForm(request.POST or None, initial={"first_month": month, "last_month": month})
    if request.method == "POST":
        if form.is_valid():
            try:
                sample = draw_sample(**form.cleaned_data, by=request.user)
            except RuleBroken as broken:
                form.add_rule(broken)
            else:
                messages.success(request, _("Months drawn: %(count)d.") % {"count": sample.size})
                return redirect(sample)
        return render(request, "services/sample/form.html", {"form": form}, status=422)
    return render(request, "services/sample/form.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_SAMPLES)
def sample_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a sample: its draw and how to verify it, and the drawn months with what was found."""
    sample = get_object_or_404(Sample.objects.visible_to(request.user).select_related("drawn_by"), pk=pk)
    drawn = SampledReport.objects.filter(sample=sample)
    return list_page(
        request,
        queryset=drawn,
        filterset_class=SampledFilter,
        ordering=("place", "id"),
        rows=drawn_rows,
        columns=COLUMNS,
        template="services/sample/detail.html",
        export=SAMPLED,
        context=lambda _found: _facts(sample),
    )


def _facts(sample: Sample) -> dict[str, Any]:
    """Return the draw, whether it still comes out the same, and how far it has been looked through."""
    drawn = list(sample.drawn.order_by("place").values_list("report", "finding"))
    findings = [finding for _report, finding in drawn]
    unanswered = sample.drawn.to_answer().count()
    return {
        "sample": sample,
        "period": sample.period,
        "is_as_drawn": is_as_drawn(sample, [report for report, _finding in drawn]),
        "checked": sum(finding != "" for finding in findings),
        "remarks": findings.count(Finding.REMARK),
        "unanswered": unanswered,
        "recipe": RECIPE.format(pk=sample.pk, seed=sample.seed, size=sample.size),
    }


def drawn_rows(drawn: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Prepare the drawn months of one page."""
    badges = {
        "": badge("neutral", _("Not looked at yet")),
        Finding.FINE: badge("ok", str(Finding.FINE.label)),
        Finding.REMARK: badge("warn", str(Finding.REMARK.label), "message-square"),
    }
    return [
        {
            "url": reverse("services:sampled_check", args=[row["id"]]),
            "report_url": reverse("services:report_detail", args=[row["report"]]),
            "place": row["place"],
            "team": row["report__team__name"],
            "township": row["report__township__name"],
            "month": month_name(row["report__month"]),
            "finding": badges[row["finding"]],
            "remark": row["remark"],
            "answer": row["answer"],
            "checked": row["checked_by__name"] or "",
        }
        for row in drawn
    ]


@require_safe
@right_required(Right.VIEW_SAMPLES)
def sample_population(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out what the sample was drawn from, byte by byte as it was signed; keys name nobody."""
    sample = get_object_or_404(Sample.objects.visible_to(request.user), pk=pk)
    response = HttpResponse(sample.population, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="sample-{sample.pk}.txt"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.SAMPLE_REPORTS)
def sampled_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at a drawn month once more and say what was found; then on to the next one of the sample."""
    sampled = _sampled(request, pk)
    form = CheckForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            check_sampled(sampled, **form.cleaned_data, by=request.user)
        except RuleBroken as broken:
            sampled.refresh_from_db()
            form.add_rule(broken)
        else:
            messages.success(request, _("What you found was saved."))
            after = sampled.sample.drawn.filter(finding="", place__gt=sampled.place).order_by("place").first()
            return redirect("services:sampled_check", after.pk) if after else redirect(sampled.sample)
    context, _homeless = sheet_context(request, shown_reports().get(pk=sampled.report_id))
    refusal = ""
    try:
        refuse_second_look(sampled.report, request.user)
    except RuleBroken as broken:
        refusal = str(broken.message)
    context |= {"sampled": sampled, "form": form, "refusal": refusal, "period": sampled.sample.period}
    return render(request, "services/sample/check.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.REVIEW_REPORTS)
def finding_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer the remark on a drawn month."""
    sampled = _sampled(request, pk)
    form = FindingAnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            answer_finding(sampled, **form.cleaned_data, by=request.user)
        except RuleBroken as broken:
            sampled.refresh_from_db()
            form.add_rule(broken)
        else:
            messages.success(request, _("The answer was saved."))
            return redirect(f"{sampled.report.get_absolute_url()}#findings")
    context = {"sampled": sampled, "form": form, "month": month_name(sampled.report.month)}
    return render(request, "services/sample/answer.html", context, status=422 if request.method == "POST" else 200)


def _sampled(request: HttpRequest, pk: int) -> SampledReport:
    """Return the drawn month with what its pages name."""
    drawn = SampledReport.objects.visible_to(request.user)
    related = ("sample", "report__team", "report__township", "checked_by", "answered_by")
    return get_object_or_404(drawn.select_related(*related).defer("sample__population"), pk=pk)
