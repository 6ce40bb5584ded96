"""When two texts say the same, by what is left of them without blanks, punctuation and width; or about the same."""

import hashlib
import re
import unicodedata
from functools import lru_cache

# Shorter texts are the same by chance: "上门看望，带去米和油" says what hundreds of teams did.
TEXT_LEAST = 30
# What is written before and after a name to say who somebody is, not whom it is about.
BEFORE_A_NAME = (
    *("独居老人", "孤寡老人", "空巢老人", "高龄老人", "困难户", "低保户", "五保户", "残疾人", "种植户", "军属", "病人"),
    *("新居民", "村民", "居民", "老人"),
)
AFTER_A_NAME = ("老人家里", "老人家", "家里", "家中", "夫妇", "老人", "户", "家")


def normalised(text: str) -> str:
    """Return the letters, characters and digits of ``text`` alone, in one width and case (NFKC)."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def text_key(text: str) -> int | None:
    """Return what equals for two texts that say the same, 64 bits; None for one too short to be compared."""
    kept = normalised(text)
    if len(kept) < TEXT_LEAST:
        return None
    return int.from_bytes(hashlib.blake2b(kept.encode(), digest_size=8).digest(), "big", signed=True)


@lru_cache(maxsize=65_536)
def recipient_key(recipient: str) -> str:
    """Return what equals for 王阿婆, 独居老人王阿婆 and 王阿婆家: whom the service was for."""
    kept = normalised(recipient)
    for words, cut in ((BEFORE_A_NAME, str.removeprefix), (AFTER_A_NAME, str.removesuffix)):
        for word in words:
            shorter = cut(kept, word)
            if shorter != kept and len(shorter) > 1:
                kept = shorter
                break
    return kept


# From this share on, two short texts say about the same.
ALIKE = 0.5
# What people say whatever they ask for.
FILLERS = re.compile("请|麻烦|能不能|可不可以|可以|有没有人|有人|需要|想问|帮忙|帮我|一下|我家|家里|的|了|吗|呢|啊")


def likeness(one: str, other: str) -> float:
    """Return which share of the pairs of neighbouring characters of the shorter text the other has too, from 0 to 1."""
    pairs, others = _pairs(one), _pairs(other)
    return len(pairs & others) / min(len(pairs), len(others)) if pairs and others else 0.0


def _pairs(text: str) -> set[str]:
    kept = FILLERS.sub("", normalised(text))
    return {kept[place : place + 2] for place in range(len(kept) - 1)}
