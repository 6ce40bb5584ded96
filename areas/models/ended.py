"""What townships and villages share once they were merged into another one: they have ended, and stay."""

from datetime import date

from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext as _


def ended_by_merge(table: str) -> list[models.BaseConstraint]:
    """Check constraints: who was merged has ended on a day, nobody else has, and nobody was merged into themselves."""
    return [
        models.CheckConstraint(
            name=f"{table}_ended_by_merge",
            condition=models.Q(merged_into__isnull=True, ended_on__isnull=True)
            | models.Q(merged_into__isnull=False, ended_on__isnull=False),
        ),
        models.CheckConstraint(
            name=f"{table}_not_into_itself",
            condition=models.Q(merged_into__isnull=True) | ~models.Q(merged_into=models.F("id")),
        ),
    ]


def until(name: str, day: date) -> str:
    """Mark the name of a place that there was until ``day``."""
    return _("%(name)s (until %(day)s)") % {"name": name, "day": date_format(day, "SHORT_DATE_FORMAT")}
