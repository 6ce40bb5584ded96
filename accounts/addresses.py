"""From which network address a request comes, as the audit trail and axes record it."""

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """Return the client's address, or None when there is none, as behind a socket.

    Each proxy appends to ``X-Forwarded-For`` whom it was called by, so with ``PROXY_COUNT`` proxies of ours the
    client is that many entries from the right; what stands left of it, the client may have made up. Without proxies
    the header is not looked at. (django-ipware counts from the left and would believe what is made up.)
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if 0 < settings.PROXY_COUNT <= len(forwarded) and (address := _valid(forwarded[-settings.PROXY_COUNT])):
        return address
    return _valid(request.META.get("REMOTE_ADDR", ""))


def network_of(address: str | None) -> str:
    """Return what stands for one line: the address, or the /64 of IPv6 that a household has; nothing for none."""
    parsed = ip_address(address) if address else None
    if parsed is None or parsed.version == 4:
        return str(parsed or "")
    return str(ip_network((parsed, 64), strict=False))


def _valid(text: str) -> str | None:
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        return None
