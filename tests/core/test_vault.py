"""The vault keeps what it is given, gives it to nobody else, and says so when something is wrong."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import vault as room
from core.errors import AtriumError, KeyDestroyed, Refused, Tampered, UnsafeSetting
from core.vault import Aad, Sealed, State, Vault, files, mask, new_uid, sealed
from core.vault.cipher import Box

MANY = settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PHONE = "13812341234"


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture(name="vault")
def _vault(home: Path) -> Vault:
    return Vault.create(home)


@pytest.fixture(name="current")
def _current(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> Vault:
    monkeypatch.setattr(sealed, "_current", None)
    room.use(vault)
    return vault


def place(*, mall: int = 1, table: str = "core_member", column: str = "phone_ct", uid: bytes | None = None) -> Aad:
    return Aad(mall=mall, table=table, column=column, uid=uid or bytes(range(16)))


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def ring_file(home: Path) -> Path:
    return home / "keys" / "keyring.json"


def rewrite(home: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    ring = json.loads(ring_file(home).read_text())
    change(ring)
    files.replace(ring_file(home), json.dumps(ring).encode())


# ── opening ─────────────────────────────────────────────────────────────────────────────────────────


def test_new_keys_are_private_random_and_stay(home: Path) -> None:
    first = Vault.create(home)
    assert (mode(home / "keys"), mode(home / "keys/root.key"), mode(ring_file(home))) == (0o700, 0o400, 0o600)
    assert sorted(os.listdir(home)) == ["keys"]
    assert [(key.purpose, key.state) for key in first.all_keys()] == [
        (purpose, "active") for purpose in ("pii", "index", "checkpoint", "token", "web")
    ]
    again = Vault.open(home)
    assert again.all_keys() == first.all_keys()
    assert again.web_secret() == first.web_secret()
    assert len(again.web_secret()) == 64
    assert Vault.create(home / "other").web_secret() != first.web_secret()


def test_keys_are_never_replaced(home: Path, vault: Vault) -> None:
    before = ring_file(home).read_bytes()
    with pytest.raises(UnsafeSetting, match="exists already"):
        Vault.create(home)
    assert Vault.open_or_create(home).all_keys() == vault.all_keys()
    assert ring_file(home).read_bytes() == before
    assert sorted(os.listdir(home)) == ["keys"]


def test_first_start_makes_keys(home: Path) -> None:
    assert Vault.open_or_create(home).all_keys() == Vault.open(home).all_keys()


def _start(home: Path) -> str:
    return Vault.open_or_create(home).web_secret()


def test_two_processes_start_at_once(home: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert len(set(pool.map(_start, [home] * 16))) == 1


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_rename(*_: object) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr(os, "rename", no_rename)
    with pytest.raises(PermissionError):
        Vault.create(tmp_path)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["root.key", "keyring.json"])
def test_a_missing_file_refuses(home: Path, vault: Vault, name: str) -> None:
    (home / "keys" / name).unlink()
    for start in (Vault.open, Vault.open_or_create):
        with pytest.raises(UnsafeSetting, match=f"{name} is missing"):
            start(home)


def test_no_folder_or_a_file_in_its_place_refuses(home: Path) -> None:
    with pytest.raises(UnsafeSetting, match="keys is missing"):
        Vault.open(home)
    home.mkdir()
    (home / "keys").touch(mode=0o600)
    for start, reason in ((Vault.open_or_create, "root.key is missing"), (Vault.create, "exists already")):
        with pytest.raises(UnsafeSetting, match=reason):
            start(home)


@pytest.mark.parametrize("name", [".", "root.key", "keyring.json"])
@pytest.mark.parametrize("bit", [0o040, 0o020, 0o010, 0o004, 0o002, 0o001])
def test_a_file_open_to_others_refuses(home: Path, vault: Vault, name: str, bit: int) -> None:
    path = home / "keys" / name
    path.chmod(mode(path) | bit)
    with pytest.raises(UnsafeSetting, match="chmod go="):
        Vault.open(home)


@pytest.mark.parametrize("content", [b"", b"short", os.urandom(31), os.urandom(33), bytes(32), b"changeme" * 4])
def test_a_root_key_of_wrong_length_or_a_known_one_refuses(home: Path, vault: Vault, content: bytes) -> None:
    root = home / "keys/root.key"
    root.chmod(0o600)
    root.write_bytes(content)
    with pytest.raises(UnsafeSetting, match="not 32 random bytes"):
        Vault.open(home)


def test_another_root_key_refuses(home: Path, vault: Vault) -> None:
    Vault.create(home / "other")
    shutil.copy(home / "other/keys/root.key", home / "keys/root.key")
    with pytest.raises(UnsafeSetting, match="another root key"):
        Vault.open(home)


@pytest.mark.parametrize(
    "damage",
    [
        lambda ring: ring["keys"][0].update(check="0" * 16),
        lambda ring: ring["keys"][0].update(wrapped=ring["keys"][1]["wrapped"]),  # a key under another's number
        lambda ring: ring["keys"][0].update(wrapped="00" * 40),
        lambda ring: ring["keys"][0].update(wrapped="00"),
        lambda ring: ring["keys"][0].update(wrapped="zz"),
        lambda ring: ring["keys"][0].update(id=0),
        lambda ring: ring["keys"][0].update(id="1"),
        lambda ring: ring["keys"][0].update(id=65536),
        lambda ring: ring["keys"][0].update(purpose="index"),
        lambda ring: ring["keys"][0].update(state="asleep"),
        lambda ring: ring["keys"][0].pop("check"),
        lambda ring: ring.pop("keys"),
        lambda ring: ring.update(keys=7),
        lambda ring: ring.update(keys=[7]),
    ],
)
def test_a_damaged_ring_refuses(home: Path, vault: Vault, damage: Callable[[dict[str, Any]], Any]) -> None:
    rewrite(home, damage)
    with pytest.raises(UnsafeSetting, match="damaged or belongs to another root key"):
        Vault.open(home)


@pytest.mark.parametrize(
    "damage", [lambda ring: ring["keys"].pop(), lambda ring: ring["keys"][0].update(state="decrypt-only")]
)
def test_a_ring_without_an_active_key_refuses(
    home: Path, vault: Vault, damage: Callable[[dict[str, Any]], Any]
) -> None:
    rewrite(home, damage)
    with pytest.raises(UnsafeSetting, match="not one active key"):
        Vault.open(home)


def test_nothing_printable_shows_a_key(home: Path, vault: Vault) -> None:
    shown = repr((vault, vault.all_keys(), Box(bytes(32)))) + str(vault.all_keys())
    assert not any(entry["wrapped"] in shown for entry in json.loads(ring_file(home).read_text())["keys"])
    with pytest.raises(TypeError):
        pickle.dumps(Box(bytes(32)))


# ── personal data ───────────────────────────────────────────────────────────────────────────────────


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


# ── blind indexes, tokens, quotes, checkpoints ──────────────────────────────────────────────────────


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


# ── rotation ────────────────────────────────────────────────────────────────────────────────────────


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


def test_many_processes_rotate_at_once_and_lose_no_key(home: Path, vault: Vault) -> None:
    first = vault.token_hash("t")
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        ids = pool.map(_rotate, [home] * 12)
    assert sorted(ids) == list(range(6, 18))
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


# ── destruction ─────────────────────────────────────────────────────────────────────────────────────


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


# ── models ──────────────────────────────────────────────────────────────────────────────────────────


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


# ── masks ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        ("phone", PHONE, "138****1234"),
        ("phone", "+8613812341234", "+86138****1234"),
        ("phone", "02112345678", "021****5678"),
        ("phone", "62345678", "****"),
        ("phone", "623456789", "****6789"),
        ("phone", "12345", "****45"),
        ("phone", "1234", "****"),
        ("name", "欧阳娜娜", "欧***"),
        ("name", "张三", "张*"),
        ("name", "张", "*"),
        ("name", "Anna  Smith", "A*** S***"),
        ("card", "6222021234567890", "****7890"),
        ("card", "12345678", "****"),
        ("email", "anna@example.org", "a***@example.org"),
        ("email", "@example.org", "****"),
        ("email", "anna", "****"),
        ("document", "310101199003071234", "310***********1234"),
        ("document", "E1234567", "****67"),
        ("plate", "沪A12345", "沪A***45"),
        ("plate", "沪A1", "****"),
        ("address", "上海市黄浦区南京东路1号", "上海市黄浦区****"),
        ("address", "黄浦区", "****"),
        ("shoe size", "42", "****"),
        ("phone", "", ""),
        ("phone", None, ""),
    ],
)
def test_masks(kind: str, text: str | None, shown: str) -> None:
    assert mask(kind, text) == shown
    assert mask(kind, text, clear=True) == (text or "")


@MANY
@given(
    st.sampled_from(["phone", "card", "document", "plate", "address", "name", "email"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="*"), min_size=1),
)
def test_a_mask_never_shows_the_text(kind: str, text: str) -> None:
    assert mask(kind, text) != text
