"""Who was in a team when, in which role: what is drawn, what is told, and what is taken over from the trail."""

from datetime import date, timedelta
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.rights import Role
from grids.domain.team import (
    activate_team,
    add_member,
    choose_deputy,
    choose_leader,
    dissolve_team,
    make_member,
    remove_member,
    replace_member,
)
from grids.domain.time_line import Kind, happenings_of, in_team_on, role_on, spells_of, stays_of
from grids.models import Membership, RoleChange
from grids.time_line_rows import Axis, time_line
from tests.factories import make_membership, make_team, make_user, make_volunteer
from volunteers.domain.volunteer import suspend

pytestmark = pytest.mark.django_db
migration = import_module("grids.migrations.0007_roles_from_the_trail")
NOON = "T04:00:00Z"


@pytest.fixture
def by():
    return make_user()


def on(day):
    """Let it be noon of ``day`` in Shanghai."""
    return time_machine.travel(f"{day}{NOON}", tick=False)


def stay_of(team, volunteer):
    return next(stay for stay in stays_of(team) if stay.volunteer == volunteer)


def told(team):
    return [(each.day.isoformat(), each.kind, each.who, each.successor) for each in happenings_of(team, stays_of(team))]


# --- Roles --------------------------------------------------------------------------------------------


def test_roles_are_known_for_every_day(by):
    team = make_team(members=4)
    leader, deputy = (team.memberships.order_by("pk")[place].volunteer for place in (0, 1))
    with on("2026-03-01"):
        choose_deputy(team, deputy, by=by)
    with on("2026-05-01"):
        choose_leader(team, deputy, by=by)

    before, after = stay_of(team, leader), stay_of(team, deputy)

    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 4, 30), date(2026, 5, 1)]
    assert [role_on(before, day) for day in days] == ["leader", "leader", "leader", "deputy"]
    assert [role_on(after, day) for day in days] == ["member", "deputy", "deputy", "leader"]
    assert [(spell.role, spell.first, spell.last) for spell in spells_of(after)] == [
        ("member", date(2020, 1, 1), date(2026, 2, 28)),
        ("deputy", date(2026, 3, 1), date(2026, 4, 30)),
        ("leader", date(2026, 5, 1), None),
    ]
    assert [stay.volunteer for stay in in_team_on(stays_of(team), date(2026, 4, 1))][:2] == [leader, deputy]


def test_a_role_of_less_than_a_day_is_no_spell(by):
    team = make_team(members=4)
    member = team.memberships.order_by("pk")[1].volunteer
    with on("2026-03-01"):
        choose_deputy(team, member, by=by)
        make_member(team, member, by=by)

    spells = spells_of(stay_of(team, member))
    assert [spell.role for spell in spells] == ["member"]
    assert RoleChange.objects.count() == 2


def test_a_role_that_stays_is_no_change(by):
    team = make_team(members=4)

    make_member(team, team.memberships.order_by("pk")[1].volunteer, by=by)

    assert RoleChange.objects.count() == 0


def test_a_role_given_after_the_day_of_leaving_was_never_held(by):
    team = make_team(members=4)
    member = team.memberships.order_by("pk")[1].volunteer
    with on("2026-05-10"):
        choose_deputy(team, member, by=by)
        remove_member(team, member, reason="外出", on=date(2026, 5, 1), by=by)

    stay = stay_of(team, member)
    assert [(spell.role, spell.last) for spell in spells_of(stay)] == [("member", date(2026, 5, 1))]
    assert role_on(stay, date(2026, 5, 1)) == "member"
    assert Kind.ROLE not in [kind for _day, kind, *_names in told(team)]


# --- What happened ------------------------------------------------------------------------------------


def test_an_exchange_is_told_as_one_thing(by):
    team = make_team(members=3)
    outgoing, incoming = team.memberships.order_by("pk")[2].volunteer, make_volunteer(village=team.grid.village)

    joined = replace_member(team, outgoing, incoming, reason="轮换", on=date(2026, 7, 12), by=by)

    assert Membership.objects.get(volunteer=outgoing).replaced_by == joined
    assert told(team)[0] == ("2026-07-12", Kind.REPLACED, outgoing.name, incoming.name)
    assert incoming.name not in [who for _day, _kind, who, _successor in told(team)]


def test_a_dissolved_team_tells_its_story_from_first_to_last(by):
    team = make_team(members=0, formed_on=date(2021, 3, 1))
    volunteer = make_volunteer(village=team.grid.village)
    add_member(team, volunteer, on=date(2021, 3, 5), by=by)
    dissolve_team(team, reason="并村", on=date(2025, 6, 30), by=by)
    team.refresh_from_db()

    assert told(team) == [
        ("2025-06-30", Kind.DISSOLVED, "", ""),
        ("2025-06-30", Kind.LEFT, volunteer.name, ""),
        ("2021-03-05", Kind.JOINED, volunteer.name, ""),
        ("2021-03-01", Kind.FORMED, "", ""),
    ]
    drawn = time_line(team, date(2026, 1, 1), [])
    assert drawn["on_day"]["members"] == []
    assert "2025" in drawn["on_day"]["note"]
    assert drawn["mark"] is None


def test_falling_back_and_serving_again_come_from_the_trail(by):
    team = make_team(members=3)
    leaver = team.memberships.order_by("pk")[2].volunteer
    with on("2026-04-02"):
        suspend(leaver, reason="休养", by=by)
    with on("2026-04-20"):
        add_member(team, make_volunteer(village=team.grid.village), by=by)
        activate_team(team, by=by)
    team.refresh_from_db()

    states = [(day, kind) for day, kind, *_names in told(team) if kind in (Kind.ACTIVATED, Kind.FELL_BACK)]
    assert states == [
        ("2026-04-20", Kind.ACTIVATED),
        ("2026-04-02", Kind.FELL_BACK),
        ("2020-01-01", Kind.ACTIVATED),
    ]


# --- What is drawn ------------------------------------------------------------------------------------


def test_the_axis_names_few_years_of_many_and_months_of_few():
    long = Axis.of(date(2011, 7, 12), date(2026, 11, 26))
    short = Axis.of(date(2026, 3, 12), date(2026, 11, 26))

    assert (long.months, long.at(date(2011, 7, 1)), long.at(date(2027, 5, 1))) == (185, 0, 100)
    assert len(long.labels()) <= 7
    assert all(label["text"].startswith("20") for label in long.labels())
    assert [label["text"] for label in short.labels()] == ["26-03", "26-05", "26-07", "26-09", "26-11"]
    assert len(long.ticks()) < 70
    assert len(short.ticks()) == 9


def test_bars_lie_within_the_axis_and_are_told_in_words(by):
    team = make_team(members=3, formed_on=date(2011, 7, 12))
    former = make_membership(team, joined_on=date(2012, 5, 1), left_on=date(2012, 5, 1), reason="外出务工")

    drawn = time_line(team, None, [former.volunteer_id])

    for person in drawn["people"]:
        for bar in person["bars"]:
            assert 0 <= bar["at"] < bar["at"] + bar["width"] <= 100.01
    last = drawn["people"][-1]
    assert (last["name"], last["is_member"]) == (former.volunteer.name, False)
    assert last["url"] == former.volunteer.get_absolute_url()
    assert "外出务工" in last["lines"][0]
    assert drawn["people"][0]["url"] == ""


def test_who_came_back_has_one_row_with_two_bars():
    team = make_team(members=3)
    volunteer = make_volunteer(village=team.grid.village)
    make_membership(team, volunteer, joined_on=date(2021, 1, 1), left_on=date(2022, 1, 1))
    make_membership(team, volunteer, joined_on=date(2023, 1, 1))

    rows = [person for person in time_line(team, None, [])["people"] if person["name"] == volunteer.name]

    assert [(row["is_member"], len(row["bars"]), len(row["lines"])) for row in rows] == [(True, 2, 2)]


@pytest.mark.parametrize(
    ("day", "marks"),
    [
        (date(2021, 1, 1), ["joined on this day"]),
        (date(2021, 6, 1), [""]),
        (date(2022, 1, 1), ["left on this day"]),
        (date(2022, 1, 2), []),
    ],
)
def test_first_and_last_day_belong_to_the_time_in_the_team(day, marks):
    team = make_team(members=0)
    make_membership(team, joined_on=date(2021, 1, 1), left_on=date(2022, 1, 1))

    found = time_line(team, day, [])["on_day"]

    assert [member["mark"] for member in found["members"]] == marks
    assert bool(found["note"]) == (not marks)


def test_a_day_before_the_team_and_one_to_come_are_said_to_be_so():
    team = make_team(members=3)

    assert time_line(team, date(2019, 12, 31), [])["on_day"]["note"] != ""
    ahead = time_line(team, timezone.localdate() + timedelta(days=9), [])["on_day"]
    assert len(ahead["members"]) == 3
    assert ahead["note"] != ""


# --- The page -----------------------------------------------------------------------------------------


def test_fifteen_years_ask_no_more_than_one(client_of, django_assert_max_num_queries):
    team = make_team(members=10)
    client = client_of(Role.TOWNSHIP_STAFF, township=team.township)
    address = reverse("grids:team_detail", args=[team.pk])
    client.get(address)
    for number in range(60):
        stay = make_membership(
            team, joined_on=date(2020, 1, 1) + timedelta(days=number), left_on=date(2022, 1, 1), role="deputy"
        )
        RoleChange.objects.create(membership=stay, day=date(2021, 1, 1), before="member", after="deputy")

    with django_assert_max_num_queries(32):
        page = client.get(address, {"day": "2021-07-12"})

    assert len(page.context["time_line"]["on_day"]["members"]) == 70
    assert len(page.content) < 400_000


def test_phones_are_masked_and_shown_to_those_who_may(client_of):
    team = make_team(members=3)
    phone = "13812341234"
    volunteer = team.memberships.order_by("pk")[0].volunteer
    volunteer.phone = phone
    volunteer.save()
    address = reverse("grids:team_detail", args=[team.pk])

    staff = client_of(Role.TOWNSHIP_STAFF, township=team.township).get(address).content.decode()
    auditor = client_of(Role.AUDITOR).get(address).content.decode()

    assert phone not in staff
    assert "138****1234" in staff
    assert phone not in auditor
    assert "138****1234" not in auditor
    shown = client_of(Role.TOWNSHIP_STAFF, township=team.township).post(
        reverse("volunteers:show_phone", args=[volunteer.pk]), headers={"HX-Request": "true"}
    )
    assert phone in shown.content.decode()
    assert AuditEntry.objects.filter(event="show_phone", object_id=volunteer.pk).count() == 1


# --- From the trail -----------------------------------------------------------------------------------


def test_the_trail_gives_roles_and_replacements_that_it_knows(by):
    team = make_team(members=4)
    members = [stay.volunteer for stay in team.memberships.order_by("pk")]
    with on("2026-03-01"):
        choose_deputy(team, members[1], by=by)
        choose_leader(team, members[1], by=by)
    incoming = make_volunteer(village=team.grid.village)
    replace_member(team, members[3], incoming, reason="轮换", by=by)
    kept = list(RoleChange.objects.values_list("membership", "day", "before", "after"))
    RoleChange.objects.all().delete()
    Membership.objects.update(replaced_by=None)
    # What was written past the trail is not claimed.
    team.memberships.filter(volunteer=members[0]).update(role="member")

    migration.keep_changes(apps, None)
    migration.keep_replacements(apps, None)

    found = list(RoleChange.objects.values_list("membership", "day", "before", "after"))
    assert found == [each for each in kept if each[0] != team.memberships.get(volunteer=members[0]).pk]
    assert Membership.objects.get(volunteer=members[3]).replaced_by.volunteer == incoming
