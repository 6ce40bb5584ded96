"""``{% load hours %}``: minutes printed as hours."""

from django import template

from common.hours import hours, round_hours

register = template.Library()


register.filter("round_hours", round_hours)


@register.filter(name="hours")
def hours_filter(minutes: int | None) -> str:
    """Print whole minutes as hours, floored to a tenth; nothing for no minutes at all known."""
    return "" if minutes is None else hours(minutes)
