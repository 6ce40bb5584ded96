"""What the teams do and how a village officer writes it down; the mix is that of the programme's report of 2010."""

from dataclasses import dataclass
from random import Random

from services.demo.names import villager

MORNING, AFTERNOON, EVENING = (7 * 60 + 30, 10 * 60), (13 * 60 + 30, 16 * 60), (18 * 60 + 30, 19 * 60 + 15)


@dataclass(frozen=True)
class Scene:
    """For whom (how many people are served), and what was done; {who} is the same person in both."""

    recipients: tuple[str, ...]
    served: tuple[int, int]
    contents: tuple[str, ...]


@dataclass(frozen=True)
class Kind:
    """One service category: its share in winter, spring, summer and autumn, its minutes, times of day and scenes."""

    shares: tuple[int, int, int, int]
    minutes: tuple[int, int]
    times: tuple[tuple[int, int], ...]
    scenes: tuple[Scene, ...]


KINDS = {
    "cleaning": Kind(
        (32, 34, 38, 36),
        (60, 150),
        (MORNING, AFTERNOON),
        (
            Scene(
                ("第{grid}网格住户", "{spot}沿线住户", "全村村民", "{spot}附近住户"),
                (20, 120),
                (
                    "清扫{spot}，清运垃圾{few}车",
                    "清理{spot}卫生死角和周边杂物",
                    "组织住户打扫{spot}，摆放垃圾分类桶",
                    "清除{spot}墙上的小广告{many}处",
                    "{spot}除草、冲洗路面",
                    "清理{spot}倒伏树枝和积水",
                    "劝导{few}户垃圾分类，清扫{spot}",
                ),
            ),
            Scene(
                ("{water}沿线住户", "全村村民", "第{grid}网格住户"),
                (20, 120),
                ("打捞{water}漂浮物，清除岸边垃圾", "{water}清淤，割除水草", "沿{water}捡拾垃圾{few}袋"),
            ),
            Scene(("{who}户", "独居老人{who}"), (1, 2), ("帮{who}家清理庭院杂物", "为{who}打扫房间、洗晒被褥")),
        ),
    ),
    "errand": Kind(
        (22, 20, 20, 19),
        (30, 100),
        (MORNING, AFTERNOON),
        (
            Scene(
                ("{who}", "{who}", "{who}户"),
                (1, 2),
                (
                    "代{who}到镇便民中心办理{paper}",
                    "代购{goods}，送到{who}家中",
                    "代{who}交电费、水费和电视费",
                    "代办{paper}，证件已交回本人",
                    "代{who}做养老金领取认证",
                    "送{who}到医院检查，陪同挂号取药",
                    "帮{who}寄包裹、取快递{few}件",
                    "代{who}到农商银行补登存折",
                ),
            ),
        ),
    ),
    "farming": Kind(
        (8, 17, 13, 13),
        (60, 180),
        (MORNING, AFTERNOON),
        (
            Scene(
                ("{who}户", "{who}", "种植户{who}"),
                (1, 4),
                (
                    "指导{who}家{crop}{work}，现场示范",
                    "帮{who}家抢收{crop}",
                    "到{who}家地里查看{crop}病虫害，告知用药和安全间隔期",
                    "帮{who}搭建大棚、修整水渠",
                    "联系农技站为{who}家检测土壤，送去施肥建议",
                ),
            ),
            Scene(
                ("{crop}种植户", "合作社社员"),
                (5, 30),
                ("讲解{crop}{work}要点，发放资料{many}份", "组织{crop}{work}现场会", "联系销路，帮合作社装运农产品"),
            ),
        ),
    ),
    "visit": Kind(
        (13, 11, 10, 11),
        (40, 110),
        (MORNING, AFTERNOON, EVENING),
        (
            Scene(
                ("独居老人{who}", "困难户{who}", "残疾人{who}", "军属{who}"),
                (1, 3),
                (
                    "上门看望，带去米和油",
                    "看望{who}，检查煤气和电线",
                    "了解{who}家生活情况，登记需要帮助的事{few}件",
                    "看望出院回家的{who}，问需要什么帮助",
                ),
            ),
            Scene(
                ("第{grid}网格{few}户", "{spot}沿线住户", "新居民{who}等{few}户"),
                (4, 20),
                (
                    "上门走访，发放服务联系卡",
                    "走访听取对村里工作的意见",
                    "逐户走访，更新联系电话",
                    "走访并提醒防火防盗",
                ),
            ),
        ),
    ),
    "medical": Kind(
        (9, 6, 6, 6),
        (60, 200),
        (MORNING, AFTERNOON),
        (
            Scene(
                ("村里老人", "第{grid}网格老年人", "老年活动中心"),
                (10, 50),
                (
                    "为老人量血压、测血糖{many}人次",
                    "讲解高血压、糖尿病用药注意事项",
                    "义诊，发放常用药品和健康手册",
                    "教老人和家属心肺复苏",
                    "陪同体检并讲解体检结果",
                ),
            ),
            Scene(
                ("{who}", "{who}户", "病人{who}"),
                (1, 2),
                ("上门为{who}换药", "上门为{who}量血压，核对用药", "送{who}到卫生院就诊", "指导{who}家属做康复按摩"),
            ),
        ),
    ),
    "policy": Kind(
        (5, 4, 4, 5),
        (40, 100),
        (AFTERNOON, EVENING),
        (
            Scene(
                ("第{grid}网格住户", "村民代表", "{spot}沿线住户"),
                (10, 40),
                (
                    "宣讲医保缴费和报销政策",
                    "宣讲垃圾分类和村规民约",
                    "讲解常见骗局，帮助安装反诈软件",
                    "说明土地流转补贴申报办法",
                ),
            ),
            Scene(
                ("{who}", "{who}户"),
                (1, 3),
                (
                    "向{who}说明宅基地审批手续",
                    "解答{who}医保报销问题",
                    "为{who}讲解赡养和继承的法律规定",
                    "帮{who}核算征地补偿",
                ),
            ),
        ),
    ),
    "mediation": Kind(
        (5, 3, 3, 4),
        (60, 180),
        (AFTERNOON, EVENING),
        (
            Scene(
                ("{who}与{who2}", "{who}户与{who2}户"),
                (2, 6),
                (
                    "调解{dispute}，双方达成一致",
                    "劝解{dispute}，约定下周再谈",
                    "就{dispute}到现场丈量，双方签字认可",
                    "调解{who}与{who2}的{dispute}，各让一步",
                ),
            ),
            Scene(
                ("{who}家庭", "{who}夫妇"), (2, 5), ("劝解夫妻矛盾，约定再上门", "调解赡养问题，子女当场议定分担办法")
            ),
        ),
    ),
    "culture": Kind(
        (3, 2, 3, 3),
        (60, 150),
        (AFTERNOON, EVENING),
        (
            Scene(
                ("村里儿童", "留守儿童"), (6, 30), ("为孩子辅导作业、讲红色故事", "教孩子细纹刻纸", "带孩子读书、下棋")
            ),
            Scene(
                ("村文化礼堂", "老年活动中心", "全村村民"),
                (10, 80),
                ("组织腰鼓队排练", "放映露天电影，维持秩序", "组织老人唱越剧、下象棋", "布置展板，写对联{many}副"),
            ),
        ),
    ),
    "safety": Kind(
        (3, 3, 4, 3),
        (60, 150),
        (MORNING, EVENING),
        (
            Scene(
                ("第{grid}网格住户", "全村村民", "出租房住户", "{spot}沿线住户"),
                (20, 150),
                (
                    "夜间巡逻，提醒关好门窗",
                    "检查出租房消防，发现隐患{few}处已告知整改",
                    "巡查{water}，劝阻游泳戏水",
                    "森林防火巡查，劝阻上坟烧纸",
                    "检查老房子用电线路，换下老化插座{few}个",
                ),
            ),
        ),
    ),
    "other": Kind(
        (1, 1, 1, 1),
        (30, 120),
        (MORNING, AFTERNOON),
        (
            Scene(
                ("{who}", "{who}户"),
                (1, 3),
                ("帮{who}修理水龙头和电灯", "修好{who}家的电视和洗衣机", "帮{who}家搬运家具"),
            ),
            Scene(
                ("村老年协会", "第{grid}网格老年人"),
                (8, 20),
                ("免费理发{many}人", "帮老人拍摄证件照", "协助筹备重阳敬老活动"),
            ),
        ),
    ),
}
THINGS = {
    "spot": (
        *("村口", "村道", "老街", "文化礼堂", "公交站", "菜场", "停车场", "后山步道", "老祠堂", "学校门口", "健身广场"),
        *("村委会", "卫生室", "老人亭", "茶山路", "安置房小区"),
    ),
    "water": ("溪坑", "村前河", "溪滩", "水渠", "小溪", "池塘"),
    "paper": ("社保卡", "老年证", "医保备案", "残疾证年检", "低保年审", "建房申请", "营业执照年报", "身份证预约"),
    "goods": ("药品", "米油", "化肥", "煤气", "种子", "日用品"),
    "crop": ("枇杷", "铁皮石斛", "水稻", "杨梅", "芋头", "茶叶", "甘蔗", "蔬菜"),
    "work": ("修剪", "施肥", "防冻", "育苗", "病虫防治", "采收"),
    "dispute": ("宅基地纠纷", "排水纠纷", "山林边界纠纷", "土地承包纠纷", "工资纠纷", "噪声纠纷", "采光纠纷"),
}
CODES = list(KINDS)
SHARES = [[kind.shares[season] for kind in KINDS.values()] for season in range(4)]
ON_CALL = Scene(
    ("第{grid}网格住户", "全村村民"),
    (60, 200),
    ("防汛值守：巡查{water}、转移低洼处住户{few}户，直至警报解除", "通宵森林防火值守，劝返上山人员{many}人"),
)
COMMENTS = (
    "请补充受益户姓名。",
    "参与人员时长与当天另一条重复，请核对。",
    "内容太简略，请写明做了什么。",
    "时间是否有误?请核对签到。",
    "请说明两条日志是否为同一次服务。",
)


def draw_category(random: Random, month: int) -> str:
    """Draw a category by its share in the season: farming in spring, cleaning in the typhoons' summer."""
    return random.choices(CODES, SHARES[month % 12 // 3])[0]


class Words:
    """The words of one service: whatever is named twice is the same both times."""

    def __init__(self, random: Random, grid: int) -> None:
        """Begin with nothing but the number of the grid."""
        self.random, self.known = random, {"grid": str(grid)}

    def __getitem__(self, name: str) -> str:
        """Return what stands for ``{name}``: drawn at its first use."""
        if name not in self.known:
            self.known[name] = self._draw(name)
        return self.known[name]

    def say(self, template: str) -> str:
        """Fill a template."""
        return template.format_map(self)

    def _draw(self, name: str) -> str:
        if name in ("who", "who2"):
            return villager(self.random)
        if name == "few":
            return str(self.random.randint(2, 9))
        if name == "many":
            return str(self.random.randint(10, 60))
        return self.random.choice(THINGS[name])

    @property
    def place(self) -> str:
        """Where it was, as far as the words say so."""
        return self.known.get("spot") or self.known.get("water") or ""
