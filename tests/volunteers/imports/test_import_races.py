"""Imports that meet: two files at once, a change by hand, a worker killed in the middle. Real transactions."""

import os
import signal
import subprocess
import sys
import time
from datetime import date

import pytest
from django.conf import settings

from accounts.rights import Role
from common import jobs
from common.rules import RuleBroken
from tests.factories import make_team, make_volunteer
from tests.races import in_parallel
from tests.services.test_log_crashes import own_database
from tests.volunteers.imports.office import Office, phone_of, work
from volunteers.domain import numbers
from volunteers.domain.volunteer import edit_volunteer
from volunteers.domain.volunteer_import import confirm_volunteers
from volunteers.imports import apply
from volunteers.models import Volunteer, VolunteerImport

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def by_hand(monkeypatch):
    """Let the tests themselves say when a worker begins."""
    monkeypatch.setattr(jobs, "_enqueue", lambda model, pk: None)


def confirmed(office, *people, only_good=True):
    found = office.checked(*people)
    return confirm_volunteers(found, only_good=only_good, version=found.version, by=office.by)


def test_one_file_imported_twice_at_once_counts_once():
    office = Office(Role.ADMIN)
    people = [office.row(f"李{sign}") for sign in "一二三四五六七八"]
    first, second = confirmed(office, *people), confirmed(office, *people)
    in_parallel(lambda: work(first), lambda: work(second))
    done = list(VolunteerImport.objects.order_by("pk"))

    assert Volunteer.objects.count() == 8
    assert sorted(each.added_count for each in done) == [0, 8]
    assert sorted(each.result["refused"] for each in done) == [0, 8]


@pytest.mark.postgresql
def test_without_the_lock_two_files_at_once_double_people(monkeypatch):
    """The negative control: nobody waits, so both decide before either has written."""
    monkeypatch.setattr(numbers, "ADVISORY_LOCK", 1)
    taken = iter(range(1, 100))
    monkeypatch.setattr(apply, "next_numbers", lambda count: [f"{next(taken):07}" for _ in range(count)])
    decide = apply.Checker.decide

    def slowly(self, lines):
        decided = decide(self, lines)
        time.sleep(0.5)
        return decided

    office = Office(Role.ADMIN)
    people = [office.row(f"李{sign}") for sign in "一二三"]
    first, second = confirmed(office, *people), confirmed(office, *people)
    monkeypatch.setattr(apply.Checker, "decide", slowly)
    in_parallel(lambda: work(first), lambda: work(second))

    assert Volunteer.objects.count() == 6


def test_an_import_and_a_change_by_hand_end_as_one_of_them_after_the_other():
    office = Office()
    person = make_volunteer(
        name="李四", village=office.village, phone=phone_of("李四"), birth_date=date(1980, 5, 6), unit="旧"
    )
    found = office.checked(["李四", phone_of("李四"), "新"], header=("姓名", "手机", "工作单位"))
    found = confirm_volunteers(found, only_good=True, version=found.version, by=office.by)
    answers = in_parallel(
        lambda: work(found), lambda: edit_volunteer(person.pk, {"unit": "手工"}, version=0, by=office.by)
    )
    done, person = VolunteerImport.objects.get(), Volunteer.objects.get()

    if person.unit == "手工":  # the hand was first: the row stays out
        assert (done.changed_count, done.result["refused"], person.version) == (0, 1, 1)
    else:  # the list was first: the form is told that somebody else saved
        assert (person.unit, done.changed_count) == ("新", 1)
        assert isinstance(answers[1], RuleBroken)


@pytest.mark.postgresql
def test_lists_that_change_members_of_the_same_teams_do_not_lock_each_other_out():
    office = Office()
    teams = [make_team(township=office.township, members=5) for _ in range(2)]
    members = list(Volunteer.objects.filter(memberships__team__in=teams).order_by("pk"))
    header = ("编号", "姓名", "能力类型")
    lists = []
    for people in (members[:5], members[5:]):
        found = office.checked(*[[each.number, each.name, office.farming.name] for each in people[-2:]], header=header)
        lists.append(confirm_volunteers(found, only_good=True, version=found.version, by=office.by))
    in_parallel(*[lambda each=each: work(each) for each in lists])

    assert set(VolunteerImport.objects.values_list("state", flat=True)) == {"done"}
    assert sum(VolunteerImport.objects.values_list("changed_count", flat=True)) == 4


# --- Killed in the middle ---------------------------------------------------------------------------------

CONFIRM = """
import django
django.setup()
from accounts.rights import Role
from tests.volunteers.imports.office import Office
from volunteers.domain.volunteer_import import confirm_volunteers
office = Office(Role.ADMIN)
found = office.checked(*[office.row(f"李{sign}") for sign in "一二三四五"])
confirm_volunteers(found, only_good=False, version=found.version, by=office.by)
"""
# A worker that says what it has written, and then takes its time.
WORK = """
import sys, time
import django
django.setup()
from common import copying
real = copying.insert
def slowly(model, names, rows):
    real(model, names, rows)
    print("written", model.__name__, flush=True)
    time.sleep(float(sys.argv[1]))
copying.insert = slowly
from tests.volunteers.imports.office import work
from volunteers.models import VolunteerImport
work(VolunteerImport.objects.get())
"""
STANDS = """
import django
django.setup()
from accounts.models import AuditEntry
from volunteers.models import Volunteer, VolunteerImport
found = VolunteerImport.objects.get()
entries = AuditEntry.objects.filter(event="import_volunteers", content_type__model="volunteer")
print(found.state, found.added_count, Volunteer.objects.count(), entries.count())
"""


def test_a_worker_killed_in_the_middle_leaves_nothing_and_the_next_one_does_it_once(tmp_path):
    with own_database(tmp_path) as (address, _own):
        environment = os.environ | {
            "DATABASE_URL": address,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DEBUG": "True",
            "HTTPS": "False",
            "ALLOWED_HOSTS": "127.0.0.1",
            "PYTHONPATH": str(settings.BASE_DIR),
        }
        environment.pop("TEST_DATABASE_URL", None)
        options = {"env": environment, "cwd": settings.BASE_DIR, "text": True, "stdout": subprocess.PIPE}

        def run(*command):
            return subprocess.run([sys.executable, *command], check=True, **options).stdout

        run("manage.py", "migrate", "-v0")
        run("-c", CONFIRM)
        killed = subprocess.Popen([sys.executable, "-c", WORK, "60"], **options)
        assert killed.stdout.readline() == "written Volunteer\n"
        killed.send_signal(signal.SIGKILL)
        killed.communicate()

        assert run("-c", STANDS) == "importing 0 0 0\n"
        run("-c", WORK, "0")
        run("-c", WORK, "0")
        assert run("-c", STANDS) == "done 5 5 5\n"
