"""By when requests are to be met: what holds, who sets it, what is refused, and what becomes of the settings before."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.rights import Role
from common.rules import RuleBroken, SavedMeanwhile
from services.domain.deadline import USUAL, Deadlines, Minutes, minutes_for, set_deadlines, version_of
from services.domain.request import open_request
from services.models import HelpRequest, RequestDeadline
from tests.factories import make_deadline, make_request, make_settings, make_team, make_township, make_user
from tests.races import in_parallel

pytestmark = pytest.mark.django_db
URGENT, NORMAL, LOW = HelpRequest.Urgency
SHORT = Minutes(20, 60, 600, 5, 30)
# The migration before the one that takes the days of townships over.
BEFORE = "0031_request_photos"


@pytest.fixture
def admin():
    return make_user(Role.ADMIN)


def change(township, by, *, version=None, reason="试点", **wanted):
    held = Deadlines.read()
    now = {urgency: held.own.get((township and township.pk, urgency)) for urgency in HelpRequest.Urgency}
    if township is None:
        now = dict(held.city)
    version = version_of(township) if version is None else version
    return set_deadlines(township, now | wanted, reason=reason, version=version, by=by)


# --- What holds -----------------------------------------------------------------------------------------


def test_usual_deadlines_hold_until_something_is_set():
    assert {urgency: minutes_for(make_township().pk, urgency) for urgency in HelpRequest.Urgency} == USUAL


def test_township_has_its_own_until_it_does_as_the_city_again(admin):
    township, other = make_township(), make_township()
    change(None, admin, urgent=Minutes(40, 90, 900, 0, 60))
    change(township, admin, urgent=SHORT)
    assert minutes_for(township.pk, URGENT) == SHORT
    assert minutes_for(other.pk, URGENT) == Minutes(40, 90, 900, 0, 60)
    assert minutes_for(township.pk, NORMAL) == USUAL[NORMAL]

    change(township, admin, urgent=None)

    assert minutes_for(township.pk, URGENT) == Minutes(40, 90, 900, 0, 60)
    assert Deadlines.read().townships == set()


def test_changed_deadlines_hold_for_requests_opened_from_then_on(admin):
    team = make_team()
    before = make_request(team=team, urgency=URGENT)
    change(None, admin, urgent=SHORT)

    after = open_request(key=uuid4(), team=team, caller="王", content="漏水", urgency=URGENT, by=make_user()).request

    before.refresh_from_db()
    assert before.answer_due_at == before.asked_at + timedelta(minutes=30)
    assert after.answer_due_at == after.asked_at + timedelta(minutes=20)


# --- What is said ---------------------------------------------------------------------------------------


def test_each_change_is_a_version_with_reason_and_person(admin):
    change(None, admin, urgent=SHORT, low=Minutes(60, 120, 240, 0, 0))
    change(None, admin, urgent=USUAL[URGENT], reason="恢复原来的时限")

    rows = RequestDeadline.objects.order_by("id").values_list("urgency", "number", "answer_minutes", "reason", "set_by")
    assert list(rows) == [
        ("urgent", 1, 20, "试点", admin.pk),
        ("low", 1, 60, "试点", admin.pk),
        ("urgent", 2, 30, "恢复原来的时限", admin.pk),
    ]
    assert AuditEntry.objects.filter(event="set_deadlines", actor=admin).count() == 3


@pytest.mark.parametrize(
    ("wanted", "field", "advice"),
    [
        ({"urgent": Minutes(30, 20, 600, 5, 30)}, "urgent_arrive_minutes", "30 minutes"),
        ({"urgent": Minutes(30, 60, 40, 5, 30)}, "urgent_resolve_minutes", "1 hour"),
        ({"low": Minutes(30, 60, 90, 30, 5)}, "low_city_after_minutes", "30 minutes"),
        ({"normal": Minutes(0, 60, 90, 5, 30)}, "normal_answer_minutes", "at least one minute"),
        ({"normal": Minutes(30, 60, 61 * 1440, 5, 30)}, "normal_resolve_minutes", "at most 60 days"),
        ({"normal": Minutes(30, 60, 90, 5, 61 * 1440)}, "normal_city_after_minutes", "at most 60 days"),
        ({"normal": None}, "normal_answer_minutes", "needs every deadline"),
        ({"urgent": SHORT, "reason": " "}, "reason", "Say why"),
        ({"urgent": SHORT, "reason": "长" * 201}, "reason", "At most 200"),
        ({"urgent": SHORT, "version": 7}, None, "Someone else saved"),
        ({}, None, "Nothing was changed"),
    ],
)
def test_senseless_deadlines_are_refused(admin, wanted, field, advice):
    with pytest.raises(RuleBroken, match=advice) as refused:
        change(None, admin, **wanted)

    assert refused.value.field == field
    assert not RequestDeadline.objects.exists()


def test_township_that_was_merged_has_no_deadlines_set(admin):
    township = make_township(merged_into=make_township(), ended_on=date(2026, 1, 1))
    with pytest.raises(RuleBroken, match="Change the deadlines of that one"):
        change(township, admin, urgent=SHORT)


@pytest.mark.parametrize("statement", ["update", "delete"])
def test_versions_stay_on_record(statement):
    rows = RequestDeadline.objects.filter(pk=make_deadline().pk)
    with pytest.raises(DatabaseError, match="deadline_kept"), transaction.atomic():
        rows.update(reason="别的") if statement == "update" else rows._raw_delete("default")


@pytest.mark.parametrize(
    "columns",
    [
        {"arrive_minutes": 10},
        {"resolve_minutes": 86_401},
        {"city_after_minutes": 1},
        {"answer_minutes": None},
        dict.fromkeys(
            ("answer_minutes", "arrive_minutes", "resolve_minutes", "township_after_minutes", "city_after_minutes")
        ),
        {"urgency": "later"},
        {"number": 0},
        {"reason": ""},
    ],
)
def test_database_refuses_what_makes_no_sense(columns):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_deadline(**columns)


@pytest.mark.django_db(transaction=True)
def test_two_who_set_the_same_at_once_do_not_overwrite_each_other():
    admins = [make_user(Role.ADMIN) for _ in range(2)]
    wanted = [dict(USUAL) | {URGENT: Minutes(minutes, 60, 600, 5, 30)} for minutes in (20, 25)]

    answers = in_parallel(
        *(
            lambda by=by, each=each: set_deadlines(None, each, reason="试点", version=0, by=by)
            for by, each in zip(admins, wanted, strict=True)
        )
    )

    assert {type(answer) for answer in answers} == {list, SavedMeanwhile}
    assert RequestDeadline.objects.get().number == 1


# --- The pages ------------------------------------------------------------------------------------------


def form_of(page, **typed):
    form = page.context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in values.items()} | typed


def test_admin_sets_deadlines_in_words(client, admin):
    client.force_login(admin)
    address = reverse("services:deadline_edit")
    page = client.get(address)
    assert page.context["form"]["urgent_answer_minutes"].value() == "30 minutes"

    answer = client.post(address, form_of(page, urgent_answer_minutes="20 分钟", reason="试点"))

    assert answer.status_code == 302
    assert minutes_for(make_township().pk, URGENT).answer == 20
    page = client.get(answer["Location"])
    assert "20 minutes" in page.content.decode()
    assert page.context["history"][0]["reason"] == "试点"
    assert "come in from now on" in page.content.decode()


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        ({"urgent_answer_minutes": "soon"}, "with its unit"),
        ({"urgent_answer_minutes": ""}, "required"),
        ({"urgent_arrive_minutes": "5 分钟"}, "Not earlier than what comes before it, 30 minutes"),
        ({"reason": ""}, "required"),
        ({"version": "99"}, "Someone else saved"),
    ],
)
def test_refused_deadlines_come_back_as_typed(client, admin, typed, advice):
    client.force_login(admin)
    address = reverse("services:deadline_edit")

    answer = client.post(
        address, form_of(client.get(address), **{"low_answer_minutes": "25 小时", "reason": "试点"} | typed)
    )

    assert answer.status_code == 422
    assert advice in answer.content.decode()
    assert "25 小时" in answer.content.decode()
    assert not RequestDeadline.objects.exists()


def test_township_enters_all_five_or_none(client, admin):
    township = make_township()
    client.force_login(admin)
    address = reverse("services:township_deadlines_edit", args=[township.pk])
    page = client.get(address)
    assert page.context["form"]["urgent_answer_minutes"].value() is None

    answer = client.post(address, form_of(page, urgent_answer_minutes="20 分钟", reason="试点"))
    assert answer.status_code == 422
    assert "leave all five empty" in answer.content.decode()

    typed = dict(
        zip(
            ["answer", "arrive", "resolve", "township_after", "city_after"],
            ("20分", "1小时", "1天", "0", "1天"),
            strict=True,
        )
    )
    answer = client.post(
        address, form_of(page, reason="试点", **{f"urgent_{name}_minutes": value for name, value in typed.items()})
    )
    assert answer.status_code == 302
    assert minutes_for(township.pk, URGENT) == Minutes(20, 60, 1440, 0, 1440)
    assert "at once" in client.get(answer["Location"]).content.decode()


def test_reader_sees_own_deadlines_and_those_of_the_city_only(client):
    township, other = make_township(name="本镇"), make_township(name="别镇")
    make_deadline(township=other, reason="别镇的理由")
    make_deadline(township=township, reason="本镇的理由")
    staff = make_user(Role.TOWNSHIP_STAFF, township=township)
    client.force_login(staff)

    page = client.get(reverse("services:deadline_list")).content.decode()
    assert "本镇" in page
    assert "别镇" not in page
    assert "本镇的理由" in client.get(reverse("services:township_deadlines", args=[township.pk])).content.decode()
    assert client.get(reverse("services:township_deadlines", args=[other.pk])).status_code == 404


# --- The settings before --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_days_of_a_township_become_its_own_deadline_and_can_be_had_back():
    township, other = make_township(), make_township()
    for each in (township, other):
        make_settings(each, late_entry_days=9)

    def days():
        with connection.cursor() as cursor:
            cursor.execute("SELECT request_answer_days FROM areas_townshipsettings ORDER BY township_id")
            return [row[0] for row in cursor.fetchall()]

    try:
        call_command("migrate", "services", BEFORE, verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE areas_townshipsettings SET request_answer_days = 2 WHERE township_id = %s", [township.pk]
            )
        call_command("migrate", verbosity=0)
        assert minutes_for(township.pk, NORMAL).resolve == 2 * 1440
        assert minutes_for(other.pk, NORMAL) == USUAL[NORMAL]
        assert RequestDeadline.objects.get().set_by is None
        call_command("migrate", "services", BEFORE, verbosity=0)
        assert days() == [2, None]
    finally:
        call_command("migrate", verbosity=0)
