"""The ciphers, and the only file that knows the library `cryptography`. Bytes in, bytes out, no state.

Formats (all numbers big-endian):

* sealed text    version 1 · algorithm 1 (AES-256-GCM) · nonce 12 bytes · ciphertext with its 16-byte tag
* person key     version 1 · algorithm 1 (AES key wrap, RFC 3394) · key id 2 bytes · wrapped key 40 bytes

The algorithm byte leaves room for another cipher beside the old one, without a change of meaning.
"""

from __future__ import annotations

import hmac
import os
import struct
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from core.errors import Tampered

KEY_BYTES = 32
UID_BYTES = 16
_NONCE_BYTES = 12
_TAG_BYTES = 16
_SEALED = bytes((1, 1))
_WRAPPED = struct.Struct(">BBH40s")


@dataclass(frozen=True, slots=True)
class Aad:
    """Where a sealed text belongs: mall, table, column and the row's random 128-bit uid.

    Its bytes are `mall|table|column|uid|key id`: the mall in decimal, uid and key id in lowercase hexadecimal. No part
    can hold the separator, so two places never share a form. `key id` is the fingerprint of the person's key, which
    stays the same when that key is wrapped anew.
    """

    mall: int
    table: str
    column: str
    uid: bytes

    def __post_init__(self) -> None:
        if type(self.mall) is not int or type(self.uid) is not bytes or len(self.uid) != UID_BYTES:
            raise ValueError("a sealed text needs its row's mall_id and 16-byte uid first")
        if "|" in self.table or "|" in self.column:
            raise ValueError("names of tables and columns cannot hold '|'")

    def pack(self, key_id: str) -> bytes:
        """The bytes that the cipher binds a text to."""
        return f"{self.mall}|{self.table}|{self.column}|{self.uid.hex()}|{key_id}".encode()


class Box:
    """One unwrapped 256-bit key, ready to seal and open. Never printed, never pickled."""

    __slots__ = ("_aead", "key_id")

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)
        self.key_id = hmac.digest(key, b"atrium person key id", "sha256")[:8].hex()

    def __reduce__(self) -> str:
        raise TypeError("a key is not pickled")

    def seal(self, text: str, aad: Aad) -> bytes:
        """`text` encrypted under a fresh random nonce, bound to its place."""
        nonce = os.urandom(_NONCE_BYTES)
        return _SEALED + nonce + self._aead.encrypt(nonce, text.encode(), aad.pack(self.key_id))

    def open(self, blob: bytes, aad: Aad) -> str:
        """The text again; `Tampered` when the bytes were changed, or made for another row, column, mall or key."""
        if blob[:2] != _SEALED or len(blob) < len(_SEALED) + _NONCE_BYTES + _TAG_BYTES:
            raise Tampered(table=aad.table, column=aad.column)
        try:
            return self._aead.decrypt(blob[2:14], blob[14:], aad.pack(self.key_id)).decode()
        except InvalidTag:
            raise Tampered(table=aad.table, column=aad.column) from None


def derive(key: bytes, *info: str) -> bytes:
    """A 256-bit key for one use: HKDF-SHA256; each part of `info` goes in with its length before it."""
    parts = [part.encode() for part in ("atrium 1", *info)]
    packed = b"".join(len(part).to_bytes(2, "big") + part for part in parts)
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=packed).derive(key)


def wrap(key: bytes, under: bytes) -> bytes:
    """`key` (32 bytes) wrapped under another: 40 bytes, AES-KW."""
    return aes_key_wrap(under, key)


def unwrap(wrapped: bytes, under: bytes) -> bytes:
    """The 32-byte key again; `Tampered` when the bytes were changed or wrapped under another key."""
    try:
        return aes_key_unwrap(under, wrapped)
    except (InvalidUnwrap, ValueError):
        raise Tampered from None


def pack_person_key(key: bytes, *, under: bytes, key_id: int) -> bytes:
    """A person's key as it is stored beside the person: 44 bytes, naming the key that wraps it."""
    return _WRAPPED.pack(1, 1, key_id, wrap(key, under))


def wrapping_key_id(person_key: bytes) -> int:
    """Which key of the ring wraps this person's key; `Tampered` when it has no such form."""
    if len(person_key) != _WRAPPED.size or person_key[:2] != _SEALED:
        raise Tampered
    return int.from_bytes(person_key[2:4], "big")


def unpack_person_key(person_key: bytes, under: bytes) -> bytes:
    """The person's key in clear, 32 bytes."""
    return unwrap(person_key[4:], under)


def sign(seed: bytes, data: bytes) -> bytes:
    """Ed25519 signature of `data`: 64 bytes."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign(data)


def public_key(seed: bytes) -> bytes:
    """The 32 bytes that check what `sign` made."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
