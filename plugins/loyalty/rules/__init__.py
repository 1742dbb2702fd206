"""The arithmetic of points: pure, exact, floored once.

`receipts` what is proposed · `earn` what a purchase gives · `lots` which points go first · `accounts` where to.
"""
