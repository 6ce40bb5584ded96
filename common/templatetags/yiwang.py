"""The components of our pages as template tags: icons, state badges, figures, charts and buttons that ask first."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import lucide
from django import template
from django.template.base import FilterExpression, Parser, TextNode, Token, VariableNode
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from common.wording import reads_chinese

register = template.Library()

# A state is a word and an icon; the colour only helps.
TONE_ICONS = {
    "neutral": "circle-dashed",
    "info": "circle-dot",
    "ok": "circle-check",
    "warn": "circle-alert",
    "bad": "circle-x",
}
# What stands around the lines of an icon.
SVG_TAGS = re.compile(r"</?svg[^>]*>|\n *")
# What a phone's tab bar shows first, by icon: what a team does in the village.
PHONE_FIRST = ("house", "bell-ring", "notebook-pen", "calendar-days", "clipboard-check", "handshake")
PHONE_TABS = 4


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str, size: int = 18) -> SafeString:
    """Return a lucide icon as decoration: the text beside it says what it means."""
    svg = lucide._render_icon(str(name), size, aria_hidden="true", focusable="false", **{"class": f"icon icon-{name}"})
    return mark_safe(svg)  # noqa: S308 (made of the package's own files)


def drawing_of(name: str) -> SafeString:
    """Return the lines of a lucide icon alone, for a symbol that a page has once and uses many times."""
    return mark_safe(SVG_TAGS.sub("", icon(name)))  # noqa: S308 (made of the package's own files)


@register.simple_tag
def sentences(*parts: str | Promise) -> SafeString:
    """Put whole sentences one after the other, as ``common.wording.sentences`` does for a text."""
    return format_html_join("" if reads_chinese() else " ", "{}", ((part,) for part in parts if str(part)))


@register.simple_tag
def badge(tone: str, label: str | Promise, icon_name: str = "") -> SafeString:
    """Return a state as a word with an icon; ``tone`` is neutral, info, ok, warn or bad.

    Lists call this in Python, once a row: ``"state": badge("ok", volunteer.get_status_display())``.
    """
    return _badge(tone, str(label), icon_name or TONE_ICONS[tone])


@lru_cache(maxsize=256)
def _badge(tone: str, label: str, icon_name: str) -> SafeString:
    return format_html('<span class="state state-{}">{}{}</span>', tone, icon(icon_name, 15), label)


@register.inclusion_tag("components/figure.html")
def figure(number: Any, label: str, url: str = "", unit: str = "", note: str = "", tone: str = "") -> dict[str, Any]:
    """Show a figure that leads to the rows that it counts."""
    return {"number": number, "label": label, "url": url, "unit": unit, "note": note, "tone": tone}


@register.inclusion_tag("components/empty.html")
def empty(text: str, hint: str = "", action: str = "", url: str = "", icon_name: str = "inbox") -> dict[str, str]:
    """Say that there is nothing, and what to do next."""
    return {"text": text, "hint": hint, "action": action, "url": url, "icon_name": icon_name}


@register.inclusion_tag("components/confirm.html", takes_context=True)
def confirm(
    context: template.Context,
    url: str,
    label: str,
    text: str = "",
    icon_name: str = "",
    tone: str = "secondary",
    version: int | None = None,
) -> dict[str, Any]:
    """Show a button that posts to ``url``, after asking ``text`` in a dialog if there is one (and JavaScript).

    ``tone`` is primary (one a page), secondary or danger.
    """
    return {
        "csrf_token": context.get("csrf_token"),
        "url": url,
        "label": label,
        "text": text,
        "icon_name": icon_name,
        "tone": tone,
        "version": version,
    }


@register.inclusion_tag("components/bars.html")
def bars(rows: Iterable[Sequence[Any]], caption: str, unit: str = "") -> dict[str, Any]:
    """Draw horizontal bars: each row is (label, value) or (label, value, address)."""
    rows = list(rows)
    largest = max((row[1] for row in rows), default=0) or 1
    height = 30
    drawn = [
        {
            "label": row[0],
            "value": row[1],
            "url": row[2] if len(row) > 2 else "",
            "width": round(100 * row[1] / largest, 1),
        }
        for row in rows
    ]
    return {"rows": drawn, "caption": caption, "unit": unit, "height": height}


@register.inclusion_tag("components/columns.html")
def columns(rows: Iterable[Sequence[Any]], caption: str, unit: str = "") -> dict[str, Any]:
    """Draw columns, such as months: each row is (label, value) or (label, value, address)."""
    rows = list(rows)
    largest = max((row[1] for row in rows), default=0) or 1
    slot, plot = 56, 120
    drawn = []
    for position, row in enumerate(rows):
        height = round(plot * row[1] / largest, 1)
        x = position * slot
        drawn.append(
            {
                "label": row[0],
                "value": row[1],
                "url": row[2] if len(row) > 2 else "",
                "x": x,
                "bar_x": x + 10,
                "middle": x + slot // 2,
                "y": round(20 + plot - height, 1),
                "height": height,
                "value_y": round(14 + plot - height, 1),
            }
        )
    return {
        "rows": drawn,
        "caption": caption,
        "unit": unit,
        "is_linked": any(row["url"] for row in drawn),
        "width": max(len(rows) * slot, slot),
        "height": plot + 44,
        "base": plot + 20,
        "label_y": plot + 38,
    }


@register.simple_tag
def phone_tabs(navigation: Iterable[Any]) -> dict[str, list[Any]]:
    """Part the navigation for a phone: what the tab bar shows, and what "More" opens."""
    entries = list(navigation)
    found = sorted((entry for entry in entries if entry.icon in PHONE_FIRST), key=lambda e: PHONE_FIRST.index(e.icon))
    first = found[:PHONE_TABS]
    return {"first": first, "rest": [entry for entry in entries if entry not in first]}


# --- Rows of a list -----------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def tick(context: template.Context, key: Any, label: str) -> SafeString | str:
    """Print the cell in which a row is ticked, as the first of the row; nothing where no action is offered.

    ``label`` names the row to those who hear it.
    """
    page = context.get("page")
    if page is None or not page.actions:
        return ""
    return format_html(
        '<td class="tick-cell"><label class="tick"><input class="form-check-input" type="checkbox" name="key"'
        ' value="{}" form="bulk" aria-label="{}"></label></td>',
        key,
        _("Tick %(row)s") % {"row": label},
    )


class EachRowNode(template.Node):
    """A loop that renders what does not depend on the row once: half of a list's variables are the names of columns."""

    def __init__(self, name: str, rows: FilterExpression, body: template.NodeList) -> None:
        """Take the row's name, where the rows are, and what is printed for each."""
        self.name, self.rows, self.body = name, rows, body

    def render(self, context: template.Context) -> SafeString:
        """Print the body for each row."""
        parts = [str(node.render(context)) if self._is_same_for_all(node) else node for node in self.body]
        printed: list[str] = []
        with context.push():
            for row in self.rows.resolve(context):
                context[self.name] = row
                printed += [part if isinstance(part, str) else str(part.render_annotated(context)) for part in parts]
        return mark_safe("".join(printed))  # noqa: S308 (nodes escape what they print)

    def _is_same_for_all(self, node: template.Node) -> bool:
        if isinstance(node, TextNode):
            return True
        if not isinstance(node, VariableNode) or node.filter_expression.filters:
            return False
        lookups = getattr(node.filter_expression.var, "lookups", None) or ("",)
        return lookups[0] != self.name


@register.tag("each")
def each(parser: Parser, token: Token) -> EachRowNode:
    """``{% each row in page.rows %} … {% endeach %}``: as ``for``, without ``forloop``, at half the price."""
    try:
        _tag, name, word, rows = token.split_contents()
    except ValueError:
        word = ""
    if word != "in":
        raise template.TemplateSyntaxError("Write it like this: {% each row in page.rows %}")
    body = parser.parse(("endeach",))
    parser.delete_first_token()
    return EachRowNode(name, parser.compile_filter(rows), body)
