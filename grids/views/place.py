"""Townships and villages change: what a township was called and what came to it, renaming, merging."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rights import Right, right_required
from areas.models import FormerName, Township, Village
from areas.models.former_name import names_of
from common.rules import RuleBroken, SavedMeanwhile
from grids.domain import township_merge, village_merge
from grids.domain.merge_lines import Preview
from grids.domain.places import rename_township, rename_village
from grids.forms.place import IntoForm, MergePlacesForm, RenameForm
from grids.views.pages import form_page, posted


def past_of(place: Township | Village) -> dict[str, Any]:
    """Return what a place was called, and what was merged into it, for its page."""
    return {
        "former_names": list(FormerName.objects.filter(**names_of(place))),
        "merged": list(place.merged.order_by("-ended_on", "code")),
    }


@require_safe
@right_required(Right.VIEW_TEAMS)
def township_place(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a township is and was called, and what became of it."""
    townships = Township.objects.visible_to(request.user).select_related("merged_into")
    township = get_object_or_404(townships, pk=pk)
    return render(request, "grids/place/township.html", {"township": township, "place": township, **past_of(township)})


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.KEEP_PLACES)
def township_rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a township another name."""
    township = get_object_or_404(Township.objects.visible_to(request.user), pk=pk)
    return _rename(request, township, rename_township, reverse("grids:township_place", args=[pk]))


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.KEEP_PLACES)
def village_rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a village another name."""
    village = get_object_or_404(Village.objects.visible_to(request.user), pk=pk)
    return _rename(request, village, rename_village, reverse("grids:village_detail", args=[pk]))


def _rename(request: HttpRequest, place: Township | Village, act: Callable[..., Any], back: str) -> HttpResponse:
    def run(values: dict[str, Any]) -> None:
        act(place.pk, **values, by=request.user)

    return form_page(
        request,
        RenameForm(posted(request), place=place),
        act=run,
        title=_("Rename %(place)s") % {"place": place.name},
        submit=_("Rename"),
        back=back,
        up=str(place),
        done=_("The new name holds. The former one is kept and found."),
        current_version=lambda: place.version,
        lead=_("Records keep their place: only what it is called changes, everywhere at once."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.KEEP_PLACES)
def township_merge_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Merge a township into another one, once its preview was read."""
    township = get_object_or_404(Township.objects.visible_to(request.user), pk=pk)
    return _merge(
        request,
        township,
        Township.objects.visible_to(request.user).current().exclude(pk=pk),
        lambda kept: (township_merge.preview_of(township, kept), []),
        township_merge.merge_townships,
        "grids:township_place",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.KEEP_PLACES)
def village_merge_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Merge a village into another one of its township, once its preview was read."""
    village = get_object_or_404(Village.objects.visible_to(request.user).select_related("township"), pk=pk)
    return _merge(
        request,
        village,
        Village.objects.visible_to(request.user).current().filter(township=village.township_id).exclude(pk=pk),
        lambda kept: village_merge.preview_of(village, kept),
        village_merge.merge_villages,
        "grids:village_detail",
    )


def _merge(
    request: HttpRequest,
    ended: Township | Village,
    others: QuerySet[Any],
    preview_of: Callable[[Any], tuple[Preview, list[Any]]],
    act: Callable[..., Any],
    page: str,
) -> HttpResponse:
    """Choose into which (GET), read what moves and what stays, confirm (POST)."""
    choice = IntoForm(request.GET if "into" in request.GET else None, choices=others)
    context: dict[str, Any] = {"ended": ended, "back": reverse(page, args=[ended.pk]), "choice": choice}
    status = 200
    if ended.merged_into is not None:
        context["ended_into"] = ended.merged_into
        status = 422 if request.method == "POST" else 200
    elif choice.is_valid():
        kept = choice.cleaned_data["into"]
        form = MergePlacesForm(posted(request), initial={"version": ended.version, "kept_version": kept.version})
        if request.method == "POST":
            status = 422
            if form.is_valid():
                values = form.cleaned_data
                try:
                    act(
                        ended.pk,
                        kept.pk,
                        version=values["version"],
                        kept_version=values["kept_version"],
                        by=request.user,
                    )
                except RuleBroken as broken:
                    form.add_rule(broken, current_version=ended.version)
                    if isinstance(broken, SavedMeanwhile):
                        form.data["kept_version"] = str(kept.version)
                else:
                    messages.success(
                        request, _("%(ended)s was merged into %(kept)s.") % {"ended": ended.name, "kept": kept.name}
                    )
                    return redirect(page, kept.pk)
        preview, numbered = preview_of(kept)
        context |= {"kept": kept, "form": form, "preview": preview, "numbered": numbered}
    elif request.method == "POST":
        status = 422
    return render(request, "grids/place/merge.html", context, status=status)
