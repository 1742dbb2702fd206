"""Who may sign in, and what they may do where.

`roles` our roles as data · `passwords` what is good enough · `users` the verbs · `signin` name and password · `access`
rights and reach of a user · `sync` writes permissions and roles · `manager` Flask-AppBuilder's end of it.
"""

from core.auth.access import Access, Place
from core.auth.manager import Security
from core.auth.roles import ROLES
from core.auth.signin import TooManyAttempts, sign_in
from core.auth.sync import sync
from core.auth.users import create_user, set_active, set_password, set_reach, set_roles

__all__ = [
    "ROLES",
    "Access",
    "Place",
    "Security",
    "TooManyAttempts",
    "create_user",
    "set_active",
    "set_password",
    "set_reach",
    "set_roles",
    "sign_in",
    "sync",
]
