"""A wrapper, which pluggy would let run around every other plugin."""

from core.hookspecs import hookimpl


@hookimpl(wrapper=True)
def receipt_rewards(facts):
    return (yield)
