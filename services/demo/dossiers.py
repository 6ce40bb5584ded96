"""Qualifications, some photos, and a few certificates. The photos are drawn figures: nobody is on them."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO
from random import Random

from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image, ImageDraw

from accounts.models import User
from common.codes import ALPHABET
from common.pictures import PORTRAIT, clean_portrait
from common.private_files import storage
from services.demo.load import go_on_counting, stamp, write
from services.demo.logs import key
from services.domain.certificate import figures_of
from services.models import Certificate, VolunteerYear
from services.models.certificate import CODE_LENGTH
from volunteers.domain.portrait import path_of
from volunteers.models import Portrait, Qualification, Volunteer
from volunteers.models.qualification import NEVER

FIELDS = (
    "volunteer_id", "kind", "title", "number", "issuer", "issued_on", "expires_on", "state", "added_by_id", "added_at",
)  # fmt: skip
# By skill type: what a few of its people hold, from whom, and for how many years (0: without an end).
CERTIFICATES = {
    "medical": (
        ("medical", "执业医师资格证书", "浙江省卫生健康委员会", 0),
        ("medical", "护士执业证书", "浙江省卫生健康委员会", 5),
        ("medical", "红十字救护员证", "乐清市红十字会", 3),
    ),
    "legal": (("legal", "法律职业资格证书", "司法部", 0), ("legal", "人民调解员证", "乐清市司法局", 3)),
    "mediation": (("legal", "人民调解员证", "乐清市司法局", 3), ("social_work", "助理社会工作师证书", "民政部", 3)),
    "agriculture": (("agriculture", "高素质农民证书", "农业农村部", 5),),
    "technical": (("trade", "低压电工作业证", "浙江省应急管理厅", 6),),
}
SHARE = 0.35
SKIES = ("#dfe9f2", "#e8eee6", "#f1ebe0")
SKINS, HAIRS = ("#e7c3a4", "#d9ad8b", "#efd0b4"), ("#2a2523", "#453a35", "#6d6a68")
CLOTHES = ("#3c5a78", "#8c3b2e", "#4f6b52", "#57534e")
OFFICE = {
    "office": "中共乐清市大荆镇委员会组织办公室",
    "head": "陈志明",
    "contact": "0577-62230000",
}
MOST_PHOTOS = 10


def fill(today: date, random: Random) -> None:
    """Write what is to be seen in the dossiers; the roll-ups of the read months are there."""
    admin = User.objects.get(username="admin")
    staff = User.objects.get(username="staff")
    write(Qualification, FIELDS, _qualifications(today, admin.pk, random))
    go_on_counting([Qualification])
    _portraits(staff, random)
    _certificates(today, staff, random)


def _qualifications(today: date, by: int, random: Random) -> Iterator[tuple]:
    people = Volunteer.objects.exclude(status__in=("applied", "rejected")).order_by("id")
    for pk, skill, born in people.values_list("pk", "primary_skill__code", "birth_date"):
        if skill not in CERTIFICATES or random.random() > SHARE:
            continue
        kind, title, issuer, years = random.choice(CERTIFICATES[skill])
        issued = max(date(born.year + 22, 3, 1), today - timedelta(days=random.randint(60, 2_400)))
        if years:
            # Most hold, some run out soon, and a few have run out.
            left = random.choice((-40, 25, 50, 300, 400, 700, 900))
            until = today + timedelta(days=left)
            issued = min(issued, until - timedelta(days=300), today - timedelta(days=30))
        else:
            until, issued = NEVER, min(issued, today - timedelta(days=30))
        number = f"{issued.year}{random.randrange(10**11):011}"
        added = stamp(today - timedelta(days=random.randint(1, 29)), 10 * 60)
        yield pk, kind, title, number, issuer, str(issued), str(until), "standing", by, added


def _portraits(staff: User, random: Random) -> None:
    """Draw the people of the team that the logins look at."""
    leader = User.objects.get(username="leader")
    people = Volunteer.objects.filter(
        memberships__left_on__isnull=True, memberships__team__memberships__volunteer__user=leader
    )
    for volunteer in people.order_by("id").distinct()[:MOST_PHOTOS]:
        picture = clean_portrait(_figure(random))
        name = f"{random.getrandbits(128):032x}"
        if not storage.exists(path_of(name)):
            storage.save(path_of(name), ContentFile(picture.jpeg))
        Portrait.objects.bulk_create([Portrait(volunteer=volunteer, name=name, sha256=picture.sha256, added_by=staff)])


def _figure(random: Random) -> BytesIO:
    """Draw head and shoulders without a face."""
    width, height = PORTRAIT
    image = Image.new("RGB", PORTRAIT, random.choice(SKIES))
    draw = ImageDraw.Draw(image)
    skin, hair = random.choice(SKINS), random.choice(HAIRS)
    middle, wide = width // 2 + random.randint(-6, 6), random.randint(92, 104)
    draw.ellipse((middle - 190, 360, middle + 190, height + 240), fill=random.choice(CLOTHES))
    draw.rectangle((middle - 40, 310, middle + 40, 400), fill=skin)
    draw.ellipse((middle - wide - 10, 88, middle + wide + 10, 300), fill=hair)
    draw.ellipse((middle - wide, 120, middle + wide, 356), fill=skin)
    out = BytesIO()
    image.save(out, "PNG")
    out.seek(0)
    return out


def _certificates(today: date, staff: User, random: Random) -> None:
    """Issue some to those who served most: two hold, one was replaced, one revoked."""
    years = VolunteerYear.objects.filter(volunteer__township=staff.township_id, year=today.year)
    busiest = list(dict.fromkeys(years.order_by("-services", "volunteer").values_list("volunteer", flat=True)))[:3]
    made: list[Certificate] = []
    people = Volunteer.objects.filter(pk__in=busiest).select_related("township").order_by("pk")
    for place, volunteer in enumerate(people):
        made.append(_certificate(volunteer, today, staff, len(made) + 1, random))
        if place == 0:
            made.append(_certificate(volunteer, today, staff, len(made) + 1, random))
    if len(made) < 4 or not all(certificate.services for certificate in made):
        return
    first, second, _third, last = made
    last.revoked_by, last.revoked_reason = staff, "姓名录入有误，更正后重新出具"
    last.revoked_at = timezone.make_aware(datetime.combine(today, time(9)))
    Certificate.objects.bulk_create([first])
    second.supersedes = first
    Certificate.objects.bulk_create(made[1:])


def _certificate(volunteer: Volunteer, today: date, staff: User, serial: int, random: Random) -> Certificate:
    starts = date(today.year, 1, 1)
    figures = figures_of(volunteer, starts, today)
    return Certificate(
        key=key(random),
        year=today.year,
        serial=serial,
        number=f"乐义证〔{today.year}〕{serial:06}",
        code="".join(random.choice(ALPHABET) for _sign in range(CODE_LENGTH)),
        volunteer=volunteer,
        name=volunteer.name,
        volunteer_number=volunteer.number,
        gender=volunteer.gender,
        township=volunteer.township,
        starts_on=starts,
        ends_on=today,
        minutes=figures.minutes,
        services=figures.services,
        categories=[list(row) for row in figures.categories],
        waiting_minutes=figures.waiting_minutes,
        waiting_services=figures.waiting_services,
        issued_on=today,
        issued_by=staff,
        handler=staff.name,
        **OFFICE,
    )
