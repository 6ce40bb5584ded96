"""Rows of a list as values: every cell read once, and what a row says compared with itself. The database is not asked.

A row becomes a list of values in the order of ``FIELDS`` (None: the file says nothing), and its problems. Columns are
read as a whole, which costs a fraction of reading row by row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.models import User
from areas.former_names import former_township_names, former_village_names
from areas.models import Township, Village
from common.workbook.opening import Cell, Row
from volunteers.domain.volunteer import ADULT
from volunteers.imports import cells
from volunteers.imports.cells import Memo
from volunteers.imports.columns import COLUMNS
from volunteers.imports.problems import Bad, Problem
from volunteers.models import SkillType, Volunteer
from volunteers.models.volunteer import TEXT_LIMITS

# What a row says, in this order; the last is the pair of skill types, the primary and the further ones.
FIELDS = COLUMNS
AT = {column: place for place, column in enumerate(FIELDS)}
NUMBER, NAME, GENDER, BIRTH, PHONE, ID = (
    AT[name] for name in ("number", "name", "gender", "birth_date", "phone", "id_number")
)
TOWNSHIP, VILLAGE, SKILLS, FURTHER = (AT[name] for name in ("township", "village", "skills", "further_skills"))
PARTY, JOINED = AT["joined_party_on"], AT["joined_on"]
TEXTS = ("speciality", "unit", "occupation", "post", "discipline", "interests", "party_branch")
SEPARATORS = str.maketrans(dict.fromkeys("、，,;；/|\n和及", "、"))


def last_day(day: str) -> str:
    """Return a day; for a month what no day of it lies after."""
    return day if len(day) > len("2005-06") else f"{day}-31"


@dataclass(slots=True)
class Line:
    """One row: its number in the file, its values, and what is wrong with them."""

    number: int
    values: list[Any]
    problems: list[Problem]


class Directory:
    """What cells may name, read from the database once: townships, villages, skill types, and the words for choices."""

    def __init__(self, user: User) -> None:
        """Learn what ``user`` may name: staff of a township only that and its villages."""
        self.own = user.township
        townships = Township.objects.current().values_list("pk", "name", "code")
        self.townships = {pk: (name, code) for pk, name, code in townships}
        self.villages: dict[str, dict[int, int]] = {}
        # The township of each village.
        self.township_of: dict[int, int] = {}
        villages = Village.objects.visible_to(user).current()
        for pk, name, code, township in villages.values_list("pk", "name", "code", "township"):
            self.township_of[pk] = township
            for called in {code, *_short_names(name)}:
                self.villages.setdefault(called, {})[township] = pk
        # A file from before a place was renamed or merged means today's, unless another one has the name now.
        for pk, names in former_village_names().items():
            if pk in self.township_of:
                for called in {short for name in names for short in _short_names(name)}:
                    self.villages.setdefault(called, {}).setdefault(self.township_of[pk], pk)
        self.skills: dict[str, tuple[int, str, bool]] = {}
        skills = SkillType.objects.values_list("pk", "name", "name_en", "code", "is_retired")
        for pk, name, name_en, code, retired in skills:
            for called in (name, name.removesuffix("型"), name_en, code):
                self.skills.setdefault(cells.word(called), (pk, name, retired))
        self.skill_names = "、".join(name for _pk, name, _en, _code, retired in skills if not retired)
        by_name = {cells.word(name): pk for pk, (name, _code) in self.townships.items()}
        by_short = {cells.word(name[:-1]): pk for pk, (name, _code) in self.townships.items() if len(name) > 2}
        by_code = {code: pk for pk, (_name, code) in self.townships.items()}
        before = {
            cells.word(called): pk
            for pk, names in former_township_names().items()
            for name in sorted(names)
            for called in (name, name[:-1])
            if len(called) > 1
        }
        self._township_called = {**before, **by_short, **by_name, **by_code}

    def township(self, cell: Cell) -> int | Bad:
        """Return the township that a cell names; staff name none but their own."""
        found = self._township_called.get(cells.word(cell)) or self._township_called.get(_end_of(cells.word(cell)))
        if found is None:
            return Bad("township")
        if self.own is not None and found != self.own.pk:
            return Bad("foreign_township", {"own": self.own.name})
        return found

    def village(self, cell: Cell) -> dict[int, int] | Bad:
        """Return the villages that a cell may mean, by their townships."""
        text = cells.word(cell)
        return self.villages.get(text) or self.villages.get(_shortened(text)) or Bad("village")

    def skill_types(self, cell: Cell) -> list[int] | Bad:
        """Return the skill types that a cell lists, the first first."""
        found: list[int] = []
        for part in cells.text_of(cell).translate(SEPARATORS).split("、"):
            name = part.strip()
            if not name:
                continue
            known = self.skills.get(cells.word(name)) or self.skills.get(cells.word(name).removesuffix("型"))
            if known is None:
                return Bad("skills", {"name": name[:30], "choices": self.skill_names})
            pk, called, retired = known
            if retired:
                return Bad("skill_retired", {"name": called, "choices": self.skill_names})
            if pk not in found:
                found.append(pk)
        return found or Bad("skills", {"name": "", "choices": self.skill_names})

    def readers(self) -> dict[str, Memo]:
        """Return what reads each column."""
        readers: dict[str, Any] = {
            "number": cells.number_of,
            "name": cells.name_of,
            "gender": cells.gender_of,
            "birth_date": cells.day_of,
            "phone": cells.phone_of,
            "id_number": cells.id_number_of,
            "township": self.township,
            "village": self.village,
            "skills": self.skill_types,
            "further_skills": self.skill_types,
            "is_rural_expert": cells.yes_no_of,
            "unit_kind": cells.choice_of("unit_kind", UNIT_KINDS, UNIT_KINDS_SHOWN),
            "education": cells.choice_of("education", EDUCATIONS, EDUCATIONS_SHOWN),
            "joined_party_on": cells.day_or_month_of,
            "joined_on": cells.day_of,
            "shows_name": cells.yes_no_of,
            "shows_phone": cells.yes_no_of,
        } | {name: cells.line_of(TEXT_LIMITS[name]) for name in TEXTS}
        return {name: Memo(read) for name, read in readers.items()}


def _short_names(name: str) -> set[str]:
    return {cells.word(name), _shortened(cells.word(name))}


def _shortened(name: str) -> str:
    """Leave out what a village is called besides its name: 东岸村民委员会, 东岸村委会 and 东岸村 are 东岸."""
    for end in ("村民委员会", "社区居民委员会", "居民委员会", "社区居委会", "村委会", "居委会", "社区", "村"):
        if name.endswith(end) and len(name) > len(end):
            return name.removesuffix(end)
    return name


def _end_of(name: str) -> str:
    """Leave out what a township lies in: 浙江省乐清市大荆镇 is 大荆镇."""
    for sign in "市县区":
        name = name.rpartition(sign)[2] or name
    return name


def _words(meanings: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    return {cells.word(called): value for value, names in meanings.items() for called in names}


_KIND, _EDUCATION = Volunteer.UnitKind, Volunteer.Education
UNIT_KINDS_SHOWN = "乡镇机关、基层站所、中小学校、其他"
UNIT_KINDS = _words(
    {
        _KIND.OFFICE.value: (
            "乡镇机关",
            "机关",
            "镇机关",
            "乡机关",
            "街道机关",
            "机关单位",
            "行政机关",
            "行政",
            "Township office",
            "office",
        ),
        _KIND.STATION.value: ("基层站所", "站所", "基层所站", "事业单位", "事业", "Grassroots station", "station"),
        _KIND.SCHOOL.value: ("中小学校", "学校", "中小学", "小学", "中学", "Primary or secondary school", "school"),
        _KIND.OTHER.value: (
            "其他",
            "其它",
            "其他单位",
            "其它单位",
            "企业",
            "村",
            "农村",
            "村社区",
            "社区",
            "村居",
            "个体",
            "Other unit",
            "other",
        ),
    }
)
EDUCATIONS_SHOWN = "小学、初中、高中、大专、本科、硕士及以上"
EDUCATIONS = _words(
    {
        _EDUCATION.PRIMARY.value: ("小学", "小学及以下", "小学以下", "Primary school", "primary"),
        _EDUCATION.JUNIOR.value: ("初中", "初中及以下", "Junior secondary school", "junior"),
        _EDUCATION.SENIOR.value: (
            "高中",
            "中专",
            "职高",
            "技校",
            "中技",
            "高中中专",
            "Senior secondary school",
            "senior",
        ),
        _EDUCATION.COLLEGE.value: ("大专", "专科", "大学专科", "高职", "College", "college"),
        _EDUCATION.BACHELOR.value: ("本科", "大学", "大学本科", "学士", "Bachelor", "bachelor"),
        _EDUCATION.MASTER.value: (
            "硕士",
            "硕士及以上",
            "硕士研究生",
            "研究生",
            "博士",
            "博士研究生",
            "Master or higher",
            "master",
        ),
    }
)


class Reader:
    """Reads rows of one sheet by what its columns mean."""

    def __init__(self, directory: Directory, columns: Mapping[str, int], defaults: Mapping[str, Any]) -> None:
        """Read each of ``columns`` at its place; a township that ``defaults`` names holds where the row has none."""
        self.directory = directory
        self.columns = dict(columns)
        self.township = directory.own.pk if directory.own else defaults.get("township")
        self.memos = directory.readers()
        self.today = timezone.localdate().isoformat()

    def read(self, rows: Sequence[Row]) -> list[Line]:
        """Return the lines of some rows."""
        width = max((len(cells_) for _number, cells_ in rows), default=0)
        nothing: list[Cell] = [None] * width
        padded = [cells_ if len(cells_) == width else cells_ + nothing[len(cells_) :] for _number, cells_ in rows]
        by_place = list(zip(*padded, strict=True))
        empty = [None] * len(rows)
        read = [
            list(map(self.memos[name].__getitem__, by_place[place]))
            if (place := self.columns.get(name, width)) < width
            else empty
            for name in FIELDS
        ]
        spoiled: dict[int, list[Problem]] = {}
        for name, column in zip(FIELDS, read, strict=True):
            if column is empty:
                continue
            # Types are compared at the speed of C; most columns have no bad cell at all.
            if Bad in set(map(type, column)):
                for place, value in enumerate(column):
                    if type(value) is Bad:
                        spoiled.setdefault(place, []).append(Problem(name, value.code, value.params))
                        column[place] = None
        lines = []
        for place, values in enumerate(zip(*read, strict=True)):
            line = Line(rows[place][0], list(values), spoiled.get(place, []))
            self._compare(line)
            lines.append(line)
        return lines

    def _compare(self, line: Line) -> None:
        """Complete a row from itself, and find what contradicts itself in it."""
        values = line.values
        if values[ID]:
            self._compare_id(line)
        birth, joined, party = values[BIRTH], values[JOINED], values[PARTY]
        if birth:
            adult = f"{int(birth[:4]) + ADULT}{birth[4:]}"
            if adult > (joined or self.today):
                line.problems.append(Problem("birth_date", "under_age"))
            elif party and adult > last_day(party):
                line.problems.append(Problem("joined_party_on", "party_age"))
        self._place(line)
        skills, further = values[SKILLS], values[FURTHER]
        # The first is the primary one; what is listed behind it, or in a column of its own, are further ones.
        if skills and (further or len(skills) > 1):
            values[FURTHER] = tuple(sorted({*skills[1:], *(further or ())} - {skills[0]}))
        elif further:
            values[FURTHER] = tuple(sorted(further))
        values[SKILLS] = skills[0] if skills else None

    def _compare_id(self, line: Line) -> None:
        values, number = line.values, line.values[ID]
        born = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
        gender = "male" if int(number[16]) % 2 else "female"
        if values[BIRTH] is None and all(problem.column != "birth_date" for problem in line.problems):
            checked = self.memos["birth_date"][born]
            if type(checked) is Bad:
                line.problems.append(Problem("id_number", "id_form"))
            else:
                values[BIRTH] = checked
        elif values[BIRTH] is None and any(problem.code == "no_day" for problem in line.problems):
            # 1985.03 beside an ID number: the number knows the day.
            line.problems = [problem for problem in line.problems if problem.code != "no_day"]
            values[BIRTH] = born
        elif values[BIRTH] not in (None, born):
            line.problems.append(Problem("id_number", "id_birth", {"said": born}))
        if values[GENDER] is None and all(problem.column != "gender" for problem in line.problems):
            values[GENDER] = gender
        elif values[GENDER] not in (None, gender):
            line.problems.append(Problem("id_number", "id_gender"))

    def _place(self, line: Line) -> None:
        """Let village and township follow from each other."""
        values = line.values
        named, villages = values[TOWNSHIP], values[VILLAGE]
        values[VILLAGE] = None
        if villages:
            township = named or (self.township if len(villages) > 1 or self.directory.own else None)
            if township is None and len(villages) == 1:
                township = next(iter(villages))
            if township is None:
                line.problems.append(Problem("village", "village_which"))
            elif township not in villages:
                line.problems.append(Problem("village", "village"))
            else:
                values[VILLAGE], values[TOWNSHIP] = villages[township], township
