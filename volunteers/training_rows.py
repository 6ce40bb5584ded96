"""Courses and those who attend them as the lists print them: everything ready, nothing asked per row."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rights import Right
from common.hours import hours
from common.templatetags.yiwang import badge
from common.wording import in_words
from volunteers.domain.invitation import NEVER
from volunteers.dossier import Context
from volunteers.models import Attendance, Course, Invitation, Volunteer
from volunteers.roll.match import CHANGED, DOUBTFUL, NEW, REFUSED, SAME, TWICE, UNKNOWN, Match

State, Result = Course.State, Attendance.Result
TONES: dict[str, str] = {State.PLANNED: "info", State.HELD: "ok", State.CANCELLED: "neutral"}
RESULT_TONES: dict[str, str] = {Result.PASSED: "ok", Result.FAILED: "bad", Result.NOT_ASSESSED: "neutral"}
PERSON_FIELDS = (
    "id",
    "volunteer",
    "volunteer__name",
    "volunteer__name_pinyin",
    "volunteer__number",
    "volunteer__unit",
    "volunteer__village__name",
    "volunteer__township__name",
)
ATTENDED_FIELDS = (*PERSON_FIELDS, "result", "minutes", "how")
INVITED_FIELDS = (*PERSON_FIELDS, "invited_at", "has_come")
ATTENDANCE_FIELDS = (
    "id",
    "date",
    "course",
    "course__title",
    "course__content",
    "volunteer__name",
    "volunteer__number",
    "township__name",
    "result",
    "minutes",
)
NEED_FIELDS = (
    "id",
    "name",
    "name_pinyin",
    "number",
    "unit",
    "village__name",
    "township__name",
    "primary_skill__name",
    "primary_skill__name_en",
    "last_trained",
)


def course_badge(course: Course) -> str:
    """Return how far the course is; one whose days are over and that nobody marked stands out."""
    if course.state == State.PLANNED and course.ends_on < timezone.localdate():
        return badge("warn", _("Not recorded yet"))
    return badge(TONES[course.state], course.get_state_display())


def days_of(course: Course) -> str:
    """Return the course's day or days."""
    first = date_format(course.starts_on, "SHORT_DATE_FORMAT")
    if course.ends_on == course.starts_on:
        return first
    return f"{first} – {date_format(course.ends_on, 'SHORT_DATE_FORMAT')}"


def region_words(course: Course) -> str:
    """Return for whom the course is; its townships are prefetched."""
    if course.township is not None:
        return course.township.name
    return "、".join(township.name for township in course.townships.all()) or _("Whole city")


def course_rows(user: User) -> Callable[[list[Course]], list[dict[str, Any]]]:
    """Return what prepares one page of courses, with the numbers of those whom the reader sees."""

    def rows(courses: list[Course]) -> list[dict[str, Any]]:
        invited = _numbers(Invitation.objects.visible_to(user), courses)
        came = _numbers(Attendance.objects.visible_to(user), courses)
        return [
            {
                "url": course.get_absolute_url(),
                "title": course.title,
                "days": days_of(course),
                "region": region_words(course),
                "content": course.get_content_display(),
                "provider": course.provider.name,
                "hours": hours(course.minutes),
                "places": course.capacity,
                "invited": invited.get(course.pk, 0),
                "came": came.get(course.pk, 0),
                "state": course_badge(course),
            }
            for course in courses
        ]

    return rows


def _numbers(records: Any, courses: Iterable[Course]) -> dict[int, int]:
    found = records.filter(course__in=[course.pk for course in courses]).order_by()
    return dict(found.values_list("course").annotate(Count("pk")))


def _person(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "pk": row["id"],
        "name": row["volunteer__name"],
        "number": row["volunteer__number"],
        "unit": row["volunteer__unit"] or row["volunteer__village__name"],
        "township": row["volunteer__township__name"],
    }


def attended_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Prepare one page of those who came (``ATTENDED_FIELDS`` of each)."""
    base = reverse("training:attendance_list")
    hows = {value: str(label) for value, label in Attendance.How.choices}
    return [
        _person(row)
        | {
            "url": f"{base}{row['id']}/",
            "result": result_badge(row["result"]),
            "hours": hours(row["minutes"]),
            "how": hows[row["how"]],
        }
        for row in rows
    ]


def invited_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Prepare one page of those invited (``INVITED_FIELDS`` of each)."""
    yes, no = badge("ok", _("Came")), badge("neutral", _("Not recorded"))
    return [
        _person(row)
        | {
            "invited_on": date_format(timezone.localtime(row["invited_at"]), "SHORT_DATE_FORMAT"),
            "came": yes if row["has_come"] else no,
        }
        for row in rows
    ]


def attendance_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Prepare one page of attendances of many courses (``ATTENDANCE_FIELDS`` of each)."""
    base = reverse("training:course_list")
    contents = {value: str(label) for value, label in Course.Content.choices}
    return [
        {
            "pk": row["id"],
            "url": f"{base}{row['course']}/",
            "name": row["volunteer__name"],
            "number": row["volunteer__number"],
            "township": row["township__name"],
            "course": row["course__title"],
            "content": contents[row["course__content"]],
            "date": date_format(row["date"], "SHORT_DATE_FORMAT"),
            "hours": hours(row["minutes"]),
            "result": result_badge(row["result"]),
        }
        for row in rows
    ]


def need_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Prepare one page of volunteers with their last training (``NEED_FIELDS`` of each)."""
    base = reverse("volunteers:list")
    never = badge("warn", _("Never trained"))
    return [
        {
            "pk": row["id"],
            "url": f"{base}{row['id']}/",
            "name": row["name"],
            "number": row["number"],
            "skill": in_words(row["primary_skill__name"], row["primary_skill__name_en"]),
            "unit": row["unit"] or row["village__name"],
            "township": row["township__name"],
            "last": never if row["last_trained"] == NEVER else date_format(row["last_trained"], "SHORT_DATE_FORMAT"),
        }
        for row in rows
    ]


def result_badge(result: str) -> str:
    """Return a result as a word with an icon."""
    return badge(RESULT_TONES[result], Result(result).label)


# --- What a list would do -------------------------------------------------------------------------------


def match_rows(matches: Iterable[Match], choices: dict[int, str]) -> list[dict[str, Any]]:
    """Prepare the lines of a list as the preview shows them: what is open first."""
    order = {DOUBTFUL: 0, REFUSED: 1, UNKNOWN: 2, CHANGED: 3, NEW: 4, TWICE: 5, SAME: 6}
    badges = match_badges()
    hows = {value: str(label) for value, label in Attendance.How.choices}
    return [
        {
            "place": match.line.place,
            "text": match.line.text,
            "who": f"{match.person.name}({match.person.number})" if match.person else "",
            "unit": (match.person.unit or match.person.village) if match.person else "",
            "is_invited": match.is_invited,
            "how": hows.get(match.how, ""),
            "result": Result(match.result).label if match.result else "",
            "note": match.text,
            "warning": match.warning,
            "state": badges[match.state],
            "candidates": [
                {"pk": person.pk, "label": person.label, "is_chosen": choices.get(match.line.place) == str(person.pk)}
                for person in match.candidates
            ]
            if match.state == DOUBTFUL
            else [],
        }
        for match in sorted(matches, key=lambda match: (order[match.state], match.line.place))
    ]


def match_badges() -> dict[str, str]:
    """Return each state of a line as a word with an icon."""
    return {
        NEW: badge("ok", _("Found")),
        CHANGED: badge("info", _("New result")),
        SAME: badge("neutral", _("Recorded already")),
        TWICE: badge("neutral", _("Listed twice")),
        DOUBTFUL: badge("warn", _("Doubtful")),
        UNKNOWN: badge("bad", _("Not found")),
        REFUSED: badge("bad", _("Cannot have been there")),
    }


def month_words(month: date) -> str:
    """Return a month in the reader's language."""
    return date_format(month, "YEAR_MONTH_FORMAT")


# --- The dossier ----------------------------------------------------------------------------------------


def training_section(volunteer: Volunteer, reader: User) -> Context:
    """Tell what the person attended, also under a record that was merged into this one."""
    theirs = Q(volunteer=volunteer) | Q(volunteer__merged_into=volunteer)
    found = list(Attendance.objects.filter(theirs).select_related("course__provider").order_by("-date", "-id"))
    open_pks = [each.course_id for each in found] if reader.may(Right.VIEW_TRAINING) else []
    courses = Course.objects.visible_to(reader).filter(pk__in=open_pks).order_by()
    visible = set(courses.values_list("pk", flat=True))
    return {
        "attendances": [(each, each.course_id in visible, result_badge(each.result)) for each in found],
        "courses": len(found),
        "hours": hours(sum(each.minutes for each in found)),
    }
