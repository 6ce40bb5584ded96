"""One row of a pile of paper logs: ten short cells, typed with the keyboard alone (``services.paper``)."""

import re
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from common.forms import SubmissionKeyField, YiwangForm
from common.rules import RuleBroken
from services.models import ServiceLog
from services.paper.directory import Directory
from services.paper.line import COLUMNS, Line, Problem, read_line
from services.rows import clock_range

LONGEST_CELL = 600
# A key as the page makes it, or what stands for it in the blank row; anything else is nobody's id.
ROW_ID = re.compile("[0-9a-f-]{36}|__row__")


def _cell(label: Any, **attrs: Any) -> forms.CharField:
    attrs = {"autocomplete": "off", "spellcheck": "false"} | attrs
    return forms.CharField(
        label=label, required=False, max_length=LONGEST_CELL, strip=False, widget=forms.TextInput(attrs)
    )


class RowForm(YiwangForm):
    """One row; ``line`` is what it means as far as it is understood."""

    key = SubmissionKeyField()
    typed_by = forms.CharField(required=False, widget=forms.HiddenInput, max_length=20)
    team = _cell(_("Team"), list="row-teams")
    date = _cell(_("Date"))
    starts = _cell(_("From"))
    ends = _cell(_("To"))
    category = _cell(_("Category"), list="row-categories")
    people = _cell(_("Who took part"))
    recipient = _cell(_("For whom"))
    content = _cell(_("What was done"))
    people_served = _cell(pgettext_lazy("column", "Served"), inputmode="numeric")
    place = _cell(_("Place"))

    def __init__(self, data: Any = None, *, user: User, **options: Any) -> None:
        """Take whose row it is; ids differ from row to row."""
        key = str(data.get("key", "") if data is not None else options.get("initial", {}).get("key", ""))
        options.setdefault("auto_id", f"row-{key if ROW_ID.fullmatch(key) else uuid4()}-%s")
        super().__init__(data, **options)
        self.user = user
        self.fields["typed_by"].initial = user.pk

    @cached_property
    def directory(self) -> Directory:
        """What the row may name."""
        return Directory(self.user)

    @cached_property
    def line(self) -> Line:
        """What the cells mean, as they are typed at the moment."""
        return read_line(
            {name: (self[name].value() or "")[:LONGEST_CELL] for name in COLUMNS}, self.directory, places=True
        )

    @property
    def cells(self) -> list[Any]:
        """The bound fields of the visible cells, in their order."""
        return [self[name] for name in COLUMNS]

    @property
    def is_somebody_elses(self) -> bool:
        """Whether the page was opened by another account, which signed out in another window meanwhile."""
        return self.is_bound and self.data.get("typed_by", "") not in ("", str(self.user.pk))

    def clean(self) -> Any:
        """Put each problem at its cell."""
        cleaned = super().clean()
        if not self.errors:
            for problem in self.line.problems:
                self.add_error(problem.column or None, problem.text)
        return cleaned

    def entry(self) -> dict[str, Any]:
        """Return what the domain is told; the form is valid."""
        return self.line.entry() | {"key": self.cleaned_data["key"]}

    def add_rule(self, broken: RuleBroken, **options: Any) -> None:
        """Put a rule of the domain at the cell that it is about."""
        self.line.problems.clear()
        self.line.refuse_rule(broken)
        for problem in self.line.problems:
            self.add_error(problem.column or None, problem.text)

    @property
    def typed_problems(self) -> list[Problem]:
        """What is wrong with cells that hold something: an empty one is only not typed yet."""
        return [problem for problem in self.line.problems if problem.column and self[problem.column].value()]


def next_row(user: User, after: ServiceLog | None, directory: Directory) -> dict[str, Any]:
    """Return what a new row begins with: team, day and people of the log ``after``, else the only team there is."""
    begin: dict[str, Any] = {"key": uuid4()}
    if after is None or after.team_id not in directory.teams:
        only = list(directory.teams.values())[:2]
        return begin | ({"team": only[0].name} if len(only) == 1 else {})
    parts = after.participations.select_related("volunteer").order_by("is_helper", "volunteer__name_pinyin", "id")
    people = [
        ("+" if part.is_helper else "")
        + part.volunteer.number
        + (f":{part.minutes}" if part.minutes != after.minutes else "")
        for part in parts
    ]
    return begin | {"team": after.team.name, "date": f"{after.date:%Y-%m-%d}", "people": " ".join(people)}


def as_typed(log: ServiceLog) -> dict[str, Any]:
    """Return what a saved row shows."""
    return {
        "log": log,
        "team": log.team.name,
        "time": clock_range(log.starts_at, log.ends_at),
        "people": "、".join(
            f"{part.volunteer.name}{'*' if part.is_helper else ''}"
            for part in log.participations.select_related("volunteer").order_by("is_helper", "volunteer__name_pinyin")
        ),
    }
