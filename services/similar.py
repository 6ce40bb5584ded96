"""When two texts say the same: what is left of them without blanks, punctuation and the width of their letters."""

import hashlib
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
