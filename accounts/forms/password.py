"""Changing one's own password."""

from typing import Any

from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from accounts.forms.session import LONGEST_PASSWORD
from common.forms import YiwangForm


class OwnPasswordForm(YiwangForm, PasswordChangeForm):
    """The present password, and the new one twice; it must satisfy the rules and be a new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Bound the passwords' length."""
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.validators.append(MaxLengthValidator(LONGEST_PASSWORD))

    def clean_new_password1(self) -> str:
        """Refuse the present password as the new one."""
        password: str = self.cleaned_data["new_password1"]
        if self.user.check_password(password):
            raise ValidationError(_("Choose a password that differs from the present one."))
        return password
