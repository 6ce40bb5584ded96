"""Grids, teams and memberships."""

from grids.models.grid import Grid
from grids.models.membership import Membership
from grids.models.team import Team

__all__ = ["Grid", "Membership", "Team"]
