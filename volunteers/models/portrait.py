"""证件照: the photo of a volunteer. The files lie in ``PHOTO_ROOT``, the rows say whose, and who put it there."""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.models import length_checks
from volunteers.models.volunteer import Volunteer


class PortraitQuerySet(models.QuerySet["Portrait"]):
    """Photos of volunteers, the latest first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the volunteers whom the user sees."""
        return self.filter(volunteer__in=Volunteer.objects.visible_to(user).order_by())

    def standing(self) -> Self:
        """Keep those that were not taken away: only these have files."""
        return self.filter(removed_at__isnull=True)


class Portrait(models.Model):
    """One photo of one volunteer. It never changes; replaced or taken away, the row stays and its file goes."""

    volunteer = models.ForeignKey(
        Volunteer, verbose_name=_("volunteer"), on_delete=models.PROTECT, related_name="portraits"
    )
    name = models.CharField(_("name of its file"), max_length=32, unique=True, editable=False)
    sha256 = models.CharField(_("hash of its pixels"), max_length=64)
    added_by = models.ForeignKey(User, verbose_name=_("added by"), on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("added"), default=timezone.now)
    removed_by = models.ForeignKey(
        User, verbose_name=_("taken away by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    removed_at = models.DateTimeField(_("taken away"), null=True)

    objects = PortraitQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo of a volunteer")
        verbose_name_plural = _("photos of volunteers")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                name="portrait_one_per_volunteer",
                fields=["volunteer"],
                condition=models.Q(removed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="portrait_removed_by_somebody",
                condition=models.Q(removed_at__isnull=True, removed_by__isnull=True)
                | models.Q(removed_at__isnull=False, removed_by__isnull=False),
            ),
            *length_checks("portrait", {"name": 32, "sha256": 64}),
        ]

    def __str__(self) -> str:
        return f"{self.volunteer} · {self.added_at:%Y-%m-%d}"


auditlog.register(Portrait, exclude_fields=["name", "sha256"])
