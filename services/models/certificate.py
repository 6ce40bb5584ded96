"""志愿服务记录证明: what the records say of one volunteer's services in a period, on paper and for good."""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.rights import Right
from areas.models import Township
from common.codes import drawn_signs, in_groups
from common.models import length_checks
from volunteers.models import Volunteer

TEXT_LIMITS = {
    "number": 40,
    "code": 11,
    "name": 40,
    "volunteer_number": 7,
    "office": 60,
    "head": 40,
    "handler": 40,
    "contact": 60,
    "revoked_reason": 200,
}
# Eleven signs of 26 are 51 bits: nobody guesses one.
CODE_LENGTH, CODE_GROUPS = 11, (4, 4, 3)


def new_code() -> str:
    """Draw the code of a new certificate's page."""
    return drawn_signs(CODE_LENGTH)


class CertificateQuerySet(models.QuerySet["Certificate"]):
    """Certificates, the latest first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to those that the user's township issued, or that are of its volunteers; the city level sees all."""
        if not user.may(Right.VIEW_CERTIFICATES):
            return self.none()
        if user.is_city_wide:
            return self
        own = user.township_ids
        return self.filter(models.Q(township__in=own) | models.Q(volunteer__township__in=own))

    def valid(self) -> Self:
        """Keep those that were neither revoked nor superseded."""
        return self.filter(revoked_at__isnull=True, successor__isnull=True)

    def superseded(self) -> Self:
        """Keep those in whose place another one was issued."""
        return self.filter(revoked_at__isnull=True, successor__isnull=False)

    def revoked(self) -> Self:
        """Keep those that were taken back."""
        return self.filter(revoked_at__isnull=False)


class Certificate(models.Model):
    """One certificate. Everything on it is as it was when it was issued; it can only be revoked, once.

    Minutes and services are those of read months. What had not been read yet is kept beside them and not certified.
    """

    class Standing(models.TextChoices):
        """What it is worth today; follows from the other fields."""

        VALID = "valid", pgettext_lazy("certificate", "Valid")
        SUPERSEDED = "superseded", pgettext_lazy("certificate", "Superseded")
        REVOKED = "revoked", pgettext_lazy("certificate", "Revoked")

    key = models.UUIDField(_("submission key"), unique=True, editable=False)
    year = models.PositiveSmallIntegerField(_("year"))
    serial = models.PositiveIntegerField(_("serial number"))
    number = models.CharField(_("number"), max_length=TEXT_LIMITS["number"], unique=True)
    code = models.CharField(_("code"), max_length=CODE_LENGTH, unique=True, default=new_code, editable=False)
    volunteer = models.ForeignKey(
        Volunteer, verbose_name=_("volunteer"), on_delete=models.PROTECT, related_name="certificates"
    )
    name = models.CharField(pgettext_lazy("person", "name"), max_length=TEXT_LIMITS["name"])
    volunteer_number = models.CharField(_("volunteer's number"), max_length=TEXT_LIMITS["volunteer_number"])
    gender = models.CharField(_("gender"), max_length=6, choices=Volunteer.Gender)
    with_id_number = models.BooleanField(_("with the ID number"), default=False)
    township = models.ForeignKey(
        Township, verbose_name=_("township"), on_delete=models.PROTECT, related_name="certificates"
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    minutes = models.PositiveIntegerField(_("minutes"))
    services = models.PositiveIntegerField(_("services"))
    categories = models.JSONField(_("by category"), help_text=_("Name, services and minutes of each."))
    waiting_minutes = models.PositiveIntegerField(_("minutes not read yet"), default=0)
    waiting_services = models.PositiveIntegerField(_("services not read yet"), default=0)
    office = models.CharField(_("issuing office"), max_length=TEXT_LIMITS["office"])
    head = models.CharField(_("person in charge"), max_length=TEXT_LIMITS["head"])
    handler = models.CharField(_("handled by"), max_length=TEXT_LIMITS["handler"])
    contact = models.CharField(_("contact"), max_length=TEXT_LIMITS["contact"])
    issued_on = models.DateField(_("issued on"), default=timezone.localdate)
    issued_by = models.ForeignKey(User, verbose_name=_("issued by"), on_delete=models.PROTECT, related_name="+")
    supersedes = models.OneToOneField(
        "self",
        verbose_name=_("supersedes"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="successor",
    )
    revoked_by = models.ForeignKey(
        User, verbose_name=_("revoked by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    revoked_reason = models.CharField(_("reason for revoking"), max_length=TEXT_LIMITS["revoked_reason"], blank=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("service record certificate")
        verbose_name_plural = _("service record certificates")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["township", "-id"], name="certificate_in_township"),
            models.Index(fields=["volunteer", "-id"], name="certificate_of_volunteer"),
        ]
        constraints = [
            models.UniqueConstraint(name="certificate_serial_once", fields=["year", "serial"]),
            models.CheckConstraint(
                name="certificate_period_runs_forward",
                condition=models.Q(starts_on__lte=models.F("ends_on"), ends_on__lte=models.F("issued_on")),
            ),
            models.CheckConstraint(
                name="certificate_says_something", condition=models.Q(services__gte=1, minutes__gte=1)
            ),
            models.CheckConstraint(
                name="certificate_revoked_with_reason",
                condition=models.Q(revoked_at__isnull=True, revoked_by__isnull=True, revoked_reason="")
                | (models.Q(revoked_at__isnull=False, revoked_by__isnull=False) & ~models.Q(revoked_reason="")),
            ),
            *length_checks("certificate", TEXT_LIMITS),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """Return the address of the certificate's page."""
        return reverse("services:certificate_detail", args=[self.pk])

    def get_public_url(self) -> str:
        """Return the address of the page that everybody can check it on."""
        return reverse("certificates:show", args=[self.code])

    @property
    def printed_code(self) -> str:
        """The code as people type it: 7KMX-3RTA-9WC."""
        return in_groups(self.code, CODE_GROUPS)

    @property
    def standing(self) -> "Certificate.Standing":
        """What it is worth today."""
        if self.revoked_at is not None:
            return self.Standing.REVOKED
        return self.Standing.SUPERSEDED if hasattr(self, "successor") else self.Standing.VALID


# The code opens the public page: the trail does not know it.
auditlog.register(Certificate, exclude_fields=["key", "code"])
