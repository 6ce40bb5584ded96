"""照片: what a service log shows of the service. The files lie in ``PHOTO_ROOT``, the rows say which and whose."""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.models import length_checks
from common.pictures import is_telling
from services.models.log import ServiceLog
from services.models.stored_photo import HAS_SIZE, StoredPhoto, StoredPhotoQuerySet

MOST_PHOTOS = 9


class LogPhotoQuerySet(StoredPhotoQuerySet["LogPhoto"]):
    """Photos in the order in which they were added."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the photos of the logs that the user sees, and to the user's own that wait for their log."""
        seen = models.Q(log__in=ServiceLog.objects.visible_to(user).order_by())
        return self.filter(seen | models.Q(log__isnull=True, added_by=user))

    def waiting(self) -> Self:
        """Keep those that came with a form that has not been saved yet."""
        return self.filter(log__isnull=True)

    def alike(self, *photos: "LogPhoto") -> Self:
        """Keep the photos of other logs with the same pixels or, as far as that says anything, the same likeness.

        ``photos`` are one or several of one log.
        Photos that were taken away count as well: their logs once showed them.
        """
        same = models.Q(sha256__in={photo.sha256 for photo in photos})
        telling = {photo.likeness for photo in photos if is_telling(photo.likeness)}
        if telling:
            same |= models.Q(likeness__in=telling)
        return self.filter(same, log__isnull=False).exclude(log__in={photo.log_id for photo in photos})


class LogPhoto(StoredPhoto):
    """One photo of one service. It never changes; taken away, the row stays and its files go.

    Without a log it waits for the form that it came with to be saved, and is forgotten after a day.
    """

    log = models.ForeignKey(
        ServiceLog, verbose_name=_("service log"), null=True, on_delete=models.PROTECT, related_name="photos"
    )
    likeness = models.CharField(
        _("likeness"),
        max_length=16,
        db_index=True,
        help_text=_("Difference hash of 64 bits: nearly always the same for the same photo saved again."),
    )
    added_by = models.ForeignKey(User, verbose_name=_("added by"), on_delete=models.PROTECT, related_name="+")

    objects = LogPhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ("id",)
        indexes = [
            # For the night: which wait for a form that was never saved.
            models.Index(fields=["added_at"], condition=models.Q(log__isnull=True), name="photo_waiting")
        ]
        constraints = [
            models.UniqueConstraint(
                name="photo_once_per_log", fields=["log", "sha256"], condition=models.Q(removed_at__isnull=True)
            ),
            models.CheckConstraint(name="photo_has_size", condition=HAS_SIZE),
            models.CheckConstraint(
                name="photo_removed_by_somebody",
                condition=models.Q(removed_at__isnull=True, removed_by__isnull=True)
                | models.Q(removed_at__isnull=False, removed_by__isnull=False),
            ),
            # What never became part of a log leaves no row.
            models.CheckConstraint(
                name="photo_removed_from_a_log",
                condition=models.Q(removed_at__isnull=True) | models.Q(log__isnull=False),
            ),
            *length_checks("photo", {"name": 32, "sha256": 64, "likeness": 16}),
        ]

    def get_absolute_url(self) -> str:
        """Return the address of the photo."""
        return reverse("services:photo", args=[self.pk])

    @property
    def thumbnail_url(self) -> str:
        """The address of the small one."""
        return reverse("services:photo_thumbnail", args=[self.pk])

    @property
    def removal_url(self) -> str:
        """The address that takes it away."""
        return reverse("services:photo_remove", args=[self.pk])


# The key, the name and the form's key say nothing to a person.
auditlog.register(LogPhoto, exclude_fields=["key", "form_key", "name"])
