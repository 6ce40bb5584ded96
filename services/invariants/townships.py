"""Channels and settings of townships, and months that nobody waits for: keys of the rows that break each line."""

from areas.models.settings import NAMES

_DIFFERS = " OR ".join(
    f"COALESCE(CAST(s.{name} AS integer), -1) <> COALESCE((SELECT c.after FROM grids_settingchange c"  # noqa: S608
    f" WHERE c.township_id = s.township_id AND c.name = '{name}' ORDER BY c.id DESC LIMIT 1), -1)"
    for name in NAMES
)

QUERIES = {
    "channel_number_once": (
        "of a township's active channels no two have the same number",
        "SELECT id FROM areas_channel h WHERE is_active AND EXISTS (SELECT 1 FROM areas_channel o"
        " WHERE o.township_id = h.township_id AND o.number = h.number AND o.is_active AND o.id <> h.id) ORDER BY id",
    ),
    "settings_as_last_changed": (
        "a township's settings are what its last changes made them",
        f"SELECT s.id FROM areas_townshipsettings s WHERE {_DIFFERS} ORDER BY s.id",  # noqa: S608
    ),
    "setting_changes_follow": (
        "each change of a setting begins where the one before ended",
        "SELECT id FROM (SELECT id, before, LAG(after) OVER (PARTITION BY township_id, name ORDER BY id) AS was"
        " FROM grids_settingchange) AS c WHERE COALESCE(before, -1) <> COALESCE(was, -1) ORDER BY id",
    ),
    "waived_month_is_empty": (
        "nobody waits only for months that are open and in which nothing stands",
        "SELECT r.id FROM services_monthlyreport r WHERE r.waived_on IS NOT NULL AND (r.state <> 'open'"
        " OR EXISTS (SELECT 1 FROM services_servicelog l WHERE l.report_id = r.id AND NOT l.is_withdrawn))"
        " ORDER BY r.id",
    ),
}
