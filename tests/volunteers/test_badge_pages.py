"""Badges in the office: the dossier's section, the lists with their filters, one issued, many issued, one ended."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.rights import Role
from tests.factories import make_badge, make_membership, make_team, make_user, make_volunteer
from volunteers.domain import badge as domain
from volunteers.domain.badge import report_lost, revoke_badge
from volunteers.domain.volunteer import suspend
from volunteers.models import Badge

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return unescape(response.content.decode())


@pytest.fixture
def staff(client_of):
    return client_of(Role.TOWNSHIP_STAFF)


def of_township(client, **fields):
    return make_volunteer(township=client.user.township, **fields)


# --- The dossier ------------------------------------------------------------------------------------------


def test_dossier_issues_a_badge_and_shows_it(staff):
    volunteer = of_township(staff)
    assert "There has been no badge yet." in text(staff.get(volunteer.get_absolute_url()))

    page = text(staff.post(reverse("volunteers:badge_issue", args=[volunteer.pk]), follow=True))
    badge = Badge.objects.get()
    assert f"The badge {badge.number} was issued." in page
    assert "Never printed." in page
    again = text(staff.post(reverse("volunteers:badge_issue", args=[volunteer.pk]), follow=True))
    assert "Re-issue it if another one is needed" in again


@pytest.mark.parametrize(
    ("how", "state", "said"),
    [("reissue", "replaced", "was issued, and"), ("lost", "lost", "is void."), ("revoke", "revoked", "is void.")],
)
def test_badge_is_ended_with_a_reason_on_a_page_of_its_own(staff, how, state, said):
    badge = make_badge(of_township(staff))
    url = reverse(f"volunteers:badge_{how}", args=[badge.pk])
    assert badge.number in text(staff.get(url))
    assert staff.post(url, {"reason": " "}).status_code == 422
    assert Badge.objects.get().state == "issued"

    page = text(staff.post(url, {"reason": "在菜场丢了"}, follow=True))
    assert said in page
    assert "在菜场丢了" in page
    assert Badge.objects.get(pk=badge.pk).state == state


def test_ending_what_has_ended_says_so_and_keeps_what_was_typed(staff):
    badge = make_badge(of_township(staff))
    report_lost(badge, reason="丢了", by=staff.user)
    answer = staff.post(reverse("volunteers:badge_revoke", args=[badge.pk]), {"reason": "另有原因"})

    assert answer.status_code == 422
    assert "is void already (Lost)" in text(answer)
    assert "另有原因" in text(answer)


def test_dossier_of_somebody_away_says_that_the_badge_is_not_valid(staff):
    badge = make_badge(of_township(staff))
    suspend(badge.volunteer, reason="进修", by=make_user(Role.ADMIN))
    page = text(staff.get(badge.volunteer.get_absolute_url()))

    assert "Not valid while away" in page
    assert reverse("volunteers:badge_reissue", args=[badge.pk]) not in page


def test_readers_see_no_buttons(client_of):
    badge = make_badge()
    page = text(client_of(Role.AUDITOR).get(badge.volunteer.get_absolute_url()))

    assert badge.number in page
    assert reverse("volunteers:badge_revoke", args=[badge.pk]) not in page


# --- The lists --------------------------------------------------------------------------------------------


def test_list_is_narrowed_down_by_what_a_badge_is_worth(client_of):
    client, today = client_of(Role.ADMIN), timezone.localdate()
    admin = make_user(Role.ADMIN)
    valid = make_badge()
    soon = make_badge(valid_until=today + timedelta(days=60))
    later = make_badge(valid_until=today + timedelta(days=61))
    expired = make_badge(issued_on=today - timedelta(days=9), valid_until=today - timedelta(days=1))
    away, void = make_badge(), make_badge()
    suspend(away.volunteer, reason="进修", by=admin)
    revoke_badge(void, reason="收回", by=admin)
    Badge.objects.filter(pk=valid.pk).update(printed_at=timezone.now())

    def found(**filters):
        page = text(client.get(reverse("volunteers:badge_list"), filters))
        return {badge for badge in Badge.objects.all() if badge.number in page}

    assert found() == {valid, soon, later, expired, away, void}
    assert found(standing="valid") == {valid, soon, later}
    assert found(standing="expired") == {expired}
    assert found(standing="away") == {away}
    assert found(standing="void") == {void}
    assert found(soon="on") == {soon}
    assert found(printed="once") == {valid}
    assert found(printed="never", standing="valid") == {soon, later}
    assert found(q=valid.number) == found(q=valid.volunteer.name) == {valid}
    assert found(township=valid.volunteer.township_id) == {valid}
    assert found(q="没有这个人") == set()


def test_staff_see_their_townships_badges_only(staff):
    own, elsewhere = make_badge(of_township(staff)), make_badge()
    page = text(staff.get(reverse("volunteers:badge_list")))

    assert own.number in page
    assert elsewhere.number not in page
    assert elsewhere.volunteer.name not in page


def test_who_needs_a_badge_is_listed_with_the_last_one(staff):
    today = timezone.localdate()
    never = of_township(staff, name="从未有")
    lost = make_badge(of_township(staff, name="丢失过"))
    report_lost(lost, reason="丢", by=staff.user)
    expiring = make_badge(of_township(staff, name="快到期"), valid_until=today + timedelta(days=20))
    in_team = make_team(township=staff.user.township, members=0)
    make_membership(in_team, never)
    make_badge(of_township(staff, name="有效证"))
    of_township(staff, name="已停用", status="suspended")
    make_volunteer(name="别处人")

    def found(**filters):
        page = text(staff.get(reverse("volunteers:badge_needed"), filters))
        return {name for name in ("从未有", "丢失过", "快到期", "有效证", "已停用", "别处人") if name in page}

    assert found() == {"从未有", "丢失过", "快到期"}
    assert found(lacks="first") == {"从未有"}
    assert found(lacks="again") == {"丢失过"}
    assert found(lacks="expired") == {"快到期"}
    assert found(team="some") == {"从未有"}
    assert found(q="丢失过") == {"丢失过"}
    assert expiring.number in text(staff.get(reverse("volunteers:badge_needed")))


# --- Many -------------------------------------------------------------------------------------------------


def test_ticked_ones_get_badges_and_nobody_of_elsewhere(staff):
    own, other, elsewhere = of_township(staff), of_township(staff), make_volunteer()
    page = text(
        staff.post(reverse("volunteers:badge_issue_many"), {"key": [own.pk, elsewhere.pk, "x", "9" * 30]}, follow=True)
    )

    assert "1 badge was issued." in page
    assert list(Badge.objects.values_list("volunteer", flat=True)) == [own.pk]
    assert not other.badges.exists()


def test_all_found_get_badges_once(staff):
    volunteers = [of_township(staff) for _ in range(3)]
    url = reverse("volunteers:badge_issue_many")
    assert "3 badges were issued." in text(staff.post(url, {"all": "on"}, follow=True))
    assert "find nothing any more" in text(staff.post(url, {"all": "on"}, follow=True))

    assert Badge.objects.count() == len(volunteers)


def test_too_many_at_once_are_refused_whole(staff, monkeypatch):
    monkeypatch.setattr(domain, "MOST_AT_ONCE", 2)
    for _ in range(3):
        of_township(staff)
    page = text(staff.post(reverse("volunteers:badge_issue_many"), {"all": "on"}, follow=True))

    assert "At most 2 badges are issued at a time." in page
    assert not Badge.objects.exists()


def test_nothing_ticked_is_said(staff):
    page = text(staff.post(reverse("volunteers:badge_issue_many"), {}, follow=True))

    assert "Nothing was chosen" in page
