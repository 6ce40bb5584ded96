"""Once a round is scored its evidence, votes and terms never change; awards go to the eligible only, until it is published."""

from django.db import migrations

from common.migrations_sql import VendorSQL, allow_truncating, refuse_replacing, refuse_truncating

ROUND, AWARD = "services_recognitionround", "services_award"
FROZEN = f"EXISTS (SELECT 1 FROM {ROUND} n WHERE n.id = {{row}}.round_id AND n.state <> 'voting')"  # noqa: S608
PUBLISHED = f"EXISTS (SELECT 1 FROM {ROUND} n WHERE n.id = {{row}}.round_id AND n.state = 'published')"  # noqa: S608
ELIGIBLE = """EXISTS (
    SELECT 1 FROM services_evidence e JOIN services_recognitionround n ON n.id = e.round_id
    WHERE e.round_id = NEW.round_id AND e.volunteer_id = NEW.volunteer_id AND e.is_eligible AND n.state = 'scored'
)"""
TERMS = ("year", "min_minutes", "min_services", "min_satisfied_percent", "evidence_hash", "scored_by_id", "scored_at")
CHANGED = " OR ".join(f"NEW.{name} <> OLD.{name}" for name in TERMS)
# Voting leads to scored, scored to published; a scored round is signed and keeps its terms.
BACK = (
    f"(OLD.state = 'voting' AND NEW.state = 'published') OR (OLD.state <> 'voting' AND (({CHANGED})"
    " OR NEW.state = 'voting' OR (OLD.state = 'published' AND NEW.state <> 'published')))"
)
# table → its other unique key
CHILDREN = {
    "services_evidence": ["round_id", "volunteer_id"],
    "services_ballottally": ["round_id", "grid_id", "volunteer_id"],
}


def sqlite_triggers() -> dict[str, str]:
    """Return the triggers by name, each from its event on."""

    def refuse(event: str, condition: str, rule: str) -> str:
        return f"BEFORE {event} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{rule}'); END"

    triggers = {
        "round_never_back": refuse(f"UPDATE ON {ROUND}", BACK, "round_never_back"),
        "round_no_delete": refuse(f"DELETE ON {ROUND}", "OLD.state <> 'voting'", "round_is_frozen"),
        "award_no_insert": refuse(f"INSERT ON {AWARD}", f"NOT {ELIGIBLE}", "award_needs_eligible"),
        "award_no_update": refuse(f"UPDATE ON {AWARD}", f"NOT {ELIGIBLE}", "award_needs_eligible"),
        "award_no_delete": refuse(f"DELETE ON {AWARD}", PUBLISHED.format(row="OLD"), "round_is_published"),
    }
    triggers |= refuse_replacing(ROUND, [["id"], ["year"]], "{row}.state <> 'voting'", "round_is_frozen")
    triggers |= refuse_replacing(AWARD, [["id"], ["round_id", "volunteer_id"]], PUBLISHED, "round_is_published")
    for table, key in CHILDREN.items():
        triggers |= refuse_replacing(table, [["id"], key], FROZEN, "round_is_frozen")
        new, old = FROZEN.format(row="NEW"), FROZEN.format(row="OLD")
        triggers |= {
            f"{table}_no_insert": refuse(f"INSERT ON {table}", new, "round_is_frozen"),
            f"{table}_no_update": refuse(f"UPDATE ON {table}", f"{new} OR {old}", "round_is_frozen"),
            f"{table}_no_delete": refuse(f"DELETE ON {table}", old, "round_is_frozen"),
        }
    return triggers


SQLITE = sqlite_triggers()

FUNCTIONS = {
    "services_frozen_round": f"""
        IF TG_OP <> 'INSERT' THEN
            IF {FROZEN.format(row="OLD")} THEN RAISE EXCEPTION 'round_is_frozen'; END IF;
        END IF;
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        IF {FROZEN.format(row="NEW")} THEN RAISE EXCEPTION 'round_is_frozen'; END IF;
        RETURN NEW;
    """,
    "services_round_steps": f"""
        IF TG_OP = 'DELETE' THEN
            IF OLD.state <> 'voting' THEN RAISE EXCEPTION 'round_is_frozen'; END IF;
            RETURN OLD;
        END IF;
        IF {BACK} THEN RAISE EXCEPTION 'round_never_back'; END IF;
        RETURN NEW;
    """,
    "services_award_stands": f"""
        IF TG_OP = 'DELETE' THEN
            IF {PUBLISHED.format(row="OLD")} THEN RAISE EXCEPTION 'round_is_published'; END IF;
            RETURN OLD;
        END IF;
        IF NOT {ELIGIBLE} THEN RAISE EXCEPTION 'award_needs_eligible'; END IF;
        RETURN NEW;
    """,
}
# table → the function that watches it
WATCHED = {
    **dict.fromkeys(CHILDREN, "services_frozen_round"),
    ROUND: "services_round_steps",
    AWARD: "services_award_stands",
}


class Migration(migrations.Migration):
    dependencies = [("services", "0003_settled_reports")]

    operations = [
        VendorSQL(
            sqlite=[f"CREATE TRIGGER {name} {body}" for name, body in SQLITE.items()],
            sqlite_reverse=[f"DROP TRIGGER {name}" for name in SQLITE],
            postgresql=[
                *[
                    f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
                    for name, body in FUNCTIONS.items()
                ],
                *[
                    f"CREATE TRIGGER {function} BEFORE INSERT OR UPDATE OR DELETE ON {table} "
                    f"FOR EACH ROW EXECUTE FUNCTION {function}()"
                    for table, function in WATCHED.items()
                    if table != ROUND
                ],
                f"CREATE TRIGGER services_round_steps BEFORE UPDATE OR DELETE ON {ROUND} "
                "FOR EACH ROW EXECUTE FUNCTION services_round_steps()",
                *refuse_truncating(*WATCHED),
            ],
            postgresql_reverse=[
                *allow_truncating(*WATCHED),
                *[f"DROP TRIGGER {function} ON {table}" for table, function in WATCHED.items()],
                *[f"DROP FUNCTION {name}()" for name in FUNCTIONS],
            ],
        ),
    ]
