"""What residents say about volunteers: how it comes, who sees it, how it is answered and counted."""

from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import Error, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Reminder
from accounts.rights import Role
from common.rules import RuleBroken, SavedMeanwhile
from common.throttle import Limit
from services.domain import feedback as domain
from services.domain.feedback import (
    FROM_ONE_ADDRESS,
    answer_feedback,
    followed_by,
    give_feedback,
    show_feedback_phone,
    tallies,
    waiting_for,
)
from services.domain.reminders import write_reminders
from services.models import Feedback
from services.models.feedback import code_of
from services.views import feedback_public
from tests.factories import make_badge, make_feedback, make_membership, make_team, make_user, make_volunteer
from tests.races import in_parallel
from volunteers.badge_code import code_of as badge_code_of
from volunteers.models import Volunteer

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
WORDS = "上门时态度不好"


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def badge(team):
    """The badge of a member who agreed to be named; the leader is somebody else."""
    member = Volunteer.objects.filter(memberships__team=team, memberships__role="member").first()
    Volunteer.objects.filter(pk=member.pk).update(shows_name=True, name="金丝雀", phone="13812345678")
    member.refresh_from_db()
    return make_badge(member)


@pytest.fixture
def staff(team):
    return make_user(Role.TOWNSHIP_STAFF, township=team.township)


def page_of(badge):
    return reverse("feedback:give", args=[badge_code_of(badge)])


def form(**fields):
    return {"key": str(uuid4()), "kind": "complaint", "text": WORDS, **fields}


# --- coming in ------------------------------------------------------------------------------------------


def test_resident_complains_and_reads_the_answer_by_the_code(badge, team, staff):
    client = Client()
    page = client.get(page_of(badge))
    assert badge.number in page.content.decode()

    sent = client.post(page_of(badge), form(phone="138 0000 5678"))

    feedback = Feedback.objects.get()
    assert (feedback.volunteer, feedback.team, feedback.township) == (badge.volunteer, team, team.township)
    assert (feedback.kind, feedback.text, feedback.phone) == ("complaint", WORDS, "13800005678")
    assert feedback.badge_standing == "valid"
    assert sent["Location"] == reverse("feedback:follow", args=[code_of(feedback.key)])
    followed = client.get(sent["Location"])
    assert code_of(feedback.key) in followed.content.decode()
    assert "no-store" in followed["Cache-Control"]
    assert followed["X-Robots-Tag"] == "noindex, nofollow"

    answer_feedback(feedback, answer="已批评教育", by=staff)

    text = Client().get(sent["Location"]).content.decode()
    assert "已批评教育" in text
    assert WORDS in text
    assert [secret for secret in ("5678", staff.name, "金丝雀") if secret in text] == []


def test_public_pages_name_no_volunteer_and_show_nobodys_words(badge):
    make_feedback(badge, text=WORDS)
    text = Client().get(page_of(badge)).content.decode()
    assert [secret for secret in ("金丝雀", WORDS, badge.volunteer.phone[-4:]) if secret in text] == []
    assert WORDS not in Client().get(reverse("badges:show", args=[badge_code_of(badge)])).content.decode()


def test_badge_page_leads_here(badge):
    assert page_of(badge) in Client().get(reverse("badges:show", args=[badge_code_of(badge)])).content.decode()


@pytest.mark.parametrize(
    ("state", "status", "standing"),
    [("lost", "active", "void"), ("issued", "suspended", "away"), ("issued", "active", "expired")],
)
def test_badge_that_is_not_valid_takes_feedback_and_says_so(badge, state, status, standing):
    ended = timezone.now() if state != "issued" else None
    type(badge).objects.filter(pk=badge.pk).update(state=state, ended_at=ended)
    Volunteer.objects.filter(pk=badge.volunteer_id).update(status=status)
    later = timezone.now() + timedelta(days=4000 if standing == "expired" else 0)

    with time_machine.travel(later, tick=False):
        page = Client().get(page_of(badge)).content.decode()
        sent = Client().post(page_of(badge), form())

    assert "not valid at present" in page
    assert sent.status_code == 302
    assert Feedback.objects.get().badge_standing == standing


def test_code_of_no_badge_says_so_and_takes_nothing():
    for code in ("7KMX3RTA9WC", "x", "7KMX3RTA9WC9"):
        address = reverse("feedback:give", args=[code])
        assert Client().get(address).status_code == 404
        refused = Client().post(address, form())
        assert refused.status_code == 404
        assert "may be forged" in refused.content.decode()
    assert not Feedback.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": "  "}, "Say in a few words what happened"),
        ({"text": "长" * 501}, "at most 500 characters"),
        ({"kind": ""}, "Choose whether it is praise"),
        ({"kind": "rubbish"}, "Select a valid choice"),
        ({"phone": "1380000567"}, "eleven digits"),
        ({"key": "rubbish"}, "this copy of it is damaged"),
    ],
)
def test_form_that_is_wrong_comes_back_filled_and_saves_nothing(badge, fields, words):
    data = form(**fields)
    response = Client().post(page_of(badge), data)
    text = response.content.decode()
    assert response.status_code == 422
    assert words in text
    assert data["text"].strip()[:20] in text
    assert not Feedback.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "other"}, "kind"),
        ({"text": " "}, "text"),
        ({"text": "长" * 501}, "text"),
        ({"phone": "1" * 12}, "phone"),
    ],
)
def test_domain_refuses_the_same_on_any_path(badge, fields, field):
    with pytest.raises(RuleBroken) as refused:
        give_feedback(badge, **({"key": uuid4(), "kind": "praise", "text": "好"} | fields))
    assert refused.value.field == field


def test_same_form_sent_twice_is_one_and_has_one_code(badge):
    data = form()
    first, second = (Client().post(page_of(badge), data) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Feedback.objects.count() == 1


def test_key_of_another_badge_gives_no_code_away(badge):
    data = form()
    Client().post(page_of(badge), data)
    other = Client().post(page_of(make_badge()), data)
    assert other.status_code == 422
    assert "this copy of it is damaged" in other.content.decode()


@pytest.mark.django_db(transaction=True)
def test_double_tap_at_the_same_moment_is_one(badge):
    key = uuid4()

    def send():
        return give_feedback(badge, key=key, kind="praise", text="热心")

    codes = in_parallel(send, send, send)

    assert codes == [code_of(key)] * 3
    assert Feedback.objects.count() == 1


def test_who_is_signed_in_is_no_resident(badge, client_of):
    response = client_of(Role.TEAM_LEADER).post(page_of(badge), form(kind="praise"))
    assert response.status_code == 422
    assert "sign out first" in response.content.decode()
    assert not Feedback.objects.exists()


def test_floods_are_stopped_by_the_hour(badge):
    with time_machine.travel(at("2026-11-25T10:00"), tick=False):
        statuses = [Client().post(page_of(badge), form()).status_code for _ in range(FROM_ONE_ADDRESS.most + 1)]
        assert statuses == [302] * FROM_ONE_ADDRESS.most + [429]
        assert Client().get(page_of(badge)).status_code == 200
    with time_machine.travel(at("2026-11-25T11:00"), tick=False):
        assert Client().post(page_of(badge), form()).status_code == 302


def test_flood_about_one_badge_leaves_others_open(badge, monkeypatch):
    monkeypatch.setattr(domain, "ABOUT_ONE_BADGE", Limit("feedback_badge", most=1))
    with time_machine.travel(at("2026-11-25T10:00"), tick=False):
        statuses = [
            Client().post(page_of(about), form(), REMOTE_ADDR=f"10.0.0.{number}").status_code
            for number, about in enumerate((badge, badge, make_badge()))
        ]
    assert statuses == [302, 429, 302]


# --- following --------------------------------------------------------------------------------------------


def test_code_is_read_however_it_was_typed(badge):
    key = uuid4()
    code = give_feedback(badge, key=key, kind="praise", text="热心")
    typed = code.replace("-", " ").lower()
    asked = Client().post(reverse("feedback:ask"), {"code": f" {typed} "})
    assert asked.status_code == 302
    assert "热心" in Client().get(asked["Location"]).content.decode()
    assert followed_by(code).key == key
    assert followed_by("") is None


@pytest.mark.parametrize(("code", "status"), [("x", 422), ("", 422), ("7KMX-3RTA-9WC", 302)])
def test_wrong_code_finds_nothing(code, status):
    asked = Client().post(reverse("feedback:ask"), {"code": code}, follow=False)
    assert asked.status_code == status
    response = Client().get(reverse("feedback:follow", args=["7KMX-3RTA-9WC"]))
    assert response.status_code == 404
    assert "Nothing was found" in response.content.decode()


def test_guessing_codes_is_stopped(badge, monkeypatch):
    monkeypatch.setattr(feedback_public, "WRONG_CODES", Limit("feedback code", most=2))
    code = give_feedback(badge, key=uuid4(), kind="praise", text="热心")
    wrong, right = (reverse("feedback:follow", args=[one]) for one in ("7KMX-3RTA-9WC", code))
    with time_machine.travel(at("2026-11-25T10:00"), tick=False):
        assert [Client().get(address).status_code for address in (right, wrong, wrong, right)] == [200, 404, 404, 429]
        assert Client().get(right, REMOTE_ADDR="10.0.0.9").status_code == 200


# --- who sees it --------------------------------------------------------------------------------------------


def test_leader_sees_nothing_of_what_was_said(badge, team, client_of):
    leader = client_of(Role.TEAM_LEADER, township=team.township)
    Volunteer.objects.filter(memberships__team=team, memberships__role="leader").update(user=leader.user)
    about_leader = make_badge(Volunteer.objects.get(user=leader.user))
    for feedback in (make_feedback(badge, text=WORDS), make_feedback(about_leader, text=WORDS)):
        assert leader.get(feedback.get_absolute_url()).status_code == 403
        assert WORDS not in leader.get(feedback.volunteer.get_absolute_url()).content.decode()
    assert leader.get(reverse("services:feedback_list")).status_code == 403
    assert not Feedback.objects.visible_to(leader.user).exists()
    assert "to answer" not in leader.get(reverse("home")).content.decode()


def test_reviewer_who_is_a_volunteer_does_not_see_what_is_about_themselves(badge, team, client_of):
    reviewer = client_of(Role.REVIEWER, township=team.township)
    Volunteer.objects.filter(pk=badge.volunteer_id).update(user=reviewer.user)
    own, other = (
        make_feedback(badge, text="关于自己"),
        make_feedback(make_badge(make_volunteer(township=team.township))),
    )

    assert reviewer.get(own.get_absolute_url()).status_code == 404
    assert list(Feedback.objects.visible_to(reviewer.user)) == [other]
    assert "关于自己" not in reviewer.get(own.volunteer.get_absolute_url()).content.decode()
    with pytest.raises(RuleBroken, match="about yourself"):
        answer_feedback(own, answer="没有这回事", by=reviewer.user)


def test_what_is_said_about_a_merged_record_is_about_oneself_too(badge, team, client_of):
    reviewer = client_of(Role.REVIEWER, township=team.township)
    kept = make_volunteer(township=team.township, user=reviewer.user)
    Volunteer.objects.filter(pk=badge.volunteer_id).update(merged_into=kept)
    own = make_feedback(badge, text=WORDS)

    assert reviewer.get(own.get_absolute_url()).status_code == 404
    assert WORDS not in reviewer.get(kept.get_absolute_url()).content.decode()
    with pytest.raises(RuleBroken, match="about yourself"):
        answer_feedback(own, answer="没有这回事", by=reviewer.user)


def test_feedback_stays_with_the_township_of_its_day(badge, team, staff, client_of):
    feedback = make_feedback(badge)
    elsewhere = make_team()
    badge.volunteer.memberships.update(left_on=date(2026, 11, 1))
    Volunteer.objects.filter(pk=badge.volunteer_id).update(township=elsewhere.township, village=elsewhere.grid.village)
    make_membership(elsewhere, badge.volunteer, joined_on=date(2026, 11, 2))

    assert client_of(staff).get(feedback.get_absolute_url()).status_code == 200
    there = client_of(Role.TOWNSHIP_STAFF, township=elsewhere.township)
    assert there.get(feedback.get_absolute_url()).status_code == 404
    assert make_feedback(badge).team == elsewhere


def test_phone_is_masked_and_every_look_recorded(badge, staff, client_of):
    feedback = make_feedback(badge, phone="13800005678")
    client = client_of(staff)
    assert "138****5678" in client.get(feedback.get_absolute_url()).content.decode()

    shown = client.post(reverse("services:feedback_phone", args=[feedback.pk]))

    assert "13800005678" in shown.content.decode()
    assert AuditEntry.objects.filter(event="show_feedback_phone", object_id=feedback.pk, actor=staff).count() == 1
    assert show_feedback_phone(feedback, by=staff) == "13800005678"
    reviewer = client_of(Role.REVIEWER, township=staff.township)
    assert reviewer.post(reverse("services:feedback_phone", args=[feedback.pk])).status_code == 403
    assert "feedback/phone" not in reviewer.get(feedback.get_absolute_url()).content.decode()


def test_trail_keeps_neither_words_nor_phone(badge, staff):
    feedback = make_feedback(badge, text=WORDS, phone="13800005678")
    answer_feedback(feedback, answer="已批评教育", by=staff)
    trail = str(list(AuditEntry.objects.values_list("changes", flat=True)))
    assert [secret for secret in (WORDS, "13800005678", "已批评教育") if secret in trail] == []
    assert set(AuditEntry.objects.filter(object_id=feedback.pk).values_list("event", flat=True)) >= {
        "give_feedback",
        "answer_feedback",
    }


# --- answering ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("came", "due"),
    [
        ("2026-11-25T10:00", date(2026, 12, 2)),
        ("2026-09-28T10:00", date(2026, 10, 10)),  # National Day, and the Saturday that makes up for it
        ("2026-11-25T23:59", date(2026, 12, 2)),
    ],
)
def test_answer_is_due_in_five_working_days(badge, came, due):
    assert make_feedback(badge, made_at=at(came)).due_on == due


def test_staff_answer_on_the_page_and_put_it_right(badge, staff, client_of):
    client, feedback = client_of(staff), make_feedback(badge)
    address = reverse("services:feedback_answer", args=[feedback.pk])
    for data, words in (
        ({"version": 0, "answer": ""}, "This field is required"),
        ({"version": 0, "answer": "长" * 501}, "at most 500"),
        ({"version": 5, "answer": "别的"}, "Someone else saved"),
    ):
        refused = client.post(address, data)
        assert refused.status_code == 422
        assert words in refused.content.decode()

    client.post(address, {"version": 0, "answer": "已批评教育"})
    feedback.refresh_from_db()
    first = feedback.answered_at
    client.post(address, {"version": 1, "answer": "已批评教育，并道歉"})

    feedback.refresh_from_db()
    assert (feedback.answer, feedback.answered_by, feedback.answered_at) == ("已批评教育，并道歉", staff, first)
    with pytest.raises(SavedMeanwhile):
        answer_feedback(feedback, answer="旧页面", version=1, by=staff)


def test_answer_is_not_empty_and_not_too_long(badge, staff):
    feedback = make_feedback(badge)
    for answer in ("  ", "长" * 501):
        with pytest.raises(RuleBroken) as refused:
            answer_feedback(feedback, answer=answer, by=staff)
        assert refused.value.field == "answer"


def test_words_are_kept_as_they_came(badge, staff):
    feedback = answer_feedback(make_feedback(badge), answer="谢谢", by=staff)
    for act in (
        feedback.delete,
        lambda: Feedback.objects.update(text="改"),
        lambda: Feedback.objects.update(kind="praise"),
        lambda: Feedback.objects.update(answer="", answered_at=None, answered_by=None),
    ):
        with pytest.raises(Error, match="feedback_is_kept"), transaction.atomic():
            act()
    Feedback.objects.update(phone="")  # may be forgotten


# --- what waits, and figures ----------------------------------------------------------------------------------


def test_staff_are_told_at_once_at_home_and_again_when_it_is_overdue(badge, staff, client_of):
    with time_machine.travel(at("2026-11-25T10:00"), tick=False):
        feedback = make_feedback(badge)
        make_feedback()
        client = client_of(staff)
        assert Reminder.objects.filter(user=staff, key=f"feedback:{feedback.pk}").count() == 1
        [task] = [task for task in client.get(reverse("home")).context["tasks"] if "feedback" in task.url]
        assert (task.count, task.tone) == (1, "warn")
        assert client.get(task.url).context["page"].count.number == 1
        write_reminders()
        assert Reminder.objects.unseen().filter(user=staff, kind="feedback").count() == 1
    with time_machine.travel(at("2026-12-03T00:00"), tick=False):
        client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
        write_reminders()
        assert Reminder.objects.unseen().filter(user=staff, kind="feedback").count() == 2
        [task] = [task for task in client.get(reverse("home")).context["tasks"] if "feedback" in task.url]
        assert (task.count, task.tone) == (1, "bad")
        reviewer = client_of(Role.REVIEWER, township=staff.township)
        [late] = [task for task in reviewer.get(reverse("home")).context["tasks"] if "feedback" in task.url]
        assert reviewer.get(late.url).context["page"].count.number == late.count == 1
        answer_feedback(feedback, answer="谢谢", by=staff)
        write_reminders()
        assert not Reminder.objects.unseen().filter(user=staff, kind="feedback").exists()
        assert waiting_for(staff).count == 0


def test_what_is_due_first_stands_first(badge, staff, client_of):
    later = make_feedback(badge, made_at=at("2026-11-24T10:00"))
    first = make_feedback(badge, made_at=at("2026-11-20T10:00"))
    list_ = reverse("services:feedback_list")
    client = client_of(staff)
    for query, expected in (("?state=waiting", [first, later]), ("", [later, first])):
        rows = client.get(f"{list_}{query}").context["page"].rows
        assert [row["url"] for row in rows] == [one.get_absolute_url() for one in expected]


def test_figures_are_the_rows_that_they_lead_to(badge, staff, client_of):
    with time_machine.travel(at("2026-11-25T10:00"), tick=False):
        answered = make_feedback(badge, kind="praise", made_at=at("2026-11-02T10:00"))
        make_feedback(badge, made_at=at("2026-11-02T10:00"))  # overdue by now
        make_feedback(badge, kind="praise")
        make_feedback(badge, kind="suggestion", made_at=at("2025-12-31T23:59"))  # last year's
        make_feedback(badge, kind="suggestion", made_at=at("2026-01-01T00:00"))
        make_feedback(kind="praise")
        late = make_feedback(badge, made_at=at("2026-10-12T10:00"))
        with time_machine.travel(at("2026-11-09T23:59"), tick=False):
            answer_feedback(answered, answer="谢谢", by=staff)
        answer_feedback(late, answer="抱歉", by=staff)

        for client in (client_of(staff), client_of(Role.REVIEWER)):
            context = client.get(f"{reverse('services:feedback_figures')}?year=2026").context
            for row in (context["total"], *context["townships"]):
                for cell in (*row["kinds"], row["whole"]):
                    for name in ("received", "answered", "in_time", "overdue"):
                        count, url = cell[name]
                        assert client.get(url).context["page"].count.number == count
        whole = client_of(staff).get(f"{reverse('services:feedback_figures')}?year=2026").context["total"]["whole"]
        assert [whole[name][0] for name in ("received", "answered", "in_time", "overdue")] == [5, 2, 1, 2]
        assert sum(tally.received for tally in tallies(Feedback.objects.all()).values()) == 7


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("kind=praise", 1),
        ("state=overdue", 1),
        ("state=answered", 1),
        ("state=late", 0),
        ("since=2026-11-20", 1),
        ("until=2026-11-19", 2),
        ("state=rubbish", 0),
        ("volunteer=999999999", 0),
        ("volunteer=rubbish", 0),
    ],
)
def test_list_is_narrowed(badge, staff, client_of, query, count):
    with time_machine.travel(at("2026-11-25T10:00"), tick=False):
        make_feedback(badge, made_at=at("2026-11-02T10:00"))
        make_feedback(badge, kind="praise", made_at=at("2026-11-20T10:00"))
        with time_machine.travel(at("2026-11-03T10:00"), tick=False):
            make_feedback(badge, kind="suggestion", answer="好")
        page = client_of(staff).get(f"{reverse('services:feedback_list')}?{query}").context["page"]
    assert page.count.number == count


def test_dossier_counts_and_lists_what_was_said(badge, staff, client_of):
    make_feedback(badge, text=WORDS)
    make_feedback(badge, kind="praise", text="热心")
    client = client_of(staff)
    text = client.get(badge.volunteer.get_absolute_url()).content.decode()
    assert WORDS in text
    assert f"volunteer={badge.volunteer_id}&amp;kind=praise" in text
    found = client.get(f"{reverse('services:feedback_list')}?volunteer={badge.volunteer_id}")
    assert found.context["page"].count.number == 2


def test_dossier_counts_a_merged_record_too(badge, staff, client_of):
    make_feedback(badge, text=WORDS)
    kept = make_volunteer(township=staff.township)
    Volunteer.objects.filter(pk=badge.volunteer_id).update(merged_into=kept)
    assert WORDS in client_of(staff).get(kept.get_absolute_url()).content.decode()
