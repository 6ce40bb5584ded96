"""A resident praises, suggests or complains from a badge's page; the township answers; the resident reads it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, F, Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.audit import event, record
from accounts.domain.reminder import remind, settle_reminders
from accounts.models import AuditEntry, User
from accounts.rights import ROLES_WITH, Right
from areas.models import TownshipSettings
from areas.working_days import add_working_days
from common.rules import RuleBroken, constraint_named
from common.throttle import Limit
from services.domain.flood import refuse_flood
from services.models import Feedback
from services.models.feedback import TEXT_LIMITS, FeedbackQuerySet, code_of, hash_of
from volunteers.models import Badge

# From one address, and from everywhere about one badge.
FROM_ONE_ADDRESS = Limit("feedback", most=5)
ABOUT_ONE_BADGE = Limit("feedback_badge", most=30)
REMINDER = gettext_noop("A resident's words about a volunteer have come in. Answer them by %(day)s.")


def refuse_much_feedback(address: str, badge: Badge) -> None:
    """Count one more attempt from the address about the badge, and refuse it beyond the limits."""
    refuse_flood(FROM_ONE_ADDRESS, address, ABOUT_ONE_BADGE, badge.number)


@event
def give_feedback(badge: Badge, *, key: UUID, kind: str, text: str, phone: str = "", by: None = None) -> str:
    """Take a resident's words about whose badge they saw; return the code by which they read the answer.

    A void badge is no hindrance: somebody may be misusing it. The same form sent twice makes one feedback and gives
    the same code. The township's staff are reminded at once.
    """
    code = code_of(key)
    if Feedback.objects.filter(key=key, badge=badge).exists():
        return code
    if kind not in Feedback.Kind.values:
        raise RuleBroken(_("Choose whether it is praise, a suggestion or a complaint."), field="kind")
    text = text.strip()
    if not text:
        raise RuleBroken(_("Say in a few words what happened."), field="text")
    for name, value in (("text", text), ("phone", phone)):
        if len(value) > TEXT_LIMITS[name]:
            raise RuleBroken(_("At most %(limit)s characters.") % {"limit": TEXT_LIMITS[name]}, field=name)
    today = timezone.localdate()
    volunteer = badge.volunteer
    membership = volunteer.memberships.filter(left_on__isnull=True).first()
    given = Feedback(
        volunteer=volunteer,
        badge=badge,
        badge_standing=badge.standing_on(today, volunteer.status),
        team_id=membership.team_id if membership else None,
        township_id=volunteer.township_id,
        key=key,
        code_hash=hash_of(code),
        kind=kind,
        text=text,
        phone=phone,
        due_on=add_working_days(today, TownshipSettings.of(volunteer.township_id).feedback_working_days).day,
    )
    damaged = RuleBroken(_("Open the form anew: this copy of it is damaged."), code="key")
    try:
        with constraint_named("feedback", damaged):
            given.save(force_insert=True)
    except RuleBroken:
        if Feedback.objects.filter(key=key, badge=badge).exists():  # sent twice at the same moment
            return code
        raise
    staff = User.objects.filter(role__in=ROLES_WITH[Right.ANSWER_FEEDBACK], township=volunteer.township_id)
    remind(
        staff,
        "feedback",
        reminder_key(given.pk),
        text=REMINDER,
        url=given.get_absolute_url(),
        day=given.due_on.isoformat(),
    )
    return code


def reminder_key(pk: int) -> str:
    """Return what a reminder of one feedback is known by."""
    return f"feedback:{pk}"


def followed_by(code: str) -> Feedback | None:
    """Return the feedback that the code follows, if there is one."""
    stored = hash_of(code)
    return Feedback.objects.select_related("badge", "township").filter(code_hash=stored).first() if stored else None


@event
def answer_feedback(feedback: Feedback, *, answer: str, version: int | None = None, by: User) -> Feedback:
    """Answer a resident's words, or put the answer right; only who has the code reads it.

    That it was answered counts from the first time. Nobody answers what is about themselves.
    """
    answer = answer.strip()
    if not answer:
        raise RuleBroken(_("Write the answer first."), field="answer")
    if len(answer) > TEXT_LIMITS["answer"]:
        raise RuleBroken(_("At most %(limit)s characters.") % {"limit": TEXT_LIMITS["answer"]}, field="answer")
    locked = Feedback.locked(feedback.pk, version=version)
    person = locked.volunteer.merged_into or locked.volunteer
    if by.pk in (person.user_id, locked.volunteer.user_id):
        raise RuleBroken(_("This is about yourself. Somebody else at the office answers it."), field="answer")
    locked.answer, locked.answered_by = answer, by
    locked.answered_at = locked.answered_at or timezone.now()
    locked.save()
    settle_reminders([reminder_key(locked.pk)])
    return locked


@event
def show_feedback_phone(feedback: Feedback, *, by: User) -> str:
    """Return how to reach who spoke up, and record who looked."""
    record([feedback], AuditEntry.Action.ACCESS, {})
    return feedback.phone


# --- Figures ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tally:
    """How much feedback was received, answered, answered in time, and waits beyond its last day."""

    received: int = 0
    answered: int = 0
    in_time: int = 0
    overdue: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        """Add two up."""
        return Tally(
            self.received + other.received,
            self.answered + other.answered,
            self.in_time + other.in_time,
            self.overdue + other.overdue,
        )


def tallies(feedback: FeedbackQuerySet) -> dict[tuple[int, str], Tally]:
    """Count ``feedback`` by township and kind: one query."""
    today = timezone.localdate()
    rows = (
        feedback.order_by()
        .values_list("township", "kind")
        .annotate(
            received=Count("pk"),
            answered=Count("answered_at"),
            in_time=Count("pk", filter=Q(answered_at__date__lte=F("due_on"))),
            overdue=Count("pk", filter=Q(answered_at__isnull=True, due_on__lt=today)),
        )
    )
    return {(township, kind): Tally(*counts) for township, kind, *counts in rows}


@dataclass(frozen=True)
class Waiting:
    """How much feedback waits for an answer, how much of it too long, and when the first is due."""

    count: int
    overdue: int
    first_due: date | None


def waiting_for(user: User) -> Waiting:
    """Return what waits among the feedback that ``user`` sees."""
    waiting = Feedback.objects.visible_to(user).waiting()
    today = timezone.localdate()
    found = waiting.aggregate(count=Count("pk"), overdue=Count("pk", filter=Q(due_on__lt=today)), first=Min("due_on"))
    return Waiting(found["count"], found["overdue"], found["first"])
