"""A thousand badges from the rows to the PDF, and what typst alone takes for the same sheets, everything else done."""

import json
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst
from django.conf import settings

from bench.case import Work
from common import pdf
from volunteers.badge_paper import cards_of, paper_of, set_paper
from volunteers.domain.badge_print import lacks
from volunteers.models import Badge

MANY = 1_000


class Badges(Work):
    """Rows, codes, photos, the look for missing characters, and the setting of the sheets, as a print does it."""

    def __init__(self) -> None:
        """Choose the badges."""
        self.pks = list(Badge.objects.issued().order_by("pk").values_list("pk", flat=True)[:MANY])
        if len(self.pks) < MANY:
            raise RuntimeError(f"There are only {len(self.pks)} badges.")

    def before(self) -> None:
        """Let typst forget what it has set before: it keeps that over a few papers."""
        pdf.forget_layouts()

    def run(self) -> None:
        """Set them."""
        cards = cards_of(Badge.objects.filter(pk__in=self.pks))
        self.pdf = set_paper([card for card in cards if lacks(card) is None], "sheets", has_backs=False)

    def result(self) -> int:
        """Return how large the paper is: the same words on the same sheets."""
        return len(self.pdf)


class TypstAlone(Badges):
    """The same data, asked for beforehand, given to typst."""

    def __init__(self) -> None:
        """Lay everything out as a paper has it."""
        super().__init__()
        cards = cards_of(Badge.objects.filter(pk__in=self.pks))
        data, files = paper_of([card for card in cards if lacks(card) is None], has_backs=False)
        self.data = json.dumps(data, ensure_ascii=False)
        self.keep = ExitStack()
        self.folder = self.keep.enter_context(TemporaryDirectory())
        for path in (Path(settings.BASE_DIR) / "templates").rglob("*.typ"):
            place = Path(self.folder) / path.relative_to(settings.BASE_DIR / "templates")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())
        for name, content in files.items():
            (Path(self.folder) / name).write_bytes(content)
        self.fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(pdf.PACKAGED_FONTS)]
        )

    def run(self) -> None:
        """Set them."""
        options: dict[str, Any] = {
            "root": self.folder,
            "font_paths": self.fonts,
            "ignore_system_fonts": True,
            "sys_inputs": {"data": self.data},
            "timestamp": 1_285_891_200,  # OF_NO_DAY
        }
        self.pdf = typst.compile(f"{self.folder}/volunteers/badge/sheets.typ", **options)
