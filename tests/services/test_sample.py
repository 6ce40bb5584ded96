"""The city's sample: what is drawn, that anybody can draw it again, and what becomes of the drawn months."""

import html
import subprocess
from collections import Counter
from datetime import date
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.rights import Role
from common.rules import RuleBroken
from services.domain.report import reopen_month
from services.domain.sample import answer_finding, check_sampled, draw, draw_sample, is_as_drawn, size_of, written
from services.models import MonthlyReport, Sample, SampledReport
from tests.factories import make_log, make_report, make_user, make_volunteer
from tests.races import in_parallel

pytestmark = pytest.mark.django_db

JULY, JUNE = date(2026, 7, 1), date(2026, 6, 1)


def _months(count, state="read", **fields):
    return [make_report(state=state, **fields) for _ in range(count)]


def _draw(*, percent=50, **fields):
    fields = {"key": uuid4(), "first_month": JULY, "last_month": JULY, "by": make_user(Role.REVIEWER)} | fields
    return draw_sample(percent=percent, **fields)


def _drawn(sample):
    return list(sample.drawn.order_by("place").values_list("report", flat=True))


# --- the draw ---------------------------------------------------------------------------------------


def test_same_seed_draws_the_same_on_every_machine():
    """Written down once: neither the database, nor Python's version, nor the order of the keys changes it."""
    drawn = draw("0123456789abcdef0123456789abcdef", range(100, 200), 5)

    assert drawn == [191, 103, 149, 141, 138]
    assert draw("0123456789abcdef0123456789abcdef", reversed(range(100, 200)), 5) == drawn
    assert draw("another", range(100, 200), 5) != drawn


def test_every_month_is_drawn_about_as_often_as_any_other():
    """Four thousand draws of 10 from 40: each month in a quarter of them, give or take five deviations."""
    counts = Counter(key for seed in range(4_000) for key in draw(str(seed), range(40), 10))

    assert set(counts) == set(range(40))
    assert max(abs(count - 1_000) for count in counts.values()) < 5 * (4_000 * 0.25 * 0.75) ** 0.5


def test_each_place_of_the_draw_is_as_open_to_every_month():
    firsts = Counter(draw(str(seed), range(10), 1)[0] for seed in range(5_000))

    assert set(firsts) == set(range(10))
    assert max(abs(count - 500) for count in firsts.values()) < 5 * (5_000 * 0.1 * 0.9) ** 0.5


@pytest.mark.parametrize(
    ("count", "percent", "size"),
    [(1, 1, 1), (1, 100, 1), (10, 1, 1), (10, 11, 2), (100, 5, 5), (101, 5, 6), (2_100, 5, 105), (2_100, 100, 2_100)],
)
def test_percent_is_rounded_up_and_at_least_one(count, percent, size):
    assert size_of(count, percent) == size


def test_page_says_enough_to_draw_again_with_other_tools(client_of, tmp_path):
    """The recipe of the page over the file that it hands out, with a shell and coreutils alone."""
    _months(7)
    sample = _draw(percent=40)
    client = client_of(Role.AUDITOR)

    page = client.get(sample.get_absolute_url())
    file = client.get(reverse("services:sample_population_download", args=[sample.pk]))
    (tmp_path / f"sample-{sample.pk}.txt").write_bytes(file.content)
    commands = [line.strip() for line in page.context["recipe"].splitlines()]
    signed, drawn = (
        subprocess.run(["/bin/sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
        for command in commands
    )

    assert signed.split()[0] == sample.population_hash
    assert [int(line.split()[1]) for line in drawn.splitlines()] == _drawn(sample)
    assert all(html.escape(command) in page.content.decode() for command in commands)


def test_drawn_from_the_read_months_of_the_time():
    read, submitted, still_open = _months(3), _months(2, "submitted"), _months(1, "open")
    june = _months(2, month=JUNE)
    by = make_user(Role.REVIEWER)

    of_july = _draw(percent=100, by=by)
    of_both = _draw(percent=100, first_month=JUNE, by=by)
    with_submitted = _draw(percent=100, with_submitted=True, by=by)

    assert sorted(_drawn(of_july)) == [each.pk for each in read]
    assert sorted(_drawn(of_both)) == sorted(each.pk for each in (*read, *june))
    assert sorted(_drawn(with_submitted)) == [each.pk for each in (*read, *submitted)]
    assert not SampledReport.objects.filter(report__in=still_open).exists()
    assert (of_july.population_count, of_july.size, of_july.drawn_by) == (3, 3, by)
    entry = AuditEntry.objects.get_for_object(of_july).get()
    assert (entry.event, entry.actor, entry.changes["seed"][1]) == ("draw_sample", by, of_july.seed)


def test_what_becomes_of_the_months_later_changes_nothing_in_the_draw():
    reports = _months(9)
    sample = _draw(percent=30)
    drawn = _drawn(sample)

    _months(20)
    for report in reports:
        reopen_month(report, reason="漏记一次", by=make_user(Role.REVIEWER))

    sample.refresh_from_db()
    assert _drawn(sample) == drawn
    assert is_as_drawn(sample, drawn)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"percent": 0}, "percent"),
        ({"percent": 101}, "percent"),
        ({"percent": -5}, "percent"),
        ({"first_month": date(2026, 8, 1)}, "last_month"),
        ({"first_month": date(2024, 7, 1)}, "last_month"),
        ({"first_month": JUNE, "last_month": JUNE}, None),
    ],
)
def test_senseless_draws_are_refused_at_the_field(fields, field):
    _months(2)

    with pytest.raises(RuleBroken) as refused:
        _draw(**fields)

    assert refused.value.field == field
    assert Sample.objects.count() == 0


def test_same_form_draws_once():
    _months(10)
    key = uuid4()

    first, second = _draw(key=key), _draw(key=key, percent=90)

    assert (first.pk, SampledReport.objects.count()) == (second.pk, 5)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_draw_one_sample():
    _months(10)
    key, by = uuid4(), make_user(Role.REVIEWER)

    answers = in_parallel(*(lambda: _draw(key=key, by=by) for _ in range(3)))

    assert len({sample.pk for sample in answers}) == 1
    assert (Sample.objects.count(), SampledReport.objects.count()) == (1, 5)


@pytest.mark.parametrize(
    "change",
    [
        {"percent": 80},
        {"seed": "f" * 32},
        {"population": "1\n2"},
        {"population_hash": "0" * 64},
        {"size": 1},
        {"population_count": 11},
    ],
)
def test_verification_sees_what_was_tampered_with(change):
    _months(10)
    sample = _draw()
    drawn = _drawn(sample)
    assert is_as_drawn(sample, drawn)

    for name, value in change.items():
        setattr(sample, name, value)

    assert not is_as_drawn(sample, drawn)
    sample.refresh_from_db()
    assert not is_as_drawn(sample, drawn[::-1])
    assert not is_as_drawn(sample, drawn[1:])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE services_sample SET seed = 'kinder'",
        "UPDATE services_sample SET percent = 1",
        "DELETE FROM services_sampledreport",
        "UPDATE services_sampledreport SET place = place + 1000",
        "UPDATE services_sampledreport SET report_id = (SELECT MIN(id) FROM services_monthlyreport WHERE id NOT IN"
        " (SELECT report_id FROM services_sampledreport))",
        "INSERT INTO services_sampledreport (sample_id, report_id, place, finding, remark, answer)"
        " SELECT sample_id, (SELECT MAX(id) FROM services_monthlyreport), 99, '', '', ''"
        " FROM services_sampledreport LIMIT 1",
    ],
)
def test_draw_is_not_changed_by_raw_sql(statement):
    _months(10)
    sample = _draw()
    drawn = _drawn(sample)
    make_report(state="read")

    with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert _drawn(sample) == drawn


def test_population_is_written_in_order():
    assert written([30, 4, 100]) == "4\n30\n100\n"


# --- what becomes of the drawn months ------------------------------------------------------------------


def _one(**fields):
    report = make_report(state="read", **fields)
    _draw(percent=100)
    return SampledReport.objects.get(report=report)


def test_checking_says_fine_or_leaves_a_remark():
    _months(2)
    _draw(percent=100)
    fine, odd = SampledReport.objects.order_by("place")
    by = make_user(Role.REVIEWER)

    check_sampled(fine, finding="fine", by=by)
    check_sampled(odd, finding="remark", remark=" 两条日志内容相同 ", by=by)

    for each in (fine, odd):
        each.refresh_from_db()
    assert [(each.finding, each.remark, each.checked_by) for each in (fine, odd)] == [
        ("fine", "", by),
        ("remark", "两条日志内容相同", by),
    ]
    assert AuditEntry.objects.get_for_object(odd).first().event == "check_sampled"
    assert list(SampledReport.objects.to_answer()) == [odd]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"finding": "remark"}, "remark"),
        ({"finding": "remark", "remark": "长" * 301}, "remark"),
        ({"finding": "fine", "remark": "有问题"}, "finding"),
    ],
)
def test_senseless_findings_are_refused_at_the_field(given, field):
    sampled = _one()

    with pytest.raises(RuleBroken) as refused:
        check_sampled(sampled, by=make_user(Role.REVIEWER), **given)

    assert (refused.value.field, SampledReport.objects.get().finding) == (field, "")


def test_nobody_looks_at_their_own_work_again():
    reader = make_user(Role.REVIEWER)
    recorder = make_user(Role.REVIEWER)
    report = make_report()
    make_log(report=report, recorded_by=recorder)
    member = make_user(Role.REVIEWER)
    make_log(report=report, on=date(2026, 7, 8), participants=[make_volunteer(user=member)])
    MonthlyReport.objects.filter(pk=report.pk).update(
        state="read", submitted_by=make_user(), submitted_at="2026-08-01T00:00Z", reviewed_by=reader,
        reviewed_at="2026-08-02T00:00Z",
    )  # fmt: skip
    _draw(percent=100, by=recorder)  # whoever draws may have had a part in what is drawn
    sampled = SampledReport.objects.get()

    for by in (reader, recorder, member):
        with pytest.raises(RuleBroken) as refused:
            check_sampled(sampled, finding="fine", by=by)
        assert refused.value.code == "conflict"
    check_sampled(sampled, finding="fine", by=make_user(Role.REVIEWER))


def test_month_is_checked_once_and_the_second_is_told_by_whom():
    sampled = _one()
    check_sampled(sampled, finding="fine", by=make_user(Role.REVIEWER, name="李市审"))

    with pytest.raises(RuleBroken) as refused:
        check_sampled(sampled, finding="remark", remark="有问题", by=make_user(Role.REVIEWER))

    assert "李市审" in refused.value.message
    assert SampledReport.objects.get().finding == "fine"


def test_remark_is_answered_once_and_not_by_whoever_made_it():
    sampled = _one()
    city, township = make_user(Role.REVIEWER), make_user(Role.REVIEWER, name="王镇审")
    with pytest.raises(RuleBroken):
        answer_finding(sampled, answer="已改", by=township)
    check_sampled(sampled, finding="remark", remark="请说明", by=city)

    with pytest.raises(RuleBroken):
        answer_finding(sampled, answer="我自己答", by=city)
    for empty in ("", " ", "长" * 301):
        with pytest.raises(RuleBroken):
            answer_finding(sampled, answer=empty, by=township)
    answer_finding(sampled, answer="已与队长核实", by=township)
    with pytest.raises(RuleBroken) as refused:
        answer_finding(sampled, answer="再答", by=make_user(Role.REVIEWER))

    assert "王镇审" in refused.value.message
    assert SampledReport.objects.get().answer == "已与队长核实"
    assert not SampledReport.objects.to_answer().exists()


@pytest.mark.parametrize("column", ["finding = 'fine', remark = ''", "remark = '没问题'", "answer = '改写'"])
def test_finding_and_answer_are_not_rewritten_by_raw_sql(column):
    sampled = _one()
    check_sampled(sampled, finding="remark", remark="请说明", by=make_user(Role.REVIEWER))
    answer_finding(sampled, answer="已核实", by=make_user(Role.REVIEWER))

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE services_sampledreport SET {column}")

    sampled = SampledReport.objects.get()
    assert (sampled.finding, sampled.remark, sampled.answer) == ("remark", "请说明", "已核实")


def test_only_who_reviews_sees_what_was_found():
    sampled = _one()
    township = sampled.report.township
    seen = {
        role: SampledReport.objects.visible_to(make_user(role, **fields)).count()
        for role, fields in (
            (Role.REVIEWER, {"township": township}),
            (Role.TOWNSHIP_STAFF, {"township": township}),
            (Role.TEAM_LEADER, {"township": township}),
            (Role.AUDITOR, {}),
            (Role.ADMIN, {}),
        )
    }

    assert seen == {"reviewer": 1, "township_staff": 0, "team_leader": 0, "auditor": 1, "admin": 0}
    assert SampledReport.objects.visible_to(make_user(Role.REVIEWER, township=make_report().township)).count() == 0
    assert Sample.objects.visible_to(make_user(Role.REVIEWER, township=township)).count() == 0
