"""How the townships are worked: the villages of each in parts (片区), as their codes follow one another."""

from collections import defaultdict
from datetime import date

from areas.models import FormerName, Village
from services.demo.scale import VILLAGE

PARTS = ("东片", "南片", "西片", "北片")
# Invented, as everything here: what a village of the township with the logins was called, and until when.
FORMER = {VILLAGE: "冯家村"}
RENAMED_ON = date(2019, 5, 6)
# A township with fewer villages is worked as one.
LEAST = 8


def divide() -> None:
    """Put the villages of every township that is large enough into its parts; one village had another name before."""
    townships: dict[int, list[int]] = defaultdict(list)
    for pk, township in Village.objects.order_by("code").values_list("pk", "township_id"):
        townships[township].append(pk)
    parts: dict[str, list[int]] = defaultdict(list)
    for villages in townships.values():
        if len(villages) >= LEAST:
            for at, pk in enumerate(villages):
                parts[PARTS[at * len(PARTS) // len(villages)]].append(pk)
    for district, pks in parts.items():
        Village.objects.filter(pk__in=pks).update(district=district)
    for code, name in FORMER.items():
        for village in Village.objects.filter(code=code):
            FormerName.objects.create(village=village, name=name, until=RENAMED_ON)
