"""Whom and what a cell names: teams, categories, people; what is ambiguous, and what another township may not tell."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from accounts.rights import Role
from grids.models import Grid, Membership
from services.models import ServiceCategory
from services.paper.directory import Directory, short_name
from tests.factories import (
    make_category,
    make_membership,
    make_team,
    make_township,
    make_user,
    make_village,
    make_volunteer,
)
from volunteers.pinyin import pinyin_of

pytestmark = pytest.mark.django_db
DAY = date(2026, 7, 6)


def person(name, village, **fields):
    pinyin, initials = pinyin_of(name)
    return make_volunteer(village=village, name=name, name_pinyin=pinyin, name_initials=initials, **fields)


@pytest.fixture
def village():
    return make_village(name="东岸村", township=make_township(name="大荆镇"))


@pytest.fixture
def team(village):
    team = make_team(
        grid=Grid.objects.create(village=village, number=3, households=30), name="东岸村第3网格服务队", members=0
    )
    for number, name in enumerate(("李小明", "王国华", "单小明"), start=1):
        make_membership(team, person(name, village, number=f"{number:07}"))
    return team


@pytest.fixture
def directory(team):
    return Directory(make_user(Role.TOWNSHIP_STAFF, township=team.township))


def names(directory, typed, team, **options):
    found = directory.people_in(typed, team, DAY, **options)
    return [(one.name, found.minutes[one.pk], one.pk in found.helpers) for one in found.found]


def refusal(act, *args, **options):
    with pytest.raises(ValidationError) as refused:
        act(*args, **options)
    return refused.value.messages[0]


@pytest.mark.parametrize(
    "typed",
    [
        "东岸村第3网格服务队",
        "东岸3",
        "东岸村3",
        "东岸村第3网格",
        "东岸 3",
        "da3",
        "dac3",
        "DAC3",
        "ｄａ３",
        "dacd3wgfwd",
        "第3网格",
    ],
)
def test_team_is_found_by_name_village_and_grid_or_initials(directory, team, typed):
    assert directory.team(typed) == team


def test_team_that_may_be_two_is_refused_with_both(directory, team):
    other = make_village(name="德安村", township=team.township)
    make_team(grid=Grid.objects.create(village=other, number=3, households=30), name="德安村第3网格服务队")

    told = refusal(directory.team, "da3")

    assert "东岸村第3网格服务队、德安村第3网格服务队" in told


def test_team_of_another_township_is_not_known(directory):
    make_team(name="远方服务队")

    assert refusal(directory.team, "远方服务队") == (
        "No team of yours is called “远方服务队”. Write its name, or village and grid, such as 东岸3."
    )


def test_village_whose_name_is_read_like_a_surname_has_both_initials(directory, team):
    """乐 is yue as a surname, le in the word; 曾 is zeng or ceng."""
    village = make_village(name="单家村", township=team.township)
    other = make_team(grid=Grid.objects.create(village=village, number=1, households=9), name="第一队")

    assert directory.team("sj1") == directory.team("dj1") == other
    assert short_name(other) == "单家1"


@pytest.mark.parametrize("typed", ["cleaning", "清洁环境", "qjhj", "QJ", "清洁", "Cleaning up", "clean"])
def test_category_is_found_by_code_name_or_initials(directory, typed):
    assert directory.category(typed).code == "cleaning"


def test_category_that_may_be_two_is_refused_with_both(directory):
    make_category(code="x1", name="青年活动")
    make_category(code="x2", name="秋收帮忙")

    assert "清洁环境、其他、青年活动、秋收帮忙" in refusal(directory.category, "q")
    assert refusal(directory.category, "跳舞").startswith("There is no category “跳舞”")


def test_retired_category_is_not_offered(directory):
    ServiceCategory.objects.filter(code="other").update(is_retired=True)

    assert "其他" not in refusal(directory.category, "跳舞")


def test_people_are_found_by_number_name_initials_pinyin_and_place(directory, team):
    assert names(directory, "0000002", team) == [("王国华", None, False)]
    assert names(directory, "李小明、wgh", team) == [("李小明", None, False), ("王国华", None, False)]
    assert names(directory, "lixiaoming:45", team) == [("李小明", 45, False)]
    assert names(directory, "单小明(0000003)：30分钟", team) == [("单小明", 30, False)]
    assert names(directory, "1, 3", team, places=True) == [("李小明", None, False), ("王国华", None, False)]
    assert len(names(directory, ".", team)) == len(names(directory, "全体", team)) == 3


def test_badge_numbers_that_lost_their_zeros_are_padded(directory, team):
    assert names(directory, "2 3", team) == [("王国华", None, False), ("单小明", None, False)]


def test_somebody_named_twice_counts_once(directory, team):
    assert names(directory, "lxm 李小明:20", team) == [("李小明", 20, False)]


def test_initials_of_two_members_are_refused_with_their_numbers(directory, team):
    make_membership(team, person("林晓梅", team.grid.village, number="0000009"))

    told = refusal(directory.people_in, "lxm", team, DAY)

    assert told == "“lxm” may be: 李小明(0000001)、林晓梅(0000009). Write the number of the one meant."


def test_helpers_are_marked_and_those_who_are_not_are_told_how(directory, team):
    person("黄大仙", team.grid.village, number="0000077")

    assert names(directory, "lxm +hdx:20", team) == [("李小明", None, False), ("黄大仙", 20, True)]
    assert names(directory, "lxm *黄大仙", team)[1] == ("黄大仙", None, True)
    assert names(directory, "0000077", team) == [("黄大仙", None, True)]
    assert refusal(directory.people_in, "hdx", team, DAY) == (
        "“hdx” was not in the team on that day. Put + before helpers from other teams: +hdx."
    )


def test_members_are_those_of_the_day(directory, team):
    gone = person("赵早", team.grid.village)
    make_membership(team, gone, joined_on=date(2025, 1, 1), left_on=date(2026, 1, 1))

    assert directory.people_in("zz", team, date(2025, 6, 1)).helpers == set()
    assert "was not in the team" in refusal(directory.people_in, "zz", team, DAY)


def test_member_of_that_day_who_lives_elsewhere_now_is_known_by_the_team_only(directory, team):
    mover = person("钱塘江", make_village(), number="0000055")
    make_membership(team, mover, joined_on=date(2024, 1, 1), left_on=date(2025, 1, 1))

    assert directory.people_in("qtj", team, date(2024, 6, 1)).found == [mover]
    assert refusal(directory.people_in, "+qtj", team, DAY).startswith("Nobody of the township")


def test_another_townships_people_are_not_told_of(directory, team):
    person("李四海", make_village(), number="0000088")

    assert refusal(directory.people_in, "0000088", team, DAY) == "Nobody of the township has the number 0000088."
    for typed in ("+李四海", "+lsh", "李四海", "lsh"):
        told = refusal(directory.people_in, typed, team, DAY)
        assert "0000088" not in told
        assert "李四海" not in told.replace(typed, "").replace(typed[1:], "")


@pytest.mark.parametrize("typed", ["9", "0"])
def test_place_beyond_the_list_is_refused(directory, team, typed):
    assert "had 3 members" in refusal(directory.people_in, typed, team, DAY, places=True)


@pytest.mark.parametrize("typed", ["lxm:0", "lxm:961", "lxm::5", "+", "a(b", "lxm:4:5", "=1+1", "😀", "'; DROP TABLE"])
def test_rubbish_is_refused_and_never_breaks(directory, team, typed):
    assert refusal(directory.people_in, typed, team, DAY)


def test_leader_names_the_own_teams_only(team):
    chief = Membership.objects.filter(team=team).first()
    user = make_user(Role.TEAM_LEADER, township=team.township)
    chief.role = "leader"
    chief.save()
    chief.volunteer.user = user
    chief.volunteer.save()
    make_team(township=team.township, name="邻居服务队")

    directory = Directory(user)

    assert list(directory.teams.values()) == [team]
    assert "邻居" not in refusal(directory.team, "不知道")


def test_directory_asks_the_same_whatever_the_number_of_lines(directory, team, django_assert_max_num_queries):
    for _ in range(6):
        make_team(township=team.township)
    with django_assert_max_num_queries(6):
        for _ in range(50):
            directory.team("东岸3")
            directory.category("qj")
            directory.people_in("lxm 0000002", team, DAY)
