"""What the teams do and how a village officer writes it down; the mix is that of the programme's report of 2010."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

from services.demo.names import villager

MORNING, AFTERNOON, EVENING = (7 * 60 + 30, 10 * 60), (13 * 60 + 30, 16 * 60), (18 * 60 + 30, 19 * 60 + 15)
SEASONS = ("winter", "spring", "summer", "autumn")


@dataclass(frozen=True)
class Kind:
    """One service category: its share by season (winter, spring, summer, autumn), minutes, times of day, words."""

    shares: tuple[int, int, int, int]
    minutes: tuple[int, int]
    times: tuple[tuple[int, int], ...]
    served: tuple[int, int]
    recipients: tuple[str, ...]
    contents: tuple[str, ...]


# {who}: a villager; {grid}: the number of the grid; {thing}: one of the kind's own things.
KINDS = {
    "cleaning": Kind(
        (32, 34, 38, 36),
        (60, 150),
        (MORNING, AFTERNOON),
        (20, 120),
        ("第{grid}网格住户", "{spot}沿线住户", "全村村民", "{who}", "村文化礼堂"),
        (
            "清扫{spot},清运垃圾{few}车",
            "清理{spot}卫生死角和房前屋后杂物",
            "打捞{spot}河面漂浮物,清除岸边垃圾",
            "组织住户打扫{spot},摆放垃圾分类桶",
            "清除{spot}墙上的小广告{many}处",
            "帮助{who}家清理庭院杂物",
            "台风过后清理{spot}倒伏树枝和淤泥",
            "{spot}除草、冲洗路面",
        ),
    ),
    "errand": Kind(
        (22, 20, 20, 19),
        (30, 100),
        (MORNING, AFTERNOON),
        (1, 2),
        ("{who}", "{who}", "{who}户", "{who}夫妇"),
        (
            "代{who}到镇便民中心办理{paper}",
            "代购{goods}并送到家中",
            "代交电费、水费和电视费",
            "代办{paper},资料已交回本人",
            "到镇上代领养老金认证材料",
            "送{who}到大医院检查,陪同挂号取药",
            "帮{who}寄包裹、取快递{few}件",
            "代{who}到农商银行办理存折补登",
        ),
    ),
    "farming": Kind(
        (8, 17, 13, 13),
        (60, 180),
        (MORNING, AFTERNOON),
        (1, 30),
        ("{who}户", "{who}", "枇杷种植户", "石斛种植户", "种粮大户{who}"),
        (
            "指导{crop}{work},现场示范",
            "帮助{who}家抢收{crop}",
            "查看{crop}病虫害,告知用药和安全间隔期",
            "为{few}户农户讲解{crop}{work}要点",
            "帮助搭建大棚、修整水渠",
            "联系农技站检测土壤,送去施肥建议",
        ),
    ),
    "visit": Kind(
        (13, 11, 10, 11),
        (40, 110),
        (MORNING, AFTERNOON, EVENING),
        (1, 12),
        ("独居老人{who}", "困难户{who}", "残疾人{who}", "{who}户", "新居民{who}", "第{grid}网格{few}户"),
        (
            "上门走访,了解生活情况,带去米和油",
            "走访{few}户,发放服务联系卡",
            "看望独居老人,检查煤气和电线",
            "走访困难家庭,登记需要帮助的事{few}件",
            "上门听取对村里工作的意见",
            "看望住院回家的{who},问需要什么帮助",
        ),
    ),
    "medical": Kind(
        (9, 6, 6, 6),
        (60, 200),
        (MORNING, AFTERNOON),
        (1, 40),
        ("{who}", "村里老人", "{who}、{who2}等老人", "第{grid}网格老年人"),
        (
            "为老人量血压、测血糖{many}人次",
            "上门为{who}换药",
            "讲解高血压、糖尿病用药注意事项",
            "陪同体检并讲解体检结果",
            "义诊,发放常用药品和健康手册",
            "教老人和家属心肺复苏",
        ),
    ),
    "policy": Kind(
        (5, 4, 4, 5),
        (40, 100),
        (AFTERNOON, EVENING),
        (1, 40),
        ("{who}", "第{grid}网格住户", "{who}户", "村民代表"),
        (
            "解答医保缴费和报销政策",
            "宣讲垃圾分类、反诈知识",
            "讲解宅基地审批手续",
            "帮助下载反诈软件并讲解常见骗局",
            "说明土地流转补贴申报办法",
        ),
    ),
    "mediation": Kind(
        (5, 3, 3, 4),
        (60, 180),
        (AFTERNOON, EVENING),
        (2, 6),
        ("{who}与{who2}", "{who}户与{who2}户", "{who}家庭"),
        (
            "调解{who}与邻居的{dispute},双方达成一致",
            "劝解{dispute},约定下周再谈",
            "就{dispute}到现场丈量,双方签字认可",
            "调解{dispute},约定各让一步",
        ),
    ),
    "culture": Kind(
        (3, 2, 3, 3),
        (60, 150),
        (AFTERNOON, EVENING),
        (10, 80),
        ("村文化礼堂", "村里儿童", "老年活动中心", "暑期春泥计划学生"),
        (
            "组织腰鼓队排练",
            "为孩子辅导作业、讲红色故事",
            "教孩子细纹刻纸",
            "放映露天电影,维持秩序",
            "写春联送给村民{many}副",
            "组织老人唱越剧、下象棋",
        ),
    ),
    "safety": Kind(
        (3, 3, 4, 3),
        (60, 150),
        (MORNING, EVENING),
        (20, 150),
        ("第{grid}网格住户", "全村村民", "出租房住户", "{spot}沿线住户"),
        (
            "夜间巡逻,提醒关好门窗",
            "检查出租房消防,发现隐患{few}处已告知整改",
            "巡查{spot},劝阻游泳戏水",
            "森林防火巡查,劝阻上坟烧纸",
            "检查老房子用电线路,换下老化插座{few}个",
        ),
    ),
    "other": Kind(
        (1, 1, 1, 1),
        (30, 120),
        (MORNING, AFTERNOON),
        (1, 20),
        ("{who}", "村民{who}", "村老年协会"),
        (
            "帮{who}找回走失的老人",
            "修理水龙头和电灯",
            "免费理发{few}人",
            "修好{who}家的电视和洗衣机",
            "帮忙搬运喜事桌椅",
        ),
    ),
}
SPOTS = (
    "村口", "村道", "老街", "溪坑边", "文化礼堂前", "公交站", "菜场周边", "停车场", "后山步道", "老祠堂前", "学校门口", "溪滩", "水渠", "健身广场",
)  # fmt: skip
THINGS = {
    "spot": SPOTS,
    "paper": ("社保卡", "老年证", "医保备案", "残疾证年检", "低保年审", "建房申请", "营业执照年报", "身份证预约"),
    "goods": ("药品", "米油", "化肥", "煤气", "农药和种子", "日用品"),
    "crop": ("枇杷", "铁皮石斛", "水稻", "杨梅", "芋头", "茶叶", "甘蔗", "蔬菜"),
    "work": ("修剪", "套袋", "施肥", "防冻", "育苗", "病虫防治", "采收"),
    "dispute": (
        "宅基地纠纷",
        "排水纠纷",
        "山林边界纠纷",
        "赡养纠纷",
        "土地承包纠纷",
        "工资纠纷",
        "噪声纠纷",
        "婚姻家庭矛盾",
    ),
}
CODES = list(KINDS)
SHARES = [[kind.shares[season] for kind in KINDS.values()] for season in range(4)]
LONG_CONTENT = "防汛防台值守:巡查{spot}、转移低洼处住户{few}户,直至警报解除"
COMMENTS = (
    "请补充受益户姓名。", "参与人员时长与当天另一条重复,请核对。", "内容太简略,请写明做了什么。", "时间是否有误?请核对签到。", "请说明两条日志是否为同一次服务。",
)  # fmt: skip


def draw_category(random: Random, month: int) -> str:
    """Draw a category by its share in the season: farming in spring, cleaning in the typhoons' summer."""
    return random.choices(CODES, SHARES[month % 12 // 3])[0]


def words(random: Random, template: str, number: int) -> str:
    """Fill a template; a name occurs once in it, so that nobody quarrels with themselves."""
    text, filled = "", template
    while "{" in filled:
        before, _, rest = filled.partition("{")
        name, _, filled = rest.partition("}")
        text += before + FILL.get(name, partial(_one_of, name))(random, number)
    return text + filled


def _one_of(name: str, random: Random, number: int) -> str:
    return random.choice(THINGS[name])


FILL: dict[str, Callable[[Random, int], str]] = {
    "who": lambda random, number: villager(random),
    "who2": lambda random, number: villager(random),
    "grid": lambda random, number: str(number),
    "few": lambda random, number: str(random.randint(2, 9)),
    "many": lambda random, number: str(random.randint(10, 60)),
}
