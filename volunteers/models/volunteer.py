"""党员义工: a party member who serves."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Self

from auditlog.registry import auditlog
from django.db import models
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.rights import Role
from areas.models import Township, Village
from common.begins import AfterBlank, ByteOrder, Ending, First, From
from common.models import Versioned, length_checks
from volunteers.models.skill_type import SkillType

TEXT_LIMITS = {
    "name": 40,
    "name_pinyin": 120,
    "name_initials": 40,
    "phone": 20,
    "party_branch": 60,
    "unit": 60,
    "occupation": 40,
    "post": 40,
    "discipline": 40,
    "speciality": 100,
    "interests": 100,
    "status_reason": 200,
}

# What the search enters (``volunteers.search``): each gives the order of the list, the township, and whether a record
# was given up, without a look at the rows. On PostgreSQL an index stands in for its rows only if it holds the
# expression's own column too.
IN_ORDER = ("name_pinyin", "id", "township", "merged_into")
SEARCH_INDEXES = (
    models.Index(ByteOrder("name"), *IN_ORDER, "name", name="volunteer_name_begins"),
    models.Index(From("name", 2), *IN_ORDER, "name", name="volunteer_name_second"),
    models.Index(
        From("name", 3), *IN_ORDER, "name", name="volunteer_name_third", condition=models.Q(name__length__gt=3)
    ),
    models.Index(
        "township",
        "name_pinyin",
        "id",
        "merged_into",
        "name",
        name="volunteer_long_name",
        condition=models.Q(name__length__gt=4),
    ),
    models.Index(First("name_initials", 2), *IN_ORDER, "name_initials", name="volunteer_two_initials"),
    models.Index(ByteOrder("name_initials"), *IN_ORDER, "name_initials", name="volunteer_initials"),
    models.Index(AfterBlank("name_pinyin"), *IN_ORDER, name="volunteer_given_pinyin"),
    models.Index(Ending("phone", 4), *IN_ORDER, "phone", name="volunteer_phone_tail"),
    models.Index(fields=["unit"], name="volunteer_unit"),
    models.Index(fields=["speciality"], name="volunteer_speciality"),
)


class VolunteerQuerySet(models.QuerySet["Volunteer"]):
    """Volunteers, by pinyin."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the user's township, and for a team leader to the present members of the teams that they lead."""
        if user.role == Role.TEAM_LEADER:
            return self.filter(
                memberships__left_on__isnull=True,
                memberships__team__memberships__left_on__isnull=True,
                memberships__team__memberships__role__in=("leader", "deputy"),
                memberships__team__memberships__volunteer__user=user,
                memberships__team__township__in=user.township_ids,
            )
        return self.in_reach_of(user)

    def in_reach_of(self, user: User) -> Self:
        """Keep whom the user may name as a helper or member: the township's, by name and number only."""
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.filter(township__in=user.township_ids)

    def persons(self) -> Self:
        """Leave out the records that were given up for another one of the same person."""
        return self.filter(merged_into__isnull=True)

    def active(self) -> Self:
        """Keep those who serve now."""
        return self.filter(status=Volunteer.Status.ACTIVE)

    def that_joined(self) -> Self:
        """Keep those who are or were in the programme: who applies or was turned down is not."""
        return self.exclude(status__in=(Volunteer.Status.APPLIED, Volunteer.Status.REJECTED))

    def free(self) -> Self:
        """Keep the active ones who are in no team now."""
        return self.active().in_no_team()

    def in_a_team(self) -> Self:
        """Keep those who are a member of a team now."""
        return self.filter(self._present_membership())

    def in_no_team(self) -> Self:
        """Keep those who are a member of no team now."""
        return self.filter(~self._present_membership())

    def records_of(self, pks: Iterable[int]) -> dict[int, int]:
        """Return whose each record is, by key: the people's own records, and those that were merged into them."""
        own = {pk: pk for pk in pks}
        merged = self.filter(merged_into__in=own).order_by().values_list("pk", "merged_into")
        return own | {pk: person for pk, person in merged if person is not None}

    def with_present_membership(self) -> Self:
        """Offer the membership that has not ended, at most one a person, as ``present``: columns may be read of it."""
        has_not_ended = models.Q(memberships__left_on__isnull=True)
        return self.annotate(present=models.FilteredRelation("memberships", condition=has_not_ended))

    def _present_membership(self) -> models.Exists:
        memberships: Any = self.model.memberships.rel.related_model
        return models.Exists(memberships.objects.filter(volunteer=models.OuterRef("pk"), left_on__isnull=True))


class Volunteer(Versioned):
    """A volunteer's record. One person is there once; who leaves stays on record."""

    class Gender(models.TextChoices):
        """As the badge prints it."""

        FEMALE = "female", _("Female")
        MALE = "male", _("Male")

    class Status(models.TextChoices):
        """Where a volunteer stands in the programme."""

        APPLIED = "applied", _("Applied")
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")
        LEFT = "left", _("Left")
        REJECTED = "rejected", _("Rejected")

    class UnitKind(models.TextChoices):
        """单位类别: the kinds that the programme's report counts."""

        OFFICE = "office", _("Township office")
        STATION = "station", _("Grassroots station")
        SCHOOL = "school", _("Primary or secondary school")
        OTHER = "other", _("Other unit")

    class Education(models.TextChoices):
        """Highest education."""

        PRIMARY = "primary", _("Primary school")
        JUNIOR = "junior", _("Junior secondary school")
        SENIOR = "senior", _("Senior secondary school")
        COLLEGE = "college", _("College")
        BACHELOR = "bachelor", _("Bachelor")
        MASTER = "master", _("Master or higher")

    # The allowed steps; a refused one says which are open (domain/volunteer.py).
    STEPS: dict[str, set[str]] = {
        Status.APPLIED: {Status.ACTIVE, Status.REJECTED},
        Status.ACTIVE: {Status.SUSPENDED, Status.LEFT},
        Status.SUSPENDED: {Status.ACTIVE, Status.LEFT},
        Status.LEFT: {Status.ACTIVE},
        Status.REJECTED: set(),
    }

    number = models.CharField(
        _("number"),
        max_length=7,
        unique=True,
        editable=False,
        help_text=_("Seven digits, printed on the badge; never the ID number."),
    )
    name = models.CharField(pgettext_lazy("person", "name"), max_length=TEXT_LIMITS["name"])
    name_pinyin = models.CharField(_("pinyin"), max_length=TEXT_LIMITS["name_pinyin"], editable=False)
    name_initials = models.CharField(_("initials"), max_length=TEXT_LIMITS["name_initials"], editable=False)
    gender = models.CharField(_("gender"), max_length=6, choices=Gender)
    birth_date = models.DateField(_("birth date"))
    phone = models.CharField(_("phone"), max_length=TEXT_LIMITS["phone"])
    id_number_encrypted = models.BinaryField(_("ID number"), null=True, editable=False)
    id_number_hash = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001
    party_branch = models.CharField(_("party branch"), max_length=TEXT_LIMITS["party_branch"], blank=True)
    joined_party_on = models.DateField(_("joined the party"), null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=TEXT_LIMITS["unit"], blank=True)
    unit_kind = models.CharField(_("kind of unit"), max_length=10, choices=UnitKind)
    occupation = models.CharField(_("occupation"), max_length=TEXT_LIMITS["occupation"], blank=True)
    post = models.CharField(_("post"), max_length=TEXT_LIMITS["post"], blank=True)
    discipline = models.CharField(_("discipline"), max_length=TEXT_LIMITS["discipline"], blank=True)
    speciality = models.CharField(_("speciality"), max_length=TEXT_LIMITS["speciality"], blank=True)
    interests = models.CharField(_("interests"), max_length=TEXT_LIMITS["interests"], blank=True)
    is_rural_expert = models.BooleanField(_("rural production expert"), default=False)
    education = models.CharField(_("education"), max_length=10, choices=Education, blank=True)
    township = models.ForeignKey(
        Township, verbose_name=_("township"), on_delete=models.PROTECT, related_name="volunteers"
    )
    village = models.ForeignKey(
        Village, verbose_name=_("home village"), on_delete=models.PROTECT, related_name="volunteers"
    )
    primary_skill = models.ForeignKey(
        SkillType, verbose_name=_("primary skill type"), on_delete=models.PROTECT, related_name="volunteers"
    )
    further_skills = models.ManyToManyField(
        SkillType, verbose_name=_("further skill types"), blank=True, related_name="also_volunteers"
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE, editable=False)
    status_reason = models.CharField(
        _("reason for the status"), max_length=TEXT_LIMITS["status_reason"], blank=True, editable=False
    )
    joined_on = models.DateField(_("joined the programme"))
    left_on = models.DateField(_("left the programme"), null=True, blank=True, editable=False)
    endorsed_on = models.DateField(_("endorsed by the township"), null=True, blank=True, editable=False)
    endorsed_by = models.ForeignKey(
        User,
        verbose_name=_("endorsed by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        db_index=False,
    )
    # Set on a record that was given up because the same person has another one: nothing of it moves.
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("merged into"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="merged",
        editable=False,
    )
    shows_name = models.BooleanField(_("agrees to the name on the badge page and notices"), default=False)
    shows_phone = models.BooleanField(_("agrees to name and phone on the contact card"), default=False)
    user = models.OneToOneField(
        User, verbose_name=_("account"), null=True, blank=True, on_delete=models.PROTECT, related_name="volunteer"
    )

    # What followed from the last step, in sentences: a team that fell back to forming, for instance.
    consequences: Sequence[str] = ()
    # Set while the volunteer moves to another township: the day on which they leave the team there.
    moved_on: date | None = None

    objects = VolunteerQuerySet.as_manager()

    class Meta:
        verbose_name = _("volunteer")
        verbose_name_plural = _("volunteers")
        ordering = ("name_pinyin", "id")
        indexes = [
            models.Index(fields=["name_pinyin", "id"], name="volunteer_by_pinyin"),
            models.Index(fields=["township", "name_pinyin", "id"], name="volunteer_in_township"),
            models.Index(fields=["phone"], name="volunteer_phone"),
            models.Index(fields=["name", "birth_date"], name="volunteer_person"),
            *SEARCH_INDEXES,
        ]
        constraints = [
            models.CheckConstraint(name="volunteer_number_digits", condition=models.Q(number__regex=r"^[0-9]{7}$")),
            models.CheckConstraint(
                name="volunteer_status_known",
                condition=models.Q(status__in=["applied", "active", "suspended", "left", "rejected"]),
            ),
            models.CheckConstraint(
                name="volunteer_left_has_date",
                condition=models.Q(status="left", left_on__isnull=False)
                | (~models.Q(status="left") & models.Q(left_on__isnull=True)),
            ),
            models.CheckConstraint(
                name="volunteer_left_after_joining",
                condition=models.Q(left_on__isnull=True) | models.Q(left_on__gte=models.F("joined_on")),
            ),
            *length_checks("volunteer", TEXT_LIMITS),
        ]

    def __str__(self) -> str:
        return f"{self.name}({self.number})"

    def get_absolute_url(self) -> str:
        """Return the address of the volunteer's page."""
        return reverse("volunteers:detail", args=[self.pk])

    @cached_property
    def records(self) -> list[int]:
        """The keys of this person's records: this one and those that were merged into it."""
        return [self.pk, *self.merged.order_by("pk").values_list("pk", flat=True)]

    @property
    def masked_phone(self) -> str:
        """The phone as lists show it: 138****1234."""
        return mask_phone(self.phone)

    def age_on(self, day: date) -> int:
        """Return the age in full years on ``day``."""
        had_birthday = (day.month, day.day) >= (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - (not had_birthday)


def mask_phone(phone: str) -> str:
    """Hide the middle of a phone number: 13812341234 becomes 138****1234."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else "****"


auditlog.register(
    Volunteer,
    mask_fields=["phone", "birth_date"],
    exclude_fields=["id_number_encrypted", "id_number_hash", "name_pinyin", "name_initials", "version"],
    m2m_fields={"further_skills"},
)
