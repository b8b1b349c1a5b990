"""The pathway graph, read from the tables and drawn: where a pupil may go, and which event or decision leads there.

An edge exists only when a row of rates.csv or routes.csv with a figure above 0 can lead along it, so the picture
changes with the data. What the rows mean is in `sim.pathways`; the few tables here repeat it for drawing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sim.parameters.schema import Parameters, Rate, RouteWeight
from sim.report.words import kind_words, words
from sim.vocabulary import PLACEMENTS, Decision, EventKind, ProvisionKind, Record, Route

OUTSIDE = "left"
KIND = ProvisionKind

EVENT_LABELS = {
    EventKind.AP_REFERRAL: "planned referral",
    EventKind.BREAKDOWN: "placement breakdown",
    EventKind.MEDICAL: "medical referral",
    EventKind.REINTEGRATION: "reintegration",
    EventKind.HOME_EDUCATION: "home education chosen",
    EventKind.LEAVE_COUNTY: "leaves the county",
}
EVENT_TARGETS: dict[EventKind, tuple[str, ...]] = {
    EventKind.AP_REFERRAL: (KIND.ALTERNATIVE_PROVISION,),
    EventKind.BREAKDOWN: (Route.TUITION,),
    EventKind.MEDICAL: (Route.TUITION,),
    EventKind.REINTEGRATION: (KIND.MAINSTREAM,),
    EventKind.HOME_EDUCATION: (KIND.HOME_EDUCATION,),
    EventKind.LEAVE_COUNTY: (OUTSIDE,),
}
DECISION_LABELS = {
    Decision.SUSPENSION: "after a suspension",
    Decision.AP_FULL: "AP full",
    Decision.SUPPORT_REFERRAL: "support referral",
    Decision.PLAN_ISSUED: "plan issued",
    Decision.ANNUAL_REVIEW: "annual review",
    Decision.PHASE_TRANSFER: "phase transfer",
    Decision.TUITION_PLACE_SOUGHT: "place sought from tuition",
    Decision.FAIR_ACCESS: "Fair Access",
    Decision.TUITION_REVIEW: "review of the package",
}
TAUGHT_WITHOUT_PLAN = (KIND.TUITION_WITHOUT_PLAN, KIND.DISTRICT_TEACHING)
BETWEEN_SCHOOLS = (
    KIND.NO_EDUCATION,
    KIND.TUITION_WITHOUT_PLAN,
    KIND.TUITION_WITH_PLAN,
    KIND.DISTRICT_TEACHING,
    KIND.ALTERNATIVE_PROVISION,
)
TAKEN_IN: dict[Decision, tuple[str, ...]] = {
    Decision.SUSPENSION: (KIND.MAINSTREAM,),
    Decision.AP_FULL: (KIND.MAINSTREAM,),
    Decision.ANNUAL_REVIEW: (KIND.MAINSTREAM, KIND.ALTERNATIVE_PROVISION),
    Decision.PHASE_TRANSFER: (KIND.MAINSTREAM,),
    Decision.TUITION_PLACE_SOUGHT: (KIND.TUITION_WITH_PLAN,),
    Decision.TUITION_REVIEW: (KIND.TUITION_WITH_PLAN, KIND.TUITION_WITHOUT_PLAN),
    Decision.FAIR_ACCESS: BETWEEN_SCHOOLS,
    Decision.PLAN_ISSUED: tuple(kind for kind in PLACEMENTS if kind not in TAUGHT_WITHOUT_PLAN),
}
"""Placements in which a decision is taken; support is referred to wherever it is asked for."""
FOLLOWS = {
    Decision.SUSPENSION: EventKind.SUSPENSION,
    Decision.SUPPORT_REFERRAL: EventKind.SUPPORT_REFERRAL,
    Decision.PLAN_ISSUED: EventKind.EHC_REQUEST,
}
PLAN_ONLY = (KIND.SPECIAL, KIND.INDEPENDENT, KIND.TUITION_WITH_PLAN)
ROUTE_TARGETS: dict[str, tuple[str, ...]] = {
    Route.MANAGED_MOVE: (KIND.MANAGED_MOVE,),
    Route.PERMANENT_EXCLUSION: (KIND.NO_EDUCATION,),
    Route.NEW_SCHOOL: (KIND.MAINSTREAM,),
    Route.RETURN: (),
    Route.WAIT_IN_SCHOOL: (),
    Route.EHC_REQUEST: (),
    Route.KEEP: (),
}
NOTE = (
    "Every pupil leaves at the end of Year 11. A pupil on the way into tuition is in no education until it starts. "
    "Fair Access follows a permanent exclusion."
)


@dataclass(frozen=True)
class Edge:
    """A way from one node to another, with the events and decisions that lead along it."""

    source: str
    target: str
    labels: tuple[str, ...]

    def __str__(self) -> str:
        """Return the edge as a line of text."""
        ends = f"{words(self.source)} to {kind_words(self.target)}"
        return f"{ends}: {', '.join(self.labels)}"


def nodes_of(parameters: Parameters) -> list[str]:
    """Return the kinds of provision the county has, in the order of the vocabulary, and the outside."""
    present = {spec.kind for spec in parameters.provisions.values()}
    present -= set() if _has_panels(parameters) else {KIND.PANEL}
    return [*(str(kind) for kind in ProvisionKind if kind in present), OUTSIDE]


def edges_of(parameters: Parameters) -> list[Edge]:
    """Return every edge some row can lead along, by source and target in the order of the nodes."""
    order = {node: place for place, node in enumerate(nodes_of(parameters))}
    found: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for source, target, label in _ways(parameters):
        if source != target and source in order and target in order:
            found[source, target][label] = None
    ends = sorted(found, key=lambda pair: (order[pair[0]], order[pair[1]]))
    return [Edge(source, target, tuple(found[source, target])) for source, target in ends]


def in_words(parameters: Parameters) -> str:
    """Return the map as text for screen readers: a line for each edge, under a heading for each node."""
    edges = edges_of(parameters)
    lines = [f"Pathway map of {parameters.county.label}: {len(edges)} ways between kinds of provision."]
    for source in nodes_of(parameters):
        from_here = [edge for edge in edges if edge.source == source]
        if from_here:
            lines += ["", f"From {kind_words(source)}:"]
            lines += [f"  to {kind_words(edge.target)}: {', '.join(edge.labels)}" for edge in from_here]
    return "\n".join([*lines, "", NOTE])


def _ways(parameters: Parameters) -> Iterator[tuple[str, str, str]]:
    """Yield source, target and label of every way a row leads along; some lie within one node."""
    yield from _by_rates(parameters)
    yield from _by_routes(parameters)
    yield from _overflow(parameters)
    yield from _in_a_crisis(parameters)
    yield from _after_exclusion(parameters)
    yield from _new_plan_in_tuition(parameters)


def _by_rates(parameters: Parameters) -> Iterator[tuple[str, str, str]]:
    for rate in parameters.rates.values():
        for target in EVENT_TARGETS.get(rate.event, ()) if rate.value > 0 else ():
            for source in _placements_of(rate):
                for kind in _tuition(target, source, rate.records):
                    yield source, kind, EVENT_LABELS[rate.event]


def _by_routes(parameters: Parameters) -> Iterator[tuple[str, str, str]]:
    for row in _rows_in_use(parameters):
        if row.decision not in DECISION_LABELS:
            continue
        for source in _sources(parameters, row.decision):
            for target in ROUTE_TARGETS.get(row.destination, (row.destination,)):
                for kind in _tuition(target, source, row.records):
                    yield source, kind, _label(row)


def _rows_in_use(parameters: Parameters) -> Iterator[RouteWeight]:
    """Yield the routes that can be taken at some time; packages are reviewed only if a policy says so."""
    days = [*parameters.later, parameters.horizon.study_start]
    reviewed = any(parameters.on(day).quantities.tuition.reviewed.value > 0 for day in days)
    for row in parameters.routes.values():
        if row.value > 0 and (row.decision != Decision.TUITION_REVIEW or reviewed):
            yield row


def _has_panels(parameters: Parameters) -> bool:
    """Whether a panel is ever open."""
    panels = [spec for _, spec in parameters.provisions_of(KIND.PANEL)]
    return any(places.usable != 0 for panel in panels for places in panel.places.values())


def _overflow(parameters: Parameters) -> Iterator[tuple[str, str, str]]:
    """Yield what follows when a special school place does not come by the deadline."""
    for row in _rows_in_use(parameters):
        if row.destination == KIND.SPECIAL:
            for source in _sources(parameters, row.decision):
                yield source, KIND.INDEPENDENT, "no special place in time"


def _in_a_crisis(parameters: Parameters) -> Iterator[tuple[str, str, str]]:
    """Yield the help that may be asked for in the days after a suspension."""
    crisis = parameters.quantities.crisis
    referred = crisis.referred_to_team_primary.value + crisis.referred_to_team_secondary.value
    if KIND.MAINSTREAM in _where(parameters, EventKind.SUSPENSION):
        for target, chance in ((KIND.DISTRICT_TEAM, referred), (KIND.RESPITE, crisis.respite_absorbs.value)):
            if chance > 0:
                yield KIND.MAINSTREAM, target, "crisis"
        if _has_panels(parameters):
            yield KIND.MAINSTREAM, KIND.PANEL, "crisis"


def _after_exclusion(parameters: Parameters) -> Iterator[tuple[str, str, str]]:
    """Yield the sixth-day duty, which follows any permanent exclusion."""
    rows = parameters.routes.values()
    if any(row.destination == Route.PERMANENT_EXCLUSION and row.value > 0 for row in rows):
        for target in BETWEEN_SCHOOLS:
            yield KIND.NO_EDUCATION, target, "sixth-day duty"


def _new_plan_in_tuition(parameters: Parameters) -> Iterator[tuple[str, str, str]]:
    for source in TAUGHT_WITHOUT_PLAN:
        if source in _where(parameters, EventKind.EHC_REQUEST):
            yield source, KIND.TUITION_WITH_PLAN, DECISION_LABELS[Decision.PLAN_ISSUED]


def _label(row: RouteWeight) -> str:
    excluded = row.destination == Route.PERMANENT_EXCLUSION
    return "permanent exclusion" if excluded else DECISION_LABELS[row.decision]


def _placements_of(rate: Rate) -> tuple[str, ...]:
    return tuple(PLACEMENTS) if rate.placement == "any" else (rate.placement,)


def _where(parameters: Parameters, event: EventKind) -> list[str]:
    """Return the placements in which an event has a rate above 0."""
    rates = [rate for rate in parameters.rates.values() if rate.event is event and rate.value > 0]
    return list(dict.fromkeys(source for rate in rates for source in _placements_of(rate)))


def _sources(parameters: Parameters, decision: Decision) -> list[str]:
    follows = FOLLOWS.get(decision)
    happens_in = list(PLACEMENTS) if follows is None else _where(parameters, follows)
    return [source for source in happens_in if source in TAKEN_IN.get(decision, PLACEMENTS)]


def _tuition(target: str, source: str, records: tuple[Record, ...]) -> tuple[str, ...]:
    """Return the target, or when it is tuition its streams for these records in this placement."""
    if target != Route.TUITION:
        return (target,)
    with_plan = (KIND.TUITION_WITH_PLAN,) if Record.PLAN in records else ()
    no_plan_left = source in PLAN_ONLY or not set(records) - {Record.PLAN}
    return with_plan if no_plan_left else (*with_plan, KIND.TUITION_WITHOUT_PLAN)
