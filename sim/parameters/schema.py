"""The shape of a county's parameters: frozen, bounded, with a unit, a range, a grade and a source for every figure.

`sim.parameters.load` fills these from `configs/`; `sim.parameters.changes` makes changed copies and checks again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from sim.parameters.periods import kind_and_year
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

    def evidence(self) -> dict[str, str]:
        """Return these four columns of a row."""
        return {"grade": self.grade.value, "source": self.source, "year": self.year, "note": self.note}


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
        if self.distribution == "lognormal" and self.low <= 0:
            raise ValueError(f"a lognormal figure is above 0; found low {self.low:g}")
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


class Standards(Group):
    """Schools that sign the Standards for Inclusion.

    `correlation` is between a school's readiness to suspend and its readiness to sign. `displacement` is how much
    more weight than its size a school that has signed carries when a pupil needs a new school.
    """

    correlation: Annotated[Quantity, Within("correlation", -1, 1)]
    displacement: Ratio


class Panel(Group):
    """Centres of Expertise: when panels meet, whom they hear (share: 0 nobody, 1 everybody), what they achieve."""

    meeting_weeks: Annotated[Quantity, Within("school weeks", 1, 38)]
    hears_primary: Share
    hears_secondary: Share
    takes_fair_access: Share
    allocates: Probability
    reintegrates: Probability


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
    assessed_at_entry: Probability
    assessment_finds_need: Probability
    takes_tutored: Probability


class Special(Group):
    """Special schools. `reserved_for_tutored` is the share of places closed to pupils who still have a school."""

    refusal: Probability
    waiting_factor: Ratio
    reserved_for_tutored: Share


class Tuition(Group):
    """Out-of-school tuition. `reviewed` is the probability that a package is reviewed after `tuition_review`."""

    stickiness: Ratio
    reintegration_success: Probability
    reviewed: Probability


class Team(Group):
    """SEND district teams: how staff time is counted and shared.

    `case_cv` is the coefficient of variation of the length of pupils' cases (gamma; 0: all of a kind are equal).
    """

    slot_hours: Annotated[Quantity, Within("hours per school week", 0.1, 40)]
    crisis_case_hours: Annotated[Quantity, Within("hours per case", 0, 400)]
    preventive_case_hours: Annotated[Quantity, Within("hours per case", 0, 400)]
    case_cv: Ratio
    protected_share: Share
    teaching_share: Share
    teaches_tutored: Probability
    other_needs_cases: Annotated[Quantity, Within("cases per team per school year", 0, 5000)]


class Quantities(Frozen):
    """All single figures, by group; a path such as `quantities/crisis/identify/value` names one."""

    need: Need
    crisis: Crisis
    schools: Schools
    standards: Standards
    panel: Panel
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
    tuition_review: Duration
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
    centre_of_expertise: Duration


def year_group_number(label: str) -> int:
    """Return the index of a year group label; ValueError names the labels allowed."""
    if label not in YEAR_GROUPS:
        raise ValueError(f"{label!r} is not a year group; allowed are {', '.join(YEAR_GROUPS)}")
    return YEAR_GROUPS.index(label)


@cache
def _year_groups(first: str, last: str) -> range:
    return range(year_group_number(first), year_group_number(last) + 1)


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
        return _year_groups(self.first_year_group, self.last_year_group)


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


GivenBy = Literal["trained_school", "signed_school", "everyone"]
"""What else than support brings an effect: a school's training, its signature, or a rule for all."""


class Effect(Quantity):
    """Factor on a hazard (or on the chance of not returning after a crisis) of the pupils it reaches.

    Given by a kind of support, it is in force from `lag_days` after the support starts until it ends; then for
    `full_days` more, then half of it (halfway to 1) for `half_days`, then none. Days are school days.
    `cases` may limit it to early cases, or to those that follow a crisis.
    Given by a trained or signed school, it is in force while the pupil attends one, whatever the lag of training.
    Given to everyone, it is in force from 1 September to 1 September in the placement and year groups named.
    """

    unit: Literal["ratio"]
    given_by: GivenBy | ProvisionKind
    cases: Literal["any", "early", "crisis"] = "any"
    target: EventKind | Literal["not_returning"]
    placement: Literal["any"] | ProvisionKind = "any"
    first_year_group: str = YEAR_GROUPS[0]
    last_year_group: str = YEAR_GROUPS[-1]
    record: Literal["any", "none", "sen_support", "no_plan", "plan"] = "any"
    severity: Literal["any", "emerging", "moderate", "complex"] = "any"
    lag_days: float = Field(ge=0)
    full_days: float = Field(ge=0)
    half_days: float = Field(ge=0)
    value: float = Field(ge=0)

    @field_validator("given_by")
    @classmethod
    def _is_support(cls, given_by: str) -> str:
        if isinstance(given_by, ProvisionKind) and given_by not in SUPPORTS:
            raise ValueError(f"{given_by} is a placement; allowed are {', '.join((*SUPPORTS, *get_args(GivenBy)))}")
        return given_by

    @model_validator(mode="after")
    def _reach(self) -> Self:
        if self.given_by == "everyone" and self.target == "not_returning":
            raise ValueError("an effect given to everyone acts on a rate; change routes.csv for decisions")
        if self.cases != "any" and not isinstance(self.given_by, ProvisionKind):
            raise ValueError("cases can be narrowed only for an effect given by support")
        is_narrow = self.placement != "any" or self.record != "any"
        if self.given_by != "everyone" and is_narrow:
            raise ValueError("placement and record can be narrowed only for an effect given to everyone")
        return self

    @property
    def selector(self) -> Selector:
        """Which pupils it reaches."""
        return Selector(
            first_year_group=self.first_year_group,
            last_year_group=self.last_year_group,
            record=self.record,
            severity=self.severity,
        )


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


_SEVERITIES = {severity.name.lower(): severity for severity in Severity}


class ProvisionSpec(Evidence, YearGroupRange):
    """A provision: what it is, where, whom it admits, and its dated places and money.

    `places` by date from which they hold; `running_cost` (GBP per year) by date from which it is paid;
    `start_up` (GBP) by date on which it is paid; `school_contribution` (GBP per year) by date from which schools
    pay that much of the running cost, beside the block. Alternative provision has, by 1 September,
    `devolved_budget` (GBP per year) that buys places, less `charge_per_exclusion` and `charge_per_tuition` (GBP
    for each permanent exclusion or new package of tuition with a plan in its district, from the next term on).
    Support may be closed to a `record` or to need less than `least_severity`.
    """

    label: str
    kind: ProvisionKind
    district: str = "any"
    sexes: Literal["any", "male", "female"] = "any"
    primary_sexes: Literal["any", "male", "female"] = "any"
    record: Literal["any", "no_plan", "plan"] = "any"
    least_severity: Literal["none", "emerging", "moderate", "complex"] = "none"
    line: str = ""
    places: dict[date, Places] = Field(default_factory=dict)
    running_cost: dict[date, Money] = Field(default_factory=dict)
    start_up: dict[date, Money] = Field(default_factory=dict)
    school_contribution: dict[date, Money] = Field(default_factory=dict)
    devolved_budget: dict[date, Money] = Field(default_factory=dict)
    charge_per_exclusion: dict[date, Money] = Field(default_factory=dict)
    charge_per_tuition: dict[date, Money] = Field(default_factory=dict)

    def supports(self, record: Record, severity: Severity) -> bool:
        """Whether support is open to a pupil of this record and severity."""
        fits_record = self.record == "any" or (self.record == "plan") == (record is Record.PLAN)
        return fits_record and severity >= _SEVERITIES[self.least_severity]

    def admits(self, year_group: int, sex: Sex) -> bool:
        """Whether the admission criteria allow a pupil of this year group and sex."""
        is_primary = phase_of(year_group) is Phase.PRIMARY
        fits_phase = not is_primary or self.primary_sexes in ("any", sex)
        return year_group in self.year_groups and self.sexes in ("any", sex) and fits_phase


class Programme(Evidence):
    """Money for something without places, such as training: what it is called, its budget line, and dated money."""

    label: str
    line: str
    running_cost: dict[date, Money] = Field(default_factory=dict)
    start_up: dict[date, Money] = Field(default_factory=dict)


class YearlySeries(Frozen):
    """Figures by academic year ('2018/19'); before the first year its figure holds, after the last the last."""

    onset_factor: dict[str, Quantity]
    ehc_request_factor: dict[str, Quantity]
    refused_share: dict[str, Quantity]
    other_needs_requests: dict[str, Quantity]
    casework_capacity: dict[str, Quantity]
    trained_share: dict[str, Quantity]
    signed_share: dict[str, Quantity]

    ALLOWED: ClassVar[dict[str, Within]] = {
        "onset_factor": Within("ratio", 0, 10),
        "ehc_request_factor": Within("ratio", 0, 10),
        "refused_share": Within("share", 0, 1),
        "other_needs_requests": Within("requests per school year", 0, 1e6),
        "casework_capacity": Within("assessments per school year", 0, 1e9),
        "trained_share": Within("share", 0, 1),
        "signed_share": Within("share", 0, 1),
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
    school_closures: tuple[str, ...] = Field(
        default=(), description="periods in which schools were closed: published figures of them are shown, not scored"
    )
    calibration: str = Field(
        default="",
        description="run of the calibration that these figures come from, '' if none; set when they are read",
    )

    @field_validator("school_closures")
    @classmethod
    def _periods(cls, labels: tuple[str, ...]) -> tuple[str, ...]:
        for label in labels:
            kind_and_year(label)
        return labels


class Source(Frozen):
    """A source that rows refer to by key."""

    title: str = Field(min_length=1)
    publisher: str = Field(min_length=1)
    url: str = ""


class Later(Frozen):
    """What holds from a 1 September on in place of the parts of the same name."""

    quantities: Quantities
    durations: Durations
    rates: dict[str, Rate]
    routes: dict[str, RouteWeight]
    effects: dict[str, Effect]
    tariffs: dict[str, Tariff]


class Parameters(Frozen):
    """Everything a run depends on besides the seed and the replication.

    `later` holds the parts that change, by the 1 September from which each set holds; `on` gives those in force.
    """

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
    programmes: dict[str, Programme]
    schools: dict[str, School]
    cohorts: dict[str, dict[str, Cohort]]
    tariffs: dict[str, Tariff]
    lines: dict[str, BudgetLine]
    budgets: dict[str, dict[str, Quantity]]
    inflation: dict[str, Quantity]
    discount: dict[str, Quantity]
    observed: dict[str, Observed]
    sources: dict[str, Source]
    later: dict[date, Later] = Field(default_factory=dict)

    def on(self, day: date) -> Self:
        """Return the parameters in force on a date: those from the last 1 September of `later` on or before it."""
        begun = [start for start in self.later if start <= day]
        if not begun:
            return self
        parts = self.later[max(begun)]
        return self.model_copy(update={name: getattr(parts, name) for name in Later.model_fields})

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
    Decision.TUITION_REVIEW: frozenset(
        {Route.KEEP, Route.RETURN, ProvisionKind.ALTERNATIVE_PROVISION, ProvisionKind.SPECIAL}
    ),
}
"""Where each decision may lead; the two about schools name provisions of a kind instead."""

NAMED_PROVISIONS: dict[Decision, ProvisionKind] = {
    Decision.SPECIAL_SCHOOL: ProvisionKind.SPECIAL,
    Decision.INDEPENDENT_SCHOOL: ProvisionKind.INDEPENDENT,
}
