"""拨叫记录: which members of the team were called for a request, and what they said."""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from grids.models import Team
from services.models.request import HelpRequest
from volunteers.models import Volunteer


class CallAttemptQuerySet(models.QuerySet["CallAttempt"]):
    """Attempts in the order in which they were made."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the attempts for the requests that the user sees."""
        return self.filter(request__in=HelpRequest.objects.visible_to(user).order_by())

    def that_count(self) -> Self:
        """Keep those of the team that has the request now, and, after a resident asked once more, of this time."""
        return self.filter(
            models.Q(request__reopened_at__isnull=True) | models.Q(at__gte=models.F("request__reopened_at")),
            team=models.F("request__team"),
            at__gte=models.F("request__handed_at"),
        )


class CallAttempt(models.Model):
    """One try to reach a member of the team that has a request. Attempts are added, never changed.

    Of several for one member the latest counts: whoever could not come may come after all.
    """

    class Result(models.TextChoices):
        """What came of it."""

        NO_ANSWER = "no_answer", _("No answer")
        CANNOT = "cannot", _("Cannot come")
        COMES = "comes", _("Comes")

    request = models.ForeignKey(
        HelpRequest, verbose_name=_("request"), on_delete=models.PROTECT, related_name="call_attempts"
    )
    team = models.ForeignKey(Team, verbose_name=_("team"), on_delete=models.PROTECT, related_name="+")
    volunteer = models.ForeignKey(
        Volunteer, verbose_name=_("volunteer"), on_delete=models.PROTECT, related_name="call_attempts"
    )
    result = models.CharField(_("result"), max_length=9, choices=Result)
    by = models.ForeignKey(User, verbose_name=_("recorded by"), on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("when"), default=timezone.now)

    objects = CallAttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("call attempt")
        verbose_name_plural = _("call attempts")
        ordering = ("at", "id")
        indexes = [models.Index(fields=["request", "at", "id"], name="call_attempt_of_request")]
        constraints = [
            models.CheckConstraint(
                name="call_attempt_result_known", condition=models.Q(result__in=["no_answer", "cannot", "comes"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_result_display()}"


auditlog.register(CallAttempt)
