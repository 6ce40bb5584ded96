"""Months as their first days."""

from datetime import date


def month_after(day: date, months: int) -> date:
    """Return the first day of the month ``months`` after that of ``day``; before it where they are negative."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
