"""A spreadsheet that the first township's office has uploaded and not imported: new rows, known ones, a wrong one."""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from services.models import LogImport, MonthlyReport, ServiceLog
from services.paper.columns import NAMES
from services.paper.line import COLUMNS

FILE_NAME = "村里交来的纸质日志.xlsx"
KNOWN = 3
# Nobody of the demo is out so early: these rows are new.
EARLY = (("05:10", "05:40", "独居老人林阿公", "送早饭，量血压"), ("05:45", "06:15", "孤寡老人陈阿婆", "陪同去医院挂号"))
State = MonthlyReport.State


def upload_pile(staff: User, today: date, keys: Iterator[int], random: Random) -> None:
    """Keep the table as an upload of yesterday afternoon, where there are logs of an open month to copy from."""
    logs = (
        ServiceLog.objects.standing()
        .filter(township=staff.township_id, report__state__in=(State.OPEN, State.RETURNED))
        .select_related("team", "category")
        .prefetch_related("participations__volunteer")
        .order_by("-date", "-id")[:KNOWN]
    )
    known = [_cells(log) for log in logs]
    if not known:
        return
    team, day, _starts, _ends, _category, everybody = known[0][:6]
    people = " ".join(person.partition(":")[0] for person in everybody.split()[:2])
    early = [[team, day, starts, ends, "走访", people, whom, what, "1", ""] for starts, ends, whom, what in EARLY]
    wrong = [["溪边第3网格", day, "09:00", "08:30", "村民委托", people, "村民老黄", "代办社保", "1", ""]]
    rows = [[number, cells] for number, cells in enumerate([*early, *known, *wrong], start=2)]
    LogImport.objects.bulk_create(
        [
            LogImport(
                pk=next(keys),
                key=UUID(int=random.getrandbits(128), version=4),
                township=staff.township,
                by=staff,
                at=timezone.make_aware(datetime(today.year, today.month, today.day, 16) - timedelta(days=1)),  # noqa: DTZ001
                file_name=FILE_NAME,
                sha256=hashlib.sha256(repr(rows).encode()).hexdigest(),
                sheet="日志",
                header=[NAMES[column][0] for column in COLUMNS],
                columns={column: place for place, column in enumerate(COLUMNS)},
                rows=rows,
                row_count=len(rows),
            )
        ]
    )


def _cells(log: ServiceLog) -> list[str]:
    """Write a log as an office would have typed it."""
    parts = sorted(log.participations.all(), key=lambda part: (part.is_helper, part.volunteer.number))
    people = [f"{part.volunteer.number}{f':{part.minutes}' if part.minutes != log.minutes else ''}" for part in parts]
    starts, ends = (timezone.localtime(moment) for moment in (log.starts_at, log.ends_at))
    return [
        log.team.name,
        f"{log.date:%Y-%m-%d}",
        f"{starts:%H:%M}",
        f"{ends:%H:%M}",
        log.category.name,
        " ".join(people),
        log.recipient,
        log.content,
        str(log.people_served),
        log.place,
    ]
