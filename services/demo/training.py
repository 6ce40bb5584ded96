"""Courses like those of the programme's report: 21 in its best month, with 3 700 person-times in a city."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from random import Random

from services.demo.load import stamp, write
from services.demo.logs import key
from services.demo.scale import Calendar
from volunteers.models import Attendance, Course, Invitation, OpenName, Provider, Volunteer
from volunteers.models.course import CODE_LENGTH, CODE_SIGNS

WRITTEN = (Provider, Course, Course.townships.through, Invitation, Attendance, OpenName)
PROVIDERS = (
    ("中共乐清市委党校", "party_school"),
    ("乐清市职业技术学校", "vocational"),
    ("乐清市党员干部现代远程教育中心", "remote"),
    ("乐清市红十字会培训中心", "other"),
    ("乐清市法律援助中心", "other"),
)
# Title, provider, content, skill type ("" for all), minutes, begins, ends.
SUBJECTS = (
    ("党员义工服务礼仪与沟通", 0, "service", "", 180, "08:30", "11:30"),
    ("网格走访与服务日志填写", 2, "service", "", 120, "14:00", "16:00"),
    ("心肺复苏与现场急救", 3, "knowledge", "medical", 360, "08:30", "16:30"),
    ("高血压、糖尿病随访要点", 3, "knowledge", "medical", 180, "13:30", "16:30"),
    ("农村土地承包与婚姻家庭法律", 4, "knowledge", "legal", 180, "08:30", "11:30"),
    ("邻里纠纷调解方法", 0, "knowledge", "mediation", 180, "13:30", "16:30"),
    ("枇杷病虫害防治", 2, "knowledge", "agriculture", 180, "08:30", "11:30"),
    ("家庭电路检修与用电安全", 1, "knowledge", "technical", 360, "08:30", "16:30"),
    ("文化礼堂活动组织", 0, "service", "culture", 180, "13:30", "16:30"),
    ("老年人陪护与心理关怀", 1, "service", "living", 180, "08:30", "11:30"),
)
HOWS, HOW_ODDS = ("number", "name_unit", "name", "sign_in", "chosen"), (30, 30, 22, 15, 3)
RESULTS, RESULT_ODDS = ("passed", "not_assessed", "failed"), (70, 25, 5)
COURSE_FIELDS = (
    "id", "key", "code", "title", "content", "speciality_id", "provider_id", "township_id", "place", "starts_on",
    "ends_on", "begins_at", "closes_at", "minutes", "capacity", "state", "cancelled_reason", "recorded_by_id",
    "recorded_at",
)  # fmt: skip
INVITATION_FIELDS = ("id", "course_id", "volunteer_id", "township_id", "invited_by_id", "invited_at")
ATTENDANCE_FIELDS = (
    "id", "course_id", "volunteer_id", "township_id", "date", "how", "result", "minutes", "recorded_by_id",
    "recorded_at",
)  # fmt: skip
# The share of all volunteers who are trained in the month of the report (3 717 of 19 000), and in any other.
BEST_MONTH, OTHER_MONTH = 0.195, 0.05
BEST_COURSES, OTHER_COURSES = 21, 6


@dataclass(frozen=True)
class Pupil:
    """A volunteer who may come."""

    pk: int
    township: int
    joined: date


class Training:
    """Plans, invites and records for all townships; the first of them is where the logins look."""

    def __init__(
        self, calendar: Calendar, offices: Mapping[int, int], admin: int, skills: Mapping[str, int], random: Random
    ) -> None:
        """Take each township's staff account, the administrator's, and the keys of the skill types."""
        self.calendar, self.offices, self.admin, self.skills, self.random = calendar, offices, admin, skills, random
        self.keys = {model: count(1) for model in WRITTEN}
        self.pupils = [
            Pupil(*row)
            for row in Volunteer.objects.active().order_by("pk").values_list("pk", "township_id", "joined_on")
        ]
        self.by_township: defaultdict[int, list[Pupil]] = defaultdict(list)
        for pupil in self.pupils:
            self.by_township[pupil.township].append(pupil)
        self.rows: defaultdict[type, list[tuple]] = defaultdict(list)

    def hold(self) -> None:
        """Write the courses of all months, one that was cancelled, today's, and two that are still to come."""
        write(Provider, ("id", "name", "kind"), ((next(self.keys[Provider]), *each) for each in PROVIDERS))
        today, first = self.calendar.today, next(iter(self.offices))
        for month in self.calendar.months:
            best = month == self.calendar.month(1)
            courses = self._courses(BEST_COURSES if best else OTHER_COURSES)
            people = round(len(self.pupils) * (BEST_MONTH if best else OTHER_MONTH) / courses)
            for number in range(courses):
                day = month + timedelta(days=self.random.randrange(27))
                if day < today:
                    township = None if number % 3 == 0 else self._township(number)
                    self._held(day, township, max(3, round(people * self.random.uniform(0.85, 1.15))))
        last = self.rows[Course][-1]
        if last[COURSE_FIELDS.index("township_id")] is None:
            self._held(today - timedelta(days=2), first, 8)
        self._open_names(first)
        self._planned(today, None, self._some(None, today, 20))
        self._planned(today + timedelta(days=9), first, self._some(first, today, 12))
        self._planned(today + timedelta(days=16), None, [])
        self._cancelled(self.calendar.month(0) - timedelta(days=20), first)
        for model, fields in (
            (Course, COURSE_FIELDS), (Course.townships.through, ("id", "course_id", "township_id")),
            (Invitation, INVITATION_FIELDS), (Attendance, ATTENDANCE_FIELDS),
            (OpenName, ("id", "course_id", "township_id", "line", "recorded_by_id", "recorded_at")),
        ):  # fmt: skip
            write(model, fields, self.rows[model])

    def _courses(self, most: int) -> int:
        """Return how many courses there are in a month: fewer where there are fewer people."""
        return max(1, min(most, len(self.pupils) // 60))

    def _township(self, number: int) -> int:
        townships = list(self.offices)
        return townships[0] if number % 5 == 1 else self.random.choice(townships)

    def _some(self, township: int | None, day: date, wanted: int) -> list[Pupil]:
        """Draw people who were in the programme on the day."""
        pool = self.pupils if township is None else self.by_township[township]
        drawn = self.random.sample(pool, min(wanted, len(pool)))
        return [pupil for pupil in drawn if pupil.joined <= day]

    def _course(self, day: date, township: int | None, capacity: int, state: str, reason: str = "") -> tuple:
        title, provider, content, skill, minutes, begins, ends = self.random.choice(SUBJECTS)
        recorder = self.admin if township is None else self.offices[township]
        code = "".join(self.random.choice(CODE_SIGNS) for _sign in range(CODE_LENGTH))
        row = (
            next(self.keys[Course]), key(self.random), code, f"{title}培训班", content,
            self.skills[skill] if skill else None, provider + 1, township,
            "市委党校报告厅" if township is None else "文化礼堂", day.isoformat(), day.isoformat(), f"{begins}:00",
            f"{ends}:00", minutes, capacity, state, reason, recorder, stamp(day - timedelta(days=15), 9 * 60),
        )  # fmt: skip
        self.rows[Course].append(row)
        return row

    def _held(self, day: date, township: int | None, people: int) -> None:
        invited = self._some(township, day, round(people * 1.12))
        came = [pupil for pupil in invited if self.random.random() < 0.88] or invited[:1]
        row = self._course(day, township, -(-len(invited) // 10) * 10 or 10, "held")
        course, minutes, recorder = row[0], row[COURSE_FIELDS.index("minutes")], row[-2]
        self._invite(course, invited, day, recorder)
        for pupil in came:
            how = self.random.choices(HOWS, HOW_ODDS)[0]
            self.rows[Attendance].append(
                (
                    next(self.keys[Attendance]), course, pupil.pk, pupil.township, day.isoformat(), how,
                    self.random.choices(RESULTS, RESULT_ODDS)[0], minutes, None if how == "sign_in" else recorder,
                    stamp(day, 17 * 60),
                )
            )  # fmt: skip

    def _planned(self, day: date, township: int | None, invited: list[Pupil]) -> None:
        row = self._course(day, township, max(20, len(invited) + 10), "planned")
        self._invite(row[0], invited, self.calendar.today, row[-2])

    def _cancelled(self, day: date, township: int) -> None:
        self._course(day, township, 40, "cancelled", "台风，改期再办")

    def _invite(self, course: int, invited: list[Pupil], day: date, by: int) -> None:
        for pupil in invited:
            at = stamp(day - timedelta(days=7), 10 * 60)
            self.rows[Invitation].append((next(self.keys[Invitation]), course, pupil.pk, pupil.township, by, at))

    def _open_names(self, township: int) -> None:
        """Leave two lines of the township's latest list that nobody was found for."""
        last = next(row for row in reversed(self.rows[Course]) if row[COURSE_FIELDS.index("township_id")] == township)
        for line in ("林建国 供销社", "陈晓燕"):
            at = stamp(self.calendar.today - timedelta(days=1), 17 * 60)
            self.rows[OpenName].append(
                (next(self.keys[OpenName]), last[0], township, line, self.offices[township], at)
            )  # fmt: skip
