"""What a person says about one service, with the checks that need nothing but the entry itself."""

import datetime
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from common.rules import RuleBroken
from grids.models import Team
from services.models import HelpRequest, ServiceCategory
from services.models.log import TEXT_LIMITS

# A service lasts 5 minutes to 16 hours (the programme's rule).
SHORTEST, LONGEST = 5, 16 * 60
MOST_PEOPLE_SERVED = 100_000


@dataclass(frozen=True)
class Entry:
    """What a person says about one service; ``participants`` maps volunteers to minutes, None for the whole time."""

    date: datetime.date
    starts_at: datetime.datetime
    ends_at: datetime.datetime
    category: ServiceCategory
    recipient: str
    content: str
    place: str
    people_served: int
    participants: Mapping[int, int | None]

    @property
    def minutes(self) -> int:
        """The whole minutes from start to end."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60

    def fingerprint(self, team: Team, request: HelpRequest | None = None) -> str:
        """Return what equals for two sendings of the same content, and differs otherwise (SHA-256).

        The request that the service answers belongs to the content: its key, or what is said of one not stored yet.
        """
        content = [
            team.pk,
            self.date.isoformat(),
            self.starts_at.timestamp(),
            self.ends_at.timestamp(),
            self.category.pk,
            self.recipient,
            self.content,
            self.place,
            self.people_served,
            sorted(self.participants.items()),
        ]
        if request is not None:
            content += [request.pk] if request.pk else [request.caller, request.phone, str(request.channel)]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()

    def fields(self) -> dict[str, Any]:
        """Return the fields of the log."""
        return {
            "date": self.date,
            "starts_at": self.starts_at,
            "ends_at": self.ends_at,
            "minutes": self.minutes,
            "category": self.category,
            "recipient": self.recipient,
            "content": self.content,
            "place": self.place,
            "people_served": self.people_served,
        }

    def refuse_senseless(self) -> None:
        """Refuse what needs no database to be seen: the times, the texts and the numbers."""
        now = timezone.now()
        if self.date > timezone.localdate(now):
            raise RuleBroken(_("This day has not come yet. A service is logged after it was done."), field="date")
        if timezone.localdate(self.starts_at) != self.date:
            raise RuleBroken(_("The service does not begin on its date."), field="date")
        if self.ends_at <= self.starts_at:
            raise RuleBroken(
                _("The end must be after the start. If it went past midnight, tick “Ends the next day”."),
                field="ends_at",
            )
        if not SHORTEST <= self.minutes <= LONGEST:
            raise RuleBroken(_("A service lasts 5 minutes to 16 hours. Check start and end."), field="ends_at")
        if self.ends_at > now:
            raise RuleBroken(_("The service has not ended yet. Log it when it is done."), field="ends_at")
        for name, missing in (("recipient", _("Say whom it was for.")), ("content", _("Say what was done."))):
            if not getattr(self, name).strip():
                raise RuleBroken(missing, field=name)
        for name in ("recipient", "content", "place"):
            if len(getattr(self, name)) > TEXT_LIMITS[name]:
                raise RuleBroken(_("At most %(limit)s characters.") % {"limit": TEXT_LIMITS[name]}, field=name)
        if not 1 <= self.people_served <= MOST_PEOPLE_SERVED:
            raise RuleBroken(_("Say how many people it served: 1 to 100 000."), field="people_served")
