"""Grids, teams and memberships."""

from grids.models.change import ChangedGrid, GridChange
from grids.models.grid import Grid
from grids.models.grid_import import GridImport
from grids.models.membership import Membership
from grids.models.role_change import RoleChange
from grids.models.setting_change import SettingChange
from grids.models.team import Team

__all__ = ["ChangedGrid", "Grid", "GridChange", "GridImport", "Membership", "RoleChange", "SettingChange", "Team"]
