"""A paper for a Schools Forum, in which every figure can be traced to the run it comes from.

`figures` says what a figure is and gives it a reference code, `gathering` takes figures from results, `catalogue`
finds them, `rounding` and `quoting` put them in words, `refusals` says what must not be printed, `paper` lays them
out for the template, and `converting` makes Word and HTML of it.
"""
