"""申请: what somebody without an account enters to join; no record of a volunteer until the township endorses."""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.rights import Right
from areas.models import Township, Village
from common.codes import read_signs
from common.models import length_checks
from volunteers.models.skill_type import SkillType
from volunteers.models.text import ProgrammeText
from volunteers.models.volunteer import Volunteer, mask_phone

TEXT_LIMITS = {"name": 40, "phone": 20, "party_branch": 60, "unit": 60, "speciality": 100, "reason": 200}
# The signs of the code by which an applicant follows the application, and how they are printed.
CODE_LENGTH, CODE_GROUPS = 11, (4, 4, 3)


def hash_of(code: str) -> str:
    """Return what is stored of the code by which an application is followed, however it was typed."""
    signs = read_signs(code, CODE_LENGTH)
    return salted_hmac("volunteers.application.hash", signs, algorithm="sha256").hexdigest()


class ApplicationQuerySet(models.QuerySet["Application"]):
    """Applications, the oldest first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the township's own; the city level sees all, a leader none."""
        if not user.may(Right.VIEW_APPLICATIONS):
            return self.none()
        return self if user.is_city_wide else self.filter(township__in=user.township_ids)

    def waiting(self) -> Self:
        """Keep those that the township has not decided on."""
        return self.filter(state=Application.State.WAITING)


class Application(models.Model):
    """What an applicant entered, kept as it came; a volunteer's record begins with the township's endorsement."""

    class State(models.TextChoices):
        """What the township said; what the administrator says is the volunteer's status."""

        WAITING = "waiting", _("Waits for the township")
        ENDORSED = "endorsed", _("Endorsed")
        REJECTED = "rejected", _("Rejected")

    key = models.UUIDField(_("submission key"), unique=True, editable=False)
    code_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField(_("came in"), default=timezone.now)
    township = models.ForeignKey(
        Township, verbose_name=_("township"), on_delete=models.PROTECT, related_name="applications"
    )
    village = models.ForeignKey(Village, verbose_name=_("home village"), on_delete=models.PROTECT, related_name="+")
    name = models.CharField(pgettext_lazy("person", "name"), max_length=TEXT_LIMITS["name"])
    gender = models.CharField(_("gender"), max_length=6, choices=Volunteer.Gender)
    birth_date = models.DateField(_("birth date"))
    phone = models.CharField(_("phone"), max_length=TEXT_LIMITS["phone"])
    id_number_encrypted = models.BinaryField(_("ID number"), null=True, editable=False)
    id_number_hash = models.CharField(max_length=64, null=True, editable=False)  # noqa: DJ001
    primary_skill = models.ForeignKey(
        SkillType, verbose_name=_("primary skill type"), on_delete=models.PROTECT, related_name="+"
    )
    speciality = models.CharField(_("speciality"), max_length=TEXT_LIMITS["speciality"], blank=True)
    unit = models.CharField(_("unit"), max_length=TEXT_LIMITS["unit"], blank=True)
    unit_kind = models.CharField(_("kind of unit"), max_length=10, choices=Volunteer.UnitKind)
    party_branch = models.CharField(_("party branch"), max_length=TEXT_LIMITS["party_branch"])
    joined_party_on = models.DateField(_("joined the party"))
    shows_name = models.BooleanField(_("agrees to the name on the badge page and notices"), default=False)
    shows_phone = models.BooleanField(_("agrees to name and phone on the contact card"), default=False)
    texts = models.ManyToManyField(ProgrammeText, verbose_name=_("accepted texts"), blank=True, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField(_("reason"), max_length=TEXT_LIMITS["reason"], blank=True)
    decided_by = models.ForeignKey(
        User, verbose_name=_("decided by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    volunteer = models.OneToOneField(
        Volunteer,
        verbose_name=_("volunteer"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="application",
    )

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ("made_at", "id")
        indexes = [
            models.Index(fields=["made_at", "id"], name="application_by_time"),
            models.Index(fields=["township", "made_at", "id"], name="application_in_township"),
            models.Index(fields=["name", "birth_date"], name="application_person"),
        ]
        constraints = [
            models.CheckConstraint(
                name="application_decided_by_somebody",
                condition=models.Q(state="waiting", decided_by__isnull=True, decided_at__isnull=True, reason="")
                | models.Q(state="endorsed", decided_by__isnull=False, decided_at__isnull=False, reason="")
                | (
                    models.Q(state="rejected", decided_by__isnull=False, decided_at__isnull=False)
                    & ~models.Q(reason="")
                ),
            ),
            models.CheckConstraint(
                name="application_endorsed_has_record",
                condition=models.Q(state="endorsed", volunteer__isnull=False)
                | (~models.Q(state="endorsed") & models.Q(volunteer__isnull=True)),
            ),
            *length_checks("application", TEXT_LIMITS),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {timezone.localtime(self.made_at):%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        """Return the address of the application on the township's desk."""
        return reverse("volunteers:application_detail", args=[self.pk])

    @property
    def masked_phone(self) -> str:
        """The phone as lists show it: 138****1234."""
        return mask_phone(self.phone)


auditlog.register(
    Application,
    mask_fields=["phone", "birth_date"],
    exclude_fields=["id_number_encrypted", "id_number_hash", "key", "code_hash"],
    m2m_fields={"texts"},
)
