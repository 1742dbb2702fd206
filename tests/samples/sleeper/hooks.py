"""Its one hook."""

import time

from core import hookimpl


@hookimpl
def receipt_rewards(facts):
    while any(line.sku == "SLEEP" for line in facts.receipt.lines):
        time.sleep(1)
    return ()
