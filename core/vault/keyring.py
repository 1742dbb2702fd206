"""The ring of keys: what each is for, whether it still makes new things, and its bytes under the root key.

On disk, in `ATRIUM_HOME/keys`: `root.key`, 32 random bytes (mode 0400), and `keyring.json` (mode 0600), which holds no
key in clear. Both are needed; neither is ever in the database or in its backup.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from core import clock
from core.errors import KeyDestroyed, Refused, Tampered, UnsafeSetting
from core.i18n import Text, _
from core.vault import cipher, files

ROOT, RING = "root.key", "keyring.json"
_DAMAGED = _("The key ring is damaged or belongs to another root key. Restore the folder of keys from its backup.")
_INCOMPLETE = _("The key ring has not one active key for each purpose. Restore the folder of keys from its backup.")
_WEAK = _("The root key is not 32 random bytes. Restore the folder of keys from its backup.")


class Purpose(StrEnum):
    """What a key is for; a key is never used for anything else."""

    PII = "pii"  # wraps the key of each person
    INDEX = "index"  # exact look-up of sealed text
    CHECKPOINT = "checkpoint"  # signs the sealed books
    TOKEN = "token"  # noqa: S105 # hashes of tills' tokens, signatures of quotes
    WEB = "web"  # signs cookies and forms


class State(StrEnum):
    """A purpose has one active key; older ones still read; a destroyed one is only remembered."""

    ACTIVE = "active"
    DECRYPT_ONLY = "decrypt-only"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of the ring. `created` is ISO 8601 in UTC; `check` and `wrapped` are hexadecimal."""

    id: int
    purpose: Purpose
    state: State
    created: str
    check: str
    wrapped: str = field(repr=False)


class Ring:
    """The keys at one moment, unwrapped; never changed, only replaced by the next one."""

    def __init__(self, keys: Mapping[int, Key], secrets: Mapping[int, bytes]) -> None:
        self.keys = keys
        self.secrets = secrets
        living = sorted(secrets, key=lambda key_id: (keys[key_id].state is not State.ACTIVE, -key_id))
        self.living = {p: tuple(k for k in living if keys[k].purpose is p) for p in Purpose}

    @classmethod
    def read(cls, content: bytes, root: bytes) -> Ring:
        """Parse and check a key ring file; `UnsafeSetting` when it is damaged or belongs to another root key."""
        try:
            keys = {entry["id"]: _entry(entry) for entry in json.loads(content)["keys"]}
            secrets = {key.id: _unwrap(key, root) for key in keys.values() if key.state is not State.DESTROYED}
        except (ValueError, KeyError, TypeError, Tampered):
            raise UnsafeSetting(_DAMAGED) from None
        for purpose in Purpose:
            if sum(key.purpose is purpose and key.state is State.ACTIVE for key in keys.values()) != 1:
                raise UnsafeSetting(_INCOMPLETE)
        return cls(keys, secrets)


def written(keys: Mapping[int, Key]) -> bytes:
    """The content of a key ring file."""
    entries = [
        {
            "id": key.id,
            "purpose": key.purpose.value,
            "state": key.state.value,
            "created": key.created,
            "check": key.check,
            "wrapped": key.wrapped,
        }
        for key in keys.values()
    ]
    return json.dumps({"version": 1, "keys": entries}, indent=1).encode()


def new_key(key_id: int, purpose: Purpose, *, root: bytes) -> Key:
    """A fresh random key, active."""
    secret = os.urandom(cipher.KEY_BYTES)
    created = clock.now().isoformat(timespec="seconds")
    check = _check_value(secret, key_id=key_id, purpose=purpose)
    return Key(key_id, purpose, State.ACTIVE, created, check, cipher.wrap(secret, root).hex())


def make(folder: Path) -> bool:
    """Make a folder with a random root key and one key for each purpose; False when it stands already."""
    root = os.urandom(cipher.KEY_BYTES)
    keys = {number: new_key(number, purpose, root=root) for number, purpose in enumerate(Purpose, start=1)}
    return files.make_folder(folder, {ROOT: (root, 0o400), RING: (written(keys), 0o600)})


class KeyStore:
    """The ring of one folder, kept up to date with what other processes do to it."""

    def __init__(self, folder: Path) -> None:
        files.check_private(folder)
        self._folder = folder
        self._path = folder / RING
        self._name = str(self._path)  # `stat` of a text is quicker, and it runs for each look-up
        self._root = files.read_private(folder / ROOT)
        if len(self._root) != cipher.KEY_BYTES or len(set(self._root)) < 8:
            raise UnsafeSetting(_WEAK)
        self._seen = self._load()

    def _load(self) -> tuple[tuple[int, ...], Ring]:
        files.check_private(self._path)
        stamp = files.stamp(self._path)  # before reading: a change in between is seen at the next look
        return stamp, Ring.read(self._path.read_bytes(), self._root)

    def ring(self) -> Ring:
        """The ring as it is on disk now (one `stat`)."""
        if files.stamp(self._name) != self._seen[0]:
            self._seen = self._load()
        return self._seen[1]

    def active(self, purpose: Purpose) -> int:
        """The id of the key that makes new things for this purpose."""
        return self.ring().living[purpose][0]

    def secret(self, key_id: int) -> bytes:
        """The key's bytes; `KeyDestroyed`, or `UnsafeSetting` for an id that is not on the ring, on disk either."""
        ring = self._seen[1]
        if key_id not in ring.secrets:
            ring = self.ring()  # perhaps another process has just made it
        if key_id in ring.secrets:
            return ring.secrets[key_id]
        if key_id in ring.keys:
            raise KeyDestroyed
        raise UnsafeSetting(_unknown(key_id))

    def rotate(self, purpose: Purpose) -> int:
        """Give the purpose a new active key; the one before can only read from now on. Returns the new id."""
        with files.locked(self._folder):
            keys = dict(self.ring().keys)
            old = keys[self.active(purpose)]
            new = new_key(max(keys) + 1, purpose, root=self._root)
            keys |= {old.id: replace(old, state=State.DECRYPT_ONLY), new.id: new}
            self._save(keys)
        return new.id

    def destroy(self, key_id: int) -> None:
        """Forget a key for good. Everything only it could read is lost; `Refused` for an active one."""
        with files.locked(self._folder):
            keys = dict(self.ring().keys)
            if key_id not in keys:
                raise UnsafeSetting(_unknown(key_id))
            if keys[key_id].state is State.ACTIVE:
                raise Refused(_("Key %(id)s is in use. Rotate it first.", id=key_id))
            keys[key_id] = replace(keys[key_id], state=State.DESTROYED, wrapped="")
            self._save(keys)

    def _save(self, keys: Mapping[int, Key]) -> None:
        files.replace(self._path, written(keys))
        self._seen = self._load()


def _entry(entry: Mapping[str, object]) -> Key:
    number = entry["id"]
    if type(number) is not int or not 0 < number < 2**16:
        raise ValueError(number)
    texts = [str(entry[name]) for name in ("created", "check", "wrapped")]
    return Key(number, Purpose(str(entry["purpose"])), State(str(entry["state"])), *texts)


def _unwrap(key: Key, root: bytes) -> bytes:
    secret = cipher.unwrap(bytes.fromhex(key.wrapped), root)
    if _check_value(secret, key_id=key.id, purpose=key.purpose) != key.check:
        raise Tampered(key=key.id)
    return secret


def _check_value(secret: bytes, *, key_id: int, purpose: Purpose) -> str:
    """Eight bytes that show a wrong key, and a key put under another number or purpose."""
    return hmac.digest(secret, f"atrium key check|{key_id}|{purpose}".encode(), "sha256")[:8].hex()


def _unknown(key_id: int) -> Text:
    return _("Key %(id)s is not on the key ring. Restore the folder of keys that belongs to this database.", id=key_id)
