"""What may be wrong with a cell or a row: a short code while it is checked, the reader's words when it is shown."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from volunteers.domain.volunteer import ADULT


class Problem(NamedTuple):
    """What is wrong: the column (none for the whole row), the code of the reason, and what its words need to know."""

    column: str
    code: str
    params: Mapping[str, Any] = {}


class Bad(NamedTuple):
    """Stands in the place of the value of a cell that cannot be read."""

    code: str
    params: Mapping[str, Any] = {}


# Reason and cure of each code. What the rules of the domain refuse says both in its own words.
WORDS: dict[str, tuple[Any, Any]] = {
    # cells
    "name": (
        _("This is no name: it holds signs that no name has."),
        _("Type the name anew, without emoji or invisible characters."),
    ),
    "long": (_("This is longer than %(most)s characters."), _("Shorten it.")),
    "control": (_("This holds characters that cannot be printed."), _("Type it anew instead of pasting it.")),
    "formula": (_("The formula in this cell failed."), _("Write the value itself into the cell.")),
    "gender": (_("This is no gender."), _("Write 男 or 女.")),
    "phone": (
        _("A mobile number has eleven digits and begins with 13 to 19."),
        _("Count its digits: there are %(count)s. Write one number, for example 13800001234."),
    ),
    "phone_lost": (
        _("The spreadsheet shortened this number; its last digits are lost."),
        _("Format the column as text and type the number anew."),
    ),
    "phones": (_("There is more than one number in this cell."), _("Leave the one that reaches the person.")),
    "date": (_("This is no day."), _("Write year, month and day, for example 1985-03-07.")),
    "no_day": (
        _("Only the year and the month are given; the day is missing."),
        _("Write the whole day, for example 1985-03-07, or add a column with the ID numbers."),
    ),
    "no_such_day": (_("There is no such day in the calendar."), _("Check the month and the day.")),
    "year": (_("The year cannot be right."), _("Check the year.")),
    "future": (_("This day lies in the future."), _("Check the day; enter it when it has come.")),
    "id_lost": (
        _("The spreadsheet turned this ID number into a number; its last digits are lost and cannot be brought back."),
        _("Format the column as text, then type or paste the ID number anew from its source."),
    ),
    "id_form": (_("An ID number has eighteen digits; the last may be an X."), _("Compare it with the ID card.")),
    "id_digit": (
        _("A digit of the ID number is mistyped: its last character does not fit the others."),
        _("Compare it with the ID card, digit by digit."),
    ),
    "id_birth": (
        _("The ID number says another birth date: %(said)s."),
        _("Compare both with the ID card and correct the wrong one."),
    ),
    "id_gender": (
        _("The ID number says another gender: its last digit but one is odd for men and even for women."),
        _("Compare both with the ID card and correct the wrong one."),
    ),
    "number": (_("A volunteer's number has seven digits."), _("Take it from the badge, or leave the cell empty.")),
    "yes_no": (_("This is neither yes nor no."), _("Write 是 or 否.")),
    "unit_kind": (_("There is no such kind of unit."), _("Write one of: %(choices)s.")),
    "education": (_("There is no such education."), _("Write one of: %(choices)s.")),
    "skills": (_("There is no skill type “%(name)s”."), _("Write one of: %(choices)s.")),
    "skill_retired": (_("The skill type “%(name)s” is retired."), _("Choose another: %(choices)s.")),
    "township": (_("There is no such township."), _("Write its full name or its code of nine digits.")),
    "foreign_township": (
        _("This is not your township: you import for %(own)s only."),
        _("Leave this row to that township, or to the administrator."),
    ),
    "village": (
        _("There is no such village in this township."),
        _("Write its full name or its code of twelve digits; the template lists them."),
    ),
    "village_which": (
        _("Villages of several townships are called so."),
        _("Add the township, or write the village's code of twelve digits."),
    ),
    # rows
    "missing": (_("This is missing, and a new volunteer needs it."), _("Fill it in.")),
    "under_age": (
        _("Volunteers are at least %(years)s years old when they join."),
        _("Check the birth date and the day of joining."),
    ),
    "party_age": (
        _("Nobody joins the party before the age of %(years)s."),
        _("Check this day and the birth date."),
    ),
    "twin": (
        _("Row %(row)s of this file is the same person, and says something else."),
        _("Put both into one row, and delete the other."),
    ),
    "unknown_number": (
        _("No volunteer has this number."),
        _("Take it from the badge, or leave the cell empty for a new volunteer."),
    ),
    "another_person": (
        _("This number belongs to somebody with another name, phone and birth date."),
        _("Check the number: rows may have slipped. Leave it empty for a new volunteer."),
    ),
    "two_records": (
        _("This row fits two volunteers: %(numbers)s."),
        _("Write the number of the one who is meant into the column of numbers."),
    ),
    "elsewhere": (
        _("This person is registered already, maybe elsewhere."),
        _("The organisation department can look it up and move the record."),
    ),
    "rejected": (
        _("This person applied before and was turned down."),
        _("Speak with the organisation department; leave the row out."),
    ),
    "would_double": (
        _("With this change the record would be the same person as number %(number)s."),
        _("Check name, phone and birth date; ask for the two records to be merged if they are one person."),
    ),
    "other_id": (
        _("Number %(number)s has the same name and phone or birth date, but another ID number."),
        _("Compare it with the ID card. If these are two people, enter this one by hand."),
    ),
    "id_taken": (
        _("This ID number is registered with another volunteer."),
        _("Compare it with the ID card; the organisation department can look it up."),
    ),
    "joined_after_absence": (
        _("This volunteer was suspended or left before that day, so they joined before."),
        _("Enter an earlier day, or leave the cell empty."),
    ),
    "rule": ("%(text)s", _("Put it right in the file, or leave the row out.")),
    "changed_since": (
        _("The record changed after the preview, and this row would do something else now."),
        _("Upload the row once more and look at its preview."),
    ),
}


def reason_of(problem: Problem) -> str:
    """Return what is wrong, in the reader's language."""
    return str(WORDS[problem.code][0]) % _params(problem)


def cure_of(problem: Problem) -> str:
    """Return how it is put right."""
    return str(WORDS[problem.code][1]) % _params(problem)


def _params(problem: Problem) -> dict[str, Any]:
    return {"years": ADULT, **problem.params}
