"""经过: what happened to a request, step by step. The resident's time line and the office's are read from here."""

from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from common.models import length_checks
from grids.models import Team
from services.models.request import HelpRequest

TEXT_LIMITS = {"text": 500}


class RequestStepQuerySet(models.QuerySet["RequestStep"]):
    """Steps in the order in which they were taken."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the steps of the requests that the user sees."""
        return self.filter(request__in=HelpRequest.objects.visible_to(user).order_by())


class RequestStep(models.Model):
    """One step of one request. Steps are added, never changed; only a resident's words are blanked one day.

    It is no part of the audit trail: each is written by an event of its request, which is.
    """

    class Kind(models.TextChoices):
        """What happened."""

        ASKED = "asked", _("Asked")
        CALLED_AGAIN = "called_again", _("Called again")
        DISPATCHED = "dispatched", _("Given to a team")
        TRANSFERRED = "transferred", _("Transferred to another team")
        HANDED_BACK = "handed_back", _("Given back to the office")
        ANSWERED = "answered", _("Answered")
        CALL_MISSED = "call_missed", _("A member did not answer")
        SET_OUT = "set_out", _("On the way")
        ARRIVED = "arrived", _("Arrived")
        WAITING = "waiting", _("Waits for the resident")
        RESUMED = "resumed", _("Goes on")
        WORD = "word", _("A word")
        PHOTO = "photo", _("A photo")
        RESOLVED = "resolved", _("Resolved")
        UNSERVED = "unserved", _("The service was withdrawn")
        REFERRED = "referred", _("Referred to the competent office")
        REFERRAL_ANSWERED = "referral_answered", _("The office answered")
        UNSOLVED = "unsolved", _("Could not be solved")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        REOPENED = "reopened", _("Reopened")
        CONFIRMED = "confirmed", _("Confirmed as solved")
        RATED = "rated", _("Rated")
        ESCALATED = "escalated", _("Passed on, because it is late")
        CUSTODY_TAKEN = "custody_taken", _("Taken into custody")
        CUSTODY_SUBMITTED = "custody_submitted", pgettext_lazy("custody", "Submitted")
        CUSTODY_RETURNED = "custody_returned", pgettext_lazy("custody", "Returned")
        CHANGED = "changed", _("Changed")
        ANONYMISED = "anonymised", _("Personal data deleted")

    class Actor(models.TextChoices):
        """Who took the step."""

        OFFICE = "office", _("Office or team")
        RESIDENT = "resident", _("Resident")
        SYSTEM = "system", _("System")

    request = models.ForeignKey(
        HelpRequest, verbose_name=_("request"), on_delete=models.PROTECT, related_name="steps", editable=False
    )
    kind = models.CharField(_("what happened"), max_length=20, choices=Kind)
    actor = models.CharField(_("who"), max_length=8, choices=Actor)
    by = models.ForeignKey(
        User, verbose_name=_("recorded by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    team = models.ForeignKey(
        Team, verbose_name=_("team"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    text = models.CharField(_("text"), max_length=TEXT_LIMITS["text"], blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now)

    objects = RequestStepQuerySet.as_manager()

    class Meta:
        verbose_name = _("step of a request")
        verbose_name_plural = _("steps of requests")
        ordering = ("at", "id")
        indexes = [models.Index(fields=["request", "at", "id"], name="step_of_request")]
        constraints = [
            models.CheckConstraint(
                name="step_actor_known",
                condition=models.Q(actor="office", by__isnull=False)
                | models.Q(actor__in=["resident", "system"], by__isnull=True),
            ),
            *length_checks("step", TEXT_LIMITS),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_kind_display()}"
