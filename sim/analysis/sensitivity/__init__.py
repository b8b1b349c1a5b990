"""Which assumptions drive an answer, how sure the ranking of scenarios is, and what more evidence would be worth."""
