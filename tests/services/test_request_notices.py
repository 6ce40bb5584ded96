"""Who is told what about a request, what a notice must not say, and when nobody waits for it any more."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from accounts.domain.digest import send_digests, send_urgent
from accounts.domain.reminder import AT_ONCE
from accounts.models import Reminder
from accounts.rights import Role
from grids.models import Membership
from services.domain.dispatch import hand_to_team
from services.domain.log import record_service
from services.domain.request import fail_request, open_request, withdraw_request
from services.domain.request_notices import CITY, Notice, moved_on, notice_key, tell, warn_of_deadlines
from services.models import HelpRequest, RequestStep
from tests.factories import make_category, make_request, make_team, make_user, make_village
from tests.services.test_home import leader_of

pytestmark = pytest.mark.django_db
Urgency = HelpRequest.Urgency


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def leader(team):
    return leader_of(team)


@pytest.fixture
def staff(team):
    return make_user(Role.TOWNSHIP_STAFF, township=team.township, email="staff@example.org")


def ask(team, by, **fields):
    told = {"caller": "王阿婆", "phone": "13800001234", "content": "王阿婆家水管坏了"} | fields
    return open_request(key=uuid4(), team=team, by=by, **told).request


def waiting():
    """Return who waits for what."""
    return {(each.user, each.key.rpartition(":")[2]) for each in Reminder.objects.unseen().select_related("user")}


def test_a_new_request_is_told_to_leader_and_deputy_and_not_to_who_noted_it(team, leader, staff):
    deputy = make_user(Role.TEAM_LEADER, township=team.township)
    member = team.memberships.filter(role=Membership.Role.MEMBER).first()
    member.volunteer.user, member.role = deputy, Membership.Role.DEPUTY
    member.volunteer.save()
    member.save()

    ask(team, staff)
    assert waiting() == {(leader, "new"), (deputy, "new")}

    ask(team, leader)
    assert Reminder.objects.filter(user=leader).count() == 1


def test_without_a_team_or_a_leaders_account_the_township_is_told(staff):
    elsewhere = make_user(Role.TOWNSHIP_STAFF)
    make_user(Role.TOWNSHIP_STAFF, township=staff.township, is_active=False)
    noted = make_user(Role.TOWNSHIP_STAFF, township=staff.township)
    village = make_village(township=staff.township)

    request = ask(None, noted, village=village)
    assert waiting() == {(staff, "no_team")}

    team = make_team(township=staff.township)
    hand_to_team(request, team=team, by=noted)
    assert waiting() == {(staff, "new")}
    assert not Reminder.objects.filter(user=elsewhere).exists()


def test_a_notice_says_where_and_what_kind_and_never_who(team, leader, staff):
    category = make_category(name="水电维修", name_en="Plumbing")
    ask(team, staff, category=category, place="东街12号", urgency=Urgency.URGENT)

    reminder = Reminder.objects.get()

    assert reminder.in_words() == f"URGENT request for help: {team.grid} · Plumbing. Answer it now."
    stored = f"{reminder.text} {reminder.params} {reminder.url} {reminder.key}"
    assert not any(secret in stored for secret in ("王阿婆", "1234", "水管", "东街"))


def test_a_transfer_ends_what_the_former_team_was_told(team, leader, staff):
    request = ask(team, staff)
    other = make_team(township=team.township)
    new_leader = leader_of(other)
    request.team = other
    request.save()

    tell(request, Notice.TRANSFERRED_AWAY, teams=[team], by=staff)
    tell(request, Notice.TRANSFERRED_TO, by=staff)

    assert waiting() == {(leader, "transferred_away"), (new_leader, "transferred_to")}
    # The former team does not see the request any more.
    assert Reminder.objects.get(user=leader, seen_at=None).url == "/services/requests/"


def test_what_happens_again_is_told_again_to_who_has_seen_it(team, leader, staff):
    request = ask(team, staff)
    tell(request, Notice.WORD)
    Reminder.objects.update(seen_at=timezone.now())

    tell(request, Notice.WORD)

    assert waiting() == {(leader, "word")}


def test_an_answer_ends_what_asked_for_it_and_a_service_ends_all(team, leader, staff):
    request = ask(team, staff)
    tell(request, Notice.WORD)
    moved_on(request, RequestStep.Kind.ANSWERED)
    assert waiting() == {(leader, "word")}

    tell(request, Notice.ESCALATED_TOWNSHIP)
    now = timezone.now()
    record_service(
        key=uuid4(),
        team=team,
        date=timezone.localdate(),
        starts_at=now - timedelta(minutes=6),
        ends_at=now - timedelta(minutes=1),
        category=make_category(),
        recipient="王阿婆",
        content="修好了",
        participants={team.memberships.first().volunteer_id: None},
        request=request,
        by=leader,
    )
    assert waiting() == set()


def test_a_withdrawal_leaves_only_its_own_notice(team, leader, staff):
    request = withdraw_request(ask(team, staff), by=None)
    tell(request, Notice.WITHDRAWN)
    assert waiting() == {(leader, "withdrawn")}

    fail_request(ask(team, staff), reason="无法解决", by=staff)
    assert waiting() == {(leader, "withdrawn")}


def test_lateness_goes_to_the_township_and_then_to_the_city(team, leader, staff):
    admin = make_user(Role.ADMIN)
    request = make_request(team=team, recorded_by=staff)

    assert tell(request, Notice.ESCALATED_TOWNSHIP) == 1
    assert tell(request, Notice.ESCALATED_CITY) == 1
    assert tell(request, Notice.WORD, offices=[CITY, request.township]) == 2

    assert waiting() == {
        (staff, "escalated_township"),
        (admin, "escalated_city"),
        (staff, "word"),
        (admin, "word"),
    }


def test_a_near_deadline_is_named_once_and_the_next_one_again(team, leader):
    now = timezone.now()
    request = make_request(team=team)
    HelpRequest.objects.filter(pk=request.pk).update(due_at=now + timedelta(minutes=59))
    far = make_request(team=team)
    HelpRequest.objects.filter(pk=far.pk).update(due_at=now + timedelta(minutes=61))

    assert [warn_of_deadlines(now) for _ in range(2)] == [1, 0]
    assert waiting() == {(leader, "due_soon")}

    HelpRequest.objects.filter(pk=request.pk).update(due_at=now + timedelta(minutes=60))
    assert warn_of_deadlines(now) == 1


def test_a_near_deadline_of_an_urgent_request_is_nearer(team, leader):
    now = timezone.now()
    request = make_request(team=team, urgency=Urgency.URGENT)
    HelpRequest.objects.filter(pk=request.pk).update(due_at=now + timedelta(minutes=11))
    assert warn_of_deadlines(now) == 0
    assert warn_of_deadlines(now + timedelta(minutes=1)) == 1


# --- by e-mail -------------------------------------------------------------------------------------------------


@pytest.fixture
def _by_mail(settings, leader):
    settings.SENDS_EMAIL, settings.SITE_URL = True, "https://yiwang.example"
    leader.email, leader.language = "leader@example.org", "en"
    leader.save()


@pytest.mark.usefixtures("_by_mail")
def test_urgent_ones_are_sent_at_once_and_beside_the_digest(team, leader, staff, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        ask(team, staff)
    assert mail.outbox == []

    with django_capture_on_commit_callbacks(execute=True):
        urgent = ask(team, staff, urgency=Urgency.URGENT)

    sent = mail.outbox.pop()
    assert (sent.to, sent.subject) == (["leader@example.org"], "Yiwang: urgent request for help")
    assert f"https://yiwang.example{urgent.get_absolute_url()}" in sent.body
    assert "王阿婆" not in sent.body
    assert "at most one such" not in sent.body
    assert send_urgent().sent == 0
    assert send_digests().sent == 1  # an urgent e-mail of the day does not take the digest's place
    assert mail.outbox.pop().subject == "Yiwang: 1 reminder"


@pytest.mark.usefixtures("_by_mail")
def test_an_urgent_one_that_could_not_be_sent_goes_with_the_next_run(team, leader, staff):
    ask(team, staff, urgency=Urgency.URGENT)
    assert Reminder.objects.get().kind == AT_ONCE
    call_command("send_reminders")
    assert [each.subject for each in mail.outbox] == ["Yiwang: urgent request for help"]


@pytest.mark.usefixtures("_by_mail")
def test_what_others_have_done_already_is_not_sent(team, leader, staff):
    request = ask(team, staff, urgency=Urgency.URGENT)
    moved_on(request, RequestStep.Kind.ANSWERED)
    assert send_urgent().sent == 0


def test_every_notice_has_its_text_and_its_key_is_short_enough(team):
    request = make_request(team=team)
    for notice in Notice:
        tell(request, notice)
        assert len(notice_key(request, notice)) < 120
