"""The pages of corrections: asking with a preview, deciding, and the marks on logs, months, homes and rounds."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.rights import Role
from services.domain.correction import grant_correction, refuse_correction
from services.domain.recognition import open_round, score_round
from services.models import Correction, Evidence, ServiceLog
from tests.factories import make_correction, make_log, make_read, make_read_log, make_user, make_volunteer
from tests.pictures import make_photo
from volunteers.models import Volunteer

pytestmark = pytest.mark.django_db


@pytest.fixture
def log():
    return make_read_log(recipient="原来的老人")


@pytest.fixture
def staff(log, client_of):
    return client_of(Role.TOWNSHIP_STAFF, township=log.township)


@pytest.fixture
def reviewer(log, client_of):
    return client_of(Role.REVIEWER, township=log.township)


def page(name, record):
    return reverse(f"services:{name}", args=[record.pk])


def form_of(log, **changes):
    """Return what the form sends when only ``changes`` are typed."""
    return {
        "submission": uuid4(),
        "version": log.version,
        "date": f"{log.date}",
        "starts": "08:00",
        "ends": "09:00",
        "category": log.category_id,
        "recipient": log.recipient,
        "content": log.content,
        "people_served": log.people_served,
        "participants": list(log.participations.values_list("volunteer", flat=True)),
        "reason": "写错了",
    } | changes


def test_form_begins_with_what_the_log_says(log, staff):
    html = staff.get(page("correction_ask", log)).content.decode()

    assert 'value="原来的老人"' in html
    assert log.content in html
    assert 'name="reason"' in html


def test_preview_shows_both_and_asks_for_nothing(log, staff):
    response = staff.post(page("correction_ask", log), form_of(log, recipient="另一位老人", preview="1"))

    html = response.content.decode()
    assert response.status_code == 200
    assert "<del>原来的老人</del>" in html
    assert "<ins>另一位老人</ins>" in html
    assert html.count('class="is-changed"') == 1
    assert not Correction.objects.exists()


def test_asking_leads_to_the_correction_and_twice_is_once(log, staff):
    typed = form_of(log, ends="10:00")
    for _ in range(2):
        response = staff.post(page("correction_ask", log), typed)

    correction = Correction.objects.get()
    assert response.url == correction.get_absolute_url()
    assert (correction.ends_at, correction.asked_by) == (log.ends_at + timedelta(hours=1), staff.user)
    assert {minutes for _, minutes in correction.participants} == {120}


def test_strike_is_asked_on_the_same_page(log, staff):
    strike = {"strike": "1", "submission": uuid4(), "version": log.version, "reason": "当天下雨没去"}

    response = staff.post(page("correction_ask", log), strike)

    assert response.status_code == 302
    assert Correction.objects.get().is_strike


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"reason": ""}, 422), ({}, 422), ({"date": "2026-08-06"}, 422), ({"version": 7, "content": "x"}, 422)],
)
def test_what_is_refused_comes_back_filled(log, staff, changes, status):
    response = staff.post(page("correction_ask", log), form_of(log) | changes)

    assert response.status_code == status
    assert "原来的老人" in response.content.decode()
    assert not Correction.objects.exists()


def test_empty_strike_comes_back_open(log, staff):
    response = staff.post(page("correction_ask", log), {"strike": "1"})

    assert response.status_code == 422
    assert '<details class="action" open>' in response.content.decode()


def test_log_of_an_open_month_is_changed_and_not_corrected(staff, log):
    other = make_log(team=log.team, on=log.date + timedelta(days=40))

    response = staff.get(page("correction_ask", other), follow=True)

    assert "still open" in response.content.decode()
    assert reverse("services:correction_ask", args=[other.pk]) not in response.content.decode()


def test_superseded_log_leads_to_what_stands(log, staff):
    result = grant_correction(make_correction(log), by=make_user(Role.REVIEWER)).result

    html = staff.get(page("correction_ask", log), follow=True).content.decode()

    assert "corrected already" in html
    assert result.get_absolute_url() in html
    assert "This is a correction" in staff.get(result.get_absolute_url()).content.decode()


def test_photos_of_the_original_are_seen_with_the_correction(log, staff):
    other = make_log(team=log.team, on=log.date - timedelta(days=60))
    photo = make_photo(other)
    make_read(other.report)
    again = other
    for _time in range(3):
        again = grant_correction(make_correction(again), by=make_user(Role.REVIEWER)).result

    response = staff.get(again.get_absolute_url())

    assert list(response.context["photos"]) == [photo]
    assert 'type="file"' not in staff.get(page("correction_ask", log)).content.decode()


def test_reviewer_grants_from_the_page(log, reviewer):
    correction = make_correction(log)
    assert "Grant it" in reviewer.get(correction.get_absolute_url()).content.decode()

    response = reviewer.post(page("correction_grant", correction), {"version": correction.version})

    assert response.status_code == 302
    assert Correction.objects.get().state == "granted"


def test_reviewer_refuses_with_an_answer(log, reviewer):
    correction = make_correction(log)
    empty = reviewer.post(page("correction_refuse", correction), {"version": correction.version, "answer": ""})
    assert empty.status_code == 422

    reviewer.post(page("correction_refuse", correction), {"version": correction.version, "answer": "请附照片"})

    assert Correction.objects.get().answer == "请附照片"


def test_older_page_and_second_decision_are_told(log, reviewer):
    correction = make_correction(log)
    older = reviewer.post(page("correction_grant", correction), {"version": correction.version + 1})
    assert older.status_code == 422
    refuse_correction(correction, answer="不", by=make_user(Role.REVIEWER))

    late = reviewer.post(page("correction_grant", correction), {"version": correction.version + 1})

    assert "decided already" in late.content.decode()
    assert ServiceLog.objects.count() == 1


def test_who_took_part_sees_who_can_decide_instead_of_buttons(log, reviewer):
    other = make_user(Role.REVIEWER, township=log.township, name="别的审阅人")
    Volunteer.objects.filter(pk=log.participations.first().volunteer_id).update(user=reviewer.user)
    correction = make_correction(log)

    html = reviewer.get(correction.get_absolute_url()).content.decode()

    assert "Grant it" not in html
    assert other.name in html
    refused = reviewer.post(page("correction_grant", correction), {"version": correction.version})
    assert "You took part" in refused.content.decode()
    assert Correction.objects.get().state == "asked"


def test_asker_takes_back_and_nobody_else_sees_the_button(log, staff, client_of):
    correction = make_correction(log, by=staff.user)
    colleague = client_of(Role.TOWNSHIP_STAFF, township=log.township)
    assert "Take it back" not in colleague.get(correction.get_absolute_url()).content.decode()

    staff.post(page("correction_take_back", correction), {"version": correction.version})

    assert Correction.objects.get().state == "taken_back"


def test_homes_count_what_waits_and_what_was_answered(log, staff, reviewer, django_assert_max_num_queries):
    correction = make_correction(log, by=staff.user)
    assert "corrections to decide on" in reviewer.get("/").content.decode()
    assert "corrections answered" not in staff.get("/").content.decode()

    grant_correction(correction, by=reviewer.user)

    assert "corrections to decide on" not in reviewer.get("/").content.decode()
    assert "corrections answered" in staff.get("/").content.decode()
    listed = staff.get(reverse("services:correction_list"), {"mine": "true", "answered": "true"})
    assert listed.context["page"].count.number == 1


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 2), ({"state": "asked"}, 1), ({"state": "granted"}, 1), ({"q": "原来"}, 1), ({"month": "2026-07"}, 2),
        ({"mine": "true"}, 1), ({"answered": "true"}, 1),
    ],
)  # fmt: skip
def test_list_is_narrowed(log, staff, query, count):
    make_correction(log, by=staff.user)
    other = make_read_log(team=None, report=None)
    ServiceLog.objects.filter(pk=other.pk)
    moved = make_correction(other)
    grant_correction(moved, by=make_user(Role.REVIEWER))
    city = staff if query.get("mine") else None
    client = city or _city(staff)

    assert client.get(reverse("services:correction_list"), query).context["page"].count.number == count


def _city(client):
    client.force_login(make_user(Role.REVIEWER), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_lists_of_logs_mark_what_was_corrected(log, staff):
    grant_correction(make_correction(log), by=make_user(Role.REVIEWER))
    struck = make_read_log(team=log.team, on=log.date - timedelta(days=60))
    grant_correction(make_correction(struck, strike=True), by=make_user(Role.REVIEWER))

    html = staff.get(reverse("services:log_list")).content.decode()

    assert [html.count(f"</svg>{word}</span>") for word in ("Corrected", "Correction", "Struck")] == [1, 1, 1]


def test_month_lists_its_corrections_and_its_figures_follow(log, staff):
    correction = make_correction(log, strike=True)
    assert correction.reason in staff.get(log.report.get_absolute_url()).content.decode()

    grant_correction(correction, by=make_user(Role.REVIEWER))

    response = staff.get(log.report.get_absolute_url())
    assert response.context["totals"].logs == 0
    assert correction.get_absolute_url() in response.content.decode()


def test_round_and_evidence_show_what_changed_since(log, client_of):
    city = client_of(Role.REVIEWER)
    round_ = score_round(
        open_round(2026, min_minutes=60, by=city.user), accept_unread=True, accept_missing=True, by=city.user
    )
    evidence = Evidence.objects.order_by("pk")[0]
    plain = city.get(page("evidence_detail", evidence)).content.decode()
    assert "Since the scoring" not in plain
    correction = grant_correction(make_correction(log, strike=True), by=city.user)

    html = city.get(page("evidence_detail", evidence)).content.decode()

    assert "<strong>−60 minutes, −1 service</strong>" in html
    assert correction.get_absolute_url() in html
    shown = city.get(round_.get_absolute_url())
    assert (shown.context["since"]["corrections"], shown.context["since"]["people"]) == (1, 3)
    assert city.get(round_.get_absolute_url(), {"result": "corrected"}).context["page"].count.number == 3
    assert city.get(reverse("services:correction_list"), {"round": round_.pk}).context["page"].count.number == 1


def test_round_of_another_township_shows_no_difference(log, client_of):
    runner = make_user(Role.REVIEWER)
    round_ = score_round(open_round(2026, by=runner), accept_unread=True, accept_missing=True, by=runner)
    grant_correction(make_correction(log, strike=True), by=runner)

    elsewhere = client_of(Role.TOWNSHIP_STAFF).get(round_.get_absolute_url())

    assert elsewhere.context["since"] is None
    assert log.recipient not in elsewhere.content.decode()


def test_helper_beyond_reach_is_kept_in_the_form(log, staff):
    helper = make_volunteer(name="走了的帮手")
    helped = make_read_log(team=log.team, on=log.date - timedelta(days=60), helpers=[helper])

    html = staff.get(page("correction_ask", helped)).content.decode()

    assert "走了的帮手" in html
