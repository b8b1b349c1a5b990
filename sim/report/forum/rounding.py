"""Figures in words, no finer than their intervals; small counts as official statistics treat them.

Digits follow the width of the interval (see `sim.report.amounts`). A mean count below one a year is given as one in so
many years, and a share of replications is given in percent only when ten or more are counted: the rule of thumb of
ten observations that official statistics use for small cells
(https://celsius.lshtm.ac.uk/onscell.html, advice of the Office for National Statistics on small counts).
"""

from __future__ import annotations

from dataclasses import replace

from sim.analysis.paired_spend import HALF_A_PENNY
from sim.report.amounts import Style, is_money, is_share
from sim.report.forum.figures import Figure, Interval

FINEST = {True: 0, False: -2}
"""The finest place: of money a pound, of counts and lengths of time a hundredth."""

FEWEST_IN_PERCENT = 10
FEW_A_YEAR = 1.0
RAREST = 50
"""What comes less often than once in so many years is said to."""

OFTEN = 0.4
"""From so many a year on, a count below one is given in ten years."""

A_YEAR = ("a year", "pupils a year", "number a year", "cases")
"""Units of what happens so many times a year."""

PERCENT = 100


def style_of(figure: Figure) -> Style:
    """Return how the numbers of a figure are written."""
    style = Style.of(figure.unit, figure.value, figure.low, figure.high)
    return replace(style, place=max(style.place, FINEST[is_money(figure.unit)])) if not is_share(figure.unit) else style


def value_words(figure: Figure) -> str:
    """Return a figure in words: '£8.3m more', '3.1 fewer pupils', '208.8 pupils', 'in 3 of 30 replications'."""
    if figure.interval is Interval.CHANCE:
        return _chance(figure)
    return _change(figure) if figure.is_change else _level(figure)


def interval_words(figure: Figure) -> str:
    """Return which interval it is and its ends, or that the figure never varied."""
    if figure.interval is Interval.GIVEN:
        return str(figure.interval)
    if figure.interval is Interval.CHANCE:
        return f"{figure.interval} {figure.low:.0%} to {figure.high:.0%}"
    if figure.never_varies:
        return f"the same in all {figure.number} {figure.units}"
    return f"{figure.interval} {ends(figure, figure.low, figure.high)}"


def futures_words(figure: Figure) -> str:
    """Return the range of single runs with its name, or '' where there is none to tell."""
    if figure.futures is None or figure.never_varies:
        return ""
    return f"{figure.origin.range_name} {ends(figure, *figure.futures)}"


def ends(figure: Figure, low: float, high: float) -> str:
    """Return two ends in the digits of a figure: '2.0 to 4.2', '£0.1m less to £0.3m more', '-£86m to -£82m'.

    The sizes alone are given where both ends go the way of the figure itself.
    """
    style = style_of(figure)
    if not figure.is_change:
        near = style.signed(low).removesuffix(style.after if _is_counted(figure) else "")
        return f"{near} to {style.signed(high)}"
    less = "fewer" if _is_counted(figure) else "less"
    said = style.between(low, high).replace(" less", f" {less}")
    goes_other_way = (low > 0 and figure.value < 0) or (high < 0 and figure.value > 0)
    return f"{said} {'more' if low > 0 else less}" if goes_other_way else said


def per_cent_of_counts(hits: int, number: int) -> str:
    """Return a share of a number of cases, in percent only when enough are counted."""
    return f"{PERCENT * hits / number:.0f}% of" if hits >= FEWEST_IN_PERCENT else f"{hits} of"


def _chance(figure: Figure) -> str:
    hits = round(figure.value * figure.number)
    return f"in {per_cent_of_counts(hits, figure.number)} {figure.number} {figure.units}"


def _change(figure: Figure) -> str:
    if figure.never_varies and abs(figure.value) < HALF_A_PENNY:
        return "no change"
    if not _is_counted(figure):
        return style_of(figure).moved(figure.value)
    way = "more" if figure.value > 0 else "fewer"
    if _is_rare(figure):
        return how_often(abs(figure.value), f" {way}")
    style = style_of(figure)
    if not round(figure.value, -style.place):
        return f"about no change in {figure.unit}"
    return f"{style.number(figure.value)} {way} {figure.unit}".strip()


def _level(figure: Figure) -> str:
    return how_often(figure.value) if _is_rare(figure) else style_of(figure).signed(figure.value)


def _is_rare(figure: Figure) -> bool:
    return figure.unit in A_YEAR and 0 < abs(figure.value) < FEW_A_YEAR


def how_often(size: float, way: str = "") -> str:
    """Return a mean count below one a year as 'about 1 in 7 years', or 'about 7 fewer in 10 years'."""
    if size * RAREST < 1:
        return f"less than 1{way} in {RAREST} years"
    if size >= OFTEN:
        return f"about {round(10 * size)}{way} in 10 years"
    return f"about 1{way} in {round(1 / size)} years"


def _is_counted(figure: Figure) -> bool:
    """Whether a figure counts pupils, cases or happenings, of which there are fewer and not less."""
    return not is_money(figure.unit) and not is_share(figure.unit)
