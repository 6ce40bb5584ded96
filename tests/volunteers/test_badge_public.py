"""The page behind the QR code: valid, expired or void, no more than was agreed to, and nothing for guesses."""

from datetime import date
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from accounts.rights import Role
from common.models import Attempts
from tests.factories import make_badge, make_membership, make_team, make_user, make_volunteer
from volunteers.badge_code import code_of, short_code
from volunteers.domain.badge import reissue_badge, report_lost, revoke_badge
from volunteers.domain.volunteer import leave, suspend
from volunteers.views.badge_public import ALL_WRONG_NUMBERS, ONE_EACH, WRONG_CODES, WRONG_NUMBERS

pytestmark = pytest.mark.django_db


def page_of(badge) -> str:
    response = Client().get(reverse("badges:show", args=[code_of(badge)]))
    assert response.status_code == 200
    return unescape(response.content.decode())


def served(**fields):
    """Make a volunteer in a team, with everything that the page must not tell."""
    team = make_team(name="清泉服务队")
    told = {
        "name": "仇小丽",
        "phone": "13812345678",
        "birth_date": date(1979, 3, 8),
        "unit": "秘密单位",
        "speciality": "修水泵",
        "party_branch": "某支部",
        "shows_name": True,
    }
    volunteer = make_volunteer(village=team.grid.village, **(told | fields))
    make_membership(team, volunteer)
    return volunteer


def test_valid_badge_shows_name_number_team_and_township_and_nothing_else():
    badge = make_badge(served())
    page = page_of(badge)

    assert "This badge is valid" in page
    for told in ("仇小丽", badge.number, "清泉服务队", badge.volunteer.township.name):
        assert told in page
    for kept in ("13812345678", "5678", "1979", "秘密单位", "修水泵", "某支部", badge.volunteer.village.name):
        assert kept not in page


def test_name_is_not_shown_without_consent_nor_once_it_is_taken_back():
    badge = make_badge(served(shows_name=False))
    page = page_of(badge)

    assert "This badge is valid" in page
    assert "仇小丽" not in page
    assert badge.number in page


def test_expired_badge_says_so():
    badge = make_badge(served(), issued_on=date(2020, 1, 1), valid_until=date(2023, 12, 31))
    page = page_of(badge)

    assert "This badge has expired" in page
    assert "is valid" not in page


@pytest.mark.parametrize("end", [reissue_badge, report_lost, revoke_badge])
def test_void_badge_says_so_without_the_reason(end):
    badge = make_badge(served())
    end(badge, reason="在菜场丢了", by=make_user(Role.ADMIN))
    page = page_of(badge)

    assert "This badge is void" in page
    assert "is valid" not in page
    assert "菜场" not in page


def test_badge_of_somebody_away_is_not_valid_and_who_left_is_not_named():
    badge, admin = make_badge(served()), make_user(Role.ADMIN)
    suspend(badge.volunteer, reason="私事", by=admin)
    page = page_of(badge)
    assert "This badge is not valid" in page
    assert "does not serve" in page
    assert "私事" not in page

    leave(badge.volunteer, reason="私事", by=admin)
    page = page_of(badge)
    assert "This badge is not valid" in page
    assert "仇小丽" not in page
    assert "清泉服务队" not in page


def test_page_keeps_caches_and_search_engines_away_and_is_small():
    response = Client().get(reverse("badges:show", args=[code_of(make_badge(served()))]))

    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert len(response.content) < 100_000


def test_page_asks_little_of_the_database_and_writes_nothing(django_assert_max_num_queries):
    url = reverse("badges:show", args=[code_of(make_badge(served()))])
    with django_assert_max_num_queries(3):
        Client().get(url)

    assert not Attempts.objects.exists()


@pytest.mark.parametrize("code", ["23456789ACD", "0000001-01", "1", "%E4%B9%89%E5%B7%A5", "a" * 500])
def test_guessed_code_is_said_to_be_none(code):
    badge = make_badge(served())
    response = Client().get(f"/badge/{code}/")
    page = unescape(response.content.decode())

    assert response.status_code == 404
    assert "There is no such badge" in page
    assert "mistyped, or the badge is forged" in page
    assert badge.number not in page


def test_number_and_code_beside_it_lead_to_the_page():
    badge = make_badge(served())
    typed = {"number": badge.number.replace("-", " "), "short_code": short_code(code_of(badge)).lower()}
    response = Client().post(reverse("badges:ask"), typed)

    assert response.status_code == 302
    assert response["Location"] == reverse("badges:show", args=[code_of(badge)])


def test_number_with_a_wrong_code_says_nothing_of_the_badge():
    badge, other = make_badge(served()), make_badge()
    wrong = {"number": badge.number, "short_code": short_code(code_of(other))}
    unknown = {"number": "9999999-01", "short_code": short_code(code_of(other))}
    answers = [Client().post(reverse("badges:ask"), typed) for typed in (wrong, unknown)]
    pages = [unescape(answer.content.decode()) for answer in answers]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert all("There is no such badge" in page for page in pages)
    assert all("仇小丽" not in page and "清泉服务队" not in page for page in pages)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"number": "", "short_code": ""}, "Type the number that is printed on the badge."),
        ({"number": "123", "short_code": "7KM-X3R"}, "A badge number has nine digits"),
        ({"number": "0000123-01", "short_code": "7KM"}, "A check code has six signs"),
    ],
)
def test_what_can_be_no_badge_is_said_at_the_field_and_costs_no_attempt(typed, message):
    response = Client().post(reverse("badges:ask"), typed)

    assert response.status_code == 422
    assert message in unescape(response.content.decode())
    assert not Attempts.objects.exists()


# --- How often --------------------------------------------------------------------------------------------


def spend(limit, who="", left=0):
    Attempts.objects.create(
        scope=limit.scope, who=limit._hash_of(who, limit._window()), begins=limit._window(), number=limit.most - left
    )


def test_too_many_wrong_codes_from_one_line_close_it_and_no_other():
    badge = make_badge(served())
    url = reverse("badges:show", args=[code_of(badge)])
    spend(WRONG_CODES, "127.0.0.1", left=1)
    assert Client().get(url).status_code == 200
    assert Client().get("/badge/23456789ACD/").status_code == 404

    closed = Client().get(url)
    assert closed.status_code == 429
    assert "Too many wrong codes" in closed.content.decode()
    assert badge.number not in closed.content.decode()
    assert Client(REMOTE_ADDR="192.0.2.7").get(url).status_code == 200


def test_too_many_wrong_numbers_from_one_line_close_the_form_to_it():
    badge = make_badge(served())
    right = {"number": badge.number, "short_code": short_code(code_of(badge))}
    for _ in range(WRONG_NUMBERS.most):
        assert Client().post(reverse("badges:ask"), right | {"short_code": "222222"}).status_code == 404

    closed = Client().post(reverse("badges:ask"), right)
    assert closed.status_code == 429
    assert "Too many wrong codes" in closed.content.decode()
    assert Client(REMOTE_ADDR="192.0.2.7").post(reverse("badges:ask"), right).status_code == 302
    assert Client().get(reverse("badges:show", args=[code_of(badge)])).status_code == 200


def test_right_codes_are_not_counted():
    badge = make_badge(served())
    typed = {"number": badge.number, "short_code": short_code(code_of(badge))}
    for _ in range(3):
        Client().post(reverse("badges:ask"), typed)
        Client().get(reverse("badges:show", args=[code_of(badge)]))

    assert set(Attempts.objects.values_list("number", flat=True)) <= {0}


def test_short_codes_are_limited_for_everybody_together_and_each_line_keeps_one_try():
    badge = make_badge(served())
    spend(ALL_WRONG_NUMBERS)
    wrong = {"number": badge.number, "short_code": "222222"}
    right = {"number": badge.number, "short_code": short_code(code_of(badge))}

    assert Client(REMOTE_ADDR="192.0.2.8").post(reverse("badges:ask"), right).status_code == 302
    assert Client(REMOTE_ADDR="192.0.2.9").post(reverse("badges:ask"), wrong).status_code == 404
    assert Client(REMOTE_ADDR="192.0.2.9").post(reverse("badges:ask"), right).status_code == 429
    assert ONE_EACH.is_spent("192.0.2.9")
