"""What every HTTP endpoint shares: strict JSON in, problems out, the till behind a key, the gate, the description.

`body` reads JSON · `fields` reads typed members out of it · `problem` says no · `bearer` finds the till ·
`gate` hides what is switched off · `openapi` describes it all.
"""

from core.api.bearer import find_till, known_now, till, within
from core.api.body import BATCH_LIMIT, BODY_LIMIT, canonical, read_json
from core.api.fields import Fields, refuse
from core.api.install import install, send
from core.api.openapi import Description, describe, refusals
from core.api.problem import language_of, problem

__all__ = [
    "BATCH_LIMIT",
    "BODY_LIMIT",
    "Description",
    "Fields",
    "canonical",
    "describe",
    "find_till",
    "install",
    "known_now",
    "language_of",
    "problem",
    "read_json",
    "refusals",
    "refuse",
    "send",
    "till",
    "within",
]
