"""Requests for help: noted, answered by a log, closed without one; and the call that is request and log in one."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine

from accounts.models import AuditEntry
from accounts.rights import Role
from common.rules import RuleBroken, SavedMeanwhile
from grids.domain.team import dissolve_team
from grids.models import Team
from services.domain.call import serve_call
from services.domain.correction import grant_correction
from services.domain.log import RecordedDifferently, edit_service, record_service, withdraw_service
from services.domain.request import AskedDifferently, fail_request, open_request, show_phone
from services.models import HelpRequest, Participation, ServiceLog
from tests.factories import (
    make_category,
    make_correction,
    make_log,
    make_read,
    make_report,
    make_request,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-07-08T12:00:00+08:00")


@pytest.fixture(autouse=True)
def _in_july():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def staff(team):
    return make_user(Role.TOWNSHIP_STAFF, township=team.township)


def asked(team, by, **changes):
    """Note a request as a form with a key of its own would."""
    fields = {"key": uuid4(), "team": team, "caller": "陈阿婆", "phone": "13900001111", "content": "水管漏了", "by": by}
    return open_request(**(fields | changes))


def entry(team, **changes):
    """Return what a person might say about an hour of service this morning by the whole team."""
    fields = {
        "key": uuid4(),
        "team": team,
        "date": NOW.date(),
        "starts_at": NOW - timedelta(hours=2),
        "ends_at": NOW - timedelta(hours=1),
        "recipient": "陈阿婆",
        "content": "修水管",
        "participants": dict.fromkeys(team.memberships.values_list("volunteer", flat=True)),
    }
    if "category" not in changes:
        fields["category"] = make_category()
    return fields | changes


def stored():
    """Count what is stored of requests, logs and participations."""
    return tuple(model.objects.count() for model in (HelpRequest, ServiceLog, Participation))


def refusal(act, *args, **fields):
    """Return field and message of the refusal, having seen that nothing was stored or changed."""
    before = stored(), list(HelpRequest.objects.values_list("state", "version"))
    with pytest.raises(RuleBroken) as refused:
        act(*args, **fields)
    assert (stored(), list(HelpRequest.objects.values_list("state", "version"))) == before
    return refused.value.field, refused.value.message


# --- noted --------------------------------------------------------------------------------------------


def test_request_waits_for_its_team(team, staff):
    opened = asked(team, staff)

    request = HelpRequest.objects.get()
    assert (opened.is_new, opened.request) == (True, request)
    assert (request.state, request.team, request.township, request.asked_at) == ("open", team, team.township, NOW)
    assert (request.caller, request.phone, request.channel, request.recorded_by) == (
        "陈阿婆",
        "13900001111",
        "phone",
        staff,
    )


def test_same_form_is_one_request(team, staff):
    key = uuid4()
    first = asked(team, staff, key=key)

    again = asked(team, staff, key=key)

    assert (again.request, again.is_new, stored()) == (first.request, False, (1, 0, 0))


@pytest.mark.parametrize("change", [{"caller": "李伯"}, {"phone": ""}, {"content": "电灯坏了"}, {"channel": "qq"}])
def test_same_key_with_other_content_says_what_was_stored(team, staff, change):
    key = uuid4()
    first = asked(team, staff, key=key)

    with pytest.raises(AskedDifferently) as refused:
        asked(team, staff, key=key, **change)

    assert (refused.value.request, stored()) == (first.request, (1, 0, 0))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"caller": " "}, "caller"),
        ({"content": ""}, "content"),
        ({"caller": "长" * 61}, "caller"),
        ({"phone": "1" * 21}, "phone"),
        ({"content": "长" * 501}, "content"),
        ({"channel": "pigeon"}, "channel"),
    ],
)
def test_senseless_request_is_refused_at_its_field(team, staff, change, field):
    assert refusal(asked, team, staff, **change)[0] == field


def test_dissolved_team_takes_no_request(team, staff):
    Team.objects.filter(pk=team.pk).update(state=Team.State.DISSOLVED, dissolved_on=NOW.date())

    field, message = refusal(asked, team, staff)

    assert (field, "Choose the team" in message) == ("team", True)


def test_the_trail_keeps_neither_caller_nor_phone(team, staff):
    request = asked(team, staff).request
    show_phone(request, by=staff)

    entries = AuditEntry.objects.filter(object_id=request.pk, content_type__model="helprequest").order_by("id")
    assert [(each.event, each.actor) for each in entries] == [("open_request", staff), ("show_phone", staff)]
    assert "陈阿婆" not in str([each.changes for each in entries])
    assert "13900001111" not in str([each.changes for each in entries])


# --- answered -----------------------------------------------------------------------------------------


def test_log_resolves_the_request_that_it_answers(team, staff):
    request = asked(team, staff).request

    log = record_service(**entry(team, request=request), by=staff).log

    request.refresh_from_db()
    assert (log.request, request.state, request.closed_at) == (request, "resolved", NOW)


def test_same_form_for_a_request_is_one_log(team, staff):
    said = entry(team, request=asked(team, staff).request)
    first = record_service(**said, by=staff)

    again = record_service(**said, by=staff)

    assert (again.log, again.is_new, stored()) == (first.log, False, (1, 1, 3))


@pytest.mark.parametrize("state", ["resolved", "unsolved"])
def test_request_that_waits_no_longer_is_not_answered(team, staff, state):
    request = make_request(team=team, state=state, outcome="邻居修好了" if state == "unsolved" else "")

    field, message = refusal(record_service, **entry(team, request=request), by=staff)

    assert (field, "without the request" in message) == (None, True)


def test_request_of_another_team_is_not_answered(team, staff):
    request = make_request(team=make_team(township=team.township))

    assert refusal(record_service, **entry(team, request=request), by=staff)[0] == "team"


def test_refused_log_leaves_the_request_waiting(team, staff):
    request = asked(team, staff).request
    make_log(team=team, on=NOW.date(), starts=(NOW - timedelta(hours=2)).time())

    assert refusal(record_service, **entry(team, request=request), by=staff)[0] == "participants"


def test_withdrawing_the_only_log_lets_the_request_wait_again(team, staff):
    request = asked(team, staff).request
    log = record_service(**entry(team, request=request), by=staff).log

    withdraw_service(log, reason="记错了", by=staff)

    request.refresh_from_db()
    assert (request.state, request.closed_at, log.request) == ("open", None, request)
    again = record_service(**entry(team, request=request), by=staff).log
    request.refresh_from_db()
    assert (request.state, list(request.logs.order_by("id"))) == ("resolved", [log, again])


def test_without_its_service_a_late_request_of_a_dissolved_team_is_the_offices_and_told_anew(team, staff):
    request = asked(team, staff).request
    log = record_service(**entry(team, request=request), by=staff).log
    HelpRequest.objects.update(escalation=HelpRequest.Escalation.CITY)
    dissolve_team(team, reason="并入他队", by=staff)

    withdraw_service(log, reason="记错了", by=staff)

    request.refresh_from_db()
    assert (request.state, request.team, request.handed_at, request.escalation) == ("open", None, None, 0)


def test_withdrawing_one_of_two_logs_leaves_the_request_resolved(team, staff):
    request = make_request(team=team, state="resolved")
    first = make_log(team=team, on=date(2026, 7, 6), request=request)
    make_log(team=team, on=date(2026, 7, 7), request=request)

    withdraw_service(first, reason="记错了", by=staff)

    request.refresh_from_db()
    assert request.state == "resolved"


@pytest.mark.parametrize(("strike", "state"), [(True, "open"), (False, "resolved")])
def test_request_follows_a_correction_of_a_read_months_log(team, staff, strike, state):
    """A log that is struck, for the service never took place, answers nothing; one that is put right still does."""
    request = make_request(team=team, state="resolved")
    log = make_log(team=team, on=date(2026, 6, 3), request=request)
    make_read(log.report)

    grant_correction(make_correction(log, strike=strike), by=make_user(Role.REVIEWER))

    request.refresh_from_db()
    assert (request.state, request.logs.standing().count()) == (state, 0 if strike else 1)


def test_correcting_a_log_keeps_its_request(team, staff):
    request = asked(team, staff).request
    log = record_service(**entry(team, request=request), by=staff).log
    changed = entry(team, content="换水龙头", category=log.category)

    edit_service(log, version=log.version, **{k: v for k, v in changed.items() if k not in ("key", "team")}, by=staff)

    log.refresh_from_db()
    assert (log.content, log.request, log.request.state) == ("换水龙头", request, "resolved")


# --- closed -------------------------------------------------------------------------------------------


def test_request_is_closed_without_a_service(team, staff):
    request = asked(team, staff).request

    fail_request(request, reason=" 邻居修好了 ", version=request.version, by=staff)

    request.refresh_from_db()
    assert (request.state, request.outcome, request.closed_at) == ("unsolved", "邻居修好了", NOW)


@pytest.mark.parametrize("reason", ["", "  ", "长" * 201])
def test_closing_needs_a_reason(team, staff, reason):
    assert refusal(fail_request, asked(team, staff).request, reason=reason, by=staff)[0] == "reason"


def test_what_was_answered_is_not_closed(team, staff):
    request = asked(team, staff).request
    record_service(**entry(team, request=request), by=staff)

    assert "logged for this request already" in refusal(fail_request, request, reason="不用了", by=staff)[1]


def test_closing_what_changed_since_the_page_is_refused(team, staff):
    request = asked(team, staff).request
    log = record_service(**entry(team, request=request), by=staff).log
    withdraw_service(log, reason="记错了", by=staff)  # it waits again: the page of before does not know why

    with pytest.raises(SavedMeanwhile):
        fail_request(request, reason="不用了", version=request.version, by=staff)


# --- request and log in one ---------------------------------------------------------------------------


def test_call_is_a_resolved_request_and_its_log(team, staff):
    said = entry(team)

    recorded = serve_call(**said, phone="13900001111", channel="wechat", by=staff)

    request, log = HelpRequest.objects.get(), ServiceLog.objects.get()
    assert (recorded.log, recorded.is_new, log.request) == (log, True, request)
    assert (request.key, request.caller, request.content) == (said["key"], log.recipient, log.content)
    assert (request.state, request.phone, request.channel) == ("resolved", "13900001111", "wechat")
    assert (request.asked_at, request.closed_at) == (log.starts_at, NOW)
    assert (request.township, request.recorded_by) == (team.township, staff)
    assert set(AuditEntry.objects.filter(actor=staff).values_list("event", flat=True)) == {"serve_call"}


def test_call_sent_twice_is_one_request_and_one_log(team, staff):
    said = entry(team) | {"phone": "13900001111"}
    first = serve_call(**said, by=staff)

    again = serve_call(**said, by=staff)

    assert (again.log, again.is_new, stored()) == (first.log, False, (1, 1, 3))


@pytest.mark.parametrize("change", [{"phone": "13900002222"}, {"channel": "qq"}, {"content": "换水管"}])
def test_call_with_the_same_key_and_other_content_says_what_was_stored(team, staff, change):
    said = entry(team) | {"phone": "13900001111"}
    first = serve_call(**said, by=staff)

    with pytest.raises(RecordedDifferently) as refused:
        serve_call(**(said | change), by=staff)

    assert (refused.value.log, stored()) == (first.log, (1, 1, 3))


def test_key_of_a_plain_log_makes_no_request(team, staff):
    said = entry(team)
    first = record_service(**said, by=staff)

    with pytest.raises(RecordedDifferently) as refused:
        serve_call(**said, by=staff)

    assert (refused.value.log, stored()) == (first.log, (0, 1, 3))


def test_key_of_a_request_makes_no_call(team, staff):
    said = entry(team)
    asked(team, staff, key=said["key"])

    field, message = refusal(serve_call, **said, by=staff)

    assert (field, "Open it anew" in message) == (None, True)


def test_call_in_a_month_that_was_submitted_leaves_no_request(team, staff):
    make_report(team=team, month=date(2026, 7, 1), state="submitted")

    assert refusal(serve_call, **entry(team), by=staff)[0] == "date"
    assert stored() == (0, 0, 0)


@pytest.mark.parametrize(("change", "field"), [({"recipient": ""}, "recipient"), ({"phone": "1" * 21}, "phone")])
def test_senseless_call_is_refused_at_its_field(team, staff, change, field):
    assert refusal(serve_call, **entry(team, **change), by=staff)[0] == field


@pytest.mark.parametrize(
    ("role", "here", "seen"),
    [
        (Role.TOWNSHIP_STAFF, True, True),
        (Role.TOWNSHIP_STAFF, False, False),
        (Role.TEAM_LEADER, True, False),
        (Role.REVIEWER, None, True),
        (Role.ADMIN, None, True),
        (Role.AUDITOR, None, True),
    ],
)
def test_request_is_seen_by_the_offices_of_its_township(team, role, here, seen):
    make_request(team=team)
    place = {} if here is None else {"township": team.township if here else make_team().township}

    assert HelpRequest.objects.visible_to(make_user(role, **place)).exists() is seen
