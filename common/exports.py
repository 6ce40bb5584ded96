"""Taking a list along: exactly what it shows, as .xlsx or .csv, recorded with who, what and how many.

A list offers it by one argument of ``list_page``, whose view then takes GET and POST::

    VOLUNTEERS = Export(
        _("Volunteers"),
        (
            Column(pgettext_lazy("person", "Name"), "name"),
            Column(_("Number"), "number"),
            Column(_("Hours"), "hours", is_number=True),
            Column(_("Township"), "township", is_city=True),
        ),
    )

    list_page(request, …, export=VOLUNTEERS)

The columns are those of the page's table, named by the same words; the cells are what the list's own ``rows`` function
prepares, badges as their words. ``tests/test_exports.py`` compares file and page for every list and role.
A page with a table that is no ``list_page`` calls ``export_table`` on POST and includes ``components/export.html`` with
its ``Offer.to(request, …)``.

A file is finished before its first byte leaves: it is of one moment, it is recorded with the rows that it really has,
and nobody gets half of one. It lies on the disk meanwhile, not in memory. Who may and how it is recorded is known to
the layer that knows people, which says so by ``connect``.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from html import unescape
from itertools import islice
from operator import itemgetter
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import connection, models, transaction
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django_filters import FilterSet

from common.bulk import ALL, Action, selected, ticked
from common.export_files import MOST_ROWS, Book, Cell, Cells, write_csv
from common.filter_fields import Chip
from common.rules import RuleBroken
from common.wording import sentences

CHUNK = 1_000
# The names of the form's fields: all that is found, or what is ticked; and whether nothing is masked.
FOUND, TICKED, FULL = "export", "export_ticked", "full"
# A year or a month, which name nobody.
PERIOD = re.compile(r"20[0-9]{2}(-[0-9]{2})?")
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}

Rows = Callable[[list[Any]], list[dict[str, Any]]]


@dataclass(frozen=True)
class Column:
    """A column of the list: its words, and the key of what ``rows`` prepares or a function of the prepared row.

    ``is_number``: the text is a number, such as hours, and shall add up. ``is_city``: only the city level sees it.
    """

    label: str | Promise
    value: str | Callable[[dict[str, Any]], Any]
    is_number: bool = False
    is_city: bool = False


@dataclass(frozen=True)
class Unmasked:
    """The choice to take along what the list masks: by which right, in which words, by which function of rows."""

    right: str
    label: str | Promise
    rows: Rows


@dataclass(frozen=True)
class Export:
    """What a list's file is called and holds; ``unmasked`` where somebody may have what the list masks."""

    name: str | Promise
    columns: Sequence[Column]
    unmasked: Unmasked | None = None

    def columns_for(self, user: Any) -> list[Column]:
        """Return the columns that the list shows to the person."""
        return [column for column in self.columns if user.is_city_wide or not column.is_city]


@dataclass(frozen=True)
class Taken:
    """What was taken along, for the record: ``kind`` of records, filters as (label, value), rows really written."""

    kind: type[models.Model]
    name: str
    file_type: str
    filters: Sequence[Chip]
    unmasked: str
    rows: int = 0

    def filters_in_words(self, *, with_typed: bool) -> str:
        """Return the filters as one text; what was typed is somebody's name as often as not, and may be left out."""
        told = []
        for chip in self.filters:
            is_told = with_typed or not chip.is_typed or PERIOD.fullmatch(chip.value)
            told.append(f"{chip.label}: {chip.value if is_told else '…'}" if chip.value else chip.label)
        return "; ".join(told)


class Keeper(Protocol):
    """Who knows what people may, and keeps what they took."""

    def check(self, user: Any, right: str = "") -> None:
        """Raise ``PermissionDenied`` unless the person may export lists, and has ``right`` where it is given."""

    def keep(self, taken: Taken, *, by: Any) -> None:
        """Record what was taken."""


_keeper: list[Keeper] = []


def connect(keeper: Keeper) -> None:
    """Let ``keeper`` decide and record."""
    _keeper[:] = [keeper]


@dataclass(frozen=True)
class Offer:
    """The menu of a list: where it posts to, and the choice of what else may be in it, if the person has it."""

    url: str
    full_label: str | Promise = ""

    @classmethod
    def to(cls, request: HttpRequest, export: Export, query: str = "") -> "Offer | None":
        """Return what the person is offered, or None where they may take nothing along."""
        if not _may(request.user):
            return None
        full = export.unmasked
        return cls(request.path + query, full.label if full is not None and _may(request.user, full.right) else "")


@dataclass(frozen=True)
class Wish:
    """What somebody asks for, and may have."""

    export: Export
    file_type: str
    unmasked: Unmasked | None
    by: Any

    @classmethod
    def of(cls, request: HttpRequest, export: Export) -> "Wish":
        """Read the form; raises ``PermissionDenied``, and ``RuleBroken`` where no kind of file is chosen."""
        unmasked = export.unmasked if FULL in request.POST else None
        _keeper[0].check(request.user, unmasked.right if unmasked else "")
        file_type = request.POST.get(TICKED) or request.POST.get(FOUND) or ""
        if file_type not in TYPES:
            raise RuleBroken(_("Choose the kind of file: .xlsx or .csv."))
        return cls(export, file_type, unmasked, request.user)


def export_list(
    request: HttpRequest,
    export: Export,
    *,
    queryset: QuerySet[Any],
    filterset: FilterSet,
    problems: Sequence[str],
    filters: Sequence[Chip],
    prepared: Callable[[QuerySet[Any]], QuerySet[Any]],
    rows: Rows,
) -> FileResponse:
    """Answer with all that ``filterset`` finds in ``queryset``, or with what is ticked of it.

    ``problems`` say what of the filters was not understood: then there is no file of what they find. ``filters`` are
    those in force, in words; ``prepared`` puts the records into the list's order and columns. Raises ``RuleBroken``
    where no file can be made, and ``PermissionDenied``.
    """
    wish = Wish.of(request, export)
    keys: list[int] = []
    if TICKED in request.POST and ALL not in request.POST:
        found, keys = selected(request, queryset, type(filterset)), ticked(request)
    elif problems:
        raise RuleBroken(sentences([*problems, _("No file was made.")]))
    else:
        found = filterset.qs
    if keys:
        filters = [Chip(_("Ticked rows"), str(len(keys)), "", is_typed=False)]
    if found.order_by().values("pk")[MOST_ROWS : MOST_ROWS + 1].exists():
        told = _("A file takes %(most)s rows at the most. Narrow the list down by filters, and take it in parts.")
        raise RuleBroken(told % {"most": f"{MOST_ROWS:,}".replace(",", " ")})
    return _answer(wish, queryset.model, filters, lambda: _chunks(prepared(found)), rows)


def export_ticked(request: HttpRequest) -> list[Action]:
    """Return the bulk action of a list that takes the ticked rows along; none for whoever may take nothing."""
    if not _may(request.user):
        return []
    url, label = request.path, _("Export")
    return [
        Action(f"{label} .{kind}", url, icon_name, TICKED, kind, is_download=True)
        for kind, icon_name in (("xlsx", "file-spreadsheet"), ("csv", "file-text"))
    ]


def _may(user: Any, right: str = "") -> bool:
    try:
        _keeper[0].check(user, right)
    except PermissionDenied:
        return False
    return True


def export_table(
    request: HttpRequest,
    export: Export,
    kind: type[models.Model],
    rows: Sequence[dict[str, Any]],
    *,
    filters: Sequence[Chip] = (),
) -> HttpResponseBase:
    """Answer with the prepared rows of a table that is no list; ``kind`` says what records they tell of.

    ``filters`` are those in force, in words.
    """
    try:
        wish = Wish.of(request, export)
    except RuleBroken as broken:
        messages.error(request, str(broken.message))
        return HttpResponseRedirect(request.get_full_path())
    return _answer(wish, kind, filters, lambda: [list(rows)], lambda prepared: prepared)


def _answer(
    wish: Wish,
    kind: type[models.Model],
    filters: Sequence[Chip],
    chunks: Callable[[], Iterable[list[Any]]],
    rows: Rows,
) -> FileResponse:
    columns = wish.export.columns_for(wish.by)
    head = [str(column.label) for column in columns]
    name, moment = str(wish.export.name), timezone.localtime()
    taken = Taken(kind, name, wish.file_type, filters, str(wish.unmasked.label) if wish.unmasked else "")
    with snapshot():
        cells = _cells(columns, wish.unmasked.rows if wish.unmasked else rows, chunks())
        if wish.file_type == "csv":
            file, written = write_csv(head, cells)
        else:
            with TemporaryDirectory() as folder:  # which leaves nothing behind where a row fails
                book = Book(folder)
                written = book.write_table(name, head, cells)
                book.write_facts(_("About this file"), _facts(taken, written, by=wish.by, at=moment))
                file = book.close()
    _keeper[0].keep(replace(taken, rows=written), by=wish.by)
    file_name = f"{name}-{moment:%Y-%m-%d}.{wish.file_type}"
    return FileResponse(file, as_attachment=True, filename=file_name, content_type=TYPES[wish.file_type])


def _facts(taken: Taken, rows: int, *, by: Any, at: datetime) -> list[tuple[str, str]]:
    """Say what a file holds, for those who come upon it later."""
    facts = [
        (_("List"), taken.name),
        (_("As of"), date_format(at, "DATETIME_FORMAT")),
        (_("Taken by"), f"{by.name} ({by.username})"),
        (_("Filters in force"), taken.filters_in_words(with_typed=True) or _("none")),
        (_("Rows"), str(rows)),
    ]
    if taken.unmasked:
        facts.append((_("Not masked"), taken.unmasked))
    told = _(
        "Whoever has this file keeps it as safe as the list itself, and deletes it when it has served its purpose."
    )
    return [*facts, (_("Please note"), told)]


def _chunks(records: QuerySet[Any]) -> Iterator[list[Any]]:
    """Read the records a thousand at a time, by one cursor."""
    one_by_one = records.iterator(chunk_size=CHUNK)
    while chunk := list(islice(one_by_one, CHUNK)):
        yield chunk


def _cells(columns: Sequence[Column], rows: Rows, chunks: Iterable[list[Any]]) -> Iterator[list[Cells]]:
    """Prepare chunk after chunk as the page prepares its rows, and keep words and numbers of it."""
    prepared = [_value_of(column) for column in columns]
    if all(isinstance(column.value, str) and not column.is_number for column in columns) and len(columns) > 1:
        together = itemgetter(*(column.value for column in columns))
        for chunk in chunks:
            yield [[cell if cell.__class__ is str else plain(cell) for cell in together(row)] for row in rows(chunk)]
        return
    for chunk in chunks:
        yield [[value(row) for value in prepared] for row in rows(chunk)]


def _value_of(column: Column) -> Callable[[dict[str, Any]], Cell]:
    value = column.value if callable(column.value) else itemgetter(column.value)
    if column.is_number:
        return lambda row: number(value(row))
    return lambda row: plain(value(row))


def number(value: Any) -> Cell:
    """Return a number that the page writes as text, such as hours; nothing where there is none."""
    return float(value) if value not in ("", None) else ""


def plain(value: Any) -> Cell:
    """Return the words of what a page prints: a badge as its label, several things with a sign between them."""
    kind = value.__class__
    if kind is str or kind is int:
        return value
    if isinstance(value, SafeString):
        return _words(value)
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "、".join(str(plain(each)) for each in value if each)
    return value if isinstance(value, float) else str(value)


@lru_cache(maxsize=1024)
def _words(html: SafeString) -> str:
    return unescape(strip_tags(html)).strip()


@contextmanager
def snapshot() -> Iterator[None]:
    """Read everything within as of one moment, and keep nobody from writing."""
    if connection.in_atomic_block:  # whoever began the transaction has said what it sees
        yield
        return
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    with _deferred(), transaction.atomic():
        yield


@contextmanager
def _deferred() -> Iterator[None]:
    """Begin SQLite's transactions within without the write lock, which ours otherwise take at once."""
    usual, connection.transaction_mode = connection.transaction_mode, "DEFERRED"  # type: ignore[attr-defined]
    try:
        yield
    finally:
        connection.transaction_mode = usual  # type: ignore[attr-defined]
