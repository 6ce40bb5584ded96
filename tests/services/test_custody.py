"""Things in custody: taken, submitted, returned, voided; and no request is settled while something is out."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.history import entries_of
from common.rules import RuleBroken, SavedMeanwhile
from services.domain.custody import (
    TakenDifferently,
    print_custody_slip,
    refuse_while_out,
    return_item,
    submit_item,
    take_item,
    void_item,
)
from services.domain.follow import withdraw_own
from services.domain.log import record_service, withdraw_service
from services.domain.request import fail_request, refer_request, withdraw_request
from services.models import CustodyItem, HelpRequest
from tests.factories import make_category, make_custody, make_request, make_team, make_user, make_volunteer

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def staff(team):
    return make_user(township=team.township)


@pytest.fixture
def asked(team):
    return make_request(team=team, caller="陈阿婆", asked_at=timezone.now() - timedelta(days=3))


def an_hour_ago(hours: int = 1):
    return timezone.now().replace(second=0, microsecond=0) - timedelta(hours=hours)


def taken(asked, staff, **fields):
    """Take an ID card unless something else is said."""
    defaults = {
        "key": uuid4(),
        "kind": "papers",
        "what": "身份证1张",
        "from_whom": "陈阿婆",
        "received_at": an_hour_ago(3),
    }
    return take_item(asked, **(defaults | fields), by=staff)


def kinds(asked):
    return list(asked.steps.order_by("id").values_list("kind", flat=True))


def serve(asked, staff):
    """Log the service that resolves the request."""
    start = an_hour_ago(2)
    return record_service(
        key=uuid4(),
        team=asked.team,
        date=timezone.localdate(start),
        starts_at=start,
        ends_at=start + timedelta(minutes=30),
        category=make_category(),
        recipient="陈阿婆",
        content="代办社保卡",
        participants=dict.fromkeys(asked.team.memberships.values_list("volunteer", flat=True)),
        request=asked,
        by=staff,
    )


def test_thing_goes_from_hand_to_office_to_owner(asked, staff):
    item = taken(asked, staff, kind="money", what="代缴电费", fen=20_050)
    assert (item.named, item.receiver, item.standing) == ("代缴电费 ¥200.50", staff.name, "in_hand")

    item = submit_item(item, submitted_to="供电营业厅", submitted_at=an_hour_ago(2), by=staff)
    assert item.standing == "submitted"

    item = return_item(item, returned_what="发票1张、余款0.50元", by=staff)
    assert (item.standing, item.returned_to, item.returner) == ("returned", "陈阿婆", staff.name)
    assert kinds(asked)[-3:] == ["custody_taken", "custody_submitted", "custody_returned"]


def test_same_form_sent_nine_times_is_one_thing(asked, staff):
    form = {"key": uuid4(), "received_at": an_hour_ago()}
    assert len({taken(asked, staff, **form).pk for _ in range(9)}) == 1
    assert kinds(asked).count("custody_taken") == 1

    with pytest.raises(TakenDifferently) as refused:
        taken(asked, staff, **form, what="户口簿1本")
    assert refused.value.item == asked.custody.get()


def test_member_of_the_team_takes_and_gives_back(asked, staff, team):
    members = [membership.volunteer for membership in team.memberships.all()]
    item = taken(asked, staff, received_by=members[0])
    item = return_item(item, returned_by=members[1], returned_to="儿子陈刚", by=staff)
    assert (item.receiver, item.returner, item.returned_to) == (members[0].name, members[1].name, "儿子陈刚")


def test_somebody_of_elsewhere_neither_takes_nor_gives_back(asked, staff):
    stranger = make_volunteer()
    with pytest.raises(RuleBroken) as refused:
        taken(asked, staff, received_by=stranger)
    assert refused.value.field == "received_by"

    item = taken(asked, staff)
    with pytest.raises(RuleBroken) as refused:
        return_item(item, returned_by=stranger, by=staff)
    assert refused.value.field == "returned_by"
    assert asked.custody.get().is_out


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"what": "  "}, "what"),
        ({"what": "身" * 101}, "what"),
        ({"from_whom": ""}, "from_whom"),
        ({"kind": "gold"}, "kind"),
        ({"kind": "money"}, "amount"),
        ({"fen": 500}, "amount"),
        ({"kind": "money", "fen": 10_000_001}, "amount"),
        ({"received_at": timezone.now() + timedelta(days=400)}, "received_at"),
    ],
)
def test_senseless_entry_is_refused_at_its_field(asked, staff, wrong, field):
    with pytest.raises(RuleBroken) as refused:
        taken(asked, staff, **wrong)
    assert refused.value.field == field
    assert not asked.custody.exists()


def test_moments_are_in_order(asked, staff):
    item = taken(asked, staff, received_at=an_hour_ago(3))
    with pytest.raises(RuleBroken) as refused:
        submit_item(item, submitted_to="派出所", submitted_at=an_hour_ago(4), by=staff)
    assert refused.value.field == "submitted_at"

    submit_item(item, submitted_to="派出所", submitted_at=an_hour_ago(2), by=staff)
    for at in (an_hour_ago(3), timezone.now() + timedelta(minutes=5)):
        with pytest.raises(RuleBroken) as refused:
            return_item(item, returned_at=at, by=staff)
        assert refused.value.field == "returned_at"


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "money"},
        {"fen": 100},
        {"what": ""},
        {"from_whom": ""},
        {"submitted_to": "派出所"},
        {"submitted_at": timezone.now() - timedelta(days=400), "submitted_to": "派出所"},
        {"returned_to": "陈阿婆"},
        {"returned_at": timezone.now()},
        {"void_reason": "记错"},
    ],
)
def test_database_refuses_what_cannot_be(asked, staff, values):
    item = taken(asked, staff)
    with pytest.raises(IntegrityError), transaction.atomic():
        CustodyItem.objects.filter(pk=item.pk).update(**values)


def test_returned_thing_is_not_returned_again_but_its_entry_may_be_void(asked, staff):
    item = return_item(taken(asked, staff), by=staff)
    for act in (
        lambda: return_item(item, by=staff),
        lambda: submit_item(item, submitted_to="派出所", submitted_at=an_hour_ago(), by=staff),
    ):
        with pytest.raises(RuleBroken, match="returned already"):
            act()

    with pytest.raises(RuleBroken) as refused:
        void_item(item, reason=" ", by=staff)
    assert refused.value.field == "reason"
    item = void_item(item, reason="写错了人", by=staff)
    assert (item.standing, item.void_reason) == ("void", "写错了人")
    with pytest.raises(RuleBroken, match="voided"):
        void_item(item, reason="再来", by=staff)


def test_older_copy_of_a_thing_is_not_saved_over_a_newer(asked, staff):
    item = taken(asked, staff)
    submit_item(item, submitted_to="派出所", submitted_at=an_hour_ago(), version=0, by=staff)
    with pytest.raises(SavedMeanwhile):
        return_item(item, version=0, by=staff)


def settled(asked, staff):
    """Yield each way on which a request is settled."""
    return {
        "resolved": lambda: serve(asked, staff),
        "referred": lambda: refer_request(asked, referred_to="民政办", by=staff),
        "unsolved": lambda: fail_request(asked, reason="无法办理", by=staff),
        "withdrawn": lambda: withdraw_request(asked, reason="不用了", by=staff),
        "own": lambda: withdraw_request(asked, by=None),
    }


@pytest.mark.parametrize("way", ["resolved", "referred", "unsolved", "withdrawn", "own"])
def test_no_request_is_settled_while_something_is_out(asked, staff, way):
    item = taken(asked, staff)
    with pytest.raises(RuleBroken) as refused:
        settled(asked, staff)[way]()
    assert refused.value.code == "custody"
    # A resident reads that something is theirs, an office what it is.
    assert ("身份证1张" in refused.value.message) == (way != "own")
    asked.refresh_from_db()
    assert asked.is_open
    assert not asked.logs.exists()

    return_item(item, by=staff)
    settled(asked, staff)[way]()
    asked.refresh_from_db()
    assert not asked.is_open


def test_void_entry_keeps_nothing_open(asked, staff):
    void_item(taken(asked, staff), reason="没有收过", by=staff)
    serve(asked, staff)
    asked.refresh_from_db()
    assert asked.state == "resolved"


def test_nothing_is_taken_for_a_settled_request(asked, staff):
    withdraw_request(asked, by=staff)
    with pytest.raises(RuleBroken, match="settled") as refused:
        taken(asked, staff)
    assert refused.value.code == "settled"
    assert not CustodyItem.objects.exists()


def test_request_that_waits_again_takes_things_and_is_held_by_them(asked, staff):
    log = serve(asked, staff).log
    withdraw_service(log, reason="记错了", by=staff)
    taken(asked, staff)
    with pytest.raises(RuleBroken):
        serve(asked, staff)
    assert HelpRequest.objects.get(pk=asked.pk).is_open


def test_resident_reads_why_they_cannot_take_the_request_back(asked, staff):
    taken(asked, staff)
    with pytest.raises(RuleBroken, match="papers or money of yours"):
        withdraw_own(asked)
    asked.refresh_from_db()
    assert asked.is_open


def test_request_with_something_out_is_transferred(asked, staff):
    item = taken(asked, staff)
    other = make_team(township=asked.township)
    HelpRequest.objects.filter(pk=asked.pk).update(team=other)
    return_item(item, by=staff)
    assert asked.custody.out().count() == 0


def test_many_things_are_named_up_to_five(asked, staff):
    for number in range(7):
        taken(asked, staff, what=f"材料{number}")
    with pytest.raises(RuleBroken) as refused:
        refuse_while_out(asked)
    assert "材料4…" in refused.value.message
    assert "材料5" not in refused.value.message


def test_slip_needs_something_and_leaves_mistakes_out(asked, staff):
    with pytest.raises(RuleBroken, match="nothing to print"):
        print_custody_slip(asked, by=staff)
    item = taken(asked, staff)
    void_item(taken(asked, staff, what="错的"), reason="写错", by=staff)
    assert print_custody_slip(asked, by=staff) == [item]


def test_trail_keeps_neither_thing_nor_name(asked, staff):
    item = make_custody(asked, what="陈阿婆的存折", from_whom="陈阿婆")
    void_item(item, reason="陈阿婆说没有", by=staff)
    told = str([(entry.object_repr, entry.changes) for entry in entries_of(item)])
    assert "陈阿婆" not in told
    assert "存折" not in told
