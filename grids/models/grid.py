"""网格: a part of a village, served by one team."""

from typing import Self

from auditlog.registry import auditlog
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from areas.models import Village
from common.codes import drawn_signs
from common.models import Versioned, length_checks

# Eleven signs of 26 are 51 bits: nobody guesses the address of a grid's page.
PAGE_CODE_LENGTH = 11


def new_page_code() -> str:
    """Draw the code of a new grid's public page."""
    return drawn_signs(PAGE_CODE_LENGTH)


# Within its village, and in one grid.
LARGEST_NUMBER, MOST_HOUSEHOLDS = 99, 5000


class GridQuerySet(models.QuerySet["Grid"]):
    """Grids, village by village."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the grids of the user's township; the city level sees all."""
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.filter(village__township__in=user.township_ids)

    def in_use(self) -> Self:
        """Keep the grids that have not been retired."""
        return self.filter(is_retired=False)

    def covered(self) -> Self:
        """Keep the grids that an active team serves: at most one does."""
        return self.in_use().filter(teams__state="active")

    def uncovered(self) -> Self:
        """Keep the grids without an active team (未覆盖网格)."""
        return self.in_use().exclude(teams__state="active")


class Grid(Versioned):
    """A numbered part of a village with its households."""

    village = models.ForeignKey(Village, verbose_name=_("village"), on_delete=models.PROTECT, related_name="grids")
    number = models.PositiveSmallIntegerField(
        _("number"),
        validators=[MinValueValidator(1), MaxValueValidator(LARGEST_NUMBER)],
        help_text=_("Counted within the village, from 1 to 99."),
    )
    households = models.PositiveIntegerField(
        _("households"), validators=[MinValueValidator(1), MaxValueValidator(MOST_HOUSEHOLDS)]
    )
    boundary = models.CharField(_("boundary"), max_length=200, blank=True)
    official_code = models.CharField(_("official code"), max_length=30, blank=True)
    is_retired = models.BooleanField(_("retired"), default=False, editable=False)
    # What the QR code of a contact card leads to. It stays: cards hang in kitchens for years.
    page_code = models.CharField(  # noqa: DJ001 (unique where there is one)
        _("code of the public page"), max_length=PAGE_CODE_LENGTH, null=True, default=new_page_code, editable=False
    )

    objects = GridQuerySet.as_manager()

    class Meta:
        verbose_name = _("grid")
        verbose_name_plural = _("grids")
        ordering = ("village__code", "number")
        constraints = [
            models.UniqueConstraint(
                name="grid_number_in_village",
                fields=["village", "number"],
                violation_error_message=_("The village has a grid with this number already."),
            ),
            models.UniqueConstraint(
                name="grid_page_code_once", fields=["page_code"], condition=models.Q(page_code__isnull=False)
            ),
            models.CheckConstraint(
                name="grid_number_range", condition=models.Q(number__gte=1, number__lte=LARGEST_NUMBER)
            ),
            models.CheckConstraint(
                name="grid_households_range", condition=models.Q(households__gte=1, households__lte=MOST_HOUSEHOLDS)
            ),
            *length_checks("grid", {"boundary": 200, "official_code": 30}),
        ]

    def __str__(self) -> str:
        return gettext("%(village)s grid %(number)s") % {"village": self.village, "number": self.number}

    def get_absolute_url(self) -> str:
        """Return the address of the grid's page."""
        return reverse("grids:grid_detail", args=[self.pk])


auditlog.register(Grid, exclude_fields=["version", "page_code"])
