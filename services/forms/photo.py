"""Photos that come with a form: kept whatever becomes of the form, since no browser sends a chosen file twice."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from common.clean import key_of
from common.forms import SubmissionKeyField, YiwangForm
from common.rules import RuleBroken
from services.domain.album import discard_waiting, keep_photos, known_keys, photo_key, waiting_for
from services.forms.pictures import PhotosField, clean_files
from services.models import LogPhoto, ServiceLog
from services.models.photo import MOST_PHOTOS


@dataclass(frozen=True)
class ShownPhoto:
    """A photo in the form: of the log, or waiting for it, and whether it is to be taken away."""

    photo: LogPhoto
    is_ticked: bool = False

    @property
    def is_waiting(self) -> bool:
        """Whether the form has to be saved for it to belong to the log."""
        return self.photo.log_id is None


class PhotosForm(YiwangForm):
    """A form with photos. ``photos_key`` stands for the empty form that they belong to; a subclass may use its own."""

    form_key_name = "photos_key"
    shows_the_logs = True

    photos_key = SubmissionKeyField(required=False)
    photos = PhotosField(
        label=gettext_lazy("Photos"),
        most=MOST_PHOTOS,
        help_text=gettext_lazy(
            "At most 9, as JPEG, PNG or WebP. Where they were taken is not kept. "
            "Nobody should be shown who does not want to be."
        ),
    )

    def __init__(self, *args: Any, user: User, log: ServiceLog | None = None, **options: Any) -> None:
        """Take whose photos these are, and the log that has some already."""
        super().__init__(*args, **options)
        self.user, self.log = user, log
        self.photo_errors: list[ValidationError] = []

    @cached_property
    def form_key(self) -> UUID | None:
        """The key of the form that was sent; None while it is missing or mangled."""
        if not self.is_bound:
            return None
        try:
            return self.fields[self.form_key_name].clean(self[self.form_key_name].value()) or None
        except ValidationError:
            return None

    def take_photos(self) -> None:
        """Keep the photos that were sent, and forget those waiting that are ticked; what is wrong is said at the field.

        To be called outside of any transaction, before the form is judged and whatever the judgement will be.
        """
        files = self.files.getlist("photos") if self.files else []
        if self.form_key is None:
            if files:
                self.photo_errors.append(ValidationError(_("Open the form anew: this copy of it is damaged.")))
            return
        ticked = self.photos_removed
        if ticked:
            discard_waiting([photo for photo in self._waiting() if photo.pk in ticked], by=self.user)
        if not files:
            return
        if len(files) > MOST_PHOTOS:
            self.photo_errors.append(self._too_many())
        form_key, by = self.form_key, self.user
        pictures = list(
            clean_files(files[:MOST_PHOTOS], lambda data: photo_key(form_key, data, by), known_keys, self.photo_errors)
        )
        try:
            keep_photos(pictures, form_key=form_key, by=by)
        except RuleBroken as broken:
            self.photo_errors.append(broken)

    def _waiting(self) -> list[LogPhoto]:
        return waiting_for(self.form_key, self.user) if self.form_key else []

    @staticmethod
    def _too_many() -> ValidationError:
        return ValidationError(_("A log has at most %(most)d photos. Take some away.") % {"most": MOST_PHOTOS})

    @property
    def photos_removed(self) -> set[int]:
        """The photos that are ticked to be taken away, by key."""
        ticked = self.data.getlist("photos_removed") if self.is_bound else []
        return {pk for pk in map(key_of, ticked[: 10 * MOST_PHOTOS]) if pk}

    @property
    def shown_photos(self) -> list[ShownPhoto]:
        """The photos of the log, then those that wait for it."""
        ticked = self.photos_removed
        there = list(self.log.photos.standing()) if self.log is not None and self.shows_the_logs else []
        waiting = self._waiting() if self.is_bound else []
        return [ShownPhoto(photo, photo.pk in ticked) for photo in (*there, *waiting)]

    def photos_entry(self) -> dict[str, Any]:
        """Return what the domain is told of the photos; nothing where there are none."""
        entry: dict[str, Any] = {"photos": self.form_key} if self._waiting() else {}
        if self.log is not None and self.photos_removed:
            entry["photos_removed"] = self.photos_removed
        return entry

    def clean_photos(self) -> list[Any]:
        """Say what was wrong with the files."""
        if self.photo_errors:
            raise ValidationError(self.photo_errors)
        return self.cleaned_data["photos"]


class PhotoAddForm(PhotosForm):
    """Further photos for a log that was written before; its page shows those that it has."""

    shows_the_logs = False

    def clean_photos(self) -> list[Any]:
        """Ask for at least one, now or when the form was sent before."""
        files = super().clean_photos()
        if not files and not self._waiting():
            raise ValidationError(_("Choose a photo first."), code="required")
        return files
