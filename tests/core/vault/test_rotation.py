"""New keys leave the old ones readable; destroyed ones are gone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.errors import AtriumError, KeyDestroyed, Refused, Tampered, UnsafeSetting
from core.vault import State, Vault, files
from tests.core.vault.support import PHONE, at_once, place, ring_file


def test_rotation_leaves_old_rows_readable(home: Path, vault: Vault) -> None:
    old = vault.new_person_key()
    blob = vault.seal(PHONE, aad=place(), key=old)
    assert vault.rewrap(old) == old
    new_id = vault.rotate("pii")
    assert new_id == 6
    fresh = vault.rewrap(old)
    assert (old[2:4], fresh[2:4]) == (b"\0\1", b"\0\6")
    assert vault.new_person_key()[2:4] == b"\0\6"
    for each in (vault, Vault.open(home)):
        assert each.open_sealed(blob, aad=place(), key=old) == PHONE
        assert each.open_sealed(blob, aad=place(), key=fresh) == PHONE
    assert [(key.id, key.state) for key in vault.all_keys() if key.purpose == "pii"] == [
        (1, "decrypt-only"),
        (6, "active"),
    ]


def test_rotated_look_ups_find_old_and_new_rows(vault: Vault) -> None:
    index, tail = vault.index(PHONE, mall=1, field="phone"), vault.tail(PHONE, mall=1, field="phone")
    token, quote, signature = vault.token_hash("t"), vault.sign_quote(b"q"), vault.sign_checkpoint(b"c")
    secret, public = vault.web_secret(), vault.checkpoint_public_key()
    assert vault.indexes(PHONE, mall=1, field="phone") == (index,)
    for purpose in ("index", "token", "web", "checkpoint"):
        vault.rotate(purpose)
    assert vault.indexes(PHONE, mall=1, field="phone") == (vault.index(PHONE, mall=1, field="phone"), index)
    assert vault.tails(PHONE, mall=1, field="phone") == (vault.tail(PHONE, mall=1, field="phone"), tail)
    assert vault.token_hashes("t") == (vault.token_hash("t"), token)
    assert vault.web_secrets() == (vault.web_secret(), secret)
    assert vault.checkpoint_public_keys() == (vault.checkpoint_public_key(), public)
    assert vault.check_quote(b"q", quote)
    assert vault.sign_checkpoint(b"c") != signature
    assert len({index, vault.index(PHONE, mall=1, field="phone")}) == 2
    vault.rotate("index")
    assert vault.indexes(PHONE, mall=1, field="phone")[2] == index


def test_rotation_elsewhere_is_seen_at_once(home: Path, vault: Vault) -> None:
    other = Vault.open(home)
    assert other.rotate("pii") == 6
    blob = other.seal(PHONE, aad=place(), key=(key := other.new_person_key()))
    assert vault.open_sealed(blob, aad=place(), key=key) == PHONE  # a key id not seen before
    other.rotate("index")
    assert vault.index(PHONE, mall=1, field="phone") == other.index(PHONE, mall=1, field="phone")
    assert vault.all_keys() == other.all_keys()


def _rotate(home: Path) -> int:
    return Vault.open(home).rotate("token")


@pytest.mark.filterwarnings("default:.*fork:DeprecationWarning")  # of a process with threads; these only touch files
def test_many_processes_rotate_at_once_and_lose_no_key(home: Path, vault: Vault) -> None:
    first = vault.token_hash("t")
    assert sorted(at_once(home, _rotate)) == list(range(6, 18))
    assert len(vault.token_hashes("t")) == 13
    assert vault.token_hashes("t")[-1] == first


def test_an_unknown_purpose_is_an_error(vault: Vault) -> None:
    with pytest.raises(ValueError, match="nonsense"):
        vault.rotate("nonsense")
    assert len(vault.all_keys()) == 5


def test_a_key_that_is_not_on_the_ring_is_named(home: Path, vault: Vault) -> None:
    ring = ring_file(home).read_bytes()
    vault.rotate("pii")
    key = vault.new_person_key()
    files.replace(ring_file(home), ring)  # an old backup of the ring
    with pytest.raises(UnsafeSetting, match="Key 6 is not on the key ring"):
        Vault.open(home).seal(PHONE, aad=place(), key=key)


def test_a_ring_made_public_while_running_is_refused(home: Path, vault: Vault) -> None:
    Vault.open(home).rotate("pii")
    ring_file(home).chmod(0o644)
    with pytest.raises(UnsafeSetting, match="chmod go="):
        vault.all_keys()


def test_a_person_without_key_is_unreadable(vault: Vault) -> None:
    blob = vault.seal(PHONE, aad=place(), key=vault.new_person_key())
    with pytest.raises(KeyDestroyed):
        vault.open_sealed(blob, aad=place(), key=b"")
    with pytest.raises(Tampered):
        vault.open_sealed(blob, aad=place(), key=vault.new_person_key())


def test_a_destroyed_key_reads_nothing_any_more(home: Path, vault: Vault) -> None:
    lost, kept = vault.new_person_key(), vault.new_person_key()
    blob, safe = (vault.seal(PHONE, aad=place(), key=key) for key in (lost, kept))
    vault.rotate("pii")
    kept = vault.rewrap(kept)
    vault.destroy(1)
    assert vault.all_keys()[0].state is State.DESTROYED
    entry = json.loads(ring_file(home).read_text())["keys"][0]
    assert (entry["state"], entry["wrapped"]) == ("destroyed", "")
    for each in (vault, Vault.open(home)):
        assert each.open_sealed(safe, aad=place(), key=kept) == PHONE
        for use_it in (lambda v=each: v.open_sealed(blob, aad=place(), key=lost), lambda v=each: v.rewrap(lost)):
            with pytest.raises(KeyDestroyed):
                use_it()
    assert vault.rotate("pii") == 7  # numbers are not used again


@pytest.mark.parametrize(("key_id", "refusal"), [(1, Refused), (99, UnsafeSetting)])
def test_only_an_old_key_is_destroyed(home: Path, vault: Vault, key_id: int, refusal: type[AtriumError]) -> None:
    before = ring_file(home).read_bytes()
    with pytest.raises(refusal, match=f"Key {key_id}"):
        vault.destroy(key_id)
    assert ring_file(home).read_bytes() == before
