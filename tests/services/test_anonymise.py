"""Residents' personal data are kept for so many days after a request was settled; then they are nowhere any more."""

from datetime import timedelta
from importlib import import_module
from io import StringIO
from uuid import uuid4

import pytest
import time_machine
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.rights import Role
from common.rules import RuleBroken
from services import photo_files
from services.domain import anonymise as module
from services.domain.album import strays
from services.domain.anonymise import anonymise_requests, forget_contacts
from services.domain.custody import return_item, void_item
from services.domain.dispatch import answer_referral, note_word
from services.domain.figures import Period
from services.domain.follow import rate_request
from services.domain.log import withdraw_service
from services.domain.objection import answer_objection, make_objection
from services.domain.rates import By, rates_of
from services.invariants import invariants
from services.models import CustodyItem, HelpRequest, Objection, RequestPhoto, RequestStep
from services.models.request import ANONYMISED, code_of
from tests.factories import (
    make_custody,
    make_feedback,
    make_log,
    make_notice,
    make_page_request,
    make_request,
    make_team,
    make_user,
)
from tests.pictures import make_request_photo

pytestmark = pytest.mark.django_db
# Whatever the resident said bears this word: it may be nowhere after the job.
SAID = "隐私词"
LONG_AGO = timedelta(days=800)


@pytest.fixture
def team():
    return make_team()


def make_old(team, *, ago=LONG_AGO, state="withdrawn", **fields):
    """Make a settled request all of whose words are the resident's."""
    defaults = {
        "caller": f"{SAID}阿婆",
        "phone": "13912345678",
        "place": f"{SAID}路8号",
        "content": f"{SAID}：水管漏了",
        "closed_at": timezone.now() - ago,
    }
    asked = make_request(team=team, state=state, **(defaults | fields))
    by = asked.recorded_by
    for kind in ("word", "transferred"):
        RequestStep.objects.create(request=asked, kind=kind, actor="office", by=by, text=f"{SAID}说")
    return asked


def broken():
    return {invariant.name for invariant in invariants() if invariant.broken_by()}


def places_with(word: str) -> set[str]:
    """Return every column of every table in which the word stands."""
    found = set()
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.CharField | models.TextField | models.JSONField):
                with connection.cursor() as cursor:
                    cursor.execute(
                        f'SELECT COUNT(*) FROM "{model._meta.db_table}" WHERE CAST("{field.column}" AS text) LIKE %s',
                        [f"%{word}%"],
                    )
                    if cursor.fetchone()[0]:
                        found.add(f"{model._meta.label}.{field.name}")
    return found


def test_nothing_that_a_resident_said_is_left_anywhere(team):
    staff = make_user(township=team.township)
    asked = make_old(team, state="open", closed_at=None)
    item = make_custody(asked, what=f"{SAID}的存折", from_whom=f"{SAID}阿婆", recorded_by=staff)
    return_item(item, returned_to=f"{SAID}儿子", returned_what=f"{SAID}的收据", by=staff)
    HelpRequest.objects.filter(pk=asked.pk).update(
        state="unsolved",
        outcome=f"{SAID}不在家",
        asked_at=timezone.now() - LONG_AGO - timedelta(days=1),
        closed_at=timezone.now() - LONG_AGO,
        due_at=None,
    )
    HelpRequest.objects.filter(pk=asked.pk).update(
        rating="fair", rated_at=timezone.now(), rating_words=f"{SAID}还行", referral_answer=f"{SAID}已答"
    )
    assert len(places_with(SAID)) > 8

    assert anonymise_requests() == 1

    assert places_with(SAID) == set()
    assert places_with("13912345678") == set()
    assert broken() == set()


def test_what_is_counted_stays(team):
    asked = make_old(team)
    kept = (
        *("township_id", "village_id", "grid_id", "team_id", "channel", "urgency", "category_id", "state"),
        *("asked_at", "closed_at", "answer_minutes", "arrive_minutes", "resolve_minutes", "rating", "code_hash", "key"),
    )
    before = HelpRequest.objects.values_list(*kept).get(pk=asked.pk)
    steps = list(asked.steps.values_list("kind", "at", "by"))

    anonymise_requests()

    assert HelpRequest.objects.values_list(*kept).get(pk=asked.pk) == before
    assert list(asked.steps.values_list("kind", "at", "by"))[: len(steps)] == steps
    assert asked.steps.last().kind == "anonymised"


@pytest.mark.parametrize(
    "kept",
    [
        {"ago": timedelta(days=729)},
        {"state": "open", "asked_at": timezone.now() - timedelta(days=900), "closed_at": None},
    ],
    ids=["settled lately", "still open"],
)
def test_what_is_not_due_is_left_alone(team, kept):
    asked = make_old(team, **kept)
    assert anonymise_requests() == 0
    asked.refresh_from_db()
    assert (asked.caller, asked.anonymised_at) == (f"{SAID}阿婆", None)


def test_request_with_something_out_is_left_alone(team):
    asked = make_old(team)
    make_custody(asked)
    assert anonymise_requests() == 0
    assert HelpRequest.objects.get(pk=asked.pk).caller == f"{SAID}阿婆"


def test_setting_says_for_how_long(team, settings):
    make_old(team, ago=timedelta(days=60))
    assert anonymise_requests() == 0
    settings.RESIDENT_DATA_KEPT_DAYS = 59
    assert anonymise_requests() == 1


def test_job_that_was_killed_between_two_batches_goes_on_where_it_was(team, monkeypatch):
    for _number in range(5):
        make_old(team)
    monkeypatch.setattr(module, "BATCH", 2)
    real, done = module.anonymise_batch, []

    def killed(**options):
        if len(done) == 1:
            raise KeyboardInterrupt
        done.append(real(**options))
        return done[-1]

    monkeypatch.setattr(module, "anonymise_batch", killed)
    with pytest.raises(KeyboardInterrupt):
        anonymise_requests()
    assert HelpRequest.objects.filter(anonymised_at__isnull=False).count() == 2

    monkeypatch.setattr(module, "anonymise_batch", real)
    assert anonymise_requests() == 3
    assert anonymise_requests() == 0
    assert AuditEntry.objects.filter(event="anonymise_batch", content_type__model="helprequest").count() == 5


def test_batch_costs_the_same_queries_however_many_it_has(team):
    def queries_for(number):
        for _number in range(number):
            make_old(team)
        with CaptureQueriesContext(connection) as queries:
            assert anonymise_requests() == number
        return len(queries)

    queries_for(1)
    assert queries_for(12) == queries_for(3)


def test_nightly_does_it_and_says_so(team):
    make_old(team)
    out = StringIO()
    call_command("nightly", stdout=out)
    assert "1 settled requests anonymised" in out.getvalue()


def test_invariants_name_what_is_kept_too_long_and_what_is_left(team):
    asked = make_old(team, ago=timedelta(days=731))
    assert "residents_words_not_kept_too_long" not in broken()  # one night may be missed
    HelpRequest.objects.filter(pk=asked.pk).update(
        asked_at=timezone.now() - LONG_AGO, closed_at=timezone.now() - timedelta(days=733)
    )
    assert "residents_words_not_kept_too_long" in broken()

    anonymise_requests()
    assert broken() == set()
    asked.steps.filter(kind="word").update(text="陈阿婆说")
    assert broken() == {"anonymised_request_is_nobodys"}


def test_contacts_of_the_answered_go_and_their_words_stay():
    answered, waiting = make_feedback(phone="13912345678", answer="谢谢"), make_feedback(phone="13987654321")
    make_objection(make_notice(), key=uuid4(), text="没来过", contact="13812345678")
    objection = Objection.objects.get()
    answer_objection(objection, answer="已核对", by=make_user(Role.REVIEWER))
    assert forget_contacts() == 0

    with time_machine.travel(timezone.now() + LONG_AGO):
        assert broken() == {"contacts_not_kept_too_long"}
        assert forget_contacts() == 2
        assert forget_contacts() == 0
        assert broken() == set()

    for record in (answered, waiting, objection):
        record.refresh_from_db()
    assert (answered.phone, objection.contact, waiting.phone) == ("", "", "13987654321")
    assert (objection.text, answered.answer) == ("没来过", "谢谢")


def test_words_that_stood_in_the_trail_are_masked_once_and_it_only_grows_again(team):
    asked = make_request(team=team)
    before = {"content": ["None", f"{SAID}漏水"], "outcome": ["", f"{SAID}不在"], "state": ["open", "closed"]}
    old = AuditEntry.objects.create(
        content_type=ContentType.objects.get_for_model(HelpRequest),
        object_pk=str(asked.pk),
        object_id=asked.pk,
        object_repr=f"2026-07-12 {SAID}漏水",
        action=AuditEntry.Action.UPDATE,
        changes=before,
    )
    other = AuditEntry.objects.filter(object_repr=str(team)).first()
    migration = import_module("services.migrations.0030_trail_without_words")
    operation = migration.Migration.operations[-1]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # the migration finds its rows committed
        for statement in getattr(operation, connection.vendor):
            cursor.execute(statement)

    old.refresh_from_db()
    masked = {"content": ["None", "****"], "outcome": ["", "****"], "state": ["open", "closed"]}
    assert (old.changes, old.object_repr) == (masked, f"2026-07-12 #{asked.pk}")
    assert AuditEntry.objects.get(pk=other.pk).changes == other.changes
    with pytest.raises(DatabaseError, match="audit_append_only"), transaction.atomic():
        AuditEntry.objects.filter(pk=old.pk).update(object_repr="anders")


def test_figures_and_rates_are_the_same_afterwards(team):
    asked_at = timezone.now() - LONG_AGO - timedelta(hours=5)
    for state in ("resolved", "resolved", "referred", "unsolved", "withdrawn"):
        fields = {"referred_to": "民政办"} if state == "referred" else {}
        outcome = "不在家" if state == "unsolved" else ""
        make_old(team, state=state, outcome=outcome, asked_at=asked_at, rating="fair", rated_at=asked_at, **fields)
    make_request(team=team)
    now, period = timezone.now(), Period(timezone.localtime(asked_at).year)

    def counted():
        every = HelpRequest.objects.all()
        return [rates_of(every, by, period=period, now=now) for by in (None, *By)]

    before = counted()
    assert before[0].total["resolve"] == 2

    assert anonymise_requests() == 5

    assert counted() == before


def test_no_words_come_into_an_anonymised_request(team):
    asked = make_old(team, state="referred", referred_to="民政办")
    anonymise_requests()
    for act in (
        lambda: note_word(asked, text=SAID, by=asked.recorded_by),
        lambda: answer_referral(asked, answer=SAID, by=asked.recorded_by),
    ):
        with pytest.raises(RuleBroken, match="were deleted"):
            act()
    assert places_with(SAID) == set()


def test_pages_say_plainly_that_it_was_anonymised(client, team):
    asked = make_old(team)
    anonymise_requests()
    client.force_login(make_user(township=team.township))
    listed = client.get(reverse("services:request_list")).content.decode()
    shown = client.get(asked.get_absolute_url()).content.decode()
    assert "Anonymised" in listed
    assert "were deleted for good" in shown
    assert SAID not in listed + shown
    assert reverse("services:custody_take", args=[asked.pk]) not in shown


def test_withdrawn_service_of_an_anonymised_request_does_not_open_it_again(team):
    asked = make_old(team, state="resolved")
    log = make_log(team=team, request=asked)
    anonymise_requests()

    withdraw_service(log, reason="记错了", by=make_user(township=team.township))

    asked.refresh_from_db()
    assert (asked.state, asked.outcome, asked.resolve_minutes) == ("unsolved", ANONYMISED, None)
    assert "anonymised_request_is_nobodys" not in broken()


def test_things_of_an_anonymised_request_change_no_more(team):
    asked = make_old(team)
    item = make_custody(asked)
    CustodyItem.objects.filter(pk=item.pk).update(
        returned_at=timezone.now(), returned_to="陈阿婆", return_recorded_by=asked.recorded_by
    )
    anonymise_requests()
    with pytest.raises(RuleBroken, match="were deleted"):
        void_item(item, reason=f"{SAID}记错", by=asked.recorded_by)
    assert places_with(SAID) == set()


def follow(code):
    return Client().get(reverse("services:ask_followed", args=[code]))


def test_code_says_that_the_request_is_over_and_its_words_were_deleted(team):
    asked = make_old(team, state="resolved")
    anonymise_requests()

    answer = follow(code_of(asked.key))

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Your request was closed long ago" in page
    assert "What you wrote was deleted, as its time was over" in page
    assert ANONYMISED not in page
    assert reverse("services:ask_confirm", args=[code_of(asked.key)]) not in page
    assert not answer.context["may_rate"]
    with pytest.raises(RuleBroken):
        rate_request(asked, rating="fair", words=SAID)
    assert places_with(SAID) == set()


def test_photos_go_with_their_files_before_their_rows(team, settings, tmp_path):
    settings.PHOTO_ROOT = tmp_path
    asked, kept = make_old(team), make_request(team=team)
    photo, other = make_request_photo(asked, number=1), make_request_photo(kept, number=2)
    photo_files.delete([photo.name])  # a night that was killed had come so far

    assert anonymise_requests() == 1

    assert not photo_files.are_there(photo.name)
    assert photo_files.are_there(other.name)
    assert list(RequestPhoto.objects.standing()) == [other]
    assert strays().files == []


def test_no_public_page_shows_anothers_request(team):
    """Whoever knows one code, or none, reads of nobody else: not their words, their number, nor that they asked."""
    mine = make_page_request(grid=team.grid, content="我家水管漏了")
    theirs = make_page_request(grid=team.grid, phone="13912345678", content=f"{SAID}：想请人买药")
    make_custody(theirs, what=f"{SAID}的存折", recorded_by=make_user(township=team.township))
    code, village = code_of(mine.key), team.grid.village
    wrong = code[:-1] + ("C" if code[-1] != "C" else "F")
    pages = [
        reverse("services:ask_start"),
        reverse("services:ask_township", args=[village.township.code]),
        reverse("services:ask_village", args=[village.code]),
        reverse("services:ask", args=[team.grid.page_code]),
        reverse("grids:grid_public", args=[team.grid.page_code]),
        reverse("services:ask_follow"),
        *(reverse("services:ask_followed", args=[each]) for each in (code, wrong, str(theirs.pk), str(theirs.key))),
    ]
    client = Client()
    for page in pages:
        shown = client.get(page).content.decode()
        for word in (SAID, "13912345678", code_of(theirs.key), "存折"):
            assert word not in shown, page
    assert "我家水管漏了" in client.get(pages[6]).content.decode()
    # An office's pages are not for residents, whatever key they guess.
    for name in ("request_detail", "custody_take"):
        assert client.get(reverse(f"services:{name}", args=[theirs.pk])).status_code == 302
