"""The outline of a band between two sides of a picture, as in a flow diagram."""

from matplotlib.path import Path

CODES = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]


def ribbon(sides: tuple[float, float], begin: float, finish: float, height: float) -> Path:
    """Return the outline of a band of equal height from the left side to the right one.

    Parameters
    ----------
    sides : where it leaves and where it arrives, from left to right.
    begin, finish : edge of the band at the two sides; the other edge lies `height` further, below 0 for downwards.
    """
    (a, b), middle = sides, 0.5
    points = [(a, begin), (middle, begin), (middle, finish), (b, finish), (b, finish + height)]
    points += [(middle, finish + height), (middle, begin + height), (a, begin + height), (a, begin)]
    return Path(points, CODES)
