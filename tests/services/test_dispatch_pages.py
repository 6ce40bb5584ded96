"""The page of a request: what it offers to whom, how a request changes hands there, and who is told who has it now."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from accounts.rights import Role
from services.domain.dispatch import transfer_request
from services.domain.request import refer_request
from services.models import HelpRequest, ServiceLog
from tests.factories import (
    make_category,
    make_grid,
    make_page_request,
    make_qualification,
    make_request,
    make_team,
    make_village,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def other(team):
    return make_team(grid=make_grid(village=team.grid.village))


@pytest.fixture
def staff(client_of, team):
    return client_of(Role.TOWNSHIP_STAFF, township=team.township)


@pytest.fixture
def leader(client_of, team):
    """Sign in the team's leader."""
    client = client_of(Role.TEAM_LEADER, township=team.township)
    volunteer = team.memberships.get(role="leader").volunteer
    volunteer.user = client.user
    volunteer.save()
    return client


def address(name, request):
    return reverse(f"services:request_{name}", args=[request.pk])


def sent(client, name, request, **values):
    return client.post(address(name, request), {"version": request.version, **values})


def told(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


@pytest.mark.parametrize(
    ("state", "has_team", "who", "offered"),
    [
        ("open", True, "staff", {"transfer", "back", "refer", "fail", "withdraw", "urgency", "sort", "word"}),
        ("open", True, "leader", {"back", "withdraw", "sort", "word"}),
        ("open", False, "staff", {"hand", "locate", "refer", "fail", "withdraw", "urgency", "sort", "word"}),
        ("resolved", True, "staff", {"word"}),
    ],
)
def test_page_offers_what_fits_state_and_reader(request, team, state, has_team, who, offered):
    asked = make_request(team=team, state=state) if has_team else make_page_request(village=team.grid.village)

    page = request.getfixturevalue(who).get(asked.get_absolute_url())

    assert set(page.context["acts"]) == offered


def test_nearest_team_is_one_press_away_with_its_reasons(staff, team):
    asked = make_page_request(village=team.grid.village)

    page = staff.get(asked.get_absolute_url()).content.decode()
    answer = sent(staff, "hand", asked, team=team.pk)

    assert "Same village" in page
    assert "no open request" in page
    assert answer.url == asked.get_absolute_url()
    assert HelpRequest.objects.get().team == team


def test_transfer_without_a_reason_comes_back_open_and_filled(staff, team, other):
    asked = make_request(team=team)

    answer = sent(staff, "transfer", asked, team=other.pk, reason="")

    page = answer.content.decode()
    assert (answer.status_code, HelpRequest.objects.get().team) == (422, team)
    assert '<details class="action" id="act-transfer" open>' in page
    assert f'<option value="{other.pk}" selected>' in page


@pytest.mark.parametrize("pk", ["foreign", "0", "abc", "9" * 30])
def test_team_of_elsewhere_is_no_choice(staff, team, pk):
    foreign, asked = make_team(), make_request(team=team)

    answer = sent(staff, "transfer", asked, team=foreign.pk if pk == "foreign" else pk, reason="去不了")

    assert (answer.status_code, HelpRequest.objects.get().team) == (422, team)
    assert foreign.name not in answer.content.decode()


def test_slower_of_two_officers_reads_who_has_it(staff, team, other):
    third, asked = make_team(township=team.township), make_request(team=team)
    sent(staff, "transfer", asked, team=other.pk, reason="去不了")

    answer = sent(staff, "transfer", asked, team=third.pk, reason="去不了")

    assert (answer.status_code, HelpRequest.objects.get().team) == (422, other)
    assert f"{other} has this request now" in answer.content.decode()


def test_leader_of_the_former_team_is_told_who_has_it_and_nothing_else(leader, staff, team, other):
    asked = make_request(team=team, place="大街9号")
    transfer_request(asked, team=other, reason="队员都在外地", by=staff.user)

    opened = leader.get(asked.get_absolute_url())
    acted = sent(leader, "back", asked, reason="去不了")
    foreign = leader.get(make_request(team=other).get_absolute_url())

    assert (opened.status_code, acted.status_code, foreign.status_code) == (410, 409, 404)
    for answer in (opened, acted):
        page = answer.content.decode()
        assert f"{other} has this request now" in page
        assert not [word for word in (asked.caller, asked.phone, asked.content, "大街9号", "都在外地") if word in page]
    assert HelpRequest.objects.get(pk=asked.pk).team == other


def test_log_for_a_request_that_was_transferred_meanwhile_names_who_has_it(leader, staff, team, other):
    asked = make_request(team=team)
    transfer_request(asked, team=other, reason="去不了", by=staff.user)

    answer = leader.post(reverse("services:log_create"), {"request": asked.pk, "team": team.pk})

    assert (answer.status_code, ServiceLog.objects.count()) == (422, 0)
    assert f"{other} has this request now" in answer.content.decode()


def test_leader_who_gave_it_back_is_led_to_the_list(leader, team):
    asked = make_request(team=team)

    answer = sent(leader, "back", asked, reason="都在外地")

    assert (answer.url, HelpRequest.objects.get().team) == (reverse("services:request_list"), None)


def test_referral_asks_for_the_offices_answer_and_shows_it(staff, team):
    asked = make_request(team=team)
    refer_request(asked, referred_to="镇自来水站", by=staff.user)
    asked.refresh_from_db()

    page = staff.get(asked.get_absolute_url()).content.decode()
    sent(staff, "answer", asked, answer="下周一换水表")

    assert "镇自来水站 has this request" in page
    assert "下周一换水表" in staff.get(asked.get_absolute_url()).content.decode()


def test_settled_meanwhile_says_so_instead_of_a_form_that_is_gone(staff, team):
    asked = make_request(team=team)
    sent(staff, "withdraw", asked)

    answer = sent(staff, "refer", asked, referred_to="镇自来水站")

    assert answer.status_code == 422
    assert any("withdrawn" in message for message in told(answer))


def test_whom_to_call_says_that_only_holders_are_shown(leader, team):
    holder, *_others = [each.volunteer for each in team.memberships.all()]
    asked = make_request(team=team, category=make_category(qualification_kind="medical"))
    without = leader.get(asked.get_absolute_url()).content.decode()
    make_qualification(holder)

    page = leader.get(asked.get_absolute_url())

    assert "nobody of the team holds one" in without
    assert "only its holders are shown. 2 members have none" in page.content.decode()
    assert [row["name"] for row in page.context["suggested"]["rows"]] == [holder.name]


@pytest.mark.parametrize("has_team", [True, False])
def test_page_asks_no_more_with_more_steps_members_and_teams(staff, has_team, team, django_assert_max_num_queries):
    asked = make_request(team=team) if has_team else make_page_request(village=make_village(township=team.township))
    staff.get(asked.get_absolute_url())
    for number in range(6):
        make_team(township=team.township, members=5)
        sent(staff, "word", asked, text=f"第{number}句")

    with django_assert_max_num_queries(40):
        page = staff.get(asked.get_absolute_url())
    assert len(page.context["steps"]) == (8 if has_team else 7)
