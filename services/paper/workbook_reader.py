"""Reads a workbook in a process of its own, with little memory and time: what is uploaded may be made to harm.

``python workbook_reader.py ROWS COLUMNS MEGABYTES < workbook > sheets.json``, each at most. A workbook of a few
kilobytes can claim a cell in the last row and column, and its reader would ask for memory for all between: here only
this process dies.
Cells become text and numbers: days as 2026-07-12, times as 08:30 (25:30 past midnight), truth as TRUE or FALSE.
"""

import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

SECONDS = 20
LONGEST_TEXT = 3_000
MOST_SHEETS = 8
MOST_MERGED = 20_000


def cell_of(value: Any) -> Any:
    """Return the cell as text, number or None."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return value
    if isinstance(value, timedelta):
        return _clock(round(value.total_seconds() / 60))
    if isinstance(value, time):
        return _clock(value.hour * 60 + value.minute + (value.second >= 30))
    return _day(value)


def _day(value: date) -> str:
    """Write a day; before 1901 it is a clock time, which spreadsheets count from the end of 1899."""
    seconds = value.hour * 3600 + value.minute * 60 + value.second if isinstance(value, datetime) else 0
    minutes = round(seconds / 60)
    if value.year < 1901:
        days = (date(value.year, value.month, value.day) - date(1899, 12, 31)).days
        return _clock(max(days, 0) * 1440 + minutes)
    day = f"{value.year:04}-{value.month:02}-{value.day:02}"
    return f"{day} {_clock(minutes)}" if minutes else day


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def sheet_of(sheet: Any, most_rows: int, most_columns: int) -> dict[str, Any]:
    """Return a sheet's rows with their numbers, without the empty ones; merged cells hold their value in each row."""
    if sheet.start is None:
        return {"name": sheet.name, "rows": [], "count": 0}
    top, left = sheet.start
    grid = [[None] * left + [cell_of(value) for value in row] for row in sheet.to_python(skip_empty_area=True)]
    for (first, column), (last, _right) in (sheet.merged_cell_ranges or [])[:MOST_MERGED]:
        inside = first >= top and first - top < len(grid) and column < len(grid[first - top])
        for row in range(first + 1, min(last, top + len(grid) - 1) + 1) if inside else ():
            grid[row - top][column] = grid[first - top][column]
    rows = [
        [top + place + 1, row[:most_columns]] for place, row in enumerate(grid) if any(each is not None for each in row)
    ]
    return {"name": sheet.name, "rows": rows[:most_rows], "count": len(rows)}


def read(data: bytes, most_rows: int, most_columns: int) -> dict[str, Any]:
    """Return the sheets, or why the workbook cannot be read."""
    import python_calamine

    try:
        workbook = python_calamine.load_workbook(BytesIO(data))
        kinds = {each.name: (str(each.typ), str(each.visible)) for each in workbook.sheets_metadata}
        names = [name for name in workbook.sheet_names if kinds[name][0].endswith("WorkSheet")]
        return {
            "sheets": [
                sheet_of(workbook.get_sheet_by_name(name), most_rows, most_columns) for name in names[:MOST_SHEETS]
            ]
        }
    except python_calamine.PasswordError:
        return {"error": "password"}
    except python_calamine.CalamineError:
        return {"error": "broken"}


def main() -> None:
    """Limit this process, then read."""
    most_rows, most_columns, megabytes = (int(each) for each in sys.argv[1:4])
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * 1024 * 1024,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    json.dump(read(sys.stdin.buffer.read(), most_rows, most_columns), sys.stdout, ensure_ascii=True, allow_nan=False)


if __name__ == "__main__":
    main()
