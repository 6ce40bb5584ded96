"""Spreadsheets of logs and lists of volunteers. Each query selects the keys of the imports that break its line."""

from services.models import LogImport, ServiceLog

QUERIES = {
    "import_counts_agree": (
        "an import handles at most what was confirmed, is done when that is handled, and writes no more logs than rows",
        "SELECT id FROM services_logimport WHERE handled > wanted_count OR imported_count > row_count"
        " OR (state = 'done' AND handled <> wanted_count) OR (state = 'running' AND wanted_count = 0) ORDER BY id",
    ),
    "settled_lists_are_forgotten": (
        "of a list of volunteers that was imported or discarded the cells are kept no longer",
        "SELECT i.id FROM volunteers_volunteerimport i WHERE i.state IN ('done', 'discarded') AND EXISTS"
        " (SELECT 1 FROM volunteers_volunteerimportpart p WHERE p.volunteer_import_id = i.id AND p.kind = 'cells')"
        " ORDER BY i.id",
    ),
    "list_counts_agree": (
        "an import adds and changes no more volunteers than its list has rows",
        "SELECT id FROM volunteers_volunteerimport WHERE added_count + changed_count > row_count ORDER BY id",
    ),
}


def rows_without_log() -> list[int]:
    """Return the imports that handled a row which is neither a log nor refused."""
    broken = []
    imports = LogImport.objects.filter(handled__gt=0).order_by("pk")
    for pk, wanted, handled, refused in imports.values_list("pk", "wanted", "handled", "refused").iterator():
        keys = {key for number, key in wanted[:handled] if str(number) not in refused}
        if ServiceLog.objects.filter(key__in=keys).count() < len(keys):
            broken.append(pk)
    return broken


CHECKS = {"imported_rows_are_logs": ("each row that an import took in is a log", rows_without_log)}
