"""How names are read."""

import pytest

from volunteers.pinyin import pinyin_of


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
