"""The words results are printed in: labels of kinds, signs and intervals."""

from __future__ import annotations

import textwrap
from math import isnan

from sim.markup import counted
from sim.vocabulary import ProvisionKind

NOT_KNOWN = "not known"
FUTURES = "range of futures"
"""The 10th to 90th percentile over replications and draws of the parameters."""

RUN_TO_RUN = "run-to-run range"
"""The 10th to 90th percentile over replications. It is a range of futures only where parameters are drawn as well."""

LABELS = {
    ProvisionKind.MAINSTREAM: "Mainstream school",
    ProvisionKind.ALTERNATIVE_PROVISION: "Alternative provision",
    ProvisionKind.TUITION_WITH_PLAN: "Tuition, with plan",
    ProvisionKind.TUITION_WITHOUT_PLAN: "Tuition, without plan",
    ProvisionKind.DISTRICT_TEACHING: "District teaching",
    ProvisionKind.SPECIAL: "Special school (SEMH)",
    ProvisionKind.INDEPENDENT: "Independent special",
    ProvisionKind.NO_EDUCATION: "No education",
    ProvisionKind.HOME_EDUCATION: "Home education",
    ProvisionKind.DISTRICT_TEAM: "SEND district team",
    ProvisionKind.OUTREACH: "Base: outreach",
    ProvisionKind.IN_REACH: "Base: in-reach",
    ProvisionKind.ASSESSMENT: "Base: assessment",
    ProvisionKind.TEACHING: "Base: teaching",
    ProvisionKind.RESPITE: "Base: respite",
    ProvisionKind.MANAGED_MOVE: "Managed-move trial",
    ProvisionKind.PANEL: "Centre of Expertise panel",
}


def words(name: str) -> str:
    """Return a name as a reader meets it: the label of a kind, or the name with spaces and a capital."""
    label = {str(kind): text for kind, text in LABELS.items()}.get(name)
    spaced = name.replace("_", " ")
    return label or spaced[:1].upper() + spaced[1:]


def kind_words(kind: str) -> str:
    """Return the label of a kind inside a sentence."""
    label = words(kind)
    return label if label.startswith("SEND") else label[:1].lower() + label[1:]


def shortened(text: str, letters: int) -> str:
    """Return a text of at most so many letters, cut between words; a single long word is cut through."""
    cut = textwrap.shorten(text, letters, placeholder=" ...")
    return cut if cut != "..." and len(cut) > len(" ...") else f"{text[: letters - 4]} ..."


def not_shown(left_out: int) -> str:
    """Return a sentence, after a blank, on scenarios that a figure leaves out; nothing when it shows all."""
    return f" {counted(left_out, 'more scenario')} {'is' if left_out == 1 else 'are'} not shown." if left_out else ""


def signed(value: float, digits: int) -> str:
    """Return a change with its sign and thousands commas; one that rounds to nothing has no sign, NaN is words."""
    if isnan(value):
        return NOT_KNOWN
    rounded = round(value, digits)
    return f"{rounded:+,.{digits}f}" if rounded else f"{0:.{digits}f}"


def level(value: float, digits: int) -> str:
    """Return a level with thousands commas; words when it is not defined (NaN)."""
    return NOT_KNOWN if isnan(value) else f"{value:,.{digits}f}"


def between(low: float, high: float, digits: int) -> str:
    """Return an interval of a change, such as '(-4.1 to +0.3)'; 'no interval' when it is not defined (NaN)."""
    if isnan(low) or isnan(high):
        return "no interval"
    return f"({signed(low, digits)} to {signed(high, digits)})"
