"""Blind indexes, tokens, quotes, checkpoints."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.vault import Vault
from tests.core.vault.support import MANY, PHONE


@MANY
@given(one=st.text(), other=st.text(), mall=st.integers(1, 9), field=st.text(max_size=8))
def test_the_index_is_equal_for_equal_text_only(vault: Vault, one: str, other: str, mall: int, field: str) -> None:
    index = vault.index(one, mall=mall, field=field)
    assert len(index) == 32
    assert index == vault.index(one, mall=mall, field=field)
    assert (index == vault.index(other, mall=mall, field=field)) == (one == other)
    assert index != vault.index(one, mall=mall + 1, field=field)
    assert index != vault.index(one, mall=mall, field=field + "x")


def test_the_tail_is_equal_for_the_last_four(vault: Vault) -> None:
    tail = vault.tail(PHONE, mall=1, field="phone")
    assert len(tail) == 8
    assert tail == vault.tail("1234", mall=1, field="phone") == vault.tail("17099991234", mall=1, field="phone")
    assert tail != vault.tail("13812341235", mall=1, field="phone")
    assert tail != vault.tail(PHONE, mall=2, field="phone")
    assert tail != vault.index("1234", mall=1, field="phone")[:8]
    assert vault.tail("12", mall=1, field="phone") != vault.tail("", mall=1, field="phone")


def test_two_installations_share_no_index(home: Path, vault: Vault) -> None:
    other = Vault.create(home / "other")
    assert vault.index(PHONE, mall=1, field="phone") != other.index(PHONE, mall=1, field="phone")
    assert vault.token_hash(PHONE) != other.token_hash(PHONE)


def test_quotes_are_signed(vault: Vault) -> None:
    signature = vault.sign_quote(b"price 100")
    assert signature.isascii()
    assert vault.check_quote(b"price 100", signature)
    for data, forged in [
        (b"price 10", signature),
        (b"price 100", signature[:-2]),
        (b"price 100", "9" + signature),
        (b"price 100", ""),
        (b"price 100", "签名\ud800"),
    ]:
        assert not vault.check_quote(data, forged)


def test_checkpoints_are_signed_with_ed25519(vault: Vault) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    public = Ed25519PublicKey.from_public_bytes(vault.checkpoint_public_key())
    public.verify(vault.sign_checkpoint(b"block 1"), b"block 1")
    with pytest.raises(InvalidSignature):
        public.verify(vault.sign_checkpoint(b"block 1"), b"block 2")


def test_an_older_checkpoint_key_still_signs_when_named(vault: Vault) -> None:
    before, signature = vault.checkpoint_keys(), vault.sign_checkpoint(b"block 1")
    new_id = vault.rotate("checkpoint")
    assert vault.checkpoint_keys() == {new_id: vault.checkpoint_public_key()} | before
    assert list(vault.checkpoint_keys()) == [new_id, *before]
    (old_id,) = before
    assert vault.sign_checkpoint(b"block 1", key_id=old_id) == signature != vault.sign_checkpoint(b"block 1")
