"""The programme's texts prepared for the page: paragraphs, and what changed between two versions."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from accounts.rights import Right
from areas.models import Township
from common.templatetags.yiwang import badge
from volunteers.domain.text import TownshipCount, counts_by_township, current_texts
from volunteers.models import Acceptance, ProgrammeText, Volunteer


@dataclass(frozen=True)
class Paragraph:
    """One paragraph of a text, and whether it is new or gone compared with the version before."""

    text: str
    is_new: bool = False
    is_gone: bool = False


def paragraphs(body: str) -> list[str]:
    """Return the paragraphs of a text: one a line."""
    return [line.strip() for line in body.splitlines() if line.strip()]


def compared(body: str, before: str) -> list[Paragraph]:
    """Return the paragraphs of both versions in their order, marked where they differ."""
    return [*_compared(paragraphs(before), paragraphs(body))]


def _compared(old: list[str], new: list[str]) -> Iterator[Paragraph]:
    for kind, first, last, start, end in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from (Paragraph(text) for text in new[start:end])
        else:
            yield from (Paragraph(text, is_gone=True) for text in old[first:last])
            yield from (Paragraph(text, is_new=True) for text in new[start:end])


def text_badge(text: ProgrammeText, current: ProgrammeText | None) -> SafeString:
    """Say whether a version is a draft, comes, is in force, or was."""
    if text.is_draft:
        return badge("neutral", _("Draft"), "pencil")
    if current is not None and text.pk == current.pk:
        return badge("ok", _("In force"))
    assert text.in_force_from is not None  # noqa: S101 - what is published has its day
    if text.in_force_from > timezone.localdate():
        return badge("info", _("Not in force yet"), "calendar-clock")
    return badge("neutral", pgettext("of a text", "Replaced"), "history")


# --- Offices --------------------------------------------------------------------------------------------


def versions_by_kind(user: User, current: list[ProgrammeText]) -> list[dict[str, Any]]:
    """Return each kind with the versions that ``user`` may read, its draft and what is in force."""
    texts: defaultdict[str, list[ProgrammeText]] = defaultdict(list)
    for text in ProgrammeText.objects.visible_to(user).defer("body").order_by("-number"):
        texts[text.kind].append(text)
    in_force = {text.kind: text for text in current}
    return [
        {
            "kind": str(kind),
            "label": kind.label,
            "current": in_force.get(kind),
            "draft": next((text for text in texts[kind] if text.is_draft), None),
            "versions": [(text, text_badge(text, in_force.get(kind))) for text in texts[kind] if not text.is_draft],
        }
        for kind in ProgrammeText.Kind
    ]


def township_rows(user: User, current: list[ProgrammeText]) -> dict[str, Any]:
    """Return how many of the volunteers ``user`` sees accepted what is in force, in all and by township."""
    counts = counts_by_township(Volunteer.objects.visible_to(user), current)
    total = TownshipCount(asked=sum(count.asked for count in counts.values()))
    for text in current:
        total.accepted[text.pk] = sum(count.accepted.get(text.pk, 0) for count in counts.values())
    townships = Township.objects.visible_to(user).filter(pk__in=counts).order_by("code")
    return {
        "total": _count_row(total, current),
        "townships": [
            {"name": township.name, **_count_row(counts[township.pk], current, township=township.pk)}
            for township in townships
        ],
    }


def _count_row(count: TownshipCount, current: list[ProgrammeText], **query: object) -> dict[str, Any]:
    address = reverse("volunteers:acceptance_list")

    def url(**more: object) -> str:
        return f"{address}?{urlencode({**query, **more})}"

    return {
        "asked": count.asked,
        "url": url() if query else address,
        "texts": [
            {
                "text": text,
                "accepted": count.accepted.get(text.pk, 0),
                "accepted_url": url(text=text.kind, state="accepted"),
                "missing": count.asked - count.accepted.get(text.pk, 0),
                "missing_url": url(text=text.kind, state="missing"),
            }
            for text in current
        ],
    }


def acceptance_rows(volunteers: Sequence[Volunteer], texts: list[ProgrammeText]) -> list[dict[str, Any]]:
    """Prepare the volunteers of one page: of each text the version that they accepted last, and when."""
    labels = {text.pk: text.name for text in texts}
    accepted = latest_acceptances([volunteer.pk for volunteer in volunteers], {text.kind for text in texts})
    return [
        {
            "pk": volunteer.pk,
            "url": f"{volunteer.get_absolute_url()}#texts",
            "name": volunteer.name,
            "number": volunteer.number,
            "village": volunteer.village.name,
            "texts": [
                (labels[text.pk], acceptance_badge(text, accepted.get((volunteer.pk, text.kind), []))) for text in texts
            ],
        }
        for volunteer in volunteers
    ]


def latest_acceptances(pks: Collection[int], kinds: Collection[str]) -> dict[tuple[int, str], list[Acceptance]]:
    """Return the acceptances of volunteers, and of records merged into theirs, by volunteer and kind, newest first."""
    found: defaultdict[tuple[int, str], list[Acceptance]] = defaultdict(list)
    person = Volunteer.objects.records_of(pks)
    acceptances = Acceptance.objects.standing().filter(volunteer__in=person, text__kind__in=kinds)
    for one in acceptances.select_related("text").defer("text__body").order_by("-text__number", "-id"):
        found[person[one.volunteer_id], one.text.kind].append(one)
    return found


def acceptance_badge(text: ProgrammeText, acceptances: list[Acceptance]) -> SafeString:
    """Say whether ``text`` was accepted, or which earlier version."""
    for one in acceptances:
        if one.text_id == text.pk:
            return badge("ok", date_format(one.accepted_on, "SHORT_DATE_FORMAT"))
    if acceptances:
        return badge("warn", _("Version %(number)s only") % {"number": acceptances[0].text.number}, "history")
    return badge("neutral", _("Not accepted"))


def shown_texts(texts: list[ProgrammeText]) -> list[dict[str, Any]]:
    """Return texts with their paragraphs, to be read and accepted."""
    return [{"text": text, "paragraphs": paragraphs(text.body)} for text in texts]


# --- The dossier ----------------------------------------------------------------------------------------


def texts_section(volunteer: Volunteer, reader: User) -> dict[str, Any] | None:
    """Return what the dossier says of the texts: each in force, and every acceptance; nothing before any text is."""
    current = current_texts()
    records = Volunteer.objects.records_of([volunteer.pk])
    history = (
        Acceptance.objects.filter(volunteer__in=records)
        .select_related("text", "entered_by", "withdrawn_by")
        .defer("text__body")
    )
    acceptances = list(history.order_by("-accepted_on", "-id"))
    if not current and not acceptances:
        return None
    standing: defaultdict[str, list[Acceptance]] = defaultdict(list)
    for one in sorted(acceptances, key=lambda one: -one.text.number):
        if one.withdrawn_at is None:
            standing[one.text.kind].append(one)
    may_enter = reader.may(Right.ENTER_ACCEPTANCES)
    return {
        "texts": [(text, acceptance_badge(text, standing[text.kind])) for text in current],
        "acceptances": [
            {
                "one": one,
                # What a merged record accepted is taken back once the merge is undone.
                "may_withdraw": may_enter
                and one.how == Acceptance.How.PAPER
                and one.withdrawn_at is None
                and one.volunteer_id == volunteer.pk,
            }
            for one in acceptances
        ],
    }
