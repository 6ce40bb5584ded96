"""Reminders in the app and by e-mail: seen, sent at most once a day, and to whom."""

from datetime import datetime, timedelta
from io import StringIO
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.domain import digest
from accounts.domain.digest import Sent, send_digests
from accounts.domain.reminder import Due, forget_reminders, keep_reminders, remind
from accounts.models import Reminder, User
from accounts.rights import Role
from tests.factories import make_reminder, make_user
from tests.races import in_parallel

pytestmark = pytest.mark.django_db
MORNING = datetime.fromisoformat("2026-08-06T08:00:00+08:00")


@pytest.fixture
def morning():
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def _settings(settings):
    settings.SENDS_EMAIL = True
    settings.SITE_URL = "https://yiwang.example"


def make_reader(**fields):
    return make_user(Role.TOWNSHIP_STAFF, **({"email": f"reader{User.objects.count()}@example.org"} | fields))


# --- written and seen ------------------------------------------------------------------------------------------


def test_remind_says_one_thing_once_and_to_active_people_only():
    user, closed = make_user(), make_user(is_active=False)
    words = {"text": "Grids without an active team: %(count)s.", "url": "/", "count": "2"}

    assert [remind([user, closed], "uncovered", "week", **words) for _ in range(2)] == [1, 0]

    assert Reminder.objects.get().in_words() == "Grids without an active team: 2."


def test_months_and_days_are_read_in_the_readers_language(client_of):
    params = {"month": "2026-07-01", "day": "2026-08-05", "team": "前进队"}
    reminder = make_reminder(make_user(), text="%(month)s of %(team)s was to be submitted by %(day)s.", params=params)

    assert reminder.in_words() == "July 2026 of 前进队 was to be submitted by 5 August."


def test_what_no_longer_holds_waits_no_more_and_other_kinds_stay():
    user = make_user()
    gone, other = make_reminder(user, kind="silent"), make_reminder(user, kind="custom")
    due = Due(user.pk, "silent", "new", "x", "/")

    kept = keep_reminders(["silent"], [due])

    assert (kept.written, kept.settled) == (1, 1)
    assert set(Reminder.objects.unseen().values_list("key", flat=True)) == {other.key, "new"}
    gone.refresh_from_db()
    assert gone.seen_at is not None


def test_the_database_keeps_doubles_and_foreign_addresses_out():
    user = make_user()
    make_reminder(user, key="same")
    for wrong in ({"key": "same"}, {"url": "https://elsewhere.example"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            make_reminder(user, **wrong)


@pytest.mark.django_db(transaction=True)
def test_two_nights_at_once_write_one_reminder():
    due = Due(make_user().pk, "silent", "once", "x", "/")

    in_parallel(*[lambda: keep_reminders(["silent"], [due])] * 3)

    assert Reminder.objects.count() == 1


def test_old_reminders_are_forgotten():
    now, user = timezone.now(), make_user()
    kept = [
        make_reminder(user, seen_at=now - timedelta(days=59)),
        make_reminder(user, created_at=now - timedelta(days=179)),
    ]
    make_reminder(user, seen_at=now - timedelta(days=61))
    make_reminder(user, created_at=now - timedelta(days=181))

    assert forget_reminders() == 2
    assert set(Reminder.objects.all()) == set(kept)


# --- the bell and the list ------------------------------------------------------------------------------------


def test_the_bell_counts_what_waits_and_the_list_shows_all(client_of):
    client = client_of(Role.TOWNSHIP_STAFF)
    waiting = make_reminder(client.user, team="前进队")
    make_reminder(client.user, seen_at=timezone.now())
    make_reminder(make_user(), team="别人的队")

    answer = client.get(reverse("accounts:reminder_list"))

    assert answer.context["page"].count.number == 2
    html = answer.content.decode()
    assert '<span class="bell-count">1</span>' in html
    assert "前进队 has visits that are overdue: 2." in html
    assert "别人的队" not in html
    only = client.get(reverse("accounts:reminder_list"), {"unseen": "on"}).context["page"]
    assert [row["pk"] for row in only.rows] == [waiting.pk]


def test_opening_one_takes_it_down_and_leads_on(client_of):
    client = client_of(Role.TOWNSHIP_STAFF)
    reminder = make_reminder(client.user, url="/services/silent/")
    address = reverse("accounts:reminder_open", args=[reminder.pk])

    assert client.get(address).status_code == 405
    assert client.post(address).url == "/services/silent/"

    reminder.refresh_from_db()
    first = reminder.seen_at
    assert first is not None
    client.post(address)
    reminder.refresh_from_db()
    assert reminder.seen_at == first


def test_one_and_all_are_marked_as_seen_the_own_only(client_of):
    client = client_of(Role.TOWNSHIP_STAFF)
    mine, also_mine = make_reminder(client.user), make_reminder(client.user)
    foreign = make_reminder(make_user())

    client.post(reverse("accounts:reminder_see", args=[mine.pk]))
    assert list(Reminder.objects.unseen().visible_to(client.user)) == [also_mine]
    assert client.post(reverse("accounts:reminder_see", args=[foreign.pk])).status_code == 404
    client.post(reverse("accounts:reminder_see_all"))
    assert list(Reminder.objects.unseen()) == [foreign]


def test_the_list_costs_the_same_at_any_length(client_of, django_assert_max_num_queries):
    client = client_of(Role.TOWNSHIP_STAFF)
    for _ in range(30):
        make_reminder(client.user)

    with django_assert_max_num_queries(7):
        client.get(reverse("accounts:reminder_list"))


# --- the own settings --------------------------------------------------------------------------------------------


def test_people_give_their_address_and_take_it_back(client_of):
    client = client_of(Role.TOWNSHIP_STAFF)
    address = reverse("accounts:account")
    words = {"email": "ａ@example.org ", "email_reminders": "on", "language": "en"}

    assert client.post(address, words).status_code == 302
    client.user.refresh_from_db()
    assert (client.user.email, client.user.email_reminders, client.user.language) == ("a@example.org", True, "en")

    assert client.post(address, {"email": "", "language": "zh-hans"}).status_code == 302
    client.user.refresh_from_db()
    assert (client.user.email, client.user.email_reminders) == ("", False)


@pytest.mark.parametrize("email", ["x", "a@b", "a@example.org\nBcc: b@example.org", "a@" + "b" * 260 + ".org"])
def test_a_wrong_address_comes_back(client_of, email):
    client = client_of(Role.TOWNSHIP_STAFF)

    answer = client.post(reverse("accounts:account"), {"email": email, "language": "en"})

    assert (answer.status_code, answer.context["form"]["email"].value()) == (422, email)
    client.user.refresh_from_db()
    assert client.user.email == ""


# --- by e-mail ----------------------------------------------------------------------------------------------------


def test_one_digest_a_person_holds_all_that_waits(morning):
    user = make_reader(name="黄永琪", language="en")
    make_reminder(user, team="前进队", url="/services/month/")
    make_reminder(user, team="后山队", url="/services/silent/")
    make_reminder(user, team="看过的队", seen_at=timezone.now())
    make_reminder(user, team="旧闻队", created_at=timezone.now() - timedelta(days=8))

    assert send_digests() == Sent(1, 0)

    (letter,) = mail.outbox
    assert (letter.subject, letter.to) == ("Yiwang: 2 reminders", [user.email])
    assert letter.body == (
        "Dear 黄永琪,\n\n"
        "this waits for you in Yiwang:\n\n"
        "- 前进队 has visits that are overdue: 2.\n  https://yiwang.example/services/month/\n\n"
        "- 后山队 has visits that are overdue: 2.\n  https://yiwang.example/services/silent/\n\n"
        "You receive at most one such e-mail a day. To change the address, or to receive none:\n"
        "https://yiwang.example/accounts/me/\n\n"
    )


def test_names_are_not_escaped_and_cannot_add_a_header(morning):
    make_reminder(make_reader(name="a<b>\nBcc: x@example.org", language="en"), team="R&D")

    send_digests()

    assert "R&D has visits" in mail.outbox[0].body
    assert "Bcc" not in mail.outbox[0].message().keys()  # noqa: SIM118


def test_the_digest_is_in_the_persons_language(morning):
    make_reminder(make_reader(language="zh-hans"), team="溪边")
    make_reminder(make_reader(language="en"), team="溪边")

    send_digests()

    assert ["走访已逾期" in message.body for message in mail.outbox] == [True, False]
    assert ["溪边 has visits" in message.body for message in mail.outbox] == [False, True]


def test_who_gave_no_address_does_not_want_it_or_is_gone_gets_none(morning):
    for user in (make_reader(email=""), make_reader(email_reminders=False), make_reader(is_active=False)):
        make_reminder(user)

    assert send_digests() == Sent(0, 0)
    assert mail.outbox == []


def test_at_most_one_digest_a_day_and_nothing_twice(morning):
    user = make_reader()
    make_reminder(user)
    assert [send_digests().sent for _ in range(2)] == [1, 0]

    make_reminder(user)
    morning.shift(timedelta(hours=15))
    assert send_digests().sent == 0  # still the same day in Shanghai
    morning.shift(timedelta(hours=1, seconds=1))
    assert send_digests().sent == 1
    assert [letter.body.count("- ") for letter in mail.outbox] == [1, 1]


class Refusing(EmailBackend):
    """Refuses every address with «wrong» in it."""

    def send_messages(self, messages):
        if "wrong" in messages[0].to[0]:
            raise SMTPRecipientsRefused({messages[0].to[0]: (550, b"no such user")})
        return super().send_messages(messages)

    def close(self):
        raise SMTPServerDisconnected


def test_an_address_that_fails_keeps_no_other_from_theirs_and_is_tried_again(morning, settings):
    settings.EMAIL_BACKEND = "tests.accounts.test_reminder.Refusing"
    wrong, right = make_reader(email="wrong@example.org"), make_reader()
    for user in (wrong, right):
        make_reminder(user)

    assert send_digests() == Sent(1, 1)
    assert [letter.to for letter in mail.outbox] == [[right.email]]

    User.objects.filter(pk=wrong.pk).update(email="mended@example.org")
    assert send_digests() == Sent(1, 0)
    assert mail.outbox[1].to == ["mended@example.org"]


def test_a_crash_between_sending_and_marking_sends_it_once_more_an_hour_later(morning, monkeypatch):
    make_reminder(make_reader())
    mark = digest._mark

    def crash(reminders, **fields):
        if "emailed_at" in fields:
            raise KeyboardInterrupt
        mark(reminders, **fields)

    monkeypatch.setattr(digest, "_mark", crash)
    with pytest.raises(KeyboardInterrupt):
        send_digests()
    monkeypatch.undo()

    morning.shift(timedelta(minutes=59))
    assert send_digests().sent == 0
    morning.shift(timedelta(minutes=2))
    assert [send_digests().sent for _ in range(2)] == [1, 0]
    assert len(mail.outbox) == 2


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_send_one_digest():
    make_reminder(make_reader())

    results = in_parallel(*[send_digests] * 4)

    assert sum(result.sent for result in results) == 1
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_claim_two_runs_would_send_two(monkeypatch):
    make_reminder(make_reader())
    monkeypatch.setattr(digest, "_mark", lambda reminders, **fields: None)

    results = in_parallel(*[send_digests] * 4)

    assert sum(result.sent for result in results) > 1


def test_the_command_says_what_was_done_and_what_was_not(morning, settings):
    make_reminder(make_reader(email="wrong@example.org"))
    out = StringIO()
    settings.EMAIL_BACKEND = "tests.accounts.test_reminder.Refusing"
    with pytest.raises(CommandError, match="1 digests could not be sent"):
        call_command("send_reminders", stdout=out)
    assert out.getvalue() == "0 digests sent\n"

    settings.SENDS_EMAIL = False
    out = StringIO()
    call_command("send_reminders", stdout=out)
    assert out.getvalue() == "No e-mail is sent: EMAIL_URL is not set.\n"


def test_an_admin_gives_an_account_its_address_and_the_trail_masks_it(client_of):
    client, user = client_of(Role.ADMIN), make_user(Role.REVIEWER)
    data = {"username": user.username, "name": user.name, "role": user.role, "township": "", "is_active": "on"}

    client.post(reverse("admin:accounts_user_change", args=[user.pk]), data | {"email": "a@example.org"})

    user.refresh_from_db()
    assert user.email == "a@example.org"
    trail = client.get(reverse("accounts:audit_list")).content.decode()
    assert "a@example.org" not in trail
