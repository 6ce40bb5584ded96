"""The commands that run by night."""

from datetime import date
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command

from services.domain import rollup
from services.models import MonthlyReport, VolunteerMonth
from tests.factories import make_log, make_read, make_report, make_team

pytestmark = pytest.mark.django_db


@time_machine.travel("2026-07-31T16:01:00Z", tick=False)
def test_nightly_opens_shanghais_month_and_the_last_and_does_so_once():
    team = make_team()
    make_team(activated_on=date(2026, 8, 1))

    printed = []
    for _ in range(2):
        out = StringIO()
        call_command("nightly", stdout=out)
        printed.append(out.getvalue())

    assert printed == [
        "2026-07: 1 reports opened\n2026-08: 2 reports opened\n",
        "2026-07: 0 reports opened\n2026-08: 0 reports opened\n",
    ]
    months = MonthlyReport.objects.filter(team=team).order_by("month").values_list("month", flat=True)
    assert list(months) == [date(2026, 7, 1), date(2026, 8, 1)]


def test_rebuild_rollups_mends_what_differs():
    report = make_report()
    make_log(report=report)
    make_read(report)
    VolunteerMonth.objects.update(minutes=1)

    out = StringIO()
    call_command("rebuild_rollups", stdout=out)

    assert out.getvalue() == "6 rows differed; the roll-ups now equal the records.\n"
    assert rollup.differences() == []
