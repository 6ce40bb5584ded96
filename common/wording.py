"""What depends on the reader's language and is no translation of a string."""

from collections.abc import Iterable

from django.utils.translation import get_language


def reads_chinese() -> bool:
    """Whether the page is written in Chinese."""
    return (get_language() or "").startswith("zh")


def in_words(name: str, name_en: str) -> str:
    """Return the one of a record's two names that the reader understands."""
    return name if reads_chinese() else name_en


def sentences(parts: Iterable[str]) -> str:
    """Put whole sentences one after the other; only Latin script has a blank between them."""
    return ("" if reads_chinese() else " ").join(text for part in parts if (text := str(part)))
