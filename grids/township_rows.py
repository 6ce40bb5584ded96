"""What holds for townships as pages and lists show it: each setting in words, since when, and who does otherwise."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from areas.models import Township, TownshipSettings
from areas.models.settings import DUTIES, NAMES, city_value
from common.templatetags.yiwang import badge
from grids.forms.township import WORDS
from grids.models import SettingChange
from grids.models.setting_change import in_words


def setting_rows(township: Township, since: Mapping[str, SettingChange]) -> list[dict[str, Any]]:
    """Return a row for each setting of the township: what holds, whether it is its own, since when and why."""
    own = TownshipSettings.objects.filter(township=township).first()
    holding = TownshipSettings.of(township.pk)
    rows = []
    for name in NAMES:
        value = getattr(own, name) if own else None
        holds, change = getattr(holding, name), since.get(name)
        city = in_words(name, city_value(name), 0)
        rows.append(
            {
                "label": WORDS[name][0],
                "hint": WORDS[name][1],
                "is_duty": name in DUTIES,
                "value": _value_badge(name, holds) if name in DUTIES else in_words(name, holds, 0),
                "source": _("as the city has it")
                if value is None
                else _("its own; the city has: %(value)s") % {"value": city},
                "since": date_format(change.on) if change else "",
                "reason": change.reason if change else "",
            }
        )
    return rows


def township_rows(townships: list[Township]) -> list[dict[str, Any]]:
    """Prepare the townships of one page with what they do otherwise than the city: two queries."""
    pks = [township.pk for township in townships]
    own = {one.township_id: one for one in TownshipSettings.objects.filter(township__in=pks)}
    latest = {
        change.township_id: change
        for change in SettingChange.objects.filter(township__in=pks).order_by("id").only("township_id", "on", "reason")
    }
    return [
        {
            "url": reverse("grids:township_settings", args=[township.pk]),
            "name": township.name,
            "differences": [
                f"{WORDS[name][0]}: {in_words(name, value, 0)}"
                for name in NAMES
                if township.pk in own and (value := getattr(own[township.pk], name)) is not None
            ],
            "since": date_format(latest[township.pk].on, "SHORT_DATE_FORMAT") if township.pk in latest else "",
            "reason": latest[township.pk].reason if township.pk in latest else "",
        }
        for township in townships
    ]


def history_rows(changes: list[SettingChange]) -> list[dict[str, Any]]:
    """Prepare the changes of a township, the latest first."""
    return [
        {
            "on": date_format(change.on),
            "label": WORDS[change.name][0] if change.name in WORDS else change.get_name_display(),
            "before": change.before_in_words,
            "after": change.after_in_words,
            "reason": change.reason,
            "by": change.made_by.name,
        }
        for change in changes
    ]


def _value_badge(name: str, is_on: bool) -> Any:
    word = in_words(name, is_on, 0)
    return badge("ok", word) if is_on else badge("neutral", word, "circle-off")
