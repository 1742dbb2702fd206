"""What all commands share: `--json`, messages, refusals, exit codes, and the open house.

A command is a function that returns an `Outcome`: what it did as data and as a line for a person. With `--json` the
data is the one JSON object on standard output; the lines, and all messages, go to standard error. Nothing prompts.
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.exc import OperationalError, ProgrammingError

from core import i18n, safety, scope
from core.config import Config
from core.db import Actor, UnitOfWork, unit_of_work
from core.errors import AtriumError, NotFound, Refused
from core.house import House, open_house
from core.i18n import Text, _
from core.models import Mall, Store

DONE, FAILED, USAGE, PARTLY = 0, 1, 2, 3
"""Exit codes: done · refused, or a check found something · the command line is wrong · some rows were refused."""

ACTOR = Actor("command", "command line")


@dataclass(frozen=True)
class Outcome:
    """What a command did: `data` for `--json`, `lines` for a person, `code` to exit with."""

    data: Mapping[str, Any]
    lines: Sequence[Text | str] = field(default_factory=tuple)
    code: int = DONE


Tell = Callable[[Outcome], None]
"""Given to a lasting command, to say that it is up."""


def command(
    name: str, help_text: Text, *, group: click.Group | None = None, lasting: bool = False
) -> Callable[..., click.Command]:
    """Make a function that returns an `Outcome` a command with `--json`; options are click's, written below it.

    A `lasting` one (a server) gets `tell` instead, to be called once with what `--json` shows.
    """

    def wrap(function: Callable[..., Any]) -> click.Command:
        @functools.wraps(function)
        def run(*given: Any, as_json: bool, **options: Any) -> None:
            if lasting:
                options["tell"] = functools.partial(_tell, as_json=as_json)
            sys.exit(_run(functools.partial(function, *given, **options), as_json))

        option = click.option("--json", "as_json", is_flag=True, help=str(_("One JSON object on standard output.")))
        made = click.command(name, help=str(help_text))(option(run))
        if group is not None:
            group.add_command(made)
        return made

    return wrap


def option(*names: str, help_text: Text | None = None, **more: Any) -> Callable[..., Any]:
    """A click option whose help is translated."""
    return click.option(*names, help=None if help_text is None else str(help_text), **more)


def message(text: Text | str) -> None:
    """Say something while working, on standard error."""
    click.echo(str(text), err=True)


def _run(work: Callable[[], Outcome | None], as_json: bool) -> int:
    try:
        outcome = work()
    except AtriumError as refusal:
        return _fail(refusal.reason_code, str(refusal.text), as_json=as_json)
    except (OperationalError, ProgrammingError) as error:
        # The two things that go wrong with a database before anything was set up.
        why = str(error.orig).splitlines()[0]
        sentence = _("The database does not answer as it should: %(why)s. Run: python app.py upgrade", why=why)
        return _fail("database", str(sentence), as_json=as_json)
    if outcome is None:
        return DONE
    _tell(outcome, as_json=as_json)
    return outcome.code


def _tell(outcome: Outcome, *, as_json: bool) -> None:
    for line in outcome.lines:
        click.echo(str(line), err=as_json)
    if as_json:
        click.echo(json.dumps(outcome.data, ensure_ascii=False))


def _fail(code: str, sentence: str, *, as_json: bool) -> int:
    message(sentence)
    if as_json:
        click.echo(json.dumps({"error": code, "reason": sentence}, ensure_ascii=False))
    return FAILED


# --- the house ----------------------------------------------------------------------------------------------------


def opened() -> House:
    """The house as the environment describes it; closed when the command ends."""
    config = Config.load()
    config.prepare()
    house = open_house(config)
    click.get_current_context().call_on_close(house.database.dispose)
    safety.check_database(house.database)
    return house


@contextmanager
def working(house: House, why: str) -> Iterator[UnitOfWork]:
    """One unit of work of the command line, which sees everything; `why` stands in the audit trail."""
    with scope.system_scope(why), unit_of_work(house.database, actor=ACTOR) as uow:
        yield uow


def find_mall(uow: UnitOfWork, code: str | None) -> Mall:
    """The mall of that code, or the only one; `NotFound`, `Refused` when a code is needed to choose."""
    malls = uow.session.scalars(select(Mall).where(Mall.code == code) if code else select(Mall)).all()
    if not malls:
        raise NotFound(_("There is no such mall."))
    if len(malls) > 1:
        raise Refused(_("There are several malls: name one with --mall."), code="mall_needed")
    return malls[0]


def find_store(uow: UnitOfWork, code: str, *, mall_code: str | None = None) -> Store:
    """The store of that code, in the mall named or in the only mall that has it."""
    query = select(Store).where(Store.code == code)
    if mall_code:
        query = query.where(Store.mall_id == find_mall(uow, mall_code).id)
    stores = uow.session.scalars(query).all()
    if not stores:
        raise NotFound(_("There is no store %(code)s.", code=code))
    if len(stores) > 1:
        raise Refused(_("There are several malls: name one with --mall."), code="mall_needed")
    return stores[0]


def speak_like(environ: Mapping[str, str]) -> None:
    """Messages in Chinese where the terminal is set to Chinese, otherwise in English."""
    named = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    i18n.set_language("zh" if named.lower().startswith("zh") else "en")
