"""A phone number that a form keeps without showing it: looking at one is ``volunteers.domain.show_phone``, recorded."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class KeepsPhone(forms.BaseModelForm):
    """Asks for the ``phone`` of a new volunteer, and of one on record only where it is to be another."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave the field empty for a record, and say which number is kept."""
        super().__init__(*args, **kwargs)
        self.kept_phone = self.instance.phone  # cleaning writes into the instance
        if self.instance.pk and "phone" in self.fields:
            field = self.fields["phone"]
            field.required, field.label = False, _("New mobile phone")
            field.help_text = _("Leave empty to keep %(phone)s.") % {"phone": self.instance.masked_phone}
            self.initial["phone"] = ""

    def clean_phone(self) -> str:
        """Keep the number unless another one is given."""
        return self.cleaned_data["phone"] or self.kept_phone
