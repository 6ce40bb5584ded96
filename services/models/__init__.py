"""Service logs, monthly reports, the figures rolled up from them, and the annual recognition."""

from services.models.ballot import BallotTally
from services.models.call_attempt import CallAttempt
from services.models.category import ServiceCategory
from services.models.certificate import Certificate
from services.models.comment import LogComment
from services.models.confirmation import Confirmation
from services.models.correction import Correction
from services.models.custody import CustodyItem
from services.models.feedback import Feedback
from services.models.flag import LogFlag
from services.models.log import Participation, ServiceLog
from services.models.log_import import LogImport
from services.models.missed_visit import MissedVisit
from services.models.notice import Notice
from services.models.objection import Objection
from services.models.photo import LogPhoto
from services.models.recognition import Award, Evidence, RecognitionRound
from services.models.report import MonthlyReport, ReportContributor
from services.models.request import HelpRequest
from services.models.request_deadline import RequestDeadline
from services.models.request_photo import RequestPhoto
from services.models.request_step import RequestStep
from services.models.rollup import TownshipMonth, VolunteerMonth, VolunteerYear
from services.models.sample import Sample, SampledReport
from services.models.sent_message import SentMessage
from services.models.thanks import Thanks
from services.models.visit_plan import Visit, VisitPlan

__all__ = [
    "Award",
    "BallotTally",
    "CallAttempt",
    "Certificate",
    "Confirmation",
    "Correction",
    "CustodyItem",
    "Evidence",
    "Feedback",
    "HelpRequest",
    "LogComment",
    "LogFlag",
    "LogImport",
    "LogPhoto",
    "MissedVisit",
    "MonthlyReport",
    "Notice",
    "Objection",
    "Participation",
    "RecognitionRound",
    "ReportContributor",
    "RequestDeadline",
    "RequestPhoto",
    "RequestStep",
    "Sample",
    "SampledReport",
    "SentMessage",
    "ServiceCategory",
    "ServiceLog",
    "Thanks",
    "TownshipMonth",
    "Visit",
    "VisitPlan",
    "VolunteerMonth",
    "VolunteerYear",
]
