"""Every figure about volunteers is the number of rows that its link leads to."""

from datetime import date, timedelta
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
import time_machine
from django.urls import reverse

from accounts.rights import Role
from tests.factories import make_skill_type, make_team, make_township, make_user, make_village, make_volunteer
from volunteers.counts import months_until
from volunteers.models import SkillType, Volunteer

FIGURES = reverse("volunteers:figures")
BESIDE = {"HX-Request": "true"}
KINDS = ("by_skill", "by_township", "by_unit_kind", "by_month")
pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client_of):
    return client_of(Role.ADMIN)


@pytest.fixture
def people():
    SkillType.objects.all().delete()
    farming, law = make_skill_type(position=1), make_skill_type(position=2)
    here, there = make_village(), make_village()
    one = make_volunteer(village=here, primary_skill=farming, unit_kind="school", joined_on=date(2026, 5, 31))
    two = make_volunteer(village=here, primary_skill=law, unit_kind="school", joined_on=date(2026, 6, 1))
    far = make_volunteer(village=there, primary_skill=law, unit_kind="office", joined_on=date(2026, 6, 30))
    make_volunteer(village=there, primary_skill=law, status="applied", joined_on=date(2026, 6, 2))
    one.further_skills.add(law)
    two.further_skills.add(law)  # already the first: counts once
    return here, there, farming, law, far


def shown(response, kind):
    return {label: number for label, number, _ in response.context[kind]}


@time_machine.travel("2026-07-08T04:00:00Z", tick=False)
def test_each_figure_is_the_number_of_rows_behind_it(people, admin):
    here, there, farming, law, _ = people
    response = admin.get(FIGURES)

    assert shown(response, "by_skill") == {str(farming): 1, str(law): 4}
    assert shown(response, "by_township") == {here.township.name: 2, there.township.name: 2}
    assert shown(response, "by_unit_kind") == {
        "Township office": 1, "Grassroots station": 0, "Primary or secondary school": 2, "Other unit": 1,
    }  # fmt: skip
    assert {month: number for month, number in shown(response, "by_month").items() if number} == {
        "2026-05": 1, "2026-06": 2,
    }  # fmt: skip
    for kind in KINDS:
        for label, number, url in response.context[kind]:
            assert admin.get(url).context["page"].count.number == number, (kind, label)


@time_machine.travel("2026-07-08T04:00:00Z", tick=False)
def test_figures_follow_the_filters_and_keep_them_in_their_links(people, admin):
    here, _, farming, law, _ = people
    response = admin.get(FIGURES, {"township": here.township_id, "q": "义工"})

    assert shown(response, "by_skill") == {str(farming): 1, str(law): 2}
    assert shown(response, "by_township") == {here.township.name: 2}
    for kind in KINDS:
        for _, number, url in response.context[kind]:
            assert f"township={here.township_id}" in urlsplit(url).query
            assert admin.get(url).context["page"].count.number == number


def test_beside_the_list_only_what_somebody_belongs_to_is_shown(people, admin):
    response = admin.get(FIGURES, headers=BESIDE)

    assert shown(response, "by_unit_kind") == {
        "Township office": 1, "Primary or secondary school": 2, "Other unit": 1,
    }  # fmt: skip
    assert "<html" not in response.content.decode()
    assert "HX-Request" in response["Vary"]
    assert FIGURES in admin.get(reverse("volunteers:list")).content.decode()


def test_a_township_counts_its_own_and_names_no_other(people, client_of):
    here, there, _, law, _ = people
    staff = client_of(Role.TOWNSHIP_STAFF, township=here.township)
    response = staff.get(FIGURES)

    assert shown(response, "by_skill")[str(law)] == 2
    assert response.context["by_township"] == []
    assert there.township.name not in response.content.decode()
    assert shown(staff.get(FIGURES, {"township": there.township_id}), "by_skill")[str(law)] == 2


def test_a_leader_counts_the_own_team(client_of):
    team = make_team(members=3)
    make_volunteer(village=team.grid.village)
    leader = team.memberships.get(role="leader").volunteer
    Volunteer.objects.filter(pk=leader.pk).update(user=make_user(Role.TEAM_LEADER, township=team.township))

    response = client_of(Volunteer.objects.get(pk=leader.pk).user).get(FIGURES)

    assert sum(shown(response, "by_unit_kind").values()) == 3
    assert sum(shown(response, "by_month").values()) == 0


@pytest.mark.parametrize("query", [{"joined": "soon"}, {"joined": "2026-13"}, {"township": "x"}, {"q": "长" * 200}])
def test_rubbish_in_the_address_shows_no_figures_and_says_so(people, admin, query):
    response = admin.get(FIGURES, query)

    assert response.status_code == 200
    assert response.context["problems"]
    assert sum(shown(response, "by_skill").values()) == 0


@pytest.mark.parametrize(
    ("period", "number"), [("2026", 3), ("2026-05", 1), ("2026-06", 2), ("2026-12", 0), ("2025", 0)]
)
def test_the_list_keeps_who_joined_in_a_year_or_month(people, admin, period, number):
    assert admin.get(reverse("volunteers:list"), {"joined": period}).context["page"].count.number == number


def test_months_end_with_the_present_one():
    months = months_until(date(2026, 2, 28))

    assert (months[0], months[-1], len(months)) == (date(2025, 3, 1), date(2026, 2, 1), 12)
    assert all(timedelta(28) <= later - month <= timedelta(31) for month, later in pairwise(months))


@pytest.mark.parametrize("more", [0, 20])
def test_figures_ask_as_little_for_many_as_for_few(people, admin, more, django_assert_max_num_queries):
    for _ in range(more):
        make_volunteer(township=make_township())
    admin.get(FIGURES)
    with django_assert_max_num_queries(17):
        admin.get(FIGURES)


@time_machine.travel("2026-07-08T04:00:00Z", tick=False)
def test_a_record_that_was_merged_is_counted_as_little_as_it_is_listed(admin):
    village = make_village()
    kept = make_volunteer(village=village, joined_on=date(2026, 6, 1))
    make_volunteer(
        village=village, joined_on=date(2026, 6, 2), status="left", left_on=date(2026, 7, 1), merged_into=kept
    )
    response = admin.get(FIGURES)

    assert shown(response, "by_township")[village.township.name] == 1
    for kind in KINDS:
        for label, number, url in response.context[kind]:
            assert admin.get(url).context["page"].count.number == number, (kind, label)
