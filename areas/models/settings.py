"""Township settings: what a township does otherwise than the city: which duties are on, deadlines, skill types."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from auditlog.registry import auditlog
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from areas.models.township import Township
from common.models import Versioned

if TYPE_CHECKING:
    from accounts.models import User

DUTIES = ("uses_logs", "uses_badges", "uses_cards", "uses_visit_plans")
# How far each number may go.
RANGES = {
    "least_skill_types": (1, settings.TEAM_MAX_MEMBERS),
    "silent_after_days": (1, 366),
    "feedback_working_days": (1, 60),
    "late_entry_days": (1, 60),
}
NAMES = (*DUTIES, *RANGES)
# Where the city keeps its value.
CITY_SETTINGS = {
    "uses_logs": "USES_LOGS",
    "uses_badges": "USES_BADGES",
    "uses_cards": "USES_CARDS",
    "uses_visit_plans": "USES_VISIT_PLANS",
    "least_skill_types": "TEAM_MIN_SKILL_TYPES",
    "silent_after_days": "SILENT_AFTER_DAYS",
    "feedback_working_days": "FEEDBACK_WORKING_DAYS",
    "late_entry_days": "LATE_ENTRY_DAYS",
}


@dataclass(frozen=True)
class Holding:
    """What holds for a township: its own values, and the city's where it has none."""

    uses_logs: bool
    uses_badges: bool
    uses_cards: bool
    uses_visit_plans: bool
    least_skill_types: int
    silent_after_days: int
    feedback_working_days: int
    late_entry_days: int


def city_value(name: str) -> Any:
    """Return the value that holds where a township has none of its own."""
    return getattr(settings, CITY_SETTINGS[name])


class Holdings(defaultdict[int, Holding]):
    """What holds for every township, by its key; one without values of its own has the city's.

    Conditions made of it are one branch for each value that there is: what the database is asked where no township has
    a value of its own is what it was asked before there were settings.
    """

    def __init__(self, rows: Mapping[int, Mapping[str, Any]]) -> None:
        """Take the townships' own values."""
        self.city = _holding({})
        super().__init__(lambda: self.city, {township: _holding(row) for township, row in rows.items()})

    def where(self, name: str, condition: Callable[[Any], models.Q], *, path: str = "township") -> models.Q:
        """Return a condition that holds for each record by the value of its own township; ``path`` leads there."""
        own: dict[Any, list[int]] = defaultdict(list)
        for township, holding in self.items():
            own[getattr(holding, name)].append(township)
        usual = getattr(self.city, name)
        own.pop(usual, None)  # these need no branch
        others = [township for townships in own.values() for township in townships]
        found = condition(usual)
        if others:
            found &= ~models.Q(**{f"{path}__in": others})
        for value, townships in sorted(own.items()):
            found |= models.Q(**{f"{path}__in": townships}) & condition(value)
        return found

    def taking_part(self, duty: str, *, path: str = "township") -> models.Q:
        """Return the condition of a record's township having the duty."""
        usual = getattr(self.city, duty)
        others = [township for township, holding in self.items() if getattr(holding, duty) != usual]
        if not usual:
            return models.Q(**{f"{path}__in": others})
        return ~models.Q(**{f"{path}__in": others}) if others else models.Q()

    def values_of(self, name: str) -> set[Any]:
        """Return the different values that hold somewhere: one, where all do as the city has it."""
        return {getattr(self.city, name), *(getattr(holding, name) for holding in self.values())}


class TownshipSettingsQuerySet(models.QuerySet["TownshipSettings"]):
    """Settings, township by township."""

    def visible_to(self, user: "User") -> Self:
        """Narrow to the user's own township; the city level sees all."""
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.filter(township__in=user.township_ids)


class TownshipSettings(Versioned):
    """What one township has of its own: an empty value is as the city has it; a township without a row has none."""

    township = models.OneToOneField(
        Township, verbose_name=_("township"), on_delete=models.PROTECT, related_name="settings"
    )
    uses_logs = models.BooleanField(_("service logs and monthly reports"), null=True, blank=True)
    uses_badges = models.BooleanField(_("badges"), null=True, blank=True)
    uses_cards = models.BooleanField(_("contact cards"), null=True, blank=True)
    uses_visit_plans = models.BooleanField(_("visit plans"), null=True, blank=True)
    least_skill_types = models.PositiveSmallIntegerField(
        _("fewest primary skill types of a team"), null=True, blank=True
    )
    silent_after_days = models.PositiveSmallIntegerField(
        _("days without a service after which a team is silent"), null=True, blank=True
    )
    feedback_working_days = models.PositiveSmallIntegerField(
        _("working days within which feedback is answered"), null=True, blank=True
    )
    late_entry_days = models.PositiveSmallIntegerField(
        _("days after a service from which its entry is late"), null=True, blank=True
    )

    objects = TownshipSettingsQuerySet.as_manager()

    class Meta:
        verbose_name = _("township settings")
        verbose_name_plural = _("township settings")
        ordering = ("township__code",)
        constraints = [
            models.CheckConstraint(
                name=f"township_{name}_range",
                condition=models.Q(**{f"{name}__isnull": True}) | models.Q(**{f"{name}__range": bounds}),
            )
            for name, bounds in RANGES.items()
        ]

    def __str__(self) -> str:
        return str(self.township)

    @property
    def holding(self) -> Holding:
        """What holds for the township."""
        return _holding({name: getattr(self, name) for name in NAMES})

    @classmethod
    def of(cls, township_id: int) -> Holding:
        """Return what holds for one township."""
        return _holding(cls.objects.filter(township=township_id).values(*NAMES).first() or {})

    @classmethod
    def by_township(cls) -> Holdings:
        """Return what holds for every township, by its key, in one query."""
        return Holdings({row["township_id"]: row for row in cls.objects.order_by().values("township_id", *NAMES)})

    @classmethod
    def where(
        cls,
        name: str,
        condition: Callable[[Any], models.Q],
        *,
        path: str = "township",
        held: Holdings | None = None,
    ) -> models.Q:
        """Return ``Holdings.where``, by what was asked before (``held``) or by one query more."""
        return (cls.by_township() if held is None else held).where(name, condition, path=path)


def _holding(own: Mapping[str, Any]) -> Holding:
    values = {name: city_value(name) if own.get(name) is None else own[name] for name in NAMES}
    values["least_skill_types"] = max(values["least_skill_types"], city_value("least_skill_types"))
    values["uses_visit_plans"] &= values["uses_logs"]  # a visit is told from its log
    return Holding(**values)


auditlog.register(TownshipSettings, exclude_fields=["version"])
