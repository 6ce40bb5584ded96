"""Residents' words about volunteers in the offices: the list, one of them with its answer, and the figures."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import Right, right_required
from common.clean import key_of
from common.lists import list_page
from common.rules import RuleBroken
from services.domain.feedback import answer_feedback, show_feedback_phone
from services.exports import FEEDBACK
from services.feedback_filters import OPEN_STATES, FeedbackFilter
from services.feedback_rows import badge_warning, feedback_rows, figures_of, state_badge
from services.forms.feedback import FeedbackAnswerForm
from services.models import Feedback
from services.models.feedback import FeedbackQuerySet
from volunteers.models import Volunteer

FIRST_YEAR = 2000


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_FEEDBACK)
def feedback_list(request: HttpRequest) -> HttpResponse:
    """List what residents said: what waits by its last day, everything else by when it came, the latest first."""
    waits = request.GET.get("state") in OPEN_STATES
    return list_page(
        request,
        queryset=Feedback.objects.visible_to(request.user).select_related("volunteer", "team"),
        filterset_class=FeedbackFilter,
        ordering=("due_on", "id") if waits else ("-made_at", "-id"),
        rows=feedback_rows,
        template="services/feedback/list.html",
        export=FEEDBACK,
    )


@require_safe
@right_required(Right.VIEW_FEEDBACK)
def feedback_figures(request: HttpRequest) -> HttpResponse:
    """Show how much came in a year, by kind and township, and how much of it was answered in time."""
    this_year = timezone.localdate().year
    first = Feedback.objects.visible_to(request.user).order_by("made_at").values_list("made_at", flat=True).first()
    first_year = timezone.localtime(first).year if first else this_year
    asked = key_of(request.GET.get("year", "")) or this_year
    year = asked if FIRST_YEAR <= asked <= this_year else this_year
    context = {"year": year, "years": range(this_year, first_year - 1, -1), **figures_of(request.user, year)}
    return render(request, "services/feedback/figures.html", context)


@require_safe
@right_required(Right.VIEW_FEEDBACK)
def feedback_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a resident's words with the answer, or the way to give one."""
    return _detail(request, _feedback(request, pk))


@require_POST
@right_required(Right.ANSWER_FEEDBACK)
def feedback_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a resident, or put the answer right."""
    feedback = _feedback(request, pk)
    form = FeedbackAnswerForm(request.POST)
    if form.is_valid():
        try:
            answer_feedback(feedback, **form.cleaned_data, by=request.user)
        except RuleBroken as broken:
            feedback.refresh_from_db(from_queryset=_shown())
            form.add_rule(broken, current_version=feedback.version)
        else:
            messages.success(request, _("The answer was saved. The resident reads it by their code."))
            return redirect(feedback)
    return _detail(request, feedback, form=form, status=422)


@require_POST
@right_required(Right.ANSWER_FEEDBACK)
def feedback_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how to reach the resident; the look is recorded."""
    feedback = _feedback(request, pk)
    return _detail(request, feedback, phone=show_feedback_phone(feedback, by=request.user))


def _shown() -> FeedbackQuerySet:
    """Bring along what the page names."""
    return Feedback.objects.select_related("volunteer", "badge", "team", "township", "answered_by")


def _feedback(request: HttpRequest, pk: int) -> Feedback:
    return get_object_or_404(_shown().visible_to(request.user), pk=pk)


def _detail(
    request: HttpRequest,
    feedback: Feedback,
    *,
    form: FeedbackAnswerForm | None = None,
    phone: str = "",
    status: int = 200,
) -> HttpResponse:
    first = {"version": feedback.version, "answer": feedback.answer}
    context: dict[str, Any] = {
        "feedback": feedback,
        "state": state_badge(feedback),
        "warning": badge_warning(feedback),
        "phone": phone,
        "sees_volunteer": Volunteer.objects.visible_to(request.user).filter(pk=feedback.volunteer_id).exists(),
        "form": form or FeedbackAnswerForm(initial=first) if request.user.may(Right.ANSWER_FEEDBACK) else None,
    }
    return render(request, "services/feedback/detail.html", context, status=status)
