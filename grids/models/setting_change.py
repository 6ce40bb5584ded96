"""What was changed in a township's settings: when, from when on, by whom and why. Rows are never changed."""

from datetime import date
from typing import Any, Self

from auditlog.registry import auditlog
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from areas.models import Township, TownshipSettings
from areas.models.settings import DUTIES, NAMES, city_value
from common.models import length_checks

REASON_LENGTH = 200
NAMES_IN_WORDS = [(field.name, field.verbose_name) for field in TownshipSettings._meta.fields if field.name in NAMES]
# What was a setting once and stays on record: requests have deadlines of their own by now (``services``).
FORMER = "request_answer_days"
NAMES_IN_WORDS.insert(NAMES.index("feedback_working_days"), (FORMER, _("days within which a request is answered")))


class SettingChangeQuerySet(models.QuerySet["SettingChange"]):
    """Changes, the latest first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the user's own township; the city level sees all."""
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.filter(township__in=user.township_ids)


class SettingChange(models.Model):
    """One value of one township, before and after; None is as the city had it, which was ``city`` then.

    A duty is 1 where it is on and 0 where it is off. Append-only: a trigger refuses to change or delete a row.
    """

    township = models.ForeignKey(
        Township, verbose_name=_("township"), on_delete=models.PROTECT, related_name="setting_changes"
    )
    name = models.CharField(_("setting"), max_length=30, choices=NAMES_IN_WORDS)
    before = models.PositiveSmallIntegerField(_("before"), null=True)
    after = models.PositiveSmallIntegerField(_("after"), null=True)
    city = models.PositiveSmallIntegerField(_("the city's then"))
    on = models.DateField(_("from"))
    reason = models.CharField(_("reason"), max_length=REASON_LENGTH)
    made_by = models.ForeignKey(User, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("entered"), default=timezone.now)

    objects = SettingChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of a township's settings")
        verbose_name_plural = _("changes of townships' settings")
        ordering = ("-id",)
        indexes = [models.Index(fields=["township", "name", "-id"], name="setting_change_latest")]
        constraints = [
            models.CheckConstraint(
                name="setting_change_known", condition=models.Q(name__in=tuple(name for name, _label in NAMES_IN_WORDS))
            ),
            models.CheckConstraint(name="setting_change_has_reason", condition=~models.Q(reason="")),
            *length_checks("setting_change", {"name": 30, "reason": REASON_LENGTH}),
        ]

    def __str__(self) -> str:
        return f"{self.township} · {self.get_name_display()}"

    @classmethod
    def of(cls, township: Township, name: str, before: Any, after: Any, *, reason: str, on: date, by: User) -> Self:
        """Return the row that says this, not saved yet."""
        return cls(
            township=township,
            name=name,
            before=None if before is None else int(before),
            after=None if after is None else int(after),
            city=int(city_value(name)),
            reason=reason,
            on=on,
            made_by=by,
        )

    @property
    def before_in_words(self) -> str:
        """The value before, as people say it."""
        return in_words(self.name, self.before, self.city)

    @property
    def after_in_words(self) -> str:
        """The value after, as people say it."""
        return in_words(self.name, self.after, self.city)


def in_words(name: str, value: int | bool | None, city: int | bool) -> str:
    """Say a setting's value: on or off, a number, or what the city has."""
    if value is None:
        return gettext("As the city has it (%(value)s)") % {"value": in_words(name, city, city)}
    if name in DUTIES:
        return gettext("On") if value else gettext("Off")
    return str(value)


auditlog.register(SettingChange)
