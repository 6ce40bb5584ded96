"""Reads a workbook in a process of its own, with little memory and time: what is uploaded may be made to harm.

``python reader.py ROWS COLUMNS MEGABYTES SECONDS < workbook > answer``, each at most. A workbook of a few kilobytes
can claim a cell in the last row and column, and its reader would ask for memory for all between: here only this
process dies.

The answer is one JSON value a line, so that neither side ever holds all rows: for each sheet ``{"sheet": name,
"hidden": truth}`` and then ``{"rows": [[number, [cells]], …]}`` as often as it takes, at the end ``{"end": true}``; or
``{"error": why}``. ``"columns"`` beside rows says how many columns the widest of them has when that is above COLUMNS.
Cells become text and numbers: days as 2026-07-12, times as 08:30 (25:30 past midnight), truth as TRUE or FALSE.
"""

import json
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

LONGEST_TEXT = 3_000
MOST_SHEETS = 8
MOST_MERGED = 20_000
ROWS_A_LINE = 1_000


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


def rows_of(sheet: Any, most_rows: int) -> Iterator[tuple[int, list[Any]]]:
    """Yield a sheet's rows with their numbers, without the empty ones; merged cells hold their value in each row."""
    if sheet.start is None:
        return
    left = [None] * sheet.start[1]
    merged: dict[int, list[tuple[int, int]]] = {}
    for (first, column), (last, _right) in (sheet.merged_cell_ranges or [])[:MOST_MERGED]:
        if last > first:
            merged.setdefault(first, []).append((column, last))
    filled: list[tuple[int, int, Any]] = []
    count = 0
    for place, values in enumerate(sheet.iter_rows()):
        # ``type`` first: nearly every cell is text, and there may be millions.
        row = left + [
            (value or None) if type(value) is str and len(value) < LONGEST_TEXT else cell_of(value) for value in values
        ]
        for column, _last, value in filled:
            row[column] = value
        filled = [each for each in filled if each[1] > place]
        filled += [(column, last, row[column]) for column, last in merged.get(place, ()) if column < len(row)]
        if any(value is not None for value in row):
            yield place + 1, row
            count += 1
            if count == most_rows:
                return


def read(data: bytes, most_rows: int, most_columns: int) -> Iterator[dict[str, Any]]:
    """Yield the lines of the answer."""
    import python_calamine

    try:
        workbook = python_calamine.load_workbook(BytesIO(data))
        kinds = {each.name: (str(each.typ), str(each.visible)) for each in workbook.sheets_metadata}
        names = [name for name in workbook.sheet_names if kinds[name][0].endswith("WorkSheet")]
        for name in names[:MOST_SHEETS]:
            yield {"sheet": name, "hidden": not kinds[name][1].endswith(".Visible")}
            batch: list[tuple[int, list[Any]]] = []
            widest = 0
            for number, row in rows_of(workbook.get_sheet_by_name(name), most_rows):
                if len(row) > most_columns:
                    widest = max(widest, max(place for place, value in enumerate(row) if value is not None) + 1)
                batch.append((number, row[:most_columns]))
                if len(batch) == ROWS_A_LINE:
                    yield {"rows": batch, "columns": widest}
                    batch = []
            if batch:
                yield {"rows": batch, "columns": widest}
    except python_calamine.PasswordError:
        yield {"error": "password"}
    except python_calamine.CalamineError:
        yield {"error": "broken"}
    else:
        yield {"end": True}


def main() -> None:
    """Limit this process, then read."""
    most_rows, most_columns, megabytes, seconds = (int(each) for each in sys.argv[1:5])
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * 1024 * 1024,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    encode = json.JSONEncoder(ensure_ascii=True, allow_nan=False, check_circular=False).encode
    for line in read(sys.stdin.buffer.read(), most_rows, most_columns):
        sys.stdout.write(encode(line))
        sys.stdout.write("\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
