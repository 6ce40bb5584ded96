"""The pages of the texts: writing and publishing, who has accepted, paper lists, and a volunteer's own acceptance."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.rights import Role
from tests.factories import make_acceptance, make_text, make_township, make_volunteer
from volunteers.domain.text import texts_to_accept
from volunteers.models import Acceptance, ProgrammeText, Volunteer

pytestmark = pytest.mark.django_db
LIST = "volunteers:acceptance_list"


@pytest.fixture
def township():
    return make_township(name="大荆镇")


@pytest.fixture
def staff(client_of, township):
    return client_of(Role.TOWNSHIP_STAFF, township=township)


@pytest.fixture
def admin(client_of):
    return client_of(Role.ADMIN)


def names(response):
    return [row["name"] for row in response.context["page"].rows]


# --- texts ------------------------------------------------------------------------------------------------


def test_admin_writes_and_publishes_a_draft(admin):
    draft = ProgrammeText.objects.drafts().get(kind="conduct")
    page = reverse("volunteers:text_edit", args=[draft.pk])
    assert draft.body.splitlines()[1] in admin.get(page).content.decode()

    saved = admin.post(page, {"version": 0, "title": "守则", "body": "一、自愿。"})
    published = admin.post(
        reverse("volunteers:text_publish", args=[draft.pk]), {"version": 1, "in_force_from": "2026-09-01"}
    )

    draft.refresh_from_db()
    assert saved.status_code == published.status_code == 302
    assert published["Location"] == draft.get_absolute_url()
    assert (draft.title, draft.in_force_from) == ("守则", date(2026, 9, 1))
    assert admin.get(page).status_code == 302


def test_draft_that_is_wrong_comes_back_filled(admin):
    draft = ProgrammeText.objects.drafts().get(kind="conduct")
    page = reverse("volunteers:text_edit", args=[draft.pk])

    for data, words in (
        ({"version": 0, "title": "", "body": "一、打了很多字。"}, "一、打了很多字。"),
        ({"version": 7, "title": "守则", "body": "一、别的。"}, "Someone else saved"),
        ({"version": 0, "title": "守则", "body": "字" * 20_001}, "20000"),
    ):
        response = admin.post(page, data)
        assert response.status_code == 422
        assert words in response.content.decode()
    late = admin.post(reverse("volunteers:text_publish", args=[draft.pk]), {"version": 0, "in_force_from": "nie"})
    assert late.status_code == 422
    draft.refresh_from_db()
    assert draft.is_draft


def test_version_after_the_first_shows_what_changes(admin):
    make_text(body="一、旧的。")
    begun = admin.post(reverse("volunteers:text_start"), {"kind": "conduct"})
    draft = ProgrammeText.objects.drafts().get(kind="conduct")
    assert begun["Location"] == reverse("volunteers:text_edit", args=[draft.pk])
    ProgrammeText.objects.filter(pk=draft.pk).update(body="一、新的。")

    text = admin.get(begun["Location"]).content.decode()

    assert "<del>一、旧的。</del>" in text
    assert "<ins>一、新的。</ins>" in text
    again = admin.post(reverse("volunteers:text_start"), {"kind": "conduct"}, follow=True)
    assert "a draft of this text already" in again.content.decode()
    unknown = admin.post(reverse("volunteers:text_start"), {"kind": "x"}, follow=True)
    assert "Choose the text" in unknown.content.decode()


def test_drafts_are_for_those_who_keep_and_audit_them(client_of, township):
    make_text("standards")
    for role, sees in ((Role.ADMIN, True), (Role.AUDITOR, True), (Role.REVIEWER, False)):
        text = client_of(role).get(reverse("volunteers:text_list")).content.decode()
        assert ("Draft" in text) is sees


# --- figures and list -------------------------------------------------------------------------------------


def test_figures_are_the_rows_that_they_lead_to(admin, staff, township):
    conduct, standards = make_text(), make_text("standards")
    people = [make_volunteer(township=township) for _ in range(3)]
    elsewhere = make_volunteer()
    make_volunteer(township=township, status="suspended")
    for person in (*people[:2], elsewhere):
        make_acceptance(person, conduct)
    make_acceptance(people[0], standards)

    for client in (admin, staff):
        context = client.get(reverse("volunteers:text_list")).context
        for row in (context["total"], *context["townships"]):
            assert client.get(row["url"]).context["page"].count.number == row["asked"]
            for cell in row["texts"]:
                for figure in ("accepted", "missing"):
                    found = client.get(cell[f"{figure}_url"]).context["page"].count.number
                    assert found == cell[figure]
    assert staff.get(reverse("volunteers:text_list")).context["total"]["asked"] == 3


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["甲", "乙", "丙"]),
        ("state=missing", ["乙", "丙"]),
        ("state=accepted", ["甲"]),
        ("text=conduct&state=accepted", ["甲"]),
        ("text=conduct&state=older", ["乙"]),
        ("text=conduct&state=never", ["丙"]),
        ("text=conduct-1&state=accepted", ["乙"]),
        ("text=conduct-1&state=missing", ["甲", "丙"]),
        ("text=conduct", ["甲", "乙", "丙"]),
        ("text=rubbish", []),
        ("state=rubbish", []),
        ("q=乙", ["乙"]),
    ],
)
def test_list_is_narrowed_by_text_and_state(staff, township, query, expected):
    first, second = make_text(), make_text()
    people = [make_volunteer(township=township, name=name, name_pinyin=name) for name in "甲乙丙"]
    make_acceptance(people[0], second)
    make_acceptance(people[1], first)

    assert sorted(names(staff.get(f"{reverse(LIST)}?{query}"))) == sorted(expected)


def test_list_knows_the_own_township_only(staff):
    make_text()
    make_volunteer(name="外乡人")
    assert names(staff.get(reverse(LIST))) == []


def test_acceptance_of_a_merged_record_is_the_persons(staff, township):
    text = make_text()
    kept = make_volunteer(township=township)
    given_up = make_volunteer(township=township, status="left", left_on=date(2026, 6, 1))
    make_acceptance(given_up, text)
    Volunteer.objects.filter(pk=given_up.pk).update(merged_into=kept)

    assert texts_to_accept(kept) == []
    assert names(staff.get(f"{reverse(LIST)}?state=accepted")) == [kept.name]
    assert names(staff.get(f"{reverse(LIST)}?state=missing")) == []


# --- paper --------------------------------------------------------------------------------------------------


def test_paper_list_is_entered_for_all_that_is_found(staff, township):
    texts = [make_text(), make_text("standards")]
    people = [make_volunteer(township=township) for _ in range(3)]
    elsewhere = make_volunteer()
    enter = f"{reverse('volunteers:acceptance_enter')}?state=missing"

    form = staff.post(enter, {"all": "on"})
    assert form.status_code == 200
    assert "3 volunteers" in form.content.decode()
    done = staff.post(enter, {"all": "on", "step": "enter", "on": "2026-06-01", "texts": [text.pk for text in texts]})

    assert done["Location"] == f"{reverse(LIST)}?state=missing"
    assert Acceptance.objects.filter(volunteer__in=people).count() == 6
    assert not Acceptance.objects.filter(volunteer=elsewhere).exists()
    nobody = staff.post(enter, {"all": "on"}, follow=True)
    assert "find nothing any more" in nobody.content.decode()


def test_ticks_of_another_township_are_nobody(staff, township):
    make_text()
    elsewhere = make_volunteer()
    response = staff.post(
        reverse("volunteers:acceptance_enter"), {"key": elsewhere.pk, "step": "enter", "on": "2026-06-01"}, follow=True
    )
    assert elsewhere.name not in response.content.decode()
    assert not Acceptance.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"on": "2026-06-01"}, "Choose at least one text"),
        ({"on": "", "texts": "text"}, "Enter a day"),
        ({"on": "tomorrow", "texts": "text"}, "lies in the future"),
        ({"on": "2026-06-01", "texts": "999999999999999999999"}, "is not a valid value"),
        ({"on": "2026-06-01", "texts": "draft"}, "Select a valid choice"),
    ],
)
def test_paper_that_is_wrong_comes_back_and_enters_nothing(staff, township, data, words):
    tomorrow = timezone.localdate() + timedelta(days=1)
    known = {"tomorrow": tomorrow, "text": make_text().pk, "draft": ProgrammeText.objects.drafts().first().pk}
    data = {name: known.get(value, value) for name, value in data.items()}
    person = make_volunteer(township=township)

    response = staff.post(reverse("volunteers:acceptance_enter"), {"key": person.pk, "step": "enter", **data})

    assert response.status_code == 422
    assert words in response.content.decode()
    assert f'name="key" value="{person.pk}"' in response.content.decode()
    assert not Acceptance.objects.exists()


def test_dossier_tells_what_was_accepted_and_takes_paper_back(staff, township, client_of):
    text = make_text()
    person = make_volunteer(township=township)
    entry = make_acceptance(person, text, entered_by=staff.user)
    address = reverse("volunteers:acceptance_withdraw", args=[entry.pk])
    page = staff.get(person.get_absolute_url()).content.decode()
    assert address in page
    assert staff.user.name in page
    reviewer = client_of(Role.REVIEWER, township=township)
    assert address not in reviewer.get(person.get_absolute_url()).content.decode()

    staff.post(address)

    page = staff.get(person.get_absolute_url()).content.decode()
    assert "taken back by" in page
    assert texts_to_accept(person) == [text]


# --- in the own account -----------------------------------------------------------------------------------


def test_leader_is_asked_at_home_and_accepts_what_was_shown(client_of, township):
    text = make_text()
    leader = client_of(Role.TEAM_LEADER, township=township)
    person = make_volunteer(township=township, user=leader.user)
    assert "texts to read and accept" in leader.get(reverse("home")).content.decode()
    page = leader.get(reverse("volunteers:text_accept"))
    assert text.body.splitlines()[1] in page.content.decode()

    leader.post(reverse("volunteers:text_accept"), {"texts": text.pk})

    [made] = Acceptance.objects.all()
    assert (made.volunteer, made.how, made.entered_by, made.accepted_on) == (
        person,
        "account",
        leader.user,
        timezone.localdate(),
    )
    assert "texts to read and accept" not in leader.get(reverse("home")).content.decode()


def test_version_that_changed_while_it_was_read_is_read_again(client_of, township):
    text = make_text()
    leader = client_of(Role.TEAM_LEADER, township=township)
    make_volunteer(township=township, user=leader.user)
    newer = make_text()

    response = leader.post(reverse("volunteers:text_accept"), {"texts": text.pk})

    assert response.status_code == 422
    assert "newer version" in response.content.decode()
    assert newer.body.splitlines()[0] in response.content.decode()
    assert not Acceptance.objects.exists()


def test_account_without_a_volunteer_accepts_nothing(client_of):
    text = make_text()
    client = client_of(Role.AUDITOR)
    response = client.post(reverse("volunteers:text_accept"), {"texts": text.pk})
    assert response.status_code == 422
    assert "not a volunteer's" in response.content.decode()
    assert "texts to read" not in client.get(reverse("home")).content.decode()


def test_admin_is_reminded_of_texts_that_were_never_published(admin):
    assert "texts that were never published" in admin.get(reverse("home")).content.decode()
    for kind in ProgrammeText.Kind.values:
        make_text(kind)
    assert "texts that were never published" not in admin.get(reverse("home")).content.decode()
