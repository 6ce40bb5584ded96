"""What a resident types who follows a request: the code, a word or photo, that it is not solved, how it was."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.codes import is_mistyped, read_signs
from common.forms import ButtonChoices, TextField, YiwangForm
from services.forms.request_photo import ResidentPhotosForm
from services.models import HelpRequest
from services.models.request import CODE_LENGTH, TEXT_LIMITS
from services.models.request_step import TEXT_LIMITS as STEP_LIMITS


class FollowForm(YiwangForm):
    """The code that somebody wrote down."""

    code = TextField(
        label=pgettext_lazy("request", "Code"),
        lines=1,
        max_length=40,
        help_text=_("Twelve signs, for example 7KMX-3RTA-9WCH."),
    )

    def clean_code(self) -> str:
        """Refuse what can be no code, and say where a sign is mistyped."""
        code: str = self.cleaned_data["code"]
        signs = read_signs(code, CODE_LENGTH)
        if not signs:
            raise ValidationError(_("A code has twelve letters and digits. Compare it with what you wrote down."))
        if is_mistyped(signs):
            raise ValidationError(_("At least one sign is mistyped. Compare each with what you wrote down."))
        return code


class AddForm(ResidentPhotosForm):
    """A word or a photo, or both."""

    text = TextField(
        label=_("What else should the team know?"), max_length=STEP_LIMITS["text"], lines=3, required=False
    )

    field_order = ("key", "text", "photos")

    def clean(self) -> None:
        """Ask for one of them."""
        super().clean()
        if not self.errors and not self.cleaned_data["text"] and not self.has_photos:
            self.add_error("text", _("Write a word or choose a photo first."))


class ReopenForm(YiwangForm):
    """What is still wrong."""

    text = TextField(
        label=_("What is still wrong?"),
        max_length=STEP_LIMITS["text"],
        lines=3,
        error_messages={"required": _("Say in a few words what is still wrong.")},
    )


class RateForm(YiwangForm):
    """How it was, in the words of the annual vote."""

    rating = forms.ChoiceField(
        label=_("How satisfied are you?"),
        choices=HelpRequest.Rating.choices,
        widget=ButtonChoices,
        error_messages={
            "required": _("Choose one of the three."),
            "invalid_choice": _("Choose one of the three."),
        },
    )
    words = TextField(
        label=_("What would you like to say about it?"),
        max_length=TEXT_LIMITS["rating_words"],
        lines=2,
        required=False,
    )
