"""How the list of who accepted which text is narrowed down."""

import re
from typing import Any

import django_filters
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from areas.filters import InTownship, villages_of
from volunteers.domain.text import accepted_any, current_texts, having, without
from volunteers.models import ProgrammeText, Volunteer
from volunteers.models.volunteer import VolunteerQuerySet
from volunteers.search import matching

NUMBER = re.compile("[0-9]{1,4}")
MISSING, ACCEPTED, OLDER, NEVER = "missing", "accepted", "older", "never"


def texts_named(named: str) -> list[ProgrammeText]:
    """Return what the filter means: "conduct" its version in force, "conduct-1" that version, nothing all in force."""
    kind, _dash, number = named.partition("-")
    if number:
        versions = ProgrammeText.objects.published().filter(kind=kind)
        return list(versions.filter(number=int(number))) if NUMBER.fullmatch(number) else []
    return [text for text in current_texts() if kind in ("", text.kind)]


def versions_of(request: HttpRequest) -> list[tuple[str, str]]:
    """Offer each kind by its version in force, and every published version."""
    kinds = [(str(kind), str(kind.label)) for kind in ProgrammeText.Kind]
    versions = ProgrammeText.objects.published().order_by("kind", "-number").values_list("kind", "number")
    labels = dict(kinds)
    return kinds + [
        (f"{kind}-{number}", _("%(text)s, version %(number)s") % {"text": labels[kind], "number": number})
        for kind, number in versions
    ]


class AcceptanceFilter(InTownship):
    """By name, pinyin or number; by place; by a text and whether it was accepted."""

    STATES = (
        (MISSING, _("Not accepted")),
        (ACCEPTED, _("Accepted")),
        (OLDER, _("An earlier version only")),
        (NEVER, _("No version at all")),
    )
    q = django_filters.CharFilter(label=_("Name, pinyin, phone or number"), method="by_text", max_length=40)
    village = django_filters.ModelChoiceFilter(label=_("Village"), queryset=villages_of, empty_label=_("All villages"))
    text = django_filters.ChoiceFilter(
        label=_("Text"), choices=(), method="not_alone", empty_label=_("All texts in force")
    )
    state = django_filters.ChoiceFilter(
        label=_("State"), choices=STATES, method="not_alone", empty_label=_("Accepted or not")
    )
    dependent = ("village",)

    class Meta:
        model = Volunteer
        fields = ("q", "township", "village", "text", "state")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the versions that there are."""
        super().__init__(*args, **kwargs)
        self.filters["text"].extra["choices"] = versions_of(self.request)

    def by_text(self, volunteers: VolunteerQuerySet, name: str, value: str) -> VolunteerQuerySet:
        """Keep whom the text means."""
        return matching(volunteers, value, by=self.request.user)

    def not_alone(self, volunteers: VolunteerQuerySet, name: str, value: str) -> VolunteerQuerySet:
        """Wait for the other one of text and state."""
        return volunteers

    def filter_queryset(self, queryset: VolunteerQuerySet) -> VolunteerQuerySet:
        """Keep those in the state as to the chosen text; a text alone narrows the columns only."""
        volunteers = super().filter_queryset(queryset)
        state = self.form.cleaned_data["state"]
        if not state:
            return volunteers
        texts = texts_named(self.form.cleaned_data["text"])
        if state == ACCEPTED:
            return having(volunteers, texts)
        volunteers = without(volunteers, texts)
        if state == MISSING:
            return volunteers
        ever = accepted_any(text__kind__in={text.kind for text in texts})
        return volunteers.filter(ever if state == OLDER else ~ever)
