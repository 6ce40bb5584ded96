"""What columns are called, and where their names stand."""

import pytest

from volunteers.imports.columns import NAMES, column_called, find_head, label_of, plain


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("姓名", "name"),
        ("名字", "name"),
        ("姓 名 *", "name"),
        ("党员义工姓名", "name"),
        ("性别（必填）", "gender"),
        ("出生年月", "birth_date"),
        ("出生\n日期", "birth_date"),
        ("电话", "phone"),
        ("手机", "phone"),
        ("联系方式", "phone"),
        ("本人手机号码", "phone"),
        ("身份证号", "id_number"),
        ("公民身份号码", "id_number"),
        ("工作单位", "unit"),
        ("工作单位及部门", "unit"),
        ("单位性质", "unit_kind"),
        ("能力类型", "skills"),
        ("技能", "skills"),
        ("党支部", "party_branch"),
        ("入党时间", "joined_party_on"),
        ("ＰＨＯＮＥ", "phone"),
        ("Birth date", "birth_date"),
        ("所在村", "village"),
        ("备注", ""),
        ("序号", ""),
        ("问题", ""),
        ("", ""),
    ],
)
def test_columns_are_recognised_by_many_names(name, column):
    assert column_called(name) == column


def test_no_two_columns_share_a_name():
    names = [plain(name) for each in NAMES.values() for name in dict.fromkeys(map(plain, each))]

    assert sorted(names) == sorted(set(names))


def test_what_was_remembered_goes_before_the_usual_names():
    assert column_called("电话", {"电话": ""}) == ""
    assert column_called("备注", {"备注": "speciality"}) == "speciality"
    assert column_called("备注", {"备注": "a column of an older release"}) == ""


def test_names_stand_below_titles():
    rows = [
        (1, ["大荆镇党员义工花名册"]),
        (3, ["填表说明：手机要填"]),
        (4, ["序号", "姓名", "手机"]),
        (5, ["1", "张三", "139"]),
    ]
    head = find_head(rows, {})

    assert (head.place, head.columns) == (2, {"name": 1, "phone": 2})


def test_two_rows_of_names_are_read_as_one():
    # 姓名 is merged over both rows: it stands in each of them.
    rows = [
        (1, ["花名册"]),
        (2, ["姓名", "基本情况", None, "联系方式", None]),
        (3, ["姓名", "性别", "出生年月", "手机", "微信"]),
        (4, ["张三", "男", "1980-01-01", "13900000000", "x"]),
    ]
    head = find_head(rows, {})

    assert head.place == 2
    assert head.columns == {"name": 0, "gender": 1, "birth_date": 2, "phone": 3}
    assert head.names == ["姓名", "性别", "出生年月", "手机", "微信"]


def test_names_of_the_upper_row_alone_count_too():
    rows = [(2, ["姓名", "基本情况", None]), (3, [None, "性别", "手机"]), (4, ["张三", "男", "139"])]

    assert find_head(rows, {}).columns == {"name": 0, "gender": 1, "phone": 2}


def test_an_exact_name_goes_before_a_similar_one():
    rows = [(1, ["家属姓名", "姓名", "紧急联系电话", "联系电话"])]

    assert find_head(rows, {}).columns == {"name": 1, "phone": 3}


def test_nothing_is_recognised_in_a_table_of_something_else():
    assert find_head([(1, ["a", "b"]), (2, ["1", "2"])], {}).place == -1


def test_labels_are_there_for_each_column():
    assert all(label_of(column) for column in NAMES)
