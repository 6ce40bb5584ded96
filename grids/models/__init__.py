"""Grids, teams and memberships."""

from grids.models.grid import Grid
from grids.models.membership import Membership
from grids.models.setting_change import SettingChange
from grids.models.team import Team

__all__ = ["Grid", "Membership", "SettingChange", "Team"]
