"""Sealed columns of models, and the vault this process works with."""

from __future__ import annotations

import os
from typing import Any, Self, overload

from core.errors import KeyDestroyed, UnsafeSetting
from core.i18n import _
from core.vault.cipher import UID_BYTES, Aad
from core.vault.safe import Vault

_current: Vault | None = None


def use(vault: Vault) -> None:
    """Make `vault` the one of this process."""
    global _current
    _current = vault


def current() -> Vault:
    """The vault of this process; `UnsafeSetting` when none was opened."""
    if _current is None:
        raise UnsafeSetting(_("No keys are open. Run `python app.py upgrade` first."))
    return _current


def new_uid() -> bytes:
    """A row's random 128-bit uid: what its sealed columns are bound to."""
    return os.urandom(UID_BYTES)


class Sealed:
    """A personal text of a model, kept encrypted in the column named here, and read and set in clear:

        phone = Sealed("phone_ct")

    The row needs `mall_id` (set before the text), `uid` and `person_key`; the last two are made when they are None.
    None or an empty text clears the column. A person is erased by `person_key = b""`: their texts read as None, and
    setting one is refused with `KeyDestroyed`. A text that did not change is left as it is, so that the row does not
    look edited.
    """

    def __init__(self, column: str) -> None:
        self.column = column

    @overload
    def __get__(self, row: None, owner: type) -> Self: ...
    @overload
    def __get__(self, row: Any, owner: type) -> str | None: ...
    def __get__(self, row: Any, owner: type) -> Self | str | None:
        return self if row is None else self._text(row)

    def __set__(self, row: Any, text: str | None) -> None:
        if not text:
            setattr(row, self.column, None)
            return
        if row.uid is None:
            row.uid = new_uid()
        if row.person_key is None:
            row.person_key = current().new_person_key()
        if not row.person_key:
            raise KeyDestroyed
        if self._text(row) != text:
            setattr(row, self.column, current().seal(text, aad=self._aad(row), key=row.person_key))

    def _text(self, row: Any) -> str | None:
        blob = getattr(row, self.column)
        if blob is None or not row.person_key:
            return None
        return current().open_sealed(blob, aad=self._aad(row), key=row.person_key)

    def _aad(self, row: Any) -> Aad:
        return Aad(mall=row.mall_id, table=row.__tablename__, column=self.column, uid=row.uid)
