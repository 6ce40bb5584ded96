"""How the register of certificates is narrowed down."""

import django_filters
from django.utils.translation import gettext_lazy as _

from areas.filters import InTownship
from common.clean import clean_code
from common.filter_fields import DayFilter
from services.models import Certificate
from services.models.certificate import CertificateQuerySet


class CertificateFilter(InTownship):
    """By name or number, township, what it is worth, and the day of issue."""

    q = django_filters.CharFilter(label=_("Name or number"), method="by_text", max_length=40)
    standing = django_filters.ChoiceFilter(
        label=_("State"), choices=Certificate.Standing.choices, method="by_standing", empty_label=_("Any state")
    )
    since = DayFilter(label=_("Issued from"), field_name="issued_on", lookup_expr="gte")
    until = DayFilter(label=_("Issued until"), field_name="issued_on", lookup_expr="lte")

    class Meta:
        model = Certificate
        fields = ("q", "township", "standing", "since", "until")

    def by_text(self, certificates: CertificateQuerySet, name: str, value: str) -> CertificateQuerySet:
        """Digits are a volunteer's number or the end of a certificate's, a bracket is of its number, else a name."""
        text = clean_code(value)
        if text.isascii() and text.isdecimal():
            by_serial = certificates.filter(serial=int(text)) if len(text) <= 6 else certificates.none()
            return certificates.filter(volunteer_number__contains=text) | by_serial
        if "〔" in text:
            return certificates.filter(number__startswith=text)
        return certificates.filter(name__contains=text)

    def by_standing(self, certificates: CertificateQuerySet, name: str, value: str) -> CertificateQuerySet:
        """Keep those that are worth so much today."""
        kept = {
            Certificate.Standing.VALID: certificates.valid,
            Certificate.Standing.SUPERSEDED: certificates.superseded,
            Certificate.Standing.REVOKED: certificates.revoked,
        }
        return kept[Certificate.Standing(value)]()
