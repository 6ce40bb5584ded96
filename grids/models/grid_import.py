"""网格导入: a spreadsheet of grids as it was uploaded, and whether its rows were taken in."""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from areas.models import Township
from common.models import Versioned, length_checks

TEXT_LIMITS = {"file_name": 120, "sha256": 64, "sheet": 60, "state": 10}


class GridImportQuerySet(models.QuerySet["GridImport"]):
    """Imports, the latest first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the user's township; the city level sees all."""
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.filter(township__in=user.township_ids)


class GridImport(Versioned):
    """One uploaded file. What its rows mean is asked anew each time; confirmed, they go in together or not at all.

    ``rows`` holds [row number, [cells]] as the file had them, ``columns`` at which place each known column stands.
    Without a township it is the city's. The same file may be taken in again: then it changes nothing.
    """

    class State(models.TextChoices):
        """How far it is."""

        CHECKED = "checked", _("Checked, not imported yet")
        DONE = "done", _("Imported")

    key = models.UUIDField(_("submission key"), unique=True, editable=False)
    township = models.ForeignKey(
        Township,
        verbose_name=_("township"),
        null=True,
        on_delete=models.PROTECT,
        related_name="grid_imports",
        editable=False,
    )
    by = models.ForeignKey(
        User, verbose_name=_("uploaded by"), on_delete=models.PROTECT, related_name="+", editable=False
    )
    at = models.DateTimeField(_("uploaded"), default=timezone.now, editable=False)
    file_name = models.CharField(_("file"), max_length=TEXT_LIMITS["file_name"], editable=False)
    sha256 = models.CharField(_("SHA-256"), max_length=TEXT_LIMITS["sha256"], editable=False)
    sheet = models.CharField(_("sheet"), max_length=TEXT_LIMITS["sheet"], blank=True, editable=False)
    header = models.JSONField(_("header"), default=list, editable=False)
    columns = models.JSONField(_("columns"), default=dict, editable=False)
    rows = models.JSONField(_("rows"), default=list, editable=False)
    row_count = models.PositiveIntegerField(_("rows in the file"), editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.CHECKED, editable=False)
    drawn_count = models.PositiveIntegerField(_("grids drawn up"), default=0, editable=False)
    changed_count = models.PositiveIntegerField(_("grids changed"), default=0, editable=False)

    objects = GridImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of grids")
        verbose_name_plural = _("imports of grids")
        ordering = ("-at", "-id")
        constraints = [
            models.CheckConstraint(
                name="grid_import_state_known",
                condition=models.Q(state="checked", drawn_count=0, changed_count=0) | models.Q(state="done"),
            ),
            models.CheckConstraint(name="grid_import_has_rows", condition=models.Q(row_count__gt=0)),
            *length_checks("grid_import", TEXT_LIMITS),
        ]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M} · {self.row_count}"

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("grids:grid_import_detail", args=[self.pk])


auditlog.register(GridImport, exclude_fields=["version", "key", "header", "columns", "rows"])
