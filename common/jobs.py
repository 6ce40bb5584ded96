"""Work in the background: what takes longer than a person waits is done by ``manage.py work`` and shown as it goes.

A record that stands for such work (an import, a print) extends ``Work``; the domain says how it is done, in a module
that its ``AppConfig.ready`` imports, so that the worker knows of it::

    class VolunteerImport(Work): ...

    @does(VolunteerImport)
    def go_on(record, progress):
        for done, row in enumerate(rows):
            progress(done, len(rows))

    with transaction.atomic():
        record.save()
        record.start_work()

The record is the truth: its state is claimed by one conditional UPDATE, so that a task that the queue gives out twice
is done once. A worker that was killed leaves ``running`` behind; after ``STALE`` the work is given out again, so
it must be safe to begin anew: what it changes it checks again under a lock, in one transaction.
"""

import logging
import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from traceback import format_tb
from typing import Any, TypeVar, cast

from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks import task

logger = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
Doer = TypeVar("Doer", bound=Callable[..., None])

# Without a sign of life for so long a worker is taken to be gone; single transactions are shorter.
STALE = timedelta(minutes=2)
MOST_ATTEMPTS = 3
# Seconds between two signs of life: a page asks no oftener.
BEAT = 1.0


class Work(models.Model):
    """Something to be done in the background, and how far it has come."""

    class WorkState(models.TextChoices):
        """Where the work stands."""

        WAITING = "waiting", _("Waits for its turn")
        RUNNING = "running", _("At work")
        DONE = "done", _("Done")
        FAILED = "failed", _("Interrupted")

    work_state = models.CharField(max_length=10, choices=WorkState, default=WorkState.WAITING, editable=False)
    work_done = models.PositiveIntegerField(default=0, editable=False)
    work_total = models.PositiveIntegerField(default=0, editable=False)
    work_beat_at = models.DateTimeField(null=True, editable=False)
    work_attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    # What the log of the server knows a failure by.
    work_reference = models.CharField(max_length=16, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_at_work(self) -> bool:
        """Whether somebody who looks has something to wait for."""
        return self.work_state in (self.WorkState.WAITING, self.WorkState.RUNNING)

    @property
    def has_waited_long(self) -> bool:
        """Whether it has waited for a worker longer than one usually takes to come."""
        if self.work_state != self.WorkState.WAITING or self.work_beat_at is None:
            return False
        return timezone.now() - self.work_beat_at > timedelta(seconds=20)

    def start_work(self) -> None:
        """Put the work into the queue when the transaction ends; it begins at nought, also after a failure."""
        self.work_state, self.work_beat_at = self.WorkState.WAITING, timezone.now()
        self.work_done = self.work_total = self.work_attempts = 0
        self.work_reference = ""
        self.save(update_fields=[field.name for field in self._meta.fields if field.name.startswith("work_")])
        _enqueue(type(self), self.pk)


class TryAgain(Exception):  # noqa: N818 (it asks for something)
    """Raised by a doer when what it depends on is away: the work waits and is begun anew after ``STALE``.

    After ``MOST_ATTEMPTS`` it has failed.
    """


_doers: dict[type[Work], Callable[[Any, Progress], None]] = {}


def does(model: type[Work]) -> Callable[[Doer], Doer]:
    """Make the function the one that does the work of a ``model``: it gets the record and ``progress(done, total)``."""

    def decorate(doer: Doer) -> Doer:
        _doers[model] = doer
        return doer

    return decorate


def revive() -> int:
    """Give out again what a killed worker left behind, or what got lost on its way; return how much that was.

    What has been begun ``MOST_ATTEMPTS`` times is given up instead: it may be what kills the workers.
    """
    revived, old = 0, timezone.now() - STALE
    for model in _doers:
        stale = model._default_manager.filter(work_beat_at__lt=old)
        stale.filter(work_state=Work.WorkState.RUNNING, work_attempts__gte=MOST_ATTEMPTS).update(
            work_state=Work.WorkState.FAILED, work_reference=_reference()
        )
        for pk in list(
            stale.filter(work_state__in=(Work.WorkState.RUNNING, Work.WorkState.WAITING)).values_list("pk", flat=True)
        ):
            with transaction.atomic():
                revived += stale.filter(pk=pk).update(work_state=Work.WorkState.WAITING, work_beat_at=timezone.now())
                _enqueue(model, pk)
    return revived


@task()
def carry_on(label: str, pk: int) -> None:
    """Do the work of the record ``pk`` of the model ``label``, unless somebody else does it or has done it."""
    model = cast("type[Work]", apps.get_model(label))
    do = _doers[model]
    manager = model._default_manager
    claimed = manager.filter(pk=pk, work_state=Work.WorkState.WAITING).update(
        work_state=Work.WorkState.RUNNING,
        work_beat_at=timezone.now(),
        work_attempts=models.F("work_attempts") + 1,
    )
    if not claimed:
        return
    try:
        do(manager.get(pk=pk), _progress_of(model, pk))
    except TryAgain:
        manager.filter(pk=pk).update(
            work_state=models.Case(
                models.When(work_attempts__lt=MOST_ATTEMPTS, then=models.Value(Work.WorkState.WAITING.value)),
                default=models.Value(Work.WorkState.FAILED.value),
            ),
            work_beat_at=timezone.now(),
        )
    except Exception as error:
        reference = _reference()
        # Where it failed and as what; not the error's own words, in which a database quotes the rows.
        where = "".join(format_tb(error.__traceback__))
        kind = type(error).__name__
        logger.error("Work of %s %s failed: %s\n%s", label, pk, kind, where, extra={"reference": reference})
        manager.filter(pk=pk).update(work_state=Work.WorkState.FAILED, work_reference=reference)
    else:
        manager.filter(pk=pk).update(work_state=Work.WorkState.DONE, work_beat_at=timezone.now())


def _progress_of(model: type[Work], pk: int) -> Progress:
    """Return the function that tells how far the work has come: at once at first, then once in a while.

    Inside a transaction nobody could see it, so nothing is written there.
    """
    told_at = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal told_at
        now = time.monotonic()
        if connection.in_atomic_block or (told_at and now - told_at < BEAT and done < total):
            return
        told_at = now
        model._default_manager.filter(pk=pk).update(work_done=done, work_total=total, work_beat_at=timezone.now())

    return progress


def _enqueue(model: type[Work], pk: int) -> None:
    transaction.on_commit(lambda: carry_on.enqueue(model._meta.label, pk))


def _reference() -> str:
    return secrets.token_hex(4).upper()
