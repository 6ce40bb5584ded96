"""走访计划: whom a team calls on regularly, and which services were such visits."""

import re
import unicodedata
from datetime import date, timedelta
from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import Role
from common.models import Versioned, length_checks
from grids.models import Team
from services.models.log import ServiceLog

TEXT_LIMITS = {"recipient": 60, "recipient_key": 120, "place": 100, "note": 200}
# The code of the category that a visit has (走访).
VISIT = "visit"


def key_of_recipient(name: str) -> str:
    """Return what is equal for two spellings of one recipient: no blanks and signs, one width, small letters."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name)).casefold()


class VisitPlanQuerySet(models.QuerySet["VisitPlan"]):
    """Visit plans by team."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the user's township, and for a team leader to the teams that they lead."""
        if user.role == Role.TEAM_LEADER or user.township_id is not None:
            return self.filter(team__in=Team.objects.visible_to(user))
        return self if user.is_city_wide else self.none()

    def running(self) -> Self:
        """Keep the plans that have not been ended."""
        return self.filter(ended_on__isnull=True)

    def on(self, day: date) -> Self:
        """Keep the plans that held on ``day``; a visit before the first one is due counts as well."""
        return self.filter(models.Q(ended_on__isnull=True) | models.Q(ended_on__gte=day))

    def with_last_visit(self) -> Self:
        """Bring along ``last_visit``, the day of the last service that stands, and ``last_log``, its key."""
        visits = Visit.objects.filter(plan=models.OuterRef("pk"), log__is_withdrawn=False)
        last = visits.order_by("-log__date", "-log_id")
        return self.annotate(
            last_visit=models.Subquery(last.values("log__date")[:1]),
            last_log=models.Subquery(last.values("log_id")[:1]),
        )


class VisitPlan(Versioned):
    """Somebody, or some place, that a team calls on every so many days."""

    class Rhythm(models.IntegerChoices):
        """After how many days the next visit is due."""

        WEEKLY = 7, _("Every week")
        FORTNIGHTLY = 14, _("Every two weeks")
        MONTHLY = 30, _("Every 30 days")

    team = models.ForeignKey(Team, verbose_name=_("team"), on_delete=models.PROTECT, related_name="visit_plans")
    recipient = models.CharField(_("whom to visit"), max_length=TEXT_LIMITS["recipient"])
    recipient_key = models.CharField(max_length=TEXT_LIMITS["recipient_key"], editable=False)
    place = models.CharField(_("place"), max_length=TEXT_LIMITS["place"], blank=True)
    every_days = models.PositiveSmallIntegerField(_("how often"), choices=Rhythm, default=Rhythm.WEEKLY)
    starts_on = models.DateField(_("first visit due on"))
    ended_on = models.DateField(_("ended on"), null=True, blank=True, editable=False)
    note = models.CharField(_("note"), max_length=TEXT_LIMITS["note"], blank=True)
    recorded_by = models.ForeignKey(
        User, verbose_name=_("recorded by"), on_delete=models.PROTECT, related_name="+", editable=False
    )
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now, editable=False)

    objects = VisitPlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit plan")
        verbose_name_plural = _("visit plans")
        ordering = ("team", "id")
        indexes = [models.Index(fields=["team", "ended_on"], name="visit_plan_of_team")]
        constraints = [
            models.UniqueConstraint(
                name="visit_plan_once_per_recipient",
                fields=["team", "recipient_key"],
                condition=models.Q(ended_on__isnull=True),
            ),
            models.CheckConstraint(name="visit_plan_has_recipient", condition=~models.Q(recipient_key="")),
            models.CheckConstraint(name="visit_plan_rhythm_known", condition=models.Q(every_days__in=[7, 14, 30])),
            *length_checks("visit_plan", TEXT_LIMITS),
        ]

    def __str__(self) -> str:
        return self.recipient

    def due_after(self, last_visit: date | None) -> date:
        """Return the day on which the next visit is due, the last one having been on ``last_visit``."""
        if last_visit is None:
            return self.starts_on
        return max(self.starts_on, last_visit + timedelta(days=self.every_days))


class Visit(models.Model):
    """A service that was a visit of a plan: at most one plan a service.

    ``is_chosen`` says that a person opened the form from the plan; otherwise the recipient's name told it.
    """

    plan = models.ForeignKey(VisitPlan, verbose_name=_("visit plan"), on_delete=models.PROTECT, related_name="visits")
    log = models.OneToOneField(
        ServiceLog, verbose_name=_("service log"), on_delete=models.PROTECT, related_name="visit"
    )
    is_chosen = models.BooleanField(_("chosen on the form"), default=False)

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.log_id}"


# A visit follows from its log and its plan, which are both in the trail (services.domain.visit_plan).
auditlog.register(VisitPlan, mask_fields=["recipient", "place", "note"], exclude_fields=["version", "recipient_key"])
