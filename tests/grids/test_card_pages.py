"""Contact cards in the office: the list, printing what is chosen, batches, hand-outs and the grid's page."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.rights import Role
from grids.models import CardBatch, CardPrint, HandOut, Team
from grids.views import card_print as views
from tests.factories import (
    make_card_batch,
    make_channel,
    make_hand_out,
    make_settings,
    make_team,
)

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return unescape(response.content.decode())


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.PRINT_ROOT = tmp_path


@pytest.fixture
def staff(client_of):
    client = client_of(Role.TOWNSHIP_STAFF)
    make_channel(township=client.user.township)
    return client


def team_of(client, **fields):
    return (
        make_team(grid=None, **fields)
        if client is None
        else make_team(members=3, township=client.user.township, **fields)
    )


# --- The list ---------------------------------------------------------------------------------------------


def test_list_shows_own_grids_in_use_with_their_state_and_reason(staff):
    batch = make_card_batch(team_of(staff).grid)
    elsewhere = make_card_batch()
    page = text(staff.get(reverse("grids:card_list")))
    assert "To hand out" in page
    assert str(elsewhere.grid) not in page

    Team.objects.filter(pk=batch.team_id).update(name="清泉服务队")
    page = text(staff.get(reverse("grids:card_list") + "?state=outdated"))
    assert "To print anew" in page
    assert "and is “清泉服务队”." in page
    assert "Print all of these anew" in page


def test_list_of_a_township_without_cards_says_who_switches_them_on(staff):
    team_of(staff)
    make_settings(staff.user.township, uses_cards=False)
    page = text(staff.get(reverse("grids:card_list")))

    assert "This township does without contact cards." in page
    assert "An administrator switches them on" in page
    assert "Contact cards" not in text(staff.get(Team.objects.get().grid.get_absolute_url())).split("</header>")[-1]


def test_city_prints_anew_for_one_township_only(client_of):
    client, batch = client_of(Role.ADMIN), make_card_batch()
    Team.objects.filter(pk=batch.team_id).update(name="清泉服务队")
    url = reverse("grids:card_list") + "?state=outdated"

    assert "Print all of these anew" not in text(client.get(url))
    assert "Print all of these anew" in text(client.get(f"{url}&township={batch.township_id}"))


# --- Printing ---------------------------------------------------------------------------------------------


def test_one_click_prints_what_is_outdated_one_a_household(staff):
    batch = make_card_batch(team_of(staff).grid, copies=3)
    Team.objects.filter(pk=batch.team_id).update(name="清泉服务队")
    team_of(staff)
    url = reverse("grids:card_print") + "?state=outdated"
    response = staff.post(url, {"all": "on", "step": "print"})

    made = CardPrint.objects.latest("pk")
    assert response["Location"] == made.get_absolute_url()
    assert list(made.batches.values_list("grid", "copies")) == [(batch.grid_id, batch.grid.households)]
    assert "Open the PDF" in text(staff.get(made.get_absolute_url()))
    assert "Nothing matches these filters." in text(staff.get(reverse("grids:card_list") + "?state=outdated"))


def test_number_of_copies_is_asked_for_and_may_be_changed(staff):
    one, other = team_of(staff), team_of(staff)
    url, chosen = reverse("grids:card_print"), {"key": [one.grid_id, other.grid_id]}
    page = text(staff.post(url, chosen))
    assert f'name="copies-{one.grid_id}" value="30"' in page

    wrong = staff.post(url, chosen | {"step": "print", f"copies-{one.grid_id}": "9999"})
    assert wrong.status_code == 422
    assert not CardPrint.objects.exists()
    staff.post(url, chosen | {"step": "print", f"copies-{one.grid_id}": "12", f"copies-{other.grid_id}": ""})
    assert dict(CardBatch.objects.values_list("grid", "copies")) == {one.grid_id: 12, other.grid_id: 30}


def test_foreign_grids_are_not_printed(staff):
    elsewhere = make_team(members=3)
    response = staff.post(reverse("grids:card_print"), {"key": elsewhere.grid_id, "step": "print"}, follow=True)

    assert "Nothing of what was ticked is there any more." in text(response)
    assert elsewhere.grid.village.name not in text(response)
    assert not CardPrint.objects.exists()


def test_several_townships_and_too_many_grids_are_refused(client_of, monkeypatch):
    client = client_of(Role.ADMIN)
    one, other = make_team(members=3), make_team(members=3)
    page = text(client.post(reverse("grids:card_print"), {"key": [one.grid_id, other.grid_id]}, follow=True))
    assert "Cards are printed for one township at a time." in page

    monkeypatch.setattr(views, "MOST_GRIDS", 1)
    third = make_team(members=3, township=one.township)
    page = text(client.post(reverse("grids:card_print"), {"key": [one.grid_id, third.grid_id]}, follow=True))
    assert "At most 1 grids are printed at a time." in page


def test_grids_without_a_team_are_announced_before_they_are_left_out(staff):
    served, forming = team_of(staff), make_team(members=0, township=staff.user.township)
    page = text(staff.post(reverse("grids:card_print"), {"key": [served.grid_id, forming.grid_id]}))
    assert "1 of the grids has no active team: it is left out." in page


# --- Batches and hand-outs --------------------------------------------------------------------------------


def form_of(**more):
    return {"on": timezone.localdate().isoformat(), "submission": "8f14e45f-ceea-467f-a0e6-6b1a1d3c2b11"} | more


def test_hand_out_is_recorded_and_shown_and_taken_back(staff):
    batch = make_card_batch(team_of(staff).grid, copies=10)
    url = reverse("grids:card_hand_out", args=[batch.pk])
    assert 'name="count" value="10"' in text(staff.get(url))
    page = text(staff.post(url, form_of(count="4", received_by="村委会"), follow=True))
    assert "The hand-out was recorded." in page
    assert "村委会" in page

    wrong = staff.post(url, form_of(count="7", received_by="又一村", submission="8f14e45f-ceea-467f-a0e6-6b1a1d3c2b12"))
    assert wrong.status_code == 422
    assert "Of these cards 6 are left in the office." in text(wrong)
    assert "又一村" in text(wrong)

    back = reverse("grids:card_hand_out_take_back", args=[HandOut.objects.get().pk])
    assert staff.post(back, {"reason": " "}).status_code == 422
    page = text(staff.post(back, {"reason": "记错"}, follow=True))
    assert "Taken back on" in page
    assert "0</strong> cards issued" in text(staff.get(reverse("grids:card_hand_out_list")))
    assert staff.get(back).status_code == 404


def test_many_batches_are_handed_out_by_one_form(staff):
    batches = [make_card_batch(team_of(staff).grid, copies=copies) for copies in (5, 7)]
    elsewhere = make_card_batch(copies=9)
    url, chosen = reverse("grids:card_hand_out_many"), {"key": [batch.pk for batch in [*batches, elsewhere]]}
    page = text(staff.post(url, chosen))
    assert "All that is left of 2 batches is recorded as handed out: 12 in all." in page

    future = (timezone.localdate() + timedelta(days=1)).isoformat()
    wrong = staff.post(url, chosen | form_of(step="hand-out", on=future, received_by="驻村干部"))
    assert wrong.status_code == 422
    assert "This day lies in the future." in text(wrong)
    assert "驻村干部" in text(wrong)

    for _sent_twice in range(2):
        page = text(staff.post(url, chosen | form_of(step="hand-out"), follow=True))
        assert "12 cards were handed out." in page
    assert sum(HandOut.objects.values_list("count", flat=True)) == 12
    elsewhere.refresh_from_db()
    assert elsewhere.handed_out == 0


def test_lists_are_narrowed_by_place_day_and_what_is_left(client_of):
    client = client_of(Role.ADMIN)
    spent, left = make_card_batch(copies=3, handed_out=3), make_card_batch(copies=4)
    today = timezone.localdate().isoformat()
    for name, query, found, missing in (
        ("card_batch_list", "?left=some", left, spent),
        ("card_batch_list", "?left=none", spent, left),
        ("card_batch_list", f"?township={left.township_id}&since={today}", left, spent),
        ("card_hand_out_list", f"?township={spent.township_id}&until={today}", spent, left),
    ):
        page = text(client.get(reverse(f"grids:{name}") + query)).split("<table")[-1]
        assert str(found.grid) in page
        assert str(missing.grid) not in page


def test_figures_lead_to_their_rows(client_of):
    client, batch = client_of(Role.AUDITOR), make_card_batch(copies=8, handed_out=5)
    page = text(client.get(reverse("grids:card_figures")))
    url = reverse("grids:card_hand_out_list") + f"?township={batch.township_id}"

    assert f'href="{url}">5</a>' in page
    assert "<strong>5</strong> cards issued" in text(client.get(url))


def test_grid_page_shows_cards_and_why_they_are_outdated(staff):
    batch = make_card_batch(team_of(staff).grid)
    Team.objects.filter(pk=batch.team_id).update(name="清泉服务队")
    page = text(staff.get(batch.grid.get_absolute_url()))

    assert "The cards that households have are out of date:" in page
    assert batch.get_absolute_url() in page


def test_lists_ask_no_more_of_the_database_for_more_rows(staff, django_assert_max_num_queries):
    for count in (1, 4):
        for _ in range(count):
            make_hand_out(make_card_batch(team_of(staff).grid, copies=5))
        for name, most in (
            ("card_list", 22),
            ("card_batch_list", 12),
            ("card_hand_out_list", 12),
            ("card_figures", 18),
        ):
            with django_assert_max_num_queries(most):
                assert staff.get(reverse(f"grids:{name}")).status_code == 200


def test_whoever_only_looks_is_offered_no_buttons(client_of):
    batch = make_card_batch()
    reviewer = client_of(Role.REVIEWER, township=batch.township)
    page = text(reviewer.get(batch.get_absolute_url()))

    assert "Hand out cards" not in page
    assert "Open the PDF" not in text(reviewer.get(batch.print.get_absolute_url()))


@pytest.mark.parametrize("kind", ["csv", ""])
def test_filters_of_a_list_are_read_once_when_it_is_taken_along(kind, client_of, db):
    team = make_team()
    client = client_of(Role.REVIEWER, township=team.township)

    answer = client.post(f"/cards/?village={team.grid.village_id}", {"all": "on", "export": kind})

    assert answer.status_code == (200 if kind else 422)
