"""Visit plans: what counts as a visit, what is due, and who may keep them."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.rights import Role
from common.rules import RuleBroken, SavedMeanwhile
from services.domain.correction import grant_correction
from services.domain.log import edit_service, record_service, withdraw_service
from services.domain.visit_plan import add_visit_plan, edit_visit_plan, end_visit_plan, overdue_by_team, rounds_of
from services.models import ServiceCategory, Visit, VisitPlan
from services.models.visit_plan import key_of_recipient
from tests.factories import (
    make_category,
    make_correction,
    make_log,
    make_read_log,
    make_team,
    make_user,
    make_visit_plan,
)
from tests.races import in_parallel

pytestmark = pytest.mark.django_db
TODAY = date(2026, 7, 20)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(datetime.fromisoformat("2026-07-20T12:00:00+08:00"), tick=False):
        yield


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def staff(team):
    return make_user(Role.TOWNSHIP_STAFF, township=team.township)


def visits():
    return ServiceCategory.objects.get(code="visit")


def entry(team, day=date(2026, 7, 13), **changes):
    return {
        "date": day,
        "starts_at": datetime.fromisoformat(f"{day}T09:00:00+08:00"),
        "ends_at": datetime.fromisoformat(f"{day}T10:00:00+08:00"),
        "category": visits(),
        "recipient": "王大爷",
        "content": "看望",
        "participants": dict.fromkeys(team.memberships.values_list("volunteer", flat=True)),
    } | changes


def record(team, by, **changes):
    return record_service(key=uuid4(), team=team, by=by, **entry(team, **changes)).log


def plan_of(log):
    visit = Visit.objects.filter(log=log).first()
    return visit and (visit.plan, visit.is_chosen)


# --- which services are visits ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["王大爷", " 王 大爷", "王大爷。", "（王大爷）"])
def test_a_visit_of_the_same_recipient_counts_however_it_is_spelt(team, staff, name):
    plan = make_visit_plan(team, recipient="王大爷")

    assert plan_of(record(team, staff, recipient=name)) == (plan, False)


def test_what_is_no_visit_or_for_somebody_else_does_not_count(team, staff):
    make_visit_plan(team, recipient="王大爷")
    make_visit_plan(make_team(township=team.township), recipient="李大爷")

    other_kind = record(team, staff, category=make_category())
    other_name = record(team, staff, day=date(2026, 7, 14), recipient="王大妈")
    other_team = record(team, staff, day=date(2026, 7, 15), recipient="李大爷")

    assert [plan_of(log) for log in (other_kind, other_name, other_team)] == [None, None, None]


def test_a_log_opened_from_the_plan_counts_whatever_it_says(team, staff):
    plan = make_visit_plan(team, recipient="王大爷")

    log = record(team, staff, recipient="王建国（儿子在场）", category=make_category(), visit=plan)

    assert plan_of(log) == (plan, True)


def test_another_teams_plan_is_not_taken(team, staff):
    plan = make_visit_plan(make_team(township=team.township), recipient="王大爷")

    assert plan_of(record(team, staff, visit=plan)) is None


def test_a_correction_follows_the_recipient(team, staff):
    wang, li = make_visit_plan(team, recipient="王大爷"), make_visit_plan(team, recipient="李大爷")
    log = record(team, staff)

    log = edit_service(log, version=log.version, by=staff, **entry(team, recipient="李大爷"))
    assert plan_of(log) == (li, False)
    log = edit_service(log, version=log.version, by=staff, **entry(team, recipient="赵大爷"))
    assert plan_of(log) is None
    log = edit_service(log, version=log.version, by=staff, **entry(team, recipient="王大爷"))
    assert plan_of(log) == (wang, False)


def test_a_correction_keeps_the_plan_that_was_chosen(team, staff):
    plan = make_visit_plan(team, recipient="王大爷")
    log = record(team, staff, recipient="王建国", visit=plan)

    log = edit_service(log, version=log.version, by=staff, **entry(team, recipient="王建国老人"))

    assert plan_of(log) == (plan, True)


def test_a_granted_correction_stays_a_visit(team):
    chosen, named = make_visit_plan(team, recipient="王大爷"), make_visit_plan(team, recipient="李大爷")
    for plan, is_chosen, recipient in ((chosen, True, "王建国"), (named, False, "李大爷")):
        day = date(2026, 5 + is_chosen, 4)
        log = make_read_log(team=team, on=day, category=visits(), recipient=recipient)
        Visit.objects.create(plan=plan, log=log, is_chosen=is_chosen)
        log = grant_correction(make_correction(log), by=make_user(Role.REVIEWER)).result
        assert plan_of(log) == (plan, is_chosen)


def test_a_granted_correction_follows_the_recipient_as_a_change_does(team):
    chosen, named = make_visit_plan(team, recipient="王大爷"), make_visit_plan(team, recipient="李大爷")
    log = make_read_log(team=team, on=date(2026, 6, 4), category=visits(), recipient="王建国")
    Visit.objects.create(plan=chosen, log=log, is_chosen=True)

    log = grant_correction(make_correction(log, recipient="李大爷"), by=make_user(Role.REVIEWER)).result

    assert plan_of(log) == (named, False)


def test_a_new_plan_takes_in_the_visits_since_its_first_day(team, staff):
    before = make_log(team=team, on=date(2026, 7, 1), category=visits(), recipient="王大爷")
    since = make_log(team=team, on=date(2026, 7, 6), category=visits(), recipient="王大爷 ")
    make_log(team=team, on=date(2026, 7, 7), recipient="王大爷", category=make_category())

    plan = add_visit_plan(team, recipient="王大爷", every_days=7, starts_on=date(2026, 7, 6), by=staff)

    assert [visit.log for visit in plan.visits.all()] == [since]
    assert plan_of(before) is None


# --- what is due ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts_on", "visited", "every_days", "due_on", "overdue"),
    [
        (TODAY, None, 7, TODAY, 0),
        (TODAY - timedelta(1), None, 7, TODAY - timedelta(1), 1),
        (date(2026, 7, 1), date(2026, 7, 13), 7, TODAY, 0),
        (date(2026, 7, 1), date(2026, 7, 12), 7, date(2026, 7, 19), 1),
        (date(2026, 7, 1), date(2026, 7, 6), 14, TODAY, 0),
        (date(2026, 7, 1), date(2026, 7, 6), 30, date(2026, 8, 5), 0),
        (date(2026, 8, 1), date(2026, 7, 6), 7, date(2026, 8, 1), 0),
    ],
)
def test_the_next_visit_is_due_after_the_last_one(team, starts_on, visited, every_days, due_on, overdue):
    plan = make_visit_plan(team, starts_on=starts_on, every_days=every_days)
    if visited:
        Visit.objects.create(plan=plan, log=make_log(team=team, on=visited))

    (each,) = rounds_of(team, TODAY)

    assert (each.due_on, each.days_overdue, each.last_visit) == (due_on, overdue, visited)
    assert overdue_by_team(TODAY) == ({team.pk: 1} if overdue else {})


def test_a_withdrawn_visit_was_none(team, staff):
    make_visit_plan(team, recipient="王大爷", starts_on=date(2026, 7, 6))
    log = record(team, staff)

    withdraw_service(log, reason="没去成", by=staff)

    (each,) = rounds_of(team, TODAY)
    assert (each.last_visit, each.due_on) == (None, date(2026, 7, 6))


def test_rounds_cost_the_same_for_one_and_for_ten(team, django_assert_max_num_queries):
    for number in range(10):
        plan = make_visit_plan(team)
        Visit.objects.create(plan=plan, log=make_log(team=team, on=date(2026, 7, 1 + number)))

    with django_assert_max_num_queries(3):
        rounds_of(team, TODAY)
        overdue_by_team(TODAY)


# --- adding, changing, ending -----------------------------------------------------------------------------


def test_one_running_plan_a_recipient(team, staff):
    plan = add_visit_plan(team, recipient="王大爷", every_days=7, starts_on=TODAY, by=staff)

    with pytest.raises(RuleBroken, match="has a plan for this recipient") as refused:
        add_visit_plan(team, recipient="王 大爷", every_days=14, starts_on=TODAY, by=staff)
    assert refused.value.field == "recipient"

    end_visit_plan(plan, by=staff)
    again = add_visit_plan(team, recipient="王大爷", every_days=14, starts_on=TODAY, by=staff)
    assert list(VisitPlan.objects.running()) == [again]
    with pytest.raises(RuleBroken, match="was ended"):
        end_visit_plan(plan, by=staff)


def test_the_database_keeps_a_second_plan_out_as_well(team):
    make_visit_plan(team, recipient="王大爷")

    with pytest.raises(IntegrityError), transaction.atomic():
        make_visit_plan(team, recipient="王大爷")


@pytest.mark.django_db(transaction=True)
def test_two_who_add_the_same_plan_at_once_make_one(team, staff):
    def add():
        return add_visit_plan(team, recipient="王大爷", every_days=7, starts_on=TODAY, by=staff)

    answers = in_parallel(add, add, add)

    assert sorted(type(answer) is VisitPlan for answer in answers) == [False, False, True]
    assert VisitPlan.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"recipient": " …· "}, "recipient"),
        ({"recipient": "王" * 61}, "recipient"),
        ({"every_days": 8}, "every_days"),
        ({"starts_on": TODAY - timedelta(367)}, "starts_on"),
        ({"starts_on": TODAY + timedelta(367)}, "starts_on"),
        ({"note": "注" * 201}, "note"),
    ],
)
def test_a_senseless_plan_is_refused(team, staff, changes, field):
    given = {"recipient": "王大爷", "every_days": 7, "starts_on": TODAY} | changes

    with pytest.raises(RuleBroken) as refused:
        add_visit_plan(team, **given, by=staff)

    assert refused.value.field == field
    assert not VisitPlan.objects.exists()


def test_a_plan_is_not_moved_out_of_sight_later_either(team, staff):
    old = make_visit_plan(team, recipient="王大爷", starts_on=TODAY - timedelta(500))
    words = {"recipient": "王大爷", "every_days": 14}

    with pytest.raises(RuleBroken, match="within a year"):
        edit_visit_plan(old, **words, starts_on=TODAY + timedelta(367), version=0, by=staff)

    assert edit_visit_plan(old, **words, starts_on=old.starts_on, version=0, by=staff).every_days == 14


def test_an_older_copy_does_not_overwrite_a_newer_one(team, staff):
    plan = make_visit_plan(team, recipient="王大爷")
    words = {"recipient": "王大爷", "every_days": 14, "starts_on": TODAY}
    edit_visit_plan(plan, **words, version=0, by=staff)

    with pytest.raises(SavedMeanwhile):
        edit_visit_plan(plan, **words, version=0, by=staff)


def test_the_key_of_a_name_is_stored_with_it(team, staff):
    plan = add_visit_plan(team, recipient="Ａｎｎａ 王", every_days=7, starts_on=TODAY, by=staff)

    assert plan.recipient_key == key_of_recipient("anna王") == "anna王"


# --- the pages ------------------------------------------------------------------------------------------------


def test_a_plan_is_added_changed_and_ended_on_the_pages(client_of, team):
    client = client_of(Role.TOWNSHIP_STAFF, township=team.township)
    month = reverse("services:team_month", args=[team.pk])
    words = {"recipient": "王大爷", "place": "村口", "every_days": "7", "starts_on": "2026-07-20", "note": "独居"}

    answer = client.post(reverse("services:visit_plan_create", args=[team.pk]), words)
    assert (answer.status_code, answer.url) == (302, f"{month}#visits")
    plan = VisitPlan.objects.get()
    assert (plan.recipient, plan.every_days, plan.recorded_by) == ("王大爷", 7, client.user)

    edit = reverse("services:visit_plan_edit", args=[plan.pk])
    assert client.post(edit, words | {"every_days": "14", "version": "0"}).status_code == 302
    stale = client.post(edit, words | {"every_days": "30", "version": "0"})
    assert stale.status_code == 422
    assert stale.context["form"]["version"].value() == "1"
    assert 'value="30" ' in stale.content.decode() or 'value="30"' in stale.content.decode()

    assert client.post(reverse("services:visit_plan_end", args=[plan.pk])).status_code == 302
    plan.refresh_from_db()
    assert (plan.every_days, plan.ended_on) == (14, TODAY)
    assert client.get(edit).status_code == 302
    assert client.post(edit, words | {"version": plan.version}).status_code == 422


def test_the_log_form_begins_with_the_plan_and_says_which(client_of, team):
    client = client_of(Role.TOWNSHIP_STAFF, township=team.township)
    plan = make_visit_plan(team, recipient="王大爷", place="村口")

    answer = client.get(f"{reverse('services:log_create')}?visit={plan.pk}")

    form = answer.context["form"]
    assert "For the visit plan: 王大爷" in answer.content.decode()
    begun = {name: form[name].value() for name in ("visit", "team", "recipient", "place", "category")}
    assert begun == {
        "visit": plan.pk,
        "team": team.pk,
        "recipient": "王大爷",
        "place": "村口",
        "category": visits().pk,
    }


@pytest.mark.parametrize("key", ["0", "x", "9" * 30, ""])
def test_a_plan_that_is_not_there_begins_nothing(client_of, team, key):
    foreign = make_visit_plan(make_team(), recipient="远方")
    client = client_of(Role.TOWNSHIP_STAFF, township=team.township)

    for asked in (key, str(foreign.pk)):
        form = client.get(f"{reverse('services:log_create')}?visit={asked}").context["form"]
        assert form["recipient"].value() is None
