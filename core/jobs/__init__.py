"""Periodic work and the worker that does it.

`crontab` knows when a job is due · `runs` does what is due, once wherever workers run · `chores` are the core's own ·
`doorbell` wakes workers (Huey) · `worker` is the process with its loops. What has to be done stands in the database,
never in the queue.
"""

from core.jobs.crontab import Job, last_due
from core.jobs.runs import Due, overdue, run_due, sweep

__all__ = ["Due", "Job", "last_due", "overdue", "run_due", "sweep"]
