"""The certificate on paper: one sheet of A4 with the four blocks of the form, and the code that it is checked by."""

from datetime import date
from io import BytesIO

import segno

from common.hours import hours
from common.pdf import render
from services.models import Certificate
from volunteers.domain.identity import id_number_of
from volunteers.models import Volunteer

TEMPLATE = "services/certificate/certificate.typ"
# The paper is Chinese whatever language the office reads.
GENDERS = {Volunteer.Gender.FEMALE: "女", Volunteer.Gender.MALE: "男"}
# So many categories stand on the sheet; the smallest are taken together beyond that.
MOST_LINES = 8


def certificate_pdf(certificate: Certificate, address: str) -> bytes:
    """Return the certificate as a PDF; ``address`` is where its QR code leads."""
    return render(TEMPLATE, certificate_data(certificate, address), files={"code.svg": qr(address)},
                  made_on=certificate.issued_on)  # fmt: skip


def certificate_data(certificate: Certificate, address: str) -> dict[str, object]:
    """Return what stands on the paper."""
    waiting = ""
    if certificate.waiting_services:
        waiting = (
            f"另有 {certificate.waiting_services} 次、{hours(certificate.waiting_minutes)} 小时的服务"
            "所在月报出具之日尚未审阅，未计入本证明。"
        )
    return {
        "number": certificate.number,
        "name": certificate.name,
        "gender": GENDERS.get(Volunteer.Gender(certificate.gender), ""),
        "volunteer_number": certificate.volunteer_number,
        "id_number": id_number_of(certificate.volunteer) if certificate.with_id_number else "",
        "period": f"{in_chinese(certificate.starts_on)}至{in_chinese(certificate.ends_on)}",
        "hours": hours(certificate.minutes),
        "services": certificate.services,
        "categories": [
            {"name": name, "services": services, "hours": hours(minutes)}
            for name, services, minutes in _lines(certificate)
        ],
        "waiting": waiting,
        "office": certificate.office,
        "head": certificate.head,
        "handler": certificate.handler,
        "contact": certificate.contact,
        "issued_on": in_chinese(certificate.issued_on),
        "code": certificate.printed_code,
        "address": address.partition("://")[2].removesuffix(f"{certificate.code}/").rstrip("/"),
        "supersedes": certificate.supersedes.number if certificate.supersedes else "",
    }


def qr(text: str) -> bytes:
    """Return the QR code of an address as SVG; a fifth of it may be lost."""
    out = BytesIO()
    segno.make(text, error="q", micro=False).save(out, kind="svg", border=0, xmldecl=False)
    return out.getvalue()


def in_chinese(day: date) -> str:
    """Return a day as Chinese papers write it."""
    return f"{day.year}年{day.month}月{day.day}日"


def _lines(certificate: Certificate) -> list[tuple[str, int, int]]:
    lines = [(name, services, minutes) for name, services, minutes in certificate.categories]
    if len(lines) <= MOST_LINES:
        return lines
    rest = lines[MOST_LINES - 1 :]
    return [*lines[: MOST_LINES - 1], ("其他", sum(line[1] for line in rest), sum(line[2] for line in rest))]
