"""The pages of things in custody: list, part of the request's page, forms, slip, tasks, and the log's warning."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.rights import Role
from services.custody_paper import slip_data, slip_pdf
from services.custody_rows import out_marks
from services.models import CustodyItem
from services.models.request import code_of
from tests.factories import make_custody, make_request, make_team, make_user
from tests.papers import pages_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def staff(team):
    return make_user(township=team.township)


@pytest.fixture
def page(client, staff):
    client.force_login(staff)
    return client


@pytest.fixture
def asked(team):
    return make_request(team=team, caller="陈阿婆", asked_at=timezone.now() - timedelta(days=3))


def address(name, record):
    return reverse(f"services:{name}", args=[record.pk])


def form_of(page, name, record, **typed):
    """Return what the empty form would send, with what somebody types."""
    form = page.get(address(name, record)).context["form"]
    values = {bound.name: bound.value() for bound in form} | {"at": f"{timezone.localtime():%H:%M}"}
    return {key: "" if value is None else value for key, value in (values | typed).items()}


def test_money_is_taken_submitted_and_returned_by_three_forms(page, asked, staff):
    sent = form_of(page, "custody_take", asked, kind="money", what="代缴电费", amount="２００.５元")
    assert (sent["from_whom"], sent["received_by"]) == ("陈阿婆", "")
    answer = page.post(address("custody_take", asked), sent)
    assert answer.url == f"{asked.get_absolute_url()}#custody"
    assert page.post(address("custody_take", asked), sent).status_code == 302  # sent once more
    item = CustodyItem.objects.get()
    assert (item.fen, item.recorded_by, item.received_by) == (20_050, staff, None)

    assert (
        page.post(
            address("custody_submit", item), form_of(page, "custody_submit", item, submitted_to="供电营业厅")
        ).status_code
        == 302
    )
    sent = form_of(page, "custody_return", item, returned_to="儿子", returned_what="发票1张")
    assert page.post(address("custody_return", item), sent).status_code == 302
    item.refresh_from_db()
    assert (item.standing, item.submitted_to, item.returned_to) == ("returned", "供电营业厅", "儿子")
    shown = page.get(asked.get_absolute_url()).content.decode()
    for words in ("代缴电费 ¥200.50", "供电营业厅", "儿子", "发票1张"):
        assert words in shown


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"kind": "money"}, "amount"),
        ({"kind": "money", "amount": "两百"}, "amount"),
        ({"amount": "5"}, "amount"),
        ({"what": "<script>" * 20}, "what"),
        ({"received_by": "999999999"}, "received_by"),
        ({"received_by": "-1 OR 1=1"}, "received_by"),
        ({"on": "2999-01-01"}, "on"),
        ({"at": "25:00"}, "at"),
        ({"from_whom": ""}, "from_whom"),
        ({"kind": "<b>"}, "kind"),
    ],
)
def test_wrong_form_comes_back_filled_with_the_message_at_its_field(page, asked, typed, field):
    sent = form_of(page, "custody_take", asked, what="身份证1张")
    answer = page.post(address("custody_take", asked), sent | typed)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert "<script><" not in answer.content.decode()
    assert not CustodyItem.objects.exists()


def test_moment_in_the_future_is_refused_at_its_time(page, asked):
    later = timezone.localtime() + timedelta(minutes=90)
    typed = {"what": "身份证1张", "on": later.date().isoformat(), "at": f"{later:%H:%M}"}
    answer = page.post(address("custody_take", asked), form_of(page, "custody_take", asked, **typed))
    assert list(answer.context["form"].errors) == ["at"]


def test_one_tap_returns_and_a_second_says_that_it_was(page, asked):
    item = make_custody(asked)
    page.post(address("custody_hand_back", item))
    item.refresh_from_db()
    assert (item.standing, item.returned_to) == ("returned", "陈阿婆")
    answer = page.post(address("custody_hand_back", item), follow=True)
    assert "This was returned already" in answer.content.decode()


def test_void_entry_stays_struck_through_with_its_reason(page, asked):
    item = make_custody(asked)
    answer = page.post(
        address("custody_void", item), form_of(page, "custody_void", item, reason="记错了人"), follow=True
    )
    shown = answer.content.decode()
    assert "custody-void" in shown
    assert "记错了人" in shown


def test_leader_begins_as_the_receiver_and_is_named_once(client, asked, team):
    leader = make_user(Role.TEAM_LEADER, township=team.township)
    member = team.memberships.get(role="leader").volunteer
    member.user = leader
    member.save()
    client.force_login(leader)
    sent = form_of(client, "custody_take", asked, what="存折1本")
    assert sent["received_by"] == str(member.pk)
    client.post(address("custody_take", asked), sent)
    assert CustodyItem.objects.get().receiver == member.name


def test_list_shows_what_is_out_the_longest_first_and_the_rest_when_asked(page, asked):
    now = timezone.now()
    make_custody(asked, what="昨天的", received_at=now - timedelta(days=1))
    make_custody(asked, what="很久的", received_at=now - timedelta(days=40))
    returned = {"returned_at": now, "returned_to": "陈阿婆", "return_recorded_by": asked.recorded_by}
    make_custody(asked, what="还了的", **returned)
    make_custody(asked, what="写错的", voided_at=now, voided_by=asked.recorded_by, void_reason="写错")
    make_custody(asked, what="在窗口的", submitted_to="社保窗口", submitted_at=now)

    def whats(**query):
        rows = page.get(reverse("services:custody_list"), query).context["page"].rows
        return [row["what"] for row in rows]

    assert whats() == ["很久的", "昨天的", "在窗口的"]
    assert whats(age="30") == ["很久的"]
    assert whats(state="submitted") == ["在窗口的"]
    assert whats(state="in_hand") == ["很久的", "昨天的"]
    assert whats(state="returned") == ["还了的"]
    assert whats(state="void") == ["写错的"]
    assert len(whats(state="all")) == 5
    assert whats(q="窗口") == ["在窗口的"]
    ages = [row["age"] for row in page.get(reverse("services:custody_list")).context["page"].rows]
    assert ("for 40 days" in ages[0], ages[1], ages[2]) == (True, "for 1 day", "since today")


def test_home_page_of_staff_and_leader_leads_to_the_list_that_it_counts(page, asked, staff):
    def tasks():
        return {task.url: task for task in page.get(reverse("home")).context["tasks"]}

    url = reverse("services:custody_list")
    assert url not in tasks()
    make_custody(asked, received_at=timezone.now() - timedelta(days=20))
    make_custody(asked)
    make_custody()  # another township's
    task = tasks()[url]
    assert (task.count, task.tone) == (2, "warn")
    assert task.count == page.get(url).context["page"].count.number


def test_form_of_the_service_says_what_is_out_before_one_types(page, asked):
    form = reverse("services:log_create") + f"?request={asked.pk}"
    assert "Not returned yet" not in page.get(form).content.decode()
    make_custody(asked, what="户口簿1本")
    shown = page.get(form).content.decode()
    assert "Not returned yet" in shown
    assert "户口簿1本" in shown


def test_marks_of_a_page_are_one_query(asked, django_assert_num_queries):
    make_custody(asked)
    other = make_request()
    with django_assert_num_queries(1):
        marks = out_marks([asked.pk, other.pk])
    assert list(marks) == [asked.pk]
    assert "1 thing in custody" in marks[asked.pk]


def test_slip_has_code_and_things_and_no_phone(page, asked, staff):
    item = make_custody(asked, kind="money", what="代缴电费", fen=20_050)
    data = slip_data(asked, [item], "https://yiwang.example")
    assert (data["code"], data["total"]) == (code_of(asked.key), "人民币贰佰元伍角整（¥200.50）")
    assert data["items"][0]["capitals"] == "贰佰元伍角整"
    assert asked.phone not in str(data)

    answer = page.post(address("custody_slip", asked))
    assert answer["Content-Type"] == "application/pdf"
    assert pages_of(answer.content) == [(210.0, 297.0)]
    assert AuditEntry.objects.filter(event="print_custody_slip", actor=staff, object_id=item.pk).count() == 1


def test_slip_of_many_things_has_more_sheets_and_long_words_fit(asked):
    items = [
        make_custody(asked, what="很长的材料名称" * 14, submitted_to="很长的窗口名称" * 14, submitted_at=timezone.now())
        for _ in range(11)
    ]
    pdf = slip_pdf(asked, items, "https://yiwang.example")
    assert len(pages_of(pdf)) == 3


def test_slip_without_anything_says_so(page, asked):
    answer = page.post(address("custody_slip", asked), follow=True)
    assert "nothing to print" in answer.content.decode()


def test_thing_of_another_township_is_not_there(page):
    item = make_custody(what="别处的存折")
    for name in ("custody_submit", "custody_return", "custody_void"):
        answer = page.get(address(name, item))
        assert answer.status_code == 404
        assert "别处的存折" not in answer.content.decode()
    assert page.post(address("custody_hand_back", item)).status_code == 404
    assert page.post(address("custody_slip", item.request)).status_code == 404
    assert page.post(address("custody_take", item.request), {"key": uuid4(), "what": "x"}).status_code == 404
    assert CustodyItem.objects.get(pk=item.pk).is_out
