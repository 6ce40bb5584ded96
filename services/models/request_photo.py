"""求助照片: what a resident shows of what is wrong. The files lie in ``PHOTO_ROOT``, the rows say which and whose."""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.models import length_checks
from services.models.request import HelpRequest
from services.models.stored_photo import HAS_SIZE, StoredPhoto, StoredPhotoQuerySet

# With the asking and later, all together.
MOST_PHOTOS = 6


class RequestPhotoQuerySet(StoredPhotoQuerySet["RequestPhoto"]):
    """Photos in the order in which they were added."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the photos of the requests that the user sees; what waits for its form nobody sees."""
        return self.filter(request__in=HelpRequest.objects.visible_to(user).order_by())

    def waiting(self) -> Self:
        """Keep those that came with a form that was not sent in order yet."""
        return self.filter(request__isnull=True)


class RequestPhoto(StoredPhoto):
    """One photo of one request, sent by the resident: seen by its offices, its team, and who has the request's code.

    Without a request it waits for the form that it came with, and is forgotten after a day.
    """

    request = models.ForeignKey(
        HelpRequest, verbose_name=_("help request"), null=True, on_delete=models.PROTECT, related_name="photos"
    )

    objects = RequestPhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo of a request")
        verbose_name_plural = _("photos of requests")
        ordering = ("id",)
        indexes = [
            models.Index(fields=["added_at"], condition=models.Q(request__isnull=True), name="request_photo_waiting")
        ]
        constraints = [
            models.UniqueConstraint(
                name="request_photo_once", fields=["request", "sha256"], condition=models.Q(removed_at__isnull=True)
            ),
            models.CheckConstraint(name="request_photo_has_size", condition=HAS_SIZE),
            # Nobody: the time that the office keeps it was over.
            models.CheckConstraint(
                name="request_photo_removed_once_there",
                condition=models.Q(removed_at__isnull=True, removed_by__isnull=True)
                | models.Q(removed_at__isnull=False, request__isnull=False),
            ),
            *length_checks("request_photo", {"name": 32, "sha256": 64}),
        ]

    def get_absolute_url(self) -> str:
        """Return the address of the photo for the office and the team."""
        return reverse("services:request_photo", args=[self.pk])

    @property
    def thumbnail_url(self) -> str:
        """The address of the small one."""
        return reverse("services:request_photo_thumbnail", args=[self.pk])

    @property
    def removal_url(self) -> str:
        """The address that takes it away."""
        return reverse("services:request_photo_remove", args=[self.pk])


# The key, the name and the form's key say nothing to a person.
auditlog.register(RequestPhoto, exclude_fields=["key", "form_key", "name"])
