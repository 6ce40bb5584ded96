"""Contact cards. Each query selects the keys of the batches (or what is named) that break its line."""

from grids.cards import fingerprint_of
from grids.models import CardBatch

QUERIES = {
    "grid_has_a_page": (
        "every grid has the code of its public page, and no two have one (named: grids)",
        "SELECT id FROM grids_grid WHERE page_code IS NULL OR page_code IN"
        " (SELECT page_code FROM grids_grid GROUP BY page_code HAVING COUNT(*) > 1) ORDER BY id",
    ),
    "cards_handed_out_at_most_printed": (
        "of no batch of contact cards were more handed out than printed",
        "SELECT id FROM grids_cardbatch WHERE handed_out > copies OR handed_out < 0"
        " OR (printed_on IS NULL AND handed_out > 0) ORDER BY id",
    ),
    "cards_handed_out_are_the_hand_outs": (
        "a batch of contact cards counts the hand-outs that were not taken back",
        "SELECT b.id FROM grids_cardbatch b LEFT JOIN grids_handout h"
        " ON h.batch_id = b.id AND h.taken_back_at IS NULL"
        " GROUP BY b.id, b.handed_out HAVING b.handed_out <> COALESCE(SUM(h.count), 0) ORDER BY b.id",
    ),
    "cards_handed_out_after_printing": (
        "no contact card was handed out before it was printed (named: hand-outs)",
        "SELECT h.id FROM grids_handout h JOIN grids_cardbatch b ON b.id = h.batch_id"
        ' WHERE b.printed_on IS NULL OR h."on" < b.printed_on ORDER BY h.id',
    ),
    "cards_stay_with_their_township": (
        "a batch of contact cards and its hand-outs are of the township of the print",
        "SELECT b.id FROM grids_cardbatch b JOIN grids_cardprint p ON p.id = b.print_id"
        " WHERE b.township_id <> p.township_id OR EXISTS (SELECT 1 FROM grids_handout h"
        " WHERE h.batch_id = b.id AND h.township_id <> b.township_id) ORDER BY b.id",
    ),
    "cards_in_the_files_are_the_batches": (
        "the files of a print hold the cards of its printed batches (named: prints)",
        "SELECT p.id FROM grids_cardprint p WHERE"
        " COALESCE((SELECT SUM(f.cards) FROM grids_cardfile f WHERE f.print_id = p.id), 0) <>"
        " COALESCE((SELECT SUM(b.copies) FROM grids_cardbatch b"
        " WHERE b.print_id = p.id AND b.printed_on IS NOT NULL), 0) ORDER BY p.id",
    ),
}


def other_content() -> list[int]:
    """Find the batches whose fingerprint is not that of what they keep of the card."""
    batches = CardBatch.objects.printed().order_by("pk").values_list("pk", "fingerprint", "content")
    return [pk for pk, fingerprint, content in batches.iterator() if fingerprint_of(content) != fingerprint]


CHECKS = {
    "card_fingerprint_is_of_its_content": (
        "a batch's fingerprint is that of what it keeps of the card",
        other_content,
    ),
}
