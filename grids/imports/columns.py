"""The columns of a spreadsheet of grids: their names in both languages, and the usual other names."""

from common.workbook.table import Columns

NAMES: dict[str, tuple[str, ...]] = {
    "village": (
        "村(社区)", "Village", "社区", "村社区", "村名", "村居", "行政村", "所在村", "所属村", "村名称", "社区名称",
        "村庄", "村代码", "村编码", "区划代码", "community", "village code",
    ),
    "number": ("网格编号", "Number", "网格号", "网格", "网格序号", "编号", "grid", "grid number", "no"),
    "households": ("户数", "Households", "住户数", "总户数", "家庭户数", "网格户数", "户", "常住户数"),
    "boundary": ("四至范围", "Boundary", "范围", "四至", "边界", "网格范围", "网格四至", "区域范围", "area"),
    "official_code": (
        "统一编码", "Official code", "网格编码", "网格代码", "官方编码", "全国统一编码", "统一网格编码", "编码", "code",
        "grid code",
    ),
}  # fmt: skip
TABLE = Columns(NAMES, optional=frozenset({"boundary", "official_code"}))
