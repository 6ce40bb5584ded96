"""What the page of a request says once its personal data were deleted."""

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from services.models import HelpRequest
from services.request_parts import Context, Section, register


def _anonymised(asked: HelpRequest, reader: User) -> Context | None:
    return {"on": asked.anonymised_at} if asked.anonymised_at else None


def register_part() -> None:
    """Put it first onto the page of a request."""
    template = "services/request/parts/_anonymised.html"
    register(Section("anonymised", _("Anonymised"), template, _anonymised, 5))
