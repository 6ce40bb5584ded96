"""What of the lists of training may be taken along."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.exports import Column, Export

_PERSON = (
    Column(pgettext_lazy("person", "Name"), "name"),
    Column(_("Number"), "number"),
)
_PLACE = (
    Column(_("Unit or village"), "unit"),
    Column(_("Township"), "township"),
)


def _invited(row: dict[str, Any]) -> str:
    return f"{row['invited']} / {row['places']}"


COURSES = Export(
    _("Courses"),
    (
        Column(_("Title"), "title"),
        Column(_("Days"), "days"),
        Column(pgettext_lazy("course", "For"), "region"),
        Column(pgettext_lazy("course", "Content"), "content"),
        Column(pgettext_lazy("training", "Provider"), "provider"),
        Column(_("Hours"), "hours", is_number=True),
        Column(_("Invited"), _invited),
        Column(_("Came"), "came"),
        Column(_("State"), "state"),
    ),
)
INVITED = Export(
    _("Who is invited"),
    (*_PERSON, *_PLACE, Column(_("Invited on"), "invited_on"), Column(_("Came"), "came")),
)
ATTENDED = Export(
    _("Who came"),
    (
        *_PERSON,
        *_PLACE,
        Column(_("Hours"), "hours", is_number=True),
        Column(pgettext_lazy("how", "Recorded by"), "how"),
        Column(_("Result"), "result"),
    ),
)
ATTENDANCE = Export(
    _("Attendance"),
    (
        *_PERSON,
        Column(_("Township"), "township"),
        Column(_("Course"), "course"),
        Column(pgettext_lazy("course", "Content"), "content"),
        Column(_("Date"), "date"),
        Column(_("Hours"), "hours", is_number=True),
        Column(_("Result"), "result"),
    ),
)
IN_NEED = Export(
    _("Who needs training"),
    (*_PERSON, Column(_("Skill type"), "skill"), *_PLACE, Column(_("Last trained"), "last")),
)
