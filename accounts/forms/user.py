"""An account as administrators open and change it."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from accounts.forms.session import LONGEST_PASSWORD
from accounts.models import User
from areas.models import Township


class UserForm(forms.ModelForm):
    """Name, role, township, and a first password: required for a new account, otherwise left empty to keep it."""

    first_password = forms.CharField(
        label=_("First password"),
        strip=False,
        required=False,
        validators=[MaxLengthValidator(LONGEST_PASSWORD)],
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("The person must change it at the next sign-in. Leave it empty to keep the present one."),
    )

    class Meta:
        model = User
        fields = ("username", "name", "role", "township", "email", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Ask a new account for its password, and offer the townships that there are today."""
        super().__init__(*args, **kwargs)
        if "township" in self.fields:
            self.fields["township"].queryset = Township.objects.current()
        if "first_password" in self.fields:  # missing where an auditor only looks
            self.fields["first_password"].required = self.instance.pk is None

    def _post_clean(self) -> None:
        """Hold the password to the rules, once the names that it must not resemble are known."""
        super()._post_clean()
        password = self.cleaned_data.get("first_password")
        if password:
            try:
                password_validation.validate_password(password, self.instance)
            except forms.ValidationError as error:
                self.add_error("first_password", error)
