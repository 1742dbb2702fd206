"""Sentences for people: written in English in the code, kept untranslated, translated where they are shown.

`_("Card is empty")` makes a `Text`: a message id with its figures. Rules and services can make one without knowing
who will read it; the ledger stores it so; the edge (a screen, a till's answer, a PDF) turns it into words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from babel.support import NullTranslations, Translations

LANGUAGES = ("zh", "en")
ROOT = Path(__file__).resolve().parent.parent

_locale: ContextVar[str] = ContextVar("atrium_locale", default="zh")
_folders: list[Path] = [ROOT / "core" / "translations"]


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence with its figures, not yet in any language."""

    msgid: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def into(self, locale: str) -> str:
        """The sentence in `locale` ('zh' or 'en'); an unknown one falls back to the English of the code."""
        sentence = _catalogue(locale).ugettext(self.msgid) if self.msgid else ""
        params = {k: v.into(locale) if isinstance(v, Text) else v for k, v in self.params.items()}
        try:
            return sentence % params if params else sentence
        except (KeyError, TypeError, ValueError):  # a figure is missing: half a sentence must not stop a sale
            return sentence

    def stored(self) -> dict[str, Any]:
        """The form kept in the books: message id and figures, so that later readers get their own language."""
        params = {k: v.stored() if isinstance(v, Text) else v for k, v in self.params.items()}
        return {"text": self.msgid, **({"with": params} if params else {})}

    @classmethod
    def restored(cls, stored: Mapping[str, Any]) -> Text:
        """Read back what `stored` wrote."""
        params = stored.get("with", {})
        return cls(stored["text"], {k: cls.restored(v) if isinstance(v, dict) else v for k, v in params.items()})

    def __str__(self) -> str:
        return self.into(_locale.get())


def _(msgid: str, **params: Any) -> Text:
    """A sentence to be translated where it is shown; `params` fill its `%(name)s`."""
    return Text(msgid, params)


def add_folder(folder: Path) -> None:
    """Let a plugin's `translations/` take part. Called by the host when it registers the plugin."""
    if folder not in _folders:
        _folders.append(folder)
        _catalogue.cache_clear()


def folders() -> tuple[Path, ...]:
    """All translation folders, core's first."""
    return tuple(_folders)


@contextmanager
def language(locale: str) -> Iterator[None]:
    """Show sentences in `locale` while inside."""
    token = _locale.set(locale)
    try:
        yield
    finally:
        _locale.reset(token)


def set_language(locale: str) -> None:
    """Show sentences in `locale` for the rest of this request or thread."""
    _locale.set(locale)


@cache
def _catalogue(locale: str) -> NullTranslations:
    if locale == "en":
        return NullTranslations()
    merged = Translations()
    for folder in _folders:
        found = Translations.load(folder, [locale])
        if isinstance(found, Translations):
            merged.merge(found)
    return merged
