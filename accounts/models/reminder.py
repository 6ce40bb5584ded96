"""提醒: what the programme reminds somebody of, once each, in the app and by e-mail."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User
from common.models import length_checks

LIMITS = {"kind": 30, "key": 120, "text": 200, "url": 200}
# How the parameters of a text are printed, by their names; all others are printed as they are.
FORMATS = {"month": "YEAR_MONTH_FORMAT", "day": "MONTH_DAY_FORMAT"}


class ReminderQuerySet(models.QuerySet["Reminder"]):
    """Reminders, the latest first."""

    def visible_to(self, user: User) -> Self:
        """Keep the person's own."""
        return self.filter(user=user.pk)

    def unseen(self) -> Self:
        """Keep those that still wait to be seen."""
        return self.filter(seen_at__isnull=True)


class Reminder(models.Model):
    """One thing that one person is reminded of; ``key`` says of what, so that it is said once.

    ``text`` is a message of the catalogue and ``params`` what it names (no resident): it is read in the reader's
    language. Reminders follow from the records and are forgotten after a while; the trail does not keep them.
    """

    user = models.ForeignKey(User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="reminders")
    kind = models.CharField(_("kind"), max_length=LIMITS["kind"])
    key = models.CharField(_("key"), max_length=LIMITS["key"])
    text = models.CharField(_("text"), max_length=LIMITS["text"])
    params = models.JSONField(_("parameters"), default=dict)
    url = models.CharField(_("address"), max_length=LIMITS["url"])
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)
    emailing_since = models.DateTimeField(_("being sent since"), null=True, blank=True)
    emailed_at = models.DateTimeField(_("sent by e-mail"), null=True, blank=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["user", "-id"], name="reminder_of_user"),
            models.Index(fields=["key"], condition=models.Q(seen_at__isnull=True), name="reminder_unseen_key"),
            models.Index(fields=["user"], condition=models.Q(seen_at__isnull=True), name="reminder_unseen"),
        ]
        constraints = [
            models.UniqueConstraint(name="reminder_once_per_user", fields=["user", "key"]),
            models.CheckConstraint(name="reminder_leads_into_the_app", condition=models.Q(url__startswith="/")),
            *length_checks("reminder", LIMITS),
        ]

    def __str__(self) -> str:
        return self.key

    def in_words(self) -> str:
        """Return the text in the language that is spoken at the moment."""
        return gettext(self.text) % {name: _in_words(name, value) for name, value in self.params.items()}


def _in_words(name: str, value: Any) -> str:
    return date_format(date.fromisoformat(value), FORMATS[name]) if name in FORMATS else str(value)
