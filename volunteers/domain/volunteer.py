"""What happens to a volunteer: registered, changed, suspended, reinstated, leaving; applied, approved or rejected."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from accounts.rights import Right, Role
from common.rules import RuleBroken, constraint_named
from volunteers.domain.absence import keep_absence, refuse_joining_after_absence
from volunteers.domain.double import SAME_ID_NUMBER, Double, Match, keep_apart, refuse_double
from volunteers.domain.numbers import next_numbers
from volunteers.hooks import volunteer_changed, volunteer_changing
from volunteers.id_number import clean_id_number, encrypted, is_switched_on, keyed_hash
from volunteers.models import Application, SkillType, Volunteer
from volunteers.pinyin import pinyin_of

Status = Volunteer.Status

# Years: party members are adults, and nobody joins the party before (Constitution of the CPC, article 1).
ADULT = 18
# What two records of one person are found by.
RECOGNISED_BY = ("name", "phone", "birth_date", "id_number_hash")
# What a form may change; status and number have ways of their own.
CHANGEABLE = frozenset(
    {
        "name",
        "gender",
        "birth_date",
        "phone",
        "party_branch",
        "joined_party_on",
        "unit",
        "unit_kind",
        "occupation",
        "post",
        "discipline",
        "speciality",
        "interests",
        "is_rural_expert",
        "education",
        "township",
        "village",
        "primary_skill",
        "joined_on",
        "shows_name",
        "shows_phone",
        "user",
    }
)


@event
def register_volunteer(
    volunteer: Volunteer,
    *,
    further_skills: Iterable[SkillType] = (),
    id_number: str = "",
    is_other_person: bool = False,
    by: User,
) -> Volunteer:
    """Enter a new volunteer: gives the next number, pinyin and initials.

    Whom an administrator enters serves from then on. Whom a township enters has applied with its endorsement, and an
    administrator admits them; the number is given now and never again, also where they are turned down later.
    Raises ``Double`` for somebody who is on record, unless ``is_other_person`` says that they only look alike.
    """
    if not by.may(Right.ADMIT_VOLUNTEERS):
        _put_down_endorsement(volunteer, by)
    set_id_number(volunteer, id_number)
    return enter(volunteer, list(further_skills), is_other_person=is_other_person, by=by)


def enter(
    volunteer: Volunteer,
    further_skills: list[SkillType],
    *,
    had: Collection[int] = (),
    is_other_person: bool = False,
    by: User,
) -> Volunteer:
    """Check and save a new record under the next number; ``had`` are skill types that may be retired by now."""
    refuse_elsewhere(volunteer, by)
    complete(volunteer, further_skills, had=had)
    [volunteer.number] = next_numbers(1)  # whoever enters the same person waits here, and finds them then
    others = refuse_double(volunteer, by, is_other_person=is_other_person)
    _save(volunteer, by)
    volunteer.further_skills.set(further_skills)
    keep_apart(volunteer, others, by)
    return volunteer


@event
def edit_volunteer(pk: int, values: Mapping[str, Any], *, version: int, by: User) -> Volunteer:
    """Change a volunteer's record; ``values`` may hold ``further_skills`` and ``id_number`` besides the fields.

    ``is_other_person`` among them says that records which look like this one are somebody else's.
    Raises ``SavedMeanwhile`` for an old ``version``, and ``RuleBroken`` where the change would break a team.
    """
    return change(locked_volunteer(pk, version=version), values, by=by)


def change(volunteer: Volunteer, values: Mapping[str, Any], *, by: User) -> Volunteer:
    """Change a locked record by the rules of every change."""
    before = Volunteer.objects.get(pk=volunteer.pk)
    refuse_elsewhere(volunteer, by)
    refuse_merged(volunteer)
    further = list(values.get("further_skills", volunteer.further_skills.all()))
    for name in CHANGEABLE & values.keys():
        setattr(volunteer, name, values[name])
    refuse_elsewhere(volunteer, by)
    refuse_joining_after_absence(volunteer)
    had = {before.primary_skill_id, *before.further_skills.values_list("pk", flat=True)}
    complete(volunteer, further, had=had)
    if values.get("id_number"):
        set_id_number(volunteer, values["id_number"])
    others: list[Match] = []
    if any(getattr(volunteer, name) != getattr(before, name) for name in RECOGNISED_BY):
        others = refuse_double(volunteer, by, is_other_person=bool(values.get("is_other_person")))
    _save(volunteer, by)
    volunteer.further_skills.set(further)
    keep_apart(volunteer, others, by)
    volunteer_changed.send(Volunteer, before=before, volunteer=volunteer, by=by)
    return volunteer


@event
def suspend(volunteer: Volunteer, *, reason: str, by: User) -> Volunteer:
    """Let a volunteer pause, with a reason; whoever is in a team leaves it."""
    return _step(volunteer, Status.SUSPENDED, by=by, reason=required_reason(reason))


@event
def reinstate(volunteer: Volunteer, *, by: User) -> Volunteer:
    """Take a suspended or departed volunteer back; a team is found for them anew."""
    return _step(volunteer, Status.ACTIVE, by=by, only_from={Status.SUSPENDED, Status.LEFT})


@event
def leave(volunteer: Volunteer, *, on: date | None = None, reason: str, by: User) -> Volunteer:
    """Let a volunteer leave the programme on a day, today unless given; the record stays.

    Services up to that day stand; a later one refuses it, by whoever listens (``volunteers.hooks``).
    """
    reason, day = required_reason(reason), on or timezone.localdate()
    if day > timezone.localdate():
        raise RuleBroken(_("This day lies in the future. Enter it when it has come."), field="on")
    if day < volunteer.joined_on:
        raise RuleBroken(
            _("The volunteer joined on %(day)s and cannot leave before.") % {"day": date_format(volunteer.joined_on)},
            field="on",
        )
    return _step(volunteer, Status.LEFT, by=by, reason=reason, left_on=day)


@event
def endorse(volunteer: Volunteer, *, by: User) -> Volunteer:
    """Say for the township that it wants this applicant; an administrator admits them then."""
    volunteer = locked_volunteer(volunteer.pk)
    if volunteer.status != Status.APPLIED or volunteer.endorsed_on is not None:
        raise RuleBroken(_("%(name)s does not wait for the township's word any more.") % {"name": volunteer.name})
    _put_down_endorsement(volunteer, by)
    volunteer.save()
    return volunteer


@event
def approve(volunteer: Volunteer, *, by: User) -> Volunteer:
    """Admit an applicant whom the township has endorsed; whoever applied themselves joins today."""
    if volunteer.status == Status.APPLIED and volunteer.endorsed_on is None:
        raise RuleBroken(
            _("The township has not endorsed %(name)s yet. Ask its office to, or reject the application.")
            % {"name": volunteer.name}
        )
    has_applied = Application.objects.filter(volunteer=volunteer.pk).exists()
    joined_on = timezone.localdate() if has_applied else None
    return _step(volunteer, Status.ACTIVE, by=by, only_from={Status.APPLIED}, joined_on=joined_on)


@event
def reject(volunteer: Volunteer, *, reason: str, by: User) -> Volunteer:
    """Turn an applicant down, with a reason."""
    return _step(volunteer, Status.REJECTED, by=by, reason=required_reason(reason))


@event
def show_phone(volunteer: Volunteer, *, by: User) -> str:
    """Return the phone number in full, and record who looked."""
    record([volunteer], AuditEntry.Action.ACCESS, {})
    return volunteer.phone


def locked_volunteer(pk: int, *, version: int | None = None) -> Volunteer:
    """Lock the volunteer's team first, by whoever listens, and then the volunteer."""
    for volunteer in Volunteer.objects.filter(pk=pk):
        volunteer_changing.send(Volunteer, volunteer=volunteer)
    return Volunteer.locked(pk, version=version)


def _step(
    volunteer: Volunteer,
    to: str,
    *,
    by: User,
    reason: str = "",
    left_on: date | None = None,
    joined_on: date | None = None,
    only_from: Collection[str] = tuple(Status),
) -> Volunteer:
    volunteer = locked_volunteer(volunteer.pk)
    if to not in Volunteer.STEPS[volunteer.status] or volunteer.status not in only_from:
        raise RuleBroken(
            _("%(name)s is “%(status)s”; from there this step is not possible.")
            % {"name": volunteer.name, "status": volunteer.get_status_display()}
        )
    refuse_merged(volunteer)
    before = Volunteer.objects.get(pk=volunteer.pk)
    volunteer.status, volunteer.status_reason, volunteer.left_on = to, reason, left_on
    volunteer.joined_on = joined_on or volunteer.joined_on
    volunteer.save()
    keep_absence(volunteer, left_on)
    answers = volunteer_changed.send(Volunteer, before=before, volunteer=volunteer, by=by)
    volunteer.consequences = [answer for _receiver, answer in answers if answer]
    return volunteer


def _save(volunteer: Volunteer, by: User) -> None:
    volunteer.full_clean(exclude=["number", "id_number_hash"], validate_constraints=False)
    with constraint_named("id_number_hash", Double([Match(volunteer, [SAME_ID_NUMBER])], None)):
        volunteer.save()


def _put_down_endorsement(volunteer: Volunteer, by: User) -> None:
    volunteer.status = Status.APPLIED
    volunteer.endorsed_on, volunteer.endorsed_by = timezone.localdate(), by


def complete(volunteer: Volunteer, further: list[SkillType], *, had: Collection[int] = ()) -> None:
    """Check what the record says, and derive what is derived from it; ``had`` are the skill types it had before."""
    _check_dates(volunteer)
    _check_village(volunteer)
    _check_account(volunteer)
    _check_skills(volunteer, further, had)
    volunteer.name_pinyin, volunteer.name_initials = pinyin_of(volunteer.name)


def _check_dates(volunteer: Volunteer) -> None:
    today = timezone.localdate()
    if volunteer.birth_date.year < 1900 or volunteer.birth_date > today:
        raise RuleBroken(_("This birth date cannot be right. Check the year."), field="birth_date")
    if volunteer.joined_on > today:
        raise RuleBroken(_("This day lies in the future. Enter it when it has come."), field="joined_on")
    if volunteer.age_on(volunteer.joined_on) < ADULT:
        raise RuleBroken(
            _("Volunteers are at least %(years)s years old when they join. Check the birth date and the day.")
            % {"years": ADULT},
            field="birth_date",
        )
    party = volunteer.joined_party_on
    if party and party > today:
        raise RuleBroken(_("This day lies in the future. Enter it when it has come."), field="joined_party_on")
    if party and volunteer.age_on(party) < ADULT:
        raise RuleBroken(
            _("Nobody joins the party before the age of %(years)s. Check this day and the birth date.")
            % {"years": ADULT},
            field="joined_party_on",
        )


def refuse_merged(volunteer: Volunteer) -> None:
    """Refuse to change a record that was given up for another one."""
    if volunteer.merged_into_id is not None:
        raise RuleBroken(
            _("This record was merged into %(number)s. Open that one.") % {"number": volunteer.merged_into}
        )


def refuse_elsewhere(volunteer: Volunteer, by: User) -> None:
    """Refuse a township's office what is another township's: neither a new person of theirs, nor one sent over."""
    if not by.is_city_wide and volunteer.township_id != by.township_id:
        raise RuleBroken(
            _("This village is not in your township. Choose one of yours; who moves away has a page of their own."),
            field="village",
        )


def _check_village(volunteer: Volunteer) -> None:
    if volunteer.village.township_id != volunteer.township_id:
        raise RuleBroken(_("This village belongs to another township. Choose one of the township's."), field="village")


def _check_account(volunteer: Volunteer) -> None:
    """Refuse an account that is neither a leader's nor a reviewer's, or that is another township's.

    A leader sees their team by it, and a reviewer is kept from the months that they took part in.
    """
    account = volunteer.user
    if account is None:
        return
    if account.role not in (Role.TEAM_LEADER, Role.REVIEWER):
        raise RuleBroken(
            _("This account is not a team leader's or a reviewer's. Choose another one, or change its role first."),
            field="user",
        )
    if account.township_id not in (None, volunteer.township_id):
        raise RuleBroken(
            _("The account %(account)s belongs to another township. Give the volunteer none, or one of the township.")
            % {"account": account.username},
            field="user",
        )


def _check_skills(volunteer: Volunteer, further: list[SkillType], had: Collection[int]) -> None:
    if volunteer.primary_skill.is_retired and volunteer.primary_skill_id not in had:
        raise RuleBroken(_("This skill type is retired. Choose another."), field="primary_skill")
    if any(skill.is_retired and skill.pk not in had for skill in further):
        raise RuleBroken(_("One of these skill types is retired. Untick it."), field="further_skills")
    if volunteer.primary_skill in further:
        raise RuleBroken(_("The primary skill type need not be ticked once more."), field="further_skills")


def set_id_number(volunteer: Volunteer, text: str) -> None:
    """Put the ID number into the record, if one is given; refused where none are kept."""
    if not text:
        return
    if not is_switched_on():
        raise RuleBroken(_("ID numbers are not kept here: the setting ID_NUMBER_KEY is empty."))
    number = clean_id_number(text, volunteer.birth_date)
    volunteer.id_number_encrypted, volunteer.id_number_hash = encrypted(number), keyed_hash(number)


def required_reason(reason: str) -> str:
    """Return the reason without blanks around it; refuse none and one too long."""
    reason = reason.strip()
    if not reason:
        raise RuleBroken(_("Say why."), field="reason")
    if len(reason) > 200:
        raise RuleBroken(_("At most 200 characters."), field="reason")
    return reason
