"""Contact cards: what is on them, when they are out of date and why, and what of them was handed out."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone, translation

from accounts.models import AuditEntry
from accounts.rights import Role
from areas.models import Village
from common.rules import RuleBroken
from grids.card_filters import CardFilter
from grids.card_paper import data_of
from grids.card_rows import figures_of
from grids.card_states import State, reasons_for, standings_of, summary
from grids.cards import faces_of
from grids.domain.card import hand_out, hand_out_all, take_back_hand_out
from grids.domain.team import choose_leader, dissolve_team, remove_member, rename_team
from grids.models import CardBatch, Grid, HandOut, Team
from tests.factories import (
    make_card_batch,
    make_channel,
    make_grid,
    make_hand_out,
    make_membership,
    make_skill_type,
    make_team,
    make_user,
    make_volunteer,
)
from volunteers.models import Volunteer

pytestmark = pytest.mark.django_db


def face_of(grid):
    [face] = faces_of(Grid.objects.filter(pk=grid.pk))
    return face


def standing_of(grid):
    return standings_of(Grid.objects.filter(pk=grid.pk))[grid.pk]


def reasons_of(grid) -> list[str]:
    return reasons_for([standing_of(grid)]).get(grid.pk, [])


def shown(team, name="仇小丽", **fields) -> Volunteer:
    """Make a member of the team who agrees to be on the card."""
    told = {"phone": "13812345678", "speciality": "修水泵", "shows_phone": True}
    return make_membership(team, make_volunteer(village=team.grid.village, name=name, **(told | fields))).volunteer


def change(record, **fields) -> None:
    """Change a record past every hook, as an import does."""
    type(record).objects.filter(pk=record.pk).update(**fields)


@pytest.fixture
def admin():
    return make_user(Role.ADMIN)


# --- What is on a card ------------------------------------------------------------------------------------


def test_card_names_who_agreed_and_of_others_only_what_they_can_do():
    team = make_team(members=0, state=Team.State.ACTIVE, activated_on=date(2020, 1, 1))
    shown(team, primary_skill=make_skill_type(name="生活型"))
    shown(team, name="不愿意", phone="13900000000", speciality="秘密", shows_phone=False, shows_name=True)
    make_channel(township=team.township, number="0577-62000001", hours="全天")
    [card] = data_of([(face_of(team.grid), 3)])["cards"]

    assert [(one["name"], one["words"], one["phone"]) for one in card["people"]] == [
        ("仇小丽", "生活型 修水泵", "13812345678")
    ]
    assert card["others"].startswith("另有1名队员（")
    assert card["others"].endswith("），请拨热线")
    assert (card["hotline"], card["hours"], card["copies"]) == ("0577-62000001", "全天", 3)
    for kept in ("不愿意", "13900000000", "秘密"):
        assert kept not in str(card)


@pytest.mark.parametrize(
    ("member", "words"),
    [
        ("修水泵", "电工型 修水泵"),
        ("修水泵、修电视机、修洗衣机、修冰箱、修空调", "修水泵、修电视…"),
        ("", "电工型"),
    ],
)
def test_words_of_a_member_are_cut_to_the_room_there_is(member, words):
    team = make_team(members=0, state=Team.State.ACTIVE, activated_on=date(2020, 1, 1))
    shown(team, speciality=member, primary_skill=make_skill_type(name="电工型"))
    [card] = data_of([(face_of(team.grid), 1)])["cards"]

    assert card["people"][0]["words"] == words


def test_cards_of_many_grids_are_asked_for_by_as_many_queries_as_one(django_assert_max_num_queries):
    grids = []
    for count in (1, 4):
        grids += [make_card_batch(make_team(members=3).grid).grid.pk for _ in range(count)]
        with django_assert_max_num_queries(10):
            standings = standings_of(Grid.objects.filter(pk__in=grids))
            reasons_for(standings.values())


# --- Out of date ------------------------------------------------------------------------------------------


def test_fresh_cards_are_to_be_handed_out_and_then_in_order():
    batch = make_card_batch(copies=5)
    assert standing_of(batch.grid).state == State.WAITING

    make_hand_out(batch, count=5)
    assert standing_of(batch.grid).state == State.CURRENT
    assert reasons_of(batch.grid) == []


def test_grid_without_cards_or_team_says_so():
    assert standing_of(make_team(members=3).grid).state == State.NEVER
    assert standing_of(make_grid()).state == State.NO_TEAM


CHANGES = {
    "phone": (lambda team, who: change(who, phone="13900000001"), "The phone of 仇小丽 has changed."),
    "speciality": (lambda team, who: change(who, speciality="养蜂"), "The speciality of 仇小丽 has changed."),
    "skill": (
        lambda team, who: change(who, primary_skill=make_skill_type()),
        "The skill type of 仇小丽 has changed.",
    ),
    "name": (lambda team, who: change(who, name="仇晓丽"), "The name of 仇晓丽 was corrected."),
    "consent": (
        lambda team, who: change(who, shows_phone=False),
        "仇小丽 agrees to name and phone on the card no more.",
    ),
    "team": (lambda team, who: change(team, name="新队"), "The team was “旧队” and is “新队”."),
    "number": (lambda team, who: change(team.grid, number=77), "The grid had the number 1 and has 77."),
    "page": (
        lambda team, who: change(team.grid, page_code="23456789ACD"),
        "The code of the grid's public page has changed.",
    ),
    "village": (
        lambda team, who: Village.objects.filter(pk=team.grid.village_id).update(name="新村"),
        "The village was called 旧村 and is called 新村.",
    ),
    "hotline": (
        lambda team, who: team.township.channels.update(number="0577-1"),
        "The hotline changed from 0577-9 to 0577-1.",
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_changes_past_the_hooks_marks_the_cards_and_says_why(what):
    act, reason = CHANGES[what]
    team = make_team(members=3, name="旧队")
    Village.objects.filter(pk=team.grid.village_id).update(name="旧村")
    make_channel(township=team.township, number="0577-9")
    who = shown(team)
    make_card_batch(team.grid, handed_out=1)
    act(team, who)

    assert standing_of(team.grid).state == State.OUTDATED
    assert reasons_of(team.grid) == [reason]


def test_who_left_and_who_joined_are_named_with_the_day(admin):
    team = make_team(members=4)
    gone = team.memberships.exclude(role="leader").last().volunteer
    change(gone, name="陈一", shows_phone=True)
    make_card_batch(team.grid)
    remove_member(team, gone, reason="外出", on=date(2026, 7, 1), by=admin)
    make_membership(team, shown_volunteer(team, "林二"), joined_on=date(2026, 7, 3))

    with translation.override("zh-hans"):
        assert standing_of(team.grid).state == State.OUTDATED
    assert reasons_of(team.grid) == ["陈一 left on 1 July 2026.", "林二 joined on 3 July 2026."]


def shown_volunteer(team, name):
    return make_volunteer(village=team.grid.village, name=name, shows_phone=True)


def test_another_leader_marks_the_cards(admin):
    team = make_team(members=3)
    old = team.memberships.get(role="leader").volunteer
    new = team.memberships.exclude(role="leader").first().volunteer
    for who, name in ((old, "老队长"), (new, "新队长")):
        change(who, name=name, shows_phone=True)
    make_card_batch(team.grid)
    choose_leader(team, new, by=admin)

    assert sorted(reasons_of(team.grid)) == ["新队长 leads the team now.", "老队长 leads the team no more."]


def test_team_that_is_gone_leaves_outdated_cards_and_nothing_to_print(admin):
    batch = make_card_batch()
    dissolve_team(batch.team, reason="并队", by=admin)
    standing = standing_of(batch.grid)

    assert standing.state == State.NO_TEAM
    assert standing.is_outdated
    assert reasons_of(batch.grid) == ["No active team serves the grid any more."]


def test_what_is_changed_back_is_in_order_again(admin):
    batch = make_card_batch(copies=3, handed_out=3)
    team = Team.objects.get(pk=batch.team_id)
    name = team.name
    rename_team(team, name="别的名字", version=team.version, by=admin)
    assert standing_of(batch.grid).state == State.OUTDATED

    team.refresh_from_db()
    rename_team(team, name=name, version=team.version, by=admin)
    assert standing_of(batch.grid).state == State.CURRENT


def test_printing_anew_settles_it():
    batch = make_card_batch(handed_out=2)
    change(batch.team, name="新名字")
    assert standing_of(batch.grid).state == State.OUTDATED
    make_card_batch(batch.grid, copies=7)

    standing = standing_of(batch.grid)
    assert (standing.state, standing.remaining, standing.printed, standing.handed_out) == (
        State.WAITING,
        7,
        batch.copies + 7,
        2,
    )


def test_batch_keeps_no_name_and_no_phone():
    team = make_team(members=3)
    shown(team)
    kept = str(make_card_batch(team.grid).content)

    for personal in ("仇小丽", "13812345678", "5678", "修水泵"):
        assert personal not in kept


def test_many_reasons_are_summed_up():
    assert summary(["一。", "二。"]) == "一。 二。"
    assert summary([f"{number}." for number in range(5)]) == "0. 1. 2. And 2 more changes."


def test_list_is_narrowed_by_state(rf):
    waiting, outdated = make_card_batch(), make_card_batch()
    change(outdated.team, name="新名字")
    bare = make_team(members=3).grid
    request = rf.get("/")
    request.user = make_user(Role.ADMIN)

    for state, grid in ((State.WAITING, waiting.grid), (State.OUTDATED, outdated.grid), (State.NEVER, bare)):
        found = CardFilter({"state": state}, queryset=Grid.objects.all(), request=request).qs
        assert list(found) == [grid]


# --- Handing out ------------------------------------------------------------------------------------------


def test_handing_out_is_counted_and_never_exceeds_what_was_printed(admin):
    batch = make_card_batch(copies=10)
    today = timezone.localdate()
    hand_out(batch, count=6, on=today, key=uuid4(), received_by="村委会", by=admin)
    with pytest.raises(RuleBroken, match="Of these cards 4 are left in the office") as refused:
        hand_out(batch, count=5, on=today, key=uuid4(), by=admin)
    assert refused.value.field == "count"
    hand_out(batch, count=4, on=today, key=uuid4(), by=admin)

    batch.refresh_from_db()
    assert (batch.handed_out, batch.remaining) == (10, 0)
    with pytest.raises(RuleBroken, match="Of these cards 0 are left"):
        hand_out(batch, count=1, on=today, key=uuid4(), by=admin)


def test_database_itself_refuses_more_than_printed():
    batch = make_card_batch(copies=3)
    with pytest.raises(IntegrityError), transaction.atomic():
        CardBatch.objects.filter(pk=batch.pk).update(handed_out=F("copies") + 1)


@pytest.mark.parametrize("count", [0, -3])
def test_nothing_is_no_hand_out(count, admin):
    with pytest.raises(RuleBroken, match="At least one card"):
        hand_out(make_card_batch(copies=3), count=count, on=timezone.localdate(), key=uuid4(), by=admin)
    assert not HandOut.objects.exists()


def test_same_form_sent_twice_hands_out_once(admin):
    batch, key = make_card_batch(copies=10), uuid4()
    first, second = (hand_out(batch, count=4, on=timezone.localdate(), key=key, by=admin) for _ in range(2))

    assert first == second
    batch.refresh_from_db()
    assert batch.handed_out == 4


def test_day_of_handing_out_lies_between_printing_and_today(admin):
    batch = make_card_batch(copies=3)
    today = timezone.localdate()
    for day, message in (
        (today + timedelta(days=1), "This day lies in the future"),
        (today - timedelta(days=1), "These cards were printed on"),
    ):
        with pytest.raises(RuleBroken, match=message) as refused:
            hand_out(batch, count=1, on=day, key=uuid4(), by=admin)
        assert refused.value.field == "on"


def test_all_that_is_left_is_handed_out_at_once(admin):
    one, other, spent = make_card_batch(copies=5), make_card_batch(copies=6), make_card_batch(copies=1, handed_out=1)
    make_hand_out(one, count=2)
    key, pks = uuid4(), [one.pk, other.pk, spent.pk]
    made = hand_out_all(pks, on=timezone.localdate(), key=key, received_by="驻村干部", by=admin)
    again = hand_out_all(pks, on=timezone.localdate(), key=key, by=admin)

    assert sorted(hand.count for hand in made) == [3, 6]
    assert {hand.pk for hand in again} == {hand.pk for hand in made}
    assert not CardBatch.objects.with_cards_left().exists()
    with pytest.raises(RuleBroken, match="Nothing is left of these batches"):
        hand_out_all(pks, on=timezone.localdate(), key=uuid4(), by=admin)


def test_mistaken_hand_out_is_taken_back_once(admin):
    batch = make_card_batch(copies=5)
    made = make_hand_out(batch, count=5)
    take_back_hand_out(made, reason="记错村", by=admin)
    with pytest.raises(RuleBroken, match="taken back already"):
        take_back_hand_out(made, reason="再来", by=admin)

    batch.refresh_from_db()
    made.refresh_from_db()
    assert (batch.handed_out, made.reason, made.taken_back_by) == (0, "记错村", admin)
    assert not HandOut.objects.standing().exists()


def test_trail_tells_of_hand_outs_without_names(admin):
    make_hand_out(make_card_batch(copies=5), count=2, received_by="王大妈", handed_by="李干事", by=admin)
    entries = AuditEntry.objects.filter(event="hand_out")

    assert {entry.content_type.model for entry in entries} == {"handout", "cardbatch"}
    for name in ("王大妈", "李干事"):
        assert all(name not in str(entry.changes) for entry in entries)


# --- Figures ----------------------------------------------------------------------------------------------


def test_figures_are_their_rows_for_city_and_township(admin):
    one, other = make_card_batch(copies=10, handed_out=4), make_card_batch(copies=8, handed_out=8)
    taken_back = make_hand_out(one, count=3)
    take_back_hand_out(taken_back, reason="错", by=admin)
    change(other.team, name="新名字")
    make_team(members=3, township=one.township)
    lines, total = figures_of(admin, Grid.objects.in_use())
    numbers = {line.area.pk: line.numbers for line in lines}

    assert numbers[one.township_id] == {"grids": 2, "never": 1, "outdated": 0, "printed": 10, "handed_out": 4}
    assert numbers[other.township_id] == {"grids": 1, "never": 0, "outdated": 1, "printed": 8, "handed_out": 8}
    assert total.numbers["handed_out"] == sum(HandOut.objects.standing().values_list("count", flat=True)) == 12

    staff = make_user(Role.TOWNSHIP_STAFF, township=one.township)
    lines, total = figures_of(staff, Grid.objects.visible_to(staff).in_use())
    assert {line.area.township_id for line in lines} == {one.township_id}
    assert (total.numbers["printed"], total.numbers["handed_out"]) == (10, 4)
