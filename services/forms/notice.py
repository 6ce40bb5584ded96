"""What is typed about notices: which month is shown, why one is taken back, objections and their answers."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from areas.models import Township
from common.forms import SubmissionKeyField, TextField, VersionField, YiwangForm
from services.filters import months_to_choose
from services.forms.report import MonthField
from services.models.objection import TEXT_LIMITS


class NoticeForm(YiwangForm):
    """Which township's month is to be shown."""

    township = forms.ModelChoiceField(
        label=_("Township"), queryset=Township.objects.none(), empty_label=_("Please choose")
    )
    month = MonthField(label=_("Month"), widget=forms.Select)
    accept_missing = forms.BooleanField(label=_("Leave out the months that have not been read"), required=False)

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        """Offer the townships that the user sees, their own without asking, and the months that are over."""
        super().__init__(*args, **options)
        self.user = user
        self.fields["township"].queryset = Township.objects.visible_to(user)
        if not user.chooses_township:
            del self.fields["township"]
        self.fields["month"].widget.choices = months_to_choose()[1:]

    def entry(self) -> dict[str, Any]:
        """Return what the domain is told; the form is valid."""
        return {"township": self.user.township} | self.cleaned_data


class WithdrawNoticeForm(YiwangForm):
    """Taking a notice back."""

    version = VersionField()
    reason = TextField(label=_("Why it is withdrawn"), max_length=200, lines=2)


class ObjectionForm(YiwangForm):
    """What somebody without an account says against a notice."""

    key = SubmissionKeyField()
    text = TextField(label=_("What is not right?"), max_length=TEXT_LIMITS["text"], lines=4)
    contact = TextField(
        label=_("How to reach you"),
        required=False,
        max_length=TEXT_LIMITS["contact"],
        lines=1,
        help_text=_("Only the township's office reads it. Without it you follow the answer by a link."),
    )
    # People do not see this field; programs that fill in every one do.
    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def clean_website(self) -> str:
        """Refuse what a program has filled in."""
        if self.cleaned_data["website"]:
            raise ValidationError(_("Leave this field empty and send it again."), code="filled")
        return ""


class AnswerForm(YiwangForm):
    """The office's answer to an objection."""

    version = VersionField()
    answer = TextField(label=_("Answer"), max_length=TEXT_LIMITS["answer"], lines=3)
    is_public = forms.BooleanField(
        label=_("Show objection and answer on the notice, without the contact"), required=False
    )
