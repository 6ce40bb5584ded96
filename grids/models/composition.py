"""智能组队: a proposal of who serves in which team, made in the background; nothing changes before it is accepted."""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import Role
from areas.models import Township, Village
from common.jobs import Work
from common.models import Versioned
from grids.models.grid import Grid


class CompositionQuerySet(models.QuerySet["Composition"]):
    """Proposals, the latest first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the user's township; the city level sees all. Leaders see none: names of other teams are in it."""
        if user.role == Role.TEAM_LEADER:
            return self.none()
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.filter(township__in=user.township_ids)

    def standing(self) -> Self:
        """Keep those of which something may still be accepted."""
        return self.filter(state__in=(Composition.State.OPEN, Composition.State.PARTLY))


class Composition(Work, Versioned):
    """One proposal for a grid, a village, a township or (none of these) the whole city.

    It is solved township by township (``CompositionPart``). ``run`` counts how often it was solved; ``is_stopped`` asks
    the worker to leave off.
    """

    class Mode(models.TextChoices):
        """What the optimisation is to do with the teams that stand."""

        REPAIR = "repair", _("Repair what stands, with the fewest moves")
        PROPOSE = "propose", _("Seat free volunteers; members stay where they are")

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open", pgettext_lazy("composition", "Open")
        PARTLY = "partly", _("Accepted in part")
        ACCEPTED = "accepted", _("Accepted")
        DISCARDED = "discarded", _("Discarded")

    key = models.UUIDField(_("submission key"), unique=True, editable=False)
    township = models.ForeignKey(
        Township, verbose_name=_("township"), null=True, on_delete=models.PROTECT, related_name="compositions"
    )
    village = models.ForeignKey(
        Village, verbose_name=_("village"), null=True, on_delete=models.PROTECT, related_name="compositions"
    )
    grid = models.ForeignKey(
        Grid, verbose_name=_("grid"), null=True, on_delete=models.PROTECT, related_name="compositions"
    )
    mode = models.CharField(_("what is to be done"), max_length=7, choices=Mode, default=Mode.REPAIR)
    by = models.ForeignKey(User, verbose_name=_("begun by"), on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("begun"), default=timezone.now)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN, editable=False)
    run = models.PositiveSmallIntegerField(_("solved so many times"), default=1, editable=False)
    is_stopped = models.BooleanField(_("stopped"), default=False, editable=False)

    objects = CompositionQuerySet.as_manager()

    class Meta:
        verbose_name = _("composition")
        verbose_name_plural = _("compositions")
        ordering = ("-at", "-id")
        indexes = [
            models.Index(fields=["-at", "-id"], name="composition_latest"),
            models.Index(fields=["township", "-at", "-id"], name="composition_in_township"),
        ]
        constraints = [
            models.CheckConstraint(name="composition_mode_known", condition=models.Q(mode__in=["repair", "propose"])),
            models.CheckConstraint(
                name="composition_state_known",
                condition=models.Q(state__in=["open", "partly", "accepted", "discarded"]),
            ),
            models.CheckConstraint(
                name="composition_scope_nests",
                condition=models.Q(grid__isnull=True, village__isnull=True)
                | models.Q(grid__isnull=True, township__isnull=False)
                | models.Q(village__isnull=False, township__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} · {timezone.localtime(self.at):%Y-%m-%d %H:%M}"

    @property
    def scope(self) -> str:
        """Name what it is for."""
        return str(self.grid or self.village or self.township or gettext("The whole city"))

    @property
    def is_standing(self) -> bool:
        """Whether something of it may still be accepted."""
        return self.state in (self.State.OPEN, self.State.PARTLY)

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("grids:composition_detail", args=[self.pk])


class CompositionPart(models.Model):
    """What was found for one township; solved on its own, for nobody serves in another township.

    ``gap`` is how far the proposal may be from the best there is (0 where it is proven). ``unmet`` lists what the
    people do not suffice for: grid (or none), kind, skill type (or none) and how many. ``conflict`` names the locks
    that no proposal can satisfy. The counts follow the seats, also after somebody was moved by hand.
    """

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", _("Not solved yet")
        SOLVED = "solved", _("Solved")
        IMPOSSIBLE = "impossible", _("The locks cannot be kept")

    composition = models.ForeignKey(Composition, on_delete=models.CASCADE, related_name="parts")
    township = models.ForeignKey(Township, verbose_name=_("township"), on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    is_proven = models.BooleanField(_("proven optimal"), default=False)
    gap = models.FloatField(_("gap"), null=True)
    seconds = models.FloatField(_("seconds"), default=0)
    unmet = models.JSONField(_("what is missing"), default=list)
    conflict = models.JSONField(_("conflict"), default=dict)
    is_changed_by_hand = models.BooleanField(_("changed by hand"), default=False)
    grids = models.PositiveIntegerField(_("grids"), default=0)
    served_before = models.PositiveIntegerField(_("served today"), default=0)
    served_after = models.PositiveIntegerField(_("served then"), default=0)
    changed = models.PositiveIntegerField(_("teams that change"), default=0)
    accepted = models.PositiveIntegerField(_("teams accepted"), default=0)
    coming = models.PositiveIntegerField(_("join"), default=0)
    moving = models.PositiveIntegerField(_("change teams"), default=0)
    leaving = models.PositiveIntegerField(_("leave"), default=0)

    class Meta:
        verbose_name = _("township of a composition")
        verbose_name_plural = _("townships of compositions")
        ordering = ("township__code",)
        constraints = [
            models.UniqueConstraint(name="composition_part_once", fields=["composition", "township"]),
            models.CheckConstraint(
                name="composition_part_state_known",
                condition=models.Q(state__in=["waiting", "solved", "impossible"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.composition_id} · {self.township}"


auditlog.register(Composition, include_fields=["township", "village", "grid", "mode", "by", "state", "run"])
