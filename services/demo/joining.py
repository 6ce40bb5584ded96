"""Who wants to join: applications on the first township's desk, and applicants whom their townships have endorsed."""

from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from accounts.rights import Role
from areas.models import Village
from volunteers.domain.application import apply, reject_application
from volunteers.domain.text import current_texts
from volunteers.models import Application, SkillType, Volunteer

# Name, gender, birth date, speciality, unit and its kind, day of joining the party, days ago, why not.
APPLICANTS = (
    ("单晓梅", "female", date(1991, 4, 8), "护理、急救", "中心卫生院", "station", date(2014, 7, 1), 2, ""),
    ("仇建军", "male", date(1979, 10, 21), "修水泵、电路", "", "other", date(2003, 6, 28), 5, ""),
    (
        "曾一帆",
        "male",
        date(2001, 1, 15),
        "电脑、手机",
        "中心小学",
        "school",
        date(2025, 12, 1),
        9,
        "预备期未满，转正后请再报名",
    ),
)


def leave(staff: User, today: date, random: Random) -> None:
    """Endorse the applicants on record, and let three people and one who is on record already apply."""
    for office in User.objects.filter(role=Role.TOWNSHIP_STAFF).order_by("-pk"):
        applied = Volunteer.objects.filter(status=Volunteer.Status.APPLIED, township=office.township_id)
        applied.update(endorsed_on=F("joined_on"), endorsed_by=office)
    villages = list(Village.objects.visible_to(staff).order_by("code")[:3])
    skills = list(SkillType.objects.in_use().order_by("pk")[:3])
    if not villages or today > timezone.localdate():
        return
    for at, (name, gender, born, speciality, unit, kind, party, ago, reason) in enumerate(APPLICANTS):
        values = {"name": name, "gender": gender, "birth_date": born, "speciality": speciality, "unit": unit}
        values |= {"unit_kind": kind, "joined_party_on": party, "phone": f"139{random.randrange(10**8):08}"}
        application = _apply(values, villages[at % len(villages)], skills[at % len(skills)], ago, today, random)
        if reason:
            reject_application(application, reason=reason, by=staff)
    known = Volunteer.objects.active().filter(township=staff.township_id, joined_party_on__isnull=False).first()
    if known is not None:
        fields = ("name", "gender", "birth_date", "phone", "speciality", "unit", "unit_kind", "joined_party_on")
        values = {field: getattr(known, field) for field in fields}
        _apply(values, known.village, known.primary_skill, 1, today, random)


def _apply(
    values: dict[str, object], village: Village, skill: SkillType, ago: int, today: date, random: Random
) -> Application:
    shown = {"village": village, "primary_skill": skill, "party_branch": f"{village}党支部"}
    shown |= {"shows_name": True, "shows_phone": random.random() < 0.5}
    key = UUID(int=random.getrandbits(128), version=4)
    application, _code = apply(values | shown, key=key, texts=current_texts())
    noon = datetime(today.year, today.month, today.day, 12, 20) - timedelta(days=ago)  # noqa: DTZ001
    Application.objects.filter(pk=application.pk).update(made_at=timezone.make_aware(noon))
    return application
