"""Levers: what an authority can choose, each producing dated changes to a county's parameters."""
