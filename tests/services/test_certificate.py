"""Certificates: what is certified and what is not, numbers, corrections, revoking, and that nothing ever changes."""

from datetime import date, time
from uuid import uuid4

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction

from accounts.models import AuditEntry
from accounts.rights import Role
from common.rules import RuleBroken
from services.domain.certificate import (
    differs,
    figures_of,
    issue_certificate,
    present_figures,
    print_certificate,
    remembered,
    revoke_certificate,
)
from services.domain.correction import grant_correction
from services.models import Certificate, ServiceCategory
from tests.factories import (
    make_certificate,
    make_correction,
    make_log,
    make_read,
    make_read_log,
    make_township,
    make_user,
    make_volunteer,
)
from tests.races import in_parallel
from volunteers.models import Volunteer

pytestmark = pytest.mark.django_db
PAPER = {"office": "大荆镇组织办公室", "head": "陈志明", "handler": "林晓燕", "contact": "0577-62230000"}


@pytest.fixture(autouse=True)
def _in_july():
    with time_machine.travel("2026-07-08T04:00:00Z", tick=False):
        yield


@pytest.fixture
def log():
    """A read service of an hour on the 6th of May, of three."""
    return make_read_log(on=date(2026, 5, 6), category=ServiceCategory.objects.get(name="走访"))


@pytest.fixture
def volunteer(log):
    return log.participations.order_by("pk")[0].volunteer


@pytest.fixture
def staff(volunteer):
    return make_user(Role.TOWNSHIP_STAFF, township=volunteer.township)


def issue(volunteer, **changes):
    fields = {"key": uuid4(), "starts_on": date(2026, 1, 1), "ends_on": date(2026, 7, 8), **PAPER}
    return issue_certificate(volunteer, **(fields | changes))


def test_services_of_read_months_count_by_category_and_the_others_are_told_beside(log, volunteer):
    team = log.team
    cleaning = ServiceCategory.objects.get(name="清洁环境")
    june = make_log(team=team, on=date(2026, 6, 1), minutes=90, category=cleaning)
    make_log(team=team, on=date(2026, 6, 2), minutes=30, category=cleaning)
    make_read(june.report)
    make_log(team=team, on=date(2026, 7, 6), minutes=45, category=cleaning)  # not read yet
    make_log(team=team, on=date(2026, 7, 7), minutes=40, category=cleaning, is_withdrawn=True, withdrawn_reason="重复")

    figures = figures_of(volunteer, date(2026, 1, 1), date(2026, 7, 8))

    assert (figures.services, figures.minutes) == (3, 180)
    assert figures.categories == (("清洁环境", 2, 120), ("走访", 1, 60))
    assert (figures.waiting_services, figures.waiting_minutes) == (1, 45)


def test_only_the_days_of_the_period_count(log, volunteer):
    assert figures_of(volunteer, date(2026, 5, 6), date(2026, 5, 6)).services == 1
    assert figures_of(volunteer, date(2026, 5, 7), date(2026, 7, 8)).services == 0
    assert figures_of(volunteer, date(2026, 1, 1), date(2026, 5, 5)).services == 0


def test_services_of_a_record_that_was_merged_into_this_one_count(log, volunteer):
    given_up = log.participations.order_by("pk")[1].volunteer
    Volunteer.objects.filter(pk=given_up.pk).update(merged_into=volunteer)
    given_up.refresh_from_db()
    assert figures_of(volunteer, date(2026, 1, 1), date(2026, 7, 8)).services == 2
    with pytest.raises(RuleBroken, match=f"from the record {volunteer.number}"):
        issue(given_up, by=make_user(Role.ADMIN))


def test_certificate_of_a_record_that_was_merged_is_superseded_by_one_of_the_person(log, volunteer):
    given_up, admin = log.participations.order_by("pk")[1].volunteer, make_user(Role.ADMIN)
    old = issue(given_up, by=admin)
    Volunteer.objects.filter(pk=given_up.pk).update(merged_into=volunteer)

    new = issue(volunteer, supersedes=old, by=admin)

    old.refresh_from_db()
    assert (old.standing, new.services) == ("superseded", 2)


def test_what_is_issued_is_frozen_and_numbered(volunteer, staff):
    certificate = issue(volunteer, by=staff)

    assert certificate.number == "乐义证〔2026〕000001"
    assert (certificate.services, certificate.minutes, certificate.categories) == (1, 60, [["走访", 1, 60]])
    assert certificate.standing == "valid"
    assert len(certificate.code) == 11
    assert certificate.township == volunteer.township
    assert issue(volunteer, by=staff).number == "乐义证〔2026〕000002"


def test_numbers_begin_anew_each_year(volunteer, staff):
    issue(volunteer, by=staff)
    with time_machine.travel("2027-01-01T00:30:00+08:00", tick=False):
        assert issue(volunteer, by=staff).number == "乐义证〔2027〕000001"


def test_the_same_form_sent_twice_makes_one(volunteer, staff):
    key = uuid4()
    assert issue(volunteer, key=key, by=staff) == issue(volunteer, key=key, by=staff)
    assert Certificate.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"ends_on": date(2026, 7, 9)}, "ends_on", "lies in the future"),
        ({"starts_on": date(2026, 7, 2), "ends_on": date(2026, 7, 1)}, "ends_on", "before the first"),
        ({"ends_on": date(2026, 5, 5)}, "period", "No service of this volunteer is on record"),
        ({"office": " "}, "office", "Fill it in"),
        ({"head": ""}, "head", "Fill it in"),
        ({"office": "大荆镇\U000323af"}, None, "U\\+323AF"),
    ],
)
def test_what_cannot_be_certified_is_refused(volunteer, staff, changes, field, said):
    with pytest.raises(RuleBroken, match=said) as refused:
        issue(volunteer, by=staff, **changes)
    assert refused.value.field == field
    assert not Certificate.objects.exists()


def test_what_waits_to_be_read_is_no_service_yet(log, volunteer, staff):
    make_log(team=log.team, on=date(2026, 7, 6), minutes=45)
    with pytest.raises(RuleBroken, match=r"1 services with 0.7 hours wait for their months"):
        issue(volunteer, starts_on=date(2026, 6, 1), by=staff)


def test_a_name_that_no_font_has_is_refused_by_name(volunteer, staff):
    Volunteer.objects.filter(pk=volunteer.pk).update(name="李\U000323af")
    volunteer.refresh_from_db()
    with pytest.raises(RuleBroken, match=rf"李.*{volunteer.number}.*U\+323AF"):
        issue(volunteer, by=staff)


def test_after_a_correction_the_records_differ_and_another_takes_its_place(log, volunteer, staff):
    old = issue(volunteer, by=staff)
    assert not differs(old, present_figures(old))
    shorter = make_correction(
        log, participants=dict.fromkeys(log.participations.values_list("volunteer", flat=True), 50)
    )
    grant_correction(shorter, answer="核实", by=make_user(Role.REVIEWER))

    assert differs(old, present_figures(old))
    new = issue(volunteer, supersedes=old, by=staff)

    old = Certificate.objects.get(pk=old.pk)
    assert (old.minutes, old.standing) == (60, "superseded")
    assert (new.minutes, new.standing, new.supersedes) == (50, "valid", old)
    with pytest.raises(RuleBroken, match="“Superseded” already"):
        issue(volunteer, supersedes=old, by=staff)


def test_nobody_elses_certificate_is_superseded(log, volunteer, staff):
    other = log.participations.order_by("pk")[1].volunteer
    old = issue(other, by=staff)
    with pytest.raises(RuleBroken, match="another volunteer's"):
        issue(volunteer, supersedes=old, by=staff)


def test_revoking_needs_a_reason_and_is_done_once(volunteer, staff):
    certificate = issue(volunteer, by=staff)
    with pytest.raises(RuleBroken, match="Say why"):
        revoke_certificate(certificate, reason=" ", by=staff)
    with pytest.raises(RuleBroken, match="At most 200"):
        revoke_certificate(certificate, reason="长" * 201, by=staff)
    revoke_certificate(certificate, reason="信息有误", by=staff)

    assert (certificate.standing, certificate.revoked_reason) == ("revoked", "信息有误")
    with pytest.raises(RuleBroken, match="revoked already"):
        revoke_certificate(certificate, reason="再来", by=staff)
    with pytest.raises(RuleBroken, match="“Revoked” already"):
        issue(volunteer, supersedes=certificate, by=staff)
    with pytest.raises(RuleBroken, match="not printed any more"):
        print_certificate(certificate, by=staff)


def test_each_step_stands_in_the_trail_without_the_code(volunteer, staff):
    certificate = issue(volunteer, by=staff)
    print_certificate(certificate, by=staff)
    revoke_certificate(certificate, reason="信息有误", by=staff)

    entries = AuditEntry.objects.filter(content_type__model="certificate").order_by("pk")
    assert [entry.event for entry in entries] == ["issue_certificate", "print_certificate", "revoke_certificate"]
    assert all(entry.actor == staff for entry in entries)
    assert all(certificate.code not in str(entry.changes) for entry in entries)


@pytest.mark.parametrize(
    "changes",
    [
        {"minutes": 6000},
        {"name": "别人"},
        {"number": "乐义证〔2026〕000009"},
        {"ends_on": date(2026, 7, 7)},
        {"categories": []},
        {"office": "别处"},
        {"supersedes": None, "services": 9},
        {"code": "ACDEFHJKLMN"},
    ],
)
def test_nothing_on_it_ever_changes(volunteer, staff, changes):
    certificate = issue(volunteer, by=staff)
    with pytest.raises(DatabaseError, match="certificate_stands"), transaction.atomic():
        Certificate.objects.filter(pk=certificate.pk).update(**changes)


def test_it_is_neither_deleted_nor_revoked_twice_nor_taken_back_into_force(volunteer, staff):
    certificate = revoke_certificate(issue(volunteer, by=staff), reason="信息有误", by=staff)
    for statement in (
        "DELETE FROM services_certificate WHERE id = %s",
        "UPDATE services_certificate SET revoked_reason = '没事' WHERE id = %s",
        "UPDATE services_certificate SET revoked_at = NULL, revoked_by_id = NULL, revoked_reason = '' WHERE id = %s",
    ):
        with pytest.raises(DatabaseError, match="certificate_stands"), transaction.atomic():
            connection.cursor().execute(statement, [certificate.pk])


def test_the_office_is_remembered_by_township_and_the_handler_is_who_signs_in(volunteer, staff):
    assert remembered(volunteer, staff)["office"] == volunteer.township.name
    issue(volunteer, by=staff)
    colleague = make_user(Role.TOWNSHIP_STAFF, township=volunteer.township, name="王小二")
    assert remembered(volunteer, colleague) == PAPER | {"handler": "王小二"}
    assert remembered(volunteer, make_user(Role.TOWNSHIP_STAFF, township=make_township()))["head"] == ""
    assert remembered(volunteer, make_user(Role.ADMIN))["office"] == ""


def test_who_sees_which(volunteer, staff):
    certificate = issue(volunteer, by=staff)
    seen = Certificate.objects.visible_to
    assert list(seen(staff)) == [certificate]
    assert list(seen(make_user(Role.AUDITOR))) == [certificate]
    assert list(seen(make_user(Role.TOWNSHIP_STAFF))) == []
    assert list(seen(make_user(Role.TEAM_LEADER, township=volunteer.township))) == []


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_get_ten_numbers_without_a_gap():
    with time_machine.travel("2026-07-08T04:00:00Z", tick=False):
        log = make_read_log(on=date(2026, 5, 6))
        volunteer = log.participations.order_by("pk")[0].volunteer
        staff = make_user(Role.TOWNSHIP_STAFF, township=volunteer.township)
        issued = in_parallel(*[lambda: issue(volunteer, by=staff)] * 10)

    assert sorted(certificate.serial for certificate in issued) == list(range(1, 11))


@pytest.mark.django_db(transaction=True)
def test_of_two_that_take_the_place_of_one_only_one_does():
    with time_machine.travel("2026-07-08T04:00:00Z", tick=False):
        volunteer = make_read_log(on=date(2026, 5, 6)).participations.order_by("pk")[0].volunteer
        staff = make_user(Role.TOWNSHIP_STAFF, township=volunteer.township)
        old = issue(volunteer, by=staff)
        answers = in_parallel(*[lambda: issue(volunteer, supersedes=old, by=staff)] * 3)

    assert sum(isinstance(answer, Certificate) for answer in answers) == 1
    assert sum(isinstance(answer, RuleBroken) for answer in answers) == 2


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_two_would_get_one_number(monkeypatch):
    """The negative control, where transactions do not exclude each other: the database refuses the second row."""
    monkeypatch.setattr("services.domain.certificate.wait_for_turn", lambda lock: None)
    with time_machine.travel("2026-07-08T04:00:00Z", tick=False):
        volunteer = make_read_log(on=date(2026, 5, 6)).participations.order_by("pk")[0].volunteer
        staff = make_user(Role.TOWNSHIP_STAFF, township=volunteer.township)

        def try_to_issue():
            try:
                return issue(volunteer, by=staff)
            except DatabaseError as error:
                return error

        answers = [answer for _round in range(5) for answer in in_parallel(*[try_to_issue] * 8)]
    assert any(isinstance(answer, DatabaseError) for answer in answers)


def test_a_service_at_midnight_belongs_to_its_day(log, volunteer):
    late = make_log(team=log.team, on=date(2026, 6, 30), starts=time(23), minutes=60)
    make_read(late.report)
    assert figures_of(volunteer, date(2026, 6, 30), date(2026, 6, 30)).services == 1
    assert figures_of(volunteer, date(2026, 7, 1), date(2026, 7, 1)).services == 0


def test_somebody_without_services_has_no_certificate():
    volunteer = make_volunteer()
    with pytest.raises(RuleBroken, match="No service of this volunteer"):
        make_certificate(volunteer)
