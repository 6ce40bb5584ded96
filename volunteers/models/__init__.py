"""Volunteers, their absences, badges, skill types, and the texts that volunteers accept."""

from volunteers.models.absence import Absence
from volunteers.models.badge import Badge
from volunteers.models.skill_type import SkillType
from volunteers.models.text import Acceptance, ProgrammeText
from volunteers.models.volunteer import Volunteer

__all__ = ["Absence", "Acceptance", "Badge", "ProgrammeText", "SkillType", "Volunteer"]
