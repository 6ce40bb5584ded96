"""The dossier on paper: the personnel form of A4 (义工档案表), with the photo at the right and a table a section."""

from datetime import date

from django.utils import timezone, translation
from django.utils.formats import date_format

from accounts.models import User
from common.pdf import refuse_missing_glyphs, render
from volunteers.domain.portrait import portrait_of
from volunteers.dossier import tables_of
from volunteers.models import Volunteer

TEMPLATE = "volunteers/dossier/form.typ"
LANGUAGE = "zh-hans"


def dossier_pdf(volunteer: Volunteer, *, phone: str, id_number: str, reader: User) -> bytes:
    """Return the form as a PDF; raises ``RuleBroken`` that names a character which no font has.

    It is Chinese whatever language the office reads.
    """
    with translation.override(LANGUAGE):
        data = dossier_data(volunteer, phone=phone, id_number=id_number, reader=reader)
    photo = portrait_of(volunteer)
    refuse_missing_glyphs({str(volunteer): "".join(_texts(data))})
    return render(TEMPLATE, data | {"has_photo": photo is not None}, files={"photo.jpg": photo} if photo else {})


def dossier_data(volunteer: Volunteer, *, phone: str, id_number: str, reader: User) -> dict[str, object]:
    """Return what stands on the form, in the language in force."""
    today = timezone.localdate()
    skills = [volunteer.primary_skill, *volunteer.further_skills.all()]
    return {
        "name": volunteer.name,
        "number": volunteer.number,
        "gender": volunteer.get_gender_display(),
        "birth_date": date_format(volunteer.birth_date),
        "education": volunteer.get_education_display(),
        "phone": phone,
        "id_number": id_number,
        "party_branch": volunteer.party_branch,
        "joined_party_on": _day(volunteer.joined_party_on),
        "unit": volunteer.unit,
        "unit_kind": volunteer.get_unit_kind_display(),
        "occupation": volunteer.occupation,
        "post": volunteer.post,
        "discipline": volunteer.discipline,
        "speciality": volunteer.speciality,
        "interests": volunteer.interests,
        "rural_expert": "是" if volunteer.is_rural_expert else "否",
        "skills": "、".join(skill.name for skill in skills),
        "township": volunteer.township.name,
        "village": volunteer.village.name,
        "joined_on": _day(volunteer.joined_on),
        "left_on": _day(volunteer.left_on),
        "status": volunteer.get_status_display(),
        "tables": [
            {"title": title, "heads": list(table.heads), "rows": [list(row) for row in table.rows]}
            for title, table in tables_of(volunteer, reader)
        ],
        "printed_on": date_format(today),
        "printed_by": reader.name,
    }


def _day(day: date | None) -> str:
    return date_format(day) if day else ""


def _texts(value: object) -> list[str]:
    """Return every text that is printed."""
    if isinstance(value, dict):
        return [text for part in value.values() for text in _texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return [str(value)]
