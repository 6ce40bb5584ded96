"""时限: by when requests of one urgency are answered, arrived at and resolved, and when it is told that one is late.

A row is a version: what holds from a moment on, why and by whom it was set. Rows are added, never changed.
"""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from areas.models import Township
from common.models import length_checks
from services.models.request import HelpRequest

REASON_LENGTH = 200
# The longest deadline: sixty days.
LONGEST = 60 * 24 * 60
CLOCKS = ("answer_minutes", "arrive_minutes", "resolve_minutes")
TELLING = ("township_after_minutes", "city_after_minutes")
MINUTES = (*CLOCKS, *TELLING)


class RequestDeadlineQuerySet(models.QuerySet["RequestDeadline"]):
    """Versions, the latest first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the city's and those of the user's own township; the city level sees all."""
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.filter(models.Q(township__isnull=True) | models.Q(township__in=user.township_ids))

    def of(self, township: Township | None) -> Self:
        """Keep those of a township, or the city's."""
        return self.filter(township=township) if township else self.filter(township__isnull=True)


class RequestDeadline(models.Model):
    """What holds for the requests of one urgency from ``set_at`` on: in a township, or in the city without one.

    All in minutes: the clocks from the asking, ``township_after_minutes`` and ``city_after_minutes`` from a missed
    deadline until the township's office and the city's are told. A township's row without minutes says that it does
    as the city does from then on.
    """

    township = models.ForeignKey(
        Township,
        verbose_name=_("township"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="request_deadlines",
        help_text=_("Empty: the whole city."),
    )
    urgency = models.CharField(_("urgency"), max_length=6, choices=HelpRequest.Urgency)
    number = models.PositiveIntegerField(_("version"))
    answer_minutes = models.PositiveIntegerField(_("minutes until it is answered"), null=True)
    arrive_minutes = models.PositiveIntegerField(_("minutes until somebody arrives"), null=True)
    resolve_minutes = models.PositiveIntegerField(_("minutes until it is resolved"), null=True)
    township_after_minutes = models.PositiveIntegerField(
        _("minutes after a deadline until the township is told"), null=True
    )
    city_after_minutes = models.PositiveIntegerField(_("minutes after a deadline until the city is told"), null=True)
    reason = models.CharField(_("reason"), max_length=REASON_LENGTH)
    set_by = models.ForeignKey(
        User,
        verbose_name=_("set by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Nobody: it was taken over from the settings that there were before."),
    )
    set_at = models.DateTimeField(_("from"), default=timezone.now)

    objects = RequestDeadlineQuerySet.as_manager()

    class Meta:
        verbose_name = _("deadlines of requests")
        verbose_name_plural = _("deadlines of requests")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="deadline_version_of_city_once",
                fields=["urgency", "number"],
                condition=models.Q(township__isnull=True),
            ),
            models.UniqueConstraint(
                name="deadline_version_of_township_once",
                fields=["township", "urgency", "number"],
                condition=models.Q(township__isnull=False),
            ),
            models.CheckConstraint(
                name="deadline_urgency_known", condition=models.Q(urgency__in=["urgent", "normal", "low"])
            ),
            models.CheckConstraint(name="deadline_version_counted", condition=models.Q(number__gte=1)),
            models.CheckConstraint(
                # Answered, arrived, resolved, in this order; the township is told before the city. Or nothing at all.
                name="deadline_in_order",
                condition=models.Q(township__isnull=False, **{f"{name}__isnull": True for name in MINUTES})
                | models.Q(
                    **{f"{name}__isnull": False for name in MINUTES},
                    answer_minutes__gte=1,
                    arrive_minutes__gte=models.F("answer_minutes"),
                    resolve_minutes__gte=models.F("arrive_minutes"),
                    resolve_minutes__lte=LONGEST,
                    city_after_minutes__gte=models.F("township_after_minutes"),
                    city_after_minutes__lte=LONGEST,
                ),
            ),
            models.CheckConstraint(name="deadline_has_reason", condition=~models.Q(reason="")),
            *length_checks("deadline", {"reason": REASON_LENGTH}),
        ]

    def __str__(self) -> str:
        return f"{self.township or _('the city')} · {self.get_urgency_display()} · {self.number}"

    @property
    def is_as_the_city(self) -> bool:
        """Whether the township took back what it had of its own."""
        return self.answer_minutes is None


auditlog.register(RequestDeadline)
