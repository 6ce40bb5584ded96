"""The columns of a spreadsheet of logs: their names in both languages, the usual other names, and where they stand."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from common.clean import clean_code
from common.wording import in_words
from common.workbook.opening import Cell, Row
from services.paper.cells import text_of
from services.paper.line import COLUMNS

# Chinese, English, then what else such columns are called.
NAMES: dict[str, tuple[str, ...]] = {
    "team": ("服务队", "Team", "服务队名称", "团队", "团队名称", "队伍", "队名", "小队", "网格服务队", "网格"),
    "date": ("日期", "Date", "服务日期", "活动日期", "年月日", "day"),
    "starts": ("开始", "From", "开始时间", "服务开始时间", "起始时间", "开始时刻", "起", "start", "starts", "begin"),
    "ends": ("结束", "To", "结束时间", "服务结束时间", "终止时间", "结束时刻", "止", "end", "ends", "until"),
    "category": ("类别", "Category", "服务类别", "服务类型", "类型", "服务项目", "kind", "type"),
    "people": (
        "参与人员", "Who took part", "参加人员", "服务人员", "参与义工", "义工", "志愿者", "参与者", "人员", "参与人",
        "people", "participants", "volunteers",
    ),
    "recipient": ("服务对象", "For whom", "对象", "受助对象", "被服务人", "服务户", "recipient"),
    "content": ("服务内容", "What was done", "内容", "事项", "服务事项", "工作内容", "content", "description"),
    "people_served": ("服务人数", "People served", "受益人数", "服务人次", "人次", "人数", "served"),
    "place": ("地点", "Place", "服务地点", "地址", "活动地点", "where"),
}  # fmt: skip
OPTIONAL = frozenset({"people_served", "place"})
# What the file of the wrong rows adds; left out when it comes back.
REASON = ("问题", "What is wrong")
CURE = ("怎样改", "How to put it right")
# How far down the names of the columns are looked for: titles stand above them.
HEAD_ROWS = 20
MOST_COLUMNS = 40


@dataclass(frozen=True)
class Table:
    """The rows below the names of the columns, and at which place each known column stands (from 0)."""

    sheet: str
    header: list[str]
    columns: dict[str, int]
    rows: list[Row]


def label_of(column: str) -> str:
    """Return the column's name in the reader's language."""
    return in_words(*NAMES[column][:2])


def find_table(sheets: Sequence[tuple[str, Sequence[Row]]]) -> Table:
    """Find the sheet and row that name the columns, in any order; the ``ValidationError`` says what is missing."""
    best: tuple[int, str, int, dict[str, int], list[str]] = (0, "", 0, {}, [])
    for name, rows in sheets:
        for place, (_number, cells) in enumerate(rows[:HEAD_ROWS]):
            columns, doubled = _columns_in(cells)
            if len(columns) > best[0]:
                best = (len(columns), name, place, columns, doubled)
    found, sheet, place, columns, doubled = best
    missing = [column for column in COLUMNS if column not in columns and column not in OPTIONAL]
    if found < 2:
        raise ValidationError(
            _("No row with the names of the columns was found. It needs: %(names)s."),
            code="header",
            params={"names": "、".join(label_of(column) for column in COLUMNS if column not in OPTIONAL)},
        )
    if missing:
        raise ValidationError(
            _("These columns are missing: %(names)s. Their names stand in one row above the logs."),
            code="columns",
            params={"names": "、".join(label_of(column) for column in missing)},
        )
    if doubled:
        raise ValidationError(
            _("Two columns mean the same: %(names)s. Rename the one that is not meant."),
            code="doubled",
            params={"names": "、".join(doubled)},
        )
    rows = dict(sheets)[sheet]
    header = [text_of(cell) for cell in rows[place][1]]
    below = [(number, cells) for number, cells in rows[place + 1 :] if any(text_of(cell) for cell in cells)]
    return Table(sheet, header, columns, below)


def _columns_in(cells: Sequence[Cell]) -> tuple[dict[str, int], list[str]]:
    """Return which columns a row names, and the names that say the same as another."""
    columns: dict[str, int] = {}
    doubled = []
    for place, cell in enumerate(cells[:MOST_COLUMNS]):
        column = _COLUMN_OF.get(_plain(text_of(cell)))
        if column in columns:
            doubled.append(text_of(cell))
        elif column:
            columns[column] = place
    return columns, doubled


def _plain(name: str) -> str:
    """Leave out what is written around a column's name: 日期（必填）*: is 日期."""
    return re.sub(r"\(.*?\)|[\s*:_.]", "", clean_code(name)).casefold()


_COLUMN_OF = {_plain(name): column for column, names in NAMES.items() for name in names}
