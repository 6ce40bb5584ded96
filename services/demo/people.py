"""Invented volunteers: who they are, what they are good at, how to reach them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from areas.models import Village
from services.demo.names import given_name, surname
from volunteers.id_number import check_digit, encrypted, is_switched_on, keyed_hash
from volunteers.pinyin import pinyin_of

# 能力类型: share in a thousand, then what people of it do: occupation, post, discipline, speciality, kind of unit,
# unit, and the least education that it takes.
FARM, SHOP, HALL = "{village}经济合作社", "", "{village}村民委员会"
SKILLS = {
    "agriculture": (
        230,
        (
            ("枇杷种植户", "合作社社员", "果树栽培", "枇杷修剪与疏果", "other", "荆山枇杷合作社", 0),
            ("石斛种植户", "合作社理事长", "中药材", "石斛栽培与病虫防治", "other", "雁溪石斛专业合作社", 1),
            ("农技员", "农技推广", "农学", "水稻病虫害防治", "station", "{township}农技站", 3),
            ("水产养殖户", "养殖场场长", "水产养殖", "泥蚶、缢蛏养殖", "other", FARM, 0),
            ("种粮大户", "合作社社员", "作物栽培", "机耕机收", "other", FARM, 0),
            ("农民", "", "", "果蔬种植", "other", FARM, 0),
        ),
    ),
    "living": (
        220,
        (
            ("个体工商户", "店主", "", "代购代办", "other", SHOP, 1),
            ("村干部", "村委委员", "行政管理", "代办证照、社保", "other", HALL, 2),
            ("出租车司机", "驾驶员", "", "接送老人就医", "other", SHOP, 1),
            ("理发师", "店主", "美容美发", "上门理发", "other", SHOP, 1),
            ("机关干部", "科员", "行政管理", "代办证照、社保", "office", "{township}人民政府", 3),
        ),
    ),
    "medical": (
        110,
        (
            ("乡村医生", "卫生室医生", "临床医学", "高血压、糖尿病随访", "station", "{village}卫生室", 3),
            ("护士", "护师", "护理", "测血压、换药", "station", "{township}卫生院", 3),
            ("药师", "药店店长", "药学", "用药指导", "other", SHOP, 3),
            ("医生", "全科医生", "全科医学", "常见病诊治、急救", "station", "{township}卫生院", 4),
        ),
    ),
    "legal": (
        60,
        (
            ("律师", "专职律师", "法学", "合同、婚姻家庭咨询", "other", "雁东律师事务所", 4),
            ("法律工作者", "法律服务所主任", "法学", "土地承包纠纷", "station", "{township}法律服务所", 3),
            ("司法助理员", "司法所科员", "法学", "普法宣传", "station", "{township}司法所", 4),
        ),
    ),
    "mediation": (
        110,
        (
            ("退休干部", "原村支部书记", "党务", "邻里纠纷调解", "other", HALL, 1),
            ("村干部", "村支部书记", "党务", "山林、宅基地纠纷调解", "other", HALL, 2),
            ("退休教师", "原校长", "教育", "家庭矛盾疏导", "school", "{township}中心小学", 3),
            ("机关干部", "综治办主任", "社会工作", "劝和说理", "office", "{township}人民政府", 3),
        ),
    ),
    "culture": (
        90,
        (
            ("教师", "中学教师", "汉语言文学", "宣讲、写作", "school", "{township}中学", 4),
            ("文化员", "文化站站长", "群众文化", "排练腰鼓、越剧", "station", "{township}文化站", 3),
            ("教师", "小学教师", "小学教育", "课业辅导", "school", "{township}中心小学", 3),
            ("细纹刻纸艺人", "工作室负责人", "工艺美术", "细纹刻纸教学", "other", SHOP, 1),
        ),
    ),
    "technical": (
        100,
        (
            ("电工", "班组长", "电气", "线路检修", "station", "{township}供电所", 2),
            ("电器企业职工", "技术员", "机电", "家电维修", "other", "正和电器有限公司", 2),
            ("水暖工", "个体", "", "水管、太阳能维修", "other", SHOP, 1),
            ("工程师", "车间主任", "机械", "农机维修", "other", "正和电器有限公司", 4),
        ),
    ),
    "environment": (
        80,
        (
            ("保洁员", "保洁组长", "", "河道保洁、垃圾分类", "other", HALL, 0),
            ("护林员", "巡山护林", "林学", "森林防火", "station", "{township}林业站", 1),
            ("园林工", "项目经理", "园林", "绿化养护", "other", "雁山园林工程队", 2),
        ),
    ),
}
CODES = list(SKILLS)
WEIGHTS = [share for share, _ in SKILLS.values()]
INTERESTS = ("太极拳", "书法", "钓鱼", "越剧", "登山", "象棋", "广场舞", "摄影", "种花", "骑行", "")
EDUCATION = ("primary", "junior", "senior", "college", "bachelor", "master")
# No operator has given these prefixes out to people: the numbers are well formed and reach nobody.
PHONE_PREFIXES = ("154", "160", "179")
FIELDS = (
    "id", "number", "name", "name_pinyin", "name_initials", "gender", "birth_date", "phone", "party_branch",
    "joined_party_on", "unit", "unit_kind", "occupation", "post", "discipline", "speciality", "interests",
    "is_rural_expert", "education", "township_id", "village_id", "primary_skill_id", "status", "joined_on", "left_on",
    "shows_name", "shows_phone", "user_id", "id_number_encrypted", "id_number_hash",
)  # fmt: skip


@dataclass
class Person:
    """A volunteer in the making. ``diligence`` weighs how often they come along."""

    pk: int
    name: str
    is_female: bool
    born: date
    village: Village
    skill: str
    joined: date
    diligence: float
    status: str = "active"
    left: date | None = None
    away: date | None = None
    user: int | None = None
    phone: str = ""
    random: Random = field(repr=False, default_factory=Random)


def invent(pk: int, village: Village, skill: str, joined: date, today: date, random: Random, avoid: set[str]) -> Person:
    """Invent a volunteer of 22 to 72 years; two people in one team do not share a name (``avoid``)."""
    youngest = max(22, (today - joined).days / 365.25 + 19.5)
    born = today - timedelta(days=round(365.25 * random.triangular(youngest, 72, max(youngest, 47))))
    is_female = random.random() < 0.38
    for _ in range(6):
        name = surname(random) + given_name(random, born.year, is_female)
        if name not in avoid:
            break
    avoid.add(name)
    return Person(
        pk, name, is_female, born, village, skill, joined,
        # Most come now and then; a few are always there.
        diligence=random.lognormvariate(0, 0.55) * (3.5 if random.random() < 0.07 else 1),
        phone=_phone(pk), random=Random(random.getrandbits(64)),
    )  # fmt: skip


def _phone(pk: int) -> str:
    """Give every key a number of its own: a step that shares no factor with 10⁸ comes to each number once."""
    return f"{PHONE_PREFIXES[pk % 3]}{(pk * 73_939_133 + 20_101_012) % 100_000_000:08d}"


def row(person: Person, skill_pks: dict[str, int], born_then: Counter[tuple[date, bool]]) -> tuple:
    """Return the volunteer's row in the order of ``FIELDS``; an ID number only where the programme keeps them."""
    number = _id_number(person, born_then) if is_switched_on() else ""
    random = person.random
    pinyin, initials = pinyin_of(person.name)
    occupation, post, discipline, speciality, kind, unit, least = random.choice(SKILLS[person.skill][1])
    unit = unit.format(township=person.village.township.name, village=person.village.name)
    schooling = max(least, int(random.triangular(0, 5.2, 4.2 if person.born.year > 1980 else 1.8)))
    party = person.born + timedelta(days=round(365.25 * 18) + 1)
    party += timedelta(days=random.randrange(max(1, min((person.joined - party).days, 7000))))
    return (
        person.pk, f"{person.pk:07d}", person.name, pinyin, initials, "female" if person.is_female else "male",
        person.born, person.phone, f"{person.village.name}党支部" if kind == "other" else f"{unit}党支部", party,
        unit, kind, occupation, post, discipline, speciality, random.choice(INTERESTS),
        int(person.skill == "agriculture" and random.random() < 0.4), EDUCATION[schooling],
        person.village.township_id, person.village.pk, skill_pks[person.skill], person.status, person.joined,
        person.left, int(random.random() < 0.93), int(random.random() < 0.84), person.user,
        encrypted(number) if number else None, keyed_hash(number) if number else None,
    )  # fmt: skip


def further_skills(people: list[Person], skill_pks: dict[str, int]) -> Iterator[tuple[int, int]]:
    """Yield (volunteer, skill type) for the third who have a further one."""
    for person in people:
        if person.random.random() < 0.33:
            other = person.random.choices(CODES, WEIGHTS)[0]
            if other != person.skill:
                yield person.pk, skill_pks[other]


def _id_number(person: Person, born_then: Counter[tuple[date, bool]]) -> str:
    """Return a number with the right birth date and checksum: who was born on one day in Yueqing is counted through."""
    born_then[person.born, person.is_female] += 1
    # Odd numbers are men's, even ones women's.
    order = born_then[person.born, person.is_female] * 2 - (not person.is_female)
    digits = f"330382{person.born:%Y%m%d}{order:03d}"
    return digits + check_digit(digits)
