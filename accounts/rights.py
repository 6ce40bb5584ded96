"""What each role may do: one table, and nothing else decides it.

*Which* objects a person reaches is the querysets' ``visible_to(user)``; this table says what may be done with them.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Who has an account (the table «Who uses it» of the programme)."""

    TOWNSHIP_STAFF = "township_staff", _("Township staff")
    TEAM_LEADER = "team_leader", _("Team leader")
    REVIEWER = "reviewer", _("Reviewer")
    ADMIN = "admin", _("Administrator")
    AUDITOR = "auditor", _("Auditor")


class Right(StrEnum):
    """Something that a role may or may not do."""

    VIEW_VOLUNTEERS = "view_volunteers"
    SEE_PHONES = "see_phones"
    SEE_ID_NUMBERS = "see_id_numbers"
    PRINT_DOSSIERS = "print_dossiers"
    REGISTER_VOLUNTEERS = "register_volunteers"
    ADMIT_VOLUNTEERS = "admit_volunteers"
    IMPORT_VOLUNTEERS = "import_volunteers"
    VIEW_DRAFT_TEXTS = "view_draft_texts"
    KEEP_TEXTS = "keep_texts"
    VIEW_ACCEPTANCES = "view_acceptances"
    ENTER_ACCEPTANCES = "enter_acceptances"
    VIEW_BADGES = "view_badges"
    KEEP_BADGES = "keep_badges"
    ISSUE_BADGES = "issue_badges"
    VIEW_APPLICATIONS = "view_applications"
    MERGE_VOLUNTEERS = "merge_volunteers"
    VIEW_TRAINING = "view_training"
    KEEP_TRAINING = "keep_training"
    VIEW_TEAMS = "view_teams"
    MANAGE_TEAMS = "manage_teams"
    KEEP_PLACES = "keep_places"
    VIEW_COMPOSITIONS = "view_compositions"
    COMPOSE_TEAMS = "compose_teams"
    KEEP_CHANNELS = "keep_channels"
    KEEP_TOWNSHIP_SETTINGS = "keep_township_settings"
    VIEW_CARDS = "view_cards"
    KEEP_CARDS = "keep_cards"
    VIEW_LOGS = "view_logs"
    LOG_SERVICES = "log_services"
    MEND_LOGS = "mend_logs"
    PLAN_VISITS = "plan_visits"
    KEEP_REQUESTS = "keep_requests"
    DISPATCH_REQUESTS = "dispatch_requests"
    ANSWER_REQUESTS = "answer_requests"
    CARRY_PAGER = "carry_pager"
    KEEP_CUSTODY = "keep_custody"
    KEEP_DEADLINES = "keep_deadlines"
    VIEW_MESSAGES = "view_messages"
    VIEW_REQUESTS = "view_requests"
    VIEW_REPORTS = "view_reports"
    SUBMIT_REPORTS = "submit_reports"
    KEEP_OWN_MONTH = "keep_own_month"
    REVIEW_REPORTS = "review_reports"
    VIEW_SAMPLES = "view_samples"
    SAMPLE_REPORTS = "sample_reports"
    VIEW_NOTICES = "view_notices"
    ANSWER_OBJECTIONS = "answer_objections"
    VIEW_FEEDBACK = "view_feedback"
    ANSWER_FEEDBACK = "answer_feedback"
    VIEW_RECOGNITION = "view_recognition"
    ENTER_VOTES = "enter_votes"
    RUN_RECOGNITION = "run_recognition"
    DOWNLOAD_EVIDENCE = "download_evidence"
    VIEW_CERTIFICATES = "view_certificates"
    ISSUE_CERTIFICATES = "issue_certificates"
    VIEW_FIGURES = "view_figures"
    EXPORT_LISTS = "export_lists"
    VIEW_AUDIT_TRAIL = "view_audit_trail"
    VIEW_ADMIN_SITE = "view_admin_site"
    CHANGE_ADMIN_SITE = "change_admin_site"


STAFF, LEADER, REVIEWER, ADMIN, AUDITOR = Role
EVERYONE = frozenset(Role)
OFFICES = EVERYONE - {LEADER}

ROLES_WITH: dict[Right, frozenset[Role]] = {
    Right.VIEW_VOLUNTEERS: EVERYONE,
    Right.SEE_PHONES: frozenset({STAFF, LEADER, ADMIN}),
    Right.SEE_ID_NUMBERS: frozenset({STAFF, ADMIN}),
    Right.PRINT_DOSSIERS: OFFICES,
    Right.REGISTER_VOLUNTEERS: frozenset({STAFF, ADMIN}),
    Right.ADMIT_VOLUNTEERS: frozenset({ADMIN}),
    Right.IMPORT_VOLUNTEERS: frozenset({STAFF, ADMIN}),
    Right.VIEW_DRAFT_TEXTS: frozenset({ADMIN, AUDITOR}),
    Right.KEEP_TEXTS: frozenset({ADMIN}),
    Right.VIEW_ACCEPTANCES: OFFICES,
    Right.ENTER_ACCEPTANCES: frozenset({STAFF, ADMIN}),
    Right.VIEW_BADGES: OFFICES,
    Right.KEEP_BADGES: frozenset({STAFF, ADMIN}),
    Right.ISSUE_BADGES: frozenset({STAFF, ADMIN}),
    Right.VIEW_APPLICATIONS: frozenset({STAFF, ADMIN, AUDITOR}),
    Right.MERGE_VOLUNTEERS: frozenset({ADMIN}),
    Right.VIEW_TRAINING: OFFICES,
    Right.KEEP_TRAINING: frozenset({STAFF, ADMIN}),
    Right.VIEW_TEAMS: EVERYONE,
    Right.MANAGE_TEAMS: frozenset({STAFF, ADMIN}),
    Right.VIEW_COMPOSITIONS: OFFICES,
    Right.COMPOSE_TEAMS: frozenset({STAFF, ADMIN}),
    Right.KEEP_CHANNELS: frozenset({STAFF, ADMIN}),
    Right.KEEP_TOWNSHIP_SETTINGS: frozenset({ADMIN}),
    Right.VIEW_CARDS: OFFICES,
    Right.KEEP_CARDS: frozenset({STAFF, ADMIN}),
    Right.KEEP_PLACES: frozenset({ADMIN}),
    Right.VIEW_LOGS: EVERYONE,
    Right.LOG_SERVICES: frozenset({STAFF, LEADER}),
    Right.MEND_LOGS: frozenset({STAFF, LEADER}),
    Right.PLAN_VISITS: frozenset({STAFF, LEADER}),
    Right.KEEP_REQUESTS: frozenset({STAFF, LEADER}),
    Right.DISPATCH_REQUESTS: frozenset({STAFF}),
    Right.ANSWER_REQUESTS: frozenset({STAFF, LEADER}),
    Right.CARRY_PAGER: frozenset({LEADER}),
    Right.KEEP_CUSTODY: frozenset({STAFF, LEADER}),
    Right.KEEP_DEADLINES: frozenset({ADMIN}),
    Right.VIEW_MESSAGES: frozenset({ADMIN}),
    Right.VIEW_REQUESTS: EVERYONE,
    Right.VIEW_REPORTS: EVERYONE,
    Right.SUBMIT_REPORTS: frozenset({STAFF, LEADER}),
    Right.KEEP_OWN_MONTH: frozenset({LEADER}),
    Right.REVIEW_REPORTS: frozenset({REVIEWER}),
    Right.VIEW_SAMPLES: frozenset({REVIEWER, AUDITOR}),
    Right.SAMPLE_REPORTS: frozenset({REVIEWER}),
    Right.VIEW_NOTICES: OFFICES,
    Right.ANSWER_OBJECTIONS: frozenset({STAFF, REVIEWER}),
    Right.VIEW_FEEDBACK: OFFICES,
    Right.ANSWER_FEEDBACK: frozenset({STAFF}),
    Right.VIEW_RECOGNITION: OFFICES,
    Right.ENTER_VOTES: frozenset({STAFF, REVIEWER}),
    Right.RUN_RECOGNITION: frozenset({REVIEWER}),
    Right.DOWNLOAD_EVIDENCE: frozenset({REVIEWER, ADMIN, AUDITOR}),
    Right.VIEW_CERTIFICATES: OFFICES,
    Right.ISSUE_CERTIFICATES: frozenset({STAFF, ADMIN}),
    Right.VIEW_FIGURES: OFFICES,
    Right.EXPORT_LISTS: OFFICES,
    Right.VIEW_AUDIT_TRAIL: frozenset({ADMIN, AUDITOR}),
    Right.VIEW_ADMIN_SITE: frozenset({ADMIN, AUDITOR}),
    Right.CHANGE_ADMIN_SITE: frozenset({ADMIN}),
}

# These rights belong to the city level of a role only: a township's reviewer does not run the recognition.
CITY_LEVEL_ONLY = frozenset({Right.RUN_RECOGNITION, Right.DOWNLOAD_EVIDENCE, Right.VIEW_SAMPLES, Right.SAMPLE_REPORTS})

# These go with a duty of the township (``areas.TownshipSettings``): they make new records of its kind. What is on
# record stays to be read and to be put right.
DUTY_OF = {
    Right.LOG_SERVICES: "uses_logs",
    Right.PLAN_VISITS: "uses_visit_plans",
    Right.ISSUE_BADGES: "uses_badges",
}

View = Callable[..., HttpResponse]


def roles_named(right: Right) -> str:
    """Name the roles that have ``right``, in the reader's language: a refusal says who can do it."""
    return "、".join(str(role.label) for role in Role if role in ROLES_WITH[right])


def refusal(right: Right) -> str:
    """Say who can do what somebody was refused."""
    return str(format_lazy(_("This can be done by: {roles}."), roles=roles_named(right)))


def right_required(right: Right) -> Callable[[View], View]:
    """Let only those through who have ``right``; the others get 403 and read who can do it."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.may(right):  # type: ignore[union-attr]
                raise PermissionDenied(request.user.refusal(right))  # type: ignore[union-attr]
            return view(request, *args, **kwargs)

        return checked

    return decorate
