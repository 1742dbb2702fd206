"""The arithmetic of points: pure, exact, floored once.

`earn` what a purchase gives and why · `receipts` what is proposed for a sale and a return · `tenders` points as
payment · `lots` which points go first · `accounts` where to · `figures` how they are written · `words` a rule in words.
"""
