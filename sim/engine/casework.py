"""The statutory casework queue: one throughput shared by all needs' assessments, first come first served.

Other needs' requests flow in evenly, so the work ahead of a new request is known in closed form and the queue
costs no events: the backlog grows with inflow and the requests of modelled pupils and shrinks with throughput.
"""

from __future__ import annotations

UNLIMITED = 1e6
"""Throughput, in assessments a day, from which the queue counts as unlimited and never delays."""


class Casework:
    """Backlog of assessments at an instant, and the rates in force since then."""

    def __init__(self) -> None:
        self.backlog = 0.0
        self._at = 0.0
        self._throughput = UNLIMITED
        self._inflow = 0.0

    def set_rates(self, now: float, throughput: float, inflow: float) -> None:
        """Change throughput and the inflow of other needs, both in assessments per school day."""
        self._advance(now)
        self._throughput, self._inflow = throughput, inflow

    def join(self, now: float) -> float:
        """Add one assessment and return the school days until casework reaches it."""
        if self._throughput >= UNLIMITED:
            return 0.0
        self._advance(now)
        delay = self.backlog / self._throughput if self._throughput > 0 else float("inf")
        self.backlog += 1.0
        return delay

    def _advance(self, now: float) -> None:
        self.backlog = max(0.0, self.backlog + (self._inflow - self._throughput) * (now - self._at))
        self._at = now
