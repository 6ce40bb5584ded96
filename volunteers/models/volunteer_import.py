"""义工导入: a list of volunteers as it was uploaded, what its columns mean, and how far it has been taken in."""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from areas.models import Township
from common.jobs import Work
from common.models import Versioned, length_checks

TEXT_LIMITS = {"file_name": 120, "sha256": 64}


class VolunteerImportQuerySet(models.QuerySet["VolunteerImport"]):
    """Imports, the latest first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the user's township; the city level sees its own, and those of all townships."""
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.filter(township__in=user.township_ids)


class VolunteerImport(Work, Versioned):
    """One uploaded file: its rows wait, encrypted, in ``parts`` until they were taken in or discarded.

    ``sheets`` tells of each sheet its name, whether it is hidden, its rows, at which place the names of the columns
    stand, these names and three samples of each column. ``sheet`` is the chosen one's place. ``columns`` says at which
    place each known column stands, ``defaults`` what holds for new people where no column says. ``counts`` are the
    rows by what would become of them; ``result`` what became of them.
    """

    class State(models.TextChoices):
        """How far it is."""

        MAPPING = "mapping", _("Columns to be confirmed")
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked, not imported yet")
        IMPORTING = "importing", _("Being imported")
        DONE = "done", _("Imported")
        DISCARDED = "discarded", _("Discarded")

    key = models.UUIDField(_("submission key"), unique=True, editable=False)
    # Empty for the city's: its rows name their township.
    township = models.ForeignKey(
        Township,
        verbose_name=_("township"),
        null=True,
        on_delete=models.PROTECT,
        related_name="volunteer_imports",
        editable=False,
    )
    by = models.ForeignKey(
        User, verbose_name=_("uploaded by"), on_delete=models.PROTECT, related_name="+", editable=False
    )
    at = models.DateTimeField(_("uploaded"), default=timezone.now, editable=False)
    file_name = models.CharField(_("file"), max_length=TEXT_LIMITS["file_name"], editable=False)
    sha256 = models.CharField(_("SHA-256"), max_length=TEXT_LIMITS["sha256"], editable=False)
    sheets = models.JSONField(_("sheets"), default=list, editable=False)
    sheet = models.PositiveSmallIntegerField(_("sheet"), default=0, editable=False)
    columns = models.JSONField(_("columns"), default=dict, editable=False)
    defaults = models.JSONField(_("where no column says"), default=dict, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.MAPPING, editable=False)
    counts = models.JSONField(_("rows by state"), default=dict, editable=False)
    row_count = models.PositiveIntegerField(_("rows in the file"), default=0, editable=False)
    only_good = models.BooleanField(_("the good rows only"), default=False, editable=False)
    confirmed_by = models.ForeignKey(
        User, verbose_name=_("confirmed by"), null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    # Why the rows are to be looked at once more: "changed" when the register had changed since the preview.
    notice = models.CharField(max_length=20, blank=True, editable=False)
    result = models.JSONField(_("result"), default=dict, editable=False)
    added_count = models.PositiveIntegerField(_("volunteers added"), default=0, editable=False)
    changed_count = models.PositiveIntegerField(_("records changed"), default=0, editable=False)
    done_at = models.DateTimeField(_("imported"), null=True, editable=False)

    objects = VolunteerImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of volunteers")
        verbose_name_plural = _("imports of volunteers")
        ordering = ("-at", "-id")
        indexes = [
            models.Index(fields=["-at", "-id"], name="volunteer_import_latest"),
            models.Index(fields=["township", "-at", "-id"], name="volunteer_import_in_township"),
            models.Index(fields=["sha256"], name="volunteer_import_same_file"),
        ]
        constraints = [
            models.CheckConstraint(
                name="volunteer_import_state_known",
                condition=models.Q(state__in=["mapping", "checking", "checked", "importing", "done", "discarded"]),
            ),
            models.CheckConstraint(
                name="volunteer_import_done_has_time",
                condition=models.Q(state="done", done_at__isnull=False, confirmed_by__isnull=False)
                | (~models.Q(state="done") & models.Q(done_at__isnull=True, added_count=0, changed_count=0)),
            ),
            *length_checks("volunteer_import", TEXT_LIMITS),
        ]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M} · {self.row_count}"

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("volunteers:import_detail", args=[self.pk])


class VolunteerImportPart(models.Model):
    """Some rows of a file, packed and encrypted (``volunteers.imports.parts``): as they came, or by what they mean."""

    class Kind(models.TextChoices):
        """What the rows are: cells of a sheet, or rows by what would become of them (``check``)."""

        CELLS = "cells", _("Cells")
        WRONG = "wrong", _("Wrong")
        CHANGED = "changed", _("Changed")
        NEW = "new", _("New")
        SAME = "same", _("Same")

    volunteer_import = models.ForeignKey(VolunteerImport, on_delete=models.CASCADE, related_name="parts")
    kind = models.CharField(max_length=8, choices=Kind)
    # The sheet for cells, nought otherwise.
    sheet = models.PositiveSmallIntegerField(default=0)
    position = models.PositiveIntegerField()
    count = models.PositiveIntegerField()
    first = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        verbose_name = _("part of an import")
        verbose_name_plural = _("parts of imports")
        ordering = ("kind", "sheet", "position")
        constraints = [
            models.UniqueConstraint(
                name="volunteer_import_part_once", fields=["volunteer_import", "kind", "sheet", "position"]
            ),
            models.CheckConstraint(
                name="volunteer_import_part_kind_known",
                condition=models.Q(kind__in=["cells", "wrong", "changed", "new", "same"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.position}"


class ColumnMapping(models.Model):
    """What a township, or the city (none), last said that the columns of its files mean: ``header`` stands for one."""

    township = models.ForeignKey(
        Township, verbose_name=_("township"), null=True, on_delete=models.CASCADE, related_name="+", editable=False
    )
    header = models.CharField(_("name in the file"), max_length=60)
    # The known column, or nothing: this one was left out on purpose.
    column = models.CharField(_("means"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("remembered column")
        verbose_name_plural = _("remembered columns")
        ordering = ("township", "header")
        constraints = [
            models.UniqueConstraint(name="column_mapping_once", fields=["township", "header"]),
            models.UniqueConstraint(
                name="column_mapping_once_in_the_city",
                fields=["header"],
                condition=models.Q(township__isnull=True),
            ),
            *length_checks("column_mapping", {"header": 60, "column": 20}),
        ]

    def __str__(self) -> str:
        return f"{self.header} → {self.column}"


# Rows and samples name people, and each volunteer has an entry of their own: the trail says who took in how many.
auditlog.register(
    VolunteerImport,
    mask_fields=["file_name"],
    include_fields=["township", "by", "file_name", "state", "row_count", "only_good", "added_count", "changed_count"],
)
