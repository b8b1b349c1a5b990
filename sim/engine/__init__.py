"""The engine: clock, places, waiting lists, budgets of chance and the journal of facts."""
