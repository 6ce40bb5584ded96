"""Bulk actions of lists: ticked rows, or all that is found.

A list offers them by one argument of ``list_page`` and one tag in its row template::

    return list_page(
        request,
        …,
        bulk=[Action(_("Print badges"), reverse("volunteers:badge_print"), "printer")] if may_print else [],
    )

    {% each row in page.rows %}<tr>{% tick row.pk row.name %}<th scope="row">…</th>…</tr>{% endeach %}

``{% tick %}`` stands first in the row and prints nothing where no action is offered; the head's cell comes by itself.
Ticks and buttons belong to one form, which is sent by POST to the action's address with the list's filters in its query
string. The view there asks for its own right and reads what is meant with ``selected``::

    @require_POST
    @right_required(Right.KEEP_BADGES)
    def badge_print(request):
        try:
            volunteers = selected(request, Volunteer.objects.visible_to(request.user), VolunteerFilter)
        except RuleBroken as broken:  # nothing was ticked, or the filters were not understood
            messages.error(request, broken.message)
            return redirect(back_to_list(request, "volunteers:list"))

A view that asks for more first (which course, a reason) shows its form with ``carried(request)`` as hidden fields and
lets it post to its own address, query string included: ``selected`` then reads the same rows again. A form of its own
needs ``request.POST.get("step")`` or the like to know whether it was sent by the list or by itself.
"""

from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django_filters import FilterSet

from common.clean import key_of
from common.filter_fields import read_filters
from common.rules import RuleBroken
from common.wording import sentences

# The names of the form's fields; the id of the form that the ticks of all rows belong to.
KEY, ALL = "key", "all"
FORM = "bulk"
# More than any page shows: whoever sends more has not ticked them there.
MOST_TICKED = 1_000

Record = TypeVar("Record", bound=Model)


@dataclass(frozen=True)
class Action:
    """A button that does something with the chosen rows; shown to those only who may.

    ``url`` is where it posts to, with ``name`` and ``value`` if the address does several things. ``confirm`` is asked
    before it is sent, where there is JavaScript; what cannot be undone asks on a page of its own. ``is_download`` says
    that a file comes back and the list stays: it can be pressed again.
    """

    label: str | Promise
    url: str
    icon_name: str = ""
    name: str = ""
    value: str = ""
    confirm: str | Promise = ""
    is_download: bool = False


def selected(
    request: HttpRequest, queryset: "QuerySet[Record]", filterset_class: type[FilterSet]
) -> "QuerySet[Record]":
    """Return the records of ``queryset`` (what the person sees) that were ticked, or all that the filters find.

    Raises ``RuleBroken`` when nothing is ticked, when nothing of it is there, or when the filters are not understood.
    """
    if ALL in request.POST:
        filterset, problems = read_filters(filterset_class, request, queryset)
        if problems:
            raise RuleBroken(sentences(problems))
        found: QuerySet[Record] = filterset.qs
        if not found.exists():
            raise RuleBroken(_("These filters find nothing any more. Go back to the list and choose anew."))
        return found
    keys = ticked(request)
    if not keys:
        raise RuleBroken(_("Nothing was chosen. Tick the rows that are meant, or “All found”."))
    if len(keys) > MOST_TICKED:
        raise RuleBroken(_("These are too many ticks at once. Choose “All found” and narrow it down by filters."))
    records = queryset.filter(pk__in=keys)
    if not records.exists():
        raise RuleBroken(_("Nothing of what was ticked is there any more. Go back to the list and choose anew."))
    return records


def ticked(request: HttpRequest) -> list[int]:
    """Return the keys that were ticked, without rubbish and each once."""
    keys = (key_of(text) for text in request.POST.getlist(KEY))
    return list(dict.fromkeys(key for key in keys if key is not None))


def carried(request: HttpRequest) -> list[tuple[str, str]]:
    """Return what was chosen as names and values of hidden fields, for a form that asks for more first."""
    if ALL in request.POST:
        return [(ALL, "on")]
    return [(KEY, str(key)) for key in ticked(request)[:MOST_TICKED]]


def back_to_list(request: HttpRequest, name: str, *args: Any) -> str:
    """Return the address of the list ``name`` with the filters that came along."""
    query = request.GET.urlencode()
    return reverse(name, args=args) + (f"?{query}" if query else "")
