"""The programme's texts prepared for the page: paragraphs, and what changed between two versions."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.templatetags.yiwang import badge
from volunteers.models import ProgrammeText


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
    return badge("neutral", _("Replaced"), "history")
