"""Grids, teams, memberships, and the composing of teams."""

from grids.models.change import ChangedGrid, GridChange
from grids.models.composition import Composition, CompositionPart
from grids.models.grid import Grid
from grids.models.grid_import import GridImport
from grids.models.membership import Membership
from grids.models.proposal import CompositionWish, ProposedSeat, ProposedTeam
from grids.models.role_change import RoleChange
from grids.models.setting_change import SettingChange
from grids.models.team import Team

__all__ = [
    "ChangedGrid",
    "Composition",
    "CompositionPart",
    "CompositionWish",
    "Grid",
    "GridChange",
    "GridImport",
    "Membership",
    "ProposedSeat",
    "ProposedTeam",
    "RoleChange",
    "SettingChange",
    "Team",
]
