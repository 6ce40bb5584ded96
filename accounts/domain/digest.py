"""Reminders by e-mail: one digest a person and day, at most one at a time.

Before a digest is sent its reminders are claimed under a lock, in a transaction of its own (a slow mail server keeps
nobody from saving a log), and marked as sent after it. Whoever crashes between sending and marking leaves a claim that
is over after ``CLAIM``: that digest is sent once more, by the next run. A failure gives the claim back at once.
"""

import logging
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
from django.utils.translation import ngettext

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
    mail_server = get_connection()
    sent = failed = 0
    people = _waiting(timezone.now()).order_by("user").values_list("user", flat=True).distinct()
    for pk in list(people):
        user, reminders = _claimed(pk)
        if not reminders:
            continue
        try:
            _digest(user, reminders, mail_server).send()
        except (SMTPException, OSError, ValueError):
            logger.exception("The digest for user %s could not be sent", pk)
            _close(mail_server)
            _mark(reminders, emailing_since=None)
            failed += 1
        else:
            _mark(reminders, emailed_at=timezone.now())
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
    if Reminder.objects.filter(user=pk, emailed_at__gte=midnight).exists():
        return user, []
    reminders = list(_waiting(now).filter(user=pk).order_by("id"))
    _mark(reminders, emailing_since=now)
    return user, reminders


def _digest(user: User, reminders: list[Reminder], mail_server: Any) -> EmailMessage:
    """Write the digest in the person's language: the texts name teams and numbers, no resident."""
    with translation.override(user.language):
        count = len(reminders)
        subject = ngettext("Yiwang: %(count)d reminder", "Yiwang: %(count)d reminders", count) % {"count": count}
        context = {
            "name": user.name,
            "lines": [(each.in_words(), f"{settings.SITE_URL}{each.url}") for each in reminders],
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
