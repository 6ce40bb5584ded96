"""Rows as they wait in the database: packed, and encrypted, for they name people and may hold ID numbers."""

import base64
import json
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from common.rules import RuleBroken
from volunteers.models import VolunteerImport, VolunteerImportPart

Kind = VolunteerImportPart.Kind
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


def pack(rows: Any) -> bytes:
    """Return rows as they are kept."""
    return _cipher(settings.SECRET_KEY).encrypt(zlib.compress(_encode(rows).encode(), 1))


def unpack(data: bytes | memoryview) -> list[Any]:
    """Return the rows that were packed; without the key of then there is no way to them."""
    try:
        return json.loads(zlib.decompress(_cipher(settings.SECRET_KEY).decrypt(bytes(data))))
    except InvalidToken as error:
        raise RuleBroken(
            _("The server's key was changed since this file was uploaded. Upload the file once more.")
        ) from error


@lru_cache(maxsize=2)
def _cipher(secret: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"volunteers.imports.parts").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def rows_of(volunteer_import: VolunteerImport, kind: str, *, sheet: int = 0) -> Iterator[list[Any]]:
    """Yield the rows of a kind in batches, in the order of the file, one batch in memory at a time."""
    parts = volunteer_import.parts.filter(kind=kind, sheet=sheet).order_by("position").values_list("data", flat=True)
    for data in parts.iterator(chunk_size=1):
        yield unpack(data)


def rows_by_kind(volunteer_import: VolunteerImport) -> dict[str, int]:
    """Count the rows of each kind that are kept, without the cells as they came."""
    kept = volunteer_import.parts.exclude(kind=Kind.CELLS).order_by()
    return dict(kept.values_list("kind").annotate(rows=Sum("count")))


def page_of(volunteer_import: VolunteerImport, kinds: Iterable[str], offset: int, most: int) -> list[tuple[str, Any]]:
    """Return ``most`` rows of the kinds, one kind after the other, from the place ``offset`` on, with their kinds."""
    kept = list(volunteer_import.parts.exclude(kind=Kind.CELLS).order_by("position").values_list("pk", "kind", "count"))
    wanted: list[tuple[int, str, slice]] = []
    for kind in kinds:
        for pk, part_kind, count in kept:
            if part_kind != kind or most <= 0:
                continue
            if offset < count:
                wanted.append((pk, kind, slice(offset, offset + most)))
                most -= min(count - offset, most)
            offset = max(offset - count, 0)
    parts = VolunteerImportPart.objects.filter(pk__in=[pk for pk, _kind, _part in wanted])
    data = dict(parts.values_list("pk", "data"))
    return [(kind, row) for pk, kind, part in wanted for row in unpack(data[pk])[part]]
