"""Applications prepared for the page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.templatetags.yiwang import badge
from volunteers.domain.double import Match
from volunteers.models import Application, Volunteer

State, Status = Application.State, Volunteer.Status


@dataclass(frozen=True)
class Progress:
    """How far an application is, as the applicant reads it: how it looks, in a word and in a sentence, and why."""

    tone: str
    word: str | Promise
    sentence: str | Promise
    reason: str = ""

    @property
    def badge(self) -> SafeString:
        """The word with an icon."""
        return badge(self.tone, str(self.word))


WAITING = Progress(
    "warn", _("Waits for the township"), _("The township's office looks at it, and calls you if something is unclear.")
)
ENDORSED = Progress("info", _("Endorsed"), _("The township has endorsed it. The organisation department decides now."))
REJECTED = Progress("neutral", _("Not taken"), _("The application was turned down. The reason:"))
ADMITTED = Progress(
    "ok", _("Admitted"), _("You are a volunteer now. The township's office tells you about your team and badge.")
)


def progress_of(application: Application) -> Progress:
    """Return how far an application is; after the township's yes the volunteer's status says it."""
    volunteer = application.volunteer
    if volunteer is not None and volunteer.merged_into is not None:
        volunteer = volunteer.merged_into
    if application.state == State.WAITING:
        return WAITING
    if application.state == State.REJECTED:
        return replace(REJECTED, reason=application.reason)
    if volunteer is None or volunteer.status == Status.APPLIED:
        return ENDORSED
    if volunteer.status == Status.REJECTED:
        return replace(REJECTED, reason=volunteer.status_reason)
    return ADMITTED


def application_rows(applications: Sequence[Application]) -> list[dict[str, Any]]:
    """Prepare the applications of one page."""
    return [
        {
            "pk": one.pk,
            "url": one.get_absolute_url(),
            "name": one.name,
            "township": one.township.name,
            "village": one.village.name,
            "skill": str(one.primary_skill),
            "phone": one.masked_phone,
            "made": date_format(timezone.localtime(one.made_at), "SHORT_DATE_FORMAT"),
            "state": progress_of(one).badge,
        }
        for one in applications
    ]


def match_rows(matches: Sequence[Match], reader: User) -> list[dict[str, Any]]:
    """Prepare the records that look alike: of another township's the reader learns only that there is one."""
    return [
        {
            "volunteer": match.volunteer if match.is_seen_by(reader) else None,
            "grounds": [str(ground) for ground in match.grounds],
            "is_certain": match.is_certain,
        }
        for match in matches
    ]
