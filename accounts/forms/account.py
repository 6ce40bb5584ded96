"""What people decide about their own account."""

from django import forms
from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from common import clean
from common.forms import ButtonChoices, YiwangForm


class AddressField(forms.EmailField):
    """An e-mail address, also in full-width letters."""

    def to_python(self, value: object) -> str:
        """Return it in ASCII where it can be."""
        return clean.clean_code(super().to_python(value))


class OwnAccountForm(YiwangForm):
    """Where reminders are sent, whether they are, and in which language."""

    email = AddressField(
        label=_("E-mail"),
        required=False,
        validators=[MaxLengthValidator(254)],
        help_text=_("For reminders only: nobody but you and the administrators sees it."),
    )
    email_reminders = forms.BooleanField(label=_("Send me reminders by e-mail, at most once a day"), required=False)
    language = forms.ChoiceField(label=_("Language of the e-mails"), choices=settings.LANGUAGES, widget=ButtonChoices)
