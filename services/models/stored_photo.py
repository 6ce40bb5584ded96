"""What every kept photo has, whatever it belongs to: its files, what it is told by, when it came and went."""

from typing import Self, TypeVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.pictures import LONG_SIDE

Photo = TypeVar("Photo", bound="StoredPhoto")


class StoredPhotoQuerySet(models.QuerySet[Photo]):
    """Photos in the order in which they were added."""

    def standing(self) -> Self:
        """Keep those that were not taken away: only these have files."""
        return self.filter(removed_at__isnull=True)


class StoredPhoto(models.Model):
    """One photo with its two files (``services.photo_files``). It never changes; taken away, the row stays.

    It comes with a form and waits until that is sent in order.
    """

    key = models.UUIDField(
        _("submission key"),
        unique=True,
        editable=False,
        help_text=_("Made of the form's key and the file: sent twice, it is one photo."),
    )
    form_key = models.UUIDField(_("key of its form"), db_index=True, editable=False)
    name = models.CharField(
        _("name of its files"),
        max_length=32,
        unique=True,
        editable=False,
        help_text=_("Drawn by chance: nothing that the person's own file was called is kept."),
    )
    sha256 = models.CharField(
        _("hash of its pixels"), max_length=64, db_index=True, help_text=_("SHA-256 of the pixels as kept.")
    )
    width = models.PositiveSmallIntegerField(_("width"))
    height = models.PositiveSmallIntegerField(_("height"))
    bytes = models.PositiveIntegerField(_("bytes"))
    added_at = models.DateTimeField(_("added"), default=timezone.now)
    removed_by = models.ForeignKey(
        User, verbose_name=_("taken away by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    removed_at = models.DateTimeField(_("taken away"), null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.width}×{self.height} {self.sha256[:8]}"


# No larger than a photo is kept, and no empty file.
HAS_SIZE = models.Q(width__gte=1, width__lte=LONG_SIDE, height__gte=1, height__lte=LONG_SIDE) & models.Q(bytes__gte=1)
