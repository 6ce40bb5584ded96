"""The form for the votes of one grid: a row of four numbers for each volunteer who was on the ballot."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.forms import YiwangForm
from services.domain.ballot import Candidate, Counts, votes_version
from services.models import BallotTally
from services.models.ballot import OPTIONS

LABELS = dict(
    zip(
        OPTIONS,
        (
            gettext_lazy("Satisfied"),
            gettext_lazy("Fairly satisfied"),
            gettext_lazy("Dissatisfied"),
            gettext_lazy("Do not know them"),
        ),
        strict=True,
    )
)


@dataclass(frozen=True)
class VoteRow:
    """One volunteer's row as the page shows it."""

    candidate: Candidate
    cells: list[tuple[str, BoundField]]


class VoteForm(YiwangForm):
    """The number of ballots, and for each candidate how often each option was ticked.

    A present member's row must be filled; the row of somebody else may be left empty as a whole.
    """

    ballots = forms.IntegerField(
        label=gettext_lazy("Ballots handed in"),
        min_value=1,
        help_text=gettext_lazy("Every ballot marks every volunteer: each row adds up to this number."),
    )
    # Of the tallies that the form was filled from: two tabs do not overwrite each other unknowingly.
    version = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, candidates: Iterable[Candidate], tallies: Iterable[BallotTally], households: int
    ) -> None:
        """Make the fields of each candidate, filled from the tallies that were entered before."""
        super().__init__(data)
        self.candidates = list(candidates)
        before = {tally.volunteer_id: tally for tally in tallies}
        self.initial["version"] = votes_version(before.values())
        self.fields["ballots"].max_value = households
        self.fields["ballots"].widget.attrs |= {"max": households, "inputmode": "numeric"}
        if before:
            self.initial["ballots"] = next(iter(before.values())).ballots
        for one in self.candidates:
            for option in OPTIONS:
                name = f"{option}_{one.volunteer.pk}"
                self.fields[name] = forms.IntegerField(
                    label=f"{one.volunteer.name}: {LABELS[option]}",
                    min_value=0,
                    max_value=households,
                    required=False,
                    widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "vote"}),
                )
                if one.volunteer.pk in before:
                    self.initial[name] = getattr(before[one.volunteer.pk], option)

    def rows(self) -> list[VoteRow]:
        """Return the rows in the order of the candidates."""
        return [
            VoteRow(one, [(str(LABELS[option]), self[f"{option}_{one.volunteer.pk}"]) for option in OPTIONS])
            for one in self.candidates
        ]

    @property
    def counts(self) -> dict[int, Counts]:
        """The filled rows as the domain takes them; an empty cell in a filled row is a nought."""
        filled = {}
        for one in self.candidates:
            numbers = [self.cleaned_data.get(f"{option}_{one.volunteer.pk}") for option in OPTIONS]
            if any(number is not None for number in numbers):
                filled[one.volunteer.pk] = tuple(number or 0 for number in numbers)
        return filled

    def clean(self) -> dict[str, Any]:
        """Hold each filled row against the number of ballots."""
        cleaned = super().clean()
        ballots = cleaned.get("ballots")
        if ballots is not None and not self.errors:
            for pk, numbers in self.counts.items():
                if sum(numbers) != ballots:
                    self.add_error(
                        f"{OPTIONS[0]}_{pk}",
                        _("The four numbers add up to %(sum)s instead of %(ballots)s ballots.")
                        % {"sum": sum(numbers), "ballots": ballots},
                    )
        return cleaned
