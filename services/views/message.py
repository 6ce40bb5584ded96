"""Texts to phones: what was sent, what failed and why, for the administrators."""

from typing import Any

import django_filters
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rights import Right, right_required
from common.lists import list_page
from common.rules import RuleBroken
from common.templatetags.yiwang import badge
from services.domain.message import is_sending, send_again
from services.domain.request_notices import Notice
from services.exports import MESSAGES
from services.models import SentMessage
from services.models.sent_message import SentMessageQuerySet

State = SentMessage.WorkState
STATES = (
    ("failed", gettext_lazy("Failed")),
    ("waiting", gettext_lazy("Not sent yet")),
    ("sent", gettext_lazy("Sent")),
    ("needless", gettext_lazy("Not needed any more")),
)
BADGES = {
    "failed": ("bad", "mail-x"),
    "waiting": ("info", "clock"),
    "sent": ("ok", "check"),
    "needless": ("neutral", "ban"),
}


class MessageFilter(django_filters.FilterSet):
    """By what became of them."""

    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), choices=STATES, method="by_state", empty_label=gettext_lazy("All states")
    )

    class Meta:
        model = SentMessage
        fields = ("state",)

    def by_state(self, texts: SentMessageQuerySet, name: str, value: str) -> SentMessageQuerySet:
        """Keep those of one state."""
        return texts.in_state(value)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_MESSAGES)
def message_list(request: HttpRequest) -> HttpResponse:
    """List the texts to phones, the latest first."""
    return list_page(
        request,
        queryset=SentMessage.objects.visible_to(request.user).select_related("request", "volunteer"),
        filterset_class=MessageFilter,
        ordering=("-id",),
        rows=_rows,
        template="services/message/list.html",
        export=MESSAGES,
        context={"is_sending": is_sending()},
    )


@require_POST
@right_required(Right.VIEW_MESSAGES)
def message_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a text that failed once more."""
    text = get_object_or_404(SentMessage.objects.visible_to(request.user), pk=pk)
    try:
        send_again(text, by=request.user)
    except RuleBroken as broken:
        messages.error(request, broken.message)
    else:
        messages.success(request, _("The text is sent again in the background."))
    return redirect("services:message_list")


def _rows(texts: list[SentMessage]) -> list[dict[str, Any]]:
    kinds = dict(Notice.choices)
    return [
        {
            "pk": text.pk,
            "when": date_format(timezone.localtime(text.created_at), "SHORT_DATETIME_FORMAT"),
            "to": text.volunteer.name if text.volunteer else _("The resident"),
            "phone": text.phone_masked,
            "kind": kinds.get(text.kind, text.kind),
            "request_url": text.request.get_absolute_url(),
            "tries": text.work_attempts,
            "error": text.error,
            "state": _badge(text.state),
            "may_send": text.state == "failed",
        }
        for text in texts
    ]


def _badge(state: str) -> SafeString:
    return badge(BADGES[state][0], str(dict(STATES)[state]), BADGES[state][1])
