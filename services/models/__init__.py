"""Service logs, monthly reports, the figures rolled up from them, and the annual recognition."""

from services.models.ballot import BallotTally
from services.models.category import ServiceCategory
from services.models.comment import LogComment
from services.models.flag import LogFlag
from services.models.log import Participation, ServiceLog
from services.models.recognition import Award, Evidence, RecognitionRound
from services.models.report import MonthlyReport, ReportContributor
from services.models.request import HelpRequest
from services.models.rollup import TownshipMonth, VolunteerMonth, VolunteerYear

__all__ = [
    "Award",
    "BallotTally",
    "Evidence",
    "HelpRequest",
    "LogComment",
    "LogFlag",
    "MonthlyReport",
    "Participation",
    "RecognitionRound",
    "ReportContributor",
    "ServiceCategory",
    "ServiceLog",
    "TownshipMonth",
    "VolunteerMonth",
    "VolunteerYear",
]
