"""Behaviour: what follows each kind of event, one process per file."""

from collections.abc import Mapping

from sim.pathways.alternative_provision import planned_referral
from sim.pathways.career import Pathway
from sim.pathways.leaving import become_home_educated, leave_county
from sim.pathways.need import become_recorded, improve, recur, resolve, worsen
from sim.pathways.needs_assessment import needs_assessment
from sim.pathways.reintegration import reintegration
from sim.pathways.support import support_referral
from sim.pathways.suspension import suspension
from sim.pathways.tuition import breakdown, medical_referral
from sim.vocabulary import EventKind

PATHWAYS: Mapping[EventKind, Pathway] = {
    EventKind.WORSEN: worsen,
    EventKind.IMPROVE: improve,
    EventKind.RESOLVE: resolve,
    EventKind.RECUR: recur,
    EventKind.RECORD: become_recorded,
    EventKind.SUPPORT_REFERRAL: support_referral,
    EventKind.SUSPENSION: suspension,
    EventKind.EHC_REQUEST: needs_assessment,
    EventKind.AP_REFERRAL: planned_referral,
    EventKind.BREAKDOWN: breakdown,
    EventKind.MEDICAL: medical_referral,
    EventKind.REINTEGRATION: reintegration,
    EventKind.HOME_EDUCATION: become_home_educated,
    EventKind.LEAVE_COUNTY: leave_county,
}
