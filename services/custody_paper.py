"""The slip of what was taken into custody: a sheet of A4 to be cut in two, receipt and return, each to be signed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from common.money import in_capitals, yuan
from common.pdf import refuse_missing_glyphs, render
from services.certificate_paper import in_chinese, qr
from services.models import CustodyItem, HelpRequest
from services.models.request import code_of

TEMPLATE = "services/custody/slip.typ"
# So many things stand on one sheet; more of them make further sheets.
ON_A_SHEET = 5
# The paper is Chinese whatever language the office reads.
KINDS = {CustodyItem.Kind.PAPERS: "证件材料", CustodyItem.Kind.MONEY: "现金", CustodyItem.Kind.OTHER: "其他物品"}


def slip_pdf(asked: HelpRequest, items: Sequence[CustodyItem], site: str) -> bytes:
    """Return the slip of the things of one request as a PDF; ``site`` is where the pages for residents are.

    Raises ``RuleBroken`` for characters that no font has.
    """
    data = slip_data(asked, items, site)
    refuse_missing_glyphs({each["what"]: "".join(map(str, each.values())) for each in data["items"]})
    files = {"code.svg": qr(data["address"])} if data["code"] else {}
    return render(TEMPLATE, data, files=files, made_on=timezone.localdate())


def slip_data(asked: HelpRequest, items: Sequence[CustodyItem], site: str) -> dict[str, Any]:
    """Return what stands on the paper: no phone, and of the code only what the resident has been given anyway."""
    code = code_of(asked.key) if asked.code_hash else ""
    lines = [_line(number, item) for number, item in enumerate(items, start=1)]
    money = sum(item.fen or 0 for item in items)
    return {
        "number": f"{asked.pk:06}",
        "code": code,
        "address": f"{site}{reverse('services:ask_followed', args=[code])}" if code else "",
        "township": asked.township.name,
        "team": asked.team.name if asked.team else f"{asked.township.name}办公室",
        "village": asked.village.name,
        "givers": "、".join(dict.fromkeys(item.from_whom for item in items)),
        "items": lines,
        "sheets": [lines[first : first + ON_A_SHEET] for first in range(0, len(lines), ON_A_SHEET)],
        "total": f"人民币{in_capitals(money)}（{yuan(money)}）" if money else "",
        "printed_on": in_chinese(timezone.localdate()),
    }


def _line(number: int, item: CustodyItem) -> dict[str, Any]:
    return {
        "number": number,
        "what": item.what,
        "kind": KINDS[CustodyItem.Kind(item.kind)],
        "amount": yuan(item.fen) if item.fen else "",
        "capitals": in_capitals(item.fen) if item.fen else "",
        "from_whom": item.from_whom,
        "received": _moment(item.received_at),
        "receiver": item.receiver,
        "submitted_to": item.submitted_to,
        "submitted": _moment(item.submitted_at),
        "returned_what": item.returned_what,
        "returned_to": item.returned_to,
        "returned": _moment(item.returned_at),
        "returner": item.returner,
    }


def _moment(at: datetime | None) -> str:
    if at is None:
        return ""
    local = timezone.localtime(at)
    return f"{local:%Y-%m-%d %H:%M}"
