"""What happens to a village: the part of the township that it is worked in."""

from accounts.audit import event
from accounts.models import User
from areas.models import Village


@event
def edit_village(pk: int, *, district: str, version: int, by: User) -> Village:
    """Say in which part of the township (片区) the village is worked; an old ``version`` is refused."""
    village = Village.locked(pk, version=version)
    village.district = district
    village.save(update_fields=["district", "version"])
    return village
