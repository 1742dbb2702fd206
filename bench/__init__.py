"""What the suite costs, as ratios to floors measured in the same minutes on the same machine.

`python -m bench` runs everything and prints one table, `python -m bench http batch …` only some. Absolute figures do
not travel between machines, ratios do. Needs the floors beside the checkout, in ../shared/bench.
"""
