"""The tiles of the board as HTML, for hundreds at once.

What is alike for all grids in a state is rendered once, by a template, with marks in the places of what differs; then
each tile only fills these in. A template engine that writes every tile anew takes three times as long as all the rest.
"""

from collections.abc import Iterable
from functools import cache
from html import escape
from typing import Any

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
    context = {
        "state": state,
        "word": state_word(state),
        "is_well": state in (GridState.WELL, GridState.COVERED),
        "action": action,
    }
    marks = {"url": URL, "key": KEY, "number": NUMBER, "name": NAME, "brief": BRIEF}
    return _marked("_tile.html", {**context, **marks, "reasons": REASONS[:reasons]}, [*marks.values(), *REASONS])


def drawn_figures(url: str, counts: Iterable[tuple[GridState, int]], worst: GridState | None) -> SafeString:
    """Return the counts of a township's tile, each leading to the same on its board at ``url``."""
    language, url = get_language(), escape(url)
    figures = (_figure(state, state == worst, language).format(url, count) for state, count in counts if count)
    return mark_safe("".join(figures))  # noqa: S308 (each part is escaped)


@cache
def _figure(state: GridState, is_worst: bool, language: str) -> str:
    marks = {"url": URL, "count": NUMBER}
    context = {"state": state, "word": state_word(state), "is_worst": is_worst}
    return _marked("_figure.html", {**context, **marks}, [*marks.values()])


def _marked(template: str, context: dict[str, Any], marks: list[str]) -> str:
    """Return what the template prints as a format string, with a place for each of the marks."""
    html = render_to_string(f"grids/board/{template}", context).replace("{", "{{").replace("}", "}}").strip()
    for place, mark in enumerate(marks):
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
