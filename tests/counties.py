"""Random small counties and scenarios, as short dictionaries that can be read, pasted back and shrunk.

A county is what is changed about Exampleshire, cut down to three years: path -> value, `times(n)` being a multiple of
what is there, and `decisions/...` the one destination to which a decision leads. `{}` is Exampleshire itself.
A scenario is levers and how they are used, as in a scenario file. `{}` is the baseline.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

from sim.levers.catalogue import levers
from sim.levers.spec import LeverSpec
from sim.parameters.changes import with_changes
from sim.parameters.problems import ConfigurationError
from sim.parameters.schema import Parameters
from sim.scenarios import baseline
from sim.vocabulary import Decision, EventKind
from tests.worlds import ENDLESS, EXAMPLESHIRE, always, places

SMALL = with_changes(
    EXAMPLESHIRE,
    {
        "horizon/first_academic_year": "2016/17",
        "horizon/baseline_academic_year": "2017/18",
        "horizon/study_start": "2017-09-01",
        "horizon/last_academic_year": "2018/19",
    },
)
"""Exampleshire for three academic years, the last two of them with policies."""

STARTS = (date(2017, 9, 1), date(2018, 9, 1))
MOST_CHANGES, MOST_LEVERS = 12, 3

County = Mapping[str, Any]
Scenario = Mapping[str, Mapping[str, Any]]


class times(float):
    """A multiple of what a county has."""

    def __repr__(self) -> str:
        return f"times({float(self):g})"


def _multiple(*least_and_most: float) -> st.SearchStrategy[times]:
    return _number(*least_and_most).map(times)


def _number(least: float, most: float) -> st.SearchStrategy[float]:
    """Draw a number of few digits, so that it can be read; the ends come often."""
    inside = st.integers(0, 100).map(lambda percent: round(least + (most - least) * percent / 100, 4))
    return st.sampled_from([least, most]) | inside


def _places(most: int) -> st.SearchStrategy[dict[str, Any]]:
    return st.integers(0, most).map(places) | st.just(ENDLESS) | st.integers(1, most).map(_not_all_usable)


def _not_all_usable(number: int) -> dict[str, int]:
    return {"commissioned": number, "usable": number - 1}


def _gbp(*amounts: float) -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from([{"value": value, "price_base": "2018-19"} for value in amounts])


def _stay(least: float, most: float) -> st.SearchStrategy[dict[str, Any]]:
    laws = st.sampled_from([{"law": "fixed", "cv": 0}, {"law": "exponential", "cv": 0}, {"law": "gamma", "cv": 0.8}])
    return st.builds(lambda value, law: {"value": value, **law}, _number(least, most), laws)


_SHARE = _number(0, 1)
_YES_OR_NO = st.sampled_from([0, 1])
_DATES = ("2017-01-16", "2017-09-01", "2018-11-14")
_WITH_PLACES = ("marsh_house", "southfield_beacon", "team_*", "panel_*", "base_northmarsh_*", "base_southfield_*")

_GIVEN = (
    *("team", "outreach", "in_reach", "teaching", "respite", "panel"),
    *("trained", "signed", "earlier", "graduated"),
)
_AFTER_A_CRISIS = ["managed_move", "alternative_provision", "tuition", "permanent_exclusion"]

CHANGES: dict[str, st.SearchStrategy[Any]] = {
    "onset/*": _multiple(0, 1.5),
    **{f"rates/{event}*": _multiple(0, 4) for event in EventKind},
    **{f"provisions/{name}/places/2011-09-01": _places(6) for name in _WITH_PLACES},
    **{f"provisions/{name}/places/{day}": _places(6) for name in _WITH_PLACES for day in _DATES},
    **{f"provisions/{ap}/devolved_budget/2011-09-01": _number(0, 3e5) | st.just(1e10) for ap in ("ap_n*", "ap_s*")},
    "provisions/ap_*/devolved_budget/2017-09-01": _gbp(0, 5e4, 1e10),
    "provisions/ap_*/charge_per_exclusion/2016-09-01": _gbp(1e4, 1e6),
    "provisions/ap_*/charge_per_tuition/2016-09-01": _gbp(1e4, 1e6),
    "provisions/base_*/least_severity": st.sampled_from(["emerging", "complex"]),
    **{
        f"effects/{given}_*": _number(0, 2)
        for given in ("team", "outreach", "in_reach", "teaching", "respite", "panel")
    },
    **{f"effects/{given}_*": _number(0, 2) for given in ("trained", "signed", "earlier", "graduated")},
    "quantities/need/male_share": _SHARE,
    "quantities/need/frailty_variance": _number(0, 5),
    "quantities/need/recorded_at_onset": _SHARE,
    "quantities/schools/propensity_sd_log": _number(0, 2),
    **{f"quantities/crisis/{name}": _SHARE for name in ("identify", "respite_absorbs", "referred_to_team_primary")},
    **{f"quantities/crisis/{name}_factor": _number(0, 5) for name in ("after", "unserved", "phase_transfer")},
    **{f"quantities/casework/{name}": _SHARE for name in ("plan_after_assessment", "refusal_overturned")},
    "quantities/managed_move/success": _SHARE,
    "quantities/alternative_provision/reintegration_success": _SHARE,
    "quantities/alternative_provision/assessed_at_entry": _SHARE,
    "quantities/alternative_provision/takes_tutored": _SHARE,
    "quantities/alternative_provision/part_time_share": _number(0.2, 1),
    "quantities/special/refusal": _SHARE,
    "quantities/special/waiting_factor": _number(0, 5),
    "quantities/special/reserved_for_tutored": _SHARE,
    "quantities/tuition/stickiness": _number(0, 1.5),
    "quantities/tuition/reviewed": _SHARE,
    "quantities/team/protected_share": _SHARE,
    "quantities/team/teaching_share": _SHARE,
    "quantities/team/teaches_tutored": _SHARE,
    "quantities/team/other_needs_cases": _number(0, 60),
    "quantities/standards/correlation": _number(-1, 1),
    "quantities/standards/displacement": _number(0, 5),
    "quantities/panel/meeting_weeks": _number(1, 38),
    **{f"quantities/panel/{name}": _YES_OR_NO for name in ("hears_primary", "hears_secondary", "takes_fair_access")},
    **{f"quantities/panel/{name}": _SHARE for name in ("allocates", "reintegrates")},
    "yearly/signed_share/2017/18": _SHARE,
    "yearly/trained_share/2017/18": _SHARE,
    "yearly/casework_capacity/*": _multiple(0, 2),
    "yearly/refused_share/*": _SHARE,
    "durations/suspension_out": _stay(0.5, 40),
    "durations/managed_move_trial": _stay(1, 190),
    "durations/fair_access": _stay(0.5, 190),
    "durations/tuition_start": _stay(0.1, 30),
    "durations/place_consultation": _stay(0.01, 1),
    "durations/special_deadline": _stay(0.01, 3),
    "durations/ehc_touch_time": _stay(1, 60),
    "durations/base_outreach": _stay(1, 190),
    "durations/centre_of_expertise": _number(1, 190),
    "durations/sixth_day": _stay(0.1, 30),
    "durations/support_wait": _stay(0.1, 190),
    "durations/alternative_provision_wait": _stay(0.1, 190),
    "durations/decision_window": _stay(0.5, 20),
    "durations/annual_review": _stay(0.2, 2),
    "decisions/onset_severity": st.sampled_from(["moderate", "complex"]),
    "decisions/suspension": st.sampled_from(
        ["managed_move", "alternative_provision", "tuition", "permanent_exclusion"]
    ),
    "decisions/ap_full": st.sampled_from(["wait_in_school", "ehc_request", "tuition"]),
    "decisions/support_referral": st.sampled_from(["district_team", "base_outreach", "base_assessment"]),
    "decisions/plan_issued": st.sampled_from(["special_school", "independent_special"]),
    "decisions/fair_access": st.sampled_from(["keep", "new_school"]),
    "decisions/tuition_review": st.sampled_from(["keep", "return", "special_school"]),
}
"""What may be different about a county."""


@st.composite
def counties(draw: st.DrawFn, besides: tuple[str, ...] = ()) -> dict[str, Any]:
    """Draw a county; nothing is changed that a pattern in `besides` names."""
    free = [path for path in CHANGES if not any(fnmatchcase(path, pattern) for pattern in besides)]
    return {
        path: draw(CHANGES[path]) for path in draw(st.lists(st.sampled_from(free), max_size=MOST_CHANGES, unique=True))
    }


def built(county: County) -> Parameters:
    """Return the parameters of a county."""
    changes: dict[str, Any] = {}
    for path, value in county.items():
        part, _, name = path.partition("/")
        if part == "decisions":
            changes |= always(Decision(name), value)
        else:
            changes |= _multiplied(path, value) if isinstance(value, times) else {path: value}
    return with_changes(SMALL, changes)


def _multiplied(path: str, factor: float) -> dict[str, float]:
    *steps, pattern = path.split("/")
    part: Any = SMALL
    for step in steps:
        part = getattr(part, step)
    names = [name for name in part if fnmatchcase(name, pattern)]
    assert names, path
    return {"/".join([*steps, name]): part[name].value * factor for name in names}


# -- scenarios ---------------------------------------------------------------------------------------------------------


@st.composite
def scenarios(draw: st.DrawFn, least: int = 0) -> dict[str, dict[str, Any]]:
    """Draw levers and how they are used."""
    names = draw(st.lists(st.sampled_from(sorted(levers())), min_size=least, max_size=MOST_LEVERS, unique=True))
    return {name: draw(_uses(levers()[name])) for name in names}


def _uses(spec: LeverSpec) -> st.SearchStrategy[dict[str, Any]]:
    """Draw settings within their bounds, a start, and how fast, how strongly and where the lever is pulled."""
    optional: dict[str, st.SearchStrategy[Any]] = {
        name: _number(setting.least, setting.most) for name, setting in spec.settings.items() if name not in _WHOLE
    }
    optional |= {name: st.sampled_from(choice.options) for name, choice in spec.choices.items()}
    optional |= {name: _YES_OR_NO for name in _WHOLE if name in spec.settings}
    optional |= {"start": st.sampled_from(STARTS), "strength": _number(0, 1), "ramp_years": st.sampled_from([1, 2])}
    if spec.by_district:
        optional["number"] = st.integers(0, 2)
    lead = {spec.lead: st.sampled_from([0, 12])} if spec.lead else {}
    return st.fixed_dictionaries(lead, optional={key: draw for key, draw in optional.items() if key not in lead})


_WHOLE = ("hears_primary", "hears_secondary", "takes_fair_access")


def under(parameters: Parameters, scenario: Scenario) -> Parameters:
    """Return a county under a scenario; a pair that is refused, in words, is no example."""
    try:
        return baseline(parameters).with_(levers=scenario).parameters
    except ConfigurationError as refused:
        if "allowed:" not in str(refused):
            raise
        reject()


SET_BY_LEVERS = (
    *("yearly/signed_share*", "yearly/trained_share*"),
    *("quantities/alternative_provision/assessed_at_entry", "quantities/alternative_provision/takes_tutored"),
    *("quantities/tuition/reviewed", "quantities/special/reserved_for_tutored", "quantities/team/*_share"),
    *("quantities/team/teaches_tutored", "quantities/panel/*", "provisions/panel_*", "provisions/ap_*/charge_*"),
)
"""What levers set to a value of their own, whatever the county has there."""


@st.composite
def neutral_scenarios(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """Draw levers that are pulled with every setting where it does nothing; the other settings are as they may be.

    Bases are left out: how much of them there is depends on their design and on nothing else.
    """
    names = [name for name, spec in levers().items() if spec.mechanism != "open_bases"]
    pulled = draw(st.lists(st.sampled_from(names), min_size=1, max_size=MOST_LEVERS, unique=True))
    return {name: draw(_uses(levers()[name])) | _neutral(levers()[name]) for name in pulled}


def _neutral(spec: LeverSpec) -> dict[str, Any]:
    settings = {name: one.neutral for name, one in spec.settings.items() if one.neutral is not None}
    return settings | {name: choice.default for name, choice in spec.choices.items()}
