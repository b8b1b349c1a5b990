"""How fast the model is, and against what: `python -m tests.benchmarks` measures, `--output FILE` writes the page.

Not part of the test suite: nothing here fails on a slow machine. Every figure comes from a run in a process of its
own, contenders take turns within one run, and what contenders do is compared before it is timed.
"""
