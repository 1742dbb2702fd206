"""`python app.py worker`: deliver events, seal the books, do periodic work."""

from __future__ import annotations

import os
import sys
import threading

from core.cli.base import Outcome, Tell, command, opened, option
from core.cli.companions import end_with_parent
from core.cli.serve import refuse_old_schema
from core.i18n import _
from core.jobs.doorbell import install
from core.jobs.worker import Worker


@command("worker", _("Deliver events, seal the books, do periodic work, until SIGINT or SIGTERM."), lasting=True)
@option("--with-parent", is_flag=True, hidden=True)
def worker(with_parent: bool, tell: Tell) -> None:
    """Run a worker until it is told to stop; run as many as you like, on any machine."""
    house = opened()
    refuse_old_schema(house)
    doorbell = install(house.database, house.config.home, url=house.config.queue_url)
    running = Worker(house, doorbell=doorbell)
    if with_parent:
        threading.Thread(target=end_with_parent, args=(running.halt,), daemon=True).start()
    tell(Outcome({"worker": running.name}, [_("Worker %(name)s is running.", name=running.name)]))
    code = running.run()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit: a job that is still in the middle of something must not keep the process past its ten seconds.
    os._exit(code)
