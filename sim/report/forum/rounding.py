"""Figures in words, no finer than their intervals; small counts as official statistics treat them.

Digits follow the width of the interval (see `sim.report.amounts`). A mean count below one a year is given as one in so
many years, and a share of replications is given in percent only when ten or more are counted: the rule of thumb of
ten observations that official statistics use for small cells
(https://celsius.lshtm.ac.uk/onscell.html, advice of the Office for National Statistics on small counts).
"""

from __future__ import annotations

from sim.report.amounts import Style, is_money, is_share
from sim.report.forum.figures import Figure, Interval

FEWEST_IN_PERCENT = 10
FEW_A_YEAR = 1.0
RAREST = 50
"""What comes less often than once in so many years is said to."""

OFTEN = 0.4
"""From so many a year on, a count below one is given in ten years."""

A_YEAR = ("a year", "cases")
PERCENT = 100


def style_of(figure: Figure) -> Style:
    """Return how the numbers of a figure are written."""
    return Style.of(figure.unit, figure.value, figure.low, figure.high)


def value_words(figure: Figure) -> str:
    """Return a figure in words: '£8.3m more', '3.1 fewer pupils', '208.8 pupils', 'in 3 of 30 replications'."""
    if figure.interval is Interval.CHANCE:
        return _chance(figure)
    return _change(figure) if figure.is_change else _level(figure)


def interval_words(figure: Figure) -> str:
    """Return which interval it is and its ends, or that the figure never varied."""
    if figure.interval is Interval.CHANCE:
        return f"{figure.interval} {figure.low:.0%} to {figure.high:.0%}"
    if figure.never_varies:
        return f"the same in all {figure.number} {figure.origin.units}"
    return f"{figure.interval} {ends(figure, figure.low, figure.high)}"


def futures_words(figure: Figure) -> str:
    """Return the range of single runs with its name, or '' where there is none to tell."""
    if figure.futures is None or figure.never_varies:
        return ""
    return f"{figure.origin.range_name} {ends(figure, *figure.futures)}"


def ends(figure: Figure, low: float, high: float) -> str:
    """Return two ends in the digits of a figure: '2.0 to 4.2', '£0.1m less to £0.3m more', '-£86m to -£82m'."""
    style = style_of(figure)
    if figure.is_change:
        return style.between(low, high).replace(" less", " fewer" if _is_counted(figure) else " less")
    return f"{style.signed(low)} to {style.signed(high)}"


def per_cent_of_counts(hits: int, number: int) -> str:
    """Return a share of a number of cases, in percent only when enough are counted."""
    return f"{PERCENT * hits / number:.0f}% of" if hits >= FEWEST_IN_PERCENT else f"{hits} of"


def _chance(figure: Figure) -> str:
    hits = round(figure.value * figure.number)
    return f"in {per_cent_of_counts(hits, figure.number)} {figure.number} {figure.origin.units}"


def _change(figure: Figure) -> str:
    style, size = style_of(figure), abs(figure.value)
    if figure.never_varies and not figure.value:
        return "no change"
    if not _is_counted(figure):
        return style.moved(figure.value)
    way = "more" if figure.value > 0 else "fewer"
    if size < FEW_A_YEAR:
        return _small(figure, f" {way}")
    return f"{style.number(size)} {way} {figure.unit}"


def _level(figure: Figure) -> str:
    if _is_counted(figure) and 0 < figure.value < FEW_A_YEAR:
        return _small(figure, "")
    return style_of(figure).signed(figure.value)


def _small(figure: Figure, way: str) -> str:
    """Return a mean count below one: of happenings as one in so many years, of pupils as it is."""
    size = abs(figure.value)
    if not figure.unit.endswith(A_YEAR):
        return f"fewer than 1 of {figure.unit}{way}: {style_of(figure).number(size)}"
    return f"fewer than 1 a year{way}: {how_often(size)}"


def how_often(size: float) -> str:
    """Return a mean count below one a year as 'about 1 in 7 years', or 'about 7 in 10 years'."""
    if size * RAREST < 1:
        return f"less than 1 in {RAREST} years"
    if size >= OFTEN:
        return f"about {round(10 * size)} in 10 years"
    return f"about 1 in {round(1 / size)} years"


def _is_counted(figure: Figure) -> bool:
    """Whether a figure counts pupils, cases or happenings, of which there are fewer and not less."""
    return not is_money(figure.unit) and not is_share(figure.unit)
