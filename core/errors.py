"""Refusals with a name: each has a stable `code` for machines, an HTTP `status`, and a sentence for a person.

One handler turns them into `application/problem+json` for a till or a message on a screen.
"""

from __future__ import annotations

from typing import Any, ClassVar

from core.i18n import Text, _


class AtriumError(Exception):
    """The base of everything the suite says no with."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    sentence: ClassVar[Text] = _("Something went wrong on our side.")

    def __init__(self, sentence: Text | None = None, *, code: str | None = None, **facts: Any) -> None:
        self.text = sentence or self.sentence
        self.reason_code = code or self.code
        self.facts = facts
        super().__init__(self.text.into("en"))


class NotFound(AtriumError):
    """The thing does not exist, or not for this user."""

    code, status, sentence = "not_found", 404, _("There is no such record.")


class Unauthorized(AtriumError):
    """No valid credential came with the request."""

    code, status, sentence = "unauthorized", 401, _("The key is missing, unknown or revoked.")


class Forbidden(AtriumError):
    """The credential is valid, but not for this."""

    code, status, sentence = "forbidden", 403, _("You are not allowed to do this.")


class Invalid(AtriumError):
    """The request says something that cannot be."""

    code, status, sentence = "invalid", 422, _("The request is not valid.")


class Malformed(AtriumError):
    """The request cannot be read at all."""

    code, status, sentence = "malformed", 400, _("The request cannot be read.")


class Refused(AtriumError):
    """The request is clear, and the answer is no."""

    code, status, sentence = "refused", 409, _("This is refused.")


class Conflict(AtriumError):
    """The same key was used for something else, or someone was faster too often."""

    code, status, sentence = "conflict", 409, _("Someone else changed this at the same moment. Please try again.")


class NotEnough(Refused):
    """An account would fall below its floor."""

    code, sentence = "not_enough", _("There is not enough on this account.")


class BrokenPlugin(AtriumError):
    """A plugin raised, hung, or returned what it must not. `facts` name it."""

    code, status, sentence = "broken_plugin", 503, _("A module has failed.")


class UnsafeSetting(AtriumError):
    """The suite refuses to start: the sentence says how to mend it."""

    code, sentence = "unsafe_setting", _("A setting is not safe.")


class Tampered(AtriumError):
    """Stored bytes do not belong where they stand."""

    code, sentence = "tampered", _("Stored data does not verify.")


class KeyDestroyed(AtriumError):
    """The key to this text was destroyed, for good: the person was erased, or an old key was retired."""

    code, status, sentence = "key_destroyed", 410, _("This can no longer be read: its key was destroyed.")


class Miss(Exception):
    """Someone was faster: a condition of the write did not hold, and nothing was written."""
