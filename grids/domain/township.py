"""A township does something otherwise than the city: a duty on or off, a deadline, how many skill types a team needs.

It holds from the moment on in which it is said; what it was before, why and by whom it was changed stays on record.
"""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event
from accounts.models import User
from areas.models import Township, TownshipSettings
from areas.models.settings import DUTIES, NAMES, RANGES, city_value
from common.rules import RuleBroken, SavedMeanwhile
from grids.hooks import duty_turned, duty_weighed
from grids.models import SettingChange
from grids.models.setting_change import REASON_LENGTH


@event
def set_township(
    township: Township, values: Mapping[str, Any], *, reason: str, version: int, by: User
) -> list[SettingChange]:
    """Give the township these values, None for what is to be as the city has it; return what was changed.

    ``version`` is that of the settings that the form was filled from, 0 where there were none: ``SavedMeanwhile``
    refuses an older one.
    """
    reason = reason.strip()
    if not reason:
        raise RuleBroken(_("Say why it is changed: everybody of the township reads it."), field="reason")
    if len(reason) > REASON_LENGTH:
        raise RuleBroken(_("At most %(limit)s characters.") % {"limit": REASON_LENGTH}, field="reason")
    wanted = {name: _checked(name, values.get(name)) for name in NAMES}
    locked = Township.objects.select_for_update(of=("self",), no_key=True).get(pk=township.pk)
    if locked.ended_on is not None:
        raise RuleBroken(_("This township was merged into another. Change the settings of that one."))
    current = TownshipSettings.objects.filter(township=township).first()
    if (current.version if current else 0) != version:
        raise SavedMeanwhile
    current = current or TownshipSettings(township=township)
    before = current.holding
    today = timezone.localdate()
    changes = [
        SettingChange.of(township, name, getattr(current, name), value, reason=reason, on=today, by=by)
        for name, value in wanted.items()
        if getattr(current, name) != value
    ]
    if not changes:
        raise RuleBroken(_("Nothing was changed. Change a value, or leave the page by “Cancel”."))
    for name, value in wanted.items():
        setattr(current, name, value)
    current.version += 1
    current.save()
    for change in changes:
        change.save(force_insert=True)
    after = current.holding
    for duty in DUTIES:
        if getattr(before, duty) != getattr(after, duty):
            duty_turned.send(Township, township=township, duty=duty, is_on=getattr(after, duty), by=by)
    return changes


def consequences(township: Township) -> dict[str, list[str]]:
    """Say for each duty that is on what becomes of its records when it is turned off."""
    holding = TownshipSettings.of(township.pk)
    return {
        duty: [said for _receiver, said in duty_weighed.send(Township, township=township, duty=duty) if said]
        for duty in DUTIES
        if getattr(holding, duty)
    }


def _checked(name: str, value: Any) -> Any:
    if value is None or name in DUTIES:
        return value
    least, most = RANGES[name]
    if name == "least_skill_types":
        least = max(least, city_value(name))
    if not least <= value <= most:
        told = _("Enter a number from %(least)s to %(most)s, or leave it empty for what the city has.")
        raise RuleBroken(told % {"least": least, "most": most}, field=name)
    return value


def since_of(township: Township) -> dict[str, SettingChange]:
    """Return the latest change of each setting that was ever changed, in one query."""
    found: dict[str, SettingChange] = {}
    for change in SettingChange.objects.filter(township=township).select_related("made_by").order_by("id"):
        found[change.name] = change
    return found
