"""What a panel has before it: the cases that wait for a hearing, and what it remembers of those it has heard."""

from __future__ import annotations

from collections.abc import Callable


class CaseList:
    """The cases of one panel, by pupil id; instants are on the model clock.

    `since` holds who waits for a hearing, by the instant from which they count as waiting; `route_due` when the
    route after their latest suspension is drawn; `followed` from when until when a case that was heard is
    followed; `fair_access` the decisions left to the panel: each returns whether a school is found.
    """

    __slots__ = ("fair_access", "followed", "route_due", "since")

    def __init__(self) -> None:
        self.since: dict[int, float] = {}
        self.route_due: dict[int, float] = {}
        self.followed: dict[int, tuple[float, float]] = {}
        self.fair_access: dict[int, Callable[[], bool]] = {}

    def drop(self, pupil_id: int) -> None:
        """Take a case off the list."""
        del self.since[pupil_id]
        self.route_due.pop(pupil_id, None)
