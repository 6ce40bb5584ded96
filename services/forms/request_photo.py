"""A resident's form with photos: what came is kept whatever becomes of the form, as no browser sends a file twice."""

from functools import cached_property
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common.forms import SubmissionKeyField, YiwangForm
from common.rules import RuleBroken
from services.domain.album import discard_waiting
from services.domain.flood import Flood
from services.domain.request_album import FROM_ONE_ADDRESS, keep_photos, known_keys, photo_key, too_many, waiting_for
from services.forms.pictures import PhotosField, clean_files
from services.models import RequestPhoto
from services.models.request_photo import MOST_PHOTOS


class ResidentPhotosForm(YiwangForm):
    """A form of somebody without an account; its photos wait under its key until it is sent in order."""

    key = SubmissionKeyField()
    photos = PhotosField(
        label=gettext_lazy("Photo"),
        most=MOST_PHOTOS,
        help_text=gettext_lazy("If a photo says it better. Where and by whom it was taken is not kept."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Begin without a complaint about photos."""
        super().__init__(*args, **options)
        self.photo_errors: list[ValidationError] = []

    @cached_property
    def form_key(self) -> UUID | None:
        """The key of the form that was sent; None while it is missing or mangled."""
        try:
            key: UUID | None = self.fields["key"].clean(self["key"].value()) if self.is_bound else None
        except ValidationError:
            return None
        return key

    def take_photos(self, address: str) -> None:
        """Keep the photos that were sent, or forget those that are to be left out; complaints are said at the field.

        Each counts for the ``address`` before it is looked at. To be called outside of any transaction, before the
        form is judged and whatever the judgement will be.
        """
        if self.form_key is None:
            return
        if "photos_left_out" in self.data:
            discard_waiting(waiting_for(self.form_key), by=None)
        files = self.files.getlist("photos") if self.files else []
        if len(files) > MOST_PHOTOS:
            self.photo_errors.append(too_many())
            return
        form_key = self.form_key
        if not all(FROM_ONE_ADDRESS.take(address) for _file in files):
            self.photo_errors.append(Flood())
            return
        pictures = list(clean_files(files, lambda data: photo_key(form_key, data), known_keys, self.photo_errors))
        try:
            keep_photos(pictures, form_key=form_key)
        except RuleBroken as broken:
            self.photo_errors.append(broken)

    @cached_property
    def has_photos(self) -> bool:
        """Whether photos came with this form, now or when it was sent before."""
        return RequestPhoto.objects.filter(form_key=self.form_key).exists()

    def kept(self) -> str:
        """Return what is said of the photos that came before, when the form comes back."""
        count = len(waiting_for(self.form_key)) if self.form_key is not None else 0
        said = ngettext("%(count)d photo is here and goes along.", "%(count)d photos are here and go along.", count)
        return said % {"count": count} if count else ""

    def clean_photos(self) -> list[Any]:
        """Say what was wrong with the files, and that it goes without them too."""
        if self.photo_errors:
            without = ValidationError(_("You can also send it without this photo: just press the button once more."))
            raise ValidationError([*self.photo_errors, without])
        return self.cleaned_data["photos"]
