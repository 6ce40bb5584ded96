"""The sections of the dossier that tell of services: by month, awards, and certificates."""

from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import Right
from common.hours import hours
from common.months import month_after
from services.certificate_rows import LIST_FIELDS, certificate_rows
from services.domain.month import last_day
from services.domain.task import listed
from services.feedback_rows import feedback_section
from services.models import Award, Certificate, Participation, RecognitionRound, VolunteerYear
from volunteers.dossier import Context, Section, Table, register
from volunteers.models import Volunteer

MONTHS = 12


def _months(volunteer: Volunteer, reader: User) -> Context:
    """Count the services of the last twelve months that the reader sees; each column leads to its rows."""
    today = timezone.localdate()
    months = [month_after(today, -back) for back in reversed(range(MONTHS))]
    parts = Participation.objects.visible_to(reader).standing().filter(volunteer__in=volunteer.records)
    counted = dict(
        parts.filter(date__range=(months[0], last_day(months[-1])))
        .order_by()
        .annotate(month=TruncMonth("date"))
        .values("month")
        .annotate(services=Count("pk"))
        .values_list("month", "services")
    )
    return {
        "columns": [
            (
                f"{month:%y-%m}",
                counted.get(month, 0),
                listed(
                    "services:log_list",
                    volunteer=volunteer.pk,
                    since=month,
                    until=last_day(month),
                    state="standing",
                ),
            )
            for month in months
        ]
    }


def _years_printed(volunteer: Volunteer, reader: User) -> Table | None:
    """Give what counts of each year, in all teams."""
    kept = VolunteerYear.objects.filter(volunteer__in=volunteer.records)
    years = kept.order_by("year").values("year").annotate(Sum("services"), Sum("minutes"))
    rows = [[str(each["year"]), str(each["services__sum"]), hours(each["minutes__sum"])] for each in years]
    heads = [str(_("Year")), str(_("Services that count")), str(_("Hours that count"))]
    return Table(heads, rows, _("Services by year")) if rows else None


def _awards_printed(volunteer: Volunteer, reader: User) -> Table | None:
    found = _awards(volunteer, reader)
    if found is None:
        return None
    return Table(
        [str(_("Year")), str(_("Award"))],
        [[str(award.round.year), str(_("Outstanding volunteer"))] for award in found["awards"]],
    )


def _certificates_printed(volunteer: Volunteer, reader: User) -> Table | None:
    rows = [
        [row["number"], row["period"], row["hours"], strip_tags(row["standing"]).strip()]
        for row in _certificates(volunteer, reader)["certificates"]
    ]
    heads = [str(_("Number")), str(_("Days")), str(_("Hours")), str(_("State"))]
    return Table(heads, rows) if rows else None


def _awards(volunteer: Volunteer, reader: User) -> Context | None:
    awards = Award.objects.visible_to(reader).filter(
        volunteer__in=volunteer.records, round__state=RecognitionRound.State.PUBLISHED
    )
    found = list(awards.select_related("round"))
    return {"awards": found} if found else None


def _certificates(volunteer: Volunteer, reader: User) -> Context:
    certificates = Certificate.objects.visible_to(reader).filter(volunteer__in=volunteer.records)
    return {"certificates": certificate_rows(list(certificates.values(*LIST_FIELDS)))}


def register_all() -> None:
    """Put the sections of this app into the dossier."""
    parts = "services/dossier"
    for section in (
        Section(
            "feedback",
            _("What residents say"),
            "services/feedback/_dossier.html",
            feedback_section,
            80,
            Right.VIEW_FEEDBACK,
        ),
        Section(
            "months", _("Services by month"), f"{parts}/_months.html", _months, 65, Right.VIEW_LOGS, _years_printed
        ),
        Section("awards", _("Awards"), f"{parts}/_awards.html", _awards, 85, Right.VIEW_RECOGNITION, _awards_printed),
        Section(
            "certificates",
            _("Service record certificates"),
            f"{parts}/_certificates.html",
            _certificates,
            90,
            Right.VIEW_CERTIFICATES,
            _certificates_printed,
        ),
    ):
        register(section)
