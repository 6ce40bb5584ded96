"""Townships and villages."""

from areas.models.channel import Channel, hotline_of
from areas.models.holiday import Holiday
from areas.models.settings import TownshipSettings
from areas.models.township import Township
from areas.models.village import Village

__all__ = ["Channel", "Holiday", "Township", "TownshipSettings", "Village", "hotline_of"]
