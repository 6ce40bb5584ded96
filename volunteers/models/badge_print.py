"""制证: badges set as one PDF: by whom, which of them, and who was left out."""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from areas.models import Township
from common.jobs import Work
from common.models import length_checks
from volunteers.models.badge import Badge

TEXT_LIMITS = {"file_name": 32, "lacking": 100}


class BadgePrintQuerySet(models.QuerySet["BadgePrint"]):
    """Prints, the latest first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to what the user's township printed; the city level sees all."""
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.filter(township__in=user.township_ids)


class BadgePrint(Work):
    """One PDF of badges, made in the background. The file goes after some days, the record stays."""

    class Layout(models.TextChoices):
        """What the pages are."""

        SHEETS = "sheets", _("A4 sheets, ten badges each, with cut marks")
        CARDS = "cards", _("One page of 85.6 × 54 mm a badge, for card printers")

    # Whose office it was; empty for the city's.
    township = models.ForeignKey(
        Township, verbose_name=_("township"), null=True, on_delete=models.PROTECT, related_name="badge_prints"
    )
    by = models.ForeignKey(User, verbose_name=_("printed by"), on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("asked for"), default=timezone.now)
    layout = models.CharField(_("pages"), max_length=6, choices=Layout, default=Layout.SHEETS)
    has_backs = models.BooleanField(_("with the backs"), default=False)
    count = models.PositiveIntegerField(_("badges asked for"))
    printed = models.PositiveIntegerField(_("badges in the file"), default=0)
    # The file's name in ``PRINT_ROOT``; empty before it is made, and when it was deleted or holds nothing.
    file_name = models.CharField(max_length=TEXT_LIMITS["file_name"], blank=True, editable=False)

    objects = BadgePrintQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("badges", "print")
        verbose_name_plural = pgettext_lazy("badges", "prints")
        ordering = ("-at", "-id")
        indexes = [
            models.Index(fields=["-at", "-id"], name="badge_print_latest"),
            models.Index(fields=["township", "-at", "-id"], name="badge_print_in_township"),
        ]
        constraints = [
            models.CheckConstraint(name="badge_print_layout_known", condition=models.Q(layout__in=["sheets", "cards"])),
            models.CheckConstraint(
                name="badge_print_no_more_than_asked", condition=models.Q(printed__lte=models.F("count"))
            ),
            *length_checks("badge_print", {"file_name": 32}),
        ]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M} · {self.count}"

    def get_absolute_url(self) -> str:
        """Return the address of the page on which the result waits."""
        return reverse("volunteers:badge_print_detail", args=[self.pk])


class PrintedBadge(models.Model):
    """One badge of a print: in the file, or left out of it and why."""

    class LeftOut(models.TextChoices):
        """Why a badge is not in the file."""

        GLYPHS = "glyphs", _("The printing font lacks a character")
        NOT_VALID = "not_valid", _("The badge is not valid any more")
        NO_CODE = "no_code", _("Its code can no longer be made: re-issue the badge")

    print = models.ForeignKey(BadgePrint, on_delete=models.CASCADE, related_name="badges")
    badge = models.ForeignKey(Badge, on_delete=models.PROTECT, related_name="prints")
    left_out = models.CharField(max_length=10, choices=LeftOut, blank=True)
    # The characters that the font lacks, as the page names them.
    lacking = models.CharField(max_length=TEXT_LIMITS["lacking"], blank=True)

    class Meta:
        verbose_name = _("badge of a print")
        verbose_name_plural = _("badges of prints")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(name="printed_badge_once", fields=["print", "badge"]),
            models.CheckConstraint(
                name="printed_badge_reason_known",
                condition=models.Q(left_out__in=["", "glyphs", "not_valid", "no_code"]),
            ),
            *length_checks("printed_badge", {"left_out": 10, "lacking": 100}),
        ]

    def __str__(self) -> str:
        return f"{self.print_id} · {self.badge_id}"


auditlog.register(
    BadgePrint,
    exclude_fields=[
        "file_name",
        "work_state",
        "work_done",
        "work_total",
        "work_beat_at",
        "work_attempts",
        "work_reference",
    ],
)
auditlog.register(PrintedBadge)
