"""Contact cards are printed: asked for, set in the background in files of whole grids, kept for some days, forgotten.

What cannot be printed as it should be is left out and named; all the others are printed, and are batches from then on.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event
from accounts.models import User
from areas.models import TownshipSettings
from common.jobs import Progress, carry_on, does
from common.pdf import forget_layouts, missing_glyphs
from common.private_files import new_name
from common.rules import RuleBroken
from grids.card_paper import set_paper, words_of
from grids.cards import Face, faces_of
from grids.models import CardBatch, CardFile, CardPrint, Grid, Team
from grids.models.card import BATCH_LIMITS, MOST_COPIES
from volunteers.print_files import path_of, storage

LeftOut = CardBatch.LeftOut

# The largest township has some ten thousand households.
MOST_CARDS = 30_000
# So many cards are one file: a hundred sheets, and no more than that is ever in memory.
CARDS_IN_A_FILE = 1_000
# Up to so many are set while the person waits: some tenths of a second.
AT_ONCE = 100
KEPT_FOR = timedelta(days=7)
# So many rows at a time are written; the databases bound how many values a statement may have.
BATCH = 200


@event
def print_cards(copies: Mapping[int, int], *, by: User) -> CardPrint:
    """Ask for contact cards: so many ``copies`` of the card of each grid (by key), all of one township.

    Grids without an active team are left out when the cards are set; if none has one, nothing is asked for.
    """
    grids = list(Grid.objects.in_use().filter(pk__in=copies).select_related("village__township").order_by("pk"))
    if not grids:
        raise RuleBroken(_("None of these grids is in use. Choose others."))
    townships = {grid.village.township for grid in grids}
    if len(townships) > 1:
        raise RuleBroken(_("Cards are printed for one township at a time. Narrow the list down to one."))
    [township] = townships
    if not TownshipSettings.of(township.pk).uses_cards:
        raise RuleBroken(
            _("%(township)s does without contact cards. An administrator switches them on in the township's settings.")
            % {"township": township}
        )
    for grid in grids:
        if not 1 <= copies[grid.pk] <= MOST_COPIES:
            raise RuleBroken(
                _("%(grid)s: between 1 and %(most)s cards of a grid are printed at a time.")
                % {"grid": grid, "most": MOST_COPIES}
            )
    if sum(copies[grid.pk] for grid in grids) > MOST_CARDS:
        raise RuleBroken(
            _("At most %(most)s cards are printed at a time. Choose fewer grids, by village for instance.")
            % {"most": MOST_CARDS}
        )
    if not Team.objects.active().filter(grid__in=grids).exists():
        raise RuleBroken(
            _("No active team serves these grids, so there is nothing to print. Form and activate their teams first.")
        )
    made = CardPrint.objects.create(township=township, by=by)
    CardBatch.objects.bulk_create(
        [CardBatch(print=made, grid=grid, township=township, copies=copies[grid.pk]) for grid in grids],
        batch_size=BATCH,
    )
    made.start_work()
    return made


def hurry(made: CardPrint) -> None:
    """Do a small print now rather than when a worker comes to it; whoever of the two is first does it."""
    if sum(made.batches.values_list("copies", flat=True)) <= AT_ONCE:
        carry_on.call(made._meta.label, made.pk)


@does(CardPrint)
def carry_out(made: CardPrint, progress: Progress) -> None:
    """Set the cards of a print, file by file; begun anew it does the same again, done it does nothing."""
    if made.is_settled:
        return
    batches = {batch.grid_id: batch for batch in made.batches.all()}
    total = sum(batch.copies for batch in batches.values())
    progress(0, total)
    printable: list[tuple[Face, int]] = []
    for face in faces_of(Grid.objects.filter(card_batches__print=made)):
        batch = batches[face.grid]
        batch.left_out, batch.lacking = lacks(face) or ("", "")
        if not batch.left_out:
            batch.team_id, batch.fingerprint, batch.content = face.team, face.fingerprint, face.content
            batch.printed_on = timezone.localdate()
            printable.append((face, batch.copies))
    files, done = [], 0
    for part, faces in enumerate(parts_of(printable), start=1):
        name, cards = new_name(), sum(copies for _face, copies in faces)
        storage.save(path_of(name), ContentFile(set_paper(faces)))
        files.append(
            CardFile(
                print=made, part=part, name=name, cards=cards, first_id=faces[0][0].grid, last_id=faces[-1][0].grid
            )
        )
        done += cards
        forget_layouts()
        progress(done, total)
    if not _settle(made, files, list(batches.values())):
        for file in files:
            storage.delete(path_of(file.name))  # somebody else has done it meanwhile
    progress(total, total)


def parts_of(printable: Iterable[tuple[Face, int]]) -> list[list[tuple[Face, int]]]:
    """Divide the cards into files of whole grids."""
    parts: list[list[tuple[Face, int]]] = []
    room = 0
    for face, copies in printable:
        if copies > room or not parts:
            parts.append([])
            room = CARDS_IN_A_FILE
        parts[-1].append((face, copies))
        room -= copies
    return parts


def lacks(face: Face) -> tuple[str, str] | None:
    """Return why a card is left out: a box instead of a character would hang in a kitchen for years."""
    if face.team is None:
        return LeftOut.NO_TEAM, ""
    if not face.can_be_called:
        return LeftOut.NO_NUMBER, ""
    named = []
    for who, words in words_of(face).items():
        if missing := missing_glyphs(words):
            named.append(f"{who}: {' '.join(f'{sign} (U+{ord(sign):04X})' for sign in missing)}")
    return (LeftOut.GLYPHS, "; ".join(named)[: BATCH_LIMITS["lacking"]]) if named else None


def forget_card_files() -> int:
    """Take note that the files of old prints are gone (``forget_prints`` deletes what lies there); return how many."""
    old = timezone.now() - KEPT_FOR
    gone = list(CardFile.objects.exclude(name="").filter(print__at__lt=old))
    for file in gone:
        storage.delete(path_of(file.name))
    return CardFile.objects.filter(pk__in=[file.pk for file in gone]).update(name="")


@transaction.atomic
def _settle(made: CardPrint, files: list[CardFile], batches: list[CardBatch]) -> bool:
    locked = CardPrint.objects.select_for_update(of=("self",), no_key=True).get(pk=made.pk)
    if locked.is_settled:
        return False
    names = ["team", "fingerprint", "content", "printed_on", "left_out", "lacking"]
    CardBatch.objects.bulk_update(batches, names, batch_size=BATCH)
    CardFile.objects.bulk_create(files)
    CardPrint.objects.filter(pk=made.pk).update(is_settled=True)
    return True
