"""One person with two records: counted once everywhere, in one place at a time, and for good once a year was scored."""

from datetime import date, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.utils.timezone import localdate, make_aware, now

from accounts.rights import Role
from common.rules import RuleBroken
from services.domain import figures
from services.domain.ballot import candidates
from services.domain.figures import Period
from services.domain.ledger import volunteer_ledger
from services.domain.log import record_service
from services.domain.recognition import lifetime, open_round, score_round, verify_round
from services.domain.scoring import score_from_participations, score_from_rollups
from services.invariants import invariants
from services.models import BallotTally, Certificate, Evidence, ServiceCategory
from tests.factories import make_certificate, make_log, make_merge, make_read, make_team, make_user
from volunteers.domain.merge import undo_merge
from volunteers.domain.standing import standing_of
from volunteers.models import Volunteer

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return make_team(members=4)


@pytest.fixture
def two(team):
    """Two members of the team who are one person."""
    first, second = (membership.volunteer for membership in team.memberships.filter(role="member")[:2])
    return first, second


def served(team, *logs):
    """Log and read services: each is who, on which day of July, and how many minutes."""
    made = [
        make_log(team=team, on=date(2026, 7, day), minutes=minutes, participants=[who]) for who, day, minutes in logs
    ]
    make_read(made[0].report)
    return made


def broken():
    return {name for name, rows in ((each.name, each.broken_by()) for each in invariants()) if rows}


def test_services_of_both_records_are_one_persons(team, two):
    kept, given_up = two
    served(team, (kept, 6, 60), (given_up, 7, 90))
    make_merge(kept, given_up)
    city = make_user(Role.REVIEWER)

    standing = standing_of(kept, 2026)
    assert (standing.minutes, standing.services) == (150, 2)
    assert lifetime(kept.pk, 2026) == {"minutes": 150, "services": 2}
    total = volunteer_ledger(kept, 2026, city).total
    assert (total.minutes, total.services) == (150, 2)


@pytest.mark.parametrize("score", [score_from_rollups, score_from_participations])
def test_scoring_counts_both_records_and_their_votes_as_one(team, two, score):
    kept, given_up = two
    served(team, (kept, 6, 950), (given_up, 7, 950))
    round_ = open_round(2026, by=make_user(Role.REVIEWER), min_minutes=1900)
    for volunteer, satisfied in ((kept, 9), (given_up, 8)):
        BallotTally.objects.create(
            round=round_,
            grid=team.grid,
            volunteer=volunteer,
            satisfied=satisfied,
            fairly_satisfied=0,
            dissatisfied=10 - satisfied,
            unknown=0,
        )
    apart = {row.volunteer: row for row in score(round_)}
    assert {pk: row.is_eligible for pk, row in apart.items()} == {kept.pk: False, given_up.pk: False}

    done = make_merge(kept, given_up)

    [row] = score(round_)
    assert (row.volunteer, row.minutes, row.services) == (kept.pk, 1900, 2)
    assert (row.satisfied_votes, row.valid_votes, row.is_eligible) == (17, 20, True)
    assert row._replace() in score(round_, eligible_only=True)
    undo_merge(done, by=make_user(Role.ADMIN))
    assert {one.volunteer for one in score(round_)} == {kept.pk, given_up.pk}


def test_scoring_some_people_finds_them_by_the_record_that_goes_on(team, two):
    kept, given_up = two
    served(team, (kept, 6, 60), (given_up, 7, 90))
    round_ = open_round(2026, by=make_user(Role.REVIEWER))
    make_merge(kept, given_up)

    assert [row.minutes for row in score_from_rollups(round_, volunteers=[kept.pk])] == [150]
    assert score_from_rollups(round_, volunteers=[given_up.pk]) == []
    assert score_from_rollups(round_, volunteers=[]) == []


def scored(year=2026):
    by = make_user(Role.REVIEWER)
    return score_round(open_round(year, by=by), by=by, accept_unread=True, accept_missing=True)


def test_a_year_that_was_scored_with_both_as_one_stays_so(team, two):
    kept, given_up = two
    served(team, (kept, 6, 60), (given_up, 7, 90))
    done = make_merge(kept, given_up)
    round_ = scored()

    assert list(Evidence.objects.values_list("volunteer", "minutes")) == [(kept.pk, 150)]
    assert verify_round(round_) == []
    with pytest.raises(RuleBroken, match="2026"):
        undo_merge(done, by=make_user(Role.ADMIN))
    assert broken() == set()


def test_a_year_that_was_scored_before_the_merge_keeps_both(team, two):
    kept, given_up = two
    served(team, (kept, 6, 60), (given_up, 7, 90))
    round_ = scored()
    done = make_merge(kept, given_up)

    assert verify_round(round_) == []
    assert broken() == set()
    assert {row.volunteer: row.minutes for row in score_from_rollups(round_)} == {kept.pk: 60, given_up.pk: 90}
    undo_merge(done, by=make_user(Role.ADMIN))
    assert verify_round(round_) == []


def test_a_certificate_for_both_keeps_them_one_until_it_is_revoked(team, two):
    kept, given_up = two
    served(team, (kept, 6, 60), (given_up, 7, 90))
    done = make_merge(kept, given_up)
    admin = make_user(Role.ADMIN)
    make_certificate(kept, starts_on=date(2026, 7, 1), ends_on=date(2026, 7, 31), by=admin)

    with pytest.raises(RuleBroken):
        undo_merge(done, by=admin)
    Certificate.objects.update(revoked_at=now(), revoked_by=admin, revoked_reason="x")
    assert undo_merge(done, by=admin).undone_at


def test_persons_are_counted_once_and_person_times_as_before(team, two):
    kept, given_up = two
    third = team.memberships.exclude(volunteer__in=two)[0].volunteer
    served(team, (kept, 6, 60), (given_up, 7, 90), (third, 8, 30))
    july, year = Period(2026, 7), Period(2026)
    make_merge(kept, given_up)

    for period in (july, year):
        for counted in (figures.from_rollups(period), figures.live(period)):
            assert (counted.persons, counted.total.person_times) == (2, 3)
            assert counted.persons_by_township == {team.township_id: 2}
        assert figures.from_rollups(period, team.township).persons == 2


def test_a_person_whose_other_record_served_elsewhere_counts_where_they_live(team, two):
    elsewhere = make_team(members=4)
    given_up = elsewhere.memberships.filter(role="member")[0].volunteer
    served(elsewhere, (given_up, 7, 90))
    kept = two[0]
    make_merge(kept, given_up)

    for counted in (figures.from_rollups(Period(2026)), figures.live(Period(2026))):
        assert counted.persons == 1
        assert counted.persons_by_township == {team.township_id: 1}
    assert figures.from_rollups(Period(2026), team.township).persons == 1
    assert figures.from_rollups(Period(2026), elsewhere.township).persons == 0


def test_a_ballot_names_a_person_once(team, two):
    kept, given_up = two
    served(team, (kept, 6, 60), (given_up, 7, 90))
    round_ = open_round(2026, by=make_user(Role.REVIEWER))
    make_merge(kept, given_up)

    named = [candidate.volunteer for candidate in candidates(round_, team.grid)]
    assert named.count(kept) == 1
    assert given_up not in named


# --- in one place at a time ------------------------------------------------------------------------------


def test_two_who_were_in_two_services_at_one_time_are_not_one(team, two):
    kept, given_up = two
    make_log(team=team, on=date(2026, 7, 6), starts=time(8), minutes=60, participants=[kept])
    make_log(team=team, on=date(2026, 7, 6), starts=time(8, 30), minutes=60, participants=[given_up])

    with pytest.raises(RuleBroken, match="08:30–09:30") as refused:
        make_merge(kept, given_up)

    assert team.name in str(refused.value)
    assert not Volunteer.objects.filter(merged_into__isnull=False).exists()


def test_two_who_were_in_one_service_are_not_one(team, two):
    make_log(team=team, participants=two)

    with pytest.raises(RuleBroken):
        make_merge(*two)


def logged(team, day, starts, *people, by):
    start = make_aware(datetime.combine(day, starts))
    return record_service(
        key=uuid4(),
        team=team,
        date=day,
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        category=ServiceCategory.objects.first(),
        recipient="陈阿婆",
        content="打扫卫生",
        participants={person.pk: None for person in people},
        by=by,
    )


def test_a_merged_person_is_in_one_place_also_by_the_other_record(team, two):
    kept, given_up = two
    day = date(2026, 7, 6)
    make_log(team=team, on=day, starts=time(8), minutes=60, participants=[given_up])
    make_merge(kept, given_up)
    staff = make_user(Role.TOWNSHIP_STAFF, township=team.township)

    with pytest.raises(RuleBroken):
        logged(team, day, time(8, 30), kept, by=staff)
    with pytest.raises(RuleBroken):
        logged(team, day, time(15), kept, given_up, by=staff)
    assert logged(team, day, time(9), kept, by=staff)
    assert broken() == set()


def test_the_dossiers_months_count_both_records_and_lead_to_their_services(team, two, client_of):
    kept, given_up = two
    day = localdate().replace(day=1)
    make_log(team=team, on=day, participants=[kept])
    make_log(team=team, on=day, participants=[given_up], starts=time(15))
    Volunteer.objects.filter(pk=given_up.pk).update(merged_into=kept)
    admin = client_of(Role.ADMIN)
    months = next(part for part in admin.get(kept.get_absolute_url()).context["parts"] if part.section.name == "months")
    _label, count, url = months.context["columns"][-1]

    assert count == 2
    assert admin.get(url).context["page"].count.number == 2
