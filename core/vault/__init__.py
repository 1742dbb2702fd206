"""Keys and everything done with them: sealed personal data, blind indexes, signatures, masks.

`cipher` knows the library · `files` the disk · `keyring` the keys · `safe` is the vault · `sealed` ties it to models ·
`masks` what may be shown. The only room that imports `cryptography`; no database, no web.
"""

from core.vault.cipher import Aad
from core.vault.keyring import Key, Purpose, State
from core.vault.masks import (
    mask,
    mask_address,
    mask_card,
    mask_document,
    mask_email,
    mask_name,
    mask_phone,
    mask_plate,
)
from core.vault.safe import Vault
from core.vault.sealed import Sealed, current, new_uid, use

__all__ = [
    "Aad",
    "Key",
    "Purpose",
    "Sealed",
    "State",
    "Vault",
    "current",
    "mask",
    "mask_address",
    "mask_card",
    "mask_document",
    "mask_email",
    "mask_name",
    "mask_phone",
    "mask_plate",
    "new_uid",
    "use",
]
