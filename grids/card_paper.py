"""What a print of contact cards sets: each grid's words cut to the room that there is, and the code of its page."""

from collections.abc import Sequence
from math import ceil
from typing import Any

from django.conf import settings
from django.urls import reverse

from common import pdf
from common.qr import codes_for
from grids.cards import Face
from grids.contacts import Contact
from grids.models.grid import PAGE_CODE_LENGTH

# How many lines there are at most, and how large they are then, in points: ten members and one for the others fit.
SIZES = ((4, 9.4), (5, 8.8), (7, 8.2), (9, 7.7), (11, 7.2))
# How wide the list is, in millimetres, and what a digit, the gaps and 队长 take, in ems.
WIDTH, DIGIT, GAPS, LEADER = 59.5, 0.56, 2.0, 2.0
MILLIMETRES = 25.4 / 72
# How large the line about the others is beside those of the people, and how many ems of it fit into one at least.
OTHERS_SIZE, OTHERS_A_LINE = 0.92, 18
ROOM = {"township": 14, "team": 20, "place": 24, "hours": 18, "name": 12}


def words_of(face: Face) -> dict[str, str]:
    """Return what the fonts must have, by whom it is about."""
    about = f"{face.township}{face.village}{face.team_name}{face.hotline}{face.hours}"
    return {face.place: about + "".join(face.skills[member.skill] for member in face.contacts.members)} | {
        member.name: f"{member.name}{member.speciality}{member.phone}" for member in face.contacts.named
    }


def data_of(faces: Sequence[tuple[Face, int]]) -> dict[str, Any]:
    """Return the data that ``grids/card/sheets.typ`` sets: faces with how many copies of each."""
    address = settings.SITE_URL + reverse("grids:grid_public", args=["0" * PAGE_CODE_LENGTH])
    before, after = address.split("0" * PAGE_CODE_LENGTH)
    codes = codes_for(before, PAGE_CODE_LENGTH, after)
    return {"cards": [_card(face) | {"code": codes.svg(face.code), "copies": copies} for face, copies in faces]}


def set_paper(faces: Sequence[tuple[Face, int]]) -> bytes:
    """Return the PDF of the cards."""
    return pdf.render("grids/card/sheets.typ", data_of(faces), is_read=False)


def _card(face: Face) -> dict[str, Any]:
    others = _others(face)
    size, people = _people(face, len(face.contacts.named) + (ceil(_ems(others) / OTHERS_A_LINE) if others else 0))
    return {
        "township": _within(face.township, ROOM["township"]),
        "team": _within(face.team_name, ROOM["team"]),
        "place": _within(face.place, ROOM["place"]) if face.place not in face.team_name else "",
        "size": size,
        "people": people,
        "others": others,
        "others_lines": ceil(_ems(others) * size * OTHERS_SIZE * MILLIMETRES / WIDTH),
        "hotline": face.hotline,
        "hours": _within(face.hours, ROOM["hours"]),
    }


def _people(face: Face, lines: int) -> tuple[float, list[dict[str, Any]]]:
    """Return the size of the lines and the lines of those who are named: as large as their words have room."""
    named = [(member, _within(member.name, ROOM["name"])) for member in face.contacts.named]
    names = max((_ems(name) + LEADER * member.is_leader for member, name in named), default=0)
    phones = max((_ems(member.phone) for member, _name in named), default=0)
    wanted = max((_ems(member.speciality or face.skills[member.skill]) for member, _name in named), default=0)
    fitting = [size for most, size in SIZES if lines <= most] or [SIZES[-1][1]]
    for size in fitting[:2]:  # a phone number is worth more than the end of a long speciality
        room = WIDTH / (size * MILLIMETRES) - names - phones - GAPS
        if wanted <= room:
            break
    people = [
        {
            "name": name,
            "is_leader": member.is_leader,
            "words": _words(member, face.skills[member.skill], room),
            "phone": member.phone,
        }
        for member, name in named
    ]
    return size, people


def _words(member: Contact, skill: str, room: float) -> str:
    """Return skill type and speciality where both have room, else what says more."""
    both = f"{skill} {member.speciality}".rstrip()
    return both if _ems(both) <= room else _cut(member.speciality or skill, room)


def _others(face: Face) -> str:
    """Say of those who are not named how many they are and what they can do."""
    unnamed = face.contacts.unnamed
    if not unnamed:
        return ""
    skills = "、".join(dict.fromkeys(face.skills[member.skill] for member in unnamed))
    also = "另有" if face.contacts.named else ""
    call = ",请拨热线" if face.hotline else ""
    return f"{also}{len(unnamed)}名队员({skills}){call}".replace(",", "，").replace("(", "（").replace(")", "）")


def _ems(text: str) -> float:
    """Return about how wide the text is, in ems: a Chinese character is one, a digit or letter half of one."""
    return sum(DIGIT if sign.isascii() else 1.0 for sign in text)


def _cut(text: str, room: float) -> str:
    if _ems(text) <= room:
        return text
    while text and _ems(text) + 1 > room:
        text = text[:-1]
    return f"{text}…"


def _within(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"
