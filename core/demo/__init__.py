"""Receipts to try the suite with: a year of a public data set, and a mall of our own invention. All marked as sample.

`journey` reads the data set · `replay` sends it through the checkout · `catalogue` makes its products · `mall` makes
the demo's mall · `playing` is its tills, which never sleep.
"""
