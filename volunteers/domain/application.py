"""Somebody applies without an account and follows it by a code; the township endorses or rejects.

What is entered stays an application and no volunteer's record until the township endorses it. So nobody learns from the
form who is on record, a person may apply twice, and what is rejected never took a number.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import event, record, record_rows
from accounts.models import AuditEntry, User
from common.codes import in_groups, read_signs, signs_from
from common.rules import RuleBroken
from volunteers.domain.double import Match, Person, matches_of
from volunteers.domain.text import accept, current_texts
from volunteers.domain.volunteer import ADULT, Status, complete, enter, required_reason, set_id_number
from volunteers.models import Acceptance, Application, ProgrammeText, Volunteer
from volunteers.models.application import CODE_GROUPS, CODE_LENGTH, hash_of

State = Application.State
# As many keys as a statement takes on both databases with room to spare.
AT_ONCE = 5_000

# What an applicant says of themselves, and the record takes over.
PERSON = (
    "name",
    "gender",
    "birth_date",
    "phone",
    "village",
    "primary_skill",
    "speciality",
    "unit",
    "unit_kind",
    "party_branch",
    "joined_party_on",
    "shows_name",
    "shows_phone",
)


@dataclass(frozen=True)
class Condition:
    """One condition for joining, whether it is met, and what says so."""

    text: str | Promise
    is_met: bool
    shown: str = ""


def code_of(key: UUID) -> str:
    """Return the code by which an application is followed: it follows from the form's key and is stored nowhere."""
    digest = salted_hmac("volunteers.application.code", key.hex, algorithm="sha256").hexdigest()
    return in_groups(signs_from(digest, CODE_LENGTH), CODE_GROUPS)


@event
def apply(
    values: Mapping[str, Any], *, key: UUID, texts: Sequence[ProgrammeText] = (), by: User | None = None
) -> tuple[Application, str]:
    """Take an application in, whoever is on record already; return it with the code by which it is followed.

    The same form sent twice is one application; sent with other entries it is refused. Raises ``RuleBroken`` at the
    field where a condition for joining is not met. ``texts`` are those that the applicant accepted: all in force.
    """
    if {text.pk for text in texts} != {text.pk for text in current_texts()}:
        raise RuleBroken(
            _("The texts have changed since you opened the page. Read the new ones and tick that you accept them."),
            field="texts",
        )
    code = code_of(key)
    application = Application(key=key, code_hash=hash_of(code), **{name: values[name] for name in PERSON})
    application.township = application.village.township
    _check_conditions(application, values.get("id_number", ""))
    there = Application.objects.filter(key=key).first()
    if there is None:
        try:
            with transaction.atomic():
                application.save(force_insert=True)
                application.texts.set(texts)
        except IntegrityError:  # sent twice at one moment: the other one came first
            there = Application.objects.get(key=key)
        else:
            return application, code
    _refuse_other_entries(there, application)
    return there, code


def find_application(code: str) -> Application | None:
    """Return the application that has this code, if there is one."""
    if not read_signs(code, CODE_LENGTH):
        return None
    found = Application.objects.select_related("township", "volunteer__merged_into").filter(code_hash=hash_of(code))
    return found.first()


def conditions_of(application: Application) -> list[Condition]:
    """Return the conditions for joining, each checked against what the applicant entered."""
    today = timezone.localdate()
    person = _as_volunteer(application, today)
    age, party = person.age_on(today), application.joined_party_on
    return [
        Condition(gettext_lazy("At least 18 years old"), age >= ADULT, str(age)),
        Condition(
            gettext_lazy("A member of the party"),
            bool(application.party_branch) and party <= today and person.age_on(party) >= ADULT,
            application.party_branch,
        ),
        Condition(
            gettext_lazy("Lives or works in the township"),
            application.village.township_id == application.township_id,
            str(application.village),
        ),
    ]


def age_of(application: Application) -> int:
    """Return the applicant's age in full years today."""
    today = timezone.localdate()
    return _as_volunteer(application, today).age_on(today)


def doubles_of(application: Application) -> list[Match]:
    """Return the volunteers' records that may be the applicant's."""
    if application.volunteer_id is not None:
        return matches_of(application.volunteer, besides=application.volunteer_id)  # type: ignore[arg-type]
    return matches_of(Person(application.name, application.phone, application.birth_date, application.id_number_hash))


def also_applied(application: Application) -> QuerySet[Application]:
    """Return the other applications of what seems to be the same person, rejected ones too, the oldest first."""
    same = Application.objects.filter(name=application.name, birth_date=application.birth_date)
    return same.exclude(pk=application.pk).select_related("township").order_by("made_at", "id")


@event
def endorse_application(application: Application, *, is_other_person: bool = False, by: User) -> Volunteer:
    """Begin the record of a volunteer whom the township wants; an administrator admits them then.

    Raises ``Double`` for somebody who is on record, unless ``is_other_person`` says that they only look alike.
    """
    locked = _waiting(application)
    today = timezone.localdate()
    volunteer = _as_volunteer(locked, today)
    volunteer.status, volunteer.endorsed_on, volunteer.endorsed_by = Status.APPLIED, today, by
    volunteer.id_number_encrypted, volunteer.id_number_hash = locked.id_number_encrypted, locked.id_number_hash
    enter(volunteer, [], had={locked.primary_skill_id}, is_other_person=is_other_person, by=by)
    _keep_acceptances(locked, volunteer, by)
    locked.state, locked.volunteer = State.ENDORSED, volunteer
    _decide(locked, by)
    return volunteer


@event
def reject_application(application: Application, *, reason: str, by: User) -> Application:
    """Turn an application down; the applicant reads the reason."""
    locked = _waiting(application)
    locked.state, locked.reason = State.REJECTED, required_reason(reason)
    _decide(locked, by)
    return locked


@event
def show_applicants_phone(application: Application, *, by: User) -> str:
    """Return the phone number in full, and record who looked."""
    record([application], AuditEntry.Action.ACCESS, {})
    return application.phone


@event
def admit(volunteers: Iterable[int], *, by: User) -> int:
    """Admit the endorsed applicants among these keys, all in one step; return how many there were.

    Whoever applied themselves joins today; whom an office entered joined on the day that it says.
    """
    keys = sorted(set(volunteers))
    return sum(_admit(keys[start : start + AT_ONCE]) for start in range(0, len(keys), AT_ONCE))


def _admit(keys: list[int]) -> int:
    people = list(
        Volunteer.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=keys, status=Status.APPLIED, endorsed_on__isnull=False)
        .order_by("pk")
    )
    admitted, today = Volunteer.objects.filter(pk__in=[person.pk for person in people]), timezone.localdate()
    have_applied = set(
        Application.objects.filter(volunteer__in=admitted.order_by()).values_list("volunteer", flat=True)
    )
    admitted.filter(pk__in=have_applied).update(joined_on=today)
    admitted.update(status=Status.ACTIVE, status_reason="", version=F("version") + 1)
    entries = [
        (
            person.pk,
            str(person),
            {"status": (Status.APPLIED.value, Status.ACTIVE.value)}
            | ({"joined_on": (person.joined_on, today)} if person.pk in have_applied else {}),
        )
        for person in people
    ]
    record_rows(Volunteer, AuditEntry.Action.UPDATE, entries)
    return len(people)


def _as_volunteer(application: Application, joined_on: date) -> Volunteer:
    values = {name: getattr(application, name) for name in PERSON}
    return Volunteer(township=application.township, joined_on=joined_on, **values)


def _check_conditions(application: Application, id_number: str) -> None:
    """Refuse what no record could say, by the rules of the records."""
    person = _as_volunteer(application, timezone.localdate())
    if not application.party_branch or application.joined_party_on is None:
        raise RuleBroken(
            _("Volunteers are members of the party. Enter your branch and the day on which you joined."),
            field="party_branch",
        )
    complete(person, [])
    set_id_number(person, id_number)
    application.id_number_encrypted, application.id_number_hash = person.id_number_encrypted, person.id_number_hash
    application.full_clean(
        exclude=["key", "code_hash", "id_number_hash"], validate_unique=False, validate_constraints=False
    )


def _refuse_other_entries(there: Application, sent: Application) -> None:
    names = (*PERSON, "id_number_hash")
    if any(getattr(there, name) != getattr(sent, name) for name in names):
        raise RuleBroken(
            _(
                "This form was sent before, with other entries, and those arrived. Tell the township's office what is"
                " different, or open the page anew and apply once more."
            ),
            code="sent",
        )


def _keep_acceptances(application: Application, volunteer: Volunteer, by: User) -> None:
    """Put down which texts the applicant accepted, as far as they are in force still: a new version asks anew."""
    in_force = {text.pk for text in current_texts()}
    texts = [text for text in application.texts.all() if text.pk in in_force]
    if texts:
        on = timezone.localtime(application.made_at).date()
        accept(volunteer, texts, how=Acceptance.How.APPLICATION, by=by, on=on)


def _waiting(application: Application) -> Application:
    locked = Application.objects.select_for_update(of=("self",), no_key=True).get(pk=application.pk)
    if locked.state != State.WAITING:
        raise RuleBroken(
            _("This application was decided on already: %(state)s.") % {"state": locked.get_state_display()}
        )
    return locked


def _decide(locked: Application, by: User) -> None:
    locked.decided_by, locked.decided_at = by, timezone.now()
    locked.save()
