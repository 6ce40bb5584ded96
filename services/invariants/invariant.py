"""One thing that must hold, and all of them in their order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import connection, models

from areas.models import Channel
from grids.models import (
    CardBatch,
    CardFile,
    Grid,
    GridChange,
    GridImport,
    HandOut,
    Membership,
    SettingChange,
    Team,
)
from services.domain.rollup import ROLLUPS
from services.invariants import (
    badges,
    call_attempts,
    cards,
    clocks,
    compositions,
    corrections,
    custody,
    database,
    dossiers,
    feedback,
    flags,
    grids,
    imports,
    logs,
    notices,
    people,
    photos,
    places,
    reports,
    requests,
    residents,
    reviews,
    rounds,
    teams,
    texts,
    townships,
    training,
)
from services.models import (
    Certificate,
    Correction,
    CustodyItem,
    Feedback,
    HelpRequest,
    LogComment,
    LogFlag,
    LogImport,
    MonthlyReport,
    Objection,
    RequestDeadline,
    SampledReport,
    ServiceLog,
    Thanks,
)
from volunteers.models import Badge, Course, OpenName, ProgrammeText, Qualification, Volunteer

# What SQLite and PostgreSQL spell differently. Shanghai has been eight hours ahead of UTC since 1991.
DIALECT = {
    "sqlite": {
        "no": "0",
        "minutes": "CAST(round((julianday(l.ends_at) - julianday(l.starts_at)) * 1440) AS integer)",
        "year": "CAST(substr(r.month, 1, 4) AS integer)",
        "day": "date(l.starts_at, '+8 hours')",
        "folded": "lower(t.text)",
        "within": "q.township_id IN (SELECT value FROM json_each(p.predecessor_ids))",
    },
    "postgresql": {
        "no": "false",
        "minutes": "CAST(EXTRACT(EPOCH FROM l.ends_at - l.starts_at) / 60 AS integer)",
        "year": "CAST(EXTRACT(YEAR FROM r.month) AS integer)",
        "day": "CAST(l.starts_at AT TIME ZONE 'Asia/Shanghai' AS date)",
        "folded": 'lower(t.text COLLATE "C")',
        "within": "p.predecessor_ids @> to_jsonb(q.township_id)",
    },
}


@dataclass(frozen=True)
class Invariant:
    """One thing that must hold: its name, what it means, and how to find the keys (or names) of what breaks it."""

    name: str
    meaning: str
    broken_by: Callable[[], list[int] | list[str]]


def invariants() -> Iterator[Invariant]:
    """Give every invariant, in the order in which they are checked."""
    words = DIALECT[connection.vendor] | {
        "least": settings.TEAM_MIN_MEMBERS,
        "most": settings.TEAM_MAX_MEMBERS,
        "skills": settings.TEAM_MIN_SKILL_TYPES,
        "rules": ", ".join(f"'{rule}'" for rule in LogFlag.Rule.values),
    }
    for concept in (
        places,
        people,
        teams,
        grids,
        compositions,
        training,
        logs,
        photos,
        flags,
        requests,
        call_attempts,
        custody,
        clocks,
        reports,
        reviews,
        corrections,
        imports,
        rounds,
        notices,
        dossiers,
        texts,
        feedback,
        badges,
        cards,
        townships,
    ):
        for name, (meaning, sql) in concept.QUERIES.items():
            yield _query(name, meaning.format(**words), sql.format(**words))
    for name, (meaning, check) in (
        imports.CHECKS
        | reviews.CHECKS
        | rounds.CHECKS
        | photos.CHECKS
        | dossiers.CHECKS
        | cards.CHECKS
        | residents.CHECKS
    ).items():
        yield Invariant(name, meaning, check)
    with_texts = (
        Volunteer,
        Grid,
        GridChange,
        GridImport,
        Team,
        Membership,
        HelpRequest,
        CustodyItem,
        ServiceLog,
        MonthlyReport,
        LogComment,
        LogFlag,
        Correction,
        Objection,
        Feedback,
        ProgrammeText,
        LogImport,
        Thanks,
        SampledReport,
        Qualification,
        Badge,
        Course,
        OpenName,
        Certificate,
        CardBatch,
        CardFile,
        HandOut,
        Channel,
        SettingChange,
        RequestDeadline,
    )
    for model in with_texts:
        yield _lengths(model)
    for rollup in ROLLUPS:
        records, stored = rollup.records(), f"SELECT {rollup.names} FROM {rollup.table}"  # noqa: S608
        yield _query(
            f"rollup_{rollup.model._meta.model_name}",
            f"{rollup.table} equals the records (named: {rollup.keys[0]}); `manage.py rebuild_rollups` mends it",
            f"SELECT {rollup.keys[0]} FROM ({records} EXCEPT {stored}) AS missing"  # noqa: S608
            f" UNION SELECT {rollup.keys[0]} FROM ({stored} EXCEPT {records}) AS invented ORDER BY 1",
        )
    yield Invariant(
        "database_holds_its_rules",
        "the constraints, indexes and triggers of the migrations are there and switched on (named: by name)",
        database.missing_rules,
    )


def _query(name: str, meaning: str, sql: str) -> Invariant:
    """Ask by one query that selects the keys."""
    return Invariant(name, meaning, partial(_keys, sql))


def _keys(sql: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [row[0] for row in cursor.fetchall()]


def _lengths(model: type[models.Model]) -> Invariant:
    """SQLite ignores the length of a column: no text is longer than its field says."""
    fields = [field for field in model._meta.fields if isinstance(field, models.CharField)]
    too_long = " OR ".join(f"length({field.column}) > {field.max_length}" for field in fields)
    return _query(
        f"lengths_{model._meta.model_name}",
        f"no text of {model._meta.db_table} is longer than its field",
        f"SELECT id FROM {model._meta.db_table} WHERE {too_long} ORDER BY id",  # noqa: S608
    )
