"""The photo of a volunteer as it is sent."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import YiwangForm
from common.pictures import Portrait, clean_portrait


class PortraitField(forms.FileField):
    """A photo of a person, judged by its content; it comes back clean and cut to 35 × 45."""

    widget = forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"})

    def clean(self, data: Any, initial: Any = None) -> Portrait:
        """Return the photo; raises what ``clean_portrait`` says."""
        return clean_portrait(super().clean(data, initial))


class PortraitForm(YiwangForm):
    """One photo."""

    photo = PortraitField(
        label=_("Photo"),
        help_text=_(
            "As JPEG, PNG or WebP, the face in the middle. It is cut to 35 × 45 mm; what else the file says, such as "
            "where it was taken, is not kept."
        ),
        error_messages={
            "required": _("Choose a photo first."),
            "empty": _("This file is empty. Choose the photo again."),
        },
    )
