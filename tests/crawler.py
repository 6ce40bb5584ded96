"""A visitor who means no good: follows every link and fills every field with rubbish, as one role."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve

MARKUP = "\"><script>planted()</script>'<b>"
NASTY = [
    MARKUP,
    "",
    " \t\r\n ",
    "\x00",
    "\u202e\u200b\ufeff",
    "😀" * 40,
    "长" * 6000,
    "-1",
    "99999999999999999999999",
    "0202-02-30",
    "１３８００００１２３４",
    "%s %(x)s {x} {{ x }} ' OR 1=1 --",
]
# What has broken most: tried alone in each field, with the others as the page had them.
WORST = [MARKUP, "\x00", "99999999999999999999999"]
# Pages per URL name: the rest of a list's rows is more of the same.
PAGES_PER_NAME = 2
LEFT_ALONE = {"accounts:sign_out", "set_language"}


@dataclass
class Form:
    """One form of a page with the values that it came with."""

    method: str
    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)


class PageReader(HTMLParser):
    """Collects what a page offers: links and forms."""

    def __init__(self) -> None:
        """Start with nothing found."""
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note links, forms and the fields within."""
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        elif tag == "form":
            self._form = Form(given.get("method", "get").lower(), given.get("action", ""))
            self.forms.append(self._form)
        elif self._form and tag in ("input", "textarea", "button") and given.get("name"):
            if given.get("type") in ("checkbox", "radio") and "checked" not in given:
                self._form.fields.setdefault(given["name"], [])
            else:
                self._form.fields.setdefault(given["name"], []).append(given.get("value", ""))
        elif self._form and tag == "select" and given.get("name"):
            self._select = given["name"]
            self._form.fields.setdefault(self._select, [])
        elif self._form and tag == "option" and self._select and "selected" in given:
            self._form.fields[self._select].append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        """Close the form or the choice."""
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""


def kinds_of(names: Iterable[str]) -> dict[str, str]:
    """Return one name for each kind of field: ``minutes_17`` and ``minutes_18`` are read by the same lines."""
    return {re.sub("[0-9]+", "#", name): name for name in names}


class Crawler:
    """Walks the site as the client that it is given and keeps what went wrong in ``flaws``."""

    def __init__(self, client: Client) -> None:
        """Take a client; exceptions of the views become answers of 500, as for a visitor."""
        client.raise_request_exception = False
        self.client = client
        self.flaws: list[str] = []
        self.seen: dict[str, set[str]] = {}
        self.shapes: set[tuple[str, ...]] = set()

    def walk(self, start: str) -> None:
        """Visit everything that can be reached from ``start``."""
        waiting = [start]
        while waiting:
            path = waiting.pop()
            if not self._is_new(path):
                continue
            response = self._checked(self.client.get(path), f"GET {path}")
            if response.status_code != 200 or "text/html" not in response.get("Content-Type", ""):
                if response.status_code in (301, 302):
                    waiting.append(urljoin(path, response["Location"]))
                continue
            page = PageReader()
            page.feed(response.content.decode())
            self._try_segments(path)
            for link in page.links:
                target = urljoin(path, link)
                if urlsplit(target).netloc == "" and not target.startswith(("mailto:", "tel:", "/static/")):
                    self._try_parameters(target)
                    waiting.append(target.partition("#")[0])
            for form in page.forms:
                self._try_form(path, form)

    def _is_new(self, path: str) -> bool:
        name = self._name(path)
        if name is None or name in LEFT_ALONE:
            return False
        seen = self.seen.setdefault(name, set())
        bare = urlsplit(path).path
        if bare in seen or len(seen) >= PAGES_PER_NAME:
            return False
        seen.add(bare)
        return True

    def _name(self, path: str) -> str | None:
        try:
            return resolve(urlsplit(path).path).view_name
        except Resolver404:
            return None

    def _checked(self, response: HttpResponse, what: str) -> HttpResponse:
        if response.status_code >= 500:
            self.flaws.append(f"{response.status_code} {what}")
        elif not response.streaming and MARKUP.encode() in response.content:
            self.flaws.append(f"reflected markup {what}")
        return response

    def _once(self, *shape: str) -> bool:
        new = shape not in self.shapes
        self.shapes.add(shape)
        return new

    def _try_segments(self, path: str) -> None:
        bare = urlsplit(path).path
        parts = bare.split("/")
        for position, part in enumerate(parts):
            if part.isdecimal() and self._once("segment", self._name(bare) or "", str(position)):
                for nasty in ["0", "99999999999999999999", quote(MARKUP), "%00", "１"]:
                    changed = "/".join([*parts[:position], nasty, *parts[position + 1 :]])
                    self._checked(self.client.get(changed), f"GET {changed}")

    def _try_parameters(self, target: str) -> None:
        parts = urlsplit(target)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        for position, (key, _) in enumerate(pairs):
            if not self._once("parameter", self._name(target) or "", key):
                continue
            for nasty in NASTY:
                changed = [*pairs[:position], (key, nasty), *pairs[position + 1 :]]
                where = f"{parts.path}?{urlencode(changed)}"
                self._checked(self.client.get(where), f"GET {where[:200]}")

    def _try_form(self, path: str, form: Form) -> None:
        action = urljoin(path, form.action) if form.action else path
        name = self._name(action)
        shape = sorted(kinds_of(form.fields))
        if name is None or name in LEFT_ALONE or not self._once("form", name, form.method, *shape):
            return
        for what, values in self._fillings(form):
            if form.method == "post":
                response = self.client.post(action, values, HTTP_ORIGIN="http://testserver")
            else:
                response = self.client.get(action, values)
            self._checked(response, f"{form.method.upper()} {action} {what}")

    def _fillings(self, form: Form) -> Iterator[tuple[str, dict[str, list[str]]]]:
        """Yield the form with rubbish in every field, each field meeting each string; and in one field, the rest right.

        The latter reaches the rules behind the fields.
        """
        names = [name for name in form.fields if name != "csrfmiddlewaretoken"]
        for turn in range(len(NASTY)):
            mixed = {name: [NASTY[(turn + place) % len(NASTY)]] for place, name in enumerate(names)}
            yield f"turn {turn}", mixed
        for nasty in WORST:
            for name in kinds_of(names).values():
                yield f"{name}={nasty[:30]!r}", form.fields | {name: [nasty]}
