"""Who may call a screen's method, and what a screen can do to its records."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import abort, redirect, request, url_for
from flask_login import current_user

from core.admin.request import here
from core.i18n import Text

Method = Callable[..., Any]


def signed_in(method: Method) -> Method:
    """For everyone who is signed in; a guest is sent to the sign-in page and comes back from there."""

    @functools.wraps(method)
    def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
        return method(self, *args, **kwargs) if current_user.is_authenticated else to_sign_in()

    return guarded


def allowed(method: Method) -> Method:
    """For those who have the permission `can_<method>` on the view's noun."""
    name = getattr(method, "_permission_name", method.__name__)

    @functools.wraps(method)
    def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not current_user.is_authenticated:
            return to_sign_in()
        require(self, name)
        return method(self, *args, **kwargs)

    guarded._permission_name = name  # type: ignore[attr-defined]  # Flask-AppBuilder collects the view's methods by it
    return guarded


def require(view: Any, name: str) -> None:
    """403 unless the user may do this on the view's noun."""
    if not here().may(f"can_{name}", view.class_permission_name):
        abort(403)


def to_sign_in() -> Any:
    """To the sign-in page, and back to what was asked for when that was only looking."""
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("SignIn.login", next=wanted if wanted != "/" else None))


@dataclass(frozen=True, slots=True)
class Deed:
    """Something done to one or several records by a button: always a POST, in one unit of work.

    `ask` is the question before it; `why` asks for a reason too. `many` offers it for chosen rows of the list.
    """

    name: str
    text: Text
    ask: Text | None
    why: bool
    many: bool
    method: Method


def deed(text: Text, *, ask: Text | None = None, why: bool = False, many: bool = False) -> Callable[[Method], Method]:
    """Make a method `(self, uow, *, rows, reason)` a button of the view, under the permission `can_<its name>`.

    It returns what to tell the user, or a whole response. Rows that the user may not see never reach it.
    """

    def mark(method: Method) -> Method:
        method.deed = Deed(method.__name__, text, ask, why, many, method)  # type: ignore[attr-defined]
        method._permission_name = method.__name__  # type: ignore[attr-defined]
        return method

    return mark
