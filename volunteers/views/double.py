"""Records that may be one person's: the list of them, and the word that they are two persons'."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.rights import Right, right_required
from areas.models import Township
from common.clean import key_of
from common.rules import RuleBroken
from volunteers.domain.double import grounds_of, likely_doubles, tell_apart
from volunteers.models import Volunteer
from volunteers.rows import status_badge

MOST = 100


@require_safe
@right_required(Right.VIEW_APPLICATIONS)
def double_list(request: HttpRequest) -> HttpResponse:
    """List pairs of records with the same name and phone or birth date, those that somebody told apart left out."""
    townships = Township.objects.current() if request.user.is_city_wide else Township.objects.none()
    chosen = key_of(request.GET.get("township", ""))
    township = get_object_or_404(townships, pk=chosen) if chosen else None
    pairs = likely_doubles(request.user, township=township.pk if township else None, most=MOST + 1)
    context = {
        "townships": townships,
        "township": township,
        "most": MOST,
        "has_more": len(pairs) > MOST,
        "pairs": [
            {
                "records": [{"volunteer": one, "status": status_badge(one)} for one in pair],
                "first": pair[0],
                "second": pair[1],
                "grounds": [str(ground) for ground in grounds_of(*pair)],
            }
            for pair in pairs[:MOST]
        ],
    }
    return render(request, "volunteers/double/list.html", context)


@require_POST
@right_required(Right.REGISTER_VOLUNTEERS)
def apart(request: HttpRequest, pk: int) -> HttpResponse:
    """Put down that this record and another one are two persons'."""
    seen = Volunteer.objects.visible_to(request.user)
    first = get_object_or_404(seen, pk=pk)
    second = seen.filter(pk=key_of(request.POST.get("other", ""))).first()
    try:
        tell_apart(first, second, by=request.user)
    except RuleBroken as broken:
        messages.error(request, broken.message)
    else:
        messages.success(request, _("%(first)s and %(second)s are two persons.") % {"first": first, "second": second})
    return redirect("volunteers:double_list")
