"""What of the lists of services, months and rounds may be taken along: each column as its page shows it."""

from typing import Any

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from common.exports import Column, Export

LOGS = Export(
    _("Service logs"),
    (
        Column(_("Date"), "date"),
        Column(_("Time"), "time"),
        Column(_("For whom"), "recipient"),
        Column(_("What was done"), "content"),
        Column(_("Category"), "category"),
        Column(_("Team"), "team"),
        Column(_("Who took part"), "people"),
        Column(_("Minutes"), "minutes"),
        Column(_("State"), lambda row: [row["state"], row["mark"]]),
    ),
)
REQUESTS = Export(
    _("Requests"),
    (
        Column(_("Asked on"), "asked"),
        Column(_("Who asks"), "caller"),
        Column(_("Where"), "where"),
        Column(_("What is asked"), "content"),
        Column(_("Category"), "category"),
        Column(_("Urgency"), "urgency"),
        Column(_("Team"), "team"),
        Column(_("How it came"), "channel"),
        Column(_("Next deadline"), "due"),
        Column(_("State"), "state"),
        Column(pgettext_lazy("request", "Marks"), "marks"),
    ),
)
CUSTODY = Export(
    _("Things in custody"),
    (
        Column(_("What was handed over"), "what"),
        Column(_("What sort of thing"), "kind"),
        Column(_("From whom"), "from_whom"),
        Column(_("Received"), "received"),
        Column(_("Received by"), "receiver"),
        Column(_("For how long"), "age"),
        Column(_("Where it is"), lambda row: [row["state"], row["where"]]),
        Column(_("Team"), "team"),
        Column(_("Township"), "township", is_city=True),
    ),
)
MESSAGES = Export(
    _("Texts to phones"),
    (
        Column(_("When"), "when"),
        Column(pgettext_lazy("text message", "To"), "to"),
        Column(_("Phone"), "phone"),
        Column(_("What it is about"), "kind"),
        Column(_("State"), "state"),
        Column(_("Tries"), "tries"),
        Column(_("Why it failed"), "error"),
    ),
)
CORRECTIONS = Export(
    _("Corrections"),
    (
        Column(_("Log"), "recipient"),
        Column(_("Date"), "date"),
        Column(_("Team"), "team"),
        Column(_("Township"), "township", is_city=True),
        Column(pgettext_lazy("correction", "What is asked"), "kind"),
        Column(_("Reason"), "reason"),
        Column(pgettext_lazy("correction", "Asked"), "asked"),
        Column(_("Decided"), "decided"),
        Column(_("Answer"), "answer"),
        Column(_("State"), "state"),
    ),
)
LOG_IMPORTS = Export(
    _("Imports of logs"),
    (
        Column(_("File"), "file"),
        Column(_("Uploaded"), "at"),
        Column(_("Uploaded by"), "by"),
        Column(_("Rows"), "rows"),
        Column(_("Logs written"), "imported"),
        Column(_("State"), "state"),
    ),
)
REPORTS = Export(
    _("Monthly reports"),
    (
        Column(_("Team"), "team"),
        Column(_("Township"), "township", is_city=True),
        Column(_("Month"), "month"),
        Column(_("State"), "state"),
        Column(_("Remark"), "remark"),
        Column(_("Services"), lambda row: row["totals"].logs),
        Column(_("People"), lambda row: row["totals"].people),
        Column(_("Hours"), "hours", is_number=True),
        Column(_("Reviewed by"), "reviewed"),
    ),
)
SILENT_TEAMS = Export(
    _("Silent teams"),
    (
        Column(_("Team"), "name"),
        Column(_("Township"), "township", is_city=True),
        Column(_("Leader"), "leader"),
        Column(_("Last service"), lambda row: row["last"] if row["last_url"] else gettext("No service so far")),
        Column(_("Without service for"), "days"),
        Column(_("Waiting requests"), "requests"),
    ),
)
UNCOVERED_GRIDS = Export(
    _("Uncovered grids"),
    (
        Column(_("Grid"), "name"),
        Column(_("Township"), "township", is_city=True),
        Column(_("Uncovered since"), lambda row: row["since"] or gettext("Never covered")),
        Column(_("Uncovered for"), "days"),
        Column(_("Team"), lambda row: [row["team"], row["state"]]),
        Column(_("Members"), "members"),
        Column(_("Households"), "households"),
    ),
)
NOTICES = Export(
    _("Notices"),
    (
        Column(_("Township"), "township"),
        Column(_("Month"), "month"),
        Column(_("Shown"), "days"),
        Column(_("Objections"), "objections"),
        Column(_("State"), "state"),
    ),
)
OBJECTIONS = Export(
    _("Objections"),
    (
        Column(_("Notice"), "notice"),
        Column(_("Objection"), "text"),
        Column(_("Made on"), "made"),
        Column(_("Answered on"), "answered"),
        Column(_("State"), "state"),
    ),
)
FEEDBACK = Export(
    _("What residents say"),
    (
        Column(pgettext_lazy("of feedback", "Kind"), "kind"),
        Column(_("Words"), "text"),
        Column(_("Volunteer"), lambda row: [row["volunteer"], row["warning"]]),
        Column(_("Team"), "team"),
        Column(_("Received"), "made"),
        Column(_("To be answered by"), "due"),
        Column(_("State"), "state"),
    ),
)
SAMPLED = Export(
    _("Drawn months"),
    (
        Column(pgettext_lazy("in a draw", "Place"), "place"),
        Column(_("Team"), "team"),
        Column(_("Township"), "township"),
        Column(_("Month"), "month"),
        Column(_("Finding"), "finding"),
        Column(_("Remark"), "remark"),
        Column(_("Answer"), "answer"),
        Column(_("Looked at by"), "checked"),
    ),
)
SAMPLES = Export(
    _("Samples"),
    (
        Column(_("Sample"), "name"),
        Column(_("Drawn"), "drawn"),
        Column(_("Months drawn"), "size"),
        Column(pgettext_lazy("sample", "Looked at"), "checked"),
        Column(_("Remarks"), "remarks"),
    ),
)
VOTES = Export(
    _("Votes of the grids"),
    (
        Column(_("Grid"), "name"),
        Column(_("Township"), "township"),
        Column(_("Team"), "teams"),
        Column(_("Households"), "households"),
        Column(_("Ballots"), "ballots"),
        Column(_("Votes"), lambda row: gettext("Entered") if row["has_votes"] else gettext("Not entered")),
    ),
)


def _result(row: dict[str, Any]) -> list[str]:
    """Say how somebody was scored, as the list does."""
    return [
        gettext("Eligible") if row["is_eligible"] else gettext("Not eligible"),
        "" if row["is_eligible"] else row["missed"],
        gettext("Awarded") if row["is_honoured"] else "",
        gettext("Corrected since") if row["is_corrected"] else "",
    ]


EVIDENCE = Export(
    _("Evidence"),
    (
        Column(_("Volunteer"), "name"),
        Column(_("Number"), "number"),
        Column(_("Township"), "township"),
        Column(_("Team in the grid of most services"), "team"),
        Column(_("Hours"), "hours", is_number=True),
        Column(_("Services"), "services"),
        Column(_("Satisfied votes"), "votes"),
        Column(_("Result"), _result),
    ),
)
CERTIFICATES = Export(
    _("Service record certificates"),
    (
        Column(_("Number"), "number"),
        Column(pgettext_lazy("person", "Name"), "name"),
        Column(_("Volunteer’s number"), "volunteer_number"),
        Column(_("Township"), "township"),
        Column(_("Days"), "period"),
        Column(_("Hours"), "hours"),
        Column(_("Services"), "services"),
        Column(_("Issued on"), "issued_on"),
        Column(_("State"), "standing"),
    ),
)
