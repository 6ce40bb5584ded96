"""Recognition in the admin site: found there, never changed there."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.rights import Role
from services.domain.recognition import choose_award, open_round, score_round
from services.models import BallotTally, RecognitionRound, VolunteerYear
from tests.factories import make_team, make_user

pytestmark = pytest.mark.django_db

ClientOf = Callable[..., Client]
MODELS = ("recognitionround", "evidence", "ballottally", "award")


def a_scored_round(teams: int) -> RecognitionRound:
    runner = make_user(Role.REVIEWER)
    voting = open_round(2025, by=runner)
    for team in [make_team(activated_on=date(2020, 1, 1)) for _ in range(teams)]:
        for membership in team.memberships.all():
            person = {"team": team, "volunteer": membership.volunteer}
            VolunteerYear.objects.create(year=2025, minutes=20_000, services=10, **person)
            BallotTally.objects.create(
                round=voting,
                grid=team.grid,
                volunteer=membership.volunteer,
                satisfied=7,
                fairly_satisfied=0,
                dissatisfied=0,
                unknown=0,
            )
    scored = score_round(voting, accept_unread=True, by=runner)
    for evidence in scored.evidence.all():
        choose_award(scored, evidence.volunteer, by=runner)
    return scored


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR])
@pytest.mark.parametrize("model", MODELS)
def test_records_are_found_and_not_changed(client_of: ClientOf, role: Role, model: str) -> None:
    a_scored_round(1)
    client = client_of(role)
    listed = client.get(reverse(f"admin:services_{model}_changelist"))
    first = listed.context["cl"].result_list[0]
    address = reverse(f"admin:services_{model}_change", args=[first.pk])

    answers = [client.get(address), client.post(address, {"year": 1, "minutes": 1})]
    add = client.get(reverse(f"admin:services_{model}_add"))

    assert listed.status_code == 200
    assert [answer.status_code for answer in answers] == [200, 403]
    assert add.status_code == 403


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("teams", [1, 6])
def test_lists_take_a_bounded_number_of_queries(
    client_of: ClientOf, django_assert_max_num_queries: Any, model: str, teams: int
) -> None:
    a_scored_round(teams)
    client = client_of(Role.ADMIN)

    with django_assert_max_num_queries(12):
        client.get(reverse(f"admin:services_{model}_changelist"), {"q": "义工"} if model != "recognitionround" else {})
