"""How names are read."""

import pytest

from volunteers.pinyin import pinyin_of, spellings


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("单小明", "shan xiao ming", "sxm"),
        ("仇英", "qiu ying", "qy"),
        ("区志强", "ou zhi qiang", "ozq"),
        ("曾国", "zeng guo", "zg"),
        ("解放", "xie fang", "xf"),
        ("尉迟恭", "yu chi gong", "ycg"),
        ("万俟卨", "mo qi xie", "mqx"),
        ("翟志刚", "zhai zhi gang", "zzg"),
        ("乐正红", "yue zheng hong", "yzh"),
        ("乐嘉", "yue jia", "yj"),
        ("宓子贱", "mi zi jian", "mzj"),
        ("盖叫天", "ge jiao tian", "gjt"),
        ("卜算子", "bu suan zi", "bsz"),
        ("阚泽", "kan ze", "kz"),
        ("單雄信", "shan xiong xin", "sxx"),
        ("欧阳修", "ou yang xiu", "oyx"),
        ("吕布", "lv bu", "lb"),
        ("阿依古丽·买买提", "a yi gu li mai mai ti", "ayglmmt"),
        ("Ánna Li", "anna li", "al"),
        ("", "", ""),
    ],
)
def test_pinyin_of_reads_surnames_as_people_do(name, pinyin, initials):
    assert pinyin_of(name) == (pinyin, initials)


def test_pinyin_of_fits_its_columns():
    pinyin, initials = pinyin_of("庄" * 40)

    assert len(pinyin) <= 120
    assert len(initials) <= 40


@pytest.mark.parametrize(
    ("letters", "written"),
    [
        ("zengg", ["zengg", "zeng g"]),
        ("xian", ["xian", "xi an", "xia n", "xi a n"]),
        ("lvb", ["lvb", "lv b"]),
        ("wxm", ["wxm"]),
        ("ou yangx", ["ou yangx", "ou yang x"]),
        ("", [""]),
    ],
)
def test_spellings_part_letters_into_syllables(letters, written):
    assert list(spellings(letters))[: len(written)] == written


def test_spellings_are_few_however_much_is_typed():
    assert len(spellings("xianganan" * 4)) <= 12
