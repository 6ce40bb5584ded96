"""The one mechanism of all lists: filters in the address, keyset pages, a capped count, refreshed by htmx.

A list is a filter set, a function that prepares the rows of one page, and a template::

    return list_page(
        request,
        queryset=Volunteer.objects.visible_to(request.user).select_related("township"),
        filterset_class=VolunteerFilter,
        ordering=("name_pinyin", "id"),
        rows=volunteer_rows,
        template="volunteers/volunteer/list.html",
    )

The template extends ``list.html``; beside it lies ``_list.html``, which extends ``components/list.html`` and writes
the head and the rows. Only the latter is rendered again when a filter changes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django_filters import FilterSet
from django_htmx.middleware import HtmxDetails

from common.bulk import Action
from common.exports import Export, Offer, export_list, export_ticked
from common.filter_fields import Chip, FilterField, chips_of, filter_fields, given_values, read_filters
from common.rules import RuleBroken
from common.ways import Ways

# Counting stops here: "10 000+" says enough, and costs the same however much there is.
COUNTED = 10_000

Rows = Callable[[list[Any]], list[dict[str, Any]]]


@dataclass(frozen=True)
class Count:
    """How many rows there are, counted up to ``COUNTED``."""

    number: int

    @property
    def is_capped(self) -> bool:
        """Whether there are more than were counted."""
        return self.number > COUNTED

    def __str__(self) -> str:
        return f"{COUNTED:,}+".replace(",", " ") if self.is_capped else str(self.number)

    @classmethod
    def of(cls, queryset: QuerySet[Any]) -> "Count":
        """Count the rows without reading more than the cap."""
        return cls(queryset.order_by().values("pk")[: COUNTED + 1].count())


@dataclass(frozen=True)
class ListPage:
    """What the template of a list shows: the rows of one page and the way to the others."""

    rows: list[dict[str, Any]]
    count: Count
    first_url: str
    previous_url: str
    next_url: str
    last_url: str
    filters: list[FilterField]
    chips: list[Chip]
    clear_url: str
    problems: list[str]
    actions: Sequence[Action] = ()
    export: Offer | None = None

    @property
    def has_several_filters(self) -> bool:
        """Whether a phone folds the filters behind the first."""
        return sum(not field.is_pointless for field in self.filters) > 1

    @property
    def has_pages(self) -> bool:
        """Whether there is more than this page."""
        return bool(self.previous_url or self.next_url)


def list_page(
    request: HttpRequest,
    *,
    queryset: QuerySet[Any],
    filterset_class: type[FilterSet],
    ordering: Sequence[str],
    rows: Rows,
    template: str,
    columns: Sequence[str] = (),
    context: Mapping[str, Any] | Callable[[QuerySet[Any]], Mapping[str, Any]] | None = None,
    page_size: int = 50,
    bulk: Sequence[Action] | None = None,
    export: Export | None = None,
) -> HttpResponseBase:
    """Answer a list's page; see the module's docstring.

    ``ordering`` names fields that are never null, the last of them unique; an index on them makes every page cost the
    same. ``rows`` gets the records of the page and returns what the template prints, addresses and dates ready; with
    ``columns`` they are dictionaries of these, which cost a third, and what is joined for them is not counted through.
    ``context`` may be a function: it gets the filtered queryset, for totals that follow the filters.
    ``export`` is what may be taken along as a file (``common.exports``); the view then takes POST as well.
    ``bulk`` are actions for ticked rows or all that is found (``common.bulk``); a list that has ``bulk``, be it empty,
    and ``export`` lets ticked rows be taken along too.
    A filter set that searches several ways at once may say them (``ways()``): the page is then found by each of them.
    A query string that is not understood shows no rows and says why.
    """
    filterset, problems = read_filters(filterset_class, request, queryset)
    found = filterset.qs if filterset.is_valid() else queryset.none()
    given = given_values(filterset)
    filters = filter_fields(filterset)
    status = 200
    if request.method == "POST" and export is not None:
        try:
            return export_list(
                request,
                export,
                queryset=queryset,
                filterset=filterset,
                problems=problems,
                filters=chips_of(filters, given),
                prepared=lambda found: (found.values(*columns) if columns else found).order_by(*ordering),
                rows=rows,
            )
        except RuleBroken as broken:
            problems.append(str(broken.message))
            status = 422
    ways = filterset.ways() if filterset.is_valid() and hasattr(filterset, "ways") else None
    source = found if ways is None else queryset
    keyset = Keyset(source.values(*columns) if columns else source, tuple(ordering), page_size, ways)
    try:
        position = keyset.read(request.GET)
    except BrokenCursorError:
        position = Position()
        problems.append(_("The place in the list was not understood: this is its beginning."))
    records, has_previous, has_next = keyset.page(position)

    def url(**place: str) -> str:
        # A lone "?" leads to the same page without any parameter; an empty address would keep them.
        return "?" + urlencode([*given, *place.items()])

    actions = [*(bulk or []), *(export_ticked(request) if export and bulk is not None else [])]
    page = ListPage(
        rows=rows(records),
        count=Count.of(found) if ways is None else Count(ways.count()),
        first_url=url() if has_previous else "",
        previous_url=url(before=keyset.cursor(records[0])) if has_previous and records else "",
        next_url=url(after=keyset.cursor(records[-1])) if has_next and records else "",
        last_url=url(at="last") if has_next else "",
        filters=filters,
        chips=chips_of(filters, given),
        clear_url="?",
        problems=problems,
        export=Offer.to(request, export, url() if given else "") if export else None,
        actions=[replace(action, url=_with_query(action.url, given)) for action in actions],
    )
    extra = context(found) if callable(context) else context
    address = request.path + (url() if given else "")
    return _answer(request, template, {**(extra or {}), "page": page}, address=address, status=status)


def _with_query(url: str, given: list[tuple[str, str]]) -> str:
    return url + ("&" if "?" in url else "?") + urlencode(given) if given else url


def _answer(request: HttpRequest, template: str, context: dict[str, Any], *, address: str, status: int) -> HttpResponse:
    folder = template.rpartition("/")[0]
    context["list_template"] = f"{folder}/_list.html"
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    is_refresh = htmx and not htmx.boosted and not htmx.history_restore_request
    if is_refresh:
        response = render(request, context["list_template"], {**context, "is_refresh": True})
        response["HX-Push-Url"] = address
    else:
        response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


# --- Keyset pages -----------------------------------------------------------------------------------


class BrokenCursorError(ValueError):
    """A place in the list that this list did not give out."""


@dataclass(frozen=True)
class Position:
    """Where a page begins: after or before the values of a row, at the end, or (all empty) at the beginning."""

    after: tuple[Any, ...] | None = None
    before: tuple[Any, ...] | None = None
    is_last: bool = False


class Keyset:
    """The pages of a queryset by the values of the rows at their edges: the deepest costs as much as the first."""

    def __init__(
        self, queryset: QuerySet[Any], ordering: tuple[str, ...], page_size: int, ways: Ways | None = None
    ) -> None:
        """Take the rows in no order, the order and the length of a page; ``ways`` if they say which rows are found."""
        self.queryset = queryset
        self.ways = ways
        self.page_size = page_size
        self.names = [name.removeprefix("-") for name in ordering]
        self.descending = [name.startswith("-") for name in ordering]
        self.salt = f"common.lists:{queryset.model._meta.label}:{','.join(ordering)}"

    def page(self, position: Position) -> tuple[list[Any], bool, bool]:
        """Return the records of the page, whether there are any before, and whether there are any after."""
        backwards = position.is_last or position.before is not None
        edge = position.before or position.after
        order = self._order(backwards=backwards)
        beyond = self._beyond(edge, backwards=backwards) if edge is not None else Q()
        if self.ways is not None:
            beyond = Q(pk__in=self.ways.keys(order, beyond, self.page_size + 1))
        found = self.queryset.filter(beyond).order_by(*order)
        records = list(found[: self.page_size + 1])
        has_more = len(records) > self.page_size
        records = records[: self.page_size]
        if not records and edge is not None:
            return self.page(Position(is_last=not backwards))  # the rows beyond are gone: show the nearest page
        if backwards:
            return records[::-1], has_more, position.before is not None
        return records, position.after is not None, has_more

    def read(self, parameters: Mapping[str, str]) -> Position:
        """Return the position that the query string names; raises ``BrokenCursorError``."""
        if "after" in parameters:
            return Position(after=self._values(parameters["after"]))
        if "before" in parameters:
            return Position(before=self._values(parameters["before"]))
        if "at" in parameters:
            if parameters["at"] != "last":
                raise BrokenCursorError
            return Position(is_last=True)
        return Position()

    def cursor(self, record: Any) -> str:
        """Return the signed values of the row at a page's edge."""
        return signing.dumps([str(_value(record, name)) for name in self.names], salt=self.salt)

    def _values(self, cursor: str) -> tuple[Any, ...]:
        try:
            texts = signing.loads(cursor, salt=self.salt)
            fields = [_field(self.queryset, name) for name in self.names]
            return tuple(field.to_python(text) for field, text in zip(fields, texts, strict=True))
        except (signing.BadSignature, ValidationError, ValueError) as error:
            raise BrokenCursorError from error

    def _order(self, *, backwards: bool) -> list[str]:
        return [
            f"-{name}" if descending != backwards else name
            for name, descending in zip(self.names, self.descending, strict=True)
        ]

    def _beyond(self, edge: tuple[Any, ...], *, backwards: bool) -> Q:
        """Compare (a, b, c) with the edge, each in its own direction.

        The first condition bounds the whole, so that both databases enter the index at the edge.
        """
        beyond, same = Q(), Q()
        for name, descending, value in zip(self.names, self.descending, edge, strict=True):
            step = "lt" if descending != backwards else "gt"
            beyond |= same & Q(**{f"{name}__{step}": value})
            same &= Q(**{name: value})
        step = "lte" if self.descending[0] != backwards else "gte"
        return Q(**{f"{self.names[0]}__{step}": edge[0]}) & beyond


def _value(record: Any, name: str) -> Any:
    if isinstance(record, Mapping):
        return record[name]
    for part in name.split("__"):
        record = getattr(record, part)
    return record


def _field(queryset: QuerySet[Any], name: str) -> Any:
    annotation = queryset.query.annotations.get(name)
    if annotation is not None:
        return annotation.output_field
    model = queryset.model
    *parents, last = name.split("__")
    for parent in parents:
        model = model._meta.get_field(parent).related_model
    return model._meta.pk if last == "pk" else model._meta.get_field(last)
