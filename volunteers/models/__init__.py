"""Volunteers: how they join, absences, badges, photos, qualifications, skill types, merges, moves, accepted texts."""

from volunteers.models.absence import Absence
from volunteers.models.application import Application
from volunteers.models.attendance import Attendance, OpenName
from volunteers.models.badge import Badge
from volunteers.models.badge_print import BadgePrint, PrintedBadge
from volunteers.models.course import Course
from volunteers.models.former_home import FormerHome
from volunteers.models.invitation import Invitation
from volunteers.models.merge import Apart, Merge
from volunteers.models.move import Move
from volunteers.models.portrait import Portrait
from volunteers.models.provider import Provider
from volunteers.models.qualification import Qualification
from volunteers.models.search import SearchEntry, SearchText
from volunteers.models.skill_type import SkillType
from volunteers.models.text import Acceptance, ProgrammeText
from volunteers.models.volunteer import Volunteer
from volunteers.models.volunteer_import import ColumnMapping, VolunteerImport, VolunteerImportPart

__all__ = [
    "Absence",
    "Acceptance",
    "Apart",
    "Application",
    "Attendance",
    "Badge",
    "BadgePrint",
    "ColumnMapping",
    "Course",
    "FormerHome",
    "Invitation",
    "Merge",
    "Move",
    "OpenName",
    "Portrait",
    "PrintedBadge",
    "ProgrammeText",
    "Provider",
    "Qualification",
    "SearchEntry",
    "SearchText",
    "SkillType",
    "Volunteer",
    "VolunteerImport",
    "VolunteerImportPart",
]
