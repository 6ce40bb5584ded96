"""Codes that people type: a mistyped sign is noticed."""

from random import Random

import pytest

from common.codes import ALPHABET, checked, is_mistyped, read_signs

RANDOM = Random(11)
SAMPLES = ["".join(RANDOM.choices(ALPHABET, k=11)) for _ in range(20)]


@pytest.mark.parametrize("signs", SAMPLES)
def test_every_single_mistyped_sign_is_noticed(signs):
    code = checked(signs)

    assert len(code) == 12
    assert not is_mistyped(code)
    for place, sign in enumerate(code):
        for other in set(ALPHABET) - {sign}:
            assert is_mistyped(code[:place] + other + code[place + 1 :])


def test_neighbours_that_changed_places_are_noticed_but_for_pairs_thirteen_apart():
    for signs in SAMPLES:
        code = checked(signs)
        for place in range(11):
            one, two = code[place], code[place + 1]
            if (ALPHABET.index(one) - ALPHABET.index(two)) % 13:
                assert is_mistyped(code[:place] + two + one + code[place + 2 :])


def test_a_code_is_read_however_it_is_typed():
    code = checked("7KMX3RTA9WC")

    assert read_signs(f" {code[:4].lower()} {code[4:8]}-{code[8:]}", 12) == code
