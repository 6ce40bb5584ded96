"""Reminders by e-mail: one digest a person and day, at most one at a time; what is urgent goes alone and at once.

Before a digest is sent its reminders are claimed under a lock, in a transaction of its own (a slow mail server keeps
nobody from saving a log), and marked as sent after it. Whoever crashes between sending and marking leaves a claim that
is over after ``CLAIM``: that digest is sent once more, by the next run. A failure gives the claim back at once. What is
urgent is sent in the background (``tell_urgent``); whatever failed goes with the next one, or with the digests.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext
from django_tasks import task

from accounts.domain.reminder import AT_ONCE
from accounts.models import Reminder, User

logger = logging.getLogger(__name__)
CLAIM = timedelta(hours=1)
# What is older is no news: it stands in the app.
NEWS = timedelta(days=7)


@dataclass(frozen=True)
class Sent:
    """How many digests were sent, and how many could not be."""

    sent: int = 0
    failed: int = 0


def send_digests() -> Sent:
    """Send everybody who wants it what waits for them; one address that fails keeps no other from theirs."""
    return _send(_waiting(timezone.now()).exclude(kind=AT_ONCE), _claimed)


def send_urgent() -> Sent:
    """Send everybody who wants it what is urgent, however much e-mail they got today."""
    return _send(_waiting(timezone.now()).filter(kind=AT_ONCE), _claimed_urgent)


def tell_urgent() -> None:
    """Let what is urgent be sent in the background once the transaction has ended."""
    if settings.SENDS_EMAIL:
        transaction.on_commit(lambda: send_urgent_now.enqueue())


@task()
def send_urgent_now() -> None:
    """Send what is urgent, for ``manage.py work``."""
    send_urgent()


def _send(reminders: Any, claimed: Callable[[int], tuple[User, list[Reminder]]]) -> Sent:
    mail_server = get_connection()
    sent = failed = 0
    for pk in list(reminders.order_by("user").values_list("user", flat=True).distinct()):
        user, own = claimed(pk)
        if not own:
            continue
        try:
            _digest(user, own, mail_server).send()
        except (SMTPException, OSError, ValueError):
            logger.exception("The digest for user %s could not be sent", pk)
            _close(mail_server)
            _mark(own, emailing_since=None)
            failed += 1
        else:
            _mark(own, emailed_at=timezone.now())
            sent += 1
    _close(mail_server)
    return Sent(sent, failed)


def _waiting(now: datetime) -> Any:
    is_free = Q(emailing_since__isnull=True) | Q(emailing_since__lt=now - CLAIM)
    wants_it = Q(user__is_active=True, user__email_reminders=True) & ~Q(user__email="")
    return Reminder.objects.unseen().filter(is_free, wants_it, emailed_at__isnull=True, created_at__gte=now - NEWS)


@transaction.atomic
def _claimed(pk: int) -> tuple[User, list[Reminder]]:
    """Claim what waits for the user, unless a digest was sent today: two runs at once do not both send it."""
    user = User.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)
    now = timezone.now()
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(now), time()))
    if Reminder.objects.filter(user=pk, emailed_at__gte=midnight).exclude(kind=AT_ONCE).exists():
        return user, []
    return user, _taken(_waiting(now).exclude(kind=AT_ONCE).filter(user=pk), now)


@transaction.atomic
def _claimed_urgent(pk: int) -> tuple[User, list[Reminder]]:
    """Claim what is urgent for the user; two workers at once do not both send it."""
    user = User.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)
    now = timezone.now()
    return user, _taken(_waiting(now).filter(kind=AT_ONCE, user=pk), now)


def _taken(reminders: Any, now: datetime) -> list[Reminder]:
    taken = list(reminders.order_by("id"))
    _mark(taken, emailing_since=now)
    return taken


def _digest(user: User, reminders: list[Reminder], mail_server: Any) -> EmailMessage:
    """Write the digest in the person's language: the texts name teams and numbers, no resident."""
    with translation.override(user.language):
        count = len(reminders)
        subject = ngettext("Yiwang: %(count)d reminder", "Yiwang: %(count)d reminders", count) % {"count": count}
        is_urgent = reminders[0].kind == AT_ONCE
        if is_urgent:
            subject = gettext("Yiwang: urgent request for help")
        context = {
            "name": user.name,
            "lines": [(each.in_words(), f"{settings.SITE_URL}{each.url}") for each in reminders],
            "is_urgent": is_urgent,
            "settings_url": f"{settings.SITE_URL}{reverse('accounts:account')}",
        }
        body = render_to_string("accounts/reminder/digest.txt", context)
    return EmailMessage(subject, body, to=[user.email], connection=mail_server)


def _mark(reminders: list[Reminder], **fields: datetime | None) -> None:
    Reminder.objects.filter(pk__in=[each.pk for each in reminders]).update(**fields)


def _close(mail_server: Any) -> None:
    """Begin a new connection for the next one; a server that is gone has nothing to say to that."""
    try:
        mail_server.close()
    except (SMTPException, OSError):
        logger.info("The mail server did not say good-bye")
