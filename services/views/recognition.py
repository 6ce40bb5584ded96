"""The annual recognition: its rounds, what everyone was scored by, and whom it honours."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.rights import Right, right_required
from common.hours import hours
from common.lists import list_page
from common.rules import RuleBroken
from grids.models import Team
from services.correction_rows import change_in_words, correction_row
from services.domain import difference, recognition
from services.domain.ballot import progress
from services.domain.home import listed
from services.domain.verdict import verdict_of
from services.evidence import canonical_bytes
from services.exports import EVIDENCE
from services.filters import EvidenceFilter
from services.forms.recognition import RoundForm, ScoreForm
from services.models import Award, Correction, Evidence, Participation, RecognitionRound
from volunteers.models import Volunteer

# So many corrections, and people whom they judge otherwise, are named on a page; the lists behind it hold them all.
CORRECTIONS_SHOWN = TURNED_SHOWN = 20
LISTED = (
    "minutes",
    "services",
    "satisfied_votes",
    "valid_votes",
    "is_eligible",
    "volunteer__name",
    "volunteer__number",
    "township__name",
    "team__name",
)


@require_safe
@right_required(Right.VIEW_RECOGNITION)
def round_list(request: HttpRequest) -> HttpResponse:
    """List the rounds, a year each."""
    rounds = RecognitionRound.objects.visible_to(request.user).select_related("scored_by")
    return render(request, "services/round/list.html", {"rounds": rounds})


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.RUN_RECOGNITION)
def round_create(request: HttpRequest) -> HttpResponse:
    """Open the round of a year."""
    form = RoundForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            opened = recognition.open_round(form.cleaned_data["year"], by=request.user, **form.thresholds)
        except RuleBroken as broken:
            form.add_rule(broken)
        else:
            messages.success(request, _("Voting is open: votes can be entered."))
            return redirect(opened)
    return render(request, "services/round/form.html", {"form": form}, status=_status(request))


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.RUN_RECOGNITION)
def round_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the thresholds while the round is voting."""
    found = get_object_or_404(RecognitionRound.objects.visible_to(request.user), pk=pk)
    form = RoundForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            recognition.edit_round(pk, form.thresholds, version=form.cleaned_data["version"], by=request.user)
        except RuleBroken as broken:
            form.add_rule(broken)
        else:
            messages.success(request, _("The thresholds were changed."))
            return redirect(found)
    return render(request, "services/round/form.html", {"form": form, "round": found}, status=_status(request))


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_RECOGNITION)
def round_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far the votes and months are while voting; after scoring the list with everyone's figures."""
    found = get_object_or_404(RecognitionRound.objects.visible_to(request.user).select_related("scored_by"), pk=pk)
    if not found.is_frozen:
        return render(request, "services/round/voting.html", _voting(request, found, _score_form(found)))
    evidence = Evidence.objects.visible_to(request.user).filter(round=found)
    return list_page(
        request,
        queryset=evidence.select_related("volunteer", "township", "team").only(*LISTED),
        filterset_class=EvidenceFilter,
        ordering=("-minutes", "-id"),
        rows=lambda rows: evidence_rows(rows, found),
        template="services/round/detail.html",
        export=EVIDENCE,
        context={"round": found, **recognition.totals(evidence), "since": _since_scoring(found, request.user)},
    )


def _since_scoring(round: RecognitionRound, user: User) -> dict[str, Any] | None:
    """Return what corrections changed since, as far as the person sees it: how many, and whom they judge otherwise."""
    corrections = Correction.objects.visible_to(user).filter(round=round).count()
    if not corrections:
        return None
    evidence = Evidence.objects.visible_to(user).filter(round=round)
    changed = difference.differences(round)
    return {
        "corrections": corrections,
        "url": listed("services:correction_list", round=round.pk),
        "people": evidence.filter(volunteer__in=changed).count(),
        "people_url": "?result=corrected",
        "turned": [
            {
                "name": one.evidence.volunteer.name,
                "number": one.evidence.volunteer.number,
                "url": reverse("services:evidence_detail", args=[one.evidence.pk]),
                "was_eligible": one.evidence.is_eligible,
            }
            for one in difference.turned(round, evidence, changed)[:TURNED_SHOWN]
        ],
    }


@require_POST
@right_required(Right.RUN_RECOGNITION)
def round_score(request: HttpRequest, pk: int) -> HttpResponse:
    """Score the round and freeze its evidence; what is unread or without votes must be given up explicitly."""
    found = get_object_or_404(RecognitionRound.objects.visible_to(request.user), pk=pk)
    form = ScoreForm(request.POST)
    if form.is_valid():
        try:
            recognition.score_round(found, by=request.user, **form.cleaned_data)
        except RuleBroken as broken:
            # The page comes back with the terms as they are now: scoring once more means these.
            found.refresh_from_db()
            form.add_rule(broken, current_version=found.version)
        else:
            messages.success(request, _("The round is scored and its evidence frozen."))
            return redirect(found)
    return render(request, "services/round/voting.html", _voting(request, found, form), status=422)


@require_POST
@right_required(Right.RUN_RECOGNITION)
def round_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish the scored round: its awards stand from now on."""
    found = get_object_or_404(RecognitionRound.objects.visible_to(request.user), pk=pk)
    try:
        recognition.publish_round(found, by=request.user)
        messages.success(request, _("The round is published."))
    except RuleBroken as broken:
        messages.error(request, broken.message)
    return redirect(found)


@require_safe
@right_required(Right.VIEW_RECOGNITION)
def evidence_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one volunteer's figures in a round: which test was passed or missed, and by how much."""
    found = get_object_or_404(_with_names(Evidence.objects.visible_to(request.user)), pk=pk)
    context = {
        "evidence": found,
        "round": found.round,
        "verdict": verdict_of(found, found.round),
        "lifetime": recognition.lifetime(found.volunteer_id, found.round.year),
        # Whoever moved since is another township's now, and its pages with them.
        "sees_volunteer": Volunteer.objects.visible_to(request.user).filter(pk=found.volunteer_id).exists(),
        "sees_team": Team.objects.visible_to(request.user).filter(pk=found.team_id).exists(),
        "logs_url": listed(
            "services:log_list",
            volunteer=found.volunteer_id,
            since=date(found.round.year, 1, 1),
            until=date(found.round.year, 12, 31),
            state="counted",
        ),
        "award": Award.objects.filter(round=found.round, volunteer=found.volunteer).select_related("chosen_by").first(),
        "since": _since_scoring_of(found, request.user),
    }
    return render(request, "services/evidence/detail.html", context)


def _since_scoring_of(evidence: Evidence, user: User) -> dict[str, Any] | None:
    """Return what corrections changed of one person's figures since the scoring, and what the verdict would be."""
    pk, round_ = evidence.volunteer_id, evidence.round
    parts = Participation.objects.filter(volunteer=pk).values("log")
    corrections = Correction.objects.filter(Q(log__in=parts) | Q(result__in=parts), round=round_)
    changed = difference.differences(round_, [pk]).get(pk)
    if changed is None and not corrections.exists():
        return None
    score = difference.score_now(round_, pk)
    changed = changed or difference.Difference()
    seen = corrections.visible_to(user).select_related("log__team", "log__township", "asked_by", "decided_by")
    return {
        "change": change_in_words(changed.minutes, changed.services),
        "verdict": verdict_of(score, round_),
        "is_eligible": score.is_eligible,
        "corrections": [correction_row(one) for one in seen[:CORRECTIONS_SHOWN]],
    }


@require_POST
@right_required(Right.DOWNLOAD_EVIDENCE)
def evidence_download(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out the canonical file of the round's evidence, with its hash; recorded, therefore a POST."""
    found = get_object_or_404(RecognitionRound.objects.visible_to(request.user), pk=pk)
    try:
        lines = recognition.download_evidence(found, by=request.user)
    except RuleBroken as broken:
        messages.error(request, broken.message)
        return redirect(found)
    response = HttpResponse(canonical_bytes(lines), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="evidence-{found.year}-{found.evidence_hash[:12]}.txt"'
    response["X-Evidence-SHA256"] = found.evidence_hash
    return response


@require_POST
@right_required(Right.RUN_RECOGNITION)
def award_choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the volunteer of the evidence ``pk`` as outstanding."""
    found = get_object_or_404(_with_names(Evidence.objects.visible_to(request.user)), pk=pk)
    try:
        recognition.choose_award(found.round, found.volunteer, by=request.user)
        messages.success(request, _("%(name)s is chosen.") % {"name": found.volunteer.name})
    except RuleBroken as broken:
        messages.error(request, broken.message)
    return redirect("services:evidence_detail", pk=pk)


@require_POST
@right_required(Right.RUN_RECOGNITION)
def award_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a choice back."""
    found = get_object_or_404(Award.objects.visible_to(request.user).select_related("round", "volunteer"), pk=pk)
    evidence = get_object_or_404(Evidence, round=found.round, volunteer=found.volunteer)
    try:
        recognition.withdraw_award(found, by=request.user)
        messages.success(request, _("%(name)s is no longer chosen.") % {"name": found.volunteer.name})
    except RuleBroken as broken:
        messages.error(request, broken.message)
    return redirect("services:evidence_detail", pk=evidence.pk)


def evidence_rows(rows: Iterable[Evidence], round: RecognitionRound) -> list[dict[str, Any]]:
    """Prepare the evidence of one page for the template."""
    rows = list(rows)
    honoured = set(
        Award.objects.filter(round=round, volunteer__in=[row.volunteer_id for row in rows]).values_list(
            "volunteer_id", flat=True
        )
    )
    changed = difference.differences(round, [row.volunteer_id for row in rows])
    return [
        _evidence_row(row, round, row.volunteer_id in honoured) | {"is_corrected": row.volunteer_id in changed}
        for row in rows
    ]


def _evidence_row(row: Evidence, round: RecognitionRound, is_honoured: bool) -> dict[str, Any]:
    verdict = verdict_of(row, round)
    return {
        "url": reverse("services:evidence_detail", args=[row.pk]),
        "name": row.volunteer.name,
        "number": row.volunteer.number,
        "township": row.township.name,
        "team": row.team.name,
        "hours": hours(row.minutes),
        "services": row.services,
        "votes": verdict.votes.reached,
        "is_eligible": row.is_eligible,
        "is_honoured": is_honoured,
        "missed": verdict.missed,
    }


def _with_names(evidence: QuerySet[Evidence]) -> QuerySet[Evidence]:
    return evidence.select_related("round", "volunteer", "township", "team")


def _score_form(round: RecognitionRound) -> ScoreForm:
    return ScoreForm(initial={"version": round.version})


def _voting(request: HttpRequest, round: RecognitionRound, form: ScoreForm) -> dict[str, Any]:
    votes = progress(round, request.user)
    grids, entered = sum(row["grids"] for row in votes), sum(row["entered"] for row in votes)
    return {
        "round": round,
        "form": form,
        "votes": votes,
        "grids": grids,
        "entered": entered,
        "missing": grids - entered,
        "reports": recognition.reports_of_year(round.year).visible_to(request.user).count(),
        "unread": recognition.unread_months(round.year, request.user),
        "reports_url": reverse("services:report_list"),
        "is_early": not recognition.is_over(round.year),
    }


def _status(request: HttpRequest) -> int:
    return 422 if request.method == "POST" else 200
