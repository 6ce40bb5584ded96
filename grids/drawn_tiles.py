"""The tiles of the board as HTML, for hundreds at once.

What is alike for all grids in a state is rendered once, by a template, with marks in the places of what differs; then
each tile only fills these in. A template engine that writes every tile anew takes three times as long as all the rest.
"""

from collections.abc import Iterable
from functools import cache
from html import escape

from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from common.templatetags.yiwang import drawing_of
from grids.states import TONES, GridState
from grids.tiles import Tile

# Characters that no text holds: of Unicode's private use.
URL, KEY, NUMBER, NAME, BRIEF, *REASONS = map(chr, range(0xE100, 0xE110))


def drawn(tiles: Iterable[Tile]) -> SafeString:
    """Return the tiles one after the other, as items of a list."""
    return mark_safe("".join(_draw(tile) for tile in tiles))  # noqa: S308 (each part is escaped)


def _draw(tile: Tile) -> str:
    face = _face(tile.state, tile.action, len(tile.reasons), get_language())
    return face.format(
        escape(tile.url), tile.pk, tile.number, escape(tile.name), escape(tile.brief), *map(escape, tile.reasons)
    )


@cache
def _face(state: GridState, action: str, reasons: int, language: str) -> str:
    """Return the HTML of such a tile as a format string."""
    context = {
        "state": state,
        "word": state_word(state),
        "is_well": state in (GridState.WELL, GridState.COVERED),
        "action": action,
        "url": URL,
        "key": KEY,
        "number": NUMBER,
        "name": NAME,
        "brief": BRIEF,
        "reasons": REASONS[:reasons],
    }
    html = render_to_string("grids/board/_tile.html", context).replace("{", "{{").replace("}", "}}").strip()
    for place, mark in enumerate((URL, KEY, NUMBER, NAME, BRIEF, *REASONS)):
        html = html.replace(mark, f"{{{place}}}")
    return html


def state_word(state: GridState) -> SafeString:
    """Return the state's icon and word; the icon is one of ``state_symbols``, which the page has once."""
    return _word(state.value, str(state.label))


@cache
def _word(state: str, label: str) -> SafeString:
    drawn = '<svg class="state-icon" aria-hidden="true" focusable="false"><use href="#state-{}"/></svg><span>{}</span>'
    return format_html(drawn, state, label)


@cache
def state_symbols() -> SafeString:
    """Return the icons of all states as symbols: drawn on each of a township's tiles they would be most of the page."""
    icons = ((state.value, drawing_of(name)) for state, (_tone, name) in TONES.items())
    return format_html_join("", '<symbol id="state-{}" viewBox="0 0 24 24">{}</symbol>', icons)
