"""服务队: the team of a grid."""

from datetime import date, timedelta
from typing import Any, Self

from auditlog.registry import auditlog
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.rights import Role
from areas.models import Township, TownshipSettings
from areas.models.settings import Holdings
from common.models import Versioned, length_checks
from grids.models.grid import Grid


class TeamQuerySet(models.QuerySet["Team"]):
    """Teams by name."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the user's township, and for a team leader to the teams that they lead now."""
        if user.role == Role.TEAM_LEADER:
            return self.led_by(user)
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.filter(township__in=user.township_ids)

    def led_by(self, user: User) -> Self:
        """Keep the teams of the user's township whose leader or deputy they are now."""
        return self.filter(
            models.Exists(
                Team.objects.filter(
                    pk=models.OuterRef("pk"),
                    memberships__left_on__isnull=True,
                    memberships__role__in=("leader", "deputy"),
                    memberships__volunteer__user=user,
                )
            ),
            township__in=user.township_ids,
        )

    def active(self) -> Self:
        """Keep the teams that satisfy the rule and serve."""
        return self.filter(state=Team.State.ACTIVE)

    def standing(self) -> Self:
        """Keep the teams that have not been dissolved."""
        return self.exclude(state=Team.State.DISSOLVED)

    def by_village(self) -> Self:
        """Order the teams as people look for them: village by village, in each by the number of the grid."""
        return self.order_by("grid__village__code", "grid__number", "id")

    def silent_since(self, day: date) -> Self:
        """Keep the teams, active on ``day`` already, without a service after it (久未服务的服务队)."""
        return self.active().filter(_quiet_since(day))

    def silent(self, today: date) -> Self:
        """Keep the active teams that have been silent for as many days as their township allows (``is_silent``)."""
        return self.active().filter(is_silent(today, TownshipSettings.by_township()))

    def never_served(self) -> Self:
        """Keep the active teams without any service so far."""
        return self.active().filter(
            ~models.Exists(Team.objects.filter(pk=models.OuterRef("pk"), logs__is_withdrawn=False))
        )

    def last_services(self) -> dict[int, date | None]:
        """Return the day of each team's last service by the team's key, in one query; None where there is none."""
        last = Team.objects.filter(pk=models.OuterRef("pk"), logs__is_withdrawn=False).order_by("-logs__date")
        return dict(self.order_by().values_list("pk", models.Subquery(last.values("logs__date")[:1])))


def is_silent(today: date, held: Holdings, *, path: str = "") -> models.Q:
    """Return the condition that a team, to which ``path`` leads, has been silent for as many days as its township has.

    Where a township keeps no service logs nobody is silent. ``held`` as in ``TownshipSettings.where``.
    """
    township = f"{path}township"

    def is_quiet(days: int) -> models.Q:
        return _quiet_since(today - timedelta(days=days), path)

    def is_logging(is_on: bool) -> models.Q:
        return models.Q() if is_on else models.Q(pk=None)

    quiet = TownshipSettings.where("silent_after_days", is_quiet, path=township, held=held)
    return quiet & TownshipSettings.where("uses_logs", is_logging, path=township, held=held)


def _quiet_since(day: date, path: str = "") -> models.Q:
    logs: Any = Team._meta.get_field("logs").related_model
    served = logs.objects.filter(team=models.OuterRef(f"{path}pk"), is_withdrawn=False, date__gt=day)
    return models.Q(~models.Exists(served), **{f"{path}activated_on__lte": day})


class Team(Versioned):
    """A team of 3–10 volunteers of at least three primary skill types that serves one grid.

    It is ``forming`` until it satisfies the rule and ``active`` only while it does.
    """

    class State(models.TextChoices):
        """Where a team stands."""

        FORMING = "forming", _("Forming")
        ACTIVE = "active", pgettext_lazy("team", "Active")
        DISSOLVED = "dissolved", _("Dissolved")

    name = models.CharField(_("name"), max_length=80)
    grid = models.ForeignKey(Grid, verbose_name=_("grid"), on_delete=models.PROTECT, related_name="teams")
    township = models.ForeignKey(
        Township,
        verbose_name=_("township"),
        on_delete=models.PROTECT,
        related_name="teams",
        editable=False,
        help_text=_("That of the grid."),
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.FORMING, editable=False)
    formed_on = models.DateField(_("formed"))
    activated_on = models.DateField(_("active since"), null=True, blank=True, editable=False)
    dissolved_on = models.DateField(_("dissolved"), null=True, blank=True, editable=False)

    objects = TeamQuerySet.as_manager()

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ("id",)
        indexes = [models.Index(fields=["township", "id"], name="team_in_township")]
        constraints = [
            models.UniqueConstraint(
                name="team_one_standing_per_grid",
                fields=["grid"],
                condition=models.Q(state__in=["forming", "active"]),
                violation_error_message=_("This grid has a team already."),
            ),
            models.CheckConstraint(
                name="team_state_has_dates",
                condition=models.Q(state="forming", dissolved_on__isnull=True)
                | models.Q(state="active", activated_on__isnull=False, dissolved_on__isnull=True)
                | models.Q(state="dissolved", dissolved_on__isnull=False),
            ),
            *length_checks("team", {"name": 80}),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the team's page."""
        return reverse("grids:team_detail", args=[self.pk])


auditlog.register(Team, exclude_fields=["version"])
