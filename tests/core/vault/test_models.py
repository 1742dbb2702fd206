"""Sealed columns of a model."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from core import vault as room
from core.errors import KeyDestroyed, Tampered, UnsafeSetting
from core.vault import Sealed, Vault, new_uid, sealed
from tests.core.vault.support import PHONE


@dataclass
class Person:
    """Stands for a row of a model: the descriptor needs these names only."""

    mall_id: int | None = 1
    uid: bytes | None = None
    person_key: bytes | None = None
    phone_ct: bytes | None = None
    email_ct: bytes | None = None

    __tablename__ = "core_member"
    phone = Sealed("phone_ct")
    email = Sealed("email_ct")


def phone_of(row: Person) -> str | None:
    return row.phone


def test_a_sealed_column_reads_as_text(current: Vault) -> None:
    row = Person()
    assert (row.phone, row.email) == (None, None)
    row.phone = PHONE
    row.email = "anna@example.org"
    assert (row.phone, row.email) == (PHONE, "anna@example.org")
    assert row.uid is not None
    assert row.phone_ct is not None
    assert len(row.uid) == 16
    assert row.phone_ct[:2] == b"\1\1"
    assert PHONE not in repr(row)
    assert isinstance(Person.phone, Sealed)


def test_the_same_text_again_changes_nothing(current: Vault) -> None:
    row = Person()
    row.phone = PHONE
    before = row.phone_ct
    row.phone = PHONE
    assert row.phone_ct is before
    row.phone = "17099991234"
    assert row.phone_ct != before
    assert row.phone == "17099991234"


@pytest.mark.parametrize("nothing", [None, ""])
def test_nothing_clears(current: Vault, nothing: str | None) -> None:
    row = Person()
    row.phone = nothing
    assert (row.uid, row.person_key, row.phone_ct) == (None, None, None)
    row.phone = PHONE
    row.phone = nothing
    assert (row.phone, row.phone_ct) == (None, None)


def test_swapped_columns_and_rows_are_refused(current: Vault) -> None:
    one, other = Person(), Person()
    one.phone, one.email, other.phone = PHONE, "anna@example.org", "17099991234"
    one.phone_ct, one.email_ct = one.email_ct, one.phone_ct
    with pytest.raises(Tampered):
        _ = one.phone
    one.phone_ct, one.email_ct = one.email_ct, one.phone_ct
    one.phone_ct, other.phone_ct = other.phone_ct, one.phone_ct
    one.person_key, other.person_key = other.person_key, one.person_key
    with pytest.raises(Tampered):
        _ = one.phone
    one.mall_id = 2
    with pytest.raises(Tampered):
        _ = one.email


def test_an_erased_person_reads_as_nothing_and_takes_nothing(current: Vault) -> None:
    row = Person()
    row.phone = PHONE
    row.person_key = b""
    assert phone_of(row) is None
    assert row.phone_ct is not None
    with pytest.raises(KeyDestroyed):
        row.phone = "17099991234"
    row.phone = None
    assert row.phone_ct is None


def test_a_row_needs_its_mall_first(current: Vault) -> None:
    row = Person(mall_id=None)
    with pytest.raises(ValueError, match="mall_id"):
        row.phone = PHONE
    assert row.phone_ct is None


def test_without_a_vault_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "_current", None)
    with pytest.raises(UnsafeSetting, match="No keys are open"):
        room.current()


def test_uids_are_random() -> None:
    assert len({new_uid() for _ in range(1000)}) == 1000
