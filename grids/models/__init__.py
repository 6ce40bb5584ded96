"""Grids, teams, memberships, the composing of teams, and contact cards."""

from grids.models.card import CardBatch, CardFile, CardPrint, HandOut
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
    "CardBatch",
    "CardFile",
    "CardPrint",
    "ChangedGrid",
    "Composition",
    "CompositionPart",
    "CompositionWish",
    "Grid",
    "GridChange",
    "GridImport",
    "HandOut",
    "Membership",
    "ProposedSeat",
    "ProposedTeam",
    "RoleChange",
    "SettingChange",
    "Team",
]
