"""An office with its list of volunteers, as the tests of the import meet it."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any
from uuid import uuid4

from accounts.models import User
from accounts.rights import Role
from areas.models import Village
from tests.factories import make_skill_type, make_user, make_village
from volunteers.domain.volunteer_import import confirm_volunteers, go_on, map_columns, remembered_for, upload_volunteers
from volunteers.imports.parts import page_of
from volunteers.imports.problems import Problem, cure_of, reason_of
from volunteers.imports.reading import read_sheets
from volunteers.models import SkillType, VolunteerImport

HEADER = ("姓名", "性别", "出生日期", "手机", "村", "能力类型", "单位类别", "工作单位")


class Office:
    """A township's staff, one of its villages, and two skill types, 农业服务型 and 医疗服务型."""

    def __init__(self, role: Role = Role.TOWNSHIP_STAFF) -> None:
        self.village: Village = make_village(name="东岸村")
        self.township = self.village.township
        self.by: User = make_user(role, **({"township": self.township} if role == Role.TOWNSHIP_STAFF else {}))
        self.farming: SkillType = skill_called("农业服务型")
        self.medical: SkillType = skill_called("医疗服务型")

    def row(self, name: str = "张建国", **cells: Any) -> list[Any]:
        """Return a row of ``HEADER``, right unless a cell is given."""
        values = {
            "姓名": name,
            "性别": "男",
            "出生日期": "1980-05-06",
            "手机": phone_of(name),
            "村": "东岸村",
            "能力类型": "农业服务型",
            "单位类别": "其他",
            "工作单位": "",
        } | cells
        return [values[column] for column in HEADER]

    def uploaded(self, *rows: Sequence[Any], header: Iterable[str] = HEADER, by: User | None = None) -> VolunteerImport:
        """Upload the rows as CSV."""
        data = "\n".join(",".join(str(cell) for cell in row) for row in (tuple(header), *rows)).encode()
        by = by or self.by
        return upload_volunteers(
            read_sheets(data, remembered_for(by.township_id)),
            key=uuid4(),
            file_name="义工.csv",
            sha256=sha256(data).hexdigest(),
            by=by,
        )

    def checked(
        self,
        *rows: Sequence[Any],
        header: Iterable[str] = HEADER,
        by: User | None = None,
        defaults: dict[str, Any] | None = None,
    ) -> VolunteerImport:
        """Upload the rows, confirm the columns as they were recognised, and check."""
        found = self.uploaded(*rows, header=header, by=by)
        by = by or self.by
        map_columns(found, sheet=found.sheet, columns=found.columns, defaults=defaults or {}, by=by)
        return work(found)

    def imported(self, *rows: Sequence[Any], only_good: bool = True, **options: Any) -> VolunteerImport:
        """Upload, check and import the rows."""
        by = options.get("by") or self.by
        found = self.checked(*rows, **options)
        return work(confirm_volunteers(found, only_good=only_good, version=found.version, by=by))


def skill_called(name: str) -> SkillType:
    """Return the skill type, which the reference data may hold already."""
    return SkillType.objects.filter(name=name).first() or make_skill_type(name=name)


def phone_of(name: str) -> str:
    """Return a phone that only people of this name have."""
    return f"139{int(sha256(name.encode()).hexdigest()[:8], 16) % 10**8:08}"


def work(volunteer_import: VolunteerImport) -> VolunteerImport:
    """Do what the import waits for, as the worker does, and return it as it is then."""
    go_on(VolunteerImport.objects.select_related("by").get(pk=volunteer_import.pk), lambda _done, _total: None)
    return VolunteerImport.objects.get(pk=volunteer_import.pk)


def rows(volunteer_import: VolunteerImport, kind: str) -> list[Any]:
    """Return the rows of a kind."""
    return [row for _kind, row in page_of(volunteer_import, [kind], 0, 1000)]


def problems(volunteer_import: VolunteerImport) -> dict[int, list[tuple[str, str]]]:
    """Return what is wrong: row → column and code; each has words for its reason and cure."""
    told = {row[0]: [Problem(*each) for each in row[2]] for row in rows(volunteer_import, "wrong")}
    assert all(reason_of(each) and cure_of(each) for found in told.values() for each in found)
    return {number: [(each.column, each.code) for each in found] for number, found in told.items()}
