"""Workbooks that are handed out: the template with its codes, and the wrong rows to be mended. Text stays text."""

import io
from collections.abc import Iterable
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from common.workbook.writing import OPTIONS, letter_of, looks_of, returned_rows, write_table
from grids.models import Membership
from services.models import LogImport
from services.paper.check import CheckedRow, cure_of
from services.paper.columns import TABLE
from services.paper.directory import Directory, short_name
from services.paper.line import COLUMNS
from volunteers.models import Volunteer
from volunteers.pinyin import initials_of

WIDTHS = {"team": 26, "date": 12, "category": 14, "people": 30, "recipient": 16, "content": 44, "place": 18}
ROWS_FORMATTED = 2_000


def template(user: User) -> bytes:
    """Return the empty table, with a sheet of what may be written into it and one of how."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as workbook:
        looks = looks_of(workbook)
        directory = Directory(user)
        sheet = workbook.add_worksheet(_("Logs"))
        for place, column in enumerate(COLUMNS):
            sheet.set_column(place, place, WIDTHS.get(column, 9), looks.text)
            sheet.write_string(0, place, TABLE.label_of(column), looks.head)
        sheet.freeze_panes(1, 0)
        codes, lengths = _codes(directory, user)
        names = _("Codes")
        for column, place in (("team", 0), ("category", 4)):
            if lengths[place]:
                letter = letter_of(place)
                source = f"='{names}'!${letter}$2:${letter}${lengths[place] + 1}"
                at = COLUMNS.index(column)
                options = {"validate": "list", "source": source, "error_type": "information", "show_error": False}
                sheet.data_validation(1, at, ROWS_FORMATTED, at, options)
        write_table(workbook.add_worksheet(names), codes, looks, widths=(26, 10, 12, 3, 16, 14, 12, 3, 14, 10, 12, 26))
        write_table(workbook.add_worksheet(_("How to fill it in")), _explained(directory), looks, widths=(18, 70, 30))
    return buffer.getvalue()


def _codes(directory: Directory, user: User) -> tuple[list[list[str]], dict[int, int]]:
    """Return the sheet of codes, and how many names stand in the columns of teams (0) and categories (4)."""
    teams = [[team.name, short_name(team), initials_of(team.name)] for team in directory.teams.values()]
    categories = [[each.name, each.code, initials_of(each.name)] for each in directory.categories]
    seen = Volunteer.objects.visible_to(user).exclude(status__in=(Volunteer.Status.APPLIED, Volunteer.Status.REJECTED))
    people = seen.distinct().order_by("name_pinyin", "id").values_list("pk", "name", "number", "name_initials")
    stays = Membership.objects.current().filter(team__in=directory.teams).order_by()
    team_of = dict(stays.values_list("volunteer", "team__name"))
    persons = [[name, number, initials, team_of.get(pk, "")] for pk, name, number, initials in people]
    titles = [
        *(TABLE.label_of("team"), _("Short form"), _("Initials"), ""),
        *(TABLE.label_of("category"), _("Code"), _("Initials"), ""),
        *(pgettext("person", "Name"), _("Number"), _("Initials"), _("In the team")),
    ]
    rows = [titles]
    for place in range(max(len(teams), len(categories), len(persons))):
        parts = [
            part[place] if place < len(part) else [""] * width
            for part, width in ((teams, 3), (categories, 3), (persons, 4))
        ]
        rows.append([*parts[0], "", *parts[1], "", *parts[2]])
    return rows, {0: len(teams), 4: len(categories)}


def _explained(directory: Directory) -> list[list[str]]:
    example = next((short_name(team) for team in directory.teams.values()), "3")
    lines = {
        "team": (_("The name of the team, or village and grid."), example),
        "date": (_("The day of the service, as text."), "2026-07-12"),
        "starts": (_("When it began, on the 24-hour clock."), "08:30"),
        "ends": (
            _("When it ended; +60 for minutes after the start; 25:30 for half past one of the next day."),
            "09:30",
        ),
        "category": (_("Name, code or initials of the category."), "qjhj"),
        "people": (
            _(
                "Badge numbers, names or initials with blanks between; + before helpers of other teams; "
                ":45 behind somebody for own minutes."
            ),
            "0000012 0000034:45",
        ),
        "recipient": (_("For whom it was."), "陈阿婆"),
        "content": (_("What was done, in at most 500 characters."), "打扫院子，送药"),
        "people_served": (_("How many people it served; empty means one."), "1"),
        "place": (_("Where it was; may be empty."), ""),
    }
    return [
        [_("Column"), _("What to write"), _("Example")],
        *([TABLE.label_of(column), *lines[column]] for column in COLUMNS),
    ]


def wrong_rows(log_import: LogImport, rows: Iterable[CheckedRow], refused: dict[str, Any]) -> bytes:
    """Return the rows that are wrong as the file had them, with what is wrong and how to put it right behind them."""
    wrong = ((row.number, {problem.column for problem in row.problems}, *_told(row, refused)) for row in rows)
    return returned_rows(_("Wrong rows"), log_import, wrong, widths=WIDTHS)


def _told(row: CheckedRow, refused: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Say what is wrong with a row; one that only the import itself refused has its reason from there."""
    reasons = [problem.text for problem in row.problems]
    if not reasons and str(row.number) in refused:
        reasons = [refused[str(row.number)]["text"]]
    return reasons, [cure_of(problem) for problem in row.problems]
