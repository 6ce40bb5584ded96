"""Who may take lists along, and the record of it: who, what, how many.

``common.exports`` asks here; ``AccountsConfig.ready`` connects them.
"""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from accounts.audit import event
from accounts.models import AuditEntry, User
from accounts.rights import Right, refusal
from common.exports import Column, Export, Taken

# What the trail tells of a file, by names of its own: no field of any model is called so.
FILTERS, ROWS, FILE, UNMASKED = (
    gettext_noop("filters in force"),
    gettext_noop("rows taken along"),
    gettext_noop("kind of file"),
    gettext_noop("not masked"),
)


class Keeper:
    """Answers from the rights table, and writes into the audit trail."""

    def check(self, user: User, right: str = "") -> None:
        """Raise ``PermissionDenied``, which names who may, unless the user may export and has ``right`` as well."""
        for needed in (Right.EXPORT_LISTS, *([Right(right)] if right else [])):
            if not user.may(needed):
                raise PermissionDenied(refusal(needed))

    def keep(self, taken: Taken, *, by: User) -> None:
        """Record what was taken; what was not masked is an access to personal data of its own kind."""
        (export_unmasked if taken.unmasked else export_list)(taken, by=by)


@event
def export_list(taken: Taken, *, by: User) -> None:
    """Record that somebody took a list along as the page shows it."""
    _record(taken)


@event
def export_unmasked(taken: Taken, *, by: User) -> None:
    """Record that somebody took a list along with what the page masks."""
    _record(taken)


def _record(taken: Taken) -> None:
    """Write one entry for the whole list: it is of no single record."""
    filters = taken.filters_in_words(with_typed=False)
    told = {FILTERS: filters, ROWS: taken.rows, FILE: f".{taken.file_type}", UNMASKED: taken.unmasked}
    AuditEntry.objects.create(
        content_type=ContentType.objects.get_for_model(taken.kind),
        object_pk="",
        object_repr=taken.name,
        action=AuditEntry.Action.ACCESS,
        changes={name: ("", str(value)) for name, value in told.items() if value != ""},
    )


def _changes(row: dict[str, Any]) -> str:
    """Write what changed line by line, as the page does."""
    lines = (
        f"{change.field} {f'{change.before} → ' if change.before else ''}{change.after or '—'}"
        for change in row["changes"]
    )
    return "\n".join(lines)


AUDIT_TRAIL = Export(
    _("Audit trail"),
    (
        Column(_("When"), "when"),
        Column(_("Who"), "who"),
        Column(_("User name"), "username"),
        Column(_("Address"), "address"),
        Column(_("What"), "what"),
        Column(_("Record"), "record"),
        Column(_("Kind of record"), "kind"),
        Column(_("Before → after"), _changes),
    ),
)
