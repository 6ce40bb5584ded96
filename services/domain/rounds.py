"""The rounds of a month: submitted, returned with what was asked, and submitted again with what changed. Reads only.

Told from the audit trail, so that a reviewer of the second round sees what the first one asked, and whether it was
done. A fixed number of queries, whatever the number of rounds and logs.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from django.contrib.contenttypes.models import ContentType

from accounts.events import event_label
from accounts.history import Change, entries_of, readable_changes
from accounts.models import AuditEntry
from services.models import LogComment, MonthlyReport, ServiceLog
from services.models.log import WRITTEN_BY

SUBMITTING = ("submit_month", "submit_months")
GIVING_BACK = ("return_month", "reopen_month")
READING = ("read_month", "read_plain_months")
# More changes than anybody reads on one screen: the logs' own pages tell all of them.
CHANGES_SHOWN = 60


@dataclass(frozen=True)
class LogChange:
    """What became of one log between two submissions: which event, by whom, from what to what."""

    log: ServiceLog
    what: str
    who: str
    entry: AuditEntry
    changes: list[Change]


@dataclass
class ReviewRound:
    """One round: how it was submitted and given back, what was asked on the logs, and what changed before it."""

    number: int
    submitted: AuditEntry | None = None
    given_back: AuditEntry | None = None
    read: AuditEntry | None = None
    comments: list[LogComment] = field(default_factory=list)
    changes: list[LogChange] = field(default_factory=list)
    noted: str = ""  # the remark that the month itself still has, where the trail tells nothing

    @property
    def remark(self) -> str:
        """What was said when it was given back."""
        return (self.given_back.changes or {}).get("remark", ("", ""))[1] if self.given_back else self.noted


def rounds_of(report: MonthlyReport) -> list[ReviewRound]:
    """Return the rounds from first to last; none for a month that was never given back."""
    if not report.times_returned:
        return []
    steps = list(entries_of(report, (*SUBMITTING, *GIVING_BACK, *READING)))
    rounds = [ReviewRound(1)]
    for entry in steps:
        if entry.event in SUBMITTING:
            rounds[-1].submitted = entry
        elif entry.event in READING:
            rounds[-1].read = entry
        else:
            rounds[-1].given_back = entry
            rounds.append(ReviewRound(len(rounds) + 1))
    # A month that came with a demo, or from before there was a trail, has more rounds than its trail tells.
    if not any(each.given_back for each in rounds):
        rounds.insert(0, ReviewRound(0, noted=report.remark))
    while len(rounds) <= report.times_returned:
        rounds.insert(0, ReviewRound(0))
    for number, each in enumerate(rounds, start=1):
        each.number = number
    _add_comments(report, rounds)
    _add_changes(report, rounds)
    return rounds


def _add_comments(report: MonthlyReport, rounds: list[ReviewRound]) -> None:
    comments = LogComment.objects.filter(log__report=report).select_related("log", "by", "settled_by")
    for comment in comments.order_by("log__date", "log_id", "id"):
        number = comment.round
        if number is None:  # from before rounds were kept: by when it was made
            number = sum(1 for each in rounds if each.given_back and each.given_back.timestamp < comment.at)
        rounds[min(number, len(rounds) - 1)].comments.append(comment)


def _add_changes(report: MonthlyReport, rounds: list[ReviewRound]) -> None:
    """Put each change of a log to the round before which it was made: after the return, before the submission."""
    returns = [each.given_back.pk for each in rounds if each.given_back]
    if not returns:
        return
    logs = {log.pk: log for log in report.logs.all()}
    kind = ContentType.objects.get_for_model(ServiceLog)
    found = AuditEntry.objects.filter(content_type=kind, object_id__in=list(logs), pk__gt=returns[0])
    entries = list(found.select_related("actor").order_by("pk")[:CHANGES_SHOWN])
    changes = readable_changes(entries)
    told: dict[tuple[int, int, str], LogChange] = {}
    by_round: dict[int, list[LogChange]] = defaultdict(list)
    for entry in entries:
        number = sum(1 for each in rounds if each.given_back and each.given_back.pk < entry.pk)
        # Editing a log writes an entry for the log and one for its people: one change to whoever reads it.
        key = (number, entry.object_id or 0, f"{entry.event}{entry.timestamp:%Y%m%d%H%M}")
        # What was written for the first time stands on the page: only what changed is told.
        parts = [] if entry.event in WRITTEN_BY else changes[entry.pk]
        if key in told:
            told[key].changes.extend(parts)
            continue
        told[key] = LogChange(
            logs[entry.object_id or 0],
            event_label(entry.event, entry.action),
            entry.actor.name if entry.actor else "",
            entry,
            list(parts),
        )
        by_round[number].append(told[key])
    for number, made in by_round.items():
        rounds[min(number, len(rounds) - 1)].changes.extend(made)
