"""A township is merged into another: what is there today moves, what was recorded stays where it was made.

Locks: the two townships by key, then the villages, teams and volunteers of the one that ends, each by key. While its
row is held nothing new can be recorded for it (the triggers of ``grids.0010`` wait for it), and afterwards neither.
"""

from typing import Any

from django.apps import apps
from django.db.models import Max, Model, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event, record_rows
from accounts.models import AuditEntry, User
from areas.models import Channel, Township, TownshipSettings, Village
from common.jobs import Work
from common.rules import RuleBroken, SavedMeanwhile
from common.wording import sentences
from grids.domain.composition import discard_all
from grids.domain.merge_lines import Line, Preview, counted, locked_pair
from grids.domain.places import refuse_ended
from grids.hooks import township_merging
from grids.models import Composition, Grid, GridImport, Team
from volunteers.models import Application, Course, FormerHome, Invitation, Volunteer, VolunteerImport
from volunteers.models.attendance import Attendance

AT_WORK = (Work.WorkState.WAITING, Work.WorkState.RUNNING)
UNDONE_IMPORT = (
    VolunteerImport.State.MAPPING,
    VolunteerImport.State.CHECKING,
    VolunteerImport.State.CHECKED,
    VolunteerImport.State.IMPORTING,
)


def preview_of(ended: Township, kept: Township) -> Preview:
    """Return what merging ``ended`` into ``kept`` will do, with numbers, and what refuses it."""
    waiting = Application.objects.waiting().filter(township=ended).count()
    clashing = _clashing(ended, kept).count()
    moves = counted(
        [
            (_("Villages"), ended.villages.count(), ""),
            (_("Grids"), Grid.objects.filter(village__township=ended).count(), _("They go along with their villages.")),
            (_("Teams"), Team.objects.filter(township=ended).count(), _("Those that were dissolved among them.")),
            (
                _("Volunteers"),
                Volunteer.objects.filter(township=ended).count(),
                _("Whoever has left, too. They stay in their teams."),
            ),
            (_("Accounts"), User.objects.filter(township=ended).count(), ""),
            (
                _("Channels"),
                Channel.objects.filter(township=ended).count(),
                _("Retired, because the other township has the same number: %(count)s.") % {"count": clashing}
                if clashing
                else "",
            ),
            (_("Applications that wait"), waiting, ""),
            (_("Courses that are planned"), Course.objects.planned().filter(township=ended).count(), ""),
        ]
    )
    said: list[tuple[Any, Any]] = township_merging.send(Township, ended=ended, kept=kept, is_preview=True)
    stays: list[Line] = [line for _receiver, lines in said for line in lines or ()]
    if TownshipSettings.objects.filter(township=ended).exists():
        stays.append(Line(_("Own settings"), 1, _("Those of %(kept)s hold from now on.") % {"kept": kept.name}))
    return Preview(moves, stays, refusals_of(ended, kept))


def refusals_of(ended: Township, kept: Township) -> list[str]:
    """Return what stands in the way of a merge, each with how to put it right."""
    if ended.pk == kept.pk:
        return [_("A township is not merged into itself. Choose another one.")]
    found = []
    for township in (ended, kept):
        try:
            refuse_ended(township)
        except RuleBroken as broken:
            found.append(str(broken.message))
    found += [
        _("Being worked on: %(what)s. Wait until it is done, or stop it, and merge then.")
        % {"what": model._meta.verbose_name}
        for model in _works()
        if model._default_manager.filter(
            Q(township=ended) | Q(township__isnull=True), work_state__in=AT_WORK, work_beat_at__isnull=False
        ).exists()
    ]
    said: list[tuple[Any, Any]] = township_merging.send(Township, ended=ended, kept=kept, is_refused=True)
    return [*found, *(text for _receiver, texts in said for text in texts or ())]


@event
def merge_townships(ended_pk: int, kept_pk: int, *, version: int, kept_version: int, by: User) -> Township:
    """Merge a township into another today; return the one that stays. Raises ``SavedMeanwhile`` for old versions."""
    if ended_pk == kept_pk:
        raise RuleBroken(_("A township is not merged into itself. Choose another one."), field="into")
    townships = locked_pair(Township, ended_pk, kept_pk)
    ended, kept = townships[ended_pk], townships[kept_pk]
    refuse_ended(ended)
    if (ended.version - 1, kept.version - 1) != (version, kept_version):
        raise SavedMeanwhile
    refusals = refusals_of(ended, kept)
    if refusals:
        raise RuleBroken(sentences(refusals), field="into")
    today = timezone.localdate()
    _lock(Village.objects.filter(township=ended))
    _lock(Team.objects.filter(township=ended))
    # Monthly reports are locked after teams and before volunteers.
    township_merging.send(Township, ended=ended, kept=kept)
    _lock(Volunteer.objects.filter(township=ended))
    FormerHome.objects.bulk_create(
        [
            FormerHome(volunteer_id=pk, township=ended, until=today)
            for pk in Volunteer.objects.filter(township=ended).order_by("pk").values_list("pk", flat=True)
        ],
        batch_size=1000,
    )
    _move_channels(ended, kept)
    _move(Village, ended, kept)
    _move(Team, ended, kept)
    _move(Volunteer, ended, kept)
    _move(User, ended, kept)
    _move_what_waits(ended, kept)
    kept.predecessor_ids = [*kept.predecessor_ids, ended.pk, *ended.predecessor_ids]
    kept.save(update_fields=["predecessor_ids", "version"])
    ended.merged_into, ended.ended_on, ended.predecessor_ids = kept, today, []
    ended.save(update_fields=["merged_into", "ended_on", "predecessor_ids", "version"])
    return kept


def _works() -> list[type[Model]]:
    """Return the kinds of work in the background that are done for a township, or for the whole city."""
    return [
        model
        for model in apps.get_models()
        if issubclass(model, Work) and any(field.name == "township" for field in model._meta.fields)
    ]


def _lock(rows: QuerySet[Any]) -> None:
    list(rows.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))


def _clashing(ended: Township, kept: Township) -> QuerySet[Channel]:
    numbers = Channel.objects.active().filter(township=kept).values("number")
    return Channel.objects.active().filter(township=ended, number__in=numbers).order_by()


def _move_channels(ended: Township, kept: Township) -> None:
    """Put the channels behind those that are there; what has a number that is in use already is retired."""
    for channel in _clashing(ended, kept):
        channel.is_active = False
        channel.save()
    last = Channel.objects.filter(township=kept).aggregate(last=Max("order"))["last"] or 0
    for place, channel in enumerate(Channel.objects.filter(township=ended).order_by("order", "pk"), start=last + 1):
        channel.township, channel.order = kept, place
        channel.save()


def _move(model: type[Model], ended: Township, kept: Township, **narrowed: Any) -> int:
    """Move the records of a model by one statement, with an entry of the trail for each."""
    rows = model._default_manager.filter(township=ended, **narrowed).order_by("pk")
    moved = [(record.pk, str(record)) for record in rows.only("pk", *_called(model))]
    model._default_manager.filter(pk__in=[pk for pk, _name in moved]).update(township=kept)
    change = {"township": (ended.pk, kept.pk)}
    record_rows(model, AuditEntry.Action.UPDATE, ((pk, name, change) for pk, name in moved))
    return len(moved)


def _called(model: type[Model]) -> tuple[str, ...]:
    """Return the columns that a record is called by."""
    names = {field.name for field in model._meta.concrete_fields}
    return tuple(name for name in ("name", "number", "ended_on", "title") if name in names)


def _move_what_waits(ended: Township, kept: Township) -> None:
    """Move what is begun and not done yet: nothing of it counts anywhere."""
    Application.objects.waiting().filter(township=ended).update(township=kept)
    VolunteerImport.objects.filter(township=ended, state__in=UNDONE_IMPORT).update(township=kept)
    GridImport.objects.filter(township=ended).exclude(state=GridImport.State.DONE).update(township=kept)
    discard_all(Composition.objects.standing().filter(township=ended))
    planned = Course.objects.planned()
    for own in planned.filter(township=ended).order_by("pk"):
        own.township = kept
        own.save(update_fields=["township"])
        Invitation.objects.filter(course=own, township=ended).update(township=kept)
        Attendance.objects.filter(course=own, township=ended).update(township=kept)
    for course in planned.filter(townships=ended).order_by("pk"):
        course.townships.add(kept)
