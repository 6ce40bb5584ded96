"""What people type about a volunteer."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.rights import Right
from areas.models import Township, Village
from common.forms import (
    ButtonChoices,
    DateField,
    NameField,
    PhoneField,
    RecordsField,
    TextField,
    TickButtons,
    VersionField,
    YiwangForm,
    YiwangModelForm,
)
from volunteers.forms.phone import KeepsPhone
from volunteers.id_number import is_switched_on
from volunteers.models import SkillType, Volunteer

GROUPS = (
    (_("Who"), ("name", "gender", "birth_date", "phone", "id_number")),
    (_("Where"), ("village",)),
    (_("What they can do"), ("primary_skill", "further_skills", "speciality", "is_rural_expert")),
    (
        _("Unit and party"),
        (
            "unit",
            "unit_kind",
            "occupation",
            "post",
            "party_branch",
            "joined_party_on",
            "education",
            "discipline",
            "interests",
        ),
    ),
    (_("Programme"), ("joined_on", "shows_name", "shows_phone")),
)


class VillageChoiceField(forms.ModelChoiceField):
    """A village, offered under its township."""

    def __init__(self, **options: Any) -> None:
        """Take all villages; the township follows from the chosen one."""
        super().__init__(queryset=Village.objects.current().select_related("township"), **options)

    def offer(self, townships: Iterable[int] | None = None) -> None:
        """Offer the villages of these townships only (all, unless given), in groups, by one query each."""
        if townships is not None:
            self.queryset = self.queryset.filter(township__in=townships)
        groups: dict[int, list[tuple[int, str]]] = {}
        for pk, name, township in self.queryset.order_by("code").values_list("pk", "name", "township"):
            groups.setdefault(township, []).append((pk, name))
        names = Township.objects.filter(pk__in=groups).order_by("code").values_list("pk", "name")
        self.choices = [("", self.empty_label), *((name, groups[township]) for township, name in names)]


class VolunteerForm(KeepsPhone, YiwangModelForm):
    """A volunteer's record. The township is the village's."""

    name = NameField(label=pgettext_lazy("person", "Name"))
    gender = forms.ChoiceField(label=_("Gender"), choices=Volunteer.Gender, widget=ButtonChoices)
    birth_date = DateField(label=_("Birth date"))
    phone = PhoneField(label=_("Mobile phone"))
    id_number = forms.CharField(
        label=_("ID number"),
        required=False,
        max_length=30,
        help_text=_("Stored encrypted and never shown again. Leave empty to keep what is stored."),
    )
    village = VillageChoiceField(label=_("Home village"), empty_label=_("Choose the village"))
    primary_skill = forms.ModelChoiceField(
        label=_("Primary skill type"), queryset=SkillType.objects.none(), widget=ButtonChoices, empty_label=None
    )
    further_skills = RecordsField(
        label=_("Further skill types"), queryset=SkillType.objects.none(), widget=TickButtons, required=False
    )
    speciality = TextField(
        label=_("Speciality"),
        max_length=100,
        lines=1,
        required=False,
        help_text=_("As it is printed on the contact card, for example: repairs pumps and wiring"),
    )
    unit = TextField(label=_("Unit"), max_length=60, lines=1, required=False)
    occupation = TextField(label=_("Occupation"), max_length=40, lines=1, required=False)
    post = TextField(label=_("Post"), max_length=40, lines=1, required=False)
    discipline = TextField(label=_("Discipline"), max_length=40, lines=1, required=False)
    interests = TextField(label=_("Interests"), max_length=100, lines=1, required=False)
    party_branch = TextField(label=_("Party branch"), max_length=60, lines=1, required=False)
    joined_party_on = DateField(label=_("Joined the party"), required=False)
    joined_on = DateField(label=_("Joined the programme"))
    version = VersionField()
    is_other_person = forms.BooleanField(label=_("This is another person"), required=False)

    class Meta:
        model = Volunteer
        fields = tuple(name for _legend, names in GROUPS for name in names if name != "id_number")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        """Offer the skill types in use, those that the volunteer has, and the villages within the reach of ``by``."""
        super().__init__(*args, **kwargs)
        skill_types = SkillType.objects.in_use()
        if self.instance.pk:
            skill_types |= SkillType.objects.filter(volunteers=self.instance.pk)
            skill_types |= SkillType.objects.filter(also_volunteers=self.instance.pk)
        for name in ("primary_skill", "further_skills"):
            self.fields[name].queryset = skill_types.distinct()
        self.fields["village"].offer(None if by.is_city_wide else [by.township_id])
        if not (by.may(Right.ADMIT_VOLUNTEERS) or self.instance.pk):
            self.fields["joined_on"].help_text = _("Today, or the day of old when a paper record is taken over.")
        self.fields["version"].initial = self.instance.version
        if not is_switched_on():
            del self.fields["id_number"]

    def clean(self) -> dict[str, Any]:
        """Let the township follow from the village."""
        values = super().clean()
        if values.get("village"):
            values["township"] = self.instance.township = values["village"].township
        return values

    def groups(self) -> Iterator[tuple[str, list[BoundField]]]:
        """Yield the fields as the page groups them."""
        for legend, names in GROUPS:
            yield legend, [self[name] for name in names if name in self.fields]


class ReasonForm(YiwangForm):
    """Why a volunteer pauses or is turned down."""

    reason = TextField(label=_("Reason"), max_length=200, lines=2)


class LeaveForm(ReasonForm):
    """Why and when a volunteer leaves."""

    on = DateField(label=_("Day of leaving"))
