"""异议: what somebody says against a notice, and the office's answer."""

import base64
from typing import Self
from uuid import UUID

from auditlog.registry import auditlog
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.models import Versioned, length_checks
from services.models.notice import Notice

TEXT_LIMITS = {"text": 500, "contact": 40, "answer": 500}


def token_of(key: UUID) -> str:
    """Return what an objection is followed by: 80 bits that follow from its form's key, and that nobody else can know.

    The same form sent twice gets the same token; the database keeps its hash only.
    """
    digest = salted_hmac("services.objection.token", key.hex, algorithm="sha256").digest()
    return base64.b32encode(digest[:10]).decode().lower()


def hash_of(token: str) -> str:
    """Return what is stored of a token."""
    return salted_hmac("services.objection.stored", token.strip().lower(), algorithm="sha256").hexdigest()


class ObjectionQuerySet(models.QuerySet["Objection"]):
    """Objections, the latest first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to those against the notices that the user sees."""
        return self.filter(notice__in=Notice.objects.visible_to(user))

    def waiting(self) -> Self:
        """Keep those that nobody has answered."""
        return self.filter(answered_at__isnull=True)


class Objection(Versioned):
    """Somebody's objection, made without an account: who they are is not asked, only how to reach them if they wish."""

    notice = models.ForeignKey(Notice, verbose_name=_("notice"), on_delete=models.PROTECT, related_name="objections")
    key = models.UUIDField(_("submission key"), unique=True, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    text = models.CharField(_("objection"), max_length=TEXT_LIMITS["text"])
    contact = models.CharField(_("contact"), max_length=TEXT_LIMITS["contact"], blank=True)
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    answer = models.CharField(_("answer"), max_length=TEXT_LIMITS["answer"], blank=True)
    answered_by = models.ForeignKey(
        User, verbose_name=_("answered by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    is_public = models.BooleanField(
        _("shown on the notice"), default=False, help_text=_("Objection and answer, without the contact.")
    )

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ("-made_at", "-id")
        indexes = [models.Index(fields=["-made_at", "-id"], name="objection_by_time")]
        constraints = [
            models.CheckConstraint(name="objection_has_text", condition=~models.Q(text="")),
            models.CheckConstraint(
                name="objection_answered_by_somebody",
                condition=models.Q(answer="", answered_by__isnull=True, answered_at__isnull=True, is_public=False)
                | (models.Q(answered_by__isnull=False, answered_at__isnull=False) & ~models.Q(answer="")),
            ),
            *length_checks("objection", TEXT_LIMITS),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} · {self.made_at:%Y-%m-%d}"

    @property
    def masked_contact(self) -> str:
        """Show that there is a contact, and of a number the last digits: the rest is looked at by a button."""
        return f"****{self.contact[-2:]}" if self.contact else ""


# The trail is never deleted: it keeps that somebody objected and that it was answered, not whom the words are about.
auditlog.register(Objection, mask_fields=["text", "contact", "answer"], exclude_fields=["version", "key", "token_hash"])
