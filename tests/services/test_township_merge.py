"""A township is merged into another: what is there today moves, figures of closed years stay as they were."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.rights import Role
from areas.models import Channel, Township
from common.rules import RuleBroken, SavedMeanwhile
from grids.domain.places import rename_township
from grids.domain.township_merge import merge_townships, preview_of
from services.domain import figures
from services.domain.desk import desk_of
from services.domain.figures import Period
from services.domain.ledger import team_ledger, volunteer_ledger
from services.domain.month import first_day, open_missing_months, previous_month
from services.domain.scoring import insert_evidence
from services.evidence import canonical_rows, evidence_hash
from services.invariants import invariants
from services.models import Evidence, MonthlyReport, RecognitionRound, ServiceLog
from tests.factories import (
    make_application,
    make_channel,
    make_course,
    make_log,
    make_read,
    make_report,
    make_request,
    make_settings,
    make_team,
    make_township,
    make_user,
    make_volunteer,
)
from volunteers.domain.volunteer import register_volunteer
from volunteers.models import FormerHome, Volunteer

pytestmark = pytest.mark.django_db

LAST_YEAR = timezone.localdate().year - 1


def merge(ended, kept, by=None):
    ended, kept = (Township.objects.get(pk=place.pk) for place in (ended, kept))
    by = by or make_user(Role.ADMIN)
    return merge_townships(ended.pk, kept.pk, version=ended.version, kept_version=kept.version, by=by)


@pytest.fixture
def world():
    """Two townships with a read month of last year each, an open month and what waits."""
    ended, kept = make_township(name="象山镇"), make_township(name="柳山镇")
    teams = {township: make_team(township=township) for township in (ended, kept)}
    for team in teams.values():
        make_read(make_log(team=team, on=date(LAST_YEAR, 3, 4)).report)
    elsewhere = make_read_year()
    round_ = RecognitionRound.objects.create(year=LAST_YEAR, min_minutes=1)
    with connection.cursor() as cursor:
        cursor.execute(*insert_evidence(round_))
    scored = {"evidence_hash": evidence_hash(canonical_rows(round_)), "scored_at": timezone.now()}
    RecognitionRound.objects.update(state="scored", scored_by=make_user(Role.REVIEWER), **scored)
    open_log = make_log(team=teams[ended], on=timezone.localdate())
    request = make_request(team=teams[ended])
    staff = make_user(township=ended)
    reviewer = make_user(Role.REVIEWER, township=ended)
    return SimpleNamespace(**locals())


def shown(world):
    """Return what each role is told of the closed year, township by township and of the whole city, before or after."""
    year, month = Period(LAST_YEAR), Period(LAST_YEAR, 3)
    users = [make_user(role) for role in (Role.ADMIN, Role.AUDITOR, Role.REVIEWER)]
    townships = [Township.objects.get(pk=place.pk) for place in (world.ended, world.kept)]
    return {
        "figures": [
            repr(figures.from_rollups(period, place)) for period in (year, month) for place in (None, *townships)
        ],
        "live": [repr(figures.live(period, place)) for period in (year, month) for place in (None, *townships)],
        "ledgers": [repr(team_ledger(team, LAST_YEAR)) for team in world.teams.values()]
        + [
            repr(volunteer_ledger(person, LAST_YEAR, users[0]))
            for team in world.teams.values()
            for person in Volunteer.objects.filter(memberships__team=team).order_by("pk")
        ],
        "desks": [
            repr([(line.team, line.name, line.totals) for line in desk_of(place, month.first, by=user).read])
            + repr([line.team for line in desk_of(place, month.first, by=user).waiting])
            for place in townships
            for user in users
        ],
        "evidence": evidence_hash(canonical_rows(world.round_)),
        "of townships": sorted(Evidence.objects.values_list("volunteer", "township", "minutes")),
    }


def rows_behind(client, place, period):
    """Return the persons' figure of the dashboard and the rows that its link leads to."""
    page = client.get(reverse("services:dashboard"), {"period": str(period), "township": place.pk})
    found = []
    for figure in page.context["services"]:
        listed = client.get(figure["url"]).context["page"]
        found.append((str(figure["label"]), str(figure["number"]), listed.count.number, listed.problems))
    return found


def test_figures_of_a_closed_year_stay_as_they_were(world):
    before = shown(world)

    merge(world.ended, world.kept)

    assert shown(world) == before


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR, Role.REVIEWER])
def test_dashboard_of_a_closed_year_has_the_same_figures_and_rows(client_of, world, role):
    client = client_of(role)
    before = [rows_behind(client, place, Period(LAST_YEAR)) for place in (world.ended, world.kept)]

    merge(world.ended, world.kept)

    assert [rows_behind(client, place, Period(LAST_YEAR)) for place in (world.ended, world.kept)] == before
    assert all(not problems for place in before for _label, _number, _rows, problems in place)
    assert [(number, rows) for label, number, rows, _p in before[0] if label == "Volunteers who served"] == [("3", 3)]


def test_office_of_the_successor_sees_its_own_closed_year_and_that_of_the_other(client_of, world):
    client = client_of(Role.TOWNSHIP_STAFF, township=world.kept)
    own = client.get(reverse("services:dashboard"), {"period": LAST_YEAR}).context["services"]

    merge(world.ended, world.kept)

    numbers = [one["number"] for one in own]
    page = client.get(reverse("services:dashboard"), {"period": LAST_YEAR})
    assert [one["number"] for one in page.context["services"]] == numbers
    other = client.get(reverse("services:dashboard"), {"period": LAST_YEAR, "township": world.ended.pk})
    assert [one["number"] for one in other.context["services"]] == numbers
    assert "until" in other.content.decode()
    assert rows_behind(client, world.ended, Period(LAST_YEAR))[2][1:3] == ("3", 3)


def test_office_of_the_successor_is_told_nothing_of_a_township_that_is_not_theirs(client_of, world):
    elsewhere = world.elsewhere
    client = client_of(Role.TOWNSHIP_STAFF, township=world.kept)
    merge(world.ended, world.kept)

    page = client.get(reverse("services:dashboard"), {"period": LAST_YEAR, "township": elsewhere.pk})

    assert page.context["township"] == world.kept
    assert page.context["services"][0]["number"] == 1
    assert elsewhere.name not in page.content.decode()


def make_read_year():
    township = make_township()
    team = make_team(township=township)
    make_read(
        make_log(team=team, on=date(LAST_YEAR, 4, 4)).report, make_log(team=team, on=date(LAST_YEAR, 5, 4)).report
    )
    return township


def test_what_is_there_today_moves_and_what_was_recorded_stays(world):
    volunteer = make_volunteer(township=world.ended, status="left", left_on=date(2024, 1, 1))
    channel = make_channel(township=world.ended, number="0577-62000001")
    waiting = make_application(township=world.ended, village=volunteer.village)
    course = make_course(township=world.ended)
    log = ServiceLog.objects.filter(team=world.teams[world.ended]).earliest("date")

    merge(world.ended, world.kept)

    for record in (volunteer, volunteer.village, channel, waiting, course, world.staff, world.teams[world.ended]):
        record.refresh_from_db()
        assert record.township_id == world.kept.pk, record
    for record in (log, world.open_log, world.request, log.report):
        record.refresh_from_db()
        assert record.township_id == world.ended.pk, record
    world.ended.refresh_from_db()
    assert (world.ended.merged_into, world.ended.ended_on) == (world.kept, timezone.localdate())
    assert Township.objects.get(pk=world.kept.pk).predecessor_ids == [world.ended.pk]
    assert {invariant.name: keys for invariant in invariants() if (keys := invariant.broken_by())} == {}
    told = AuditEntry.objects.filter(event="merge_townships", object_id=volunteer.pk, object_repr=str(volunteer))
    assert told.get().changes["township"] == [str(world.ended.pk), str(world.kept.pk)]


def test_open_month_and_open_request_reach_the_offices_of_the_successor(client_of, world):
    clients = [client_of(role, township=world.kept) for role in (Role.TOWNSHIP_STAFF, Role.REVIEWER)]
    merge(world.ended, world.kept)

    for client in clients:
        assert client.get(world.open_log.report.get_absolute_url()).status_code == 200
        assert client.get(world.request.get_absolute_url()).status_code == 200
    old = client_of(Role.TOWNSHIP_STAFF)
    assert old.get(world.request.get_absolute_url()).status_code == 404


def test_months_after_the_merge_are_the_successors(world):
    merge(world.ended, world.kept)
    MonthlyReport.objects.filter(team=world.teams[world.ended], month__year=timezone.localdate().year).exclude(
        pk=world.open_log.report_id
    ).delete()

    open_missing_months()

    new = (
        MonthlyReport.objects.filter(team=world.teams[world.ended])
        .exclude(pk__in=[world.open_log.report_id])
        .exclude(month__year=LAST_YEAR)
    )
    assert {report.township_id for report in new} <= {world.kept.pk}


@pytest.mark.parametrize("keeps_logs", [True, False])
def test_this_month_is_asked_for_as_the_township_that_stays_has_it(keeps_logs):
    ended, kept = make_township(), make_township()
    team = make_team(township=ended)
    today = timezone.localdate()
    report = MonthlyReport.objects.filter(team=team, month=first_day(today)).first() or make_report(
        team=team, month=first_day(today)
    )
    MonthlyReport.objects.filter(pk=report.pk).update(waived_on=today if keeps_logs else None)
    make_settings(ended, uses_logs=not keeps_logs)
    make_settings(kept, uses_logs=keeps_logs)

    merge(ended, kept)

    report.refresh_from_db()
    assert (report.is_expected, report.township) == (keeps_logs, ended)


def test_months_without_logs_before_the_merge_are_not_asked_for_after_it():
    """The team's township kept no logs for half a year; the one that it is in now always did."""
    ended, kept = make_township(), make_township()
    this_month = first_day(timezone.localdate())
    team, other = (make_team(township=place, activated_on=date(LAST_YEAR, 1, 1)) for place in (ended, kept))
    begun = previous_month(previous_month(previous_month(this_month)))
    for each in (team, other):
        make_report(team=each, month=begun)
    make_settings(ended, uses_logs=False)
    merge(ended, kept)
    Township.objects.filter(pk=ended.pk).update(ended_on=this_month)

    open_missing_months()

    opened = MonthlyReport.objects.exclude(month=begun)
    assert list(opened.filter(team=team).values_list("month", "township")) == [(this_month, kept.pk)]
    assert opened.filter(team=other).count() == 3  # what was always kept is asked for, to the last month


def test_channel_with_a_number_that_is_in_use_is_retired(world):
    for township in (world.ended, world.kept):
        make_channel(township=township, number="12345")

    preview = preview_of(world.ended, world.kept)
    merge(world.ended, world.kept)

    assert [line.note for line in preview.moves if line.label == "Channels"] == [
        "Retired, because the other township has the same number: 1."
    ]
    assert sorted(Channel.objects.filter(township=world.kept).values_list("is_active", flat=True)) == [False, True]


def test_townships_are_merged_one_after_the_other(world):
    last = make_township()
    before = figures.from_rollups(Period(LAST_YEAR), world.ended)
    merge(world.ended, world.kept)
    merge(world.kept, last)

    assert set(Township.objects.get(pk=last.pk).predecessor_ids) == {world.ended.pk, world.kept.pk}
    assert make_user(township=last).township_ids[0] == last.pk
    assert figures.from_rollups(Period(LAST_YEAR), world.ended) == before
    assert set(Volunteer.objects.filter(former_homes__isnull=False).values_list("township", flat=True)) == {last.pk}
    assert {invariant.name: keys for invariant in invariants() if (keys := invariant.broken_by())} == {}


def test_merge_refuses_itself_the_ended_and_old_pages(world):
    other, by = make_township(), make_user(Role.ADMIN)
    with pytest.raises(RuleBroken, match="not merged into itself"):
        merge_townships(world.ended.pk, world.ended.pk, version=0, kept_version=0, by=by)
    with pytest.raises(SavedMeanwhile):
        merge_townships(world.ended.pk, world.kept.pk, version=3, kept_version=0, by=by)
    merge(world.ended, world.kept)
    for ended, kept in ((world.ended, other), (other, world.ended)):
        with pytest.raises(RuleBroken, match="was merged into"):
            merge(ended, kept)
    with pytest.raises(RuleBroken, match="was merged into"):
        rename_township(world.ended.pk, name="新名镇", on=timezone.localdate(), version=1, by=by)
    assert FormerHome.objects.count() == Volunteer.objects.filter(township=world.kept).count() - 3


def test_nothing_new_is_recorded_for_a_township_that_ended(world):
    stale = Township.objects.get(pk=world.ended.pk)
    village = stale.villages.first()
    volunteer = make_volunteer()
    merge(world.ended, world.kept)
    new = Volunteer(
        name="王新民",
        gender="female",
        birth_date=date(1980, 1, 1),
        phone="13912345678",
        unit_kind="other",
        village=village,
        township=stale,
        primary_skill=volunteer.primary_skill,
        joined_on=timezone.localdate(),
    )

    with pytest.raises(RuleBroken, match="merged into another one meanwhile") as caught:
        register_volunteer(new, further_skills=[], by=make_user(Role.ADMIN))

    assert caught.value.code == "ended"
    assert not Volunteer.objects.filter(name="王新民").exists()


def test_pages_of_a_merge(client_of, world):
    client = client_of(Role.ADMIN)
    url = reverse("grids:township_merge", args=[world.ended.pk])
    asked = client.get(url, {"into": world.kept.pk})
    versions = {"version": 0, "kept_version": 0}

    unsure = client.post(f"{url}?into={world.kept.pk}", versions)
    done = client.post(f"{url}?into={world.kept.pk}", versions | {"is_sure": "on"})
    again = client.post(f"{url}?into={world.kept.pk}", versions | {"is_sure": "on"})

    assert "Monthly reports that are not read yet" in asked.content.decode()
    assert (unsure.status_code, done.status_code, again.status_code) == (422, 302, 422)
    assert done.url == reverse("grids:township_place", args=[world.kept.pk])
    assert world.ended.name in client.get(done.url).content.decode()
    assert "until" in client.get(reverse("services:log_list")).content.decode()
    assert world.ended.name not in client.get(reverse("volunteers:list")).content.decode()


def test_merge_page_takes_no_township_of_elsewhere_and_no_rubbish(client_of, world):
    client = client_of(Role.ADMIN)
    url = reverse("grids:township_merge", args=[world.ended.pk])

    for into in ("", "abc", str(world.ended.pk), "999999999999999999999"):
        assert client.post(f"{url}?into={into}", {"is_sure": "on"}).status_code == 422
    assert not Township.objects.filter(merged_into__isnull=False).exists()
