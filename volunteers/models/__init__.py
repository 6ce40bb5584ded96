"""Volunteers and skill types."""

from volunteers.models.skill_type import SkillType
from volunteers.models.volunteer import Volunteer

__all__ = ["SkillType", "Volunteer"]
