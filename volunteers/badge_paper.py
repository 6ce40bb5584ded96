"""What a print of badges sets: each badge's words, code and photo, by a few queries however many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from common import pdf
from common.qr import codes_for
from volunteers.badge_code import LENGTH, code_of_number, short_code
from volunteers.domain.portrait import portraits_of
from volunteers.models import Volunteer
from volunteers.models.badge import BadgeQuerySet

# As many signs as the card has room for; what is longer ends in an ellipsis.
ROOM = {"township": 24, "team": 27, "unit": 27, "skill": 18}
COLUMNS = (
    "pk",
    "number",
    "code_hash",
    "valid_until",
    "volunteer_id",
    "volunteer__name",
    "volunteer__gender",
    "volunteer__unit",
    "volunteer__primary_skill__name",
    "volunteer__township__name",
    "present__team__name",
)


@dataclass(frozen=True)
class Card:
    """One badge as it is set."""

    pk: int
    volunteer: int
    number: str
    code: str
    valid_until: date
    name: str
    gender: str
    skill: str
    unit: str
    team: str
    township: str

    @property
    def words(self) -> str:
        """Everything that the font must have."""
        return "".join((self.name, self.skill, self.unit, self.team, self.township))


def cards_of(badges: BadgeQuerySet) -> list[Card]:
    """Return the badges as they are set: township by township and team by team, as they are handed out."""
    with_teams: Any = badges.with_present_membership()
    rows = with_teams.order_by("volunteer__township__code", "present__team__name", "volunteer__name_pinyin", "number")
    with override("zh-hans"):
        genders = {value: str(label) for value, label in Volunteer.Gender.choices}
    return [
        Card(
            pk=row["pk"],
            volunteer=row["volunteer_id"],
            number=row["number"],
            code=code_of_number(row["number"], row["code_hash"]),
            valid_until=row["valid_until"],
            name=row["volunteer__name"],
            gender=genders[row["volunteer__gender"]],
            skill=row["volunteer__primary_skill__name"],
            unit=row["volunteer__unit"],
            team=row["present__team__name"] or "",
            township=row["volunteer__township__name"],
        )
        for row in rows.values(*COLUMNS)
    ]


def paper_of(cards: Sequence[Card], *, has_backs: bool) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the data and the files that the templates of ``volunteers/badge`` set."""
    address = settings.SITE_URL + reverse("badges:ask")
    codes = codes_for(address, LENGTH, "/")
    portraits = portraits_of([card.volunteer for card in cards])
    data = {
        "has_backs": has_backs,
        "site": address.partition("://")[2].rstrip("/"),
        "badges": [
            {
                "name": card.name,
                "gender": card.gender,
                "skill": _within(card.skill, ROOM["skill"]),
                "team": _within(card.team, ROOM["team"]),
                "unit": _within(card.unit, ROOM["unit"]),
                "township": _within(card.township, ROOM["township"]),
                "number": card.number,
                "valid_until": f"{card.valid_until:%Y-%m-%d}",
                "short_code": short_code(card.code),
                "code": codes.svg(card.code),
                "photo": _photo(card) if card.volunteer in portraits else None,
            }
            for card in cards
        ],
    }
    files = {_photo(card): portraits[card.volunteer] for card in cards if card.volunteer in portraits}
    return data, files


def set_paper(cards: Sequence[Card], layout: str, *, has_backs: bool) -> bytes:
    """Return the PDF of the badges."""
    data, files = paper_of(cards, has_backs=has_backs)
    return pdf.render(f"volunteers/badge/{layout}.typ", data, files=files)


def _photo(card: Card) -> str:
    return f"photo-{card.volunteer}.jpg"


def _within(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"
