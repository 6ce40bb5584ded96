"""年度评优: a round of the annual recognition, its frozen evidence, and whom it honours."""

from collections.abc import Iterable
from typing import Self

from auditlog.registry import auditlog
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import connection, models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import Right
from areas.models import Township
from common.models import Versioned
from grids.models import Team
from volunteers.models import Volunteer


class RecognitionRoundQuerySet(models.QuerySet["RecognitionRound"]):
    """Rounds, the latest year first."""

    def visible_to(self, user: User) -> Self:
        """Show the rounds to the offices; they belong to no township."""
        return self if user.may(Right.VIEW_RECOGNITION) else self.none()


class RecognitionRound(Versioned):
    """The recognition for one calendar year, with its thresholds.

    Eligible: minutes ≥ ``min_minutes`` or services ≥ ``min_services``, and satisfied votes more than
    ``min_satisfied_percent`` of the valid ones (the programme's report, 2010: 300 hours, 100 services, 80 %).
    """

    class State(models.TextChoices):
        """Where a round stands."""

        VOTING = "voting", _("Voting")
        SCORED = "scored", _("Scored")
        PUBLISHED = "published", _("Published")

    # The allowed steps.
    STEPS = {State.VOTING: {State.SCORED}, State.SCORED: {State.PUBLISHED}, State.PUBLISHED: set()}

    year = models.PositiveSmallIntegerField(
        _("year"), unique=True, validators=[MinValueValidator(2009), MaxValueValidator(2100)]
    )
    min_minutes = models.PositiveIntegerField(
        _("minutes required"), default=300 * 60, validators=[MinValueValidator(1)]
    )
    min_services = models.PositiveIntegerField(_("services required"), default=100, validators=[MinValueValidator(1)])
    min_satisfied_percent = models.PositiveSmallIntegerField(
        _("satisfied votes must exceed (%)"), default=80, validators=[MaxValueValidator(99)]
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.VOTING, editable=False)
    evidence_hash = models.CharField(_("hash of the evidence (SHA-256)"), max_length=64, blank=True, editable=False)
    scored_by = models.ForeignKey(
        User,
        verbose_name=_("scored by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    scored_at = models.DateTimeField(_("scored"), null=True, blank=True, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)

    objects = RecognitionRoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("recognition round")
        verbose_name_plural = _("recognition rounds")
        ordering = ("-year",)
        constraints = [
            models.CheckConstraint(
                name="round_state_has_evidence",
                condition=models.Q(state="voting", evidence_hash="")
                | (
                    models.Q(state__in=["scored", "published"], scored_by__isnull=False, scored_at__isnull=False)
                    & ~models.Q(evidence_hash="")
                ),
            ),
            models.CheckConstraint(name="round_percent_range", condition=models.Q(min_satisfied_percent__lte=99)),
        ]

    def __str__(self) -> str:
        return gettext("Recognition %(year)s") % {"year": self.year}

    def get_absolute_url(self) -> str:
        """Return the address of the round's page."""
        return reverse("services:round_detail", args=[self.pk])

    @classmethod
    def held(cls, years: Iterable[int]) -> list["RecognitionRound"]:
        """Return the rounds of ``years``, kept as they are until this transaction ends.

        The lock is shared: whoever writes logs, months or votes of a year takes it and waits for nobody else who does,
        while scoring, editing and publishing (``locked``) wait for all of them and keep all of them waiting. It must be
        the first lock that a transaction takes. SQLite lets one writer in at a time anyway.
        """
        years = list(years)
        rounds = cls.objects.filter(year__in=years).order_by("pk")
        if not years or not connection.features.has_select_for_update:
            return list(rounds)
        statement, values = rounds.query.sql_with_params()
        return list(cls.objects.raw(f"{statement} FOR SHARE", values))

    @property
    def is_frozen(self) -> bool:
        """Whether the year's reports, votes and evidence may no longer change."""
        return self.state != self.State.VOTING


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    """Evidence in the list's order: most minutes first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the volunteers of the user's township, frozen as it was; the city level sees all."""
        if not user.may(Right.VIEW_RECOGNITION):
            return self.none()
        return self if user.is_city_wide else self.filter(township__in=user.township_ids)

    def eligible(self) -> Self:
        """Keep those who passed."""
        return self.filter(is_eligible=True)


class Evidence(models.Model):
    """What one volunteer was scored by: frozen when the round is scored, and what the round's hash is over."""

    round = models.ForeignKey(
        RecognitionRound, verbose_name=_("round"), on_delete=models.PROTECT, related_name="evidence"
    )
    volunteer = models.ForeignKey(
        Volunteer, verbose_name=_("volunteer"), on_delete=models.PROTECT, related_name="evidence"
    )
    township = models.ForeignKey(
        Township, verbose_name=_("township"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    team = models.ForeignKey(
        Team,
        verbose_name=_("team in the grid of most services"),
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("The votes of its grid count: most services, then most minutes, then the older grid."),
    )
    minutes = models.PositiveIntegerField(_("minutes"))
    services = models.PositiveIntegerField(_("services"))
    satisfied_votes = models.PositiveIntegerField(_("satisfied votes"))
    valid_votes = models.PositiveIntegerField(_("valid votes"))
    is_eligible = models.BooleanField(_("eligible"))

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ("-minutes", "-id")
        indexes = [
            models.Index(fields=["round", "-minutes", "-id"], name="evidence_in_round"),
            models.Index(fields=["round", "township", "-minutes", "-id"], name="evidence_in_township"),
        ]
        constraints = [
            models.UniqueConstraint(name="evidence_once_per_round", fields=["round", "volunteer"]),
            models.CheckConstraint(
                name="evidence_votes_add_up", condition=models.Q(satisfied_votes__lte=models.F("valid_votes"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round} {self.volunteer}"


class AwardQuerySet(models.QuerySet["Award"]):
    """Awards, the latest first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the volunteers of the user's township; the city level sees all."""
        if not user.may(Right.VIEW_RECOGNITION):
            return self.none()
        return self if user.is_city_wide else self.filter(volunteer__township__in=user.township_ids)


class Award(models.Model):
    """优秀党员义工: chosen among the eligible of a round, never automatically."""

    round = models.ForeignKey(
        RecognitionRound, verbose_name=_("round"), on_delete=models.PROTECT, related_name="awards"
    )
    volunteer = models.ForeignKey(
        Volunteer, verbose_name=_("volunteer"), on_delete=models.PROTECT, related_name="awards"
    )
    chosen_by = models.ForeignKey(User, verbose_name=_("chosen by"), on_delete=models.PROTECT, related_name="+")
    chosen_at = models.DateTimeField(_("chosen"), default=timezone.now)

    objects = AwardQuerySet.as_manager()

    class Meta:
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        ordering = ("-round__year", "volunteer__name_pinyin")
        constraints = [models.UniqueConstraint(name="award_once_per_round", fields=["round", "volunteer"])]

    def __str__(self) -> str:
        return f"{self.round} {self.volunteer}"


auditlog.register(RecognitionRound, exclude_fields=["version"])
auditlog.register(Award)
