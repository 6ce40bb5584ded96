"""Workbooks that are handed out: the template for a list of volunteers, and the wrong rows of one to be mended."""

import io
from collections.abc import Iterator

import xlsxwriter
from django.utils.translation import gettext as _

from accounts.models import User
from areas.models import Village
from common.wording import in_words
from common.workbook.writing import OPTIONS, WrongRow, letter_of, looks_of, write_table, wrong_rows_workbook
from volunteers.id_number import is_switched_on
from volunteers.imports.columns import COLUMNS, CURE, REASON, label_of, plain
from volunteers.imports.lines import EDUCATIONS_SHOWN, UNIT_KINDS_SHOWN
from volunteers.imports.parts import Kind, rows_of
from volunteers.imports.problems import Problem, cure_of, reason_of
from volunteers.models import SkillType, VolunteerImport

WIDTHS = {
    "name": 12, "birth_date": 12, "phone": 14, "id_number": 22, "township": 14, "village": 18, "skills": 18,
    "further_skills": 18, "speciality": 26, "unit": 26, "party_branch": 24, "joined_party_on": 12, "joined_on": 12,
}  # fmt: skip
ROWS_FORMATTED = 5_000
YES_NO = ("is_rural_expert", "shows_name", "shows_phone")


def columns_for(user: User) -> list[str]:
    """Return the columns of the user's template: no township where there is one only, no ID number if none is kept."""
    left_out = {"id_number"} if not is_switched_on() else set()
    return [name for name in COLUMNS if name not in left_out and (name != "township" or user.township_id is None)]


def template(user: User) -> bytes:
    """Return the empty table with drop-downs, a sheet of what may be chosen, and one that explains each column."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as workbook:
        looks = looks_of(workbook)
        sheet = workbook.add_worksheet(_("Volunteers"))
        names = columns_for(user)
        for place, name in enumerate(names):
            sheet.set_column(place, place, WIDTHS.get(name, 10), looks.text)
            sheet.write_string(0, place, label_of(name), looks.head)
        sheet.freeze_panes(1, 0)
        choices = _choices(user)
        listed = _("Choices")
        for at, (name, values) in enumerate(choices.items()):
            letter = letter_of(at)
            options = {
                "validate": "list",
                "source": f"='{listed}'!${letter}$2:${letter}${len(values) + 1}",
                # Several skill types may be listed in one cell: a hint, not a bar.
                "show_error": False,
            }
            place = names.index(name)
            sheet.data_validation(1, place, ROWS_FORMATTED, place, options)
        rows = [[label_of(name) for name in choices]]
        for line in range(max(len(values) for values in choices.values())):
            rows.append([values[line] if line < len(values) else "" for values in choices.values()])
        write_table(workbook.add_worksheet(listed), rows, looks, widths=[20] * len(choices))
        explained = [[_("Column"), _("What to write"), _("Example")]]
        explained += [[label_of(name), *(str(part) for part in _explained()[name])] for name in names]
        write_table(workbook.add_worksheet(_("How to fill it in")), explained, looks, widths=(20, 80, 24))
    return buffer.getvalue()


def _choices(user: User) -> dict[str, list[str]]:
    villages = Village.objects.visible_to(user).current().select_related("township").order_by("code")
    choices: dict[str, list[str]] = {"gender": ["男", "女"]}
    if user.township_id is None:
        choices["township"] = list(dict.fromkeys(village.township.name for village in villages))
    choices["village"] = [village.name for village in villages]
    choices["skills"] = list(SkillType.objects.in_use().values_list("name", flat=True))
    choices["further_skills"] = choices["skills"]
    choices["unit_kind"] = UNIT_KINDS_SHOWN.split("、")
    choices["education"] = EDUCATIONS_SHOWN.split("、")
    return {name: values for name, values in (choices | {name: ["是", "否"] for name in YES_NO}).items() if values}


def _explained() -> dict[str, tuple[str, str]]:
    needed = " " + _("Needed for new volunteers.")
    return {
        "number": (_("The number on the badge: to change somebody who is registered. Empty for new volunteers."), ""),
        "name": (_("The full name.") + needed, "张建国"),
        "gender": (_("男 or 女.") + needed, "男"),
        "birth_date": (_("Year, month and day.") + needed, "1985-03-07"),
        "phone": (_("A mobile number of eleven digits.") + needed, "13800001234"),
        "id_number": (_("Eighteen digits, as text. Birth date and gender follow from it."), ""),
        "township": (_("The township, where the name of the village does not say it."), ""),
        "village": (_("The home village, by its name or its code of twelve digits.") + needed, ""),
        "skills": (
            _("The primary skill type; further ones may follow, with 、 between them.") + needed,
            "农业服务型",
        ),
        "further_skills": (_("Further skill types, with 、 between them."), "生活服务型、医疗服务型"),
        "speciality": (_("What they are good at, as the contact card prints it; at most 100 characters."), "修水泵"),
        "is_rural_expert": (_("是 or 否; empty means 否."), "否"),
        "unit": (_("Where they work; at most 60 characters."), "大荆镇中心小学"),
        "unit_kind": (f"{UNIT_KINDS_SHOWN}。{needed.strip()}", "中小学校"),
        "occupation": (_("At most 40 characters."), "教师"),
        "post": (_("At most 40 characters."), ""),
        "discipline": (_("What they studied; at most 40 characters."), ""),
        "interests": (_("At most 100 characters."), ""),
        "education": (EDUCATIONS_SHOWN, "本科"),
        "party_branch": (_("At most 60 characters."), ""),
        "joined_party_on": (_("A day, or year and month."), "2005-06"),
        "joined_on": (_("When they joined the programme; empty means today."), ""),
        "shows_name": (_("是 if they agree to their name on the badge page and in notices."), "否"),
        "shows_phone": (_("是 if they agree to name and phone on the contact card."), "否"),
    }


def wrong_rows(volunteer_import: VolunteerImport) -> bytes:
    """Return the wrong rows as the file had them, with what is wrong and how to put it right behind them."""
    names = volunteer_import.sheets[volunteer_import.sheet]["names"]
    added = {plain(name) for name in (*REASON, *CURE)}
    kept = [place for place, name in enumerate(names) if plain(name) not in added]
    column_at = {place: name for name, place in volunteer_import.columns.items()}

    def told() -> Iterator[WrongRow]:
        for rows in rows_of(volunteer_import, Kind.WRONG):
            for _number, cells, found in rows:
                problems = [Problem(*each) for each in found]
                wrong = {problem.column for problem in problems}
                yield WrongRow(
                    [cells[place] if place < len(cells) else None for place in kept],
                    {at for at, place in enumerate(kept) if column_at.get(place) in wrong},
                    [reason_of(problem) for problem in problems],
                    [cure_of(problem) for problem in problems],
                )

    return wrong_rows_workbook(
        _("Wrong rows"),
        [names[place] or letter_of(place) for place in kept],
        told(),
        told=(in_words(*REASON), in_words(*CURE)),
        widths=[WIDTHS.get(column_at.get(place, ""), 12) for place in kept],
    )
