"""Signing in."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from common.forms import YiwangForm

# Characters; more is no password but an attempt to keep the hasher busy.
LONGEST_PASSWORD = 1000


class SignInForm(YiwangForm, AuthenticationForm):
    """User name and password; the same answer to a wrong name, a wrong password and a closed account."""

    error_messages = {
        "invalid_login": _(
            "User name and password do not match. Mind capital letters. An administrator can set a new password."
        ),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Bound the password's length."""
        super().__init__(*args, **kwargs)
        self.fields["password"].validators.append(MaxLengthValidator(LONGEST_PASSWORD))
