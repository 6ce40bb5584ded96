"""Badges are printed: asked for, set in the background, kept for some days, forgotten.

What cannot be printed as it should be is left out and named; all the others are printed.
"""

from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event
from accounts.duties import off_sentence
from accounts.models import User
from areas.models import TownshipSettings
from common.jobs import Progress, carry_on, does
from common.pdf import missing_glyphs
from common.private_files import new_name
from common.rules import RuleBroken
from volunteers.badge_paper import Card, cards_of, set_paper
from volunteers.models import Badge, BadgePrint, PrintedBadge
from volunteers.models.badge_print import TEXT_LIMITS
from volunteers.print_files import path_of, storage

LeftOut = PrintedBadge.LeftOut

# A township has some eight hundred; more are printed in several goes.
MOST_PRINTED = 3_000
# Up to so many are set while the person waits: some tenths of a second.
AT_ONCE = 20
KEPT_FOR = timedelta(days=7)
# So many at a time are written; the databases bound how many values a statement may have.
BATCH = 500


@event
def print_badges(badges: Collection[int], *, layout: str, has_backs: bool = False, by: User) -> BadgePrint:
    """Ask for a print of those of the badges (keys) that are valid today."""
    if layout not in BadgePrint.Layout.values:
        raise RuleBroken(_("Choose what the pages are."), field="layout")
    if len(badges) > MOST_PRINTED:
        raise RuleBroken(
            _("At most %(most)s badges are printed at a time. Choose fewer, by township for instance.")
            % {"most": MOST_PRINTED}
        )
    good = Badge.objects.valid(timezone.localdate()).filter(pk__in=badges).order_by("pk")
    valid = list(good.filter(TownshipSettings.by_township().taking_part("uses_badges", path="volunteer__township")))
    if not valid and good.exists():
        raise RuleBroken(off_sentence("uses_badges"), code="duty_off")
    if not valid:
        raise RuleBroken(
            _("None of these badges is valid, so there is nothing to print. Issue or re-issue them first.")
        )
    made = BadgePrint.objects.create(
        township_id=by.township_id, by=by, layout=layout, has_backs=has_backs, count=len(valid)
    )
    PrintedBadge.objects.bulk_create((PrintedBadge(print=made, badge=badge) for badge in valid), batch_size=BATCH)
    made.start_work()
    return made


def hurry(made: BadgePrint) -> None:
    """Do a small print now rather than when a worker comes to it; whoever of the two is first does it."""
    if made.count <= AT_ONCE:
        carry_on.call(made._meta.label, made.pk)


@does(BadgePrint)
def carry_out(made: BadgePrint, progress: Progress) -> None:
    """Set the badges of a print and keep the file; begun anew it does the same again, done it does nothing."""
    if made.printed:
        return
    progress(0, made.count)
    cards = cards_of(Badge.objects.valid(timezone.localdate()).filter(prints__print=made))
    left_out = {card.pk: why for card in cards if (why := lacks(card))}
    there = {card.pk for card in cards}
    for pk in made.badges.values_list("badge", flat=True):
        if pk not in there:
            left_out[pk] = (LeftOut.NOT_VALID, "")
    printable = [card for card in cards if card.pk not in left_out]
    name = ""
    if printable:
        name = new_name()
        storage.save(path_of(name), ContentFile(set_paper(printable, made.layout, has_backs=made.has_backs)))
    if not _settle(made, name, [card.pk for card in printable], left_out) and name:
        storage.delete(path_of(name))  # somebody else has done it meanwhile
    progress(made.count, made.count)


def forget_prints() -> int:
    """Delete the files that have waited long enough, also those that a killed worker left; return how many."""
    old = timezone.now() - KEPT_FOR
    BadgePrint.objects.exclude(file_name="").filter(at__lt=old).update(file_name="")
    files = [path for path in Path(storage.location).glob("??/*.pdf") if path.stat().st_mtime < old.timestamp()]
    for path in files:
        path.unlink(missing_ok=True)
    return len(files)


@transaction.atomic
def _settle(made: BadgePrint, name: str, printed: list[int], left_out: dict[int, tuple[str, str]]) -> bool:
    locked = BadgePrint.objects.select_for_update(of=("self",), no_key=True).get(pk=made.pk)
    if locked.printed or locked.file_name:
        return False
    rows = list(made.badges.filter(badge__in=left_out)) if left_out else []
    for row in rows:
        row.left_out, row.lacking = left_out[row.badge_id]
    PrintedBadge.objects.bulk_update(rows, ["left_out", "lacking"], batch_size=BATCH)
    now = timezone.now()
    for start in range(0, len(printed), BATCH):
        Badge.objects.filter(pk__in=printed[start : start + BATCH]).update(printed_at=now)
    BadgePrint.objects.filter(pk=made.pk).update(file_name=name, printed=len(printed))
    return True


def lacks(card: Card) -> tuple[str, str] | None:
    """Return why a badge is left out: a box instead of a character would be on somebody's breast for years."""
    if not card.code:
        return LeftOut.NO_CODE, ""
    if missing := missing_glyphs(card.words):
        named = " ".join(f"{sign} (U+{ord(sign):04X})" for sign in missing)
        return LeftOut.GLYPHS, named[: TEXT_LIMITS["lacking"]]
    return None
