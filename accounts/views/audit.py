"""The audit trail's page."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.events import event_label
from accounts.exports import AUDIT_TRAIL
from accounts.filters import AuditFilter
from accounts.history import kind_of, readable_changes
from accounts.models import AuditEntry
from accounts.rights import Right, right_required
from common.lists import list_page


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_AUDIT_TRAIL)
def audit_list(request: HttpRequest) -> HttpResponse:
    """List who changed what, when and from where."""
    return list_page(
        request,
        queryset=AuditEntry.objects.visible_to(request.user).select_related("actor"),
        filterset_class=AuditFilter,
        ordering=("-id",),
        rows=audit_rows,
        template="accounts/audit/list.html",
        export=AUDIT_TRAIL,
    )


def audit_rows(entries: Iterable[AuditEntry]) -> list[dict[str, Any]]:
    """Prepare the entries of one page for the template."""
    entries = list(entries)
    changes = readable_changes(entries)
    return [
        {
            "when": f"{timezone.localtime(entry.timestamp):%Y-%m-%d %H:%M:%S}",
            "who": entry.actor.name if entry.actor else _("Nobody signed in"),
            "username": entry.actor.username if entry.actor else "",
            "address": entry.remote_addr or "",
            "what": event_label(entry.event, entry.action),
            "kind": str(model._meta.verbose_name) if (model := kind_of(entry)) else "",
            "record": entry.object_repr,
            "changes": changes[entry.pk],
        }
        for entry in entries
    ]
