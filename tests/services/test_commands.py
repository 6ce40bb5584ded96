"""The commands that run by night."""

from datetime import date
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from services.domain import rollup
from services.models import MonthlyReport, RecognitionRound, VolunteerMonth
from tests.factories import make_log, make_read, make_report, make_team, make_user

pytestmark = pytest.mark.django_db


def nightly():
    out = StringIO()
    call_command("nightly", stdout=out)
    return out.getvalue()


@time_machine.travel("2026-07-31T16:01:00Z", tick=False)
def test_nightly_opens_every_missing_month_up_to_shanghais_and_does_so_once():
    team = make_team(activated_on=date(2026, 5, 31))
    make_report(team=team, month=date(2026, 5, 1))
    make_team(activated_on=date(2026, 8, 1))

    printed = [nightly(), nightly()]

    assert printed == [
        "2026-06: 1 reports opened\n2026-07: 1 reports opened\n2026-08: 2 reports opened\n",
        "No report was missing\n",
    ]
    months = MonthlyReport.objects.filter(team=team).order_by("month").values_list("month", flat=True)
    assert list(months) == [date(2026, month, 1) for month in (5, 6, 7, 8)]


@time_machine.travel("2026-01-15T08:00:00Z", tick=False)
def test_nightly_leaves_a_scored_year_as_it_was():
    make_team(activated_on=date(2025, 11, 3))
    RecognitionRound.objects.create(
        year=2025, state="scored", evidence_hash="0" * 64, scored_by=make_user(), scored_at=timezone.now()
    )

    assert nightly() == "2026-01: 1 reports opened\n"


def test_rebuild_rollups_mends_what_differs():
    report = make_report()
    make_log(report=report)
    make_read(report)
    VolunteerMonth.objects.update(minutes=1)

    out = StringIO()
    call_command("rebuild_rollups", stdout=out)

    assert out.getvalue() == "6 rows differed; the roll-ups now equal the records.\n"
    assert rollup.differences() == []
