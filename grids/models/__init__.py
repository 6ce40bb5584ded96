"""Grids, teams and memberships."""

from grids.models.change import ChangedGrid, GridChange
from grids.models.grid import Grid
from grids.models.grid_import import GridImport
from grids.models.membership import Membership
from grids.models.setting_change import SettingChange
from grids.models.team import Team

<<<<<<< HEAD
__all__ = ["Grid", "Membership", "SettingChange", "Team"]
||||||| parent of dbf7b4f (Divide villages, split, merge and renumber grids without losing history)
__all__ = ["Grid", "Membership", "Team"]
=======
__all__ = ["ChangedGrid", "Grid", "GridChange", "GridImport", "Membership", "Team"]
>>>>>>> dbf7b4f (Divide villages, split, merge and renumber grids without losing history)
