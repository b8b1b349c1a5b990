"""The shape of a county's parameters: frozen, bounded, with a unit, a range, a grade and a source for every figure.

`sim.parameters.load` fills these from `configs/`; `sim.parameters.changes` makes changed copies and checks again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from sim.school_year import SchoolCalendar, TermPattern, year_start
from sim.vocabulary import (
    SUPPORTS,
    YEAR_GROUPS,
    Decision,
    EventKind,
    Grade,
    Phase,
    ProvisionKind,
    Record,
    Route,
    Severity,
    Sex,
    phase_of,
)

DistributionName = Literal["fixed", "uniform", "triangular", "normal", "lognormal", "beta"]
Law = Literal["fixed", "exponential", "gamma", "lognormal"]
TimeUnit = Literal["school days", "school weeks", "calendar weeks", "school years"]


class Frozen(BaseModel):
    """Immutable, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Evidence(Frozen):
    """Where a row comes from. `source` is a key of sources.csv; `year` says what the figure refers to."""

    grade: Grade
    source: str = Field(min_length=1)
    year: str = Field(min_length=1)
    note: str = ""


class Quantity(Evidence):
    """One figure with the range and distribution that an uncertainty analysis draws it from."""

    value: float
    low: float
    high: float
    distribution: DistributionName = "triangular"
    unit: str = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low <= self.value <= self.high:
            raise ValueError(f"low <= value <= high is needed; found {self.low} <= {self.value} <= {self.high}")
        return self


class Group(Frozen):
    """A set of named quantities; each field's annotation carries the unit and bounds it must meet."""

    @field_validator("*")
    @classmethod
    def _unit_and_bounds(cls, quantity: Any, info: ValidationInfo) -> Any:
        rule = next((m for m in cls.model_fields[info.field_name or ""].metadata if isinstance(m, Within)), None)
        if rule is not None and isinstance(quantity, Quantity):
            rule.check(quantity)
        return quantity


class Within:
    """The unit a quantity must be given in and the closed interval its value and range must lie in."""

    def __init__(self, unit: str, low: float, high: float) -> None:
        self.unit, self.low, self.high = unit, low, high

    def check(self, quantity: Quantity) -> None:
        """Raise ValueError when the unit differs or any of value, low, high is outside."""
        if quantity.unit != self.unit:
            raise ValueError(f"unit is {quantity.unit!r}; allowed is {self.unit!r}")
        for name in ("value", "low", "high"):
            found = getattr(quantity, name)
            if not self.low <= found <= self.high:
                raise ValueError(f"{name} is {found:g}; allowed is {self.low:g} to {self.high:g} {self.unit}")


Probability = Annotated[Quantity, Within("probability", 0, 1)]
Share = Annotated[Quantity, Within("share", 0, 1)]
Ratio = Annotated[Quantity, Within("ratio", 0, 10)]


class Need(Group):
    """How need starts and differs between pupils."""

    male_share: Share
    frailty_variance: Annotated[Quantity, Within("variance", 0, 20)]
    recorded_at_onset: Probability


class Crisis(Group):
    """What surrounds a suspension."""

    identify: Probability
    after_factor: Ratio
    phase_transfer_factor: Ratio
    unserved_factor: Ratio
    respite_absorbs: Probability
    referred_to_team_primary: Probability
    referred_to_team_secondary: Probability
    modelled_share_primary: Share
    modelled_share_secondary: Share


class Schools(Group):
    """How mainstream schools differ."""

    propensity_sd_log: Annotated[Quantity, Within("log sd", 0, 3)]


class Casework(Group):
    """The statutory assessment process; yearly shares and throughput are in yearly.csv."""

    plan_after_assessment: Probability
    refusal_overturned: Probability
    repeat_after_refusal: Probability


class ManagedMove(Group):
    """Trials at another school."""

    success: Probability


class AlternativeProvision(Group):
    """Alternative provision: how pupils return from it, and what a place costs."""

    reintegration_success: Probability
    repeat_factor: Ratio
    part_time_share: Share


class Special(Group):
    """Special schools."""

    refusal: Probability
    waiting_factor: Ratio


class Tuition(Group):
    """Out-of-school tuition."""

    stickiness: Ratio
    reintegration_success: Probability


class Team(Group):
    """SEND district teams: how staff time is counted and shared."""

    slot_hours: Annotated[Quantity, Within("hours per school week", 0.1, 40)]
    crisis_case_hours: Annotated[Quantity, Within("hours per case", 0, 400)]
    preventive_case_hours: Annotated[Quantity, Within("hours per case", 0, 400)]
    protected_share: Share
    other_needs_cases: Annotated[Quantity, Within("cases per team per school year", 0, 5000)]


class Quantities(Frozen):
    """All single figures, by group; a path such as `quantities/crisis/identify/value` names one."""

    need: Need
    crisis: Crisis
    schools: Schools
    casework: Casework
    managed_move: ManagedMove
    alternative_provision: AlternativeProvision
    special: Special
    tuition: Tuition
    team: Team


class Duration(Quantity):
    """How long something lasts: mean `value` in `unit`, distributed by `law` with coefficient of variation `cv`."""

    unit: TimeUnit
    law: Law
    cv: float = Field(default=0.0, ge=0)

    @model_validator(mode="after")
    def _positive(self) -> Self:
        if self.low < 0:
            raise ValueError(f"low is {self.low:g}; a duration cannot be negative")
        if self.law in ("gamma", "lognormal") and self.cv <= 0:
            raise ValueError(f"law {self.law} needs a coefficient of variation above 0; found {self.cv:g}")
        return self


class Durations(Frozen):
    """Every stay, delay and deadline."""

    suspension_out: Duration
    decision_window: Duration
    after_crisis: Duration
    after_phase_transfer: Duration
    after_alternative_provision: Duration
    managed_move_trial: Duration
    sixth_day: Duration
    fair_access: Duration
    tuition_start: Duration
    tuition_term: Duration
    ehc_decision: Duration
    ehc_touch_time: Duration
    ehc_due: Duration
    ehc_repeat: Duration
    annual_review: Duration
    place_consultation: Duration
    special_deadline: Duration
    support_wait: Duration
    alternative_provision_wait: Duration
    base_outreach: Duration
    base_in_reach: Duration
    base_assessment: Duration
    base_teaching: Duration
    base_respite: Duration


def year_group_number(label: str) -> int:
    """Return the index of a year group label; ValueError names the labels allowed."""
    if label not in YEAR_GROUPS:
        raise ValueError(f"{label!r} is not a year group; allowed are {', '.join(YEAR_GROUPS)}")
    return YEAR_GROUPS.index(label)


class YearGroupRange(Frozen):
    """First and last year group, both included."""

    first_year_group: str
    last_year_group: str

    @field_validator("first_year_group", "last_year_group")
    @classmethod
    def _known(cls, label: str) -> str:
        year_group_number(label)
        return label

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if year_group_number(self.first_year_group) > year_group_number(self.last_year_group):
            raise ValueError(f"first_year_group {self.first_year_group} comes after {self.last_year_group}")
        return self

    @property
    def year_groups(self) -> range:
        """Year group numbers covered."""
        return range(year_group_number(self.first_year_group), year_group_number(self.last_year_group) + 1)


class Selector(YearGroupRange):
    """Which pupils a row is about; 'any' covers all."""

    record: Literal["any", "none", "sen_support", "no_plan", "plan"] = "any"
    severity: Literal["any", "none", "emerging", "moderate", "complex"] = "any"

    @property
    def records(self) -> tuple[Record, ...]:
        """Records covered."""
        if self.record == "any":
            return tuple(Record)
        if self.record == "no_plan":
            return (Record.NONE, Record.SEN_SUPPORT)
        return (Record[self.record.upper()],)

    @property
    def severities(self) -> tuple[Severity, ...]:
        """Severities covered."""
        return tuple(Severity) if self.severity == "any" else (Severity[self.severity.upper()],)


class Rate(Quantity, Selector):
    """Hazard of one kind of event for the pupils selected, in a kind of placement ('any' or one)."""

    unit: Literal["per school year"]
    event: EventKind
    placement: Literal["any"] | ProvisionKind
    value: float = Field(ge=0)


class RouteWeight(Quantity, Selector):
    """Probability that a decision about the pupils selected leads to `destination`."""

    unit: Literal["probability"]
    decision: Decision
    district: str = "any"
    destination: str
    value: float = Field(ge=0, le=1)


class Effect(Quantity):
    """Factor on a hazard (or on the chance of not returning after a crisis) while and after support is given.

    The factor is in force `lag_days` after the support starts and until it ends; then for `full_days` more,
    then half of it (halfway to 1) for `half_days`, then none. Days are school days.
    """

    unit: Literal["ratio"]
    support: ProvisionKind
    target: EventKind | Literal["not_returning"]
    severity: Literal["any", "emerging", "moderate", "complex"] = "any"
    lag_days: float = Field(ge=0)
    full_days: float = Field(ge=0)
    half_days: float = Field(ge=0)
    value: float = Field(ge=0)

    @field_validator("support")
    @classmethod
    def _is_support(cls, kind: ProvisionKind) -> ProvisionKind:
        if kind not in SUPPORTS:
            raise ValueError(f"{kind} is a placement; allowed are {', '.join(SUPPORTS)}")
        return kind


class Tariff(Quantity):
    """A price: `value` pounds on `basis`, in the prices of financial year `price_base`, under a budget line."""

    unit: Literal["GBP"]
    line: str
    applies_to: str
    record: Literal["any", "no_plan", "plan"] = "any"
    basis: Literal["calendar_day", "place_year", "pupil_year", "taught_hour", "case"]
    hours_per_week: float = Field(default=0.0, ge=0, le=40)
    weeks_per_year: float = Field(default=0.0, ge=0, le=39)
    price_base: str

    @model_validator(mode="after")
    def _hours(self) -> Self:
        year_start(self.price_base)
        if self.basis == "taught_hour" and not (self.hours_per_week and self.weeks_per_year):
            raise ValueError("basis taught_hour needs hours_per_week and weeks_per_year above 0")
        return self


class BudgetLine(Evidence):
    """A heading of the authority's budget."""

    label: str
    in_block: bool
    payer: Literal["high needs block", "council", "school"]
    section_251: str


class Cohort(Quantity):
    """Pupils on roll of one year group in one academic year."""

    unit: Literal["pupils"]
    value: float = Field(ge=0)


class School(Evidence):
    """A mainstream school; `pupils` is its size in draws of who attends where."""

    phase: Phase
    district: str
    pupils: int = Field(ge=1)


class Places(Evidence):
    """Places from a date: commissioned (paid for) and usable (can be filled); None means unlimited."""

    commissioned: int = Field(ge=0)
    usable: int | None = Field(ge=0)

    @model_validator(mode="after")
    def _usable_within(self) -> Self:
        if self.usable is not None and self.usable > self.commissioned:
            raise ValueError(f"usable places {self.usable} exceed commissioned places {self.commissioned}")
        return self


class Money(Quantity):
    """Pounds from or on a date, in the prices of financial year `price_base`."""

    unit: Literal["GBP", "GBP per year"]
    price_base: str

    @field_validator("price_base")
    @classmethod
    def _year(cls, label: str) -> str:
        year_start(label)
        return label


class ProvisionSpec(Evidence, YearGroupRange):
    """A provision: what it is, where, whom it admits, and its dated places and money.

    `places` by date from which they hold; `running_cost` (GBP per year) by date from which it is paid;
    `start_up` (GBP) by date on which it is paid; `devolved_budget` (GBP per year, alternative provision) by the
    1 September from which it buys places.
    """

    label: str
    kind: ProvisionKind
    district: str = "any"
    sexes: Literal["any", "male", "female"] = "any"
    primary_sexes: Literal["any", "male", "female"] = "any"
    line: str = ""
    places: dict[date, Places] = Field(default_factory=dict)
    running_cost: dict[date, Money] = Field(default_factory=dict)
    start_up: dict[date, Money] = Field(default_factory=dict)
    devolved_budget: dict[date, Money] = Field(default_factory=dict)

    def admits(self, year_group: int, sex: Sex) -> bool:
        """Whether the admission criteria allow a pupil of this year group and sex."""
        is_primary = phase_of(year_group) is Phase.PRIMARY
        fits_phase = not is_primary or self.primary_sexes in ("any", sex)
        return year_group in self.year_groups and self.sexes in ("any", sex) and fits_phase


class YearlySeries(Frozen):
    """Figures by academic year ('2018/19'); before the first year its figure holds, after the last the last."""

    onset_factor: dict[str, Quantity]
    ehc_request_factor: dict[str, Quantity]
    refused_share: dict[str, Quantity]
    other_needs_requests: dict[str, Quantity]
    casework_capacity: dict[str, Quantity]

    ALLOWED: ClassVar[dict[str, Within]] = {
        "onset_factor": Within("ratio", 0, 10),
        "ehc_request_factor": Within("ratio", 0, 10),
        "refused_share": Within("share", 0, 1),
        "other_needs_requests": Within("requests per school year", 0, 1e6),
        "casework_capacity": Within("assessments per school year", 0, 1e9),
    }

    @field_validator("*")
    @classmethod
    def _years(cls, series: dict[str, Quantity], info: ValidationInfo) -> dict[str, Quantity]:
        if not series:
            raise ValueError("needs at least one academic year")
        for label, quantity in series.items():
            year_start(label)
            try:
                cls.ALLOWED[info.field_name or ""].check(quantity)
            except ValueError as error:  # the location of the error holds the series only
                raise ValueError(f"{label}: {error}") from None
        return dict(sorted(series.items()))


class Onset(Quantity, YearGroupRange):
    """New SEMH need becoming visible, per 1,000 pupils of the year group."""

    unit: Literal["per 1000 pupils per school year"]
    value: float = Field(ge=0, le=1000)


class Observed(Quantity):
    """A published figure that results are set beside: `measure`, phase ('all' or one) and year label."""

    measure: str
    phase: Literal["all"] | Phase
    period: str


class Horizon(Frozen):
    """Academic years the run covers and when policies may begin."""

    first_academic_year: str
    baseline_academic_year: str
    study_start: date
    last_academic_year: str
    naming_deadline: str = Field(description="month-day by which a phase transfer names a school, such as 02-15")
    census: str = Field(description="month-day of the January census, such as 01-17")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        first, base, last = map(
            year_start, (self.first_academic_year, self.baseline_academic_year, self.last_academic_year)
        )
        if not first <= base <= last:
            raise ValueError(
                f"years must be in order: first {self.first_academic_year}, baseline "
                f"{self.baseline_academic_year}, last {self.last_academic_year}"
            )
        if not date(first, 9, 1) <= self.study_start < date(last + 1, 9, 1):
            raise ValueError(f"study_start {self.study_start} lies outside the academic years of the run")
        return self

    @property
    def first_year(self) -> int:
        """The calendar year in which the first academic year begins."""
        return year_start(self.first_academic_year)

    @property
    def last_year(self) -> int:
        """The calendar year in which the last academic year begins."""
        return year_start(self.last_academic_year)


class Term(Frozen):
    """A half term of the school year; see school_year.TermPattern."""

    name: str
    month: int = Field(ge=1, le=12)
    day: int = Field(ge=1, le=31)
    days: int = Field(ge=1, le=100)


class County(Frozen):
    """What the county is called and what a reader of results must know."""

    name: str = Field(min_length=1)
    label: str
    fictional: bool
    statement: str


class Source(Frozen):
    """A source that rows refer to by key."""

    title: str = Field(min_length=1)
    publisher: str = Field(min_length=1)
    url: str = ""


class Parameters(Frozen):
    """Everything a run depends on besides the seed and the replication."""

    county: County
    horizon: Horizon
    terms: list[Term]
    quantities: Quantities
    durations: Durations
    yearly: YearlySeries
    onset: dict[str, Onset]
    rates: dict[str, Rate]
    routes: dict[str, RouteWeight]
    effects: dict[str, Effect]
    provisions: dict[str, ProvisionSpec]
    schools: dict[str, School]
    cohorts: dict[str, dict[str, Cohort]]
    tariffs: dict[str, Tariff]
    lines: dict[str, BudgetLine]
    budgets: dict[str, dict[str, Quantity]]
    inflation: dict[str, Quantity]
    observed: dict[str, Observed]
    sources: dict[str, Source]

    def calendar(self) -> SchoolCalendar:
        """Return the calendar of the run."""
        patterns = [TermPattern(t.name, t.month, t.day, t.days) for t in self.terms]
        return SchoolCalendar(patterns, self.horizon.first_year, self.horizon.last_year)

    @property
    def districts(self) -> tuple[str, ...]:
        """Districts that have mainstream schools, in name order."""
        return tuple(sorted({school.district for school in self.schools.values()}))

    def provisions_of(self, *kinds: ProvisionKind) -> Iterator[tuple[str, ProvisionSpec]]:
        """Yield (name, provision) of the kinds asked for, in file order."""
        return ((name, spec) for name, spec in self.provisions.items() if spec.kind in kinds)


DESTINATIONS: dict[Decision, frozenset[str]] = {
    Decision.ONSET_SEVERITY: frozenset({Route.EMERGING, Route.MODERATE, Route.COMPLEX}),
    Decision.SUSPENSION: frozenset(
        {
            Route.RETURN,
            Route.MANAGED_MOVE,
            ProvisionKind.ALTERNATIVE_PROVISION,
            Route.TUITION,
            Route.PERMANENT_EXCLUSION,
        }
    ),
    Decision.AP_FULL: frozenset({Route.WAIT_IN_SCHOOL, Route.EHC_REQUEST, Route.TUITION}),
    Decision.SUPPORT_REFERRAL: frozenset(
        {
            Route.KEEP,
            ProvisionKind.DISTRICT_TEAM,
            ProvisionKind.OUTREACH,
            ProvisionKind.IN_REACH,
            ProvisionKind.ASSESSMENT,
            ProvisionKind.TEACHING,
        }
    ),
    Decision.PLAN_ISSUED: frozenset({Route.KEEP, ProvisionKind.SPECIAL, ProvisionKind.INDEPENDENT}),
    Decision.ANNUAL_REVIEW: frozenset({Route.KEEP, ProvisionKind.SPECIAL, ProvisionKind.INDEPENDENT}),
    Decision.PHASE_TRANSFER: frozenset({Route.KEEP, ProvisionKind.SPECIAL, ProvisionKind.INDEPENDENT}),
    Decision.TUITION_PLACE_SOUGHT: frozenset({Route.KEEP, ProvisionKind.SPECIAL, ProvisionKind.INDEPENDENT}),
    Decision.FAIR_ACCESS: frozenset({Route.KEEP, Route.NEW_SCHOOL}),
}
"""Where each decision may lead; the two about schools name provisions of a kind instead."""

NAMED_PROVISIONS: dict[Decision, ProvisionKind] = {
    Decision.SPECIAL_SCHOOL: ProvisionKind.SPECIAL,
    Decision.INDEPENDENT_SCHOOL: ProvisionKind.INDEPENDENT,
}
