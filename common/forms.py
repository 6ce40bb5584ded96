"""Forms in our look: the renderer, the base classes, and fields that take what people really type."""

import re
from datetime import date, time
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import django.forms
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.utils.translation import gettext_lazy as _

from common import clean, spans
from common.rules import RuleBroken, SavedMeanwhile

DJANGO_FORM_TEMPLATES = Path(django.forms.__file__).parent / "templates"


class YiwangFormRenderer(DjangoTemplates):
    """Renders forms and fields by templates/forms/, widgets by Django's templates."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"

    @cached_property
    def engine(self) -> Any:
        """Look into the project's templates first."""
        return self.backend(
            {
                "APP_DIRS": True,
                "DIRS": [settings.BASE_DIR / "templates", DJANGO_FORM_TEMPLATES],
                "NAME": "yiwangforms",
                "OPTIONS": {},
            }
        )


class YiwangBoundField(BoundField):
    """A field in a form of ours: its widget carries Bootstrap's classes."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        """Add the class of the kind of widget, and the mark of an error."""
        widget = widget or self.field.widget
        attrs = super().build_widget_attrs(attrs, widget)
        if not widget.is_hidden:
            classes = [widget.attrs.get("class"), _class_of(widget), "is-invalid" if self.errors else None]
            attrs["class"] = " ".join(name for name in classes if name)
        return attrs

    @property
    def is_single_tick(self) -> bool:
        """Whether the field is one box to tick, whose label stands behind it."""
        return isinstance(self.field.widget, forms.CheckboxInput)


def _class_of(widget: forms.Widget) -> str | None:
    if isinstance(widget, (ButtonChoices, TickButtons)):
        return "btn-check"
    if isinstance(widget, (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"


class YiwangFormMixin:
    """What the base classes share: our bound fields, and rules that the domain found broken."""

    bound_field_class = YiwangBoundField
    required_css_class = "required"
    use_required_attribute = False  # the browser's bubbles are not in the page's language; ours are

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say in words what Django says in dashes: that nothing is chosen yet."""
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.TypedChoiceField):
                blank, *choices = field.choices
                if [blank] == BLANK_CHOICE_DASH:
                    field.choices = [("", _("Please choose")), *choices]

    def add_rule(self, broken: RuleBroken, *, current_version: int | None = None) -> None:
        """Put a broken rule on its field, or on the form as a whole where the form has no such field.

        After ``SavedMeanwhile`` the form takes on the record's current version (of ``self.instance`` unless given),
        so that saving once more, after comparing, succeeds.
        """
        self.add_error(broken.field if broken.field in self.fields else None, broken)
        if isinstance(broken, SavedMeanwhile) and "version" in self.fields:
            if current_version is None:
                current_version = self.instance.version
            self.data = self.data.copy()
            self.data[self.add_prefix("version")] = str(current_version)


class YiwangForm(YiwangFormMixin, forms.Form):
    """Base of the forms that belong to no single record."""


class YiwangModelForm(YiwangFormMixin, forms.ModelForm):
    """Base of the forms of one record."""


# --- Widgets --------------------------------------------------------------------------------------


class _PickerInput(forms.TextInput):
    """The browser's picker for ISO values; what it could not show (2026年7月12日, 24:00) is kept as plain text."""

    shown_by_picker: re.Pattern[str]

    def can_show(self, value: str) -> bool:
        """Whether the browser's picker would show the text rather than an empty box."""
        return bool(self.shown_by_picker.fullmatch(value))

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Choose the type of the input by what it must show."""
        context = super().get_context(name, value, attrs)
        shown = context["widget"]["value"]
        if shown and not self.can_show(shown):
            context["widget"]["type"] = "text"
        return context


class DatePicker(_PickerInput):
    """A day."""

    input_type = "date"
    shown_by_picker = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")

    def can_show(self, value: str) -> bool:
        """Whether there is such a day: a picker shows 2023-02-29 as nothing at all."""
        try:
            date.fromisoformat(value)
        except ValueError:
            return False
        return super().can_show(value)

    def format_value(self, value: Any) -> str | None:
        """Return ISO, whatever the language."""
        return value.isoformat() if isinstance(value, date) else super().format_value(value)


class TimePicker(_PickerInput):
    """A time of day."""

    input_type = "time"
    shown_by_picker = re.compile("([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?")

    def format_value(self, value: Any) -> str | None:
        """Return hours and minutes; the end of the day as 24:00."""
        if isinstance(value, time):
            return "24:00" if value == clean.END_OF_DAY else f"{value:%H:%M}"
        return super().format_value(value)


class ButtonChoices(forms.RadioSelect):
    """A few choices as buttons to tap, one of them."""

    template_name = "forms/widgets/buttons.html"


class TickButtons(forms.CheckboxSelectMultiple):
    """Names as buttons to tap, any of them."""

    template_name = "forms/widgets/buttons.html"


# --- Fields ---------------------------------------------------------------------------------------


class NameField(forms.CharField):
    """A name: NFC, one line, nothing invisible and no emoji (``clean.clean_name``)."""

    def __init__(self, *, max_length: int = 40, **options: Any) -> None:
        """Take the column's length."""
        super().__init__(max_length=max_length, **options)

    def to_python(self, value: Any) -> str:
        """Return the clean name."""
        return clean.clean_name(super().to_python(value))


class TextField(forms.CharField):
    """Free text (``clean.clean_text``) with a counter of the characters left; one line with ``lines=1``."""

    def __init__(self, *, max_length: int, lines: int = 3, **options: Any) -> None:
        """Take the column's length and how many lines the box shows."""
        options.setdefault("widget", forms.TextInput() if lines == 1 else forms.Textarea(attrs={"rows": lines}))
        super().__init__(max_length=max_length, **options)
        self.is_one_line = lines == 1

    def to_python(self, value: Any) -> str:
        """Return the clean text."""
        typed = super().to_python(value)
        return clean.clean_line(typed) if self.is_one_line else clean.clean_text(typed)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Let yiwang.js count; the browser itself does not cut off what is pasted."""
        attrs = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return attrs | {"data-count": str(self.max_length)}


class PhoneField(forms.CharField):
    """A mobile number of eleven digits, typed in any way (``clean.clean_phone``)."""

    widget = forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"})

    def __init__(self, *, max_length: int = 40, **options: Any) -> None:
        """Bound what is typed, not what is kept: spaces and +86 are taken away."""
        super().__init__(max_length=max_length, **options)

    def clean(self, value: Any) -> str:
        """Return the digits."""
        typed = super().clean(value)
        return clean.clean_phone(typed) if typed else ""


class AnyPhoneField(PhoneField):
    """A mobile number or a landline, with an extension if need be (``clean.clean_any_phone``): what residents have."""

    def clean(self, value: Any) -> str:
        """Return the number as it is kept."""
        typed = forms.CharField.clean(self, value)
        return clean.clean_any_phone(typed) if typed else ""


class RecordsField(forms.ModelMultipleChoiceField):
    """Any number of records; a key that no database holds is refused like one that is not there."""

    def clean(self, value: Any) -> Any:
        """Return the records."""
        for key in value or ():
            if clean.key_of(key) is None:
                raise ValidationError(self.error_messages["invalid_pk_value"], code="key", params={"pk": str(key)[:20]})
        return super().clean(value)


class DateField(forms.Field):
    """A day in any of the usual spellings (``clean.clean_date``)."""

    widget = DatePicker
    default_error_messages = {"required": _("Enter a day.")}

    def __init__(self, *, years_ahead: int = 1, **options: Any) -> None:
        """Take how far ahead a day may lie: what runs out does so in years."""
        self.years_ahead = years_ahead
        super().__init__(**options)

    def to_python(self, value: Any) -> date | None:
        """Return the day, or None for an empty field."""
        if value in self.empty_values or isinstance(value, date):
            return value or None
        return clean.clean_date(str(value), years_ahead=self.years_ahead)


class TimeField(forms.Field):
    """A time of day in any of the usual spellings (``clean.clean_time``); combine it with ``clean.moment``."""

    widget = TimePicker
    default_error_messages = {"required": _("Enter a time of day.")}

    def __init__(self, *, may_end_day: bool = False, **options: Any) -> None:
        """Take whether 24:00 may be said: it comes back as ``clean.END_OF_DAY``."""
        self.may_end_day = may_end_day
        super().__init__(**options)

    def to_python(self, value: Any) -> time | None:
        """Return the time, or None for an empty field."""
        if value in self.empty_values or isinstance(value, time):
            return value if isinstance(value, time) else None
        return clean.clean_time(str(value), may_end_day=self.may_end_day)


class SpanField(forms.Field):
    """A span of time in whole minutes, typed and shown in words (``spans.clean_span``): 30 minutes, 2 hours, 3 days."""

    widget = forms.TextInput(attrs={"autocomplete": "off"})

    def prepare_value(self, value: Any) -> Any:
        """Show minutes in words; what was typed stays as it is."""
        return spans.written(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        """Return the minutes, or None for an empty field."""
        if value in self.empty_values or isinstance(value, int):
            return None if value in self.empty_values else value
        return spans.clean_span(str(value)) if str(value).strip() else None


class VersionField(forms.IntegerField):
    """The version that the form was filled from, hidden: two people do not overwrite each other unknowingly."""

    widget = forms.HiddenInput

    def __init__(self, **options: Any) -> None:
        """Keep within the column's range."""
        super().__init__(min_value=0, max_value=2_147_483_647, **options)


class SubmissionKeyField(forms.UUIDField):
    """A key made with the empty form, hidden: the same form sent twice is known to be the same."""

    widget = forms.HiddenInput

    def __init__(self, **options: Any) -> None:
        """Make a new key for every empty form."""
        options.setdefault("initial", uuid4)
        super().__init__(**options)

    def clean(self, value: Any) -> Any:
        """Return the key; a mangled one is the page's fault, not the person's."""
        try:
            return super().clean(value)
        except ValidationError as error:
            raise ValidationError(_("Open the form anew: this copy of it is damaged."), code="key") from error
