"""The filters of a list as plain values for the template.

Rendering hundreds of options by widgets would cost more than the list itself.

A filter set may name the filters whose choices depend on others (the villages of the chosen township) in a class
attribute ``dependent = ("village",)``: these are sent again with every refresh of the list, and hidden while empty.
``chosen_pk`` reads what they depend on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.validators import MaxLengthValidator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django_filters import Filter, FilterSet

from common.clean import key_of
from common.forms import DateField
from common.wording import sentences

# What Django shows where nothing is chosen unless the filter has words of its own.
EMPTY_LABEL = "---------"
LONGEST_SEARCH = 100


class DayFilter(Filter):
    """A day in any of the usual spellings, within the years that can be meant."""

    field_class = DateField


@dataclass(frozen=True)
class FilterField:
    """One filter as the page shows it; ``kind`` is search, text, number, date, select or tick.

    It is pointless to choose among the records of one, such as the own township.
    """

    name: str
    label: str
    kind: str
    value: str
    options: list[tuple[str, str, bool]]  # value, label, whether it is chosen
    error: str
    is_dependent: bool
    is_pointless: bool

    @property
    def options_html(self) -> SafeString:
        """Return the options as HTML: a template's loop over all the villages takes longer than the list's rows."""
        return mark_safe(  # noqa: S308 (each part is escaped)
            "".join(
                f'<option value="{escape(value)}"{" selected" if chosen else ""}>{escape(label)}</option>'
                for value, label, chosen in self.options
            )
        )

    def in_words(self, value: str) -> str:
        """Return what a value of the query string means to the reader; nothing for a tick, whose label says it."""
        if self.kind == "tick":
            return ""
        return next((label for option, label, _ in self.options if option == value), value)


@dataclass(frozen=True)
class Chip:
    """A filter in force, and the address without it; ``is_typed`` is text, such as somebody's name."""

    label: str
    value: str
    url: str
    is_typed: bool


def chosen_pk(request: HttpRequest, name: str) -> int | None:
    """Return the key that the filter ``name`` asks for, for filters whose choices depend on it; None for rubbish."""
    return key_of(request.GET.get(name))


def read_filters(
    filterset_class: type[FilterSet], request: HttpRequest, queryset: QuerySet[Any]
) -> tuple[FilterSet, list[str]]:
    """Read the filters of the query string, and say what of them was not understood.

    One that depends on another and no longer fits it (a village of elsewhere) is left out.
    """
    problems = []
    filterset = filterset_class(request.GET, queryset=queryset, request=request)
    for field in filterset.form.fields.values():
        if isinstance(field, forms.CharField) and field.max_length is None:
            field.validators.append(MaxLengthValidator(LONGEST_SEARCH))
    misfits = [name for name in getattr(filterset, "dependent", ()) if name in filterset.form.errors]
    if misfits:
        data = request.GET.copy()
        for name in misfits:
            text = gettext("“%s” was left out: it does not fit the other filters.")
            problems.append(text % filterset.form[name].label)
            del data[name]
        filterset = filterset_class(data, queryset=queryset, request=request)
    if not filterset.is_valid():
        problems.append(gettext("A filter was not understood, so nothing is shown. Change or remove it."))
    return filterset, problems


def given_values(filterset: FilterSet) -> list[tuple[str, str]]:
    """Return the filters in force as pairs of the query string, without empty and unknown ones."""
    return [(name, value) for name in filterset.form.fields for value in filterset.data.getlist(name) if value.strip()]


def filter_fields(filterset: FilterSet) -> list[FilterField]:
    """Return the filters in their order."""
    return [_filter_field(filterset, name) for name in filterset.form.fields]


def chips_of(filters: list[FilterField], given: list[tuple[str, str]]) -> list[Chip]:
    """Return a chip for each filter in force."""
    by_name = {field.name: field for field in filters}
    return [
        Chip(
            label=by_name[name].label,
            value=by_name[name].in_words(value),
            url="?" + urlencode([pair for pair in given if pair != (name, value)]),
            is_typed=by_name[name].kind in ("search", "text"),
        )
        for name, value in given
    ]


def _filter_field(filterset: FilterSet, name: str) -> FilterField:
    field = filterset.form.fields[name]
    chosen = filterset.data.getlist(name)
    kind = _kind(name, field)
    options = _options(field) if kind == "select" else []
    return FilterField(
        name=name,
        label=str(field.label),
        kind=kind,
        value=chosen[-1] if chosen else "",
        options=[(value, label, value in chosen) for value, label in options],
        error=sentences(filterset.form.errors.get(name, ())),
        is_dependent=name in getattr(filterset, "dependent", ()),
        is_pointless=isinstance(field, forms.ModelChoiceField)
        and not any(chosen)
        and sum(1 for value, _ in options if value) < 2,
    )


def _kind(name: str, field: forms.Field) -> str:
    if isinstance(field.widget, forms.CheckboxInput):
        return "tick"
    if hasattr(field, "choices"):
        return "select"
    if isinstance(field, forms.DateField):
        return "date"
    if isinstance(field, forms.IntegerField | forms.DecimalField):
        return "number"
    return "search" if name in ("q", "search") else "text"


def _options(field: Any) -> list[tuple[str, str]]:
    """Return value and label of each option; the choices of a group follow one another."""
    options = []
    for value, label in _choices(field):
        if isinstance(label, list | tuple):
            options += [(str(inner), str(text)) for inner, text in label]
        else:
            value = "" if value is None else str(value)
            options.append((value, str(label) if value or label != EMPTY_LABEL else gettext("All")))
    return options


def _choices(field: Any) -> Iterable[tuple[Any, Any]]:
    """Return the field's choices, without asking the database where there is nothing to choose yet."""
    if isinstance(field, forms.ModelChoiceField) and field.queryset.query.is_empty():  # type: ignore[union-attr]
        return [] if field.empty_label is None else [("", field.empty_label)]
    return field.choices
