"""Reads an attendance list: each line a person, its cells in any order or under the names of the columns.

Nothing is refused here: what cannot be a person's name is simply found nobody for, and named as such.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from common.clean import MOBILE, clean_code, clean_line, clean_name
from volunteers.models import Attendance
from volunteers.models.attendance import TEXT_LIMITS
from volunteers.models.volunteer import mask_phone

MOST_LINES = 600
NUMBER_DIGITS = 7
# Characters of a Chinese name without a dot; above the names of the columns longer words are a heading.
LONGEST_NAME = 4
ID_NUMBER = re.compile("[0-9]{17}[0-9Xx]")
# 1. 张三 and 12、李四, as lists in a chat are counted.
COUNTED = re.compile(r"^\s*[0-9]{1,4}\s*[.．、)）]\s*(?=\S)")
NAME_AND_NUMBER = re.compile(r"(.+?)\s*[(（]\s*([0-9]{1,7})\s*[)）]")
# The dot of long names (阿卜杜拉·买买提) separates nothing.
SEVERAL = re.compile(r"[、]")
Result = Attendance.Result

COLUMNS: dict[str, tuple[str, ...]] = {
    "number": ("编号", "义工编号", "义工号", "义工证号", "证号", "义工证编号", "number", "volunteernumber", "badge"),
    "name": ("姓名", "名字", "义工姓名", "学员", "学员姓名", "参训人员", "name"),
    "unit": ("单位", "工作单位", "所在单位", "单位名称", "unit"),
    "id_number": ("身份证", "身份证号", "身份证号码", "公民身份号码", "idnumber", "id"),
    "phone": ("手机", "手机号", "手机号码", "电话", "联系电话", "联系方式", "phone", "mobile", "mobilephone"),
    "result": ("结果", "成绩", "考核", "考核结果", "考核情况", "是否合格", "result"),
    "": ("序号", "序", "签名", "签到", "备注", "no", "no.", "signature", "village", "村", "家乡村"),
}
MEANT = {name: column for column, names in COLUMNS.items() for name in names}
RESULTS = {
    **dict.fromkeys(("合格", "通过", "及格", "良好", "优秀", "passed", "pass"), Result.PASSED),
    **dict.fromkeys(("不合格", "未通过", "不及格", "failed", "fail"), Result.FAILED),
    **dict.fromkeys(("未考核", "未考", "notassessed"), Result.NOT_ASSESSED),
}


@dataclass(frozen=True)
class Line:
    """One person of a list, as written; ``place`` counts the lines with something in them from 1."""

    place: int
    name: str = ""
    number: str = ""
    unit: str = ""
    id_number: str = ""
    phone: str = ""
    result: str = ""

    @property
    def text(self) -> str:
        """The line as it is shown and kept: without an ID number and a phone, of which only the ends are shown."""
        words = [self.name, self.number, self.unit]
        if not any(words):
            words = [f"{self.id_number[:4]}**********{self.id_number[-4:]}" if self.id_number else ""]
            words.append(mask_phone(self.phone) if self.phone else "")
        label = str(Result(self.result).label) if self.result else ""
        return " ".join(word for word in (*words, label) if word)[: TEXT_LIMITS["line"]]

    @property
    def kept(self) -> str:
        """The line without its result: by this the same person of a list is known again."""
        return Line(self.place, self.name, self.number, self.unit, self.id_number, self.phone).text


def read_text(text: str) -> list[Line]:
    """Read what was typed or pasted; raises ``ValidationError`` for too many lines, or none."""
    rows = []
    for line in re.split(r"[\r\n\u2028\u2029]+", text):
        plain = COUNTED.sub("", _printable(line))
        parts = SEVERAL.split(plain) if "\t" not in plain else [plain]
        rows += [cells for part in parts if (cells := _cells(part))]
    return read_rows(rows)


def read_rows(rows: Iterable[Sequence[object]]) -> list[Line]:
    """Read the cells of a spreadsheet, or of pasted lines; the names of the columns may stand above them."""
    lines: list[Line] = []
    columns: list[str] | None = None
    for row in rows:
        cells = [_printable(_text(cell)) for cell in row]
        if not any(cells):
            continue
        head = _columns_in(cells)
        if head:
            lines = lines if columns else [line for line in lines if not _is_title(line)]
            columns = head
            continue
        place = len(lines) + 1
        found = _under(columns, cells, place) if columns else _sorted(cells, place)
        if found is not None:
            lines.append(found)
        if len(lines) > MOST_LINES:
            raise ValidationError(
                _("The list has more than %(most)s people. Enter it in several parts."),
                code="lines",
                params={"most": MOST_LINES},
            )
    if not lines:
        raise ValidationError(_("There is no name in this list. Write one person on each line."), code="empty")
    return lines


def _is_title(line: Line) -> bool:
    """Whether words above the names of the columns are a heading: longer than a name, or a list by its own words."""
    is_heading = len(line.name) > LONGEST_NAME and "·" not in line.name
    return line.kept == line.name and (is_heading or line.name.endswith(("表", "名单", "名册")))


def _text(cell: object) -> str:
    """Return a cell as text: a number that a spreadsheet holds has no point."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


def _printable(text: str) -> str:
    kept = "".join(sign for sign in text if sign == "\t" or unicodedata.category(sign) not in ("Cc", "Cs", "Co", "Cn"))
    return kept.strip(" \u3000\u00a0")


def _cells(line: str) -> list[str]:
    """Cut a typed line at tabs, else at commas, else at blanks; 张 三 stays one name."""
    for separator in ("\t", "|", ",", "，", ";", "；"):
        if separator in line:
            return [cell.strip() for cell in line.split(separator)]
    words: list[str] = []
    is_joining = False
    for word in line.split():
        is_single = len(word) == 1 and not word.isascii()
        if is_single and is_joining:
            words[-1] += word
        else:
            words.append(word)
        is_joining = is_single
    return words


def _columns_in(cells: Sequence[str]) -> list[str] | None:
    """Return which columns the cells name, if they name any: a row of names of columns names nobody."""
    columns = [MEANT.get(re.sub(r"\s", "", clean_code(cell)).casefold(), "?") for cell in cells]
    known = {column for column in columns if column != "?"}
    return columns if known & {"name", "number", "id_number"} else None


def _under(columns: Sequence[str], cells: Sequence[str], place: int) -> Line | None:
    values: dict[str, str] = {}
    for column, cell in zip(columns, cells, strict=False):
        if column not in ("", "?") and cell:
            values.setdefault(column, cell)
    number, phone, id_number = (_code(values.get(column, "")) for column in ("number", "phone", "id_number"))
    name, in_brackets = _named(values.get("name", ""))
    line = Line(
        place,
        name=name,
        number=_padded(number or in_brackets),
        unit=_prose(values.get("unit", "")),
        id_number=id_number.upper() if ID_NUMBER.fullmatch(id_number) else "",
        phone=phone if MOBILE.fullmatch(phone) else "",
        result=_result(values.get("result", "")),
    )
    return line if line.kept else None


def _sorted(cells: Sequence[str], place: int) -> Line | None:
    """Tell by their look what the cells are: the first words are the name, what follows is the unit."""
    number = id_number = phone = result = name = ""
    units: list[str] = []
    filled = [cell for cell in cells if cell]
    for position, cell in enumerate(filled):
        code = _code(cell)
        if ID_NUMBER.fullmatch(code):
            id_number = code.upper()
        elif MOBILE.fullmatch(code):
            phone = code
        elif code.isascii() and code.isdecimal() and len(code) <= NUMBER_DIGITS:
            # A short number before a name only counts the lines.
            is_counting = position == 0 and len(code) <= 4 and len(filled) > 1
            number = number if is_counting else _padded(code)
        elif _result(cell):
            result = _result(cell)
        elif not name:
            name, in_brackets = _named(cell)
            number = number or _padded(in_brackets)
        else:
            units.append(_prose(cell))
    line = Line(place, name, number, " ".join(units)[:60], id_number, phone, result)
    return line if line.kept else None


def _named(cell: str) -> tuple[str, str]:
    """Return name and number of 张三(0000001)."""
    both = NAME_AND_NUMBER.fullmatch(cell)
    name, number = (both[1], both[2]) if both else (cell, "")
    try:
        return clean_name(name)[:40], number
    except ValidationError:
        return name[:40], number


def _prose(cell: str) -> str:
    try:
        return clean_line(cell)[:60]
    except ValidationError:
        return cell[:60]


def _code(cell: str) -> str:
    """Return a code as it is compared: no blanks or dashes, ASCII, and without the point that Excel gave a number."""
    return re.sub(r"[\s-]|\.0$", "", clean_code(cell))


def _padded(number: str) -> str:
    return number.zfill(NUMBER_DIGITS) if number.isascii() and number.isdecimal() else ""


def _result(cell: str) -> str:
    return RESULTS.get(re.sub(r"\s", "", clean_code(cell)).casefold(), "")


def as_text(lines: Iterable[Line]) -> str:
    """Write lines so that ``read_text`` reads the same: under the names of the columns, with tabs between."""
    columns = ("name", "number", "unit", "id_number", "phone", "result")
    head = "\t".join(COLUMNS[column][0] for column in columns)
    rows = ("\t".join(_result_word(line) if c == "result" else getattr(line, c) for c in columns) for line in lines)
    return "\n".join([head, *rows])


def _result_word(line: Line) -> str:
    return next((word for word, result in RESULTS.items() if result == line.result), "")
