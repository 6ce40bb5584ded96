"""The recipient of a service says whether it took place: by a code on a slip that the team leaves with them.

The code is made of the log's submission key with a key of this installation (HMAC-SHA-256), so that the slip can be
printed again; stored is only a keyed hash of the code. It has 51 bits: eleven signs of 26 that no eye confuses. Whether
somebody may try at all is for the caller to ask (``common.throttle``). The answer never blocks a log and its month.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from common.clean import clean_line
from common.codes import in_groups, read_signs, signs_from
from common.rules import RuleBroken
from services.domain.flag_photos import standing_for
from services.models import Confirmation, MonthlyReport, ServiceLog
from services.models.confirmation import TEXT_LIMITS

LENGTH = 11
GROUPS = (4, 4, 3)


def code_of(log: ServiceLog) -> str:
    """Return the code of the log's slip, in groups: 7KMX-3RTA-9WC."""
    return in_groups(signs_from(_keyed("code", log.key.hex), LENGTH), GROUPS)


def read_code(text: str) -> str:
    """Return the signs of a code however it was typed, nothing when it can be none."""
    return read_signs(text, LENGTH)


def hash_of(code: str) -> str:
    """Return what is stored of a code."""
    return _keyed("hash", read_code(code))


def _keyed(purpose: str, value: str) -> str:
    return salted_hmac(f"services.confirmation.{purpose}", value, algorithm="sha256").hexdigest()


@event
def issue_slips(logs: Iterable[ServiceLog], *, by: User) -> list[Confirmation]:
    """Make the slips of the logs, those that have one already keep it; withdrawn logs get none.

    A slip that was made with another SECRET_KEY is made anew, as long as nobody has answered it.
    """
    wanted = {log.pk: log for log in logs if not log.is_withdrawn}
    there = {each.log_id: each for each in Confirmation.objects.filter(log__in=wanted)}
    now = timezone.now()
    new = [
        Confirmation(log=log, code_hash=hash_of(code_of(log)), issued_by=by, issued_at=now)
        for pk, log in wanted.items()
        if pk not in there
    ]
    Confirmation.objects.bulk_create(new, ignore_conflicts=True)
    made = Confirmation.objects.filter(log__in=[each.log_id for each in new], issued_by=by, issued_at=now)
    record(made, AuditEntry.Action.CREATE)
    for confirmation in there.values():
        current = hash_of(code_of(wanted[confirmation.log_id]))
        if confirmation.code_hash != current:
            Confirmation.objects.filter(pk=confirmation.pk, answer="").update(code_hash=current)
    return list(Confirmation.objects.filter(log__in=wanted))


def find(code: str) -> Confirmation | None:
    """Return the confirmation that the code belongs to, with what its page shows; None for a wrong one."""
    if not read_code(code):
        return None
    shown = Confirmation.objects.select_related("log__team", "log__category")
    return shown.filter(code_hash=hash_of(code)).first()


@event
def answer_confirmation(confirmation: Confirmation, *, answer: str, remark: str = "", by: None = None) -> Confirmation:
    """Keep the recipient's answer, which is given once: of two at the same moment one is told that it came too late."""
    if answer not in Confirmation.Answer.values:
        raise RuleBroken(_("Choose one of the two answers."), field="answer")
    remark = clean_line(remark)
    if len(remark) > TEXT_LIMITS["remark"]:
        raise RuleBroken(_("At most %(limit)s characters.") % {"limit": TEXT_LIMITS["remark"]}, field="remark")
    if confirmation.log.is_withdrawn:
        raise RuleBroken(_("The team has taken this entry back. There is nothing to confirm."))
    now = timezone.now()
    open_one = Confirmation.objects.filter(pk=confirmation.pk, answer="")
    if not open_one.update(answer=answer, answered_at=now, remark=remark):
        raise RuleBroken(_("This service has been answered already. An answer is given once."), code="answered")
    changes = {"answer": ("", answer), "answered_at": ("None", str(now))}
    if remark:
        changes["remark"] = ("", "****")
    record([confirmation], AuditEntry.Action.UPDATE, changes)
    confirmation.refresh_from_db()
    return confirmation


# --- What came of it ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class ConfirmationCounts:
    """How many services stand, for how many a slip was made, and how many were confirmed and denied.

    What was changed after it was confirmed is not; a denial stays one.
    """

    logs: int = 0
    asked: int = 0
    confirmed: int = 0
    denied: int = 0

    @property
    def share(self) -> int:
        """The confirmed services, in whole per cent of those that stand."""
        return self.confirmed * 100 // self.logs if self.logs else 0


def confirmation_counts(reports: Sequence[MonthlyReport]) -> dict[int, ConfirmationCounts]:
    """Return the counts by the report's key, one query for all; withdrawn logs are left out."""
    pks = [report.pk for report in reports]
    counts = {pk: ConfirmationCounts() for pk in pks}
    rows = (
        ServiceLog.objects.standing()
        .filter(report__in=pks)
        .order_by()
        .values("report")
        .annotate(
            logs=Count("pk"),
            asked=Count("confirmation"),
            confirmed=Count("pk", filter=Exists(Confirmation.objects.confirmed().filter(log=OuterRef("pk")))),
            denied=Count("pk", filter=Q(confirmation__answer=Confirmation.Answer.NO)),
        )
    )
    for row in rows:
        counts[row["report"]] = ConfirmationCounts(row["logs"], row["asked"], row["confirmed"], row["denied"])
    return counts


def denied_logs(report_pks: Sequence[int]) -> dict[int, set[int]]:
    """Return, by report, the standing logs that their recipients deny: a reason to look.

    A correction does not take a denial back: what stands in the denied log's place is denied as well.
    """
    found: dict[int, set[int]] = {}
    denied = Confirmation.objects.denied().filter(log__report__in=report_pks).order_by()
    superseded = []
    for report, log, is_withdrawn in denied.values_list("log__report", "log", "log__is_withdrawn"):
        if is_withdrawn:
            superseded.append(log)
        else:
            found.setdefault(report, set()).add(log)
    if superseded:
        results = ServiceLog.objects.filter(pk__in=standing_for(superseded).values(), report__in=report_pks).order_by()
        for report, log in results.values_list("report", "pk"):
            found.setdefault(report, set()).add(log)
    return found
