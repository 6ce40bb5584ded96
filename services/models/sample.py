"""抽查: a random part of the months, drawn with a recorded seed, that the city looks at once more."""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import Right
from common.models import length_checks
from services.models.report import MonthlyReport


class SampleQuerySet(models.QuerySet["Sample"]):
    """Samples, the latest first."""

    def visible_to(self, user: User) -> Self:
        """All of them for the city level's reviewers and auditors, none for others: they are drawn across townships."""
        return self if user.may(Right.VIEW_SAMPLES) else self.none()


class Sample(models.Model):
    """One draw: from which months, how many percent, by which seed. Append-only: a trigger refuses to change it.

    ``population`` keeps the keys of all months that could have been drawn, one a line, so that anybody can draw again
    whatever has become of the months since: ``services.domain.sample`` says how.
    """

    key = models.UUIDField(_("submission key"), unique=True, editable=False)
    first_month = models.DateField(_("first month"))
    last_month = models.DateField(_("last month"))
    with_submitted = models.BooleanField(
        _("also months that nobody has read yet"), default=False, help_text=_("Otherwise only read months are drawn.")
    )
    percent = models.PositiveSmallIntegerField(_("percent"))
    seed = models.CharField(_("seed"), max_length=32, editable=False)
    population = models.TextField(_("months to draw from"), editable=False)
    population_count = models.PositiveIntegerField(_("number of months to draw from"), editable=False)
    population_hash = models.CharField(_("SHA-256 of the months to draw from"), max_length=64, editable=False)
    size = models.PositiveIntegerField(_("months drawn"), editable=False)
    drawn_by = models.ForeignKey(
        User, verbose_name=_("drawn by"), on_delete=models.PROTECT, related_name="+", editable=False
    )
    drawn_at = models.DateTimeField(_("drawn"), default=timezone.now, editable=False)

    objects = SampleQuerySet.as_manager()

    class Meta:
        verbose_name = _("sample")
        verbose_name_plural = _("samples")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(name="sample_first_days", condition=models.Q(first_month__day=1, last_month__day=1)),
            models.CheckConstraint(
                name="sample_months_in_order", condition=models.Q(first_month__lte=models.F("last_month"))
            ),
            models.CheckConstraint(name="sample_percent_range", condition=models.Q(percent__gte=1, percent__lte=100)),
            models.CheckConstraint(
                name="sample_size_range",
                condition=models.Q(size__gte=1, size__lte=models.F("population_count")),
            ),
            *length_checks("sample", {"seed": 32, "population_hash": 64}),
        ]

    def __str__(self) -> str:
        return f"{self.first_month:%Y-%m} – {self.last_month:%Y-%m}, {self.percent} %"

    def get_absolute_url(self) -> str:
        """Return the address of the sample's page."""
        return reverse("services:sample_detail", args=[self.pk])

    @property
    def period(self) -> str:
        """The months that were drawn from, in words."""
        first, last = (date_format(month, "YEAR_MONTH_FORMAT") for month in (self.first_month, self.last_month))
        return first if first == last else f"{first} – {last}"


class SampledReportQuerySet(models.QuerySet["SampledReport"]):
    """Drawn months in the order in which they were drawn."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the months that the user sees, for those who review them: a leader is not told."""
        if not (user.may(Right.REVIEW_REPORTS) or user.may(Right.VIEW_SAMPLES)):
            return self.none()
        return self.filter(report__in=MonthlyReport.objects.visible_to(user))

    def to_answer(self) -> Self:
        """Keep the months with a remark that the township's reviewer has not answered yet."""
        return self.filter(finding=SampledReport.Finding.REMARK, answered_at__isnull=True)


class SampledReport(models.Model):
    """One drawn month: looked at by a city reviewer, found fine or with a remark, which the township answers."""

    class Finding(models.TextChoices):
        """What the second look found."""

        FINE = "fine", _("In order")
        REMARK = "remark", _("With a remark")

    sample = models.ForeignKey(Sample, verbose_name=_("sample"), on_delete=models.PROTECT, related_name="drawn")
    report = models.ForeignKey(
        MonthlyReport, verbose_name=_("monthly report"), on_delete=models.PROTECT, related_name="sampled"
    )
    place = models.PositiveIntegerField(_("place in the draw"))
    finding = models.CharField(_("finding"), max_length=10, choices=Finding, blank=True)
    remark = models.CharField(_("remark"), max_length=300, blank=True)
    checked_by = models.ForeignKey(
        User, verbose_name=_("checked by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=300, blank=True)
    answered_by = models.ForeignKey(
        User, verbose_name=_("answered by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects = SampledReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("sampled month")
        verbose_name_plural = _("sampled months")
        ordering = ("sample", "place")
        constraints = [
            models.UniqueConstraint(name="sampled_once_a_sample", fields=["sample", "report"]),
            models.UniqueConstraint(name="sampled_place_once", fields=["sample", "place"]),
            models.CheckConstraint(
                name="sampled_finding_known",
                condition=models.Q(finding="", remark="", checked_by__isnull=True, checked_at__isnull=True)
                | models.Q(finding="fine", remark="", checked_by__isnull=False, checked_at__isnull=False)
                | (
                    models.Q(finding="remark", checked_by__isnull=False, checked_at__isnull=False)
                    & ~models.Q(remark="")
                ),
            ),
            models.CheckConstraint(
                name="sampled_answer_to_a_remark",
                condition=models.Q(answer="", answered_by__isnull=True, answered_at__isnull=True)
                | (
                    models.Q(finding="remark", answered_by__isnull=False, answered_at__isnull=False)
                    & ~models.Q(answer="")
                ),
            ),
            *length_checks("sampled", {"finding": 10, "remark": 300, "answer": 300}),
        ]

    def __str__(self) -> str:
        return f"{self.place}. {self.report}"


# The draw's rows are written in bulk and told by the sample itself; what is found later has its entries.
auditlog.register(Sample, exclude_fields=["population", "key"])
auditlog.register(SampledReport)
