"""What is kept of a village."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.rights import Right, right_required
from areas.models import Village
from grids.domain.village import edit_village
from grids.forms.village import VillageForm, districts_of
from grids.views.pages import form_page, posted


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.MANAGE_TEAMS)
def village_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Say in which part of the township a village is worked."""
    village = get_object_or_404(Village.objects.visible_to(request.user), pk=pk)
    return form_page(
        request,
        VillageForm(posted(request), village=village),
        act=lambda values: edit_village(village.pk, **values, by=request.user),
        title=_("Change the village"),
        submit=_("Save"),
        back=reverse("grids:village_detail", args=[village.pk]),
        up=str(village),
        done=_("The village was saved."),
        template="grids/village/form.html",
        current_version=lambda: village.version,
        districts=districts_of(Village.objects.filter(township=village.township_id).only("district")),
    )
