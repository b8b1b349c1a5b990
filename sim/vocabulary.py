"""The words of the model. Standard library only; everything else speaks in these terms.

Kinds are closed sets, so they are enumerations; provisions and schools are open, so they are data.
The order of the members is the order of the codes in recorded tables, and of ties: add new ones at the end.
"""

from enum import IntEnum, StrEnum

YEAR_GROUPS = ("R", "Y1", "Y2", "Y3", "Y4", "Y5", "Y6", "Y7", "Y8", "Y9", "Y10", "Y11")
"""Year groups from Reception to the end of compulsory schooling; a year group's number is its index."""

FIRST_SECONDARY = YEAR_GROUPS.index("Y7")
LAST_YEAR_GROUP = len(YEAR_GROUPS) - 1


class Phase(StrEnum):
    """Primary is Reception to Year 6, secondary Year 7 to Year 11."""

    PRIMARY = "primary"
    SECONDARY = "secondary"


_PHASES = tuple(Phase.SECONDARY if number >= FIRST_SECONDARY else Phase.PRIMARY for number in range(len(YEAR_GROUPS)))


def phase_of(year_group: int) -> Phase:
    """Return the phase of a year group number."""
    return _PHASES[year_group]


class Sex(StrEnum):
    """Recorded because some places admit one sex only."""

    FEMALE = "female"
    MALE = "male"


class Severity(IntEnum):
    """How serious a pupil's SEMH need is now; NONE means resolved, and it may recur."""

    NONE = 0
    EMERGING = 1
    MODERATE = 2
    COMPLEX = 3


class Record(IntEnum):
    """How the need is recorded: not at all, as SEN support, or in an EHC plan."""

    NONE = 0
    SEN_SUPPORT = 1
    PLAN = 2


class ProvisionKind(StrEnum):
    """What a provision is. The first nine are placements (a pupil has exactly one); the rest are support."""

    MAINSTREAM = "mainstream"
    ALTERNATIVE_PROVISION = "alternative_provision"
    TUITION_WITH_PLAN = "tuition_with_plan"
    TUITION_WITHOUT_PLAN = "tuition_without_plan"
    DISTRICT_TEACHING = "district_teaching"
    SPECIAL = "special_school"
    INDEPENDENT = "independent_special"
    NO_EDUCATION = "no_education"
    HOME_EDUCATION = "home_education"
    DISTRICT_TEAM = "district_team"
    OUTREACH = "base_outreach"
    IN_REACH = "base_in_reach"
    ASSESSMENT = "base_assessment"
    TEACHING = "base_teaching"
    RESPITE = "base_respite"
    MANAGED_MOVE = "managed_move_trial"
    PANEL = "centre_of_expertise"


PLACEMENTS = tuple(ProvisionKind)[:9]
SUPPORTS = tuple(ProvisionKind)[9:]
BASE_TIERS = (
    ProvisionKind.OUTREACH,
    ProvisionKind.IN_REACH,
    ProvisionKind.ASSESSMENT,
    ProvisionKind.TEACHING,
    ProvisionKind.RESPITE,
)


class EventKind(StrEnum):
    """The competing events of a pupil's career, each driven by a hazard; ties fall in this order."""

    WORSEN = "worsen"
    IMPROVE = "improve"
    RESOLVE = "resolve"
    RECUR = "recur"
    RECORD = "record"
    SUPPORT_REFERRAL = "support_referral"
    SUSPENSION = "suspension"
    EHC_REQUEST = "ehc_request"
    AP_REFERRAL = "ap_referral"
    BREAKDOWN = "breakdown"
    MEDICAL = "medical_referral"
    REINTEGRATION = "reintegration"
    HOME_EDUCATION = "home_education"
    LEAVE_COUNTY = "leave_county"


class Decision(StrEnum):
    """A choice among destinations whose probabilities are rows of routes.csv."""

    ONSET_SEVERITY = "onset_severity"
    SUSPENSION = "suspension"
    AP_FULL = "ap_full"
    SUPPORT_REFERRAL = "support_referral"
    PLAN_ISSUED = "plan_issued"
    ANNUAL_REVIEW = "annual_review"
    PHASE_TRANSFER = "phase_transfer"
    TUITION_PLACE_SOUGHT = "tuition_place_sought"
    FAIR_ACCESS = "fair_access"
    SPECIAL_SCHOOL = "special_school"
    INDEPENDENT_SCHOOL = "independent_school"
    TUITION_REVIEW = "tuition_review"


class Route(StrEnum):
    """Destinations a decision may name besides a kind of provision."""

    RETURN = "return"
    MANAGED_MOVE = "managed_move"
    PERMANENT_EXCLUSION = "permanent_exclusion"
    WAIT_IN_SCHOOL = "wait_in_school"
    EHC_REQUEST = "ehc_request"
    TUITION = "tuition"
    KEEP = "keep"
    NEW_SCHOOL = "new_school"
    EMERGING = "emerging"
    MODERATE = "moderate"
    COMPLEX = "complex"


class Happening(StrEnum):
    """What the journal notes about a pupil at an instant; `value` holds the number named in brackets."""

    ONSET = "onset"
    WORSENED = "worsened"
    IMPROVED = "improved"
    RESOLVED = "resolved"
    RECURRED = "recurred"
    RECORDED = "recorded"
    SUPPORT_REFERRED = "support_referred"
    SUSPENSION = "suspension"  # school days out
    RETURNED = "returned"
    CRISIS_SERVED = "crisis_served"
    CRISIS_UNSERVED = "crisis_unserved"
    CRISIS_ABSORBED = "crisis_absorbed"
    MANAGED_MOVE_STARTED = "managed_move_started"
    MANAGED_MOVE_SUCCEEDED = "managed_move_succeeded"
    MANAGED_MOVE_FAILED = "managed_move_failed"
    AP_REFERRED_AFTER_CRISIS = "ap_referred_after_crisis"
    AP_REFERRED_PLANNED = "ap_referred_planned"
    AP_FULL = "ap_full"
    PERMANENT_EXCLUSION = "permanent_exclusion"
    SIXTH_DAY_DUTY = "sixth_day_duty"
    FAIR_ACCESS_PLACED = "fair_access_placed"
    MEDICAL_REFERRAL = "medical_referral"
    BREAKDOWN = "breakdown"
    TUITION_AFTER_CRISIS = "tuition_after_crisis"
    EHC_REQUESTED = "ehc_requested"
    EHC_REFUSED = "ehc_refused"
    EHC_OVERTURNED = "ehc_overturned"
    EHC_NO_PLAN = "ehc_no_plan"
    PLAN_ISSUED = "plan_issued"  # calendar weeks from request to final plan
    PLAN_LATE = "plan_late"  # calendar weeks past the due date
    PLAN_CEASED = "plan_ceased"
    ANNUAL_REVIEW = "annual_review"
    SPECIAL_NAMED = "special_named"
    SPECIAL_REFUSED = "special_refused"
    INDEPENDENT_NAMED = "independent_named"
    REINTEGRATED = "reintegrated"
    REINTEGRATION_FAILED = "reintegration_failed"
    PHASE_TRANSFER = "phase_transfer"
    LEFT_YEAR_11 = "left_year_11"
    LEFT_COUNTY = "left_county"
    HOME_EDUCATED = "home_educated"
    PANEL_REFERRED = "panel_referred"
    PANEL_HEARD = "panel_heard"
    PANEL_ALLOCATED = "panel_allocated"
    AP_ASSESSED = "ap_assessed"
    TUITION_REVIEWED = "tuition_reviewed"
    PARTNERSHIP_PLACED = "partnership_placed"
    TAUGHT_BY_DISTRICT = "taught_by_district"
    PARTNERSHIP_CHARGED = "partnership_charged"  # pounds, in prices of the day


class WaitOutcome(StrEnum):
    """How a wait for a place ended; CENSORED means it had not ended at the horizon."""

    OFFERED = "offered"
    DEADLINE = "deadline"
    CASE_CHANGED = "case_changed"
    CENSORED = "censored"


class WaitingClass(IntEnum):
    """Rank on a waiting list, best first; within a class the longest waiting goes first.

    The first three are for placements; the others are for support, TEACHING for pupils whom a district teacher teaches.
    """

    NO_EDUCATION = 0
    TUITION = 1
    OTHER = 2
    CRISIS = 0
    TEACHING = 1
    PREVENTIVE = 2


class Grade(StrEnum):
    """How good the evidence for a figure is, on one scale."""

    PUBLISHED_LOCAL = "published local"
    PUBLISHED_NATIONAL = "published national"
    OTHER_AUTHORITY = "other authority"
    DERIVED = "derived"
    JUDGEMENT = "judgement"
