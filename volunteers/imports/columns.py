"""What the columns of a list of volunteers are called, and which rows of a sheet hold these names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from common.clean import clean_code
from common.wording import in_words
from common.workbook.opening import Cell, Row

# Chinese, English, then what else offices call them.
NAMES: dict[str, tuple[str, ...]] = {
    "number": (
        "编号",
        "Number",
        "义工编号",
        "义工号",
        "义工证号",
        "证号",
        "证件编号",
        "义工证编号",
        "志愿者编号",
        "badge number",
    ),
    "name": ("姓名", "Name", "名字", "义工姓名", "党员姓名", "志愿者姓名", "人员姓名", "队员姓名", "full name"),
    "gender": ("性别", "Gender", "男女", "sex"),
    "birth_date": (
        "出生日期",
        "Birth date",
        "出生年月",
        "出生年月日",
        "生日",
        "出生时间",
        "出生",
        "date of birth",
        "birthday",
    ),
    "phone": (
        "手机",
        "Mobile phone",
        "手机号",
        "手机号码",
        "电话",
        "电话号码",
        "联系电话",
        "联系方式",
        "移动电话",
        "联系手机",
        "手机电话",
        "本人电话",
        "本人手机",
        "phone",
        "mobile",
        "telephone",
    ),
    "id_number": (
        "身份证号",
        "ID number",
        "身份证",
        "身份证号码",
        "公民身份号码",
        "公民身份证号码",
        "身份证件号码",
        "居民身份证号码",
        "居民身份证号",
        "证件号码",
        "identity number",
    ),
    "township": ("乡镇", "Township", "乡镇街道", "所属乡镇", "所在乡镇", "镇", "街道", "镇街", "乡镇(街道)", "town"),
    "village": (
        "村",
        "Home village",
        "村社区",
        "所在村",
        "所属村",
        "村居",
        "行政村",
        "村名",
        "社区",
        "村庄",
        "籍贯村",
        "户籍村",
        "家庭所在村",
        "村(社区)",
        "village",
        "community",
    ),
    "skills": (
        "能力类型",
        "Skill types",
        "特长类别",
        "特长类型",
        "能力",
        "类型",
        "技能",
        "技能类型",
        "义工类型",
        "服务类型",
        "能力类别",
        "义工类别",
        "主要能力类型",
        "能力类型主",
        "skill",
        "skill type",
        "primary skill type",
    ),
    "further_skills": (
        "其他能力类型",
        "Further skill types",
        "其它能力类型",
        "次要能力类型",
        "兼有能力类型",
        "其他技能",
        "能力类型次",
        "further skills",
    ),
    "speciality": ("特长", "Speciality", "专长", "个人特长", "服务特长", "擅长", "一技之长", "skills and talents"),
    "is_rural_expert": (
        "农村生产能手",
        "Rural production expert",
        "生产能手",
        "是否农村生产能手",
        "种养能手",
        "致富能手",
        "rural expert",
    ),
    "unit": ("单位", "Unit", "工作单位", "所在单位", "单位名称", "工作单位名称", "任职单位", "employer", "work unit"),
    "unit_kind": ("单位类别", "Kind of unit", "单位性质", "单位类型", "单位种类", "unit kind"),
    "occupation": ("职业", "Occupation", "从事职业", "从业", "job"),
    "post": ("岗位", "Post", "职务", "现任职务", "工作岗位", "任职", "职位", "position"),
    "discipline": ("专业", "Discipline", "所学专业", "毕业专业", "学科", "major"),
    "interests": ("兴趣", "Interests", "兴趣爱好", "爱好", "个人爱好", "hobbies"),
    "education": ("学历", "Education", "文化程度", "最高学历", "教育程度", "文化水平"),
    "party_branch": (
        "党支部",
        "Party branch",
        "所在党支部",
        "所属党支部",
        "支部",
        "党组织",
        "所在支部",
        "支部名称",
        "所属党组织",
        "branch",
    ),
    "joined_party_on": (
        "入党时间",
        "Joined the party",
        "入党日期",
        "入党年月",
        "入党",
        "加入党组织时间",
        "加入党组织日期",
        "转正时间",
    ),
    "joined_on": (
        "加入日期",
        "Joined the programme",
        "加入时间",
        "入队时间",
        "参加时间",
        "义工加入时间",
        "注册时间",
        "注册日期",
        "报名时间",
        "报名日期",
        "加入义工时间",
        "登记日期",
    ),
    "shows_name": ("同意公开姓名", "Agrees to show the name", "公开姓名"),
    "shows_phone": ("同意公开电话", "Agrees to show the phone", "公开电话", "同意公开手机"),
}
COLUMNS = tuple(NAMES)
# What lists have besides, and nobody needs to be asked about; the file of the wrong rows adds the last two.
REASON = ("问题", "What is wrong")
CURE = ("怎样改", "How to put it right")
IGNORED = ("序号", "序", "No", "行号", "年龄", "age", "民族", "籍贯", "政治面貌", "照片", "状态", *REASON, *CURE)
# How far down the names are looked for: titles and explanations stand above them.
HEAD_ROWS = 20
MOST_COLUMNS = 200
SAMPLES = 3
LONGEST_NAME = 60

# Nobody is found, and no new person made, without one of these.
NEEDED = ("name",)


@dataclass
class Head:
    """Where the names of the columns stand: ``rows`` rows end with the one at ``place``, and are called ``names``."""

    place: int = -1
    names: list[str] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)


def label_of(column: str) -> str:
    """Return the column's name in the reader's language."""
    return in_words(*NAMES[column][:2])


def plain(name: str) -> str:
    """Leave out what is written around a column's name: 姓名（必填）*: is 姓名, 出 生 年 月 is 出生年月."""
    bare = re.sub(r"[(\[【].*?[)\]】]|[\s*:：_./、,\-\"'“”]", "", clean_code(name)).casefold()
    return bare[:LONGEST_NAME]


_COLUMN_OF = {plain(name): column for column, names in NAMES.items() for name in names}
_IGNORED = {plain(name) for name in IGNORED}


def column_called(name: str, remembered: Mapping[str, str] | None = None) -> str:
    """Return the column that is called so: as it was remembered, by its usual names, or as one of them is part of it.

    Nothing where it was left out before or nobody knows.
    """
    bare = plain(name)
    if remembered and bare in remembered:
        return remembered[bare] if remembered[bare] in NAMES else ""
    if bare in _COLUMN_OF:
        return _COLUMN_OF[bare]
    if bare in _IGNORED or len(bare) < 3:
        return ""
    # 党员义工姓名, 本人手机号码, 工作单位及部门: the longest known name that it begins or ends with.
    for length in range(len(bare) - 1, 1, -1):
        for part in (bare[-length:], bare[:length]):
            if part in _COLUMN_OF and not part.isascii():
                return _COLUMN_OF[part]
    return ""


def is_known(name: str, remembered: Mapping[str, str]) -> bool:
    """Whether nobody needs to be asked what a column means: it is known, ignored, or was left out before."""
    bare = plain(name)
    return not bare or bare in _IGNORED or bare in remembered or bool(column_called(name))


def find_head(rows: Sequence[Row], remembered: Mapping[str, str]) -> Head:
    """Find the names of the columns below titles: the row that names most columns, or two rows of them.

    Where two rows name columns, the lower one has the names and the upper one groups of them; what stands in the
    upper one alone (a cell merged over both, or not) counts too.
    """
    best = Head()
    for place, (_number, cells) in enumerate(rows[:HEAD_ROWS]):
        for names in _possible(rows, place, cells):
            columns = _columns_of(names, remembered)
            if len(columns) > len(best.columns) or (
                # A merged name stands in both rows: the lower one ends the head.
                best.place == place - 1 and len(columns) == len(best.columns) and columns == best.columns
            ):
                best = Head(place, names, columns)
    return best if len(best.columns) >= 2 else Head()


def _possible(rows: Sequence[Row], place: int, cells: Sequence[Cell]) -> list[list[str]]:
    names = [_text(cell) for cell in cells]
    found = [names]
    if place:
        above = [_text(cell) for cell in rows[place - 1][1]]
        width = max(len(above), len(names))
        above += [""] * (width - len(above))
        below = names + [""] * (width - len(names))
        found.append([low or high for low, high in zip(below, above, strict=True)])
    return found


def _columns_of(names: Sequence[str], remembered: Mapping[str, str]) -> dict[str, int]:
    """Return at which place each column stands; the first of two of one meaning, an exact name before a similar one."""
    columns: dict[str, int] = {}
    exact: set[str] = set()
    for place, name in enumerate(names):
        column = column_called(name, remembered)
        if not column:
            continue
        is_exact = plain(name) in _COLUMN_OF
        if column not in columns or (is_exact and column not in exact):
            columns[column] = place
        if is_exact:
            exact.add(column)
    return columns


def _text(cell: Cell) -> str:
    """Return a name as people read it: on one line, and none of what is too long to be one."""
    text = re.sub(r"\s+", " ", str(cell)).strip() if isinstance(cell, str) else ""
    return text if len(text) <= LONGEST_NAME else ""
