"""Importing 20 000 × 15 rows of .xlsx: ours, django-import-export as it comes and in bulk, and what nothing can beat.

``python -m bench.imports`` makes the file, and for each engine an empty register; every way of importing is a process
of its own on a fresh copy. Ours is timed with all that it does: reading, naming the columns, checking, the preview and
its first page, duplicates, the trail, the import. The others read the file and write the people once: no preview, and
in bulk no trail. ``--rows`` measures another size; ``--memory`` how far ours grows at 200 000 rows.
"""

import argparse
import hashlib
import json
import os
import random
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench.database import KEPT, ROOT, Cluster, environment, manage

GOALS = {"import-export": 30.0, "import-export-bulk": 12.0}
BARE_GOAL, MEMORY_GOAL = 3.0, 200
HEAD = [
    "姓名", "性别", "出生日期", "手机", "党支部", "入党时间", "工作单位", "单位性质", "乡镇", "村", "能力类型",
    "职务", "专业", "特长", "文化程度",
]  # fmt: skip
FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂建国华文辉玲红梅志海春燕小龙飞鹏宇婷"
ROUNDS = {"ours": 3, "bare": 3, "import-export": 1, "import-export-bulk": 1}


# --- The file ---------------------------------------------------------------------------------------------


def write_file(path: Path, rows: int, villages: list[list[str]]) -> None:
    """Write the workbook, the same on every machine: real dates, phones as text, most people unlike all others."""
    import xlsxwriter

    chance = random.Random(20_000)
    drawn: set[tuple[str, date]] = set()
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_numbers": False}) as workbook:
        sheet = workbook.add_worksheet("义工")
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, HEAD)
        for line in range(1, rows + 1):
            village, township = chance.choice(villages)
            while (who := _somebody(chance)) in drawn:
                pass
            drawn.add(who)
            name, born = who
            cells = [
                name,
                chance.choice("男女"),
                born,
                str(13_000_000_000 + line * 7),
                f"第{chance.randrange(200)}党支部",
                date(2018, 1, 1) + timedelta(days=chance.randrange(2_000)),
                f"第{chance.randrange(500)}单位",
                chance.choice(["乡镇机关", "基层站所", "中小学校", "其他"]),
                township,
                village,
                chance.choice(["农业服务型", "医疗服务型", "生活服务型"]),
                "干事",
                "农学",
                f"修水泵{chance.randrange(300)}",
                "大专",
            ]
            for place, value in enumerate(cells):
                if isinstance(value, date):
                    sheet.write_datetime(line, place, value, day)
                else:
                    sheet.write_string(line, place, value)


def _somebody(chance: random.Random) -> tuple[str, date]:
    name = chance.choice(FAMILY) + chance.choice(GIVEN) + chance.choice(GIVEN)
    return name, date(1950, 1, 1) + timedelta(days=chance.randrange(18_000))


# --- The ways to import, each in a process of its own -------------------------------------------------------


def ours(path: Path) -> dict[str, float]:
    """Upload, name the columns, check, look at the preview, confirm and import."""
    from django.test import Client

    from accounts.models import User
    from volunteers.domain import volunteer_import as domain
    from volunteers.imports.reading import read_sheets
    from volunteers.models import VolunteerImport

    by = User.objects.get(username="bench")
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(by, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/volunteers/imports/")  # a server's first page of all loads templates and addresses
    laps, began = {}, time.perf_counter()

    def lap(name: str) -> None:
        nonlocal began
        now = time.perf_counter()
        laps[name], began = now - began, now

    def work() -> VolunteerImport:
        waiting = VolunteerImport.objects.select_related("by", "confirmed_by").get(pk=found.pk)
        domain.go_on(waiting, lambda done, total: None)
        return VolunteerImport.objects.get(pk=found.pk)

    data = path.read_bytes()
    sheets = read_sheets(data, domain.remembered_for(by.township_id))
    sha256 = hashlib.sha256(data).hexdigest()
    found = domain.upload_volunteers(sheets, key=uuid4(), file_name="bench.xlsx", sha256=sha256, by=by)
    lap("read")
    domain.map_columns(found, sheet=found.sheet, columns=found.columns, defaults={}, by=by)
    found = work()
    lap("check")
    assert client.get(found.get_absolute_url()).status_code == 200
    lap("page")
    assert not found.counts["wrong"], found.counts
    domain.confirm_volunteers(found, only_good=False, version=found.version, by=by)
    found = work()
    lap("import")
    assert found.state == "done", found.state
    return laps


def import_export(path: Path, *, bulk: bool) -> dict[str, float]:
    """Import with a resource as an ordinary developer writes it: words to keys, the next number, the pinyin."""
    from django.db.models import Max
    from import_export import fields, resources, widgets
    from import_export.formats.base_formats import XLSX

    from areas.models import Township, Village
    from volunteers.models import SkillType, Volunteer
    from volunteers.pinyin import pinyin_of

    numbers = count(int(Volunteer.objects.aggregate(last=Max("number"))["last"] or 0) + 1)
    kinds = {"乡镇机关": "office", "基层站所": "station", "中小学校": "school", "其他": "other"}

    class VolunteerResource(resources.ModelResource):
        name = fields.Field("name", "姓名")
        gender = fields.Field("gender", "性别")
        birth_date = fields.Field("birth_date", "出生日期", widget=widgets.DateWidget())
        phone = fields.Field("phone", "手机")
        party_branch = fields.Field("party_branch", "党支部")
        joined_party_on = fields.Field("joined_party_on", "入党时间", widget=widgets.DateWidget())
        unit = fields.Field("unit", "工作单位")
        unit_kind = fields.Field("unit_kind", "单位性质")
        township = fields.Field("township", "乡镇", widget=widgets.ForeignKeyWidget(Township, "name"))
        village = fields.Field("village", "village_key", widget=widgets.ForeignKeyWidget(Village))
        primary_skill = fields.Field("primary_skill", "能力类型", widget=widgets.ForeignKeyWidget(SkillType, "name"))
        post = fields.Field("post", "职务")
        discipline = fields.Field("discipline", "专业")
        speciality = fields.Field("speciality", "特长")
        education = fields.Field("education", "文化程度")

        class Meta:
            model = Volunteer
            import_id_fields = ("name", "phone")
            fields = (
                "name", "gender", "birth_date", "phone", "party_branch", "joined_party_on", "unit", "unit_kind",
                "township", "village", "primary_skill", "post", "discipline", "speciality", "education",
            )  # fmt: skip
            use_bulk = bulk
            skip_diff = bulk

        def before_import_row(self, row: Any, **kwargs: Any) -> None:
            row["性别"] = "male" if row["性别"] == "男" else "female"
            row["单位性质"] = kinds[row["单位性质"]]
            row["文化程度"] = "college"
            village = Village.objects.filter(name=row["村"], township__name=row["乡镇"]).first()
            row["village_key"] = village.pk if village else None

        def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
            if not instance.number:
                instance.number = f"{next(numbers):07}"
            instance.name_pinyin, instance.name_initials = pinyin_of(instance.name)
            instance.joined_on = date(2026, 1, 1)

    began = time.perf_counter()
    dataset = XLSX().create_dataset(path.read_bytes())
    result = VolunteerResource().import_data(dataset, dry_run=False, raise_errors=True, use_transactions=True)
    assert not result.has_errors()
    return {"import": time.perf_counter() - began}


def bare(path: Path) -> dict[str, float]:
    """Read, validate and COPY: no preview, no duplicates, no trail, no pinyin."""
    from django.db import transaction
    from python_calamine import load_workbook

    from areas.models import Village
    from common import copying
    from volunteers.models import SkillType, Volunteer

    began = time.perf_counter()
    rows = load_workbook(str(path)).get_sheet_by_index(0).to_python()
    villages = {
        (village, township): (pk, township_pk)
        for pk, village, township, township_pk in Village.objects.values_list(
            "pk", "name", "township__name", "township"
        )
    }
    skills = dict(SkillType.objects.values_list("name", "pk"))
    kinds = {"乡镇机关": "office", "基层站所": "station", "中小学校": "school", "其他": "other"}
    phone, name = re.compile("1[3-9][0-9]{9}"), re.compile("[\u4e00-\u9fff]{2,4}")
    lines = []
    for number, row in enumerate(rows[1:], start=1):
        assert name.fullmatch(row[0])
        assert phone.fullmatch(row[3])
        assert row[2].year < 2008
        village, township = villages[row[9], row[8]]
        gender = "male" if row[1] == "男" else "female"
        lines.append(
            (
                f"{number:07}", row[0], "", "", gender, row[2].isoformat(), row[3], row[4], row[5].isoformat(), row[6],
                kinds[row[7]], township, village, skills[row[10]], row[11], row[12], row[13], "college", "2026-01-01",
            )
        )  # fmt: skip
    with transaction.atomic():
        copying.insert(
            Volunteer,
            (
                "number", "name", "name_pinyin", "name_initials", "gender", "birth_date", "phone", "party_branch",
                "joined_party_on", "unit", "unit_kind", "township_id", "village_id", "primary_skill_id", "post",
                "discipline", "speciality", "education", "joined_on",
            ),
            lines,
        )  # fmt: skip
    return {"import": time.perf_counter() - began}


WAYS: dict[str, Callable[[Path], dict[str, float]]] = {
    "ours": ours,
    "import-export": lambda path: import_export(path, bulk=False),
    "import-export-bulk": lambda path: import_export(path, bulk=True),
    "bare": bare,
}


def _most_memory(*, forget: bool = False) -> int:
    """Return the most memory that this process has held, in KB; ``forget`` makes it what it holds now.

    What ``getrusage`` says begins with what the parent held.
    """
    if forget:
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+([0-9]+)", status)[1])


def run_one(way: str, path: Path) -> None:
    """Import once, in this process, and print what it took."""
    import django

    django.setup()
    from django.db import connection

    from accounts.models import User
    from accounts.rights import Role
    from volunteers.models import Volunteer

    User.objects.create_user(username="bench", password="bench-bench-bench", name="bench", role=Role.ADMIN)
    connection.ensure_connection()
    before = _most_memory(forget=True)
    laps = WAYS[way](path)
    grown = _most_memory() - before
    reader = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(json.dumps({"laps": laps, "grown": grown, "reader": reader, "people": Volunteer.objects.count()}))


# --- Registers to import into -------------------------------------------------------------------------------


def prepare(url: str) -> None:
    """Make the tables, the townships and their villages."""
    manage(url, "migrate", "--verbosity", "0")
    manage(url, "load_divisions", "--verbosity", "0")
    manage(url, "collectstatic", "--no-input", "--verbosity", "0")


@contextmanager
def registers(engine: str) -> Iterator[Callable[[], str]]:
    """Yield what makes a fresh register (places and skill types, nobody in it) and returns its address."""
    if engine == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            empty, copy = Path(folder) / "empty.sqlite3", Path(folder) / "run.sqlite3"
            prepare(f"sqlite:///{empty}")

            def fresh() -> str:
                for old in Path(folder).glob("run.sqlite3*"):
                    old.unlink()
                shutil.copyfile(empty, copy)
                return f"sqlite:///{copy}"

            yield fresh
        return
    cluster = Cluster()
    cluster.start()
    try:
        cluster.sql("DROP DATABASE IF EXISTS empty_register")
        cluster.sql("CREATE DATABASE empty_register")
        prepare(cluster.url("empty_register"))

        def fresh_database() -> str:
            cluster.sql("DROP DATABASE IF EXISTS register WITH (FORCE)")
            cluster.sql("CREATE DATABASE register TEMPLATE empty_register")
            return cluster.url("register")

        yield fresh_database
    finally:
        cluster.stop()


def measure(way: str, path: Path, url: str, rows: int) -> dict[str, Any]:
    """Import once in a process of its own."""
    limits = {
        "IMPORT_VOLUNTEERS_MAX_ROWS": str(rows),
        "IMPORT_VOLUNTEERS_MAX_MEGABYTES": "100",
        "IMPORT_VOLUNTEERS_MAX_UNPACKED_MEGABYTES": "1000",
    }
    command = [sys.executable, "-m", "bench.imports", "--run", way, "--file", str(path)]
    known = environment(url, "config.settings") | limits
    done = subprocess.run(command, cwd=ROOT, env=known, check=True, stdout=subprocess.PIPE, text=True)
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["people"] == rows, answer
    return answer


def villages_of(url: str) -> list[list[str]]:
    """Return the names of the villages and their townships."""
    asked = (
        "import json; from areas.models import Village;"
        " print(json.dumps(list(Village.objects.values_list('name', 'township__name'))))"
    )
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", asked]
    known = environment(url, "config.settings")
    done = subprocess.run(command, cwd=ROOT, env=known, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Measure on each engine, or (``--run``) be one of the measured processes."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--engine", choices=["sqlite", "postgresql", "both"], default="both")
    options.add_argument("--rows", type=int, default=20_000)
    options.add_argument("--memory", action="store_true", help="ours alone, at 200 000 rows: how far it grows")
    options.add_argument("--ways", default=",".join(WAYS), help="which of them to measure")
    options.add_argument("--run", choices=list(WAYS), help=argparse.SUPPRESS)
    options.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.run:
        run_one(chosen.run, chosen.file)
        return
    rows = 200_000 if chosen.memory else chosen.rows
    KEPT.mkdir(parents=True, exist_ok=True)
    for engine in ("sqlite", "postgresql") if chosen.engine == "both" else (chosen.engine,):
        with registers(engine) as fresh, tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "volunteers.xlsx"
            write_file(path, rows, villages_of(fresh()))
            if chosen.memory:
                answer = measure("ours", path, fresh(), rows)
                grown, reader = answer["grown"] / 1024, answer["reader"] / 1024
                verdict = "met" if grown <= MEMORY_GOAL else "MISSED"
                seconds = sum(answer["laps"].values())
                print(
                    f"{engine:<11}{rows} rows in {seconds:.1f} s: grew by {grown:.0f} MB, goal {MEMORY_GOAL} MB:"
                    f" {verdict} (the reader, a process of its own: {reader:.0f} MB)",
                    flush=True,
                )
                continue
            taken: dict[str, float] = {}
            ways = chosen.ways.split(",")
            runs: dict[str, list[dict[str, Any]]] = {way: [] for way in ways}
            for turn in range(max(ROUNDS.values())):
                for way in ways:
                    if turn < ROUNDS[way]:
                        runs[way].append(measure(way, path, fresh(), rows))
            for way, answers in runs.items():
                taken[way] = statistics.median(sum(answer["laps"].values()) for answer in answers)
                laps = ", ".join(f"{name} {seconds:.2f}" for name, seconds in answers[-1]["laps"].items())
                print(
                    f"{engine:<11}{way:<20}{taken[way]:8.2f} s  ({laps}; grew by {answers[-1]['grown'] / 1024:.0f} MB;"
                    f" load {os.getloadavg()[0]:.1f})",
                    flush=True,
                )
            for way, goal in GOALS.items():
                if way in taken and "ours" in taken:
                    ratio = taken[way] / taken["ours"]
                    verdict = "met" if ratio >= goal else "MISSED"
                    print(f"{engine:<11}{ratio:.1f}x faster than {way}, goal {goal:.0f}x: {verdict}", flush=True)
            if "bare" in taken and "ours" in taken:
                ratio = taken["ours"] / taken["bare"]
                verdict = "met" if ratio <= BARE_GOAL else "MISSED"
                print(f"{engine:<11}{ratio:.2f}x the bare way, goal {BARE_GOAL:.0f}x: {verdict}", flush=True)


if __name__ == "__main__":
    main()
