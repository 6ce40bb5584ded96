"""Badges: one that stands a volunteer, void for good once ended, and codes that follow from a key."""

import re
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.rights import Role
from common.codes import ALPHABET
from common.rules import RuleBroken
from tests.factories import make_badge, make_team, make_user, make_volunteer
from volunteers.badge_code import code_of, new_code, read_number, read_short_code, short_code
from volunteers.domain.badge import (
    find_badge,
    find_by_number,
    issue_badge,
    issue_badges,
    reissue_badge,
    report_lost,
    revoke_badge,
)
from volunteers.domain.volunteer import leave, reinstate, suspend
from volunteers.models import Badge, Volunteer

pytestmark = pytest.mark.django_db
State, Standing = Badge.State, Badge.Standing


def refused(act, *args, **kwargs) -> str:
    with pytest.raises(RuleBroken) as broken:
        act(*args, **kwargs)
    return str(broken.value.message)


def standing(badge, day):
    return badge.standing_on(day, badge.volunteer.status)


# --- Number and code --------------------------------------------------------------------------------------


def test_number_is_the_volunteers_and_the_issue_in_fixed_width():
    volunteer = make_volunteer(number="0000123")
    first = make_badge(volunteer)
    second = reissue_badge(first, reason="照片旧了", by=make_user(Role.ADMIN))

    assert (first.number, second.number) == ("0000123-01", "0000123-02")
    assert second.issue == 2


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("0000123-01", "0000123-01"),
        ("000012301", "0000123-01"),
        (" ００００１２３－０１ ", "0000123-01"),
        ("0000123 — 01", "0000123-01"),
        ("0000123", ""),
        ("0000123-0", ""),
        ("0000123-011", ""),
        ("٠٠٠٠١٢٣٠١", ""),
        ("abc", ""),
        ("", ""),
    ],
)
def test_number_is_read_however_it_is_typed(typed, read):
    assert read_number(typed) == read


def test_code_has_fifty_bits_and_follows_from_a_key_not_from_the_number(settings):
    badge = make_badge()
    code = code_of(badge)

    assert re.fullmatch(rf"[{ALPHABET}]{{11}}", code)
    assert len(ALPHABET) ** len(code) > 2**50
    assert new_code(badge.number) == code
    settings.BADGE_KEYS = ["another key altogether"]
    assert new_code(badge.number) != code


def test_codes_of_neighbours_have_nothing_in_common():
    codes = {new_code(f"{number:07}-01") for number in range(500)}

    assert len(codes) == 500
    assert len({code[:6] for code in codes}) == 500


def test_code_is_not_stored():
    badge = make_badge()
    code = code_of(badge)

    stored = [str(value) for value in Badge.objects.filter(pk=badge.pk).values_list()[0]]
    assert not any(code in value or code[:6] in value for value in stored)
    assert code not in str(AuditEntry.objects.filter(event="issue_badge").values_list("changes"))


def test_badge_stays_good_when_a_new_key_comes_before_the_old_one(settings):
    old = settings.BADGE_KEYS[0]
    badge = make_badge()
    code = code_of(badge)
    settings.BADGE_KEYS = ["a new key", old]
    newer = make_badge()

    assert find_badge(code) == badge
    assert code_of(badge) == code
    assert find_badge(code_of(newer)) == newer
    assert find_by_number(badge.number, short_code(code)) == badge


def test_badge_whose_key_is_lost_has_no_code_any_more(settings):
    badge = make_badge()
    code = code_of(badge)
    settings.BADGE_KEYS = ["a new key"]

    assert code_of(badge) == ""
    assert find_badge(code) is None
    assert find_by_number(badge.number, short_code(code)) is None


# --- Finding --------------------------------------------------------------------------------------------


def test_badge_is_found_by_its_code_however_it_is_typed():
    badge = make_badge()
    code = code_of(badge)

    assert find_badge(code) == find_badge(f" {code[:4].lower()}-{code[4:8]} {code[8:]} ") == badge


@pytest.mark.parametrize("code", ["", "1", "0000001", "23456789ACD", "2" * 5000, "义工", "' OR 1=1 --", "\ud800"])
def test_guessed_codes_find_nothing(code):
    badge = make_badge()

    assert find_badge(code) is None
    assert find_badge(badge.number) is None
    assert find_badge(badge.code_hash) is None
    assert find_badge(badge.volunteer.number) is None


def test_number_needs_its_own_short_code():
    badge, other = make_badge(), make_badge()

    assert find_by_number(badge.number, short_code(code_of(badge))) == badge
    assert find_by_number(badge.number, short_code(code_of(other))) is None
    assert find_by_number(badge.number, "") is None
    assert find_by_number("", short_code(code_of(badge))) is None
    assert find_by_number("9999999-01", short_code(new_code("9999999-01"))) is None


def test_short_code_is_read_as_it_is_meant():
    assert read_short_code("7km x3r") == "7KMX3R"
    assert read_short_code("O0Q11I") == "DDDLLL"
    assert read_short_code("7KMX3") == ""


# --- Issuing and ending -----------------------------------------------------------------------------------


def test_badge_is_valid_to_the_end_of_its_last_year(settings):
    settings.BADGE_YEARS = 3
    badge = make_badge()
    last = date(timezone.localdate().year + 3, 12, 31)

    assert badge.valid_until == last
    assert standing(badge, last) == Standing.VALID
    assert standing(badge, last + timedelta(days=1)) == Standing.EXPIRED


def test_second_badge_is_refused_while_one_stands():
    badge = make_badge()

    message = refused(issue_badge, badge.volunteer, by=make_user(Role.ADMIN))
    assert badge.number in message
    assert "Re-issue" in message
    assert Badge.objects.count() == 1


@pytest.mark.parametrize("status", ["applied", "suspended", "rejected", "left"])
def test_only_who_serves_gets_a_badge(status):
    fields = {"left_on": date(2026, 1, 1)} if status == "left" else {}
    volunteer = make_volunteer(status=status, **fields)

    assert "take them back first" in refused(issue_badge, volunteer, by=make_user(Role.ADMIN))
    assert issue_badges([volunteer.pk], by=make_user(Role.ADMIN)) == []
    assert not Badge.objects.exists()


def test_reissue_voids_the_old_one_at_once():
    old = make_badge()
    new = reissue_badge(old, reason="姓名改了", by=make_user(Role.ADMIN))

    old.refresh_from_db()
    assert (old.state, old.reason) == (State.REPLACED, "姓名改了")
    assert standing(old, timezone.localdate()) == Standing.VOID
    assert standing(new, timezone.localdate()) == Standing.VALID
    assert code_of(new) != code_of(old)


@pytest.mark.parametrize(("end", "state"), [(report_lost, State.LOST), (revoke_badge, State.REVOKED)])
def test_lost_and_revoked_badges_are_void_and_another_may_follow(end, state):
    badge = make_badge()
    end(badge, reason="在菜场丢了", by=make_user(Role.ADMIN))

    badge.refresh_from_db()
    assert badge.state == state
    assert standing(badge, timezone.localdate()) == Standing.VOID
    assert issue_badge(badge.volunteer, by=make_user(Role.ADMIN)).issue == 2


@pytest.mark.parametrize("end", [reissue_badge, report_lost, revoke_badge])
def test_what_has_ended_does_not_end_again(end):
    badge = make_badge()
    report_lost(badge, reason="丢了", by=make_user(Role.ADMIN))

    assert "void already" in refused(end, badge, reason="又丢了", by=make_user(Role.ADMIN))
    badge.refresh_from_db()
    assert (badge.state, badge.reason) == (State.LOST, "丢了")


@pytest.mark.parametrize("reason", ["", "   ", "长" * 201])
@pytest.mark.parametrize("end", [reissue_badge, report_lost, revoke_badge])
def test_ending_needs_a_reason_that_fits(end, reason):
    badge = make_badge()

    with pytest.raises(RuleBroken) as broken:
        end(badge, reason=reason, by=make_user(Role.ADMIN))
    assert broken.value.field == "reason"
    assert Badge.objects.get().state == State.ISSUED


def test_a_record_that_was_given_up_gets_no_badge_and_names_the_one_that_goes_on():
    kept = make_volunteer()
    badge = make_badge()
    given_up = Volunteer.objects.filter(pk=badge.volunteer_id)
    given_up.update(status="left", left_on=timezone.localdate(), merged_into=kept)
    admin = make_user(Role.ADMIN)

    assert kept.number in refused(issue_badge, badge.volunteer, by=admin)
    assert kept.number in refused(reissue_badge, badge, reason="旧", by=admin)
    assert Badge.objects.get().state == State.ISSUED


def test_no_badge_is_valid_while_its_volunteer_is_away():
    badge, admin, today = make_badge(), make_user(Role.ADMIN), timezone.localdate()

    suspend(badge.volunteer, reason="进修", by=admin)
    badge = Badge.objects.get()
    assert standing(badge, today) == Standing.AWAY
    assert not Badge.objects.valid(today).exists()
    assert "take them back first" in refused(reissue_badge, badge, reason="旧", by=admin)

    reinstate(badge.volunteer, by=admin)
    assert standing(Badge.objects.get(), today) == Standing.VALID
    assert Badge.objects.valid(today).exists()

    leave(badge.volunteer, reason="搬走", by=admin)
    assert standing(Badge.objects.get(), today) == Standing.AWAY
    assert not Badge.objects.valid(today).exists()


def test_hundredth_badge_is_refused():
    badge = make_badge()
    lost = {"state": State.LOST, "ended_at": timezone.now()}
    Badge.objects.filter(pk=badge.pk).update(**lost)
    Badge.objects.create(
        volunteer=badge.volunteer,
        issue=99,
        number=f"{badge.volunteer.number}-99",
        code_hash="x",
        issued_by=badge.issued_by,
        valid_until=badge.valid_until,
        **lost,
    )

    assert "99 badges" in refused(issue_badge, badge.volunteer, by=make_user(Role.ADMIN))


def test_every_step_is_on_the_trail_with_who_did_it():
    admin = make_user(Role.ADMIN)
    badge = issue_badge(make_volunteer(), by=admin)
    new = reissue_badge(badge, reason="旧", by=admin)
    report_lost(new, reason="丢", by=admin)

    entries = AuditEntry.objects.filter(content_type__model="badge", actor=admin).order_by("id")
    assert [(entry.event, entry.object_repr) for entry in entries] == [
        ("issue_badge", badge.number),
        ("reissue_badge", badge.number),
        ("reissue_badge", new.number),
        ("report_lost", new.number),
    ]


# --- Many at once -----------------------------------------------------------------------------------------


def test_many_get_badges_in_one_go_and_nobody_twice(django_assert_max_num_queries):
    admin = make_user(Role.ADMIN)
    volunteers = [make_volunteer() for _ in range(12)]
    has_one = make_badge(volunteers[0])
    lost_one = make_badge(volunteers[1])
    report_lost(lost_one, reason="丢", by=admin)
    expiring = make_badge(volunteers[2], valid_until=timezone.localdate() + timedelta(days=30))
    away = make_volunteer(status="suspended")
    pks = [volunteer.pk for volunteer in (*volunteers, away)]

    with django_assert_max_num_queries(14):
        new = issue_badges([*pks, 999_999_999], by=admin)

    assert [badge.volunteer_id for badge in new] == sorted(pks)[1:-1]
    expiring.refresh_from_db()
    assert expiring.state == State.REPLACED
    assert Badge.objects.get(volunteer=volunteers[1], state=State.ISSUED).issue == 2
    assert Badge.objects.issued().filter(volunteer=volunteers[0]).get() == has_one
    assert AuditEntry.objects.filter(event="issue_badges").count() == 12
    assert issue_badges(pks, by=admin) == []


# --- What the database holds ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"state": State.ISSUED, "ended_at": None},
        {"state": State.REVOKED},
        {"number": "7654321-01"},
        {"issue": 7},
        {"code_hash": "0" * 64},
    ],
)
def test_void_badge_stays_what_it_is_on_any_path(changes):
    badge = make_badge()
    report_lost(badge, reason="丢", by=make_user(Role.ADMIN))

    with pytest.raises(DatabaseError, match="badge_stays_what_it_is"), transaction.atomic():
        Badge.objects.filter(pk=badge.pk).update(**changes)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"issue": 0}, "badge_issue_in_range"),
        ({"number": "123-01"}, "badge_number_form"),
        ({"state": State.LOST}, "badge_state_has_end"),
        ({"valid_until": date(2001, 1, 1)}, "badge_expires_after_issue"),
        ({"reason": "长" * 201}, "badge_reason_length|too long"),
    ],
)
def test_constraints_refuse_what_cannot_be(changes, constraint):
    good = {
        "issue": 1,
        "number": "1234567-01",
        "code_hash": "1",
        "issued_by": make_user(),
        "valid_until": date(2099, 1, 1),
    }
    with pytest.raises(DatabaseError, match=constraint), transaction.atomic():
        Badge.objects.create(volunteer=make_volunteer(), **(good | changes))


def test_two_badges_cannot_stand_for_one_volunteer_on_any_path():
    badge = make_badge()
    with pytest.raises(DatabaseError), transaction.atomic():
        Badge.objects.create(
            volunteer=badge.volunteer,
            issue=2,
            number=f"{badge.volunteer.number}-02",
            code_hash="1",
            issued_by=badge.issued_by,
            valid_until=badge.valid_until,
        )


# --- Who sees which ---------------------------------------------------------------------------------------


def test_offices_see_their_township_leaders_their_team_and_the_city_all():
    leader = make_user(Role.TEAM_LEADER)
    team = make_team(township=leader.township)
    members = list(team.memberships.order_by("id"))
    type(members[0].volunteer).objects.filter(memberships__team=team, memberships__role="leader").update(user=leader)
    own = make_badge(members[1].volunteer)
    same_township = make_badge(make_volunteer(township=leader.township))
    elsewhere = make_badge()

    def seen_by(user):
        return set(Badge.objects.visible_to(user))

    assert seen_by(leader) == {own}
    assert seen_by(make_user(Role.TOWNSHIP_STAFF, township=leader.township)) == {own, same_township}
    assert seen_by(make_user(Role.ADMIN)) == {own, same_township, elsewhere}
