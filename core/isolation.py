"""The one place beside the host that catches everything: where one piece of work must not stop the next."""

from __future__ import annotations

import logging
from collections.abc import Callable

from core.errors import AtriumError

log = logging.getLogger(__name__)
LONGEST = 2000


def attempt(what: str, work: Callable[[], object]) -> str:
    """Do `work`; "" when it went well, otherwise what went wrong, for the row that keeps it.

    For rows of the outbox, periodic jobs and the worker's own loops: a fault in one, of whatever kind, is written
    down and tried again, and the others go on. A refusal is logged in one line, anything unforeseen with its place.
    """
    try:
        work()
    except AtriumError as error:
        reason = f"{type(error).__name__}: {error} {error.facts or ''}".rstrip()
        log.warning("%s: %s", what, reason)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        log.exception("%s failed", what)
    else:
        return ""
    return reason[:LONGEST]
