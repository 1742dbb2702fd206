"""The catalogues: collect texts from the sources into each room's `zh` catalogue, and compile them.

    python -m tests.support.i18n extract    new texts in, untranslated; unused ones out; translations stay
    python -m tests.support.i18n compile    messages.po → messages.mo

The core and every plugin have one catalogue each. English is the text in the source. Texts of Flask-AppBuilder that
its own Chinese leaves out stand in the core's catalogue under the comment `FAB`, and are kept although no source of
ours holds them.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"**/templates/**.html": {"encoding": "utf-8", "silent": "false"}}
KEYWORDS = {**DEFAULT_KEYWORDS, "_": None, "lazy_gettext": None, "lazy_ngettext": (1, 2)}
KEPT = "FAB"
MsgId = str | tuple[str, ...]


def rooms(root: Path) -> Iterator[Path]:
    """The folders that have a catalogue: core and each plugin."""
    for room in (root / "core", *sorted((root / "plugins").glob("*"))):
        if any(room.glob("*.py")):
            yield room


def catalogue_of(room: Path) -> Path:
    """Where a room's Chinese stands."""
    return room / "translations" / "zh" / "LC_MESSAGES" / "messages.po"


def texts_of(room: Path) -> dict[MsgId, list[str]]:
    """Every text of the room's sources → the files that hold it."""
    found: dict[MsgId, list[str]] = {}
    messages = extract_from_dir(room, METHODS, options_map=OPTIONS, keywords=KEYWORDS)
    for filename, _line, msgid, _comments, _context in messages:
        found.setdefault(msgid, []).append(f"{room.name}/{filename}")
    return found


def read(path: Path) -> Catalog:
    """The catalogue at `path`; an empty one where there is none."""
    if not path.exists():
        return Catalog(locale="zh", project="Atrium", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale="zh")


def compiled(catalogue: Catalog) -> bytes:
    """What `messages.mo` must hold, byte for byte: the same whenever it is made."""
    catalogue.creation_date = datetime(2026, 1, 1, tzinfo=UTC)
    output = io.BytesIO()
    write_mo(output, catalogue, use_fuzzy=False)
    return output.getvalue()


def extract(room: Path) -> str:
    """Bring the room's catalogue up to its sources; answers what changed in a line."""
    path, texts = catalogue_of(room), texts_of(room)
    catalogue = read(path)
    unused = [m.id for m in catalogue if m.id and m.id not in texts and KEPT not in m.user_comments]
    new = [msgid for msgid in texts if msgid not in catalogue]
    for msgid in unused:
        catalogue.delete(msgid)
    for msgid in new:
        catalogue.add(msgid)
    catalogue.obsolete.clear()
    if texts or path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_written(catalogue))
    return f"{room.name}: {len(texts)} texts, {len(new)} new, {len(unused)} unused removed"


def _written(catalogue: Catalog) -> bytes:
    """Sorted and without lines, dates and names: two people's additions merge, and nothing changes by itself."""
    output = io.BytesIO()
    write_po(output, catalogue, width=0, no_location=True, omit_header=True, sort_output=True)
    header = 'msgid ""\nmsgstr ""\n"Language: zh\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    return (header + '"Plural-Forms: nplurals=1; plural=0;\\n"\n\n').encode() + output.getvalue()


def main(verb: str) -> None:
    """Run `extract` or `compile` over all rooms."""
    for room in rooms(ROOT):
        path = catalogue_of(room)
        if verb == "extract":
            print(extract(room))
        elif path.exists():
            path.with_suffix(".mo").write_bytes(compiled(read(path)))
            print(f"{room.name}: compiled")


if __name__ == "__main__":
    main(sys.argv[1])
