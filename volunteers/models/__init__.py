"""Volunteers: absences, badges, photos, qualifications, skill types, and the texts that volunteers accept."""

from volunteers.models.absence import Absence
from volunteers.models.badge import Badge
from volunteers.models.portrait import Portrait
from volunteers.models.qualification import Qualification
from volunteers.models.skill_type import SkillType
from volunteers.models.text import Acceptance, ProgrammeText
from volunteers.models.volunteer import Volunteer

__all__ = [
    "Absence",
    "Acceptance",
    "Badge",
    "Portrait",
    "ProgrammeText",
    "Qualification",
    "SkillType",
    "Volunteer",
]
