"""Townships and villages."""

from areas.models.township import Township
from areas.models.village import Village

__all__ = ["Township", "Village"]
