"""What people do with the core's own records: verbs, keyword-only, inside a unit of work, never committing.

`places` makes and closes malls and stores · `people` enrols members, gives them cards, changes their phone ·
`tills` registers tills and makes and ends their keys.
"""

from core.services.people import Person, change_phone, enrol_member, issue_card, retire_card
from core.services.places import NewStore, close_store, create_mall, create_store, reopen_store
from core.services.tills import create_till, import_till, revoke_till, rotate_key, set_clock_skew, till_of

__all__ = [
    "NewStore",
    "Person",
    "change_phone",
    "close_store",
    "create_mall",
    "create_store",
    "create_till",
    "enrol_member",
    "import_till",
    "issue_card",
    "reopen_store",
    "retire_card",
    "revoke_till",
    "rotate_key",
    "set_clock_skew",
    "till_of",
]
