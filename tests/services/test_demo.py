"""The demo: a village that keeps every rule, shows every state, and is the same each time."""

import hashlib
from collections import Counter
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count, F, Max, Q

from accounts.models import User
from accounts.rights import Role
from grids.domain.grid_import import checked as rows_of_grids
from grids.models import ChangedGrid, Grid, GridChange, GridImport, Membership, Team
from services import photo_files
from services.demo.build import WRITTEN
from services.demo.planner import planted
from services.demo.scale import SCALES, Calendar
from services.demo.users import NAMES, PASSWORD
from services.domain.log_import import checked
from services.domain.reasons import reasons_to_look
from services.domain.rollup import differences
from services.invariants import invariants
from services.models import (
    BallotTally,
    Confirmation,
    LogComment,
    LogFlag,
    LogImport,
    LogPhoto,
    MonthlyReport,
    Participation,
    RecognitionRound,
    ServiceLog,
)
from tests.factories import make_volunteer
from volunteers.id_number import clean_id_number, decrypted
from volunteers.models import Application, Volunteer

TODAY = date(2026, 11, 24)
MIXED = date(2026, 10, 1)


def demo(**options):
    """Run the command and return what it prints."""
    out = StringIO()
    call_command("demo", **{"scale": "village", "today": TODAY, "stdout": out, "stderr": StringIO()} | options)
    return out.getvalue()


@pytest.fixture(scope="module")
def village(django_db_setup, django_db_blocker):
    """Build the village once for the tests of this module."""
    with django_db_blocker.unblock(), transaction.atomic():
        demo()
        yield
        transaction.set_rollback(True)


def rows_hash():
    """Return a hash over every row that the demo wrote; only the salted password differs each time."""
    found = hashlib.sha256()
    for model in WRITTEN:
        names = [field.attname for field in model._meta.concrete_fields if field.attname != "password"]
        for row in model._base_manager.order_by("pk").values_list(*names):
            found.update(repr(row).encode())
    return found.hexdigest()


def test_village_keeps_every_invariant(village):
    broken = {each.name: each.broken_by() for each in invariants()}

    assert {name: keys for name, keys in broken.items() if keys} == {}
    assert differences() == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "today", [date(2026, 1, 15), date(2026, 3, 1), date(2024, 2, 29), date(2026, 5, 4), date(2025, 12, 31)]
)
def test_village_keeps_every_invariant_on_any_day(today):
    demo(today=today)

    assert [each.name for each in invariants() if each.broken_by()] == []
    assert {state for (state,) in MonthlyReport.objects.values_list("state").distinct()} == set(
        MonthlyReport.State.values
    )
    assert ServiceLog.objects.filter(date__gte=today).count() == 0


def test_village_has_the_size_of_the_programmes_report(village):
    grids = Grid.objects.count()
    households = sum(Grid.objects.values_list("households", flat=True))

    assert (grids, Team.objects.count()) == (11, 10)
    assert 300 <= households <= 420
    assert 85 <= Volunteer.objects.count() <= 95
    assert Grid.objects.values("village").distinct().count() == 1


def test_active_teams_satisfy_the_rule(village):
    teams = Team.objects.active().annotate(
        size=Count("memberships", filter=Q(memberships__left_on=None)),
        leaders=Count("memberships", filter=Q(memberships__left_on=None, memberships__role="leader")),
        skills=Count(
            "memberships__volunteer__primary_skill", filter=Q(memberships__left_on=None), distinct=True
        ),
    )  # fmt: skip

    assert len(teams) == 9
    assert [team for team in teams if not (3 <= team.size <= 10 and team.leaders == 1 and team.skills >= 3)] == []


def test_gaps_can_be_seen(village):
    last_service = Team.objects.active().annotate(last=Max("logs__date"))
    silent = [team for team in last_service if team.last < TODAY - timedelta(days=30)]

    assert Grid.objects.uncovered().count() == 2
    assert Team.objects.filter(state=Team.State.FORMING).count() == 1
    assert len(silent) == 1
    assert 40 <= (TODAY - silent[0].last).days <= 200


def test_people_are_in_every_status_and_some_have_left_their_team(village):
    assert set(Application.objects.values_list("state", flat=True)) == {"waiting", "rejected"}
    assert not Volunteer.objects.filter(status="applied", endorsed_on__isnull=True).exists()
    assert set(Volunteer.objects.values_list("status", flat=True)) >= {"applied", "active", "suspended", "left"}
    assert Membership.objects.filter(left_on__isnull=False).count() > 0
    assert Membership.objects.current().exclude(volunteer__status="active").count() == 0


def test_people_are_between_22_and_72_and_their_phones_well_formed(village):
    people = Volunteer.objects.all()

    assert [one for one in people if not 22 <= one.age_on(TODAY) <= 72] == []
    assert people.filter(phone__regex=r"^1[3-9][0-9]{9}$").count() == people.count()
    assert people.values("phone").distinct().count() == people.count()
    assert [one for one in people if (one.joined_party_on - one.birth_date).days < 18 * 365] == []
    assert people.filter(joined_party_on__gt=F("joined_on")).count() == 0


@pytest.mark.django_db
def test_id_numbers_are_valid_where_the_programme_keeps_them(settings):
    settings.ID_NUMBER_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

    demo()

    numbers = [(decrypted(one.id_number_encrypted), one) for one in Volunteer.objects.all()]
    assert [number for number, one in numbers if clean_id_number(number, one.birth_date) != number] == []
    assert [number for number, one in numbers if int(number[16]) % 2 != (one.gender == "male")] == []


def test_nobody_is_in_two_places_at_once(village):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM services_participation a JOIN services_participation b"
            " ON a.volunteer_id = b.volunteer_id AND a.id < b.id"
            " AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"
            " WHERE NOT a.is_withdrawn AND NOT b.is_withdrawn"
        )
        assert cursor.fetchone() == (0,)


def test_participants_were_members_that_day_or_are_marked_as_helpers(village):
    was_there = Q(volunteer__memberships__team=F("team"), volunteer__memberships__joined_on__lte=F("date")) & (
        Q(volunteer__memberships__left_on=None) | Q(volunteer__memberships__left_on__gte=F("date"))
    )

    members = Participation.objects.filter(was_there).values("pk").distinct().count()

    assert members == Participation.objects.filter(is_helper=False).count()
    assert Participation.objects.filter(is_helper=True).count() > 0


def test_services_have_three_to_seven_people_and_the_reports_mix(village):
    people = Counter(ServiceLog.objects.annotate(n=Count("participations")).values_list("n", flat=True))
    mix = Counter(ServiceLog.objects.values_list("category__code", flat=True)).most_common()

    assert set(people) <= {2, 3, 4, 5, 6, 7, 8}  # a service may have lost one to another place, or won a helper
    assert mix[0][0] == "cleaning"
    assert mix[1][0] == "errand"
    assert len(mix) == 10


def test_every_active_team_has_a_report_a_month(village):
    months = Calendar(TODAY).months
    reports = MonthlyReport.objects.values_list("team", "month")
    expected = [
        (team.pk, month)
        for team in Team.objects.active()
        for month in months
        if team.activated_on < (month + timedelta(days=31)).replace(day=1)
    ]

    assert len(months) == 14
    assert set(expected) <= set(reports)


def test_the_last_finished_month_is_in_every_state_and_older_ones_are_read(village):
    mixed = Counter(MonthlyReport.objects.filter(month=MIXED).values_list("state", flat=True))
    older = MonthlyReport.objects.filter(month__lt=date(2026, 9, 1))
    current = MonthlyReport.objects.filter(month=date(2026, 11, 1))

    assert set(mixed) == set(MonthlyReport.State.values)
    assert set(older.values_list("state", flat=True)) == {"read"}
    assert set(current.values_list("state", flat=True)) == {"open"}
    assert LogComment.objects.filter(log__report__state="returned").count() > 0


def test_some_months_stand_out_and_most_are_plain(village):
    reasons = reasons_to_look(MonthlyReport.objects.all())
    codes = Counter(reason.code for found in reasons.values() for reason in found)

    assert {"late", "split", "nil", "returned"} <= set(codes)
    assert sum(not found for found in reasons.values()) > len(reasons) * 0.7


def test_flags_find_what_was_planted_and_little_else(village):
    known = planted()
    flagged = {rule: set(LogFlag.objects.filter(rule=rule).values_list("log", flat=True)) for rule in LogFlag.Rule}
    wrong = sum(len(flagged[rule] - known.get(rule, set())) for rule in flagged)

    # Without a year with all its months nobody can jump in December.
    assert {rule for rule in flagged if known.get(rule)} == set(LogFlag.Rule) - {"jump"}
    assert [rule for rule in known if set(known[rule]) - flagged[rule]] == []
    assert wrong <= 0.1 * sum(map(len, flagged.values()))


def test_flags_of_read_months_were_mostly_answered_and_some_wait(village):
    read = LogFlag.objects.filter(log__report__state="read")
    waiting = LogFlag.objects.filter(log__report__state="submitted").unanswered()

    assert 0 < read.unanswered().count() < 0.5 * read.count()
    assert waiting.exists()
    assert set(read.exclude(answer="").values_list("answered_by__role", flat=True)) == {"reviewer"}


def test_the_years_round_is_open_and_most_grids_have_voted(village):
    opened = RecognitionRound.objects.get()
    voted = BallotTally.objects.values("grid").distinct().count()

    assert (opened.year, opened.state) == (2026, "voting")
    assert 6 <= voted <= 9


@pytest.mark.parametrize(("today", "year"), [(date(2026, 1, 15), 2025), (date(2026, 4, 1), 2026)])
def test_a_year_is_voted_on_until_march_of_the_next(today, year):
    assert Calendar(today).round_year == year


def test_every_role_has_an_account_that_opens(village):
    people = User.objects.filter(username__in=NAMES)

    assert {person.role for person in people} == set(Role.values)
    assert [person.username for person in people if not person.check_password(PASSWORD)] == []
    leader = people.get(role=Role.TEAM_LEADER)
    assert Team.objects.visible_to(leader).count() == 1


@pytest.mark.django_db
def test_demo_is_the_same_each_time_and_another_seed_gives_another():
    call_command("load_divisions", stdout=StringIO())  # else PostgreSQL would count their keys on each time
    hashes = []
    for seed in (2010, 2010, 2011):
        with transaction.atomic():
            demo(seed=seed)
            hashes.append(rows_hash())
            transaction.set_rollback(True)

    assert hashes[0] == hashes[1] != hashes[2]


def test_demo_prints_one_login_a_role_and_what_it_is(village):
    printed = demo()

    assert "keeps them" in printed
    assert PASSWORD in printed
    assert [name for name in NAMES if f"  {name}" not in printed] == []


def test_demo_keeps_its_data_and_refuses_to_mix_with_another(village):
    before = rows_hash()

    demo(if_empty=True, scale="township")
    with pytest.raises(CommandError, match="holds data already"):
        demo(scale="township")
    with pytest.raises(CommandError, match="holds data already"):
        demo(seed=7)

    assert rows_hash() == before


@pytest.mark.django_db
def test_demo_refuses_a_database_with_real_volunteers():
    make_volunteer()

    with pytest.raises(CommandError, match="holds data already"):
        demo()

    assert Volunteer.objects.count() == 1


@pytest.mark.django_db
def test_a_part_of_the_city_reaches_every_township():
    demo(scale="city", fraction=0.05, today=date(2026, 1, 15))

    assert Team.objects.count() == 105
    assert Team.objects.values("township").distinct().count() == 25
    assert User.objects.filter(role=Role.TOWNSHIP_STAFF).count() == 25
    assert [each.name for each in invariants() if each.broken_by()] == []
    ahead = MonthlyReport.objects.filter(township__code="330382108", month=date(2025, 12, 1))
    behind = MonthlyReport.objects.filter(township__code="330382102", month=date(2025, 11, 1))
    assert set(ahead.values_list("state", flat=True)) == {"read"}
    assert set(behind.values_list("state", flat=True)) == {"submitted"}


def test_scales_are_those_of_the_programme():
    assert {name: scale.teams for name, scale in SCALES.items()} == {"village": 10, "township": 84, "city": 2100}


def test_a_pile_of_paper_waits_with_new_known_and_wrong_rows(village):
    pile = LogImport.objects.get()

    assert [row.state for row in checked(pile, pile.by)] == ["new", "new", "same", "same", "same", "wrong"]


def test_photos_are_there_and_the_one_shown_twice_is_flagged(village):
    photos = LogPhoto.objects.standing()
    twins = [photo for photo in photos if photos.alike(photo).exists()]
    flags = LogFlag.objects.filter(rule=LogFlag.Rule.SAME_PHOTO)

    assert 24 <= photos.count() <= 80
    assert [photo for photo in photos if not photo_files.are_there(photo.name)] == []
    assert len(twins) == 2
    assert [(flag.log_id, flag.other_id) for flag in flags] == [(twins[1].log_id, twins[0].log_id)]
    assert twins[0].log.team_id != twins[1].log.team_id
    assert twins[1].log.report.state != "read"


def test_recipients_answer_and_one_denies_a_month_that_waits(village):
    answers = Counter(Confirmation.objects.values_list("answer", flat=True))

    assert answers["yes"] > answers[""] > 0
    assert [each.log.report.state for each in Confirmation.objects.denied()] == ["submitted"]


def test_history_of_a_village_ends_with_its_grids_as_they_are(village):
    kinds = list(GridChange.objects.order_by("id").values_list("kind", flat=True))
    states = Counter(row.state for row in rows_of_grids(GridImport.objects.get(), User.objects.get(username="staff")))

    assert kinds == ["divided", "renumbered", "split"]
    # The invariants hold each of them against the one before and the last against the grid.
    assert ChangedGrid.objects.values("grid").distinct().count() == Grid.objects.count()
    assert states == {"same": 9, "changed": 2, "new": 1, "wrong": 2}
