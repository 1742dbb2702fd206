"""The arithmetic of points: pure, exact, floored once.

`earn` what a purchase gives and a return takes back · `lots` which points are used first · `accounts` where they are booked.
"""
