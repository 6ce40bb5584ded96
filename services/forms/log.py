"""What is typed about one service: by staff from paper, by leaders on a phone. The rules are the domain's."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import clean
from common.forms import (
    ButtonChoices,
    DateField,
    SubmissionKeyField,
    TextField,
    TickButtons,
    TimeField,
    VersionField,
    YiwangForm,
)
from common.rules import RuleBroken
from grids.models import Membership, Team
from services.custody_rows import out_of
from services.domain.entry import LONGEST, MOST_PEOPLE_SERVED
from services.domain.holder import HasItNow
from services.forms.answered import entry_for
from services.forms.photo import PhotosForm
from services.models import HelpRequest, ServiceCategory, ServiceLog, VisitPlan
from services.models.log import TEXT_LIMITS
from services.models.visit_plan import VISIT
from volunteers.models import Volunteer

# The domain speaks of moments, the form of clock times.
FIELD_OF = {"starts_at": "starts", "ends_at": "ends"}


class LineField(TextField):
    """One line of free text."""

    def __init__(self, *, max_length: int, **options: Any) -> None:
        """Show one line."""
        super().__init__(max_length=max_length, lines=1, **options)

    def to_python(self, value: Any) -> str:
        """Return the text on one line."""
        return clean.clean_line(super().to_python(value))


class TickedField(forms.MultipleChoiceField):
    """Ticked volunteers, by key; gives integers."""

    widget = TickButtons

    def clean(self, value: Any) -> list[int]:
        """Return the keys, each once."""
        return [int(pk) for pk in dict.fromkeys(super().clean(value))]


class RequestField(forms.ModelChoiceField):
    """The request that a service answers, hidden: its page leads to the form."""

    widget = forms.HiddenInput

    def __init__(self, **options: Any) -> None:
        """Offer none until it is known whose form it is."""
        super().__init__(queryset=HelpRequest.objects.none(), required=False, **options)

    def offer_to(self, user: User) -> None:
        """Offer the requests that the user sees."""
        self.queryset = HelpRequest.objects.visible_to(user)
        self.formerly = HelpRequest.objects.once_with(user)

    def clean(self, value: Any) -> HelpRequest | None:
        """Return the request; a key that no database holds is refused like one that is not there.

        Whose team had the request until somebody transferred it is told who has it now.
        """
        if value not in self.empty_values and clean.key_of(value) is None:
            raise ValidationError(self.error_messages["invalid_choice"], code="key")
        try:
            return super().clean(value)
        except ValidationError:
            gone = self.formerly.select_related("team", "township").filter(pk=clean.key_of(value)).first()
            if gone is None:
                raise
            raise HasItNow(gone) from None


class LogForm(PhotosForm):
    """One service. ``log`` is the one that is corrected: its team stays, and a version takes the key's place.

    Who may be ticked depends on team and date. With ``is_draft`` the form is only shown again, with the people of
    another team or date and everything that was typed, and not judged.
    """

    is_call = False
    form_key_name = "key"

    key = SubmissionKeyField()
    version = VersionField()
    request = RequestField()
    visit = forms.ModelChoiceField(queryset=VisitPlan.objects.none(), required=False, widget=forms.HiddenInput)
    team = forms.ModelChoiceField(label=_("Team"), queryset=Team.objects.none(), empty_label=_("Choose the team"))
    date = DateField(label=_("Date"))
    starts = TimeField(label=_("From"))
    ends = TimeField(label=_("To"), may_end_day=True)
    next_day = forms.BooleanField(label=_("Ends the next day"), required=False)
    category = forms.ModelChoiceField(
        label=_("Category"),
        queryset=ServiceCategory.objects.none(),
        widget=ButtonChoices,
        empty_label=None,
        error_messages={"required": _("Choose what kind of service it was.")},
    )
    participants = TickedField(
        label=_("Who took part"),
        error_messages={
            "required": _("Tick who took part: at least one member of the team."),
            "invalid_choice": _("Someone who was ticked was not in the team on that day. The list shows who was."),
        },
    )
    helpers = TickedField(
        label=_("Helpers from other teams"),
        required=False,
        error_messages={"invalid_choice": _("One of the helpers is not known. Choose again.")},
    )
    helper_numbers = LineField(
        label=_("Numbers of helpers"),
        required=False,
        max_length=200,
        help_text=_("The seven digits on the badge; several with a blank between them."),
    )
    recipient = LineField(label=_("For whom"), max_length=TEXT_LIMITS["recipient"])
    content = TextField(label=_("What was done"), max_length=TEXT_LIMITS["content"], lines=2)
    people_served = forms.IntegerField(
        label=_("People served"),
        min_value=1,
        max_value=MOST_PEOPLE_SERVED,
        initial=1,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    place = LineField(label=_("Place"), required=False, max_length=TEXT_LIMITS["place"])

    def __init__(
        self,
        data: QueryDict | None = None,
        files: MultiValueDict | None = None,
        *,
        user: User,
        log: ServiceLog | None = None,
        is_draft: bool = False,
        **options: Any,
    ) -> None:
        """Offer the teams that the user logs for, the members of the day, and minutes for each of them."""
        super().__init__(data, files, user=user, log=log, **options)
        self.is_draft = is_draft
        if log is None:
            del self.fields["version"], self.fields["photos_key"]
            if "request" in self.fields:
                self.fields["request"].offer_to(user)
            self.fields["visit"].queryset = VisitPlan.objects.visible_to(user)
            self.fields["team"].queryset = Team.objects.visible_to(user).standing().by_village()
        else:
            del self.fields["key"], self.fields["team"], self.fields["request"], self.fields["visit"]
            self.form_key_name = "photos_key"
        categories = ServiceCategory.objects.in_use()
        if log is not None:
            categories |= ServiceCategory.objects.filter(pk=log.category_id)
        self.fields["category"].queryset = categories
        self.fields["participants"].choices = [
            (str(member.volunteer_id), member.volunteer.name) for member in self.members
        ]
        self.fields["helpers"].choices = [(str(helper.pk), str(helper)) for helper in self.chosen_helpers]
        names = self.fields["participants"].choices + self.fields["helpers"].choices
        for pk, name in names:
            self.fields[f"minutes_{pk}"] = forms.IntegerField(
                label=name,
                required=False,
                min_value=1,
                max_value=LONGEST,
                widget=forms.TextInput(attrs={"inputmode": "numeric"}),
            )

    # --- who may be ticked ----------------------------------------------------------------------------

    @cached_property
    def chosen_plan(self) -> VisitPlan | None:
        """The visit plan from which the form was opened, to be named on it."""
        pk = clean.key_of(self["visit"].value()) if "visit" in self.fields else None
        return self.fields["visit"].queryset.filter(pk=pk).first() if pk else None

    @cached_property
    def chosen_team(self) -> Team | None:
        """The team that is chosen at the moment, before anything is judged."""
        if self.log is not None:
            return self.log.team
        value = self["team"].value()
        pk = value.pk if isinstance(value, Team) else clean.key_of(value)
        return self.fields["team"].queryset.filter(pk=pk).first() if pk else None

    @cached_property
    def chosen_date(self) -> dt.date:
        """The date that is typed at the moment; today while it is not understood."""
        try:
            return self.fields["date"].to_python(self["date"].value()) or timezone.localdate()
        except ValidationError:
            return timezone.localdate()

    @cached_property
    def members(self) -> list[Membership]:
        """Who was in the chosen team on the chosen date, leaders first."""
        if self.chosen_team is None:
            return []
        members = Membership.objects.on(self.chosen_date).filter(team=self.chosen_team).select_related("volunteer")
        return list(members.only("volunteer__name").order_by("role", "volunteer__name_pinyin", "id"))

    @cached_property
    def chosen_helpers(self) -> list[Volunteer]:
        """The helpers ticked at the moment, as far as the user may name them, or the log that is corrected does."""
        pks = {clean.key_of(pk) for pk in self["helpers"].value() or ()} - {None}
        if not pks:
            return []
        known = Volunteer.objects.in_reach_of(self.user)
        if self.log is not None:
            known |= Volunteer.objects.filter(
                pk__in=self.log.participations.filter(is_helper=True).order_by().values("volunteer")
            )
        return list(known.filter(pk__in=pks).order_by("name_pinyin", "id"))

    @cached_property
    def answered(self) -> HelpRequest | None:
        """The request that the service answers, where a request's page led here."""
        if "request" not in self.fields:
            return None
        pk = clean.key_of(self["request"].value())
        return self.fields["request"].queryset.filter(pk=pk).first() if pk else None

    @cached_property
    def things_out(self) -> list[dict[str, Any]]:
        """What was handed over for that request and is not returned: until it is, no service resolves it."""
        return out_of(self.answered) if self.answered else []

    @property
    def minutes_fields(self) -> list[Any]:
        """The bound fields for each person's minutes."""
        return [self[name] for name in self.fields if name.startswith("minutes_")]

    @property
    def has_own_minutes(self) -> bool:
        """Whether somebody's minutes differ from the whole time, so that they are shown unfolded."""
        return any(field.value() or field.errors for field in self.minutes_fields)

    # --- what is meant --------------------------------------------------------------------------------

    def full_clean(self) -> None:
        """Judge nothing in a draft."""
        if self.is_draft:
            self._errors, self.cleaned_data = ErrorDict(), {}
            for error in self.photo_errors:  # the browser does not send these files again
                self.add_error("photos", error)
        else:
            super().full_clean()

    def clean_helper_numbers(self) -> list[int]:
        """Find the helpers by the numbers on their badges."""
        typed = clean.clean_code(self.cleaned_data["helper_numbers"])
        numbers = [number for number in re.split(r"[\s,;、]+", typed) if number]
        if not numbers:
            return []
        found = dict(
            Volunteer.objects.in_reach_of(self.user).filter(number__in=numbers[:20]).values_list("number", "pk")
        )
        unknown = [number for number in numbers if number not in found]
        if unknown:
            raise ValidationError(
                _("Nobody of the township has the number %(number)s."), code="number", params={"number": unknown[0]}
            )
        return list(found.values())

    def clean(self) -> Mapping[str, Any]:
        """Put date and clock times together."""
        cleaned = super().clean() or self.cleaned_data
        if "team" in self.errors:
            self.errors.pop("participants", None)  # whom one may tick is not known yet
        day, starts, ends = (cleaned.get(name) for name in ("date", "starts", "ends"))
        if day and starts:
            cleaned["starts_at"] = clean.moment(day, starts)
        if day and ends:
            cleaned["ends_at"] = clean.moment(day + dt.timedelta(days=bool(cleaned.get("next_day"))), ends)
        return cleaned

    def entry(self) -> dict[str, Any]:
        """Return what the domain is told; the form is valid."""
        told = (
            "key",
            "version",
            "visit",
            "team",
            "date",
            "starts_at",
            "ends_at",
            "category",
            "recipient",
            "content",
            "place",
            "people_served",
            "request",
            "phone",
            "channel",
        )
        people = [pk for name in ("participants", "helpers", "helper_numbers") for pk in self.cleaned_data[name]]
        entry = {name: self.cleaned_data[name] for name in told if name in self.cleaned_data}
        entry |= {"participants": {pk: self.cleaned_data.get(f"minutes_{pk}") for pk in people}}
        return entry | self.photos_entry()

    def add_rule(self, broken: RuleBroken, *, current_version: int | None = None) -> None:
        """Put the rule on the field that the person filled in."""
        broken.field = FIELD_OF.get(broken.field or "", broken.field)
        super().add_rule(broken, current_version=current_version)


class WithdrawForm(YiwangForm):
    """Taking a log back, as the person saw it."""

    version = VersionField()
    reason = LineField(label=_("Why it is withdrawn"), max_length=TEXT_LIMITS["withdrawn_reason"])


# --- What the form begins with ------------------------------------------------------------------------


def first_entry(user: User, query: Mapping[str, str]) -> dict[str, Any]:
    """Return what an empty form begins with: today, the team of the last log (or of the address), and its people.

    ``after`` in the address is the log that was just saved: team, date and people are kept, its end is the new start.
    ``request`` is the one that the service answers: its team, and what is known of the service from it.
    """
    logs = ServiceLog.objects.visible_to(user).order_by("-id")
    after = clean.key_of(query.get("after"))
    last = logs.filter(pk=after, recorded_by=user).first() if after else None
    begin: dict[str, Any] = {"date": timezone.localdate()}
    plan = _plan_of(user, query.get("visit"))
    if plan is not None:
        begin |= {"visit": plan.pk, "recipient": plan.recipient, "place": plan.place, "category": _visits()}
    if last is not None:
        return begin | {
            "team": last.team_id,
            "date": last.date,
            "participants": people_of(last),
            "starts": timezone.localtime(last.ends_at).time(),
        }
    asked = clean.key_of(query.get("request"))
    requests = HelpRequest.objects.visible_to(user).open().select_related("category")
    answered = requests.filter(pk=asked).first() if asked else None
    if answered is not None:
        begin |= entry_for(answered)
    named = answered or plan
    team = named.team_id if named is not None else clean.key_of(query.get("team"))
    if team is None and answered is None:
        mine = logs.filter(recorded_by=user).first()
        teams = Team.objects.visible_to(user).standing()
        only = list(teams.values_list("pk", flat=True)[:2])
        team = mine.team_id if mine else only[0] if len(only) == 1 else None
    if "participants" not in begin:
        begin["participants"] = ticked_for(user, team)
    if "date" in query:
        begin["date"] = query["date"][:20]
    return begin | {"team": team}


def _plan_of(user: User, key: str | None) -> VisitPlan | None:
    """Return the running visit plan that the address names, if the user reaches it."""
    pk = clean.key_of(key)
    return VisitPlan.objects.visible_to(user).running().filter(pk=pk).first() if pk else None


def _visits() -> int | None:
    """Return the key of the category of visits, while it is in use."""
    return ServiceCategory.objects.in_use().filter(code=VISIT).values_list("pk", flat=True).first()


def ticked_for(user: User, team: int | None) -> list[int]:
    """Return who is ticked at first for a team: who took part in its last service."""
    if team is None:
        return []
    last = ServiceLog.objects.visible_to(user).standing().filter(team=team).order_by("-date", "-id").first()
    return people_of(last) if last else []


def people_of(log: ServiceLog) -> list[int]:
    """Return the keys of the team's members who took part."""
    return list(log.participations.filter(is_helper=False).values_list("volunteer", flat=True))


def stored_entry(log: ServiceLog) -> dict[str, Any]:
    """Return what the form for a correction begins with."""
    starts, ends = timezone.localtime(log.starts_at), timezone.localtime(log.ends_at)
    parts = list(log.participations.all())
    return {
        "version": log.version,
        "date": log.date,
        "starts": starts.time(),
        "ends": ends.time(),
        "next_day": ends.date() > log.date,
        "category": log.category_id,
        "recipient": log.recipient,
        "content": log.content,
        "people_served": log.people_served,
        "place": log.place,
        "participants": [part.volunteer_id for part in parts if not part.is_helper],
        "helpers": [part.volunteer_id for part in parts if part.is_helper],
        **{f"minutes_{part.volunteer_id}": part.minutes for part in parts if part.minutes != log.minutes},
    }
