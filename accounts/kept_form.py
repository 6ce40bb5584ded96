"""What somebody typed into a page of ours, kept while they sign in again.

The fields of a posted form travel through the sign-in page as one signed value; nothing is stored. They are taken
only from a request whose origin is this very site, so that no other site can put a form into somebody's hands.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.core import signing
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from common.resend import posted_fields

SALT = "accounts.kept_form"
# Seconds after which the kept form is no longer offered, and the size (characters) above which it is not kept.
KEPT_FOR = 12 * 60 * 60
LARGEST = 500_000


@dataclass(frozen=True)
class KeptForm:
    """Where the form was sent, its fields without tokens and passwords, and who sent it if that is known."""

    path: str
    fields: list[tuple[str, str]]
    user_pk: int | None


def is_from_own_origin(request: HttpRequest) -> bool:
    """Whether the browser says that a page of this site sent the request (Origin, or Referer where it is missing)."""
    sent_by = request.headers.get("Origin") or request.headers.get("Referer", "")
    parts = urlsplit(sent_by)
    return (parts.scheme, parts.netloc) == (request.scheme, request.get_host())


def keep(request: HttpRequest, *, user_pk: int | None) -> str:
    """Sign the posted form of ``request``; empty when there is nothing to keep or it is too large."""
    fields = posted_fields(request)
    if not fields:
        return ""
    kept = signing.dumps([request.get_full_path(), fields, user_pk], salt=SALT, compress=True)
    return kept if len(kept) <= LARGEST else ""


def read_kept(kept: str) -> KeptForm | None:
    """Return the form that ``keep`` signed, or None when it is missing, forged or too old."""
    try:
        path, fields, user_pk = signing.loads(kept, salt=SALT, max_age=KEPT_FOR)
    except signing.BadSignature:
        return None
    return KeptForm(path, [(name, value) for name, value in fields], user_pk)


def own_address(request: HttpRequest, address: str) -> str:
    """Return ``address`` if it is a path of this site, else nothing: sign-in never leads elsewhere."""
    is_own = address.startswith("/") and url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if is_own else ""
