"""The board of due and late requests for the page: why each waits, how long is left, and where it is mended."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rights import Right
from common import spans
from common.templatetags.yiwang import badge
from common.templatetags.yiwang import icon as icon_of
from grids.models import Team
from services.clock_words import left_until, urgency_badge, waiting_for
from services.domain.request_board import Board, Lane
from services.domain.waiting import too_long_since
from services.models import HelpRequest

Escalation = HelpRequest.Escalation
CONTENT_SHOWN = 60
Card = dict[str, Any]


def lane_rows(
    board: Board, reader: User, now: datetime, url: Callable[[str], str], lane: Lane | None
) -> list[dict[str, Any]]:
    """Prepare the lanes, or the one that is asked for; ``url`` gives the address of the board with one lane alone."""
    cards = Cards(board, reader, now)
    return [
        {
            "name": each.label,
            "key": each.value,
            "count": board.counts[each],
            "late": board.late[each],
            "cards": [cards.row(each, card) for card in board.cards[each]],
            "more": board.counts[each] - len(board.cards[each]),
            "url": url(each) if lane is None and board.counts[each] else "",
        }
        for each in ([lane] if lane else Lane)
    ]


class Cards:
    """Prepares cards for one reader: what is the same for all of them is looked up once."""

    def __init__(self, board: Board, reader: User, now: datetime) -> None:
        """Take what the cards need beside their own columns."""
        self.reasons, self.now = board.reasons, now
        self.is_city_wide = reader.is_city_wide
        self.too_long = too_long_since(now)
        self.list_url, self.log_url = reverse("services:request_list"), reverse("services:log_create")
        self.may = {
            right: reader.may(right) for right in (Right.DISPATCH_REQUESTS, Right.ANSWER_REQUESTS, Right.LOG_SERVICES)
        }
        self.named = _("%(village)s grid %(number)s")
        self.office = _("The township's office")
        self.urgencies = {urgency: urgency_badge(urgency) for urgency in HelpRequest.Urgency}
        self.told: dict[int, SafeString | str] = {
            Escalation.NONE: "",
            Escalation.TOWNSHIP: badge("warn", _("township told"), "chevron-up"),
            Escalation.CITY: badge("bad", _("city told"), "chevrons-up"),
        }

    def row(self, lane: Lane, card: Card) -> dict[str, Any]:
        """Prepare one card."""
        icon, reason = self._reason(lane, card)
        url, action = self._mend(lane, card)
        left = self._left(card)
        return {
            "pk": card["pk"],
            "url": f"{self.list_url}{card['pk']}/",
            "tone": left.tone,
            "left": left.badge,
            "urgency": self.urgencies[card["urgency"]],
            "caller": card["caller"],
            "place": self._place(card),
            "content": card["content"][:CONTENT_SHOWN] + ("…" if len(card["content"]) > CONTENT_SHOWN else ""),
            "reason_icon": icon_of(icon, 16),
            "reason": reason,
            "owner": card["team__name"] or self.office,
            "told": self.told[card["escalation"]],
            "mend_url": url,
            "mend": action,
        }

    def _left(self, card: Card) -> Any:
        since = card["waiting_since"]
        if since is not None:
            minutes = int((self.now - since).total_seconds() // 60)
            return waiting_for(minutes, is_too_long=since < self.too_long)
        return left_until(card["due_at"], self.now, card["asked_at"])

    def _place(self, card: Card) -> str:
        village = card["village__name"]
        words = self.named % {"village": village, "number": card["grid__number"]} if card["grid"] else village
        return " ".join(filter(None, [card["township__name"] if self.is_city_wide else "", words, card["place"]]))

    def _reason(self, lane: Lane, card: Card) -> tuple[str, str]:
        """Say why it waits: an icon and words."""
        if lane == Lane.WAITING:
            return "circle-pause", self.reasons.get(card["pk"]) or _("The resident is waited for.")
        if card["team"] is None:
            if card["grid"] is None:
                return "map-pin-off", _("No team has it: the grid is not known.")
            return "users", _("No team has it.")
        if card["team__state"] == Team.State.DISSOLVED:
            return "users", _("Its team has been dissolved.")
        if lane == Lane.ANSWER:
            for_long = {"span": self._since(card["handed_at"])}
            return "bell-ring", _("The team has had it for %(span)s and has not answered.") % for_long
        if lane == Lane.ARRIVE and card["set_out_at"]:
            return "footprints", _("Somebody has been on the way for %(span)s.") % {
                "span": self._since(card["set_out_at"])
            }
        if lane == Lane.ARRIVE:
            return "circle-check", _("Answered %(span)s ago; nobody has set out.") % {
                "span": self._since(card["answered_at"])
            }
        if card["times_reopened"]:
            return "rotate-ccw", _("The resident says that it is not solved.")
        return "map-pin", _("Somebody came %(span)s ago; no service is logged yet.") % {
            "span": self._since(card["arrived_at"])
        }

    def _since(self, moment: datetime) -> str:
        return spans.said(int((self.now - moment).total_seconds() // 60), parts=1)

    def _mend(self, lane: Lane, card: Card) -> tuple[str, str]:
        """Return where the reader mends it with one click, and what that is called."""
        page = f"{self.list_url}{card['pk']}/"
        if lane == Lane.WAITING and self.may[Right.ANSWER_REQUESTS]:
            return f"{page}#clocks", _("Go on")
        has_team = card["team"] is not None and card["team__state"] != Team.State.DISSOLVED
        if not has_team and self.may[Right.DISPATCH_REQUESTS]:
            return f"{page}#choose" if card["team"] is None else page, _("Give it to a team")
        if lane == Lane.RESOLVE and has_team and self.may[Right.LOG_SERVICES]:
            return f"{self.log_url}?request={card['pk']}", _("Log the service")
        if lane in (Lane.ANSWER, Lane.ARRIVE) and has_team and self.may[Right.ANSWER_REQUESTS]:
            return f"{page}#taps", _("Answer, or call the team")
        return page, _("Open the request")


def clock_of(now: datetime) -> str:
    """Say as of when the board is."""
    return f"{timezone.localtime(now):%H:%M}"
