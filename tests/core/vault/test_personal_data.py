"""Sealed text opens in its own place only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Tampered
from core.vault import Aad, Vault
from tests.core.vault.support import MANY, PHONE, place


@MANY
@given(text=st.text(), mall=st.integers(0, 2**53), uid=st.binary(min_size=16, max_size=16))
def test_round_trip(vault: Vault, text: str, mall: int, uid: bytes) -> None:
    key, aad = vault.new_person_key(), place(mall=mall, uid=uid)
    blob = vault.seal(text, aad=aad, key=key)
    assert vault.open_sealed(blob, aad=aad, key=key) == text
    assert len(blob) == len(text.encode()) + 30
    assert blob != vault.seal(text, aad=aad, key=key)


@MANY
@given(text=st.text(min_size=4))
def test_no_plaintext_in_what_is_stored(vault: Vault, text: str) -> None:
    key = vault.new_person_key()
    stored = vault.seal(text, aad=place(), key=key) + key + vault.index(text, mall=1, field="phone")
    stored += vault.tail(text, mall=1, field="phone") + vault.token_hash(text)
    for form in (text.encode(), text.encode("utf-16-le"), text.encode().hex().encode()):
        assert form not in stored


@MANY
@given(data=st.data())
def test_one_changed_bit_is_refused(vault: Vault, data: st.DataObject) -> None:
    key = vault.new_person_key()
    blob = bytearray(vault.seal(PHONE, aad=place(), key=key))
    blob[data.draw(st.integers(0, len(blob) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(Tampered):
        vault.open_sealed(bytes(blob), aad=place(), key=key)


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"mall": 2},
        {"table": "core_card"},
        {"column": "email_ct"},
        {"uid": bytes(16)},
        {"table": "core", "column": "member|phone_ct"[7:]},
    ],
)
def test_a_text_moved_elsewhere_is_refused(vault: Vault, elsewhere: dict[str, Any]) -> None:
    key = vault.new_person_key()
    blob = vault.seal(PHONE, aad=place(), key=key)
    with pytest.raises(Tampered) as refusal:
        vault.open_sealed(blob, aad=changed(place(), **elsewhere), key=key)
    assert PHONE not in str(refusal.value) + repr(refusal.value.facts)
    assert vault.open_sealed(blob, aad=place(), key=key) == PHONE


def test_rows_and_keys_of_two_people_do_not_mix(vault: Vault) -> None:
    mine, yours = vault.new_person_key(), vault.new_person_key()
    blob = vault.seal(PHONE, aad=place(), key=mine)
    for aad in (place(), place(uid=bytes(16))):
        with pytest.raises(Tampered):
            vault.open_sealed(blob, aad=aad, key=yours)
    with pytest.raises(Tampered):  # text and key moved together
        vault.open_sealed(blob, aad=place(uid=bytes(16)), key=mine)


@pytest.mark.parametrize("blob", [b"", b"\1", b"\1\1" + bytes(27), b"\2\1" + bytes(40), b"\1\2" + bytes(40)])
def test_bytes_that_are_no_sealed_text_are_refused(vault: Vault, blob: bytes) -> None:
    with pytest.raises(Tampered):
        vault.open_sealed(blob, aad=place(), key=vault.new_person_key())


@pytest.mark.parametrize("damage", [lambda key: key[:-1], lambda key: b"\2" + key[1:], lambda key: key[:-1] + b"x"])
def test_a_damaged_person_key_is_refused(vault: Vault, damage: Callable[[bytes], bytes]) -> None:
    key = vault.new_person_key()
    bad = damage(key[:-1] + b"y")
    with pytest.raises(Tampered):
        vault.seal(PHONE, aad=place(), key=bad)


def test_the_place_has_one_form() -> None:
    aad = Aad(mall=7, table="core_member", column="phone_ct", uid=bytes(range(16)))
    assert aad.pack("00ff") == b"7|core_member|phone_ct|000102030405060708090a0b0c0d0e0f|00ff"


@pytest.mark.parametrize(
    "wrong",
    [{"mall": None}, {"mall": True}, {"mall": "1"}, {"uid": None}, {"uid": b"x"}, {"table": "a|b"}, {"column": "|"}],
)
def test_a_place_without_its_parts_is_an_error(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"mall_id and 16-byte uid|cannot hold"):
        changed(place(), **wrong)


def test_person_keys_in_memory_are_bounded(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.vault.safe.PERSON_KEYS_KEPT", 2)
    vault = Vault.create(home)
    rows = [(key, vault.seal(PHONE, aad=place(), key=key)) for key in (vault.new_person_key() for _ in range(5))]
    assert [vault.open_sealed(blob, aad=place(), key=key) for key, blob in rows] == [PHONE] * 5
    assert vault._box.cache_info().currsize == 2
    vault.forget()
    assert vault._box.cache_info().currsize == 0
