"""The rows of an uploaded table as a page shows them: in groups, a hundred at a time."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

PAGE_SIZE = 100


def grouped_page(
    request: HttpRequest, groups: Mapping[str, Sequence[Any]], labels: Mapping[str, str]
) -> dict[str, Any]:
    """Return tabs of the ``groups`` (the one named "" has all), and the part of the group that the address asks for."""
    shown = request.GET.get("rows", "")
    shown = shown if shown in groups else ""
    page = request.GET.get("page", "1")
    pages = max(1, -(-len(groups[shown]) // PAGE_SIZE))
    number = min(max(int(page), 1), pages) if page.isascii() and page.isdecimal() and len(page) < 6 else 1
    return {
        "tabs": [(labels[key], _address(key), len(group), key == shown) for key, group in groups.items()],
        "counts": {key or "all": len(group) for key, group in groups.items()},
        "part": groups[shown][(number - 1) * PAGE_SIZE : number * PAGE_SIZE],
        "page": number,
        "pages": pages,
        "previous_url": _address(shown, number - 1) if number > 1 else "",
        "next_url": _address(shown, number + 1) if number < pages else "",
    }


def _address(group: str, page: int = 1) -> str:
    query = {name: value for name, value in (("rows", group), ("page", page if page > 1 else "")) if value}
    return f"?{urlencode(query)}"
