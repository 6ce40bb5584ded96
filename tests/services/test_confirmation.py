"""The recipient's answer: by a code that is stored nowhere, given once, by people without an account."""

import re
from datetime import date, time, timedelta
from html import unescape
from threading import Barrier

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.rights import Role
from common.codes import ALPHABET
from common.models import Attempts
from common.rules import RuleBroken
from services.domain.confirmation import (
    ConfirmationCounts,
    answer_confirmation,
    code_of,
    confirmation_counts,
    find,
    hash_of,
    issue_slips,
    read_code,
)
from services.domain.correction import grant_correction
from services.domain.log import edit_service, withdraw_service
from services.domain.reasons import reasons_to_look
from services.models import Confirmation
from tests.factories import make_correction, make_log, make_read, make_team, make_user
from tests.races import in_parallel

CONFIRM = "/confirm/"


def issued(log=None, **fields) -> Confirmation:
    log = log or make_log(**fields)
    return issue_slips([log], by=log.recorded_by)[0]


def text(response) -> str:
    return unescape(response.content.decode())


# --- The code -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_code_is_the_same_each_time_and_another_for_each_log():
    log = make_log()
    codes = [code_of(make_log()) for _ in range(30)]

    assert code_of(log) == code_of(log)
    assert len({*codes, code_of(log)}) == 31
    assert all(re.fullmatch(rf"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}-[{ALPHABET}]{{3}}", code) for code in codes)


def test_code_has_more_than_fifty_bits_and_no_signs_that_look_alike():
    assert len(ALPHABET) == len(set(ALPHABET)) == 26
    assert len(ALPHABET) ** 11 > 2**50
    for alike in ("0OQD", "1IL", "5S", "8B", "2Z", "UV", "6G"):
        assert len(set(alike) & set(ALPHABET)) == 1


@pytest.mark.parametrize(
    "typed",
    ["7KMX-3RTA-9WC", "7kmx3rta9wc", " 7kmx 3rta 9wc ", "７ＫＭＸ－３ＲＴＡ－９ＷＣ", "7KMX\u200b-3RTA—9WC"],
)
def test_code_is_read_however_it_is_typed(typed):
    assert read_code(typed) == "7KMX3RTA9WC"


@pytest.mark.parametrize(("typed", "meant"), [("SBZUGO1IQ02", "582V6DLLDD2")])
def test_sign_that_there_is_not_means_the_one_like_it(typed, meant):
    assert read_code(typed) == meant


@pytest.mark.parametrize("typed", ["", "7KMX", "7KMX-3RTA-9WCC", "7KMX-3RTA-9W!", "\x00" * 11, "长" * 11, "7" * 400])
def test_what_can_be_no_code_is_none(typed):
    assert read_code(typed) == ""


@pytest.mark.django_db
def test_code_is_stored_nowhere(client_of):
    log = make_log()
    staff = client_of(Role.TOWNSHIP_STAFF, township=log.township)
    staff.post(reverse("services:slip", args=[log.pk]))
    code = code_of(log)

    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}"')
            held = repr(cursor.fetchall())
        assert code not in held
        assert read_code(code) not in held
    assert Confirmation.objects.get().code_hash == hash_of(code)


@pytest.mark.django_db
def test_other_key_makes_other_codes_and_slips_can_be_made_anew(settings):
    log = make_log()
    issued(log)
    old = code_of(log)
    settings.SECRET_KEY = "another-key-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789"
    assert code_of(log) != old
    assert find(code_of(log)) is None

    issued(log)

    assert find(code_of(log)).log == log
    assert Confirmation.objects.count() == 1


# --- The domain -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_slip_is_made_once():
    log = make_log()
    first = issued(log)
    again = issue_slips([log], by=make_user(Role.TOWNSHIP_STAFF))

    assert again == [first]
    assert AuditEntry.objects.filter(event="issue_slips").count() == 1


@pytest.mark.django_db
def test_withdrawn_log_gets_no_slip_and_takes_no_answer():
    log = make_log()
    confirmation = issued(log)
    withdraw_service(log, reason="重复", by=log.recorded_by)

    with pytest.raises(RuleBroken, match="taken this entry back"):
        answer_confirmation(find(code_of(log)), answer="yes")
    assert issue_slips([log.__class__.objects.get()], by=log.recorded_by) == []
    confirmation.refresh_from_db()
    assert confirmation.answer == ""


@pytest.mark.django_db
def test_answer_is_kept_with_its_time_and_without_the_remark_in_the_trail():
    confirmation = answer_confirmation(issued(), answer="no", remark=" 没有\n来过 ")

    assert (confirmation.answer, confirmation.remark) == ("no", "没有 来过")
    assert timezone.now() - confirmation.answered_at < timedelta(minutes=1)
    entry = AuditEntry.objects.get(event="answer_confirmation")
    assert entry.actor is None
    assert entry.changes["answer"] == ["", "no"]
    assert "来过" not in str(entry.changes)


@pytest.mark.django_db
@pytest.mark.parametrize(("answer", "remark"), [("maybe", ""), ("", ""), ("yes", "长" * 201)])
def test_wrong_answer_is_refused(answer, remark):
    confirmation = issued()
    with pytest.raises(RuleBroken):
        answer_confirmation(confirmation, answer=answer, remark=remark)
    confirmation.refresh_from_db()
    assert confirmation.answer == ""


@pytest.mark.django_db(transaction=True)
def test_of_answers_at_the_same_moment_one_stands():
    confirmation = issued()
    answers = ["yes", "no"] * 3

    told = in_parallel(*[lambda a=a: answer_confirmation(confirmation, answer=a) for a in answers])

    refused = [each for each in told if isinstance(each, RuleBroken)]
    assert len(refused) == 5
    stands = next(each for each in told if isinstance(each, Confirmation))
    assert Confirmation.objects.get().answer == stands.answer
    assert AuditEntry.objects.filter(event="answer_confirmation").count() == 1


@pytest.mark.django_db(transaction=True)
def test_looking_before_writing_would_let_several_stand():
    """The negative control: everybody looks, then everybody writes; the trigger alone says no."""
    confirmation = issued()
    looked = Barrier(4)

    def look_then_write(answer):
        is_open = Confirmation.objects.get(pk=confirmation.pk).answer == ""
        looked.wait(timeout=10)
        if is_open:
            try:
                Confirmation.objects.filter(pk=confirmation.pk).update(answer=answer, answered_at=timezone.now())
            except DatabaseError as error:
                return str(error)
        return "written"

    told = in_parallel(*[lambda a=a: look_then_write(a) for a in ("yes", "no", "yes", "no")])

    assert sorted("answer_stands" in each for each in told) == [False, True, True, True]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE services_confirmation SET answer = 'no' WHERE id = {pk}",
        "UPDATE services_confirmation SET remark = 'x' WHERE id = {pk}",
        "DELETE FROM services_confirmation WHERE id = {pk}",
    ],
)
def test_answer_stands_by_raw_sql(sql):
    confirmation = answer_confirmation(issued(), answer="yes")
    with pytest.raises(DatabaseError, match="answer_stands"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(pk=confirmation.pk))
    assert Confirmation.objects.get().answer == "yes"


@pytest.mark.django_db
def test_counts_of_months_take_one_query(django_assert_num_queries):
    team = make_team()
    logs = [make_log(team=team, on=date(2026, 7, day)) for day in (1, 2, 3, 4)]
    make_log(team=team, on=date(2026, 7, 5), is_withdrawn=True, withdrawn_reason="重复")
    for log, answer in zip(logs, ("yes", "yes", "no"), strict=False):
        answer_confirmation(issued(log), answer=answer)
    issued(logs[3])
    empty = make_log().report

    with django_assert_num_queries(1):
        counts = confirmation_counts([logs[0].report, empty])

    assert counts == {
        logs[0].report_id: ConfirmationCounts(4, 4, 2, 1),
        empty.pk: ConfirmationCounts(1, 0, 0, 0),
    }
    assert counts[logs[0].report_id].share == 50


@pytest.mark.django_db
def test_denial_is_a_reason_to_look():
    log = make_log()
    make_log(team=log.team, on=date(2026, 7, 3))
    answer_confirmation(issued(log), answer="no")

    found = {reason.code: reason.log_pks for reason in reasons_to_look([log.report])[log.report_id]}

    assert found["denied"] == (log.pk,)


def changed(log, **changes):
    names = ("date", "starts_at", "ends_at", "category", "recipient", "content", "place", "people_served")
    entry = {name: getattr(log, name) for name in names}
    people = dict(log.participations.values_list("volunteer", "minutes"))
    return edit_service(log, version=log.version, participants=people, by=log.recorded_by, **(entry | changes))


@pytest.mark.django_db
def test_what_was_changed_after_it_was_confirmed_is_not_confirmed(client_of):
    log = make_log(minutes=120)
    answer_confirmation(issued(log), answer="yes")
    same = changed(log)
    assert confirmation_counts([log.report])[log.report_id].confirmed == 1

    changed(same, ends_at=log.ends_at + timedelta(hours=6))

    assert confirmation_counts([log.report])[log.report_id] == ConfirmationCounts(1, 1, 0, 0)
    staff = client_of(Role.TOWNSHIP_STAFF, township=log.township)
    assert "Confirmed before it was changed" in text(staff.get(log.get_absolute_url()))
    assert log.recipient not in text(staff.get("/services/logs/?confirmation=yes"))


@pytest.mark.django_db
def test_neither_a_change_nor_a_correction_takes_a_denial_back():
    log = make_log()
    answer_confirmation(issued(log), answer="no")
    log = changed(log, content="换了一种说法")
    assert confirmation_counts([log.report])[log.report_id].denied == 1
    make_read(log.report)
    log.refresh_from_db()

    for _time in range(2):
        log = grant_correction(make_correction(log), by=make_user(Role.REVIEWER, township=log.township)).result

    found = {reason.code: reason.log_pks for reason in reasons_to_look([log.report])[log.report_id]}
    assert found["denied"] == (log.pk,)


# --- The public page ----------------------------------------------------------------------------------------


def ask(code: str, client: Client | None = None, address: str = "192.0.2.1", **fields):
    return (client or Client()).post(CONFIRM, {"code": code} | fields, REMOTE_ADDR=address)


@pytest.mark.django_db
def test_page_shows_the_service_and_nobodys_name():
    log = make_log(recipient="陈阿婆", content="打扫厨房")
    issued(log)

    page = text(ask(code_of(log).lower()))

    assert log.team.name in page
    assert str(log.minutes) in page
    assert str(log.category) in page
    names = [part.volunteer.name for part in log.participations.select_related("volunteer")]
    assert not any(word in page for word in [*names, "陈阿婆", "打扫厨房", log.recorded_by.name])
    assert Confirmation.objects.get().answer == ""


@pytest.mark.django_db
@pytest.mark.parametrize("answer", ["yes", "no"])
def test_answer_is_given_once_without_an_account(answer):
    log = make_log()
    issued(log)

    done = ask(code_of(log), answer=answer, remark="谢谢")
    again = ask(code_of(log), answer="no" if answer == "yes" else "yes")
    looked = ask(code_of(log))

    assert (done.status_code, again.status_code, looked.status_code) == (200, 422, 200)
    assert "Thank you for your answer" in text(done)
    assert "has been answered already" in text(again)
    for page in (again, looked):
        assert 'name="answer"' not in text(page)
        assert "Answered on" in text(page)
    assert "谢谢" not in text(looked)  # what somebody said is not for the next who finds the slip
    assert (Confirmation.objects.get().answer, Confirmation.objects.get().remark) == (answer, "谢谢")


@pytest.mark.django_db
def test_answer_works_in_a_read_month():
    log = make_log()
    issued(log)
    make_read(log.report)

    assert ask(code_of(log), answer="yes").status_code == 200
    assert Confirmation.objects.get().answer == "yes"


@pytest.mark.django_db
def test_who_is_signed_in_does_not_answer_for_the_recipient(client_of):
    log = make_log()
    issued(log)
    leader = client_of(Role.TEAM_LEADER, township=log.township)

    page = ask(code_of(log), client=leader)
    refused = ask(code_of(log), client=leader, answer="yes")

    assert 'name="answer"' not in text(page)
    assert refused.status_code == 422
    assert Confirmation.objects.get().answer == ""


@pytest.mark.django_db
def test_wrong_codes_are_few_and_right_ones_are_free():
    log = make_log()
    issued(log)
    with time_machine.travel("2026-07-08T04:10:00Z", tick=False):
        right = [ask(code_of(log)).status_code for _ in range(15)]
        wrong = [ask("7KMX-3RTA-9WC").status_code for _ in range(11)]
        blocked, elsewhere = ask(code_of(log)), ask(code_of(log), address="192.0.2.2")
    with time_machine.travel("2026-07-08T05:00:00Z", tick=False):
        later = ask(code_of(log)).status_code

    assert right == [200] * 15
    assert wrong == [422] * 10 + [429]
    assert blocked.status_code == 429
    assert "Too many wrong codes" in text(blocked)
    assert log.team.name not in text(blocked)
    assert (elsewhere.status_code, later) == (200, 200)
    assert not any("192.0.2" in who for who in Attempts.objects.values_list("who", flat=True))


@pytest.mark.django_db
def test_everybody_together_has_a_ceiling_beyond_which_each_has_one_try():
    with time_machine.travel("2026-07-08T04:10:00Z", tick=False):
        told = [ask("7KMX-3RTA-9WC", address=f"198.51.{number // 250}.{number % 250}") for number in range(301)]

        log = make_log()
        issued(log)
        again = ask("7KMX-3RTA-9WC", address="198.51.1.50")
        once, twice = (ask("7KMX-3RTA-9WC", address="203.0.113.9") for _time in range(2))
        right = [ask(code_of(log), address="203.0.113.8").status_code for _time in range(2)]

    assert {page.status_code for page in told} == {422}
    assert (again.status_code, once.status_code, twice.status_code) == (429, 422, 429)
    assert right == [200, 200]


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["", "7KMX", "\x00", "长" * 6000, '"><script>planted()</script>'])
def test_rubbish_counts_nothing_and_shows_nothing(code):
    page = ask(code)

    assert page.status_code == 422
    assert "<script>planted" not in page.content.decode()
    assert Attempts.objects.count() == 0


@pytest.mark.django_db
def test_page_is_kept_by_nobody_and_found_by_nobody():
    for page in (Client().get(CONFIRM), ask("7KMX-3RTA-9WC")):
        assert "no-store" in page["Cache-Control"]
        assert page["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.django_db
def test_code_in_the_address_is_not_looked_at():
    log = make_log()
    issued(log)

    page = text(Client().get(f"{CONFIRM}?code={code_of(log)}"))

    assert log.team.name not in page
    assert code_of(log) not in page


# --- Slips --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_slip_is_printed_and_printed_again(client_of):
    log = make_log()
    staff = client_of(Role.TOWNSHIP_STAFF, township=log.township)

    pages = []
    for _again in range(2):
        sent = staff.post(reverse("services:slip", args=[log.pk]))
        pages.append(text(staff.get(sent["Location"])))

    assert all(code_of(log) in page and "<svg" in page and "testserver/confirm" in page for page in pages)
    assert Confirmation.objects.count() == 1
    assert find(code_of(log)).issued_by == staff.user


@pytest.mark.django_db
def test_slips_of_a_day_are_ticked(client_of):
    team = make_team()
    logs = [make_log(team=team, starts=time(8)), make_log(team=team, starts=time(15))]
    other_day, elsewhere = make_log(team=team, on=date(2026, 7, 5)), make_log(on=date(2026, 7, 6))
    staff = client_of(Role.TOWNSHIP_STAFF, township=team.township)
    slips = reverse("services:slip_list")

    page = text(staff.get(f"{slips}?day=2026-07-06"))
    none = staff.post(slips)
    foreign = staff.post(slips, {"logs": [str(elsewhere.pk)]})
    sent = staff.post(slips, {"logs": [str(logs[0].pk), str(logs[1].pk)]})
    printed = text(staff.get(sent["Location"]))

    assert all(log.recipient in page for log in logs)
    assert other_day.recipient not in page
    assert elsewhere.recipient not in page
    assert (none.status_code, foreign.status_code, sent.status_code) == (422, 422, 302)
    assert all(code_of(log) in printed for log in logs)
    assert set(Confirmation.objects.values_list("log", flat=True)) == {log.pk for log in logs}


@pytest.mark.django_db
def test_slip_of_another_township_is_not_printed(client_of):
    log = make_log()
    issued(log)
    staff = client_of(Role.TOWNSHIP_STAFF)

    page = text(staff.get(f"{reverse('services:slip_print')}?logs={log.pk}.x.{'9' * 30}"))

    assert code_of(log) not in page
    assert "no slip to print" in page


@pytest.mark.django_db
def test_list_is_narrowed_by_what_recipients_say(client_of):
    team = make_team()
    yes, no, asked, none = (make_log(team=team, on=date(2026, 7, day)) for day in (1, 2, 3, 4))
    answer_confirmation(issued(yes), answer="yes")
    answer_confirmation(issued(no), answer="no")
    issued(asked)
    staff = client_of(Role.TOWNSHIP_STAFF, township=team.township)

    for value, log in (("yes", yes), ("no", no), ("asked", asked), ("none", none)):
        page = text(staff.get(f"/services/logs/?confirmation={value}"))
        assert [each.recipient in page for each in (yes, no, asked, none)] == [
            each == log for each in (yes, no, asked, none)
        ]


@pytest.mark.django_db
def test_remark_is_for_the_offices_that_review(client_of):
    log = make_log()
    answer_confirmation(issued(log), answer="no", remark="没有来过")
    reviewer = client_of(Role.REVIEWER, township=log.township)
    staff = client_of(Role.TOWNSHIP_STAFF, township=log.township)

    assert "没有来过" in text(reviewer.get(log.get_absolute_url()))
    assert "没有来过" not in text(staff.get(log.get_absolute_url()))
    assert "Denied" in text(staff.get(log.get_absolute_url()))
    assert "Slips: 1 · denied: 1" in text(reviewer.get(log.report.get_absolute_url()))
