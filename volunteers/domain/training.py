"""The figures of training: 场 courses held, 人 persons counted once, 人次 person-times, and person-minutes.

Each figure counts a queryset that the pages list, narrowed to what the reader sees: the figure is its rows.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncMonth

from accounts.models import User
from areas.models import Township
from volunteers.models import Attendance, Course
from volunteers.models.attendance import AttendanceQuerySet
from volunteers.models.course import CourseQuerySet


@dataclass(frozen=True)
class Figures:
    """Training of a period, place or kind."""

    courses: int = 0
    persons: int = 0
    person_times: int = 0
    minutes: int = 0


NOTHING = Figures()
# Two records of one person that were merged are one person.
PERSONS = Count(Coalesce("volunteer__merged_into", "volunteer"), distinct=True)


@dataclass(frozen=True)
class Training:
    """The figures of a period in all, and by month, township (of the volunteers) and kind of content."""

    total: Figures
    by_month: dict[date, Figures]
    by_township: dict[int, Figures]
    by_content: dict[str, Figures]


def training_between(first: date, last: date, *, township: Township | None = None, user: User) -> Training:
    """Return the figures of the courses that began from ``first`` to ``last``, as far as ``user`` sees them."""
    courses = Course.objects.visible_to(user).held().filter(starts_on__range=(first, last))
    attendances = Attendance.objects.visible_to(user).filter(date__range=(first, last))
    if township is not None:
        courses, attendances = courses.reaching([township.pk]), attendances.filter(township=township)
    return Training(
        total=_total(courses, attendances),
        by_month=_merged(
            _counted(courses.annotate(month=TruncMonth("starts_on")), "month"),
            _summed(attendances.annotate(month=TruncMonth("date")), "month"),
        ),
        by_township=_by_township(attendances),
        by_content=_merged(_counted(courses, "content"), _summed(attendances, "course__content")),
    )


def _total(courses: CourseQuerySet, attendances: AttendanceQuerySet) -> Figures:
    sums = attendances.order_by().aggregate(persons=PERSONS, times=Count("pk"), minutes=Sum("minutes"))
    return Figures(courses.count(), sums["persons"], sums["times"], sums["minutes"] or 0)


def _by_township(attendances: AttendanceQuerySet) -> dict[int, Figures]:
    """Count by the volunteers' township; the courses are those that its volunteers attended."""
    rows = attendances.order_by().values_list("township").annotate(
        courses=Count("course", distinct=True), persons=PERSONS, times=Count("pk"), sum=Sum("minutes")
    )  # fmt: skip
    return {key: Figures(courses, persons, times, minutes) for key, courses, persons, times, minutes in rows}


def _counted(courses: QuerySet[Course], key: str) -> dict:
    return dict(courses.order_by().values_list(key).annotate(Count("pk")))


def _summed(attendances: QuerySet[Attendance], key: str) -> dict:
    rows = attendances.order_by().values_list(key).annotate(
        persons=PERSONS, times=Count("pk"), sum=Sum("minutes")
    )  # fmt: skip
    return {key: sums for key, *sums in rows}


def _merged(courses: dict, sums: dict) -> dict:
    return {
        key: Figures(courses.get(key, 0), *sums.get(key, (0, 0, 0))) for key in sorted(courses.keys() | sums.keys())
    }
