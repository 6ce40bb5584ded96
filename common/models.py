"""What models of several apps share: length checks that hold on SQLite too, and a version against lost updates."""

from collections.abc import Mapping
from typing import Self

from django.db import models
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from common.rules import SavedMeanwhile

models.CharField.register_lookup(Length)
models.TextField.register_lookup(Length)


def length_checks(table: str, limits: Mapping[str, int]) -> list[models.BaseConstraint]:
    """Check constraints that keep text within ``limits`` (characters): SQLite ignores ``varchar(n)``."""
    return [
        models.CheckConstraint(
            name=f"{table}_{field}_length",
            condition=models.Q(**{f"{field}__length__lte": limit}),
        )
        for field, limit in limits.items()
    ]


class Versioned(models.Model):
    """A record that two people may have open at once: saving the older copy is refused."""

    version = models.PositiveIntegerField(_("version"), default=0, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def locked(cls, pk: int, *, version: int | None = None) -> Self:
        """Return the row ``pk`` locked for this transaction, its version raised by one when it is saved next.

        Raises ``SavedMeanwhile`` when ``version``, the one the person's form was filled from, is no longer current.
        """
        record = cls._default_manager.select_for_update(of=("self",), no_key=True).get(pk=pk)
        if version is not None and record.version != version:
            raise SavedMeanwhile
        record.version += 1
        return record


class Attempts(models.Model):
    """How often somebody, known by a hash that means nothing after the window, tried something (``common.throttle``).

    No personal data, no part of the record and no audit trail: it is deleted after a day.
    """

    scope = models.CharField(max_length=40)
    who = models.CharField(max_length=64)
    begins = models.DateTimeField()
    number = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("attempts")
        verbose_name_plural = _("attempts")
        ordering = ("begins", "id")
        indexes = [models.Index(fields=["begins"], name="attempts_by_age")]
        constraints = [
            models.UniqueConstraint(name="attempts_once", fields=["scope", "who", "begins"]),
            *length_checks("attempts", {"scope": 40, "who": 64}),
        ]

    def __str__(self) -> str:
        return f"{self.scope}: {self.number}"
