"""Two records of one person side by side, merged and taken apart again; and the move to another township."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rights import Right, right_required
from common.clean import clean_code, key_of
from common.lists import list_page
from common.rules import RuleBroken, SavedMeanwhile
from volunteers.domain import merge as domain
from volunteers.domain.move import consequences_of, move_township
from volunteers.exports import MOVES
from volunteers.filters import MoveFilter
from volunteers.forms.merge import FIRST, SECOND, MergeForm, MoveForm, OtherForm
from volunteers.models import Merge, Move, Volunteer
from volunteers.rows import status_badge


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.MERGE_VOLUNTEERS)
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the other record, compare the two and merge them."""
    first = _visible(request, pk)
    second = _other(request)
    if second is None or second.pk == first.pk:
        form = OtherForm(request.GET if "other" in request.GET else None)
        if "other" in request.GET and form.is_valid():
            form.add_error("other", _("No other record has this number. Compare it with the badge."))
        status = 422 if request.method == "POST" or form.errors else 200
        return render(request, "volunteers/merge/other.html", {"volunteer": first, "form": form}, status=status)
    form = MergeForm(request.POST or None, first=first, second=second)
    if request.method == "POST" and form.is_valid():
        try:
            done = domain.merge(**form.merged(), by=request.user)
        except SavedMeanwhile as stale:
            messages.error(request, stale.message)
            return redirect(f"{request.path}?other={second.pk}")
        except RuleBroken as broken:
            form.add_rule(broken)
        else:
            told = {"given_up": done.given_up.number, "kept": done.kept.number}
            messages.success(request, _("%(given_up)s is merged into %(kept)s: both count as one person.") % told)
            if done.consequences:
                messages.warning(request, done.consequences)
            return redirect(done.kept)
    context = {
        "form": form,
        "first": first,
        "second": second,
        "facts": _facts(first, second),
        "lines": [_line(form, name) for name in form.differing],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "volunteers/merge/compare.html", context, status=status)


@require_POST
@right_required(Right.MERGE_VOLUNTEERS)
def merge_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take two merged records apart."""
    done = get_object_or_404(Merge.objects.visible_to(request.user).select_related("kept", "given_up"), pk=pk)
    try:
        domain.undo_merge(done, by=request.user)
    except RuleBroken as broken:
        messages.error(request, broken.message)
        return redirect(done.kept)
    told = {"given_up": done.given_up.number, "kept": done.kept.number}
    messages.success(request, _("%(given_up)s and %(kept)s are two persons' records again.") % told)
    return redirect(done.given_up)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.REGISTER_VOLUNTEERS)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a volunteer to another township; afterwards the record belongs to that one's office."""
    volunteer = _visible(request, pk)
    form = MoveForm(request.POST or None, volunteer=volunteer, initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            moved = move_township(
                volunteer,
                village=values["village"],
                on=values["on"],
                reason=values["reason"],
                version=values["version"],
                by=request.user,
            )
        except RuleBroken as broken:
            form.add_rule(broken, current_version=Volunteer.objects.values_list("version", flat=True).get(pk=pk))
        else:
            told = {"name": moved.name, "township": moved.township}
            messages.success(request, _("%(name)s belongs to %(township)s now.") % told)
            for consequence in moved.consequences:
                messages.warning(request, consequence)
            return redirect("volunteers:list") if not request.user.is_city_wide else redirect(moved)
    context = {"form": form, "volunteer": volunteer, "consequences": consequences_of(volunteer)}
    status = 422 if request.method == "POST" else 200
    return render(request, "volunteers/merge/move.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_APPLICATIONS)
def move_list(request: HttpRequest) -> HttpResponse:
    """List who moved out of the reader's township and into it, the latest first."""
    moves = Move.objects.visible_to(request.user)
    return list_page(
        request,
        queryset=moves.select_related("volunteer", "from_village__township", "to_village__township"),
        filterset_class=MoveFilter,
        ordering=("-at", "-id"),
        rows=lambda found: _move_rows(request, found),
        template="volunteers/move/list.html",
        export=MOVES,
    )


def _move_rows(request: HttpRequest, moves: list[Move]) -> list[dict[str, Any]]:
    keys = [move.volunteer_id for move in moves]
    seen = set(Volunteer.objects.visible_to(request.user).filter(pk__in=keys).values_list("pk", flat=True))
    return [
        {
            "url": move.volunteer.get_absolute_url() if move.volunteer_id in seen else "",
            "name": f"{move.volunteer.name} {move.volunteer.number}",
            "on": date_format(move.on, "SHORT_DATE_FORMAT"),
            "from_place": f"{move.from_village.township} {move.from_village}",
            "to_place": f"{move.to_village.township} {move.to_village}",
            "reason": move.reason,
        }
        for move in moves
    ]


def _visible(request: HttpRequest, pk: int) -> Volunteer:
    volunteers = Volunteer.objects.visible_to(request.user).select_related("village__township", "primary_skill", "user")
    return get_object_or_404(volunteers, pk=pk)


def _other(request: HttpRequest) -> Volunteer | None:
    """Return the record that the address names by its key or by its number."""
    given = clean_code(request.GET.get("other", ""))
    key = key_of(given)
    if key is None:
        return None
    seen = Volunteer.objects.visible_to(request.user).select_related("village__township", "primary_skill", "user")
    by_number = seen.filter(number=given).first() if len(given) == 7 else None
    return by_number or (seen.filter(pk=key).first() if len(given) < 7 else None)


def _facts(first: Volunteer, second: Volunteer) -> list[dict[str, Any]]:
    """Return what helps to judge and is not chosen: it stays with each record."""
    shown = (
        (_("Status"), status_badge),
        (_("Home village"), lambda one: f"{one.village.township} {one.village}"),
        (_("Teams"), lambda one: "、".join(str(each.team) for each in one.memberships.select_related("team")) or "–"),
        (_("Services"), lambda one: one.participations.standing().count()),
        (_("Left"), lambda one: date_format(one.left_on) if one.left_on else "–"),
    )
    return [{"label": label, "first": show(first), "second": show(second)} for label, show in shown]


def _line(form: MergeForm, name: str) -> dict[str, Any]:
    """Return one differing field with both values, as the page shows them."""
    labels = {
        "name": pgettext("person", "Name"),
        "further_skills": _("Further skill types"),
        "id_number": _("ID number"),
    }
    label = labels.get(name) or str(Volunteer._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    taken = form[f"take_{name}"]
    return {
        "label": label[:1].upper() + label[1:],
        "field": taken,
        "chosen": taken.value(),
        "first": _shown(form.both[FIRST], name),
        "second": _shown(form.both[SECOND], name),
    }


def _shown(volunteer: Volunteer, name: str) -> str:
    if name == "phone":
        return volunteer.masked_phone
    if name == "id_number":
        return _("on record") if volunteer.id_number_hash else "–"
    if name == "further_skills":
        return "、".join(str(skill) for skill in volunteer.further_skills.all()) or "–"
    display = getattr(volunteer, f"get_{name}_display", None)
    value = display() if display else getattr(volunteer, name)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if hasattr(value, "isoformat"):
        return date_format(value)
    return str(value) if value not in (None, "") else "–"
