"""What people type about a course."""

import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from areas.models import Township
from common.clean import clean_code
from common.forms import (
    ButtonChoices,
    DateField,
    RecordsField,
    SubmissionKeyField,
    TextField,
    TickButtons,
    TimeField,
    VersionField,
    YiwangForm,
    YiwangModelForm,
)
from volunteers.models import Course, Provider, SkillType
from volunteers.models.course import MOST_PLACES, TEXT_LIMITS
from volunteers.models.provider import TEXT_LIMITS as PROVIDER_LIMITS

GROUPS = (
    (pgettext_lazy("course", "What"), ("title", "content", "speciality")),
    (_("Who gives it"), ("provider", "new_provider", "new_provider_kind")),
    (pgettext_lazy("course", "For whom"), ("township", "townships", "capacity")),
    (_("When and where"), ("starts_on", "ends_on", "begins_at", "closes_at", "hours", "place")),
)
HOURS = re.compile(r"([0-9]{1,4})(?:[.]([0-9])|:([0-5][0-9]))?")


class HoursField(forms.CharField):
    """Hours as people say them, 6, 3.5 or 3:20, kept as whole minutes."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any) -> int | None:
        """Return the minutes; a tenth of an hour is six of them."""
        text = clean_code(super().to_python(value)).replace(" ", "")
        if not text:
            return None
        found = HOURS.fullmatch(text[:20])
        if found is None:
            raise ValidationError(_("Write hours like 6, 3.5 or 3:20."), code="hours")
        whole, tenths, minutes = (int(part or 0) for part in found.groups())
        return whole * 60 + tenths * 6 + minutes

    def prepare_value(self, value: Any) -> Any:
        """Show whole minutes as hours, exactly."""
        if not isinstance(value, int):
            return value
        whole, rest = divmod(value, 60)
        if rest % 6:
            return f"{whole}:{rest:02}"
        return f"{whole}.{rest // 6}" if rest else str(whole)


class CourseForm(YiwangModelForm):
    """A course. Staff plan their township's own; administrators any township's, or the city's."""

    title = TextField(label=_("Title"), max_length=TEXT_LIMITS["title"], lines=1)
    content = forms.ChoiceField(label=_("Kind of content"), choices=Course.Content, widget=ButtonChoices)
    speciality = forms.ModelChoiceField(
        label=_("For the skill type"),
        queryset=SkillType.objects.all(),
        required=False,
        empty_label=_("For all skill types"),
    )
    provider = forms.ModelChoiceField(
        label=_("Training provider"),
        queryset=Provider.objects.all(),
        empty_label=_("Please choose"),
        error_messages={"required": _("Choose who gives the course, or write a new one.")},
    )
    new_provider = TextField(
        label=_("Or a new one"),
        max_length=PROVIDER_LIMITS["name"],
        lines=1,
        required=False,
        help_text=_("Its full name, if it is not in the list."),
    )
    new_provider_kind = forms.ChoiceField(
        label=_("Kind of the new one"), choices=Provider.Kind, widget=ButtonChoices, required=False
    )
    township = forms.ModelChoiceField(
        label=_("Held by"), queryset=Township.objects.current(), required=False, empty_label=_("The city")
    )
    townships = RecordsField(
        label=_("For the townships"),
        queryset=Township.objects.current(),
        widget=TickButtons,
        required=False,
        help_text=_("For a course of the city; none ticked: for the whole city."),
    )
    capacity = forms.IntegerField(label=_("Places"), min_value=1, max_value=MOST_PLACES)
    starts_on = DateField(label=_("First day"))
    ends_on = DateField(label=_("Last day"))
    begins_at = TimeField(label=_("Begins at"))
    closes_at = TimeField(label=_("Ends at"))
    hours = HoursField(
        label=_("Hours"),
        help_text=_("What the whole course comes to, for example 6, 3.5 or 3:20."),
    )
    place = TextField(label=_("Place"), max_length=TEXT_LIMITS["place"], lines=1)
    key = SubmissionKeyField()
    version = VersionField()

    class Meta:
        model = Course
        fields = (
            "title",
            "content",
            "speciality",
            "provider",
            "township",
            "capacity",
            "starts_on",
            "ends_on",
            "begins_at",
            "closes_at",
            "place",
        )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        """Offer what the person may choose, what is in use, and what the course has."""
        super().__init__(*args, **kwargs)
        course = self.instance
        skills, providers = SkillType.objects.in_use(), Provider.objects.in_use()
        if course.pk:
            skills |= SkillType.objects.filter(pk=course.speciality_id)
            providers |= Provider.objects.filter(pk=course.provider_id)
            self.fields["hours"].initial = course.minutes
            self.fields["townships"].queryset |= course.townships.all()
            self.fields["townships"].initial = [township.pk for township in course.townships.all()]
            self.fields["version"].initial = course.version
            del self.fields["key"], self.fields["township"]
        else:
            del self.fields["version"]
        self.fields["speciality"].queryset, self.fields["provider"].queryset = skills, providers
        if not by.is_city_wide:
            self.fields.pop("township", None)
            del self.fields["townships"]
        elif course.township_id is not None:
            del self.fields["townships"]

    def clean(self) -> dict[str, Any]:
        """Ask for one provider: a known one, or the name and kind of a new one."""
        values = super().clean()
        new = values.get("new_provider")
        if new and values.get("provider"):
            self.add_error("new_provider", _("Choose a provider or write a new one, not both."))
        elif new and not values.get("new_provider_kind"):
            self.add_error("new_provider_kind", _("Say of what kind the new provider is."))
        if new and not self.data.get("provider"):
            del self.errors["provider"]  # the new one takes its place
        if values.get("hours"):
            values["minutes"] = self.instance.minutes = values["hours"]
        elif "hours" in values and "hours" not in self.errors:
            self.add_error("hours", _("Write how many hours the course comes to."))
        return values

    def _post_clean(self) -> None:
        """Leave the checks of the record to the domain, which says how to put things right."""
        for name, value in self.cleaned_data.items():
            if name in self._meta.fields:
                setattr(self.instance, name, value)

    def groups(self) -> Iterator[tuple[str, list[BoundField]]]:
        """Yield the fields as the page groups them."""
        for legend, names in GROUPS:
            yield legend, [self[name] for name in names if name in self.fields]


class CancelForm(YiwangForm):
    """Why a course does not take place."""

    reason = TextField(label=_("Reason"), max_length=TEXT_LIMITS["cancelled_reason"], lines=2)
