"""服务日志 and 参与记录: one service, and each volunteer in it."""

from datetime import date, timedelta
from typing import Any, Self

from auditlog.registry import auditlog
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import Role
from areas.models import Township, TownshipSettings
from common.models import Versioned, length_checks
from grids.models import Team
from services.models.category import ServiceCategory
from services.models.report import MonthlyReport
from services.models.request import HelpRequest
from services.similar import text_key
from volunteers.models import Volunteer

# The events that write a log down, by their names in the trail: what they put down is no change of it.
WRITTEN_BY = ("record_service", "serve_call", "visit_now")
TEXT_LIMITS = {"place": 100, "recipient": 60, "content": 500, "withdrawn_reason": 200}


# The log with this key, then what it stands in place of, and so on: one query however often it was corrected.
ORIGINALS = """
    WITH RECURSIVE chain AS (
        SELECT * FROM services_servicelog WHERE id = %s
        UNION ALL SELECT l.* FROM services_servicelog l JOIN chain c ON l.id = c.corrects_id
    ) SELECT * FROM chain
"""


def _is_late(days: int) -> models.Q:
    return models.Q(recorded_at__date__gt=models.F("date") + timedelta(days=days))


class ServiceLogQuerySet(models.QuerySet["ServiceLog"]):
    """Service logs, the latest first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the user's township, and for a team leader to the teams that they lead."""
        if user.role == Role.TEAM_LEADER:
            return self.filter(team__in=Team.objects.visible_to(user))
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.filter(township__in=user.township_ids)

    def standing(self) -> Self:
        """Keep the logs that were not withdrawn."""
        return self.filter(is_withdrawn=False)

    def counted(self) -> Self:
        """Keep the logs of read months: only these count for recognition and published figures."""
        return self.standing().filter(report__state=MonthlyReport.State.READ)

    def late(self) -> Self:
        """Keep the late entries (补录): recorded more days after the service than their township allows."""
        return self.filter(TownshipSettings.by_township().where("late_entry_days", _is_late))

    def between(self, first: date, last: date) -> Self:
        """Keep the services of the days from ``first`` to ``last``, both included."""
        return self.filter(date__range=(first, last))


class ServiceLog(Versioned):
    """One service: time, recipient and content, and who recorded it."""

    key = models.UUIDField(
        _("submission key"),
        unique=True,
        editable=False,
        help_text=_("Made by the form: one submission is one log, however often it arrives."),
    )
    fingerprint = models.CharField(max_length=64, editable=False)
    team = models.ForeignKey(Team, verbose_name=_("team"), on_delete=models.PROTECT, related_name="logs")
    township = models.ForeignKey(
        Township, verbose_name=_("township"), on_delete=models.PROTECT, related_name="logs", editable=False
    )
    report = models.ForeignKey(
        MonthlyReport, verbose_name=_("monthly report"), on_delete=models.PROTECT, related_name="logs", editable=False
    )
    date = models.DateField(_("date"))
    starts_at = models.DateTimeField(_("start"))
    ends_at = models.DateTimeField(_("end"))
    minutes = models.PositiveSmallIntegerField(_("minutes"), editable=False)
    category = models.ForeignKey(
        ServiceCategory, verbose_name=_("category"), on_delete=models.PROTECT, related_name="logs"
    )
    request = models.ForeignKey(
        HelpRequest,
        verbose_name=_("help request"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="logs",
        help_text=_("The request that it answers."),
    )
    corrects = models.ForeignKey(
        "self",
        verbose_name=_("corrects"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        help_text=_("The log of a read month that it stands in place of."),
    )
    place = models.CharField(_("place"), max_length=TEXT_LIMITS["place"], blank=True)
    recipient = models.CharField(_("recipient"), max_length=TEXT_LIMITS["recipient"])
    people_served = models.PositiveIntegerField(_("people served"), default=1)
    content = models.CharField(_("content"), max_length=TEXT_LIMITS["content"])
    recorded_by = models.ForeignKey(
        User, verbose_name=_("recorded by"), on_delete=models.PROTECT, related_name="+", editable=False
    )
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now, editable=False)
    changed_at = models.DateTimeField(
        _("changed"), null=True, editable=False, help_text=_("When what it says was last changed, if it was.")
    )
    text_key = models.BigIntegerField(
        null=True, editable=False, help_text="The same for logs whose content says the same (services.similar)."
    )
    is_withdrawn = models.BooleanField(_("withdrawn"), default=False, editable=False)
    withdrawn_reason = models.CharField(
        _("reason for withdrawing"), max_length=TEXT_LIMITS["withdrawn_reason"], blank=True, editable=False
    )

    objects = ServiceLogQuerySet.as_manager()

    class Meta:
        verbose_name = _("service log")
        verbose_name_plural = _("service logs")
        ordering = ("-date", "-id")
        indexes = [
            models.Index(fields=["-date", "-id"], name="log_by_date"),
            models.Index(fields=["township", "-date", "-id"], name="log_in_township"),
            models.Index(fields=["township", "category", "-date", "-id"], name="log_of_category"),
            models.Index(fields=["team", "-date", "-id"], name="log_of_team"),
            models.Index(
                fields=["text_key", "-date", "-id"], name="log_by_text", condition=models.Q(text_key__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(name="log_minutes_range", condition=models.Q(minutes__gte=5, minutes__lte=16 * 60)),
            models.CheckConstraint(name="log_ends_after_start", condition=models.Q(ends_at__gt=models.F("starts_at"))),
            models.CheckConstraint(
                name="log_people_served_range", condition=models.Q(people_served__gte=1, people_served__lte=100_000)
            ),
            models.CheckConstraint(name="log_has_recipient", condition=~models.Q(recipient="")),
            models.CheckConstraint(name="log_has_content", condition=~models.Q(content="")),
            models.CheckConstraint(
                name="log_withdrawn_with_reason",
                condition=models.Q(is_withdrawn=False) | ~models.Q(withdrawn_reason=""),
            ),
            models.UniqueConstraint(
                name="log_corrected_once", fields=["corrects"], condition=models.Q(corrects__isnull=False)
            ),
            *length_checks("log", TEXT_LIMITS),
        ]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d} {self.content[:20]}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the key of the text with the text."""
        self.text_key = text_key(self.content)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """Return the address of the log's page."""
        return reverse("services:log_detail", args=[self.pk])

    def with_originals(self) -> list["ServiceLog"]:
        """Return the log and those that it stands in place of: what was photographed then was photographed of it."""
        if self.corrects_id is None:
            return [self]
        return [self, *ServiceLog.objects.raw(ORIGINALS, [self.corrects_id])]


class ParticipationQuerySet(models.QuerySet["Participation"]):
    """Participations, the latest first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the participations in the logs that the user sees."""
        if user.role == Role.TEAM_LEADER or user.township_id is not None:
            return self.filter(log__in=ServiceLog.objects.visible_to(user))
        return self if user.is_city_wide else self.none()

    def standing(self) -> Self:
        """Keep the participations in logs that were not withdrawn."""
        return self.filter(is_withdrawn=False)

    def counted(self) -> Self:
        """Keep the participations of read months."""
        return self.filter(counted=True)


class Participation(models.Model):
    """One volunteer in one service, with the minutes that count for them.

    Team, date and times are the log's, copied: the database keeps anybody from being in two places at once by them,
    and scoring reads them without a join. ``counted`` turns true when the month is read.
    """

    log = models.ForeignKey(
        ServiceLog, verbose_name=_("service log"), on_delete=models.PROTECT, related_name="participations"
    )
    volunteer = models.ForeignKey(
        Volunteer, verbose_name=_("volunteer"), on_delete=models.PROTECT, related_name="participations"
    )
    team = models.ForeignKey(
        Team, verbose_name=_("team"), on_delete=models.PROTECT, related_name="+", editable=False, db_index=False
    )
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    is_helper = models.BooleanField(_("helper from another team"), default=False)
    date = models.DateField(_("date"), editable=False)
    starts_at = models.DateTimeField(_("start"), editable=False)
    ends_at = models.DateTimeField(_("end"), editable=False)
    is_withdrawn = models.BooleanField(_("withdrawn"), default=False, editable=False)
    counted = models.BooleanField(_("counted"), default=False, editable=False)

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        ordering = ("-date", "-id")
        indexes = [
            models.Index(fields=["volunteer", "-date", "-id"], name="participation_of_volunteer"),
            models.Index(
                fields=["volunteer", "date", "team", "minutes"],
                condition=models.Q(counted=True),
                name="participation_counted",
            ),
        ]
        constraints = [
            models.UniqueConstraint(name="participation_once_per_log", fields=["log", "volunteer"]),
            models.CheckConstraint(
                name="participation_minutes_range", condition=models.Q(minutes__gte=1, minutes__lte=16 * 60)
            ),
            models.CheckConstraint(
                name="participation_counted_stands",
                condition=models.Q(counted=False) | models.Q(is_withdrawn=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.volunteer} {self.date:%Y-%m-%d}"


# Participations are written in bulk with their log: the domain records them (services.domain.log).
# Visits, corrections and confirmations, one to one with a log, have their own entries: the trail would look them up
# for each log that is saved.
auditlog.register(
    ServiceLog,
    mask_fields=["recipient"],
    exclude_fields=["version", "fingerprint", "key", "text_key", "changed_at", "visit", "result_of", "confirmation"],
)
