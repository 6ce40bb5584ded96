"""Whom a search means: by name, pinyin, initials, phone tail, number, unit and speciality, each by an index.

Every word narrows. Digits are a number or the end of a phone, Latin letters are initials or pinyin; any word may be
part of the unit or the speciality, and one in characters part of the name.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import F, Q, Value
from django.db.models.functions import Length, StrIndex
from django.db.models.lookups import Contains, Exact, GreaterThan

from accounts.models import User
from accounts.rights import Right
from common.begins import AfterBlank, Begins, ByteOrder, Ending, First, From, Literal, Within
from common.clean import clean_code
from volunteers.models.search import SearchEntry, SearchText
from volunteers.models.volunteer import Volunteer, VolunteerQuerySet
from volunteers.pinyin import spellings

# Lists show the last four digits of a phone. No other part is looked for, which would tell the number bit by bit.
PHONE_TAIL, WHOLE_PHONE, NUMBER = 4, 11, 7
# Numbers are dense: fewer digits would begin a thousand of them and more.
NUMBER_BEGINS = 4
# As many texts as one question names; more of them mean many people, whom walking through the list meets soon.
TEXTS = 1_000
# Searches are folded to narrow signs; units are kept with the ones that were typed.
WIDE = str.maketrans({sign: chr(ord(sign) + 0xFEE0) for sign in "(),:;!?"})


@dataclass(frozen=True)
class Meaning:
    """One thing that a word may mean: volunteers by an index, and the same condition without one, for when many fit."""

    fits: Q
    in_order: Q | None = None


@dataclass(frozen=True)
class Reach:
    """What a search may look at besides names, pinyin and numbers."""

    tails: bool = False
    phones: bool = False
    texts: bool = False

    @classmethod
    def of(cls, user: User) -> "Reach":
        """In lists of volunteers: everything, whole phones for those who may see them."""
        return cls(tails=True, phones=user.may(Right.SEE_PHONES), texts=True)


def meanings(text: str, reach: Reach) -> list[list[Meaning]]:
    """Return what each word of the text may mean, the word that says most first; nothing for an empty text."""
    words = sorted(_words(text), key=len, reverse=True)
    return [_meanings(word, reach) for word in words]


def anyhow(word: Iterable[Meaning]) -> Q:
    """Return the condition that a word fits in one of its meanings."""
    return reduce(or_, (meaning.fits for meaning in word), Q(pk__in=()))


def matching(volunteers: VolunteerQuerySet, text: str, *, by: User) -> VolunteerQuerySet:
    """Keep the volunteers whom every word of ``text`` fits, as far as ``by`` may look: all of them for no text."""
    return _every(volunteers, text, Reach.of(by))


def named(volunteers: VolunteerQuerySet, text: str) -> VolunteerQuerySet:
    """Keep those whose name, pinyin, initials or number fit: where people are picked whom the reader may name only."""
    return _every(volunteers, text, Reach())


def _every(volunteers: VolunteerQuerySet, text: str, reach: Reach) -> VolunteerQuerySet:
    for word in meanings(text, reach):
        volunteers = volunteers.filter(anyhow(word))
    return volunteers


def _words(text: str) -> list[str]:
    """Part the text at its blanks; letters after letters are one name's syllables and stay together."""
    words: list[str] = []
    for word in clean_code(text.replace("\x00", "")).casefold().split():
        if words and _is_letters(word) and _is_letters(words[-1]):
            words[-1] += f" {word}"
        else:
            words.append(word)
    return words


def _is_letters(word: str) -> bool:
    return word.isascii() and word.replace(" ", "").isalpha()


def _meanings(word: str, reach: Reach) -> list[Meaning]:
    if word.isascii() and word.isdecimal():
        return _digits(word, reach)
    found = _letters(word) if word.isascii() else _characters(word)
    return [*found, *_texts(word)] if reach.texts else found


def _digits(digits: str, reach: Reach) -> list[Meaning]:
    """Mean a number with or without its zeros, or its beginning; the end of a phone; a whole phone."""
    found = []
    if len(digits) <= NUMBER:
        numbers = [Q(number=digits.zfill(NUMBER))]
        if NUMBER_BEGINS <= len(digits) < NUMBER:
            low, high = digits.ljust(NUMBER, "0"), digits.ljust(NUMBER, "9") + "0"
            numbers.append(Q(Within(F("number"), low, high)))
        found += [Meaning(number) for number in numbers]
        if merged := _merged_from(reduce(or_, numbers)):
            found.append(Meaning(Q(pk__in=merged)))
    if reach.tails and len(digits) == PHONE_TAIL:
        found.append(Meaning(Q(Exact(Ending("phone", PHONE_TAIL), digits))))
    if reach.phones and len(digits) == WHOLE_PHONE:
        found.append(Meaning(Q(phone=digits)))
    return found


def _merged_from(number: Q) -> list[int]:
    """Return who goes on for the records of this number that were merged: the old number finds the person."""
    merged = Volunteer.objects.filter(number, merged_into__isnull=False).order_by()
    return [pk for pk in merged.values_list("merged_into", flat=True)[:TEXTS] if pk is not None]


def _letters(letters: str) -> list[Meaning]:
    """Mean the beginning of the initials, or pinyin from the first or second syllable on; one letter is a surname."""
    initials = letters.replace(" ", "")
    if len(initials) == 1:
        return [Meaning(_spelt(initials))]
    if len(initials) == 2:
        found = [Meaning(Q(Exact(First("name_initials", 2), initials)))]
    else:
        found = [Meaning(Q(Begins(ByteOrder("name_initials"), initials)))]
    for spelling in spellings(letters):
        found += [Meaning(_spelt(spelling)), Meaning(Q(Begins(AfterBlank("name_pinyin"), spelling)))]
    return found


def _spelt(pinyin: str) -> Q:
    """Enter the index that lists are in the order of: pinyin is Latin letters, all below the tilde."""
    return Q(name_pinyin__gte=pinyin, name_pinyin__lt=f"{pinyin}~")


def _characters(word: str) -> list[Meaning]:
    """Mean a part of the name, wherever it begins: from the fourth character on only long names have one."""
    found = [Begins(ByteOrder("name"), word), Begins(From("name", 2), word)]
    if len(word) == 1:
        rest = Q(GreaterThan(StrIndex(From("name", 3), Value(word)), Literal(0)))  # over an index that holds the names
        return [*(Meaning(Q(begins)) for begins in found), Meaning(rest)]
    third = Q(GreaterThan(Length("name"), Literal(3)), Begins(From("name", 3), word))
    rest = Q(GreaterThan(Length("name"), Literal(4)), Contains(From("name", 4), word))
    return [*(Meaning(Q(begins)) for begins in found), Meaning(third), Meaning(rest)]


def _texts(word: str) -> list[Meaning]:
    """Ask once which units and specialities contain the word, its signs as wide as a letter or as a character."""
    written = {word, word.translate(WIDE)}
    begins = anyhow(Meaning(Q(Begins(ByteOrder("entry"), one))) for one in written)
    texts = set(SearchEntry.objects.filter(begins).values_list("text__kind", "text__text").distinct()[: TEXTS + 1])
    found = []
    for kind in SearchText.Kind.values:
        those = [text for of, text in texts if of == kind]
        contains = anyhow(Meaning(Q(**{f"{kind}__icontains": one})) for one in written)
        if len(texts) > TEXTS:
            found.append(Meaning(contains))
        elif those:
            found.append(Meaning(Q(**{f"{kind}__in": sorted(those)}), contains))
    return found
