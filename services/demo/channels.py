"""How residents reach the demo's townships: hotlines and groups with invented numbers, and who does otherwise.

In the city there are as many as the programme reported: 31 hotlines and 19 QQ groups.
"""

from datetime import date
from random import Random

from accounts.models import User
from areas.models import Channel, Township, TownshipSettings
from grids.models import SettingChange

Kind = Channel.Kind
TWO_HOTLINES, QQ_GROUPS = 6, 19
HOURS = ("工作日 8:30–17:30", "每天 8:00–20:00", "全天 24 小时")
# 象阳 tries a shorter patience before the others do.
PILOT = {"silent_after_days": 20, "feedback_working_days": 3}


def open_channels(townships: list[Township], random: Random) -> None:
    """Give each township its hotline, most of them groups, and the first one some of everything."""
    rows: list[Channel] = []

    def add(township: Township, kind: str, label: str, number: str, **more: object) -> None:
        order = 1 + sum(row.township_id == township.pk and row.kind == kind for row in rows)
        rows.append(Channel(township=township, kind=kind, label=label, number=number, order=order, **more))

    for place, township in enumerate(townships):
        keeper = {"keeper": "党群工作办值班员", "keeper_phone": f"0577-600002{place:02}"}
        add(township, Kind.HOTLINE, f"{township.name}义工热线", f"0577-600001{place:02}", hours=HOURS[0], **keeper)
        if place < TWO_HOTLINES:
            night = random.choice(HOURS[1:])
            add(township, Kind.HOTLINE, f"{township.name}便民服务中心", f"0577-600003{place:02}转8001", hours=night)
        if place < QQ_GROUPS:  # longer than any number that has been given out
            add(township, Kind.QQ, f"{township.name}义工QQ群", f"990000001{place:02}")
    first = townships[0]
    add(first, Kind.WECHAT, "义工微信群", f"{first.name}网格义工")
    add(first, Kind.FORUM, "便民论坛", "https://bbs.example.org/yigong")
    add(first, Kind.HOTLINE, "原团委热线", "0577-60000999", is_active=False, hours=HOURS[0])
    Channel.objects.bulk_create(rows)


def try_out(townships: list[Township], admin: User, today: date) -> None:
    """Let the last of several townships try shorter deadlines before the others."""
    if len(townships) < 2:
        return
    pilot = townships[-1]
    TownshipSettings.objects.create(township=pilot, **PILOT)
    SettingChange.objects.bulk_create(
        SettingChange.of(pilot, name, None, value, reason="先行先试：缩短期限，三个月后评估。", on=today, by=admin)
        for name, value in PILOT.items()
    )
