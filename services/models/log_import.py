"""表格导入: a spreadsheet of logs as it was uploaded, and how far it has been taken in."""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import Role
from areas.models import Township
from common.models import Versioned, length_checks

TEXT_LIMITS = {"file_name": 120, "sha256": 64, "sheet": 60}


class LogImportQuerySet(models.QuerySet["LogImport"]):
    """Imports, the latest first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the user's township, for a team leader to their own; the city level sees none."""
        if user.township_id is None:
            return self.none()
        found = self.filter(township__in=user.township_ids)
        return found.filter(by=user) if user.role == Role.TEAM_LEADER else found


class LogImport(Versioned):
    """One uploaded file. What its rows mean is asked anew each time; what was confirmed goes in, row by row, once.

    ``rows`` holds [row number, [cells]] as the file had them, ``columns`` at which place each known column stands.
    ``wanted`` are the confirmed rows as [row number, key]: a row whose meaning has changed since is refused.
    ``refused`` says why rows of ``wanted`` were not taken in, by row number.
    """

    class State(models.TextChoices):
        """How far it is."""

        CHECKED = "checked", _("Checked, not imported yet")
        RUNNING = "running", _("Being imported")
        DONE = "done", _("Imported")

    key = models.UUIDField(_("submission key"), unique=True, editable=False)
    township = models.ForeignKey(
        Township, verbose_name=_("township"), on_delete=models.PROTECT, related_name="log_imports", editable=False
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
    wanted = models.JSONField(_("confirmed rows"), default=list, editable=False)
    wanted_count = models.PositiveIntegerField(_("rows confirmed"), default=0, editable=False)
    handled = models.PositiveIntegerField(_("rows handled"), default=0, editable=False)
    refused = models.JSONField(_("refused rows"), default=dict, editable=False)
    imported_count = models.PositiveIntegerField(_("logs written"), default=0, editable=False)

    objects = LogImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of logs")
        verbose_name_plural = _("imports of logs")
        ordering = ("-at", "-id")
        indexes = [
            models.Index(fields=["township", "-at", "-id"], name="log_import_in_township"),
            models.Index(fields=["township", "sha256"], name="log_import_same_file"),
        ]
        constraints = [
            models.CheckConstraint(
                name="log_import_state_known",
                condition=models.Q(state="checked", wanted_count=0, handled=0)
                | models.Q(state="running", wanted_count__gt=0)
                | models.Q(state="done", handled=models.F("wanted_count")),
            ),
            models.CheckConstraint(
                name="log_import_handles_wanted", condition=models.Q(handled__lte=models.F("wanted_count"))
            ),
            models.CheckConstraint(name="log_import_has_rows", condition=models.Q(row_count__gt=0)),
            *length_checks("log_import", TEXT_LIMITS),
        ]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M} · {self.row_count}"

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("services:import_detail", args=[self.pk])


# The rows name recipients, and each log that comes of them has its own entry: the trail says who uploaded how many.
auditlog.register(
    LogImport,
    mask_fields=["file_name"],
    exclude_fields=["version", "key", "header", "columns", "rows", "wanted", "refused"],
)
