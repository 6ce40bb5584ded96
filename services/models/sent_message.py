"""短信: a text to somebody's phone, and what became of it: the number masked, the text not at all."""

from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.jobs import Work
from common.models import length_checks
from services.models.request import HelpRequest
from volunteers.models import Volunteer

LIMITS = {"phone_masked": 20, "kind": 30, "error": 200}


class SentMessageQuerySet(models.QuerySet["SentMessage"]):
    """Texts, the latest first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the user's township; the city level sees all."""
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.filter(request__township__in=user.township_ids)

    def in_state(self, state: str) -> Self:
        """Keep those that ``state`` says: sent, needless, failed or waiting."""
        failed = models.Q(work_state=Work.WorkState.FAILED)
        return {
            "sent": self.filter(sent_at__isnull=False),
            "needless": self.filter(is_needless=True),
            "failed": self.filter(failed, sent_at__isnull=True, is_needless=False),
            "waiting": self.filter(~failed, sent_at__isnull=True, is_needless=False),
        }[state]


class SentMessage(Work):
    """One text about a request, to a leader (``volunteer``) or, without one, to the resident who asked.

    It follows from the request, whose time line and trail tell the rest: it is no part of the trail itself. The worker
    sends it: ``work_attempts`` are its tries. What was settled before it could be sent is ``is_needless``.
    """

    request = models.ForeignKey(
        HelpRequest, verbose_name=_("request"), on_delete=models.CASCADE, related_name="messages", editable=False
    )
    volunteer = models.ForeignKey(
        Volunteer, verbose_name=_("volunteer"), null=True, on_delete=models.CASCADE, related_name="+", editable=False
    )
    kind = models.CharField(_("about"), max_length=LIMITS["kind"])
    phone_masked = models.CharField(_("phone"), max_length=LIMITS["phone_masked"])
    error = models.CharField(_("why it failed"), max_length=LIMITS["error"], blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True)
    is_needless = models.BooleanField(_("needless"), default=False)

    objects = SentMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("text message")
        verbose_name_plural = _("text messages")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["work_state", "-id"], name="message_by_state"),
            models.Index(fields=["work_beat_at"], name="message_beat", condition=models.Q(work_state="waiting")),
        ]
        constraints = [
            models.CheckConstraint(
                name="message_sent_or_needless", condition=models.Q(sent_at__isnull=True) | models.Q(is_needless=False)
            ),
            *length_checks("message", LIMITS),
        ]

    @property
    def state(self) -> str:
        """What became of it: sent, needless, failed or waiting."""
        if self.sent_at is not None:
            return "sent"
        if self.is_needless:
            return "needless"
        return "failed" if self.work_state == self.WorkState.FAILED else "waiting"

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M} {self.phone_masked}"
