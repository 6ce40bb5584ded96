"""义工证: what a volunteer shows at the door, and everybody can check."""

from datetime import date
from typing import Self

from auditlog.registry import auditlog
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import Role
from common.models import length_checks
from volunteers.models.volunteer import Volunteer

TEXT_LIMITS = {"reason": 200}
# Two digits of the badge's number say the how many badges the volunteer has had with this one.
MOST_ISSUES = 99


class BadgeQuerySet(models.QuerySet["Badge"]):
    """Badges, the latest first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the badges of the volunteers whom the user sees."""
        if user.role == Role.TEAM_LEADER:
            return self.filter(volunteer__in=Volunteer.objects.visible_to(user).order_by())
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.filter(volunteer__township__in=user.township_ids)

    def issued(self) -> Self:
        """Keep those that stand: not replaced, lost or revoked. They may have expired, or their volunteer be away."""
        return self.filter(state=Badge.State.ISSUED)

    def valid(self, day: date) -> Self:
        """Keep those that are good on ``day``: issued, not expired, and of somebody who serves."""
        return self.issued().filter(valid_until__gte=day, volunteer__status=Volunteer.Status.ACTIVE)

    def expiring(self, day: date) -> Self:
        """Keep the valid ones that will have expired within the next days (``BADGE_EXPIRES_SOON``)."""
        return self.valid(day).filter(valid_until__lte=day + settings.BADGE_EXPIRES_SOON)

    def standing(self, standing: str, day: date) -> Self:
        """Keep those that are worth this on ``day``: ``Badge.standing_on`` for a whole list."""
        if standing == Badge.Standing.VALID:
            return self.valid(day)
        if standing == Badge.Standing.VOID:
            return self.exclude(state=Badge.State.ISSUED)
        serves = models.Q(volunteer__status=Volunteer.Status.ACTIVE)
        if standing == Badge.Standing.AWAY:
            return self.issued().filter(~serves)
        return self.issued().filter(serves, valid_until__lt=day)

    def with_present_membership(self) -> Self:
        """Offer the volunteer's membership that has not ended, at most one, as ``present``, to read columns of."""
        has_not_ended = models.Q(volunteer__memberships__left_on__isnull=True)
        return self.annotate(present=models.FilteredRelation("volunteer__memberships", condition=has_not_ended))


class Badge(models.Model):
    """One badge of a volunteer. It is valid while it is issued, not expired, and its volunteer serves.

    What has ended stays ended: a badge that turns up again is void, and its volunteer has another number by then.
    """

    class State(models.TextChoices):
        """What became of the badge."""

        ISSUED = "issued", _("Issued")
        REPLACED = "replaced", _("Replaced")
        LOST = "lost", _("Lost")
        REVOKED = "revoked", _("Revoked")

    class Standing(models.TextChoices):
        """What a badge is worth on a day."""

        VALID = "valid", _("Valid")
        EXPIRED = "expired", _("Expired")
        AWAY = "away", _("Not valid while away")
        VOID = "void", _("Void")

    volunteer = models.ForeignKey(
        Volunteer, verbose_name=_("volunteer"), on_delete=models.PROTECT, related_name="badges"
    )
    issue = models.PositiveSmallIntegerField(_("issue"), help_text=_("The first badge of a volunteer is 1."))
    number = models.CharField(
        _("badge number"),
        max_length=10,
        unique=True,
        help_text=_("The volunteer's number and the issue: 0000123-01."),
    )
    code_hash = models.CharField(max_length=64, unique=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ISSUED)
    issued_on = models.DateField(_("issued"), default=timezone.localdate)
    issued_by = models.ForeignKey(User, verbose_name=_("issued by"), on_delete=models.PROTECT, related_name="+")
    valid_until = models.DateField(_("valid until"))
    printed_at = models.DateTimeField(_("last printed"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=TEXT_LIMITS["reason"], blank=True)

    objects = BadgeQuerySet.as_manager()

    class Meta:
        verbose_name = _("badge")
        verbose_name_plural = _("badges")
        ordering = ("-issued_on", "-id")
        indexes = [
            models.Index(fields=["-issued_on", "-id"], name="badge_latest"),
            models.Index(fields=["valid_until"], condition=models.Q(state="issued"), name="badge_expiry"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="badge_one_issued_per_volunteer", fields=["volunteer"], condition=models.Q(state="issued")
            ),
            models.UniqueConstraint(name="badge_issue_once", fields=["volunteer", "issue"]),
            models.CheckConstraint(
                name="badge_issue_in_range", condition=models.Q(issue__gte=1, issue__lte=MOST_ISSUES)
            ),
            models.CheckConstraint(name="badge_number_form", condition=models.Q(number__regex=r"^[0-9]{7}-[0-9]{2}$")),
            models.CheckConstraint(
                name="badge_state_has_end",
                condition=models.Q(state="issued", ended_at__isnull=True)
                | models.Q(state__in=["replaced", "lost", "revoked"], ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="badge_expires_after_issue", condition=models.Q(valid_until__gte=models.F("issued_on"))
            ),
            *length_checks("badge", {"number": 10, "code_hash": 64, **TEXT_LIMITS}),
        ]

    def __str__(self) -> str:
        return self.number

    def standing_on(self, day: date, status: str) -> Standing:
        """Return what the badge is worth on ``day``, its volunteer being in ``status``."""
        if self.state != self.State.ISSUED:
            return self.Standing.VOID
        if status != Volunteer.Status.ACTIVE:
            return self.Standing.AWAY
        return self.Standing.EXPIRED if self.valid_until < day else self.Standing.VALID


auditlog.register(Badge, exclude_fields=["code_hash"])
