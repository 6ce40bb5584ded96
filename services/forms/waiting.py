"""What a team says when it has to wait for the resident."""

from django.utils.translation import gettext_lazy as _

from common.forms import TextField, VersionField, YiwangForm
from services.domain.waiting import REASON_LENGTH


class HoldForm(YiwangForm):
    """What the resident is waited for."""

    reason = TextField(
        label=_("What the resident is waited for"),
        max_length=REASON_LENGTH,
        lines=2,
        help_text=_("For example: back home on Friday. The resident does not read it."),
    )
    version = VersionField()
