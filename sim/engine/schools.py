"""The mainstream schools of a run: which one a draw finds, and which have signed the Standards or are trained."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import accumulate

from sim.chance.distributions import correlated, lognormal_of_log_sd
from sim.chance.streams import Streams
from sim.engine.pupil import MainstreamSchool
from sim.engine.rules import CompiledEffect
from sim.parameters.schema import Parameters
from sim.vocabulary import Phase

_Place = tuple[Phase, int]
_Draws = dict[_Place, tuple[list[MainstreamSchool], list[float]]]
"""By phase and district: schools and the running sums of their weights."""

WHOLE_COUNTY = -1


class Schools:
    """The county's mainstream schools, in the order of `Parameters.schools`."""

    def __init__(self, parameters: Parameters, streams: Streams) -> None:
        self._streams = streams
        self._phases = [school.phase for school in parameters.schools.values()]
        districts, log_sd = parameters.districts, parameters.quantities.schools.propensity_sd_log.value
        self._schools = [
            MainstreamSchool(
                index,
                name,
                districts.index(school.district),
                school.pupils,
                lognormal_of_log_sd(streams.school(name), 1.0, log_sd),
            )
            for index, (name, school) in enumerate(parameters.schools.items())
        ]
        self._by_size = self._receiving = self._draws(lambda school: float(school.pupils))

    def __iter__(self) -> Iterator[MainstreamSchool]:
        return iter(self._schools)

    # -- draws -------------------------------------------------------------------------------------------------

    def draw(self, phase: Phase, district: int, uniform: float) -> MainstreamSchool | None:
        """Return a school by size in a district (-1 for the whole county); None if there is none."""
        return _drawn(self._by_size.get((phase, district)), uniform)

    def draw_receiving(self, phase: Phase, district: int, uniform: float) -> MainstreamSchool | None:
        """Return a school for a pupil who needs a new one: by size, those that have signed weighing more."""
        return _drawn(self._receiving.get((phase, district)), uniform)

    def weigh(self, displacement: float) -> None:
        """Let a school that has signed weigh (1 + displacement) times its size when a pupil needs a new school."""
        if displacement and any(school.is_signed for school in self._schools):
            self._receiving = self._draws(lambda school: school.pupils * (1.0 + displacement * school.is_signed))
        else:
            self._receiving = self._by_size

    def _draws(self, weight: Callable[[MainstreamSchool], float]) -> _Draws:
        found: dict[_Place, list[MainstreamSchool]] = {}
        for school, phase in zip(self._schools, self._phases, strict=True):
            found.setdefault((phase, school.district), []).append(school)
            found.setdefault((phase, WHOLE_COUNTY), []).append(school)
        return {place: (schools, list(accumulate(map(weight, schools)))) for place, schools in found.items()}

    # -- the Standards and training ----------------------------------------------------------------------------

    @property
    def any_trained(self) -> bool:
        """Whether a school is trained now; one that has signed is."""
        return any(school.is_trained for school in self._schools)

    def sign_and_train(self, signed: float, trained: float, correlation: float) -> list[MainstreamSchool]:
        """Let these shares of schools have signed and be trained from now on; return the schools that changed.

        Each school has its place, from 0 to 1, in the order in which schools sign and in that in which they are
        trained, so a larger share only adds schools. `correlation` is between readiness to suspend and readiness
        to sign. The Standards include training.
        """
        changed = []
        for school, (propensity, signing, training) in zip(self._schools, self._luck, strict=True):
            has_signed = correlated(signing, propensity, -correlation) < signed
            status = (has_signed, has_signed or training < trained)
            if status != (school.is_signed, school.is_trained):
                school.is_signed, school.is_trained = status
                changed.append(school)
        return changed

    def give(self, effects: Mapping[str, tuple[CompiledEffect, ...]]) -> None:
        """Let schools give their pupils the effects of training and of the Standards, by the registry in force."""
        training = effects.get("trained_school", ())
        both = (*training, *effects.get("signed_school", ()))
        for school in self._schools:
            school.gives = both if school.is_signed else training if school.is_trained else ()

    @cached_property
    def _luck(self) -> list[tuple[float, float, float]]:
        """Each school's uniforms for readiness to suspend, to sign and to be trained."""
        streams = self._streams
        return [(streams.school(s.name), streams.signing(s.name), streams.training(s.name)) for s in self._schools]


def _drawn(choice: tuple[list[MainstreamSchool], list[float]] | None, uniform: float) -> MainstreamSchool | None:
    schools, sums = choice or ([], [])
    return schools[bisect_right(sums, uniform * sums[-1])] if schools else None
