"""Two records of one person are merged: counted as one from then on, while nothing of either is moved.

The record that is given up leaves the programme and says into which one it was merged; services, teams and badges stay
with the record under which they were done. Whoever counts persons follows ``merged_into`` (``records_of``). Nothing is
merged through a third record: who was merged into has to be kept.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event
from accounts.models import User
from common.rules import RuleBroken, SavedMeanwhile, constraint_named
from common.wording import sentences
from volunteers.domain.volunteer import Status, change, leave, reinstate, required_reason, suspend
from volunteers.hooks import merge_undoing, persons_changing, records_merging, volunteers_changing
from volunteers.models import Merge, Volunteer

# What may be taken over from the record that is given up. The village is not: moving has a way of its own.
COMPARED = (
    "name",
    "gender",
    "birth_date",
    "phone",
    "primary_skill",
    "further_skills",
    "speciality",
    "is_rural_expert",
    "unit",
    "unit_kind",
    "occupation",
    "post",
    "discipline",
    "interests",
    "education",
    "party_branch",
    "joined_party_on",
    "joined_on",
    "shows_name",
    "shows_phone",
    "id_number",
    "user",
)
KEPT, GIVEN_UP = "kept", "given_up"
IN_PROGRAMME = frozenset({Status.ACTIVE, Status.SUSPENDED})


def records_of(pk: int) -> list[int]:
    """Return the keys of a person's records: the one that goes on, ``pk``, and those that were merged into it."""
    return list(Volunteer.objects.filter(Q(pk=pk) | Q(merged_into=pk)).order_by("pk").values_list("pk", flat=True))


def differing(first: Volunteer, second: Volunteer) -> list[str]:
    """Return in which of the fields two records differ, in the order of the page."""
    return [name for name in COMPARED if _value(first, name) != _value(second, name)]


@event
def merge(
    kept: Volunteer,
    given_up: Volunteer,
    *,
    chosen: Mapping[str, str],
    reason: str,
    versions: Mapping[int, int] | None = None,
    by: User,
) -> Merge:
    """Count two records as one person's; ``chosen`` names for each differing field whose value goes on.

    Whoever was in a team by the record that is given up leaves it (``consequences`` of the merge). Raises
    ``SavedMeanwhile`` when one of the records is no longer of its version, ``RuleBroken`` where the two cannot be one.
    """
    reason = required_reason(reason)
    kept, given_up = _locked_pair(kept.pk, given_up.pk, versions or {})
    _refuse_wrong_pair(kept, given_up)
    records_merging.send(Merge, kept=kept, given_up=given_up)
    taken = {name for name in differing(kept, given_up) if chosen.get(name) == GIVEN_UP}
    before = {KEPT: {name: _stored(kept, name) for name in sorted(taken)}, GIVEN_UP: _standing_of(given_up)}
    record = Merge(
        kept=kept,
        given_up=given_up,
        reason=reason,
        chosen={name: GIVEN_UP if name in taken else KEPT for name in differing(kept, given_up)},
        before=before,
        by=by,
    )
    with constraint_named("merge_given_up_once", RuleBroken(_("This record was merged meanwhile. Look at it anew."))):
        record.save(force_insert=True)
    record.consequences = _give_up(given_up, kept, by)
    _take_over(kept, given_up, taken, by)
    return record


@event
def undo_merge(record: Merge, *, by: User) -> Merge:
    """Let the two records be two persons' again, as long as nothing was built on their being one.

    The record comes back in the status that it had, in no team. What was taken over goes back, unless changed since.
    """
    kept, given_up = _locked_pair(record.kept_id, record.given_up_id, {})
    locked = Merge.objects.select_for_update(of=("self",), no_key=True).get(pk=record.pk)
    if locked.undone_at is not None:
        raise RuleBroken(_("This merge was undone already."))
    merge_undoing.send(Merge, merge=locked)
    locked.undone_by, locked.undone_at = by, timezone.now()
    locked.save()
    given_up.merged_into = None
    given_up.version += 1
    given_up.save()
    _hand_back(kept, given_up, locked, by)
    status = locked.before[GIVEN_UP]["status"]
    if given_up.status == Status.LEFT and status in IN_PROGRAMME:
        reinstate(given_up, by=by)
        if status == Status.SUSPENDED:
            suspend(given_up, reason=locked.before[GIVEN_UP]["status_reason"] or _("As before the merge"), by=by)
    elif given_up.status != status:
        _set_status(given_up.pk, status)
    return locked


# --- How it is done -----------------------------------------------------------------------------------


def _locked_pair(first: int, second: int, versions: Mapping[int, int]) -> tuple[Volunteer, Volunteer]:
    """Lock what comes first in the lock order (rounds, teams), then both records by their keys."""
    if first == second:
        raise RuleBroken(_("This is one and the same record. Choose another one."), field="other")
    persons_changing.send(Merge)
    # Both teams at once, in their order: one after the other's record they would wait crosswise for an import.
    volunteers_changing.send(Merge, volunteers=(first, second))
    found = Volunteer.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=(first, second))
    both = {one.pk: one for one in found.order_by("pk")}
    if any(both[pk].version != version for pk, version in versions.items()):
        raise SavedMeanwhile
    return both[first], both[second]


def _refuse_wrong_pair(kept: Volunteer, given_up: Volunteer) -> None:
    for one in (kept, given_up):
        if one.merged_into_id is not None:
            raise RuleBroken(
                _("%(name)s was merged into another record already. Go on with that one.") % {"name": one},
                field="other",
            )
        if one.status == Status.REJECTED:
            raise RuleBroken(_("%(name)s is a rejected applicant: there is nothing to merge.") % {"name": one})
    if given_up.merged.exists():
        raise RuleBroken(
            _("Another record was merged into %(name)s. Keep that one and give up the other.") % {"name": given_up},
            field="keep",
        )
    if given_up.status == Status.ACTIVE and kept.status != Status.ACTIVE:
        raise RuleBroken(
            _("%(name)s serves now. Keep that record, or reinstate the other one first.") % {"name": given_up},
            field="keep",
        )
    if kept.user_id is not None and given_up.user_id is not None:
        raise RuleBroken(_("Both records have an account. Take one of them away in the administration first."))


def _give_up(given_up: Volunteer, kept: Volunteer, by: User) -> str:
    """Let the record leave the programme, an applicant's be turned down; return what followed from it."""
    reason = _("Merged into %(number)s") % {"number": kept.number}
    consequences: list[str] = []
    if given_up.status in IN_PROGRAMME:
        consequences = list(leave(given_up, reason=reason, by=by).consequences)
    elif given_up.status == Status.APPLIED:
        _set_status(given_up.pk, Status.REJECTED, reason)
    gone = Volunteer.objects.get(pk=given_up.pk)
    gone.merged_into = kept
    gone.version += 1
    gone.save()
    return sentences(consequences)


def _take_over(kept: Volunteer, given_up: Volunteer, taken: set[str], by: User) -> None:
    """Write the values that were chosen into the record that goes on, by the rules of every change."""
    if "id_number" in taken or "user" in taken:
        _exchange(kept.pk, given_up.pk, {"id_number", "user"} & taken)
    values: dict[str, Any] = {
        name: list(given_up.further_skills.all()) if name == "further_skills" else getattr(given_up, name)
        for name in taken - {"id_number", "user"}
    }
    if values.get("primary_skill") and "further_skills" not in values:
        values["further_skills"] = [skill for skill in kept.further_skills.all() if skill != values["primary_skill"]]
    if "further_skills" in values:
        primary = values.get("primary_skill", kept.primary_skill)
        values["further_skills"] = [skill for skill in values["further_skills"] if skill != primary]
    if taken:  # without further values too: the account must fit
        kept.refresh_from_db()
        kept.version += 1
        change(kept, values, by=by)


def _exchange(first: int, second: int, names: set[str]) -> None:
    """Exchange what only one record at a time can have: the ID number, the account."""
    columns = [
        column
        for name in sorted(names)
        for column in (("id_number_encrypted", "id_number_hash") if name == "id_number" else ("user",))
    ]
    one, other = Volunteer.objects.get(pk=first), Volunteer.objects.get(pk=second)
    values = {column: getattr(one, column) for column in columns}
    for column in columns:
        setattr(one, column, None)
    one.version += 1
    one.save()
    for column in columns:
        mine = values[column]
        values[column] = getattr(other, column)
        setattr(other, column, mine)
    other.version += 1
    other.save()
    for column in columns:
        setattr(one, column, values[column])
    one.save()


def _hand_back(kept: Volunteer, given_up: Volunteer, record: Merge, by: User) -> None:
    """Give what was taken over back: a field that was changed since stays as it is."""
    before = record.before[KEPT]
    unchanged = {name for name in before if _stored(kept, name) == _stored(given_up, name)}
    exchanged = {name for name in ("id_number", "user") if name in before}
    if exchanged:
        _exchange(kept.pk, given_up.pk, exchanged)
    values: dict[str, Any] = {}
    for name in unchanged - exchanged:
        field = Volunteer._meta.get_field(name)
        if name == "further_skills":
            values[name] = list(field.related_model.objects.filter(pk__in=before[name]))  # type: ignore[union-attr]
        elif field.is_relation:
            values[name] = field.related_model.objects.get(pk=before[name])  # type: ignore[union-attr]
        else:
            values[name] = field.to_python(before[name])  # type: ignore[union-attr]
    if values:
        kept.refresh_from_db()
        kept.version += 1
        change(kept, values | {"is_other_person": True}, by=by)


def _set_status(pk: int, status: str, reason: str = "") -> None:
    volunteer = Volunteer.locked(pk)
    volunteer.status, volunteer.status_reason = status, reason
    volunteer.save()


def _standing_of(volunteer: Volunteer) -> dict[str, Any]:
    return {"status": volunteer.status, "status_reason": volunteer.status_reason}


def _value(volunteer: Volunteer, name: str) -> Any:
    if name == "id_number":
        return volunteer.id_number_hash
    if name == "further_skills":
        return {skill.pk for skill in volunteer.further_skills.all()}
    return getattr(volunteer, Volunteer._meta.get_field(name).attname)  # type: ignore[union-attr]


def _stored(volunteer: Volunteer, name: str) -> Any:
    """Return a value as JSON keeps it; of an ID number or an account only that there was something to exchange."""
    value = _value(volunteer, name)
    if name in ("id_number", "user"):
        return value is not None
    if name == "further_skills":
        return sorted(value)
    return value.isoformat() if isinstance(value, date) else value
