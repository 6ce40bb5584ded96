"""Who accepted which text: the list, a paper list entered at once, and the volunteer's own acceptance."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rights import Right, right_required
from common.bulk import Action, back_to_list, carried, selected
from common.lists import list_page
from common.rules import RuleBroken
from volunteers.domain import text as domain
from volunteers.exports import acceptances
from volunteers.forms.text import PaperForm, TextsForm
from volunteers.models import Acceptance, Volunteer
from volunteers.models.volunteer import VolunteerQuerySet
from volunteers.text_filters import AcceptanceFilter, texts_named
from volunteers.text_rows import acceptance_rows, shown_texts

# So many of the chosen are named before they are entered.
PEOPLE_SHOWN = 60


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_ACCEPTANCES)
def acceptance_list(request: HttpRequest) -> HttpResponse:
    """List the volunteers who are asked, with the version of each text that they accepted."""
    texts = texts_named(request.GET.get("text", ""))
    action = Action(_("Enter acceptances from paper"), reverse("volunteers:acceptance_enter"), "signature")
    return list_page(
        request,
        queryset=_asked(request).select_related("village"),
        filterset_class=AcceptanceFilter,
        ordering=("name_pinyin", "id"),
        rows=lambda volunteers: acceptance_rows(volunteers, texts),
        template="volunteers/acceptance/list.html",
        context={"texts": texts},
        export=acceptances(texts),
        bulk=[action] if request.user.may(Right.ENTER_ACCEPTANCES) and texts else [],
    )


@require_POST
@right_required(Right.ENTER_ACCEPTANCES)
def acceptance_enter(request: HttpRequest) -> HttpResponse:
    """Enter who signed a paper list: first ask which texts and when, then put it down for all who were chosen."""
    try:
        volunteers = selected(request, _asked(request), AcceptanceFilter)
    except RuleBroken as broken:
        messages.error(request, broken.message)
        return redirect(back_to_list(request, "volunteers:acceptance_list"))
    if "step" not in request.POST:
        texts = texts_named(request.GET.get("text", ""))
        return _enter_page(request, volunteers, PaperForm(initial={"texts": texts, "on": timezone.localdate()}))
    form = PaperForm(request.POST)
    if form.is_valid():
        try:
            made = domain.accept_on_paper(
                volunteers, form.cleaned_data["texts"], on=form.cleaned_data["on"], by=request.user
            )
        except RuleBroken as broken:
            form.add_rule(broken)
        else:
            people = len({one.volunteer_id for one in made})
            words = ngettext(
                "The acceptance of %(count)s volunteer was entered.",
                "The acceptances of %(count)s volunteers were entered.",
                people,
            )
            messages.success(request, words % {"count": people})
            return redirect(back_to_list(request, "volunteers:acceptance_list"))
    return _enter_page(request, volunteers, form, status=422)


@require_POST
@right_required(Right.ENTER_ACCEPTANCES)
def acceptance_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what was entered from paper by mistake."""
    found = Acceptance.objects.visible_to(request.user).select_related("volunteer")
    acceptance = get_object_or_404(found, pk=pk)
    try:
        domain.withdraw_acceptance(acceptance, by=request.user)
    except RuleBroken as broken:
        messages.error(request, broken.message)
    else:
        messages.success(request, _("The entry was taken back; the volunteer counts as not having accepted."))
    return redirect(f"{acceptance.volunteer.get_absolute_url()}#texts")


@require_http_methods(["GET", "HEAD", "POST"])
def text_accept(request: HttpRequest) -> HttpResponse:
    """Let somebody whose account is a volunteer's read what they have not accepted yet, and accept it."""
    volunteer = Volunteer.objects.filter(user=request.user.pk).first()
    form = TextsForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and volunteer is not None:
        try:
            domain.accept(volunteer, form.cleaned_data["texts"], how=Acceptance.How.ACCOUNT, by=request.user)
        except RuleBroken as broken:
            form.add_error(None, broken)
        else:
            messages.success(request, _("Thank you. That you accepted is on record."))
            return redirect("home")
    texts = domain.texts_to_accept(volunteer) if volunteer is not None else []
    context = {"volunteer": volunteer, "texts": shown_texts(texts), "form": form}
    return render(request, "volunteers/text/accept.html", context, status=422 if request.method == "POST" else 200)


def _asked(request: HttpRequest) -> VolunteerQuerySet:
    return Volunteer.objects.visible_to(request.user).filter(status__in=domain.ASKED)


def _enter_page(
    request: HttpRequest, volunteers: VolunteerQuerySet, form: PaperForm, *, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "count": volunteers.count(),
        "people": volunteers.order_by("name_pinyin", "id")[:PEOPLE_SHOWN],
        "carried": carried(request),
        "back": back_to_list(request, "volunteers:acceptance_list"),
    }
    return render(request, "volunteers/acceptance/enter.html", context, status=status)
