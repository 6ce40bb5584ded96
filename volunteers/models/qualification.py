"""资质: what a volunteer may do by a certificate of somebody else's, medical or legal for instance."""

from datetime import date, timedelta
from typing import Self

from auditlog.registry import auditlog
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.models import Versioned, length_checks
from volunteers.models.volunteer import Volunteer

TEXT_LIMITS = {"title": 60, "number": 40, "issuer": 60, "withdrawn_reason": 200}
# The day on which what never expires expires: the column is never null, so lists can be sorted by it.
NEVER = date(9999, 12, 31)


class QualificationQuerySet(models.QuerySet["Qualification"]):
    """Qualifications, the one that expires first at the top."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the volunteers whom the user sees."""
        return self.filter(volunteer__in=Volunteer.objects.visible_to(user).order_by())

    def standing(self) -> Self:
        """Keep those that were neither renewed nor withdrawn, whether they have expired or not."""
        return self.filter(state=Qualification.State.STANDING)

    def valid_on(self, day: date) -> Self:
        """Keep those that hold on ``day``: services that need one are for their holders."""
        return self.standing().filter(expires_on__gte=day, issued_on__lte=day)

    def expired(self, today: date | None = None) -> Self:
        """Keep those that have run out and were not renewed."""
        return self.standing().filter(expires_on__lt=today or timezone.localdate())

    def expiring(self, today: date | None = None) -> Self:
        """Keep those that run out within ``QUALIFICATION_WARN_DAYS`` days and have not yet."""
        today = today or timezone.localdate()
        until = today + timedelta(days=settings.QUALIFICATION_WARN_DAYS)
        return self.standing().filter(expires_on__range=(today, until))

    def of_the_present(self) -> Self:
        """Keep those of volunteers who are in the programme: what somebody let run out who has left needs nobody."""
        return self.filter(volunteer__status__in=(Volunteer.Status.ACTIVE, Volunteer.Status.SUSPENDED))


class Qualification(Versioned):
    """One certificate of a volunteer. It is not changed: it is renewed by another one, or withdrawn with a reason."""

    class Kind(models.TextChoices):
        """What field it is of."""

        MEDICAL = "medical", _("Medical")
        LEGAL = "legal", _("Legal")
        PSYCHOLOGY = "psychology", _("Psychological counselling")
        SOCIAL_WORK = "social_work", _("Social work")
        TEACHING = "teaching", _("Teaching")
        AGRICULTURE = "agriculture", _("Agriculture")
        TRADE = "trade", _("Licensed trade")
        OTHER = "other", _("Other field")

    class State(models.TextChoices):
        """Whether it is the one to look at; whether it has expired follows from the day."""

        STANDING = "standing", _("On record")
        RENEWED = "renewed", _("Renewed")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    volunteer = models.ForeignKey(
        Volunteer, verbose_name=_("volunteer"), on_delete=models.PROTECT, related_name="qualifications"
    )
    kind = models.CharField(_("field"), max_length=12, choices=Kind)
    title = models.CharField(_("certificate"), max_length=TEXT_LIMITS["title"])
    number = models.CharField(_("certificate number"), max_length=TEXT_LIMITS["number"], blank=True)
    issuer = models.CharField(_("issuer"), max_length=TEXT_LIMITS["issuer"], blank=True)
    issued_on = models.DateField(_("issued on"))
    expires_on = models.DateField(_("valid until"), default=NEVER, help_text=_("9999-12-31: without an end."))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.STANDING)
    renews = models.OneToOneField(
        "self",
        verbose_name=_("renews"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="renewed_by",
    )
    added_by = models.ForeignKey(User, verbose_name=_("added by"), on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("added"), default=timezone.now)
    withdrawn_by = models.ForeignKey(
        User, verbose_name=_("withdrawn by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_reason = models.CharField(
        _("reason for withdrawing"), max_length=TEXT_LIMITS["withdrawn_reason"], blank=True
    )

    objects = QualificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("qualification")
        verbose_name_plural = _("qualifications")
        ordering = ("expires_on", "id")
        indexes = [
            models.Index(fields=["expires_on", "id"], name="qualification_by_expiry"),
            models.Index(fields=["volunteer", "expires_on"], name="qualification_of_volunteer"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="qualification_once",
                fields=["volunteer", "kind", "title", "number"],
                condition=models.Q(state="standing"),
            ),
            models.CheckConstraint(
                name="qualification_kind_known",
                condition=models.Q(
                    kind__in=[
                        "medical",
                        "legal",
                        "psychology",
                        "social_work",
                        "teaching",
                        "agriculture",
                        "trade",
                        "other",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="qualification_expires_after_issue", condition=models.Q(expires_on__gt=models.F("issued_on"))
            ),
            models.CheckConstraint(
                name="qualification_withdrawn_with_reason",
                condition=models.Q(
                    state__in=["standing", "renewed"],
                    withdrawn_at__isnull=True,
                    withdrawn_by__isnull=True,
                    withdrawn_reason="",
                )
                | (
                    models.Q(state="withdrawn", withdrawn_at__isnull=False, withdrawn_by__isnull=False)
                    & ~models.Q(withdrawn_reason="")
                ),
            ),
            *length_checks("qualification", TEXT_LIMITS),
        ]

    def __str__(self) -> str:
        return f"{self.title} · {self.volunteer}"

    @property
    def is_standing(self) -> bool:
        """Whether it was neither renewed nor withdrawn."""
        return self.state == self.State.STANDING

    @property
    def has_end(self) -> bool:
        """Whether it expires at all."""
        return self.expires_on != NEVER


def mask_certificate(number: str) -> str:
    """Hide a certificate's number but its last four signs: some are made of the ID number."""
    return f"****{number[-4:]}" if len(number) >= 8 else "****" * bool(number)


auditlog.register(Qualification, mask_fields=["number"], exclude_fields=["version"])
