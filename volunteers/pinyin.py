"""Pinyin and initials of Chinese names: what lists are sorted by and people search with.

The package knows how characters are read in running text; as a surname some are read differently, and those are listed
here (Unihan and the usual surname dictionaries agree on them).
"""

import unicodedata
from functools import lru_cache
from typing import Any

# Characters that are read differently as a surname.
SURNAMES = {
    "单": "shan",
    "仇": "qiu",
    "区": "ou",
    "曾": "zeng",
    "解": "xie",
    "翟": "zhai",
    "查": "zha",
    "朴": "piao",
    "盖": "ge",
    "任": "ren",
    "华": "hua",
    "葛": "ge",
    "那": "na",
    "乐": "yue",
    "冼": "xian",
    "缪": "miao",
    "牟": "mou",
    "应": "ying",
    "尉": "wei",
    "黑": "he",
    "覃": "qin",
    "员": "yun",
    "召": "shao",
    "种": "chong",
    "逄": "pang",
    "谌": "chen",
    "晁": "chao",
    "郇": "xun",
    "繁": "po",
    "折": "she",
    "秘": "bi",
    "薄": "bo",
    "洗": "xian",
    "宓": "mi",
    "宁": "ning",
    "燕": "yan",
    "过": "guo",
    "令": "ling",
    "祭": "zhai",
    "纪": "ji",
    "佴": "nai",
    "乜": "nie",
    "卜": "bu",
    "阚": "kan",
    "句": "gou",
    "都": "du",
    "炅": "gui",
    "么": "yao",
    "贠": "yun",
    "藏": "zang",
    "适": "kuo",
    "能": "nai",
    "粘": "nian",
    "颉": "xie",
    "單": "shan",
    "區": "ou",
    "蓋": "ge",
    "樂": "yue",
}
COMPOUND_SURNAMES = {
    "尉迟": ["yu", "chi"],
    "万俟": ["mo", "qi"],
    "长孙": ["zhang", "sun"],
    "澹台": ["tan", "tai"],
    "宰父": ["zai", "fu"],
    "呼延": ["hu", "yan"],
    "令狐": ["ling", "hu"],
    "单于": ["chan", "yu"],
    "單于": ["chan", "yu"],
    "尉遲": ["yu", "chi"],
    "萬俟": ["mo", "qi"],
    "長孫": ["zhang", "sun"],
    "乐正": ["yue", "zheng"],
    "樂正": ["yue", "zheng"],
}
# Where Chinese characters begin.
HAN = "\u3400"
# How a syllable begins and how it goes on: together they are more than there are, and every one that there is.
ONSETS = (
    "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "zh", "ch", "sh", "r", "z", "c", "s",
    "y", "w",
)  # fmt: skip
ALONE = ("a", "o", "e", "ai", "ei", "ao", "ou", "an", "en", "ang", "eng", "er")
RIMES = (
    *ALONE, "ong", "i", "ia", "ie", "iao", "iu", "ian", "in", "iang", "ing", "iong",
    "u", "ua", "uo", "uai", "ui", "uan", "un", "uang", "ueng", "ue", "v", "ve",
)  # fmt: skip
SYLLABLES = frozenset([onset + rime for onset in ONSETS for rime in RIMES] + list(ALONE))
BEGINNINGS = frozenset(syllable[:end] for syllable in SYLLABLES for end in range(1, len(syllable) + 1))
# Nobody means more: xian is xian or xi an.
MOST_SPELLINGS = 12


def pinyin_of(name: str) -> tuple[str, str]:
    """Return a name's pinyin and initials in ASCII: 单小明 is ``("shan xiao ming", "sxm")``.

    Letters stay as they are, in lower case and without accents; a character that nobody can read is left out.
    """
    surname, given = _surname(name)
    syllables = [*surname, *_read(given)]
    return " ".join(syllables)[:120], "".join(syllable[0] for syllable in syllables)[:40]


def _surname(name: str) -> tuple[list[str], str]:
    compound = COMPOUND_SURNAMES.get(name[:2])
    if compound:
        return compound, name[2:]
    if name[:1] in SURNAMES:
        return [SURNAMES[name[0]]], name[1:]
    if name[:1] >= HAN:
        return _read(name[0]), name[1:]  # by itself: with the next it may be a word that is read differently
    return [], name


@lru_cache(maxsize=20_000)
def _read(text: str) -> list[str]:
    """Return the syllables of a text; of a list of volunteers many have the same given name."""
    syllables = [_ascii(syllable) for syllable in _reader()(text, errors=lambda unread: unread.split())]
    return [syllable for part in syllables for syllable in part.split()]


def _ascii(syllable: str) -> str:
    letters = unicodedata.normalize("NFKD", syllable.lower().replace("ü", "v"))
    plain = [sign for sign in letters if not unicodedata.combining(sign)]
    return "".join(sign if sign.isascii() and sign.isalnum() else " " for sign in plain)


@lru_cache(maxsize=1)
def _reader() -> Any:
    """Load the dictionary when the first name is written, not in every worker at the start."""
    from pypinyin import lazy_pinyin

    return lazy_pinyin


def initials_of(text: str) -> str:
    """Return the initials of words that are no person's name, in ASCII with the digits: 清洁环境 is ``qjhj``."""
    return "".join(syllable if syllable.isdecimal() else syllable[0] for syllable in _read(text))


@lru_cache(maxsize=1024)
def spellings(letters: str) -> tuple[str, ...]:
    """Return how letters may be written in syllables as names are kept: ``zengg`` is ``zeng g``, and as it stands.

    The last syllable may be unfinished. Blanks that were typed stay where they are.
    """
    first, blank, rest = letters.partition(" ")
    found = [letters]
    if blank:
        found += [f"{before} {after}" for before in spellings(first) for after in spellings(rest)]
    else:
        for end in range(1, len(letters)):
            if letters[:end] in SYLLABLES:
                found += [f"{letters[:end]} {after}" for after in spellings(letters[end:]) if _is_spelt(after)]
    return tuple(sorted(dict.fromkeys(found), key=lambda spelling: spelling.count(" "))[:MOST_SPELLINGS])


def _is_spelt(text: str) -> bool:
    *whole, last = text.split(" ")
    return last in BEGINNINGS and all(syllable in SYLLABLES for syllable in whole)
