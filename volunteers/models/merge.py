"""合并: two records of one person are counted as one, and nothing of either is moved; and records that are not one."""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.models import length_checks
from volunteers.models.volunteer import Volunteer


class MergeQuerySet(models.QuerySet["Merge"]):
    """Merges, the latest first."""

    def visible_to(self, user: User) -> Self:
        """Keep those of which the user sees either record."""
        seen = Volunteer.objects.visible_to(user).order_by().values("pk")
        return self.filter(models.Q(kept__in=seen) | models.Q(given_up__in=seen))

    def standing(self) -> Self:
        """Keep those that were not undone."""
        return self.filter(undone_at__isnull=True)


class Merge(models.Model):
    """One record was given up for another one of the same person; ``before`` is what an undoing brings back.

    ``chosen`` maps each field that differed to the record it was taken from: ``kept`` or ``given_up``.
    """

    kept = models.ForeignKey(
        Volunteer, verbose_name=_("record that goes on"), on_delete=models.PROTECT, related_name="merges"
    )
    given_up = models.ForeignKey(
        Volunteer, verbose_name=_("record that is given up"), on_delete=models.PROTECT, related_name="given_up_in"
    )
    reason = models.CharField(_("reason"), max_length=200)
    chosen = models.JSONField(_("chosen"), default=dict)
    before = models.JSONField(default=dict, editable=False)
    by = models.ForeignKey(User, verbose_name=_("merged by"), on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("merged"), default=timezone.now)
    undone_by = models.ForeignKey(
        User, verbose_name=_("undone by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)

    # What followed from it, in sentences: a team that fell back to forming, for instance.
    consequences = ""

    objects = MergeQuerySet.as_manager()

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        ordering = ("-at", "-id")
        constraints = [
            models.UniqueConstraint(
                name="merge_given_up_once", fields=["given_up"], condition=models.Q(undone_at__isnull=True)
            ),
            models.CheckConstraint(name="merge_of_two", condition=~models.Q(kept=models.F("given_up"))),
            models.CheckConstraint(name="merge_has_reason", condition=~models.Q(reason="")),
            models.CheckConstraint(
                name="merge_undone_by_somebody",
                condition=models.Q(undone_at__isnull=True, undone_by__isnull=True)
                | models.Q(undone_at__isnull=False, undone_by__isnull=False),
            ),
            *length_checks("merge", {"reason": 200}),
        ]

    def __str__(self) -> str:
        return f"{self.given_up_id} → {self.kept_id}"


class Apart(models.Model):
    """Two records that look like one person and are two: somebody has looked, and nobody is asked again."""

    first = models.ForeignKey(Volunteer, verbose_name=_("first"), on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Volunteer, verbose_name=_("second"), on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, verbose_name=_("said by"), on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("said"), default=timezone.now)

    class Meta:
        verbose_name = _("two persons who look like one")
        verbose_name_plural = _("persons who look like one")
        ordering = ("-at", "-id")
        constraints = [
            models.UniqueConstraint(name="apart_once", fields=["first", "second"]),
            models.CheckConstraint(name="apart_in_order", condition=models.Q(first__lt=models.F("second"))),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} ≠ {self.second_id}"


auditlog.register(Merge, mask_fields=["before"])
auditlog.register(Apart)
