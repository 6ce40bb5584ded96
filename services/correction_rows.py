"""Corrections prepared for the page: the original and what is asked for, line by line; and the rows of the list."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.templatetags.yiwang import badge
from services.domain.correction import entry_of
from services.domain.entry import Entry
from services.models import Correction, MonthlyReport, ServiceLog
from volunteers.models import Volunteer

State, Kind = Correction.State, Correction.Kind
STATES = {
    State.ASKED: ("info", "hourglass"),
    State.GRANTED: ("ok", "circle-check"),
    State.REFUSED: ("bad", "circle-x"),
    State.TAKEN_BACK: ("neutral", "undo-2"),
}


@dataclass(frozen=True)
class Line:
    """One line of the comparison: what it is about, what was written, what is to be, and whether they differ."""

    label: str
    before: str
    after: str

    @property
    def is_changed(self) -> bool:
        """Whether the correction says something else than the original."""
        return self.before != self.after


def correction_badge(correction: Correction) -> SafeString:
    """Return where the correction stands as a badge."""
    tone, icon_name = STATES[State(correction.state)]
    return badge(tone, str(correction.get_state_display()), icon_name)


def compared(log: ServiceLog, entry: Entry | None) -> list[Line]:
    """Put the log beside what it should say, line by line; beside nothing for a strike (None)."""
    stored = {part.volunteer_id: part.minutes for part in log.participations.all()}
    people = _people([*stored, *(entry.participants if entry else ())])
    before = _said(log, stored, people)
    after = (
        _said(entry, {pk: minutes or entry.minutes for pk, minutes in entry.participants.items()}, people)
        if entry
        else {}
    )
    return [Line(label, text, after.get(label, "")) for label, text in before.items()]


def lines_of(correction: Correction) -> list[Line]:
    """Put the correction's original beside what was asked for."""
    return compared(correction.log, None if correction.is_strike else entry_of(correction))


def _said(told: ServiceLog | Entry, participants: Mapping[int, int], people: Mapping[int, Volunteer]) -> dict[str, str]:
    """Return what a log, or an entry, says, in words by what they are about."""
    starts, ends = timezone.localtime(told.starts_at), timezone.localtime(told.ends_at)
    time = f"{starts:%H:%M}–{ends:%H:%M}"
    if ends.date() > told.date:
        time = time + " " + _("ended the next day")
    present = sorted(
        ((people[pk], minutes) for pk, minutes in participants.items() if pk in people), key=lambda one: one[0].number
    )
    return {
        _("Date"): date_format(told.date),
        _("Time"): time,
        _("Minutes"): str(told.minutes),
        _("Category"): str(told.category),
        _("For whom"): told.recipient,
        _("What was done"): told.content,
        _("Place"): told.place,
        _("People served"): str(told.people_served),
        _("Who took part"): "\n".join(
            _("%(name)s %(number)s: %(minutes)s min")
            % {"name": person.name, "number": person.number, "minutes": minutes}
            for person, minutes in present
        ),
    }


def _people(pks: Iterable[int]) -> dict[int, Volunteer]:
    return Volunteer.objects.only("number", "name").in_bulk(set(pks))


def correction_row(correction: Correction) -> dict[str, Any]:
    """Prepare one correction of a list; log, team, township and people come with it."""
    return {
        "url": correction.get_absolute_url(),
        "recipient": correction.log.recipient,
        "date": date_format(correction.log.date, "SHORT_DATE_FORMAT"),
        "team": correction.log.team.name,
        "township": correction.log.township.name,
        "kind": correction.get_kind_display(),
        "reason": correction.reason,
        "asked": _when_and_who(correction.asked_at, correction.asked_by.name),
        "decided": _when_and_who(correction.decided_at, correction.decided_by.name) if correction.decided_by else "",
        "answer": correction.answer,
        "state": correction_badge(correction),
    }


def correction_rows(corrections: Sequence[Correction]) -> list[dict[str, Any]]:
    """Prepare the corrections of one page."""
    return [correction_row(correction) for correction in corrections]


def corrections_of(log: ServiceLog) -> dict[str, Any]:
    """Return what a log's page says of its corrections: by which it came, what is asked, what stands in its place."""
    found = list(
        Correction.objects.filter(Q(log=log) | Q(result=log)).select_related("asked_by", "decided_by", "result")
    )
    by_state = {one.state: one for one in reversed(found) if one.log_id == log.pk}
    return {
        "came_by": next((one for one in found if one.result_id == log.pk), None),
        "granted": by_state.get(State.GRANTED),
        "asked": by_state.get(State.ASKED),
        "refused": by_state.get(State.REFUSED),
    }


def corrections_in(report: MonthlyReport) -> list[dict[str, Any]]:
    """Prepare the corrections of a month's logs, the latest asked first."""
    found = Correction.objects.filter(log__report=report)
    named = ("log__team", "log__township", "asked_by", "decided_by")
    return [correction_row(correction) for correction in found.select_related(*named)]


def steps_of(correction: Correction) -> list[tuple[str, str, str, str, str]]:
    """Return what happened to the correction, for the timeline: tone, title, when, who, text."""
    steps = [
        ("info", _("Asked for a correction"), _moment(correction.asked_at), correction.asked_by.name, correction.reason)
    ]
    if correction.decided_at:
        who = correction.decided_by.name if correction.decided_by else correction.asked_by.name
        tone = STATES[State(correction.state)][0]
        steps.append((tone, correction.get_state_display(), _moment(correction.decided_at), who, correction.answer))
    return steps


def change_in_words(minutes: int, services: int) -> str:
    """Say by how much somebody's figures differ: −120 minutes, −1 service."""
    parts = []
    if minutes:
        parts.append(ngettext("%(count)s minute", "%(count)s minutes", abs(minutes)) % {"count": _signed(minutes)})
    if services:
        parts.append(ngettext("%(count)s service", "%(count)s services", abs(services)) % {"count": _signed(services)})
    return ", ".join(parts) if parts else "0"


def _signed(number: int) -> str:
    """Print a number with its sign; the minus is a real one."""
    return f"+{number}" if number > 0 else f"−{abs(number)}"


def _when_and_who(moment: Any, name: str) -> str:
    return f"{date_format(timezone.localtime(moment), 'SHORT_DATE_FORMAT')} · {name}"


def _moment(moment: Any) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
