"""A township's settings: who changes them, what is refused, what stays on record, and the rule of a team."""

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.rights import Role
from areas.models import TownshipSettings
from areas.models.settings import NAMES
from common.rules import RuleBroken, SavedMeanwhile
from grids.domain.team import activate_team, add_member, remove_member, replace_member
from grids.domain.township import consequences, set_township
from grids.models import SettingChange, Team
from tests.factories import (
    make_membership,
    make_settings,
    make_skill_type,
    make_team,
    make_township,
    make_user,
    make_volunteer,
)
from volunteers.domain.volunteer import leave

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return make_user(Role.ADMIN)


@pytest.fixture
def township():
    return make_township()


def change(township, by, *, version=0, reason="试点", **values):
    return set_township(township, dict.fromkeys(NAMES) | values, reason=reason, version=version, by=by)


# --- What is said ---------------------------------------------------------------------------------------


def test_each_change_is_on_record_with_reason_day_and_person(township, admin, settings):
    change(township, admin, silent_after_days=20, uses_badges=False)
    change(township, admin, version=1, uses_badges=False, reason="试点结束")
    rows = SettingChange.objects.filter(township=township).order_by("id").values_list("name", "before", "after", "city")
    assert set(rows[:2]) == {
        ("uses_badges", None, 0, 1),
        ("silent_after_days", None, 20, settings.SILENT_AFTER_DAYS),
    }
    assert rows[2] == ("silent_after_days", 20, None, settings.SILENT_AFTER_DAYS)
    last = SettingChange.objects.latest("id")
    assert (last.reason, last.made_by, last.on) == ("试点结束", admin, timezone.localdate())
    assert TownshipSettings.of(township.pk).silent_after_days == settings.SILENT_AFTER_DAYS


@pytest.mark.parametrize("statement", ["update", "delete"])
def test_what_was_changed_stays_on_record(township, admin, statement):
    [row] = change(township, admin, uses_cards=False)
    rows = SettingChange.objects.filter(pk=row.pk)
    with pytest.raises(DatabaseError, match="setting_kept"), transaction.atomic():
        rows.update(reason="别的") if statement == "update" else rows._raw_delete("default")
    assert SettingChange.objects.get().reason == "试点"


@pytest.mark.parametrize(
    ("values", "field", "advice"),
    [
        ({"silent_after_days": 0}, "silent_after_days", "from 1 to 366"),
        ({"feedback_working_days": 61}, "feedback_working_days", "from 1 to 60"),
        ({"least_skill_types": 2}, "least_skill_types", "from 3 to 10"),
        ({"uses_logs": False, "reason": " "}, "reason", "Say why"),
        ({"uses_logs": False, "reason": "长" * 201}, "reason", "At most 200"),
        ({}, None, "Nothing was changed"),
    ],
)
def test_senseless_changes_are_refused(township, admin, values, field, advice):
    with pytest.raises(RuleBroken, match=advice) as refused:
        change(township, admin, **values)
    assert refused.value.field == field
    assert not SettingChange.objects.exists()
    assert not TownshipSettings.objects.exists()


def test_an_older_copy_of_the_form_is_refused(township, admin):
    change(township, admin, uses_cards=False)
    with pytest.raises(SavedMeanwhile):
        change(township, admin, uses_logs=False)
    assert TownshipSettings.of(township.pk).uses_logs


# --- Pages ----------------------------------------------------------------------------------------------


def posted(**values):
    return {"version": "0", "reason": "先行先试"} | values


def test_an_administrator_changes_them_and_everybody_of_the_township_reads_it(client_of, township, admin):
    client = client_of(admin)
    address = reverse("grids:settings_edit", args=[township.pk])
    assert "As the city has it (On)" in client.get(address).content.decode()
    answer = client.post(address, posted(uses_cards="off", silent_after_days="21"))
    assert answer.url == reverse("grids:township_settings", args=[township.pk])
    for role in (Role.TOWNSHIP_STAFF, Role.TEAM_LEADER, Role.REVIEWER):
        page = client_of(role, township=township).get(answer.url)
        assert "先行先试" in page.content.decode()
        assert address not in page.content.decode()
        assert [row["value"] for row in page.context["numbers"]][1] == "21"
    assert "先行先试" in client_of(Role.AUDITOR).get(answer.url).content.decode()


def test_the_form_comes_back_with_what_is_wrong(client_of, township, admin):
    client = client_of(admin)
    address = reverse("grids:settings_edit", args=[township.pk])
    for values in (posted(silent_after_days="900"), posted(uses_cards="maybe"), posted(reason=""), posted()):
        answer = client.post(address, values)
        assert answer.status_code == 422
        assert answer.context["form"].errors
    make_settings(township, uses_cards=False, version=3)
    stale = client.post(address, posted(uses_logs="off"))
    assert stale.status_code == 422
    assert 'name="version" value="3"' in stale.content.decode()
    assert not SettingChange.objects.exists()


def test_the_city_level_lists_who_does_otherwise(client_of, township, admin):
    make_township()
    change(township, admin, uses_badges=False, late_entry_days=7)
    client = client_of(Role.AUDITOR)
    address = reverse("grids:settings_list")

    def names(query=""):
        return [row["name"] for row in client.get(address + query).context["page"].rows]

    assert len(names()) == 2
    assert names("?own=on") == [township.name] == names("?lacks=uses_badges")
    assert len(names("?has=uses_badges")) == 1
    assert names("?lacks=uses_logs") == []
    row = client.get(f"{address}?own=on").context["page"].rows[0]
    assert row["differences"] == ["Badges: Off", "An entry is late after so many days: 7"]


def test_list_costs_the_same_for_any_number_of_townships(client_of, admin, django_assert_num_queries):
    client = client_of(admin)
    for number in (1, 5):
        for _ in range(number):
            change(make_township(), admin, uses_cards=False)
        client.get(reverse("grids:settings_list"))
        with django_assert_num_queries(7):
            client.get(reverse("grids:settings_list"))


def test_the_page_says_what_becomes_of_badges_only_where_there_is_something_to_say(township):
    said = consequences(township)
    assert set(said) == {"uses_logs", "uses_badges", "uses_cards", "uses_visit_plans"}
    make_settings(township, uses_logs=False)
    assert set(consequences(township)) == {"uses_badges", "uses_cards"}


# --- The rule of a team ---------------------------------------------------------------------------------


def of_skill(team, skill):
    return make_volunteer(township=team.township, primary_skill=skill)


def test_raising_the_number_of_skill_types_throws_nobody_out(client_of, admin):
    team = make_team(members=4)
    change(team.township, admin, least_skill_types=5)
    team.refresh_from_db()
    assert team.state == Team.State.ACTIVE
    page = client_of(Role.TOWNSHIP_STAFF, township=team.township).get(team.get_absolute_url()).content.decode()
    assert "1 further primary skill type is missing." in page


def test_no_step_makes_a_team_worse_that_lacks_skill_types(admin):
    team = make_team(members=4)
    staff = make_user(Role.TOWNSHIP_STAFF, township=team.township)
    change(team.township, admin, least_skill_types=5)
    members = list(team.memberships.select_related("volunteer").order_by("id"))
    same = of_skill(team, members[0].volunteer.primary_skill)
    add_member(team, same, by=staff)
    with pytest.raises(RuleBroken, match="at least 4 different"):
        remove_member(team, members[1].volunteer, reason="搬走", by=staff)
    with pytest.raises(RuleBroken, match="skill type that the team lacks"):
        replace_member(team, members[1].volunteer, of_skill(team, same.primary_skill), reason="搬走", by=staff)
    replace_member(team, members[1].volunteer, of_skill(team, make_skill_type()), reason="搬走", by=staff)
    remove_member(team, same, reason="搬走", by=staff)
    team.refresh_from_db()
    assert team.state == Team.State.ACTIVE


def test_the_citys_number_is_never_undercut(admin, settings):
    team = make_team(members=3)
    settings.TEAM_MIN_SKILL_TYPES = 4
    staff = make_user(Role.TOWNSHIP_STAFF, township=team.township)
    outgoing = team.memberships.select_related("volunteer").order_by("id").last().volunteer
    with pytest.raises(RuleBroken, match="at least 4 different"):
        replace_member(team, outgoing, of_skill(team, make_skill_type()), reason="搬走", by=staff)


def test_a_team_becomes_active_only_with_all_that_its_township_asks_for(admin):
    team = make_team(members=4, state=Team.State.FORMING, activated_on=None)
    staff = make_user(Role.TOWNSHIP_STAFF, township=team.township)
    change(team.township, admin, least_skill_types=5)
    with pytest.raises(RuleBroken, match="1 further primary skill type is missing"):
        activate_team(team, by=staff)
    make_membership(team=team, volunteer=of_skill(team, make_skill_type()))
    assert activate_team(team, by=staff).state == Team.State.ACTIVE


def test_who_leaves_takes_no_team_along_that_is_not_worse_without_them(admin):
    team = make_team(members=4)
    change(team.township, admin, least_skill_types=5)
    first = team.memberships.select_related("volunteer").order_by("id").first().volunteer
    twin = make_membership(team=team, volunteer=of_skill(team, first.primary_skill)).volunteer
    leave(twin, by=admin, reason="搬走")
    team.refresh_from_db()
    assert team.state == Team.State.ACTIVE
    other = team.memberships.current().exclude(role="leader").select_related("volunteer").first().volunteer
    leave(other, by=admin, reason="搬走")
    team.refresh_from_db()
    assert team.state == Team.State.FORMING
