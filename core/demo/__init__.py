"""Receipts to try the suite with: a year of a public data set, and a mall of our own invention. All marked as sample.

`journey` reads the data set and `replay` sends it through the checkout · `stores` are the invented ones, `mall` makes
them with members and past receipts, `shopping` draws baskets, `playing` is tills that never sleep · `catalogue` adds
products in bulk, `wire` is a receipt as a till sends it.
"""
