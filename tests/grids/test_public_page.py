"""The page behind a contact card's QR code: who helps, as far as they agreed, whom to call, and nothing for guesses."""

from html import unescape

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from accounts.rights import Role
from common.models import Attempts
from grids.domain.grid import draw_grid, retire_grid
from grids.domain.page import find_grid
from grids.domain.team import dissolve_team
from grids.models import Grid, Team
from grids.views.public import WRONG_CODES
from tests.factories import (
    make_channel,
    make_grid,
    make_membership,
    make_skill_type,
    make_team,
    make_user,
    make_village,
    make_volunteer,
)
from tests.grids.test_merging import merge

pytestmark = pytest.mark.django_db


def answer(grid, **extra):
    return Client(**extra).get(reverse("grids:grid_public", args=[grid.page_code]))


def page_of(grid) -> str:
    response = answer(grid)
    assert response.status_code == 200
    return unescape(response.content.decode())


def member(team, **fields):
    told = {
        "name": "仇小丽",
        "phone": "13812345678",
        "unit": "秘密单位",
        "speciality": "修水泵",
        "shows_phone": True,
        "primary_skill": make_skill_type(name_en="Medical"),
    }
    volunteer = make_volunteer(village=team.grid.village, **(told | fields))
    return make_membership(team, volunteer).volunteer


def test_page_names_who_agreed_with_skill_speciality_and_phone():
    team = make_team(name="清泉服务队")
    volunteer = member(team)
    page = page_of(team.grid)

    for told in ("清泉服务队", "仇小丽", "Medical · 修水泵", "tel:13812345678", str(team.grid)):
        assert told in page
    assert volunteer.village.township.name in page
    for kept in ("秘密单位", volunteer.number, "1980"):
        assert kept not in page


def test_page_names_nobody_without_consent_to_the_card():
    team = make_team()
    member(team, shows_phone=False, shows_name=True)
    page = page_of(team.grid)

    for kept in ("仇小丽", "13812345678", "5678", "修水泵"):
        assert kept not in page
    assert "4 members serve in the team." in page
    assert "Medical" in page


def test_consent_taken_back_and_who_left_vanish_at_once():
    team = make_team()
    volunteer = member(team)
    assert "仇小丽" in page_of(team.grid)

    volunteer.shows_phone = False
    volunteer.save()
    assert "仇小丽" not in page_of(team.grid)

    volunteer.shows_phone = True
    volunteer.save()
    volunteer.memberships.update(left_on=team.formed_on)
    page = page_of(team.grid)
    assert "仇小丽" not in page
    assert "3 members" in page


def test_leader_stands_first_and_is_called_leader():
    team = make_team(members=0, state=Team.State.ACTIVE, activated_on="2020-01-01")
    member(team, name="张三")
    leader = make_volunteer(village=team.grid.village, name="李四", shows_phone=True)
    make_membership(team, leader, role="leader")
    page = page_of(team.grid)

    assert page.index("李四") < page.index("Leader") < page.index("张三")


@pytest.mark.parametrize("forming", [True, False])
def test_grid_without_a_working_team_says_so(forming):
    grid = make_grid()
    if forming:
        team = make_team(grid=grid, members=0, name="筹备队")
        member(team)
    page = page_of(grid)

    assert "At present no team serves this grid. Please turn to the office of the township." in page
    for kept in ("筹备队", "仇小丽", "13812345678"):
        assert kept not in page


def test_page_shows_the_channels_in_use_and_who_keeps_none_of_them():
    grid = make_team(members=3).grid
    township = grid.village.township
    make_channel(township=township, label="便民热线", number="0577-62000001", hours="每天 8:00–21:00", keeper="保管人")
    make_channel(township=township, label="旧热线", number="0577-62000002", is_active=False)
    make_channel(label="别镇热线", number="0577-62000003")
    page = page_of(grid)

    for told in ("便民热线", "tel:057762000001", "每天 8:00–21:00", "They are reached by the hotline."):
        assert told in page
    for kept in ("旧热线", "62000002", "62000003", "保管人"):
        assert kept not in page


def test_grid_without_a_team_leads_to_the_hotline():
    grid = make_grid()
    make_channel(township=grid.village.township, number="0577-62000001")
    page = page_of(grid)

    assert "Call the hotline: the township looks after it." in page
    assert "tel:057762000001" in page


def test_retired_grid_says_so_and_names_nobody():
    team, admin = make_team(name="老队"), make_user(Role.ADMIN)
    member(team)
    dissolve_team(team, reason="并网格", by=admin)
    retire_grid(team.grid, by=admin)
    page = page_of(team.grid)

    assert "This grid is no longer in use" in page
    for kept in ("老队", "仇小丽", "并网格"):
        assert kept not in page


def test_grid_that_was_merged_leads_to_the_one_that_it_went_into():
    kept = make_team(name="新队").grid
    first, second = (make_grid(village=kept.village) for _ in range(2))
    merge(second, first)
    merge(kept, second)
    page = page_of(Grid.objects.get(pk=first.pk))

    assert "This grid is no longer in use" in page
    assert f"It went into {kept}" in page
    assert reverse("grids:grid_public", args=[kept.page_code]) in page
    assert "新队" not in page


@pytest.mark.parametrize("code", ["23456789ACD", "1", "%E4%B9%89%E5%B7%A5", "a" * 500])
def test_guessed_code_is_said_to_be_none(code):
    grid = make_grid()
    response = Client().get(f"/grid/{code}/")

    assert response.status_code == 404
    page = unescape(response.content.decode())
    assert "There is no such page" in page
    assert grid.village.name not in page


def test_code_is_read_however_it_is_typed():
    grid = make_grid()
    typed = f"{grid.page_code[:4]}-{grid.page_code[4:]}".lower()

    assert find_grid(typed) == grid
    assert find_grid(grid.page_code[:-1]) is None


def test_too_many_wrong_codes_from_one_line_close_it_and_no_other():
    grid = make_grid()
    for _try in range(2):
        assert Client().get("/grid/23456789ACD/").status_code == 404
    Attempts.objects.update(number=WRONG_CODES.most)

    closed = answer(grid)
    assert closed.status_code == 429
    assert "Too many wrong codes" in closed.content.decode()
    assert grid.village.name not in closed.content.decode()
    assert answer(grid, REMOTE_ADDR="192.0.2.7").status_code == 200


def test_right_codes_are_not_counted():
    grid = make_grid()
    answer(grid)
    assert not Attempts.objects.exists()


def test_page_keeps_caches_and_search_engines_away_and_is_small():
    team = make_team(members=10)
    response = answer(team.grid)

    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert len(response.content) < 50_000


def test_page_asks_the_same_of_the_database_for_three_and_ten(django_assert_max_num_queries):
    for members in (3, 10):
        grid = make_team(members=members).grid
        with django_assert_max_num_queries(6):
            answer(grid)


def test_drawn_grid_has_a_code_and_no_two_have_one():
    village, admin = make_village(), make_user(Role.ADMIN)
    one, other = (draw_grid(village, number, 30, "", by=admin) for number in (1, 2))

    assert len({one.page_code, other.page_code}) == 2
    with pytest.raises(IntegrityError):
        Grid.objects.filter(pk=one.pk).update(page_code=other.page_code)
