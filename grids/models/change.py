"""网格变更: what became of a village's grids, one row an event, and of each grid in it. Rows are never changed."""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from areas.models import Village
from common.models import length_checks
from grids.models.grid import LARGEST_NUMBER, MOST_HOUSEHOLDS, Grid

REMARK_LENGTH = 100


class GridChangeQuerySet(models.QuerySet["GridChange"]):
    """Changes, the latest first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the changes in the villages that the user sees."""
        return self.filter(village__in=Village.objects.visible_to(user))


class GridChange(models.Model):
    """One step that drew, split, merged, renumbered, changed or retired grids of one village.

    ``on`` is the day from which it holds, ``at`` when it was written down. Nothing recorded moves by it: logs, reports
    and votes stay with the grid and the team that they were of.
    """

    class Kind(models.TextChoices):
        """What was done."""

        DRAWN = "drawn", pgettext_lazy("grid", "Drawn up")
        DIVIDED = "divided", pgettext_lazy("village", "Village divided")
        SPLIT = "split", pgettext_lazy("grid", "Split")
        MERGED = "merged", pgettext_lazy("grids", "Merged")
        RENUMBERED = "renumbered", pgettext_lazy("grids", "Renumbered")
        CHANGED = "changed", pgettext_lazy("grid", "Households changed")
        IMPORTED = "imported", pgettext_lazy("grids", "Imported from a spreadsheet")
        RETIRED = "retired", pgettext_lazy("grid", "Retired")

    key = models.UUIDField(_("submission key"), unique=True, null=True, editable=False)
    village = models.ForeignKey(
        Village, verbose_name=_("village"), on_delete=models.PROTECT, related_name="grid_changes", editable=False
    )
    kind = models.CharField(_("what was done"), max_length=10, choices=Kind, editable=False)
    on = models.DateField(_("holds from"), editable=False)
    remark = models.CharField(_("remark"), max_length=REMARK_LENGTH, blank=True, editable=False)
    by = models.ForeignKey(
        User, verbose_name=_("recorded by"), on_delete=models.PROTECT, related_name="+", editable=False
    )
    at = models.DateTimeField(_("recorded"), default=timezone.now, editable=False)

    objects = GridChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of grids")
        verbose_name_plural = _("changes of grids")
        ordering = ("-id",)
        constraints = [*length_checks("grid_change", {"kind": 10, "remark": REMARK_LENGTH})]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d} {self.village} {self.get_kind_display()}"


class ChangedGrid(models.Model):
    """What one change did to one grid: its number and households before and after.

    A ``new`` grid has nothing before, one that was given up has no households after. Which grids a split made, and
    into which one a merge went, follows from the grids of one change.
    """

    class Part(models.TextChoices):
        """What became of the grid."""

        NEW = "new", pgettext_lazy("grid", "New")
        KEPT = "kept", pgettext_lazy("grid", "Kept")
        GIVEN_UP = "given_up", pgettext_lazy("grid", "Given up")

    change = models.ForeignKey(GridChange, verbose_name=_("change"), on_delete=models.PROTECT, related_name="grids")
    grid = models.ForeignKey(Grid, verbose_name=_("grid"), on_delete=models.PROTECT, related_name="changes")
    part = models.CharField(_("what became of it"), max_length=10, choices=Part, editable=False)
    number_before = models.PositiveSmallIntegerField(_("number before"), null=True, editable=False)
    number_after = models.PositiveSmallIntegerField(_("number after"), editable=False)
    households_before = models.PositiveIntegerField(_("households before"), null=True, editable=False)
    households_after = models.PositiveIntegerField(_("households after"), null=True, editable=False)

    class Meta:
        verbose_name = _("changed grid")
        verbose_name_plural = _("changed grids")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(name="changed_grid_once", fields=["change", "grid"]),
            models.CheckConstraint(
                name="changed_grid_part_known",
                condition=Q(
                    part="new",
                    number_before__isnull=True,
                    households_before__isnull=True,
                    households_after__isnull=False,
                )
                | Q(
                    part="kept",
                    number_before__isnull=False,
                    households_before__isnull=False,
                    households_after__isnull=False,
                )
                | Q(
                    part="given_up",
                    number_before__isnull=False,
                    number_before=F("number_after"),
                    households_before__isnull=False,
                    households_after__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="changed_grid_numbers",
                condition=Q(number_after__gte=1, number_after__lte=LARGEST_NUMBER)
                & (Q(number_before__isnull=True) | Q(number_before__gte=1, number_before__lte=LARGEST_NUMBER)),
            ),
            models.CheckConstraint(
                name="changed_grid_households",
                condition=(
                    Q(households_before__isnull=True)
                    | Q(households_before__gte=1, households_before__lte=MOST_HOUSEHOLDS)
                )
                & (
                    Q(households_after__isnull=True) | Q(households_after__gte=1, households_after__lte=MOST_HOUSEHOLDS)
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number_after} · {self.get_part_display()}"


# What a changed grid says is in the entries of its grid too.
auditlog.register(GridChange, exclude_fields=["key"])
