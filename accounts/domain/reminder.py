"""Reminders: written once each, seen, and forgotten after a while.

What people are reminded of is decided by the layers above (``services.domain.reminders``), which call ``remind`` or
``keep_reminders``. Nothing of it is in the audit trail: reminders follow from records that are.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Reminder, User

# Seen ones are kept for a while to look them up, unseen ones somewhat longer.
KEPT_SEEN, KEPT_UNSEEN = timedelta(days=60), timedelta(days=180)
CHUNK = 500
# The kind that an e-mail of its own is sent of at once; all others wait for the digest (accounts.domain.digest).
AT_ONCE = "urgent"


@dataclass(frozen=True)
class Due:
    """Somebody to be reminded of something: the fields of a ``Reminder``."""

    user: int
    kind: str
    key: str
    text: str
    url: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Kept:
    """How many reminders were written, and how many waited for nothing any more."""

    written: int
    settled: int


def remind(users: Iterable[User], kind: str, key: str, *, text: str, url: str, **params: Any) -> int:
    """Remind each of the active ``users`` once of what ``key`` names; return how many had not been reminded of it.

    ``text`` is a msgid (mark it with ``gettext_noop``), ``params`` fill it; ``month`` and ``day`` are ISO dates.
    """
    return _write([Due(user.pk, kind, key, text, url, params) for user in users])


@transaction.atomic
def remind_anew(
    users: Collection[User], kind: str, key: str, *, text: str, url: str, is_first: bool = False, **params: Any
) -> int:
    """Remind the ``users``, active ones, also who was reminded of ``key`` before: it has happened once more.

    ``is_first`` says that nobody was.
    """
    if not users:
        return 0
    if not is_first:
        Reminder.objects.filter(key=key, user__in=[user.pk for user in users]).delete()
    Reminder.objects.bulk_create(
        [Reminder(user=user, kind=kind, key=key, text=text, url=url, params=params) for user in users],
        ignore_conflicts=True,
    )
    return len(users)


@transaction.atomic
def keep_reminders(kinds: Collection[str], dues: Iterable[Due]) -> Kept:
    """Write those of ``dues`` that are not there yet; what of these ``kinds`` no longer holds is waited for no more."""
    dues = list(dues)
    now_due = {(due.user, due.key) for due in dues}
    waiting = Reminder.objects.unseen().filter(kind__in=kinds).values_list("pk", "user", "key")
    over = [pk for pk, user, key in waiting if (user, key) not in now_due]
    for start in range(0, len(over), CHUNK):
        Reminder.objects.filter(pk__in=over[start : start + CHUNK]).update(seen_at=timezone.now())
    return Kept(_write(dues), len(over))


def settle_reminders(keys: Collection[str]) -> None:
    """Let nobody wait for what the ``keys`` name any more: it was done a moment ago, before the night finds out."""
    waiting = list(keys)
    for start in range(0, len(waiting), CHUNK):
        chunk = waiting[start : start + CHUNK]
        Reminder.objects.unseen().filter(key__in=chunk).update(seen_at=timezone.now())


def see_reminder(reminder: Reminder) -> None:
    """Take down that the person has seen it; the first time counts."""
    Reminder.objects.unseen().filter(pk=reminder.pk).update(seen_at=timezone.now())


def see_all_reminders(user: User) -> int:
    """Take down that the person has seen all of theirs; return how many had waited."""
    return Reminder.objects.unseen().visible_to(user).update(seen_at=timezone.now())


def forget_reminders() -> int:
    """Delete what is old; return how many were."""
    now = timezone.now()
    old = Q(seen_at__lt=now - KEPT_SEEN) | Q(created_at__lt=now - KEPT_UNSEEN)
    return Reminder.objects.filter(old).delete()[0]


def _write(dues: list[Due]) -> int:
    """Write those that are not there yet, for active users only; whoever writes the same at once is left alone."""
    accounts, written = User.objects.filter(is_active=True), Reminder.objects.all()
    if len(dues) <= CHUNK:  # what happens at once is told to a few: the others' rows are no matter of theirs
        few = {due.user for due in dues}
        accounts = accounts.filter(pk__in=few)
        written = written.filter(user__in=few, key__in={due.key for due in dues})
    active = set(accounts.values_list("pk", flat=True))
    before = written.count()
    Reminder.objects.bulk_create(
        (
            Reminder(user_id=due.user, kind=due.kind, key=due.key, text=due.text, url=due.url, params=due.params)
            for due in dues
            if due.user in active
        ),
        ignore_conflicts=True,
        batch_size=CHUNK,
    )
    return written.count() - before
