"""The three texts: drafted, published version by version, and accepted by volunteers."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Max, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from common.rules import RuleBroken, constraint_named
from volunteers.models import Acceptance, ProgrammeText, Volunteer
from volunteers.models.volunteer import VolunteerQuerySet

Kind, How = ProgrammeText.Kind, Acceptance.How
# What of a draft may be written.
WRITTEN = ("title", "title_en", "body", "changes")
# Who is asked to accept, and for whom an acceptance may be entered.
ASKED = (Volunteer.Status.ACTIVE,)
MOST_AT_ONCE = 2_000
ENTERED_FOR = (Volunteer.Status.APPLIED, Volunteer.Status.ACTIVE, Volunteer.Status.SUSPENDED)


@dataclass
class TownshipCount:
    """How many volunteers of a township are asked, and how many accepted a text, by its key."""

    asked: int = 0
    accepted: dict[int, int] = field(default_factory=dict)


# --- What is in force ---------------------------------------------------------------------------------


def current_texts(on: date | None = None) -> list[ProgrammeText]:
    """Return the versions in force on a day (today unless given), kind by kind; at first there may be none."""
    published = ProgrammeText.objects.published().filter(in_force_from__lte=on or timezone.localdate())
    current: dict[str, ProgrammeText] = {}
    for text in published.order_by("in_force_from"):
        current[text.kind] = text
    return [current[kind] for kind in Kind.values if kind in current]


def texts_to_accept(volunteer: Volunteer) -> list[ProgrammeText]:
    """Return the versions in force that an active volunteer has not accepted: a new version asks anew."""
    if volunteer.status not in ASKED:
        return []
    own = Acceptance.objects.standing().filter(volunteer__in=Volunteer.objects.records_of([volunteer.pk]))
    accepted = set(own.order_by().values_list("text", flat=True))
    return [text for text in current_texts() if text.pk not in accepted]


def without(volunteers: VolunteerQuerySet, texts: Iterable[ProgrammeText]) -> VolunteerQuerySet:
    """Keep the volunteers who have not accepted all of ``texts``."""
    missing: Q = Q(pk__in=[])
    for text in texts:
        missing |= ~accepted_any(text=text.pk)
    return volunteers.filter(missing)


def having(volunteers: VolunteerQuerySet, texts: Iterable[ProgrammeText]) -> VolunteerQuerySet:
    """Keep the volunteers who have accepted each of ``texts``."""
    for text in texts:
        volunteers = volunteers.filter(accepted_any(text=text.pk))
    return volunteers


def accepted_any(**which: object) -> Q:
    """Return the condition that a volunteer, or a record merged into theirs, has accepted a version that fits.

    Two lists of keys, each made once: asked person by person, nineteen thousand took thirteen times as long.
    """
    standing = Acceptance.objects.standing().filter(**which).order_by()
    merged = standing.filter(volunteer__merged_into__isnull=False)
    return Q(pk__in=standing.values("volunteer")) | Q(pk__in=merged.values("volunteer__merged_into"))


def counts_by_township(volunteers: VolunteerQuerySet, texts: Collection[ProgrammeText]) -> dict[int, TownshipCount]:
    """Return, by township, how many of ``volunteers`` are asked and how many accepted each of ``texts``."""
    asked = volunteers.filter(status__in=ASKED).order_by()
    counts = {
        township: TownshipCount(asked=count) for township, count in asked.values_list("township").annotate(Count("pk"))
    }
    for text in texts:
        rows = having(asked, [text]).values_list("township").annotate(Count("pk"))
        for township, count in rows:
            counts[township].accepted[text.pk] = count
    return counts


# --- Writing and publishing ---------------------------------------------------------------------------


@event
def start_draft(kind: str, *, by: User) -> ProgrammeText:
    """Begin the next version of a text with the words of the last one."""
    last = _locked_kind(kind)
    if last is not None and last.is_draft:
        raise RuleBroken(_("There is a draft of this text already. Go on with that one, or discard it."))
    draft = ProgrammeText(kind=kind, number=1 if last is None else last.number + 1)
    for name in ("title", "title_en", "body"):
        setattr(draft, name, getattr(last, name) if last is not None else "")
    if last is None:
        draft.title = draft.body = str(Kind(kind).label)
    # Who waited for the lock does not see the draft that the other has begun meanwhile: the constraints do.
    with constraint_named("text_", RuleBroken(_("Somebody else has begun a draft of this text just now."))):
        draft.save(force_insert=True)
    return draft


@event
def edit_draft(
    draft: ProgrammeText, values: Mapping[str, str], *, version: int | None = None, by: User
) -> ProgrammeText:
    """Change the words of a draft; what is published stays as it is."""
    locked = ProgrammeText.locked(draft.pk, version=version)
    _refuse_published(locked)
    for name in WRITTEN:
        setattr(locked, name, values.get(name, getattr(locked, name)).strip())
    if not locked.title:
        raise RuleBroken(_("Give the text a title."), field="title")
    if not locked.body:
        raise RuleBroken(_("Write the text first."), field="body")
    locked.full_clean(validate_unique=False, validate_constraints=False)
    locked.save()
    return locked


@event
def discard_draft(draft: ProgrammeText, *, version: int | None = None, by: User) -> None:
    """Give a draft up; the versions that were published are not touched."""
    locked = ProgrammeText.locked(draft.pk, version=version)
    _refuse_published(locked)
    locked.delete()


@event
def publish_text(draft: ProgrammeText, *, in_force_from: date, version: int | None = None, by: User) -> ProgrammeText:
    """Publish a draft, in force from a day: from then on it never changes, and volunteers are asked to accept it.

    The day may lie in the past, for a text that has been in force on paper; it lies after that of the version before.
    """
    _locked_kind(draft.kind)
    locked = ProgrammeText.locked(draft.pk, version=version)
    _refuse_published(locked)
    if locked.number > 1 and not locked.changes:
        raise RuleBroken(
            _("Say in the draft what changed: volunteers who accepted the version before read it first."),
            field="changes",
        )
    before = ProgrammeText.objects.published().filter(kind=locked.kind).aggregate(Max("in_force_from"))
    last = before["in_force_from__max"]
    if last is not None and in_force_from <= last:
        raise RuleBroken(
            _("The version before is in force from %(day)s. Choose a later day.") % {"day": date_format(last)},
            field="in_force_from",
        )
    locked.in_force_from, locked.published_by, locked.published_at = in_force_from, by, timezone.now()
    locked.save()
    return locked


def _locked_kind(kind: str) -> ProgrammeText | None:
    """Lock all versions of a kind; return the last one."""
    versions = ProgrammeText.objects.select_for_update(of=("self",), no_key=True).filter(kind=kind)
    return next(iter(versions.order_by("-number")), None)


def _refuse_published(text: ProgrammeText) -> None:
    if not text.is_draft:
        raise RuleBroken(_("This version is published and stays as it is. Begin a new version to change it."))


# --- Accepting ----------------------------------------------------------------------------------------


@event
def accept(
    volunteer: Volunteer,
    texts: Collection[ProgrammeText],
    *,
    how: str,
    by: User | None,
    on: date | None = None,
) -> list[Acceptance]:
    """Put down that a volunteer accepted ``texts`` (today unless given); what they had accepted already stays.

    With the application or in the own account people accept the versions in force: whoever read an older one is asked
    to read again. On paper the day may lie back, and so may the version.
    """
    return _accept([volunteer.pk], texts, how=how, by=by, on=on)


@event
def accept_on_paper(
    volunteers: Iterable[Volunteer], texts: Collection[ProgrammeText], *, on: date, by: User
) -> list[Acceptance]:
    """Put down who signed a paper list on a day, all or nobody; who had accepted already is left as it is."""
    return _accept(sorted({volunteer.pk for volunteer in volunteers}), texts, how=How.PAPER, by=by, on=on)


@event
def withdraw_acceptance(acceptance: Acceptance, *, by: User) -> Acceptance:
    """Take back what was entered from paper by mistake; the volunteer is asked anew."""
    locked = Acceptance.objects.select_for_update(of=("self",), no_key=True).get(pk=acceptance.pk)
    if locked.how != How.PAPER:
        raise RuleBroken(_("Only what was entered from paper can be taken back: this was accepted by the volunteer."))
    if locked.withdrawn_at is not None:
        raise RuleBroken(_("This entry was taken back already."))
    locked.withdrawn_by, locked.withdrawn_at = by, timezone.now()
    locked.save()
    return locked


def _accept(
    pks: list[int], texts: Collection[ProgrammeText], *, how: str, by: User | None, on: date | None
) -> list[Acceptance]:
    on = on or timezone.localdate()
    if not texts:
        raise RuleBroken(_("Choose at least one text."), field="texts")
    _check_texts(texts, how, on)
    if len(pks) > MOST_AT_ONCE:
        raise RuleBroken(
            _("At most %(limit)s volunteers at a time. Narrow the list down, by township for instance.")
            % {"limit": MOST_AT_ONCE},
            field="volunteers",
        )
    # Locked: of two who enter the same list at once the second finds what the first has entered.
    people = list(Volunteer.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=pks).order_by("pk"))
    if not people:
        raise RuleBroken(_("Tick at least one volunteer."), field="volunteers")
    gone = [str(person) for person in people if person.status not in ENTERED_FOR]
    if gone:
        raise RuleBroken(
            _("Not in the programme any more: %(names)s. Untick them.") % {"names": "、".join(gone[:5])},
            field="volunteers",
        )
    if how == How.ACCOUNT and any(by is None or person.user_id != by.pk for person in people):
        raise RuleBroken(_("In an account everybody accepts for themselves only. Enter others from paper."))
    there = set(
        Acceptance.objects.standing()
        .of_texts(texts)
        .filter(volunteer__in=pks)
        .order_by()
        .values_list("volunteer", "text")
    )
    new = [
        Acceptance(volunteer=person, text=text, accepted_on=on, how=how, entered_by=by)
        for person in people
        for text in texts
        if (person.pk, text.pk) not in there
    ]
    Acceptance.objects.bulk_create(new, batch_size=1000)
    record(new, AuditEntry.Action.CREATE)
    return new


def _check_texts(texts: Collection[ProgrammeText], how: str, on: date) -> None:
    if on > timezone.localdate():
        raise RuleBroken(_("This day lies in the future. Enter it when it has come."), field="on")
    current = {text.pk for text in current_texts()}
    for text in texts:
        if text.is_draft:
            raise RuleBroken(_("A draft cannot be accepted. Publish it first."), field="texts")
        if how != How.PAPER and text.pk not in current:
            raise RuleBroken(
                _("“%(title)s” has a newer version meanwhile. Read it and accept that one.") % {"title": text.name},
                field="texts",
                code="outdated",
            )
        first = min(day for day in (text.in_force_from, text.public_since) if day is not None)
        if on < first:
            raise RuleBroken(
                _("Version %(number)s of “%(title)s” exists since %(day)s. Check the day, or choose another text.")
                % {"number": text.number, "title": text.name, "day": date_format(first)},
                field="on",
            )
