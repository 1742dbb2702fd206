"""The vault: every use of a key, behind a verb."""

from __future__ import annotations

import base64
import hmac
import os
from functools import lru_cache
from pathlib import Path
from typing import Self

from core.errors import KeyDestroyed, UnsafeSetting
from core.i18n import _
from core.vault import cipher, keyring
from core.vault.cipher import Aad, Box
from core.vault.keyring import Key, KeyStore, Purpose

PERSON_KEYS_KEPT = 4096
DERIVED_KEYS_KEPT = 4096


class Vault:
    """All keys of one installation, from the folder `keys` of its home.

    `Purpose` names are accepted as text. What another process rotates is seen at the next call.
    """

    def __init__(self, store: KeyStore) -> None:
        self._store = store
        # Bounded, so that a long-lived process does not end up holding every person's key in clear.
        self._box = lru_cache(PERSON_KEYS_KEPT)(self._unlock)
        self._mac = lru_cache(DERIVED_KEYS_KEPT)(self._derived_mac)

    # ── opening ─────────────────────────────────────────────────────────────────────────────────────

    @classmethod
    def create(cls, home: Path) -> Self:
        """Make `home/keys` with random keys and open it; `UnsafeSetting` when there are keys already."""
        folder = home / "keys"
        if not keyring.make(folder):
            raise UnsafeSetting(_("%(path)s exists already; its keys are not replaced.", path=str(folder)))
        return cls(KeyStore(folder))

    @classmethod
    def open(cls, home: Path) -> Self:
        """Open `home/keys`; `UnsafeSetting` when a file is missing, damaged, of another set, or open to others."""
        return cls(KeyStore(home / "keys"))

    @classmethod
    def open_or_create(cls, home: Path) -> Self:
        """Open `home/keys`, made first when there is no such folder. Safe when two processes start at once."""
        if not (home / "keys").exists():
            keyring.make(home / "keys")
        return cls.open(home)

    # ── personal data ───────────────────────────────────────────────────────────────────────────────

    def new_person_key(self) -> bytes:
        """A fresh key for one person (or card batch), wrapped: 44 bytes to store beside them.

        Deleting these bytes everywhere makes all that was sealed with them unreadable for good.
        """
        return self._wrap_person_key(os.urandom(cipher.KEY_BYTES))

    def seal(self, text: str, *, aad: Aad, key: bytes) -> bytes:
        """`text` encrypted for the place `aad` under the person's `key`: its UTF-8 bytes and 30 more."""
        return self._box(key).seal(text, aad)

    def open_sealed(self, blob: bytes, *, aad: Aad, key: bytes) -> str:
        """The text of `seal`; `Tampered` when moved or changed, `KeyDestroyed` when the person was erased."""
        return self._box(key).open(blob, aad)

    def rewrap(self, person_key: bytes) -> bytes:
        """The same person's key under the active key, the same bytes when it is there already."""
        key_id = cipher.wrapping_key_id(person_key)
        if key_id == self._store.active(Purpose.PII):
            return person_key
        return self._wrap_person_key(cipher.unpack_person_key(person_key, self._store.secret(key_id)))

    def _wrap_person_key(self, key: bytes) -> bytes:
        key_id = self._store.active(Purpose.PII)
        return cipher.pack_person_key(key, under=self._store.secret(key_id), key_id=key_id)

    def _unlock(self, person_key: bytes) -> Box:
        if not person_key:
            raise KeyDestroyed
        under = self._store.secret(cipher.wrapping_key_id(person_key))
        return Box(cipher.unpack_person_key(person_key, under))

    # ── look-up ─────────────────────────────────────────────────────────────────────────────────────

    def index(self, text: str, *, mall: int, field: str) -> bytes:
        """The blind index of `text`, 32 bytes: equal only for equal text in the same mall and field.

        The caller brings the text to its normal form first (phones to E.164, e-mail to lower case).
        """
        return self._digest(Purpose.INDEX, ("index", str(mall), field), data=text.encode())

    def indexes(self, text: str, *, mall: int, field: str) -> tuple[bytes, ...]:
        """Every blind index the text may have been stored under, the newest key first; more than one after rotation."""
        return self._digests(Purpose.INDEX, ("index", str(mall), field), data=text.encode())

    def tail(self, text: str, *, mall: int, field: str) -> bytes:
        """The blind index of the last four characters, 8 bytes; many rows share one."""
        return self._digest(Purpose.INDEX, ("tail", str(mall), field), data=text[-4:].encode())[:8]

    def tails(self, text: str, *, mall: int, field: str) -> tuple[bytes, ...]:
        """Every tail the text may have been stored under, the newest key first."""
        digests = self._digests(Purpose.INDEX, ("tail", str(mall), field), data=text[-4:].encode())
        return tuple(digest[:8] for digest in digests)

    def token_hash(self, token: str) -> bytes:
        """What is stored of an API token, 32 bytes."""
        return self._digest(Purpose.TOKEN, ("api token",), data=token.encode())

    def token_hashes(self, token: str) -> tuple[bytes, ...]:
        """Every hash the token may have been stored under, the newest key first."""
        return self._digests(Purpose.TOKEN, ("api token",), data=token.encode())

    # ── signatures ──────────────────────────────────────────────────────────────────────────────────

    def sign_quote(self, data: bytes) -> str:
        """A short ASCII signature of a quote's bytes, for `check_quote`."""
        key_id = self._store.active(Purpose.TOKEN)
        mac = self._keyed(key_id, ("quote",), data=data)
        return f"{key_id}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"

    def check_quote(self, data: bytes, signature: str) -> bool:
        """Whether `sign_quote` made this signature for these bytes, also before a rotation."""
        for key_id in self._store.ring().living[Purpose.TOKEN]:
            mac = base64.urlsafe_b64encode(self._keyed(key_id, ("quote",), data=data)).decode().rstrip("=")
            if hmac.compare_digest(f"{key_id}.{mac}".encode(), signature.encode(errors="replace")):
                return True
        return False

    def sign_checkpoint(self, data: bytes, *, key_id: int | None = None) -> bytes:
        """The Ed25519 signature of a checkpoint message, 64 bytes; by the active key unless one is named."""
        return cipher.sign(self._store.secret(key_id or self._store.active(Purpose.CHECKPOINT)), data)

    def checkpoint_public_key(self) -> bytes:
        """The 32 bytes that check signatures made now; kept elsewhere by whoever verifies the books."""
        return self.checkpoint_public_keys()[0]

    def checkpoint_public_keys(self) -> tuple[bytes, ...]:
        """The public keys of all checkpoints, the active one first."""
        ring = self._store.ring()
        return tuple(cipher.public_key(ring.secrets[key_id]) for key_id in ring.living[Purpose.CHECKPOINT])

    def checkpoint_keys(self) -> dict[int, bytes]:
        """The public key of every checkpoint key by its id, the active one first."""
        return dict(zip(self._store.ring().living[Purpose.CHECKPOINT], self.checkpoint_public_keys(), strict=True))

    def web_secret(self) -> str:
        """Flask's SECRET_KEY: 64 hexadecimal digits."""
        return self.web_secrets()[0]

    def web_secrets(self) -> tuple[str, ...]:
        """The active web secret, then those for Flask's SECRET_KEY_FALLBACKS."""
        ring = self._store.ring()
        return tuple(cipher.derive(ring.secrets[key_id], "flask").hex() for key_id in ring.living[Purpose.WEB])

    # ── the ring ────────────────────────────────────────────────────────────────────────────────────

    def all_keys(self) -> tuple[Key, ...]:
        """Every key ever made, with purpose, state and time, for a screen or a list."""
        return tuple(self._store.ring().keys.values())

    def rotate(self, purpose: str) -> int:
        """Make a new active key and return its id; the old one still reads.

        Rows are moved to it in the background: `pii` by `rewrap`, `index` and `token` by computing them again.
        """
        return self._store.rotate(Purpose(purpose))

    def destroy(self, key_id: int) -> None:
        """Forget an old key for good; do this only after no row needs it. `Refused` for an active key."""
        self._store.destroy(key_id)
        self.forget()

    def forget(self) -> None:
        """Drop every unwrapped key of a person from memory."""
        self._box.cache_clear()
        self._mac.cache_clear()

    # ── keyed hashes ────────────────────────────────────────────────────────────────────────────────

    def _digest(self, purpose: Purpose, use: tuple[str, ...], *, data: bytes) -> bytes:
        return self._keyed(self._store.active(purpose), use, data=data)

    def _digests(self, purpose: Purpose, use: tuple[str, ...], *, data: bytes) -> tuple[bytes, ...]:
        return tuple(self._keyed(key_id, use, data=data) for key_id in self._store.ring().living[purpose])

    def _keyed(self, key_id: int, use: tuple[str, ...], *, data: bytes) -> bytes:
        mac = self._mac(key_id, use).copy()
        mac.update(data)
        return mac.digest()

    def _derived_mac(self, key_id: int, use: tuple[str, ...]) -> hmac.HMAC:
        return hmac.new(cipher.derive(self._store.secret(key_id), *use), digestmod="sha256")
