"""Things in custody. Each query selects the keys of the rows that break its line."""

QUERIES = {
    "nothing_out_of_a_settled_request": (
        "a request is settled only when everything that was handed over for it has been returned",
        "SELECT c.id FROM services_custodyitem c JOIN services_helprequest q ON q.id = c.request_id"
        " WHERE c.returned_at IS NULL AND c.voided_at IS NULL AND q.state <> 'open' ORDER BY c.id",
    ),
    "custody_in_order": (
        "a thing is received, then submitted, then returned; money has an amount; nothing else has one",
        "SELECT id FROM services_custodyitem WHERE submitted_at < received_at OR returned_at < received_at"
        " OR returned_at < submitted_at OR (kind = 'money') <> (fen IS NOT NULL) ORDER BY id",
    ),
}
