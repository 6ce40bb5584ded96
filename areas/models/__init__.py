"""Townships and villages."""

from areas.models.channel import Channel, hotline_of
from areas.models.former_name import FormerName
from areas.models.holiday import Holiday
from areas.models.settings import TownshipSettings
from areas.models.township import Township, present_townships
from areas.models.village import Village

__all__ = [
    "Channel",
    "FormerName",
    "Holiday",
    "Township",
    "TownshipSettings",
    "Village",
    "hotline_of",
    "present_townships",
]
