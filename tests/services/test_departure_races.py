"""A volunteer leaves, or turns out to have joined later, while a service of theirs is being written down."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import QuerySet

from accounts.rights import Role
from common.rules import RuleBroken
from services.domain import departure as departure_module
from services.domain import participants as participants_module
from services.domain.log import record_service
from services.models import Participation
from tests.factories import make_category, make_team, make_user, make_volunteer
from volunteers.domain.volunteer import edit_volunteer, leave

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
DAY = date(2026, 7, 6)
ONE = timedelta(days=1)
STEPS = {
    "leaving": lambda helper, by: leave(helper, on=DAY - ONE, reason="搬走", by=by),
    "joining later": lambda helper, by: edit_volunteer(helper.pk, {"joined_on": DAY + ONE}, version=0, by=by),
}


@pytest.fixture(autouse=True)
def _slowly(monkeypatch):
    """Hold each transaction between its checks and its end, so that the other meets it there."""
    for module, name in ((departure_module, "_refuse"), (participants_module, "_refuse_absent")):
        check = getattr(module, name)

        def checked(*args, check=check, **kwargs):
            check(*args, **kwargs)
            time.sleep(0.4)

        monkeypatch.setattr(module, name, checked)


@pytest.fixture
def without_locks(monkeypatch):
    """Take the row locks away."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self.all())


def race(step):
    """Let a helper's service be logged while ``step`` is taken; return the refusals."""
    team = make_team()
    helper = make_volunteer(village=team.grid.village)
    staff, admin, category = make_user(township=team.township), make_user(Role.ADMIN), make_category()
    member = team.memberships.order_by("pk")[0].volunteer_id

    def log():
        record_service(
            key=uuid4(),
            team=team,
            date=DAY,
            starts_at=datetime.fromisoformat("2026-07-06T08:00+08:00"),
            ends_at=datetime.fromisoformat("2026-07-06T09:00+08:00"),
            category=category,
            recipient="老陈",
            content="修水管",
            participants={member: None, helper.pk: None},
            by=staff,
        )

    start = Barrier(2)

    def run(act):
        try:
            connection.ensure_connection()
            start.wait(timeout=10)
            return act()
        except RuleBroken as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(run, [log, lambda: STEPS[step](helper, admin)]))
    return [answer for answer in answers if isinstance(answer, RuleBroken)]


def served_outside():
    """Return how many participations lie outside of their person's time in the programme."""
    served = Participation.objects.select_related("volunteer")
    return sum(
        part.date < part.volunteer.joined_on or (part.volunteer.left_on or date.max) < part.date for part in served
    )


@pytest.mark.parametrize("step", STEPS)
def test_service_or_step_is_refused(step):
    refusals = race(step)

    assert len(refusals) == 1
    assert served_outside() == 0


@pytest.mark.parametrize("step", STEPS)
def test_without_locks_somebody_served_outside(step, without_locks):
    assert race(step) == []
    assert served_outside() == 1
