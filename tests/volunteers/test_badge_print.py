"""Badges as PDF: who is in it, who is left out and why, kept privately for some days, and on record for ever."""

from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.rights import Role
from common.rules import RuleBroken
from tests.factories import (
    make_badge,
    make_badge_print,
    make_membership,
    make_team,
    make_township,
    make_user,
    make_volunteer,
)
from tests.papers import pages_of
from volunteers.badge_code import code_of, short_code
from volunteers.badge_paper import cards_of, paper_of, set_paper
from volunteers.domain import badge_print as domain
from volunteers.domain.badge import report_lost
from volunteers.domain.badge_print import carry_out, forget_prints, print_badges
from volunteers.domain.volunteer import suspend
from volunteers.models import Badge, BadgePrint, PrintedBadge

pytestmark = pytest.mark.django_db
# No font has a glyph for it: the last character of the last CJK extension is not assigned.
UNKNOWN = "\U00032000"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.PRINT_ROOT = tmp_path


def file_of(made: BadgePrint) -> bytes:
    [path] = Path(settings.PRINT_ROOT).glob(f"*/{made.file_name}.pdf")
    return path.read_bytes()


# --- What is set ------------------------------------------------------------------------------------------


def test_cards_are_bank_cards_and_sheets_hold_ten():
    badges = [make_badge() for _ in range(11)]
    cards, sheets = (make_badge_print(*badges, layout=layout) for layout in ("cards", "sheets"))

    assert pages_of(file_of(cards)) == [(85.6, 54.0)] * 11
    assert pages_of(file_of(sheets)) == [(210.0, 297.0)] * 2


def test_backs_follow_their_fronts():
    badges = [make_badge() for _ in range(2)]
    cards, sheets = (make_badge_print(*badges, layout=layout, has_backs=True) for layout in ("cards", "sheets"))

    assert len(pages_of(file_of(cards))) == 4
    assert len(pages_of(file_of(sheets))) == 2


def test_card_says_what_it_should_and_its_code_leads_to_the_public_page(settings):
    settings.SITE_URL = "https://yiwang.example.cn"
    team = make_team(name="清泉服务队")
    volunteer = make_volunteer(village=team.grid.village, name="仇小丽", unit="柳市镇政府", phone="13812345678")
    make_membership(team, volunteer)
    badge = make_badge(volunteer)
    data, files = paper_of(cards_of(Badge.objects.all()), has_backs=True)

    [card] = data["badges"]
    code = card.pop("code")
    assert card == {
        "name": "仇小丽",
        "gender": "女",
        "skill": volunteer.primary_skill.name,
        "team": "清泉服务队",
        "unit": "柳市镇政府",
        "township": volunteer.township.name,
        "number": badge.number,
        "valid_until": f"{badge.valid_until:%Y-%m-%d}",
        "short_code": short_code(code_of(badge)),
        "photo": None,
    }
    assert files == {}
    assert code.startswith("<svg")
    assert data["site"] == "yiwang.example.cn/badge"
    assert "13812345678" not in str(data)


def test_long_words_are_cut_where_the_card_ends():
    volunteer = make_volunteer(unit="单" * 60, name="阿卜杜拉·买买提")
    make_badge(volunteer)
    data, _ = paper_of(cards_of(Badge.objects.all()), has_backs=False)

    assert data["badges"][0]["unit"] == "单" * 26 + "…"
    assert data["badges"][0]["name"] == "阿卜杜拉·买买提"


@pytest.mark.parametrize("name", ["单晓䶮", "㛃喆𠅤", "阿卜杜拉·买买提", "X" * 40, '#set page(fill: red) "引" $x$ \\'])
def test_rare_and_odd_names_are_set_as_they_are(name):
    make_badge(make_volunteer(name=name))

    assert set_paper(cards_of(Badge.objects.all()), "cards", has_backs=False).startswith(b"%PDF")


def test_team_by_team_as_they_are_handed_out():
    township = make_township()
    teams = [make_team(township=township, name=name, members=0) for name in ("乙队", "甲队")]
    for team in (teams[0], teams[1], teams[0]):
        volunteer = make_volunteer(village=team.grid.village)
        make_membership(team, volunteer)
        make_badge(volunteer)

    assert [card.team for card in cards_of(Badge.objects.all())] == sorted(["乙队", "甲队", "乙队"])


def test_queries_do_not_grow_with_the_badges(django_assert_max_num_queries):
    for _ in range(3):
        make_badge()
    with django_assert_max_num_queries(2):
        paper_of(cards_of(Badge.objects.all()), has_backs=False)


# --- Who is left out --------------------------------------------------------------------------------------


def test_missing_character_leaves_one_out_by_name_and_prints_the_others():
    odd = make_badge(make_volunteer(name=f"王{UNKNOWN}"))
    good = make_badge(make_volunteer(name="单晓䶮"))
    made = make_badge_print(odd, good, layout="cards")

    assert (made.count, made.printed) == (2, 1)
    assert len(pages_of(file_of(made))) == 1
    row = made.badges.exclude(left_out="").get()
    assert (row.badge, row.left_out, row.lacking) == (odd, "glyphs", f"{UNKNOWN} (U+32000)")
    assert Badge.objects.get(pk=odd.pk).printed_at is None
    assert Badge.objects.get(pk=good.pk).printed_at is not None


def test_missing_character_of_unit_or_team_counts_too():
    make_badge(make_volunteer(unit=f"某{UNKNOWN}厂"))
    made = make_badge_print(*Badge.objects.all())

    assert (made.printed, made.file_name) == (0, "")
    assert made.badges.get().left_out == "glyphs"


def test_badge_that_ends_before_its_turn_is_left_out():
    lost, good = make_badge(), make_badge()
    made = print_badges([lost.pk, good.pk], layout="cards", by=make_user(Role.ADMIN))
    report_lost(lost, reason="丢", by=make_user(Role.ADMIN))
    carry_out(made, lambda done, total: None)

    made.refresh_from_db()
    assert (made.printed, made.badges.get(badge=lost).left_out) == (1, "not_valid")


def test_badge_whose_key_is_lost_is_left_out(settings):
    badge = make_badge()
    settings.BADGE_KEYS = ["a new key"]
    made = make_badge_print(badge)

    assert (made.printed, made.badges.get().left_out) == (0, "no_code")


def test_void_expired_and_suspended_badges_are_not_printed():
    admin, today = make_user(Role.ADMIN), timezone.localdate()
    lost, away = make_badge(), make_badge()
    report_lost(lost, reason="丢", by=admin)
    suspend(away.volunteer, reason="进修", by=admin)
    expired = make_badge(issued_on=today - timedelta(days=9), valid_until=today - timedelta(days=1))
    pks = [lost.pk, away.pk, expired.pk]

    with pytest.raises(RuleBroken, match="None of these badges is valid"):
        print_badges(pks, layout="cards", by=admin)
    good = make_badge()
    assert print_badges([*pks, good.pk], layout="cards", by=admin).count == 1


def test_more_than_fit_are_refused(monkeypatch):
    monkeypatch.setattr(domain, "MOST_PRINTED", 2)

    with pytest.raises(RuleBroken, match="At most 2 badges"):
        print_badges([1, 2, 3], layout="cards", by=make_user(Role.ADMIN))
    with pytest.raises(RuleBroken) as broken:
        print_badges([1], layout="posters", by=make_user(Role.ADMIN))
    assert broken.value.field == "layout"


# --- Once, kept, forgotten --------------------------------------------------------------------------------


def test_print_is_recorded_with_who_what_and_how_many():
    staff = make_user(Role.TOWNSHIP_STAFF)
    badges = [make_badge(make_volunteer(township=staff.township)) for _ in range(3)]
    made = make_badge_print(*badges, by=staff)

    entry = AuditEntry.objects.get(event="print_badges", content_type__model="badgeprint", action=0)
    assert (entry.actor, entry.changes["count"][1]) == (staff, 3)
    assert set(made.badges.values_list("badge", flat=True)) == {badge.pk for badge in badges}
    assert made.township == staff.township


def test_work_that_is_begun_anew_prints_once():
    made = make_badge_print()
    before = file_of(made)
    carry_out(BadgePrint.objects.get(pk=made.pk), lambda done, total: None)
    stale = BadgePrint(pk=made.pk, count=made.count, layout=made.layout)
    carry_out(stale, lambda done, total: None)

    report_lost(Badge.objects.get(), reason="丢", by=make_user(Role.ADMIN))
    carry_out(stale, lambda done, total: None)

    made.refresh_from_db()
    assert made.badges.get().left_out == ""
    assert file_of(made) == before
    assert len(list(Path(settings.PRINT_ROOT).glob("*/*.pdf"))) == 1


def test_file_is_readable_by_the_application_alone():
    made = make_badge_print()
    [path] = Path(settings.PRINT_ROOT).glob(f"*/{made.file_name}.pdf")

    assert path.stat().st_mode & 0o077 == 0


def test_files_are_deleted_after_some_days_and_the_record_stays(capsys):
    import os

    old, new = make_badge_print(), make_badge_print()
    long_ago = timezone.now() - timedelta(days=8)
    BadgePrint.objects.filter(pk=old.pk).update(at=long_ago)
    [path] = Path(settings.PRINT_ROOT).glob(f"*/{old.file_name}.pdf")
    os.utime(path, (long_ago.timestamp(), long_ago.timestamp()))
    call_command("nightly")

    assert "1 files of printed badges deleted" in capsys.readouterr().out
    old.refresh_from_db()
    assert (old.file_name, old.printed) == ("", 1)
    assert not path.exists()
    assert file_of(new)
    assert PrintedBadge.objects.filter(print=old).count() == 1
    assert forget_prints() == 0


# --- The pages --------------------------------------------------------------------------------------------


def test_chosen_badges_are_printed_and_the_file_waits_on_the_page(client_of, django_capture_on_commit_callbacks):
    client = client_of(Role.TOWNSHIP_STAFF)
    badges = [make_badge(make_volunteer(township=client.user.township)) for _ in range(2)]
    elsewhere = make_badge()
    keys = [badge.pk for badge in (*badges, elsewhere)]
    asked = client.post(reverse("volunteers:badge_print"), {"key": keys})
    page = unescape(asked.content.decode())
    assert asked.status_code == 200
    assert "2 badges will be printed." in page

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(
            reverse("volunteers:badge_print"), {"key": keys, "step": "print", "layout": "cards", "has_backs": "on"}
        )
    made = BadgePrint.objects.get()
    assert answer["Location"] == made.get_absolute_url()
    assert (made.printed, made.has_backs, made.work_state) == (2, True, "done")
    assert elsewhere.pk not in made.badges.values_list("badge", flat=True)
    assert "Open the PDF" in client.get(made.get_absolute_url()).content.decode()
    file = client.get(reverse("volunteers:badge_print_file", args=[made.pk]))
    assert file["Content-Type"] == "application/pdf"
    assert "no-store" in file["Cache-Control"]
    assert len(pages_of(b"".join(file.streaming_content))) == 4


def test_all_found_are_printed(client_of):
    client = client_of(Role.ADMIN)
    there, elsewhere = make_badge(), make_badge()
    url = reverse("volunteers:badge_print") + f"?township={there.volunteer.township_id}"
    client.post(url, {"all": "on", "step": "print", "layout": "sheets"})

    assert list(BadgePrint.objects.get().badges.values_list("badge", flat=True)) == [there.pk]
    assert elsewhere.printed_at is None


def test_nothing_chosen_and_a_layout_that_is_none_are_said(client_of):
    client = client_of(Role.ADMIN)
    nothing = client.post(reverse("volunteers:badge_print"), {}, follow=True)
    assert "Nothing was chosen" in nothing.content.decode()

    badge = make_badge()
    wrong = client.post(reverse("volunteers:badge_print"), {"key": badge.pk, "step": "print", "layout": "poster"})
    assert wrong.status_code == 422
    assert not BadgePrint.objects.exists()


def test_page_names_who_was_left_out_and_why(client_of):
    client = client_of(Role.ADMIN)
    odd = make_badge(make_volunteer(name=f"王{UNKNOWN}"))
    made = make_badge_print(odd, make_badge())
    page = unescape(client.get(made.get_absolute_url()).content.decode())

    assert "1 badge was left out" in page
    assert f"王{UNKNOWN}" in page
    assert "U+32000" in page
    assert "1 of 2" in page


def test_file_that_is_gone_is_a_404_and_the_page_says_so(client_of):
    client = client_of(Role.ADMIN)
    made = make_badge_print()
    BadgePrint.objects.filter(pk=made.pk).update(file_name="")

    assert client.get(reverse("volunteers:badge_print_file", args=[made.pk])).status_code == 404
    assert "The file has been deleted." in client.get(made.get_absolute_url()).content.decode()
