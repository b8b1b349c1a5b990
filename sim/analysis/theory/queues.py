"""What queueing theory says of one provision: Poisson arrivals, exponential stays, a limited number of places.

Times are in any one unit, called days here; arrivals are per day. `offered` load is arrivals times mean stay: the
mean roll if places had no limit. Every formula is for the steady state, except `after_changes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import expm_multiply
from scipy.special import expit, logit

Floats = NDArray[np.float64]

_STANDARD_DEVIATIONS = 10.0
_TERMS_MORE = 60


def share_turned_away(arrivals: float, mean_stay: float, places: int) -> float:
    """Return the share of pupils who find no place when nobody waits (Erlang B).

    The recursion over places adds positive numbers only, so it is accurate for any number of them. It holds for
    stays of any distribution with this mean.

    Source: Erlang (1917); the recursion in Jagerman (1974), Bell System Technical Journal 53, 525-551.
    """
    offered = arrivals * mean_stay
    share = 1.0
    for place in range(1, places + 1):
        share = offered * share / (place + offered * share)
    return share


def chance_of_waiting(arrivals: float, mean_stay: float, places: int) -> float:
    """Return the chance that a pupil must wait for a place (Erlang C); ValueError unless places exceed the load.

    Source: Erlang (1917); from Erlang B as in Cooper (1981), Introduction to Queueing Theory, chapter 3.
    """
    busy = _load(arrivals, mean_stay, places)
    away = share_turned_away(arrivals, mean_stay, places)
    return away / (1.0 - busy * (1.0 - away))


def mean_wait(arrivals: float, mean_stay: float, places: int) -> float:
    """Return the mean wait in days over all pupils, those who need not wait included (Erlang C).

    Source: as `chance_of_waiting`.
    """
    return chance_of_waiting(arrivals, mean_stay, places) / (places / mean_stay - arrivals)


def chance_of_waiting_longer(days: float, arrivals: float, mean_stay: float, places: int) -> float:
    """Return the chance that a pupil waits longer than `days`, first come first served (Erlang C).

    Source: as `chance_of_waiting`; who waits at all waits for an exponential time.
    """
    return chance_of_waiting(arrivals, mean_stay, places) * float(np.exp(-(places / mean_stay - arrivals) * days))


def mean_wait_by_class(arrivals_by_class: Sequence[float], mean_stay: float, places: int) -> Floats:
    """Return the mean wait in days of each class, best class first; nobody loses a place to a better class.

    All classes stay for times of one exponential distribution.

    Source: Cobham (1954), Operations Research 2, 70-76, equation for several channels.
    """
    arrivals = float(sum(arrivals_by_class))
    until_vacancy = chance_of_waiting(arrivals, mean_stay, places) * mean_stay / places
    left = 1.0 - np.cumsum([0.0, *arrivals_by_class]) * mean_stay / places
    found: Floats = until_vacancy / (left[:-1] * left[1:])
    return found


@dataclass(frozen=True)
class GivingUp:
    """Erlang A in the steady state.

    Attributes
    ----------
    must_wait : chance that a pupil finds no place on arrival.
    share : share of all pupils who give up while waiting.
    mean_wait : days, over all pupils, those who need not wait and those who give up included.
    mean_waiting : mean number of pupils waiting; mean_roll : mean number in a place.
    """

    must_wait: float
    share: float
    mean_wait: float
    mean_waiting: float
    mean_roll: float


def giving_up(arrivals: float, mean_stay: float, places: int, mean_patience: float) -> GivingUp:
    """Return what happens when each waiting pupil gives up after an exponential time of their own (Erlang A).

    Given that all places are taken, the chance that k wait is in proportion to the product of
    arrivals / (places / stay + j / patience) over j = 1..k. The terms are summed as logarithms until what is
    left out is below 1e-20 of the sum: ten standard deviations beyond the largest.

    Source: Palm (1957), Tele 1, 1-107; Garnett, Mandelbaum and Reiman (2002), Manufacturing and Service Operations
    Management 4, 208-227.
    """
    x, y = places * mean_patience / mean_stay, arrivals * mean_patience
    most = int(max(0.0, y - x) + _STANDARD_DEVIATIONS * np.sqrt(max(x, y)) + _TERMS_MORE)
    logs = np.cumsum([0.0, *np.log(y / (x + np.arange(1, most)))])
    terms = np.exp(logs - logs.max())
    away = share_turned_away(arrivals, mean_stay, places)
    if away <= 0.0:  # below what a float can hold
        return GivingUp(0.0, 0.0, 0.0, 0.0, arrivals * mean_stay)
    must_wait = float(expit(logit(away) + np.log(terms.sum()) + logs.max()))
    waiting = must_wait * float(np.arange(most) @ terms / terms.sum())
    share = waiting / y
    return GivingUp(must_wait, share, waiting / arrivals, waiting, (1.0 - share) * arrivals * mean_stay)


@dataclass(frozen=True)
class Transient:
    """Chances of every state at some instants.

    Attributes
    ----------
    at : the instants in days, shape (T,).
    chances : chance that `roll` pupils are in a place and `waiting` wait, shape (T, roll, waiting).
    missing : chance, by each instant, of a path that was cut off; every chance is wrong by at most this.
    """

    at: Floats
    chances: Floats
    missing: Floats

    @property
    def mean_roll(self) -> Floats:
        """Mean number of pupils in a place at each instant, shape (T,)."""
        found: Floats = self.chances.sum(axis=2) @ np.arange(self.chances.shape[1])
        return found

    @property
    def mean_waiting(self) -> Floats:
        """Mean number of pupils waiting at each instant, shape (T,)."""
        found: Floats = self.chances.sum(axis=1) @ np.arange(self.chances.shape[2])
        return found


def after_changes(
    arrivals: float,
    mean_stay: float,
    places: Sequence[tuple[float, int]],
    at: Sequence[float],
    most_waiting: int,
    error: float = 1e-9,
) -> Transient:
    """Return the chances of roll and number waiting while the number of places changes, from an empty provision.

    When places fall nobody is sent away: the roll stays above the places until enough have left, and meanwhile
    nobody is admitted. When they rise, those who wait are admitted at once. Between changes the Kolmogorov
    equations are solved by a matrix exponential. A path on which more than `most_waiting` wait is lost, and the
    chance of that, by each instant, is `missing`.

    Source: Kolmogorov (1931), Mathematische Annalen 104, 415-458; the action of the exponential by Al-Mohy and
    Higham (2011), SIAM Journal on Scientific Computing 33, 488-511.

    Parameters
    ----------
    places : (day, places in force from it), by day, the first on day 0; more places than the roll can reach
        stand for no limit.
    at : instants in days, rising; an instant at which places change is just before the change.
    error : ValueError when the missing chance exceeds this at any instant.
    """
    shape = max(number for _, number in places) + 1, most_waiting + 1
    now, force, chance = 0.0, 0, np.zeros(shape[0] * shape[1])
    chance[0] = 1.0
    found = []
    stops = sorted([(day, 1, number) for day, number in places] + [(day, 0, 0) for day in at])
    for day, is_change, number in stops:
        if day > now:
            chance = expm_multiply(_flow(arrivals, mean_stay, force, shape) * (day - now), chance)
            now = day
        if is_change:
            force, chance = number, _admitted(chance, number, shape)
        else:
            found.append(chance.reshape(shape))
    missing = 1.0 - np.array([one.sum() for one in found])
    if missing.max() > error:
        raise ValueError(f"{missing.max():.2g} of the chance is lost with at most {most_waiting} waiting")
    return Transient(np.array(at, dtype=float), np.array(found), missing)


def _flow(arrivals: float, mean_stay: float, places: int, shape: tuple[int, int]) -> sparse.csc_array[np.float64]:
    """Return the transposed generator over states (roll, waiting); the arrival that has no state flows out."""
    state = np.arange(shape[0] * shape[1])
    roll, waiting = np.divmod(state, shape[1])
    is_full, leaving = roll >= places, roll / mean_stay
    next_comes = (waiting > 0) & (roll <= places)
    up = np.where(is_full, state + 1, state + shape[1])
    down = np.where(next_comes, state - 1, state - shape[1])
    fits, some = ~(is_full & (waiting == shape[1] - 1)), roll > 0
    rate = np.concatenate([np.full(fits.sum(), arrivals), leaving[some], -(arrivals + leaving)])
    into = np.concatenate([up[fits], down[some], state])
    out_of = np.concatenate([state[fits], state[some], state])
    return sparse.csc_array((rate, (into, out_of)), shape=(len(state), len(state)))


def _admitted(chance: Floats, places: int, shape: tuple[int, int]) -> Floats:
    """Return the chances after those who wait have taken the vacancies."""
    roll, waiting = np.divmod(np.arange(chance.size), shape[1])
    moved = np.minimum(waiting, np.maximum(places - roll, 0))
    found = np.zeros_like(chance)
    np.add.at(found, (roll + moved) * shape[1] + waiting - moved, chance)
    return found


def _load(arrivals: float, mean_stay: float, places: int) -> float:
    busy = arrivals * mean_stay / places
    if busy >= 1.0:
        raise ValueError(f"{places} places are never enough for {arrivals * mean_stay:g} pupils on average")
    return busy
