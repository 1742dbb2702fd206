"""Fonts for documents: a fontconfig file of our own, and which characters can be printed with it.

The family is "Noto Sans SC" from the package pylopdf-fonts-zh-cn, so that a document looks the same on every machine;
the system's folders stand behind it, for characters the package has not.
"""

from __future__ import annotations

import ctypes
import os
import unicodedata
from collections.abc import Iterable, Mapping
from ctypes.util import find_library
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

PACKAGE = "pylopdf_fonts_zh_cn"
SYSTEM = ("/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts")
SUBSTITUTE = "〓"
"""The printers' mark for a character that is not in the case."""
SAMPLE = "会员积分的一是"
"""Who cannot print these has no Chinese font."""
_SILENT = {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Me"}


def prepare(folder: Path, *, system: bool = True, package: bool = True) -> Path:
    """Write the fontconfig file into `folder` and put it in force. Before WeasyPrint is loaded, or it has no effect."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = find_spec(PACKAGE) if package else None
    folders = [str(Path(found.origin).parent)] if found is not None and found.origin else []
    folders += SYSTEM if system else ()
    lines = [f"<dir>{escape(one)}</dir>" for one in folders]
    lines.append(f"<cachedir>{escape(str(folder / 'cache'))}</cachedir>")
    text = '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n'
    text += "<fontconfig>\n" + "\n".join(lines) + "\n</fontconfig>\n"
    path = folder / f"fonts-{'s' if system else ''}{'p' if package else ''}.conf"
    if not path.exists() or path.read_text("utf-8") != text:
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.write_text(text, "utf-8")
        fresh.replace(path)
    os.environ["FONTCONFIG_FILE"] = str(path)
    return path


def faults() -> str:
    """Why no document can be printed: 'no_pango', 'no_font' (none at all, or none for Chinese); "" when it can."""
    if find_library("fontconfig") is None or find_library("pango-1.0") is None:
        return "no_pango"
    return "no_font" if _unknown(SAMPLE) else ""


def printable(page: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The page with 〓 in the place of what no font has, and those characters as `U+20BB7`."""
    missing = _unknown(_all_text(page))
    if not missing:
        return dict(page), []
    table = {ord(character): SUBSTITUTE for character in missing}
    return _replaced(page, table), [f"U+{ord(character):04X}" for character in sorted(missing)]


def _all_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return "".join(map(_all_text, value.values()))
    return "".join(map(_all_text, value)) if isinstance(value, Iterable) else ""


def _replaced(value: Any, table: dict[int, str]) -> Any:
    if isinstance(value, str):
        return value.translate(table)
    if isinstance(value, Mapping):
        return {key: _replaced(part, table) for key, part in value.items()}
    return [_replaced(part, table) for part in value] if isinstance(value, list | tuple) else value


def _unknown(text: str) -> set[str]:
    """The characters of `text` that no font of the file in force has."""
    wanted = {character for character in text if unicodedata.category(character) not in _SILENT}
    for has in _charsets():
        wanted = {character for character in wanted if not has(character)}
        if not wanted:
            break
    return wanted


class _FontSet(ctypes.Structure):
    """FcFontSet of fontconfig."""

    _fields_ = [("count", ctypes.c_int), ("size", ctypes.c_int), ("fonts", ctypes.POINTER(ctypes.c_void_p))]


@cache
def _charsets() -> list[Any]:
    """For each font a function that says whether it has a character; the package's own font first."""
    name = find_library("fontconfig")
    if name is None:
        return []
    lib = ctypes.CDLL(name)
    lib.FcInitLoadConfigAndFonts.restype = ctypes.c_void_p
    lib.FcConfigGetFonts.restype = ctypes.POINTER(_FontSet)
    lib.FcConfigGetFonts.argtypes = [ctypes.c_void_p, ctypes.c_int]
    lib.FcPatternGetCharSet.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
    lib.FcCharSetHasChar.argtypes = [ctypes.c_void_p, ctypes.c_uint32]
    lib.FcCharSetCount.argtypes = [ctypes.c_void_p]
    lib.FcCharSetCount.restype = ctypes.c_uint32
    found = lib.FcConfigGetFonts(lib.FcInitLoadConfigAndFonts(), 0)
    fonts = [found.contents.fonts[n] for n in range(found.contents.count)] if found else []
    sets = [charset for font in fonts if (charset := _charset(lib, font)) is not None]
    # The richest first: it answers for nearly all, and the others need not be asked.
    sets.sort(key=lib.FcCharSetCount, reverse=True)
    return [lambda character, charset=charset: lib.FcCharSetHasChar(charset, ord(character)) for charset in sets]


def _charset(lib: Any, font: int) -> ctypes.c_void_p | None:
    charset = ctypes.c_void_p()
    return charset if lib.FcPatternGetCharSet(font, b"charset", 0, ctypes.byref(charset)) == 0 else None
