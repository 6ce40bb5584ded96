"""What a resident types about a volunteer, the code by which they follow it, and the office's answer."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common.codes import read_signs
from common.forms import ButtonChoices, PhoneField, SubmissionKeyField, TextField, VersionField, YiwangForm
from services.models import Feedback
from services.models.feedback import CODE_LENGTH, TEXT_LIMITS


class FeedbackForm(YiwangForm):
    """Praise, a suggestion or a complaint; whose badge it was stands on the page already."""

    key = SubmissionKeyField()
    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=Feedback.Kind.choices,
        widget=ButtonChoices,
        error_messages={"required": _("Choose whether it is praise, a suggestion or a complaint.")},
    )
    text = TextField(
        label=_("What happened?"),
        max_length=TEXT_LIMITS["text"],
        lines=5,
        help_text=_("When and where, in a few words. Only the offices read it."),
        error_messages={"required": _("Say in a few words what happened.")},
    )
    phone = PhoneField(
        label=_("Your mobile phone"),
        required=False,
        help_text=_("Only if the office may call you back. You can read the answer without it."),
    )


class FollowForm(YiwangForm):
    """The code that somebody wrote down."""

    code = TextField(label=_("Code"), lines=1, max_length=40, help_text=_("Eleven signs, for example 7KMX-3RTA-9WC."))

    def clean_code(self) -> str:
        """Refuse what can be no code."""
        code: str = self.cleaned_data["code"]
        if not read_signs(code, CODE_LENGTH):
            raise ValidationError(_("A code has eleven letters and digits. Compare it with what you wrote down."))
        return code


class FeedbackAnswerForm(YiwangForm):
    """The office's answer."""

    version = VersionField()
    answer = TextField(
        label=_("Answer"),
        max_length=TEXT_LIMITS["answer"],
        lines=4,
        help_text=_("Only who has the code reads it. Name no resident and no phone."),
    )
