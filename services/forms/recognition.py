"""The forms of a recognition round: its year and thresholds, and the decision to score it."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.forms import VersionField, YiwangForm, YiwangModelForm
from services.models import RecognitionRound


class RoundForm(YiwangModelForm):
    """Year and thresholds; hours are typed, minutes are kept."""

    min_hours = forms.IntegerField(
        label=_("Hours of service, at least"),
        min_value=1,
        max_value=8784,
        initial=300,
        help_text=_("Whole hours of the year, without travel. Either the hours or the services are enough."),
    )
    version = VersionField(required=False)

    class Meta:
        model = RecognitionRound
        fields = ("year", "min_services", "min_satisfied_percent")
        labels = {
            "min_services": _("Services, at least"),
            "min_satisfied_percent": _("Satisfied votes, more than (%)"),
        }
        help_texts = {
            "min_satisfied_percent": _("Of the valid votes; exactly this share is not enough."),
        }

    field_order = ("year", "min_hours", "min_services", "min_satisfied_percent")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Start from the round's own figures; the year of an existing round stands."""
        super().__init__(*args, **kwargs)
        self.fields["min_services"].validators.append(MaxValueValidator(100_000))
        if self.instance.pk:
            del self.fields["year"]
            self.initial["min_hours"] = self.instance.min_minutes // 60
            self.initial["version"] = self.instance.version
        else:
            self.initial["year"] = _year_without_a_round()

    def clean(self) -> dict[str, Any]:
        """Turn the hours into minutes."""
        cleaned = super().clean()
        if "min_hours" in cleaned:
            cleaned["min_minutes"] = cleaned["min_hours"] * 60
        return cleaned

    @property
    def thresholds(self) -> dict[str, int]:
        """The three thresholds as the domain takes them."""
        return {name: self.cleaned_data[name] for name in ("min_minutes", "min_services", "min_satisfied_percent")}


def _year_without_a_round() -> int | None:
    """Return this year, or last year where this one has its round; nothing where both have."""
    this = timezone.localdate().year
    taken = set(RecognitionRound.objects.filter(year__in=(this, this - 1)).values_list("year", flat=True))
    return next((year for year in (this, this - 1) if year not in taken), None)


class ScoreForm(YiwangForm):
    """Whether what has not been read, and the votes that are missing, are given up."""

    accept_unread = forms.BooleanField(
        label=_("Score all the same: what has not been read, and what is still to come, does not count"), required=False
    )
    accept_missing = forms.BooleanField(
        label=_("Score all the same: grids whose votes are missing stay without votes"), required=False
    )
    version = VersionField(required=False)
