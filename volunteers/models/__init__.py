"""Volunteers, their absences, and skill types."""

from volunteers.models.absence import Absence
from volunteers.models.skill_type import SkillType
from volunteers.models.volunteer import Volunteer

__all__ = ["Absence", "SkillType", "Volunteer"]
