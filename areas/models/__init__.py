"""Townships and villages."""

from areas.models.holiday import Holiday
from areas.models.township import Township
from areas.models.village import Village

__all__ = ["Holiday", "Township", "Village"]
