"""A list of volunteers that the first township's office has uploaded, checked and not imported: a bit of everything."""

import hashlib
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from areas.models import Village
from volunteers.domain.volunteer_import import keep_preview, upload_volunteers
from volunteers.imports.preview import Preview
from volunteers.imports.reading import read_sheets
from volunteers.models import Volunteer, VolunteerImport

FILE_NAME = "党员义工花名册（组织办交来）.csv"
HEADER = "序号,姓 名,性别,出生年月,联系电话,所在村,所在支部,工作单位,单位性质,能力类型,备注"
GENDERS = {"female": "女", "male": "男"}
NEW = (
    ("单雪梅", "女", "1979.11.02", "中心卫生院", "基层站所", "医疗服务型"),
    ("仇永康", "男", "1968年4月19日", "", "其他", "农业服务型"),
    ("曾晓燕", "女", "19860723", "中心小学", "中小学校", "文化宣传型、生活服务型"),
)
WRONG = (
    ("王小刚", "男", "2012-05-01", "13912345670", "其他", "生活服务型"),  # too young
    ("李缺号", "女", "1980-01-13", "1391234567", "其他", "生活服务型"),  # a phone of ten digits
    ("赵月份", "男", "1985.03", "13912345671", "其他", "农业服务型"),  # the day is missing
)


def upload_list(staff: User, today: date, random: Random) -> None:
    """Keep the list as an upload of yesterday morning, its rows checked."""
    village = Village.objects.visible_to(staff).order_by("code").first()
    people = Volunteer.objects.active().filter(township=staff.township_id).order_by("pk")[:6]
    if village is None or not people or today > timezone.localdate():
        return
    rows = [
        [each.name, GENDERS[each.gender], f"{each.birth_date}", each.phone, "", "机关支部" * (at < 3), "", "", ""]
        for at, each in enumerate(people)
    ]
    for name, gender, born, unit, kind, skills in NEW:
        rows.append([name, gender, born, f"139{random.randrange(10**8):08}", village.name, "", unit, kind, skills])
    rows += [[*row[:4], village.name, "", "", *row[4:]] for row in WRONG]
    lines = [f"{number},{','.join(row)}," for number, row in enumerate(rows, start=1)]
    data = "\n".join([f"{staff.township}党员义工花名册,,,,,,,,,,", HEADER, *lines]).encode("gb18030")
    found = upload_volunteers(
        read_sheets(data, {}),
        key=UUID(int=random.getrandbits(128), version=4),
        file_name=FILE_NAME,
        sha256=hashlib.sha256(data).hexdigest(),
        by=staff,
    )
    found.state = VolunteerImport.State.CHECKING
    found.save()
    keep_preview(found, Preview(found, lambda _done, _total: None), by=staff)
    morning = datetime(today.year, today.month, today.day, 9, 20) - timedelta(days=1)  # noqa: DTZ001
    VolunteerImport.objects.filter(pk=found.pk).update(at=timezone.make_aware(morning))
