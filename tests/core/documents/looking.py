"""Looking at a PDF as a reader does: its fonts, the pictures of its letters."""

from __future__ import annotations

from ctypes import c_char, c_size_t
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw


@dataclass(frozen=True)
class Seen:
    """One letter as it is drawn: what the file says it is, and its dots."""

    letter: str
    dots: bytes


def fonts_of(body: bytes) -> dict[str, bool]:
    """Every font that draws text, and whether it is inside the file."""
    found = {}
    document = pdfium.PdfDocument(body)
    for page in document:
        for thing in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=8):
            font = raw.FPDFTextObj_GetFont(thing.raw)
            name = (c_char * 200)()
            raw.FPDFFont_GetBaseFontName(font, name, c_size_t(200))
            found[name.value.decode()] = bool(raw.FPDFFont_GetIsEmbedded(font))
    return found


def letters_of(body: bytes, page: int = 0) -> list[Seen]:
    """The letters of a page with their pictures."""
    document = pdfium.PdfDocument(body)
    sheet, scale = document[page], 4
    image = sheet.render(scale=scale).to_pil().convert("L")
    text, height = sheet.get_textpage(), sheet.get_height()
    seen = []
    for place in range(text.count_chars()):
        letter = text.get_text_range(place, 1)
        left, bottom, right, top = text.get_charbox(place)
        corners = (left, height - top, right + 1 / scale, height - bottom + 1 / scale)
        if letter.strip():
            box = image.crop(tuple(int(corner * scale) for corner in corners))
            seen.append(Seen(letter, box.resize((24, 24)).tobytes()))
    return seen


def text_of(body: bytes) -> str:
    """All text of all pages, as the file says it; what is drawn may be something else."""
    return "\n".join(page.get_textpage().get_text_range() for page in pdfium.PdfDocument(body))


def ink_of(body: bytes, page: int = 0) -> int:
    """How many dark dots a page has."""
    image: Any = pdfium.PdfDocument(body)[page].render(scale=2).to_pil().convert("L")
    return sum(image.histogram()[:128])
