"""The three texts: drafts, versions that stay as they are, and who accepted which."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import Error, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.rights import Role
from common.rules import RuleBroken, SavedMeanwhile
from tests.factories import make_acceptance, make_text, make_user, make_volunteer
from tests.races import in_parallel
from volunteers.domain.text import (
    accept,
    accept_on_paper,
    current_texts,
    discard_draft,
    edit_draft,
    having,
    publish_text,
    start_draft,
    texts_to_accept,
    withdraw_acceptance,
    without,
)
from volunteers.models import Acceptance, ProgrammeText, Volunteer
from volunteers.text_rows import compared

pytestmark = pytest.mark.django_db
How = Acceptance.How


@pytest.fixture
def admin():
    return make_user(Role.ADMIN)


@pytest.fixture
def staff():
    return make_user(Role.TOWNSHIP_STAFF)


@pytest.fixture
def volunteer(staff):
    return make_volunteer(township=staff.township)


# --- drafts and versions ------------------------------------------------------------------------------


def test_a_draft_of_each_text_is_there_and_nothing_is_in_force():
    assert sorted(ProgrammeText.objects.drafts().values_list("kind", "number")) == [
        ("conditions", 1),
        ("conduct", 1),
        ("standards", 1),
    ]
    assert current_texts() == []


def test_published_text_is_in_force_from_its_day_on(admin):
    draft = ProgrammeText.objects.drafts().get(kind="conduct")
    tomorrow = timezone.localdate() + timedelta(days=1)

    published = publish_text(draft, in_force_from=tomorrow, version=0, by=admin)

    assert (published.is_draft, published.published_by) == (False, admin)
    assert current_texts() == []
    assert current_texts(tomorrow) == [published]


def test_the_latest_version_up_to_a_day_is_in_force():
    first, second = make_text(), make_text()
    standards = make_text("standards")

    assert current_texts(first.in_force_from) == [standards, first]
    assert current_texts(second.in_force_from - timedelta(days=1)) == [standards, first]
    assert current_texts(second.in_force_from) == [standards, second]


def test_next_version_begins_with_the_words_of_the_last_one(admin):
    text = make_text()

    draft = start_draft("conduct", by=admin)

    assert (draft.number, draft.title, draft.body, draft.changes) == (2, text.title, text.body, "")
    with pytest.raises(RuleBroken, match="draft of this text already"):
        start_draft("conduct", by=admin)


@pytest.mark.django_db(transaction=True)
def test_two_who_begin_a_version_at_once_begin_one(admin):
    make_text()

    begun = in_parallel(*[lambda: start_draft("conduct", by=admin)] * 3)

    assert [type(each) for each in begun].count(RuleBroken) == 2
    assert ProgrammeText.objects.filter(kind="conduct").drafts().count() == 1


def test_later_version_says_what_changed_and_begins_later(admin):
    text = make_text()
    draft = start_draft("conduct", by=admin)
    with pytest.raises(RuleBroken, match="what changed") as refused:
        publish_text(draft, in_force_from=date(2026, 5, 1), by=admin)
    assert refused.value.field == "changes"
    edit_draft(draft, {"changes": "增加第三条"}, by=admin)
    with pytest.raises(RuleBroken, match="Choose a later day") as refused:
        publish_text(draft, in_force_from=text.in_force_from, by=admin)
    assert refused.value.field == "in_force_from"

    assert publish_text(draft, in_force_from=date(2026, 5, 1), by=admin).changes == "增加第三条"


@pytest.mark.parametrize("field", ["title", "body"])
def test_draft_has_title_and_text(admin, field):
    draft = ProgrammeText.objects.drafts().get(kind="conduct")
    with pytest.raises(RuleBroken) as refused:
        edit_draft(draft, {field: "  "}, by=admin)
    assert refused.value.field == field


def test_draft_open_in_two_tabs_is_not_overwritten(admin):
    draft = ProgrammeText.objects.drafts().get(kind="conduct")
    edit_draft(draft, {"title": "守则"}, version=0, by=admin)
    for act in (
        lambda: edit_draft(draft, {"title": "另一个"}, version=0, by=admin),
        lambda: publish_text(draft, in_force_from=date(2026, 5, 1), version=0, by=admin),
        lambda: discard_draft(draft, version=0, by=admin),
    ):
        with pytest.raises(SavedMeanwhile):
            act()
    draft.refresh_from_db()
    assert (draft.title, draft.is_draft) == ("守则", True)


def test_published_version_is_changed_by_nothing(admin):
    text = make_text()
    for act in (
        lambda: edit_draft(text, {"title": "改"}, by=admin),
        lambda: discard_draft(text, by=admin),
        lambda: publish_text(text, in_force_from=date(2026, 9, 1), by=admin),
    ):
        with pytest.raises(RuleBroken, match="stays as it is"):
            act()
    for act in (
        lambda: ProgrammeText.objects.filter(pk=text.pk).update(body="改"),
        lambda: ProgrammeText.objects.filter(pk=text.pk).update(published_at=None),
        text.delete,
    ):
        with pytest.raises(Error, match="text_is_published"), transaction.atomic():
            act()
    text.refresh_from_db()
    assert text.body.startswith("一、第1版")


def test_published_version_is_not_replaced_either(admin):
    make_text()
    # Only SQLite replaces rows; PostgreSQL refuses the same number by its unique constraint.
    insert, refusal = (
        ("INSERT OR REPLACE", "text_is_published") if connection.vendor == "sqlite" else ("INSERT", "unique constraint")
    )
    with (
        pytest.raises(Error, match=refusal),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"{insert} INTO volunteers_programmetext (version, kind, number, title, title_en, body, changes)"
            " VALUES (0, 'conduct', 1, '守则', '', '改', '')"
        )


def test_draft_is_discarded_and_the_trail_keeps_it(admin):
    draft = ProgrammeText.objects.drafts().get(kind="conduct")
    discard_draft(draft, by=admin)
    assert not ProgrammeText.objects.filter(kind="conduct").exists()
    assert AuditEntry.objects.filter(event="discard_draft", object_id=draft.pk).exists()
    assert start_draft("conduct", by=admin).number == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "other"},
        {"number": 0},
        {"body": ""},
        {"in_force_from": None},
        {"published_by": None},
        {"number": 2, "changes": ""},
        {"title": "长" * 61},
    ],
)
def test_database_refuses_what_is_no_text(fields):
    good = {"kind": "conduct", "number": 2, "changes": "有", "in_force_from": date(2026, 9, 1)}
    make_text()
    with pytest.raises(Error), transaction.atomic():
        make_text(**(good | {"published_at": timezone.now()} | fields))


# --- accepting ------------------------------------------------------------------------------------------


def test_volunteer_is_asked_anew_by_a_new_version(volunteer):
    first = make_text()
    accept(volunteer, [first], how=How.APPLICATION, by=None)
    assert texts_to_accept(volunteer) == []

    second = make_text()

    assert texts_to_accept(volunteer) == [second]
    assert list(without(Volunteer.objects.all(), [second])) == [volunteer]
    assert list(having(Volunteer.objects.all(), [first])) == [volunteer]


def test_only_who_is_active_is_asked(volunteer):
    make_text()
    volunteer.status = "suspended"
    assert texts_to_accept(volunteer) == []


def test_acceptance_once_however_often_it_is_sent(volunteer):
    text = make_text()
    [made] = accept(volunteer, [text], how=How.APPLICATION, by=None)

    assert accept(volunteer, [text], how=How.APPLICATION, by=None) == []
    assert (made.accepted_on, made.entered_by) == (timezone.localdate(), None)
    with pytest.raises(IntegrityError, match=r"acceptance_once|UNIQUE|acceptance_is_kept"), transaction.atomic():
        make_acceptance(volunteer, text)


def test_application_accepts_the_versions_in_force_only(volunteer):
    old, new = make_text(), make_text()
    for how, by in ((How.APPLICATION, None), (How.ACCOUNT, volunteer.user)):
        with pytest.raises(RuleBroken, match="newer version") as refused:
            accept(volunteer, [old], how=how, by=by)
        assert refused.value.code == "outdated"
    assert accept(volunteer, [new], how=How.APPLICATION, by=None)


def test_draft_and_no_text_are_not_accepted(volunteer, staff):
    draft = ProgrammeText.objects.drafts().get(kind="conduct")
    with pytest.raises(RuleBroken, match="Publish it first"):
        accept(volunteer, [draft], how=How.PAPER, by=staff)
    with pytest.raises(RuleBroken, match="Choose at least one") as refused:
        accept(volunteer, [], how=How.PAPER, by=staff)
    assert refused.value.field == "texts"


def test_nobody_accepts_for_another_in_an_account(volunteer):
    text = make_text()
    leader = make_user(Role.TEAM_LEADER, township=volunteer.township)
    with pytest.raises(RuleBroken, match="for themselves"):
        accept(volunteer, [text], how=How.ACCOUNT, by=leader)
    Volunteer.objects.filter(pk=volunteer.pk).update(user=leader)

    assert accept(volunteer, [text], how=How.ACCOUNT, by=leader)


def test_paper_list_is_entered_at_once_with_its_day(staff):
    people = [make_volunteer(township=staff.township) for _ in range(3)]
    texts = [make_text(), make_text("standards")]
    accept(people[0], [texts[0]], how=How.APPLICATION, by=None)
    on = date(2026, 6, 1)

    made = accept_on_paper(people, texts, on=on, by=staff)

    assert len(made) == 5
    assert {(one.accepted_on, one.how, one.entered_by) for one in made} == {(on, "paper", staff)}
    assert AuditEntry.objects.filter(event="accept_on_paper", actor=staff).count() == 5
    assert accept_on_paper(people, texts, on=on, by=staff) == []


@pytest.mark.parametrize(
    ("on", "message"), [(date(2025, 12, 31), "exists since"), (date(2099, 1, 1), "lies in the future")]
)
def test_paper_is_not_older_than_its_text_nor_of_tomorrow(volunteer, staff, on, message):
    text = make_text()
    with pytest.raises(RuleBroken, match=message) as refused:
        accept_on_paper([volunteer], [text], on=on, by=staff)
    assert refused.value.field == "on"
    assert not Acceptance.objects.exists()


def test_who_has_left_is_named_and_nobody_is_entered(volunteer, staff):
    text = make_text()
    gone = make_volunteer(township=staff.township, status="left", left_on=date(2026, 2, 1))
    with pytest.raises(RuleBroken, match=gone.number):
        accept_on_paper([volunteer, gone], [text], on=date(2026, 6, 1), by=staff)
    assert not Acceptance.objects.exists()


def test_acceptance_is_kept_and_only_paper_taken_back(volunteer, staff):
    text, standards = make_text(), make_text("standards")
    [paper] = accept_on_paper([volunteer], [text], on=date(2026, 6, 1), by=staff)
    [own] = accept(volunteer, [standards], how=How.APPLICATION, by=None)
    with pytest.raises(RuleBroken, match="Only what was entered from paper"):
        withdraw_acceptance(own, by=staff)
    for act in (paper.delete, lambda: Acceptance.objects.update(accepted_on=date(2026, 6, 2))):
        with pytest.raises(Error, match="acceptance_is_kept"), transaction.atomic():
            act()

    withdraw_acceptance(paper, by=staff)

    assert texts_to_accept(volunteer) == [text]
    with pytest.raises(RuleBroken, match="taken back already"):
        withdraw_acceptance(paper, by=staff)
    with pytest.raises(Error, match="acceptance_is_kept"), transaction.atomic():
        Acceptance.objects.filter(pk=paper.pk).update(withdrawn_at=None, withdrawn_by=None)
    assert accept_on_paper([volunteer], [text], on=date(2026, 6, 1), by=staff)


@pytest.mark.django_db(transaction=True)
def test_two_who_enter_one_list_at_once_enter_it_once(staff):
    people = [make_volunteer(township=staff.township) for _ in range(4)]
    text = make_text()

    def enter():
        return len(accept_on_paper(people, [text], on=date(2026, 6, 1), by=staff))

    assert sorted(in_parallel(enter, enter)) == [0, 4]
    assert Acceptance.objects.count() == 4


# --- the public pages -----------------------------------------------------------------------------------


def test_everybody_reads_the_version_in_force_and_the_old_ones():
    old, new = (
        make_text(body="一、旧的。\n二、不变。"),
        make_text(body="一、新的。\n二、不变。", changes="第一条更清楚"),
    )
    client = Client()

    page = client.get(reverse("texts:version", args=["conduct"]))
    text = page.content.decode()

    assert "一、新的。" in text
    assert "一、旧的。" not in text
    assert "第一条更清楚" in text
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in page["Cache-Control"]
    old_page = client.get(old.get_absolute_url()).content.decode()
    assert "一、旧的。" in old_page
    assert "not the version in force" in old_page
    changes = client.get(f"{new.get_absolute_url()}?changes").content.decode()
    assert "<del>一、旧的。</del>" in changes
    assert "<ins>一、新的。</ins>" in changes
    assert "Version 2, in force" in client.get(reverse("texts:index")).content.decode()


def test_drafts_and_unknown_texts_are_not_there():
    assert ProgrammeText.objects.drafts().count() == 3
    for name in ("conduct", "conduct-1", "conduct-9", "other", "other-1", "conduct-1-1", "CONDUCT", "conduct-99999"):
        assert Client().get(reverse("texts:version", args=[name])).status_code == 404
    assert "Nothing has been published yet" in Client().get(reverse("texts:index")).content.decode()


def test_coming_version_is_announced_and_not_yet_in_force():
    make_text()
    with time_machine.travel("2026-01-15T10:00+08:00", tick=False):
        page = Client().get(reverse("texts:version", args=["conduct"])).content.decode()
        assert "comes into force" not in page
        make_text()
        page = Client().get(reverse("texts:version", args=["conduct"])).content.decode()
    assert "comes into force" in page


def test_comparison_marks_paragraphs_that_changed():
    marks = [(line.text, line.is_new, line.is_gone) for line in compared("甲\n丙\n丁", "甲\n乙\n丁")]
    assert marks == [("甲", False, False), ("乙", False, True), ("丙", True, False), ("丁", False, False)]
