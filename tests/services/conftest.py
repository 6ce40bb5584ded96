"""A team, its township's staff and its leader, as most tests of pages need them."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.rights import Role
from grids.models import Membership, Team
from tests.factories import make_team


@pytest.fixture
def team() -> Team:
    """Make an active team of three."""
    return make_team()


@pytest.fixture
def staff(client_of: Callable[..., Client], team: Team) -> Client:
    """Return the client of the township's staff."""
    return client_of(Role.TOWNSHIP_STAFF, township=team.township)


@pytest.fixture
def leader(client_of: Callable[..., Client], team: Team) -> Client:
    """Return the client of the team's leader."""
    client = client_of(Role.TEAM_LEADER, township=team.township)
    chief = Membership.objects.get(team=team, role="leader").volunteer
    chief.user = client.user
    chief.save()
    return client
