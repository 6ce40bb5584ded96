"""Five thousand contact cards from the rows to the PDFs, and what typst alone takes for the same sheets."""

import json
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst
from django.conf import settings

from bench.case import Work
from common import pdf
from grids.card_paper import data_of, set_paper
from grids.cards import Face, faces_of
from grids.domain.card_print import lacks, parts_of
from grids.models import Grid, Team

MANY = 5_000


class Cards(Work):
    """Rows, codes, the look for missing characters, and the setting of the files, as a print does it."""

    def __init__(self) -> None:
        """Choose grids with active teams until their households are as many as cards are wanted."""
        served = Grid.objects.in_use().filter(pk__in=Team.objects.active().values("grid"))
        self.copies: dict[int, int] = {}
        left = MANY
        for pk, households in served.order_by("village__code", "number").values_list("pk", "households"):
            self.copies[pk] = min(households, left)
            left -= self.copies[pk]
            if not left:
                break
        else:
            raise RuntimeError(f"There are {left} households too few.")

    def before(self) -> None:
        """Let typst forget what it has set before: it keeps that over a few papers."""
        pdf.forget_layouts()

    def parts(self) -> list[list[tuple[Face, int]]]:
        """Return the files' cards."""
        faces = faces_of(Grid.objects.filter(pk__in=self.copies))
        return parts_of([(face, self.copies[face.grid]) for face in faces if lacks(face) is None])

    def run(self) -> None:
        """Set them, file by file."""
        self.size = sum(len(set_paper(part)) for part in self.parts())

    def result(self) -> int:
        """Return how large the papers are: the same words on the same sheets."""
        return self.size


class TypstAlone(Cards):
    """The same data, asked for beforehand, given to typst."""

    def __init__(self) -> None:
        """Lay everything out as a paper has it."""
        super().__init__()
        self.data = [json.dumps(data_of(part), ensure_ascii=False) for part in self.parts()]
        self.keep = ExitStack()
        self.folder = self.keep.enter_context(TemporaryDirectory())
        for path in (Path(settings.BASE_DIR) / "templates").rglob("*.typ"):
            place = Path(self.folder) / path.relative_to(settings.BASE_DIR / "templates")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())
        self.fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(pdf.PACKAGED_FONTS)]
        )

    def run(self) -> None:
        """Set them, file by file."""
        options: dict[str, Any] = {
            "root": self.folder,
            "font_paths": self.fonts,
            "ignore_system_fonts": True,
            "timestamp": 1_285_891_200,  # OF_NO_DAY
            "pdf_tags": False,
        }
        self.size = 0
        for data in self.data:
            made = typst.compile(f"{self.folder}/grids/card/sheets.typ", sys_inputs={"data": data}, **options)
            self.size += len(made)
