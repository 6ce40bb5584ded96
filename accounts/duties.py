"""Duties that a township may have turned off (``areas.TownshipSettings``), and what whoever asks for one is told.

The rights that belong to a duty (``accounts.rights.DUTY_OF``) go with it for the township's own people: pages, menu and
buttons follow from ``User.may``. Who works for the whole city is refused by ``require_duty`` in the event itself.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.rights import Right, roles_named
from areas.models import TownshipSettings
from common.rules import RuleBroken
from common.wording import sentences

OFF: dict[str, str | Promise] = {
    "uses_logs": gettext_lazy("The township does not keep service logs and monthly reports at present."),
    "uses_badges": gettext_lazy("The township does not issue badges at present."),
    "uses_cards": gettext_lazy("The township does not make contact cards at present."),
    "uses_visit_plans": gettext_lazy("The township does not keep visit plans at present."),
}


def off_sentence(duty: str) -> str:
    """Say that the duty is off, and who can turn it on."""
    advice = _("It can be turned on in the township's settings by: %(roles)s.")
    return sentences([str(OFF[duty]), advice % {"roles": roles_named(Right.KEEP_TOWNSHIP_SETTINGS)}])


def require_duty(duty: str, township_id: int) -> None:
    """Refuse what belongs to a duty that is off in the township."""
    if not getattr(TownshipSettings.of(township_id), duty):
        raise RuleBroken(off_sentence(duty), code="duty_off")
