"""Public notices and objections: who is named, when they end, who may object, and what never leaks."""

from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.rights import Role
from common.rules import RuleBroken, SavedMeanwhile
from common.throttle import Limit
from services.domain import objection
from services.domain.correction import grant_correction
from services.domain.notice import lines_of, open_notice, withdraw_notice
from services.domain.objection import FROM_ONE_ADDRESS, answer_objection, followed_by, make_objection, show_contact
from services.models import Notice, Objection
from services.views import notice as notice_views
from tests.factories import (
    make_correction,
    make_grid,
    make_log,
    make_notice,
    make_read,
    make_read_log,
    make_report,
    make_team,
    make_township,
    make_user,
    make_village,
)
from volunteers.models import Volunteer

pytestmark = pytest.mark.django_db

JULY = date(2026, 7, 1)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture
def log():
    """A read service of three, one of whom agreed to be named."""
    log = make_read_log(recipient="保密的老人")
    people = list(log.participations.order_by("pk").select_related("volunteer"))
    Volunteer.objects.filter(pk=people[0].volunteer_id).update(name="公开的人", shows_name=True, phone="13912345678")
    for part in people[1:]:
        Volunteer.objects.filter(pk=part.volunteer_id).update(name=f"金丝雀{part.pk}", phone="13812345678")
    return log


@pytest.fixture
def reviewer(log):
    return make_user(Role.REVIEWER, township=log.township)


@pytest.fixture
def notice(log, reviewer):
    return open_notice(log.township, JULY, by=reviewer)


def public(notice):
    return reverse("notices:notice", args=[notice.code])


# --- opening and closing ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opened", "closes", "is_known"),
    [
        ("2026-11-25T10:00", date(2026, 12, 2), True),
        ("2026-09-28T10:00", date(2026, 10, 10), True),  # National Day, and the Saturday that makes up for it
        ("2026-12-29T23:59", date(2027, 1, 5), False),  # 2027 has not been published
    ],
)
def test_notice_runs_for_five_working_days(log, reviewer, opened, closes, is_known):
    with time_machine.travel(at(opened), tick=False):
        notice = open_notice(log.township, JULY, by=reviewer)

        page = Client().get(public(notice)).content.decode()

    assert (notice.closes_on, notice.days_known) == (closes, is_known)
    assert ("counted by weekends" in page) is not is_known


def test_notice_ends_at_midnight_in_shanghai(log, reviewer):
    with time_machine.travel(at("2026-11-25T10:00"), tick=False):
        notice = open_notice(log.township, JULY, by=reviewer)
    with time_machine.travel(at("2026-12-02T23:59:59"), tick=False):
        assert "公开的人" in Client().get(public(notice)).content.decode()
        assert list(Notice.objects.running()) == [notice]
        make_objection(notice, key=uuid4(), text="人数不对")
    with time_machine.travel(at("2026-12-03T00:00"), tick=False):
        page = Client().get(public(notice)).content.decode()
        assert "公开的人" not in page
        assert "has ended" in page
        assert log.team.name in page
        assert not Notice.objects.running().exists()
        with pytest.raises(RuleBroken, match="ended"):
            make_objection(notice, key=uuid4(), text="太晚了")
        refused = Client().post(public(notice), {"key": uuid4(), "text": "太晚了"})
    assert refused.status_code == 422
    assert Objection.objects.count() == 1


def test_months_that_were_not_read_must_be_left_out_explicitly(log, reviewer):
    make_report(team=make_team(township=log.township), month=JULY)
    make_team(township=log.township)
    with pytest.raises(RuleBroken, match="2 months have not been read") as refused:
        open_notice(log.township, JULY, by=reviewer)

    notice = open_notice(log.township, JULY, accept_missing=True, by=reviewer)

    assert refused.value.field == "accept_missing"
    assert notice.left_out == 2
    assert [line.name for line in lines_of(notice, with_names=True)] == [log.team.name]
    assert "2 teams" in Client().get(public(notice)).content.decode()


def test_nothing_read_and_unfinished_months_are_not_shown(log, reviewer):
    with pytest.raises(RuleBroken, match="nothing to show"):
        open_notice(make_township(), JULY, accept_missing=True, by=reviewer)
    with time_machine.travel(at("2026-07-31T23:59"), tick=False), pytest.raises(RuleBroken, match="not ended"):
        open_notice(log.township, JULY, by=reviewer)


def test_month_is_shown_once_and_anew_after_a_withdrawal(notice, log, reviewer):
    with pytest.raises(RuleBroken, match="shown already"):
        open_notice(log.township, JULY, by=reviewer)
    with pytest.raises(IntegrityError, match=r"notice_one_standing|township_id"), transaction.atomic():
        make_notice(township=log.township, month=JULY)

    withdraw_notice(notice, reason="月份选错", by=reviewer)

    page = Client().get(public(notice)).content.decode()
    assert "公开的人" not in page
    assert log.team.name not in page
    assert "月份选错" not in page
    assert open_notice(log.township, JULY, by=reviewer).code != notice.code
    with pytest.raises(RuleBroken, match="already"):
        withdraw_notice(notice, reason="再来", by=reviewer)


def test_withdrawing_needs_a_reason_and_the_page_of_today(notice, reviewer):
    for reason in ("", "长" * 201):
        with pytest.raises(RuleBroken) as refused:
            withdraw_notice(notice, reason=reason, by=reviewer)
        assert refused.value.field == "reason"
    with pytest.raises(SavedMeanwhile):
        withdraw_notice(notice, reason="错", version=notice.version + 1, by=reviewer)


# --- what is shown ----------------------------------------------------------------------------------------


def test_only_who_agreed_is_named_and_nothing_else_leaks(notice, log):
    response = Client().get(public(notice))
    page = response.content.decode()

    assert "公开的人" in page
    assert "names not public: 2" in page
    numbers = Volunteer.objects.values_list("number", flat=True)
    secrets = ["金丝雀", "保密的老人", log.content, "13812345678", "13912345678", "5678", *numbers]
    assert [secret for secret in secrets if secret in page] == []
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in response["Cache-Control"]


def test_consent_that_is_taken_back_takes_the_name_away(notice):
    Volunteer.objects.update(shows_name=False)

    page = Client().get(public(notice)).content.decode()

    assert "公开的人" not in page
    assert "names not public: 3" in page


def test_figures_follow_corrections(notice, log):
    line = lines_of(notice, with_names=True)[0]
    assert (line.totals.logs, line.totals.minutes, line.unnamed) == (1, 180, 2)

    grant_correction(make_correction(log, strike=True), by=make_user(Role.REVIEWER))

    line = lines_of(notice, with_names=True)[0]
    assert (line.totals.logs, line.totals.minutes, line.named, line.unnamed) == (0, 0, [], 0)


def test_other_months_and_townships_stay_out(notice, log):
    make_read_log(team=log.team, on=date(2026, 6, 6))
    make_read_log()
    assert [(line.name, line.totals.logs) for line in lines_of(notice, with_names=True)] == [(log.team.name, 1)]


def test_teams_stand_village_by_village(notice, log):
    village = log.team.grid.village
    same = make_read_log(team=make_team(grid=make_grid(village=village), name="一队"))
    first = make_village(township=log.township, code="000000000000")
    before = make_read_log(team=make_team(grid=make_grid(village=first), name="最后的队"))
    names = [line.name for line in lines_of(notice, with_names=True)]
    assert names == [before.team.name, log.team.name, same.team.name]


def test_index_lists_what_runs(notice):
    make_notice(closes_on=date(2026, 1, 9), opened_on=date(2026, 1, 2))

    page = Client().get(reverse("notices:index")).content.decode()

    assert page.count("/notices/") >= 1
    assert page.count(notice.code) == 1
    assert page.count("todo-advice") == 1


@pytest.mark.parametrize("code", ["nothing", "x" * 12, "%00"])
def test_unknown_code_is_not_there(code):
    assert Client().get(f"/notices/{code}/").status_code == 404


# --- objections -------------------------------------------------------------------------------------------


def test_everybody_may_object_and_follows_the_answer_by_a_link(notice, reviewer):
    visitor = Client()
    sent = {"key": uuid4(), "text": "当天没有人来过", "contact": "13700001111"}

    answers = [visitor.post(public(notice), sent) for _ in range(2)]

    assert answers[0].url == answers[1].url
    objection = Objection.objects.get()
    page = visitor.get(answers[0].url).content.decode()
    assert "当天没有人来过" in page
    assert "13700001111" not in page
    answer_objection(objection, answer="已核实并更正", by=reviewer)
    assert "已核实并更正" in visitor.get(answers[0].url).content.decode()
    assert "当天没有人来过" not in visitor.get(public(notice)).content.decode()


def test_answered_objection_is_shown_only_where_the_office_says_so(notice, reviewer):
    token = make_objection(notice, key=uuid4(), text="人数不对", contact="13700001111")
    answer_objection(followed_by(token), answer="已更正", is_public=True, by=reviewer)

    page = Client().get(public(notice)).content.decode()

    assert "人数不对" in page
    assert "已更正" in page
    assert "1111" not in page


@pytest.mark.parametrize(
    ("sent", "status"),
    [({"text": ""}, 422), ({"text": "长" * 501}, 422), ({"text": "不对", "contact": "长" * 41}, 422),
     ({"text": "不对", "website": "http://spam"}, 422), ({"text": "不对", "key": "x"}, 422)],
)  # fmt: skip
def test_bad_objection_comes_back(notice, sent, status):
    assert Client().post(public(notice), {"key": uuid4()} | sent).status_code == status
    assert not Objection.objects.exists()


def test_too_many_from_one_address_are_refused(notice):
    for number in range(FROM_ONE_ADDRESS.most):
        assert Client().post(public(notice), {"key": uuid4(), "text": f"第{number}条"}).status_code == 302

    refused = Client().post(public(notice), {"key": uuid4(), "text": "太多了"})
    elsewhere = Client().post(public(notice), {"key": uuid4(), "text": "别处"}, REMOTE_ADDR="203.0.113.9")

    assert (refused.status_code, elsewhere.status_code) == (429, 302)
    assert "太多了" in refused.content.decode()
    assert Objection.objects.count() == FROM_ONE_ADDRESS.most + 1


def test_flood_against_one_notice_closes_no_other(notice, monkeypatch):
    monkeypatch.setattr(objection, "FROM_ANYWHERE", Limit("objection_all", most=2))
    other = make_notice()

    def objects(to, number):
        sent = {"key": uuid4(), "text": f"第{number}条"}
        return Client().post(public(to), sent, REMOTE_ADDR=f"203.0.113.{number}").status_code

    assert [objects(notice, number) for number in range(3)] == [302, 302, 429]
    assert objects(other, 9) == 302


def test_office_sees_what_waits_first_however_many_came(notice, client_of, monkeypatch):
    monkeypatch.setattr(notice_views, "OBJECTIONS_SHOWN", 3)
    for number in range(5):
        make_objection(notice, key=uuid4(), text=f"异议第{number}条")
    first = notice.objections.order_by("pk").first()
    staff = client_of(Role.TOWNSHIP_STAFF, township=notice.township)
    answer_objection(notice.objections.order_by("pk").last(), answer="已核实", by=staff.user)

    shown = [each["objection"] for each in staff.get(notice.get_absolute_url()).context["objections"]]
    page = staff.post(f"/services/objections/{first.pk}/answer/", {"version": first.version, "answer": ""})

    assert [each.text for each in shown] == ["异议第3条", "异议第2条", "异议第1条"]
    assert first in [each["objection"] for each in page.context["objections"]]


def test_key_of_another_notice_makes_no_second_objection(notice):
    other, key = make_notice(), uuid4()
    make_objection(notice, key=key, text="一")
    with pytest.raises(RuleBroken):
        make_objection(other, key=key, text="二")
    assert Objection.objects.count() == 1


def test_token_is_not_in_the_database(notice):
    token = make_objection(notice, key=uuid4(), text="一")
    assert token not in str(Objection.objects.values())
    assert followed_by(token.upper()) == Objection.objects.get()
    assert followed_by("a" * 16) is None


def test_trail_keeps_neither_words_nor_contact(notice, reviewer):
    token = make_objection(notice, key=uuid4(), text="张三没来", contact="13700001111")
    answer_objection(followed_by(token), answer="李四来了", by=reviewer)
    show_contact(followed_by(token), by=reviewer)

    trail = str(list(AuditEntry.objects.values_list("changes", "object_repr")))

    assert [word for word in ("张三没来", "13700001111", "李四来了", token) if word in trail] == []
    assert AuditEntry.objects.filter(event="show_contact", actor=reviewer).count() == 1


# --- the offices ----------------------------------------------------------------------------------------------


def test_reviewer_opens_a_notice_from_the_form(log, client_of):
    client = client_of(Role.REVIEWER, township=log.township)
    other = make_report(team=make_team(township=log.township), month=JULY)
    sent = {"month": "2026-07"}
    refused = client.post(reverse("services:notice_create"), sent)
    assert refused.status_code == 422
    assert "1 month has not been read" in refused.content.decode()

    response = client.post(reverse("services:notice_create"), sent | {"accept_missing": "on"})

    assert response.url == Notice.objects.get().get_absolute_url()
    assert other.team.name not in client.get(response.url).content.decode()


def test_office_answers_and_looks_at_the_contact_by_a_recorded_button(notice, log, client_of):
    make_objection(notice, key=uuid4(), text="人数不对", contact="13700001111")
    objection = Objection.objects.get()
    staff = client_of(Role.TOWNSHIP_STAFF, township=log.township)
    assert "objections to answer" in staff.get("/").content.decode()
    page = staff.get(notice.get_absolute_url()).content.decode()
    assert "人数不对" in page
    assert "13700001111" not in page

    shown = staff.post(reverse("services:objection_contact", args=[objection.pk])).content.decode()
    answered = staff.post(
        reverse("services:objection_answer", args=[objection.pk]), {"version": 0, "answer": "已核实", "is_public": "on"}
    )

    assert "13700001111" in shown
    assert answered.status_code == 302
    objection.refresh_from_db()
    assert (objection.answered_by, objection.is_public) == (staff.user, True)
    assert "objections to answer" not in staff.get("/").content.decode()


def test_auditor_sees_no_contact_and_no_button(notice, client_of):
    make_objection(notice, key=uuid4(), text="人数不对", contact="13700001111")
    page = client_of(Role.AUDITOR).get(notice.get_absolute_url()).content.decode()

    assert "13700001111" not in page
    assert "Save the answer" not in page


def test_lists_are_narrowed(notice, log, client_of):
    city = client_of(Role.REVIEWER)
    token = make_objection(notice, key=uuid4(), text="一")
    make_notice(closes_on=date(2026, 1, 9), opened_on=date(2026, 1, 2))
    for query, count in (({}, 2), ({"state": "running"}, 1), ({"state": "ended"}, 1), ({"state": "withdrawn"}, 0)):
        assert city.get(reverse("services:notice_list"), query).context["page"].count.number == count
    assert city.get(reverse("services:objection_list"), {"state": "waiting"}).context["page"].count.number == 1
    answer_objection(followed_by(token), answer="是", by=city.user)
    assert city.get(reverse("services:objection_list"), {"state": "waiting"}).context["page"].count.number == 0


def test_public_page_asks_as_often_for_many_teams(notice, log, django_assert_max_num_queries):
    for number in range(4):
        team = make_team(township=log.township)
        make_read(make_log(team=team, on=JULY + timedelta(days=number)).report)
    with django_assert_max_num_queries(12):
        assert Client().get(public(notice)).status_code == 200
