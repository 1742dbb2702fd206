"""Every text a person reads exists in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.catalog import Message

from tests.house.tree import Tree
from tests.support import i18n

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0002ffff]")
PLACEHOLDER = re.compile(r"%\((\w+)\)")
NAMES = "Atrium|Excel|OpenID Connect|Prometheus|PostgreSQL|SQLite|WeChat|zh|en"
SAME_IN_BOTH = re.compile(rf"([\W\d_]|%\(\w+\)s|\b[A-Z0-9]+\b|\b(?:{NAMES})\b)*")
"""What may read alike in both languages: signs, figures, abbreviations (PDF, SKU) and names."""


def texts_are_translated(tree: Tree) -> Iterator[str]:
    for room in i18n.rooms(tree.root):
        catalogue = i18n.read(i18n.catalogue_of(room))
        for msgid, files in i18n.texts_of(room).items():
            message = catalogue.get(msgid if isinstance(msgid, str) else msgid[0])
            if message is None or message.fuzzy or not _strings(message.string):
                yield f"{files[0]}: “{msgid}” is not translated"


def translations_say_the_same(tree: Tree) -> Iterator[str]:
    """Same figures in both, and Chinese where Chinese is to be expected."""
    for room, message in _messages(tree):
        for string in _strings(message.string):
            if set(PLACEHOLDER.findall(str(message.id))) != set(PLACEHOLDER.findall(string)):
                yield f"{room}: “{string}” has other figures than “{message.id}”"
            if not HAN.search(string) and not SAME_IN_BOTH.fullmatch(string):
                yield f"{room}: “{string}” is no Chinese for “{message.id}”"


def texts_are_english_in_the_source(tree: Tree) -> Iterator[str]:
    for room in i18n.rooms(tree.root):
        for msgid, files in i18n.texts_of(room).items():
            if HAN.search(str(msgid)):
                yield f"{files[0]}: “{msgid}” should be English"


def no_translation_is_left_over(tree: Tree) -> Iterator[str]:
    for room in i18n.rooms(tree.root):
        texts = i18n.texts_of(room)
        for message in i18n.read(i18n.catalogue_of(room)):
            if message.id and message.id not in texts and i18n.KEPT not in message.user_comments:
                yield f"{room.name}: “{message.id}” is translated, but nobody says it"


def catalogues_are_compiled(tree: Tree) -> Iterator[str]:
    for room in i18n.rooms(tree.root):
        path = i18n.catalogue_of(room)
        made = path.with_suffix(".mo")
        if path.exists() and (not made.exists() or made.read_bytes() != i18n.compiled(i18n.read(path))):
            yield f"{room.name}: run `make i18n-compile`"


def rooms_agree_on_words(tree: Tree) -> Iterator[str]:
    """All catalogues are merged and the later wins: a plugin must not rename another room's word, or the frame's."""
    said: dict[str, tuple[str, str]] = {m: ("Flask-AppBuilder", s) for m, s in _of_the_frame().items()}
    for room, message in _messages(tree):
        msgid, string = str(message.id), "".join(_strings(message.string))
        owner, before = said.get(msgid, (room, string))
        if before != string and not (owner == "Flask-AppBuilder" and room == "core"):
            yield f"{room}: “{msgid}” is “{string}”, but “{before}” in {owner}"
        said[msgid] = (room, string)


def _messages(tree: Tree) -> Iterator[tuple[str, Message]]:
    for room in i18n.rooms(tree.root):
        for message in i18n.read(i18n.catalogue_of(room)):
            if message.id and _strings(message.string):
                yield room.name, message


def _strings(string: str | tuple[str, ...] | list[str] | None) -> list[str]:
    """The translations of a message, or none where one of its forms is missing."""
    forms = [string] if isinstance(string, str) else list(string or [""])
    return forms if all(forms) else []


@cache
def _of_the_frame() -> dict[str, str]:
    import flask_appbuilder

    path = Path(flask_appbuilder.__file__).parent / "translations" / "zh" / "LC_MESSAGES" / "messages.po"
    return {str(m.id): str(m.string) for m in i18n.read(path) if m.id and m.string and not m.fuzzy}


RULES = [
    texts_are_translated,
    translations_say_the_same,
    texts_are_english_in_the_source,
    no_translation_is_left_over,
    catalogues_are_compiled,
    rooms_agree_on_words,
]
