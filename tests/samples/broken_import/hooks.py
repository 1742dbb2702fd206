"""Needs something that is not there."""

from a_package_that_nobody_has import everything  # noqa: F401
