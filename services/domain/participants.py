"""Who took part in a service: members of that day and helpers, nobody in two places, checked under their locks."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from common.rules import RuleBroken
from grids.models import Membership, Team
from services.domain.entry import Entry
from services.models import Participation, ServiceLog
from volunteers.models import Absence, Volunteer

# Nobody serves more than a day has.
MINUTES_A_DAY = 1440


@dataclass(frozen=True)
class Part:
    """One volunteer's part in a service, in minutes; a helper is from another team."""

    volunteer: Volunteer
    minutes: int
    is_helper: bool


def checked_parts(entry: Entry, team: Team, *, by: User, besides: ServiceLog | None = None) -> list[Part]:
    """Return the parts by the volunteers' keys, or raise ``RuleBroken``; ``besides`` is the log that is corrected.

    Whoever helped in that log was a helper when it was written: it stays so, also where they left or moved since.
    """
    if not entry.participants:
        raise _refusal(_("Tick who took part: at least one member of the team."))
    volunteers = _locked_volunteers(entry.participants)
    on_that_day = Membership.objects.on(entry.date).filter(team=team, volunteer__in=volunteers)
    members = set(on_that_day.values_list("volunteer", flat=True))
    parts = [Part(volunteer, _minutes(volunteer, entry), volunteer.pk not in members) for volunteer in volunteers]
    helped = set(besides.participations.filter(is_helper=True).values_list("volunteer", flat=True)) if besides else ()
    for part in parts:
        refuse_outsider(part, entry.date, team, has_helped=part.volunteer.pk in helped)
    if not members:
        raise _refusal(_("At least one participant was in the team on that day; helpers only join in."))
    _refuse_absent(parts, entry.date)
    _refuse_conflicts(parts, entry, by=by, besides=besides)
    return parts


def _locked_volunteers(pks: Iterable[int]) -> list[Volunteer]:
    """Lock the volunteers in the order of their keys: two logs with the same person take turns."""
    wanted = set(pks)
    found = Volunteer.objects.filter(pk__in=wanted | _further_records(wanted).keys())
    found = found.order_by("pk").select_for_update(no_key=True, of=("self",))
    fields = ("number", "name", "township_id", "status", "joined_on", "left_on", "merged_into_id")
    volunteers = [one for one in found.only(*fields) if one.pk in wanted]
    if len(volunteers) != len(wanted):
        raise _refusal(_("One of the participants is not known. Choose again."))
    return volunteers


def _further_records(pks: Collection[int]) -> dict[int, int]:
    """Return the other records of these persons, where two were merged, and whose each is: the record that goes on."""
    merged = Volunteer.objects.filter(merged_into__isnull=False).order_by()
    kept = Q(merged_into__in=pks) | Q(merged_into__in=merged.filter(pk__in=pks).values("merged_into"))
    pairs = merged.filter(kept).values_list("pk", "merged_into")
    whose = {pk: person for pk, person in pairs if person is not None}
    return whose | {person: person for person in whose.values()}


def _minutes(volunteer: Volunteer, entry: Entry) -> int:
    minutes = entry.participants[volunteer.pk]
    if minutes is None:
        return entry.minutes
    if not 1 <= minutes <= entry.minutes:
        raise _refusal(
            _("%(name)s: 1 to %(most)s minutes, at most as long as the service lasted.")
            % {"name": volunteer.name, "most": entry.minutes}
        )
    return minutes


def refuse_outsider(part: Part, day: date, team: Team, *, has_helped: bool = False) -> None:
    """Refuse who was not in the programme on that day, and as a helper who is not of the township."""
    volunteer = part.volunteer
    must_fit = part.is_helper and not has_helped
    if must_fit and volunteer.township_id != team.township_id:
        # As if there were no such person: other townships' people are none of the reader's business.
        raise _refusal(_("One of the participants is not known. Choose again."))
    if day < volunteer.joined_on:
        raise _refusal(
            _("%(name)s joined the programme on %(day)s, after this service.")
            % {"name": volunteer.name, "day": date_format(volunteer.joined_on)}
        )
    if volunteer.left_on is not None and day > volunteer.left_on:
        raise _refusal(
            _("%(name)s left the programme on %(day)s, before this service.")
            % {"name": volunteer.name, "day": date_format(volunteer.left_on)}
        )
    if must_fit and volunteer.status != Volunteer.Status.ACTIVE:
        raise _refusal(
            _("%(name)s was not in the team on that day and is not an active volunteer now: not a helper either.")
            % {"name": volunteer.name}
        )


def _refuse_absent(parts: list[Part], day: date) -> None:
    """Refuse who was suspended or gone on that day, also where they have been taken back since."""
    names = {part.volunteer.pk: part.volunteer.name for part in parts}
    absence = Absence.objects.on(day).filter(volunteer__in=names).order_by("volunteer_id").first()
    if absence is not None:
        raise _refusal(
            _("%(name)s was suspended or had left the programme on that day.") % {"name": names[absence.volunteer_id]}
        )


def _refuse_conflicts(parts: list[Part], entry: Entry, *, by: User, besides: ServiceLog | None) -> None:
    """Refuse who was somewhere else at that time, and whose day would have more than 1 440 minutes."""
    day = timedelta(days=1)
    whose = _further_records([part.volunteer.pk for part in parts])
    names: dict[int, str] = {}
    for part in parts:
        person = whose.get(part.volunteer.pk, part.volunteer.pk)
        if person in names:
            raise _refusal(
                _("%(name)s is there twice: these two records are one person's. Untick one of them.")
                % {"name": part.volunteer.name}
            )
        names[person] = part.volunteer.name
    others = (
        Participation.objects.standing()
        .filter(volunteer__in=names.keys() | whose.keys(), date__range=(entry.date - day, entry.date + day))
        .exclude(log=besides)
        .order_by("starts_at", "volunteer_id")
        .only("volunteer_id", "team_id", "log_id", "date", "starts_at", "ends_at", "minutes")
    )
    served: defaultdict[int, int] = defaultdict(int)
    for other in others:
        person = whose.get(other.volunteer_id, other.volunteer_id)
        if other.starts_at < entry.ends_at and other.ends_at > entry.starts_at:
            raise _refusal(_overlap(names[person], other, by=by))
        if other.date == entry.date:
            served[person] += other.minutes
    for part in parts:
        minutes = served[whose.get(part.volunteer.pk, part.volunteer.pk)]
        if minutes + part.minutes > MINUTES_A_DAY:
            raise _refusal(
                _(
                    "%(name)s has %(minutes)s minutes on that day already. "
                    "With this service it would be more than the 1 440 minutes of a day."
                )
                % {"name": part.volunteer.name, "minutes": minutes}
            )


def _overlap(name: str, other: Participation, *, by: User) -> str:
    """Name the other service, and its team to those who may see it."""
    start, end = (f"{timezone.localtime(moment):%H:%M}" for moment in (other.starts_at, other.ends_at))
    words = {"name": name, "day": date_format(other.date), "start": start, "end": end}
    team = Team.objects.visible_to(by).filter(pk=other.team_id).first()
    if team is None:
        return _("%(name)s was in another service at that time: %(day)s, %(start)s–%(end)s.") % words
    words |= {"team": team.name}
    return _("%(name)s was in another service at that time: %(day)s, %(start)s–%(end)s, %(team)s.") % words


def _refusal(message: str) -> RuleBroken:
    return RuleBroken(message, field="participants")
