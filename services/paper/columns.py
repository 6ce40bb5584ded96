"""The columns of a spreadsheet of logs: their names in both languages, and the usual other names."""

from common.workbook.table import Columns

# Chinese, English, then what else such columns are called.
NAMES: dict[str, tuple[str, ...]] = {
    "team": ("服务队", "Team", "服务队名称", "团队", "团队名称", "队伍", "队名", "小队", "网格服务队", "网格"),
    "date": ("日期", "Date", "服务日期", "活动日期", "年月日", "day"),
    "starts": ("开始", "From", "开始时间", "服务开始时间", "起始时间", "开始时刻", "起", "start", "starts", "begin"),
    "ends": ("结束", "To", "结束时间", "服务结束时间", "终止时间", "结束时刻", "止", "end", "ends", "until"),
    "category": ("类别", "Category", "服务类别", "服务类型", "类型", "服务项目", "kind", "type"),
    "people": (
        "参与人员", "Who took part", "参加人员", "服务人员", "参与义工", "义工", "志愿者", "参与者", "人员", "参与人",
        "people", "participants", "volunteers",
    ),
    "recipient": ("服务对象", "For whom", "对象", "受助对象", "被服务人", "服务户", "recipient"),
    "content": ("服务内容", "What was done", "内容", "事项", "服务事项", "工作内容", "content", "description"),
    "people_served": ("服务人数", "People served", "受益人数", "服务人次", "人次", "人数", "served"),
    "place": ("地点", "Place", "服务地点", "地址", "活动地点", "where"),
}  # fmt: skip
TABLE = Columns(NAMES, optional=frozenset({"people_served", "place"}))
