"""Growth of a budget line by price and by volume, on made-up spend with round price levels."""

import pytest
from made_results import level, results_of

from sim.analysis.price_or_volume import price_or_volume


def grown(first: list[float], last: list[float]):
    spend = level(len(first))
    return results_of({"baseline": {**spend, "fees": {**spend["fees"], "2019-20": first, "2021-22": last}}})


def test_spend_that_only_follows_prices_grows_by_price_alone() -> None:
    found = price_or_volume(grown([110.0, 220.0], [125.0, 250.0]), "fees")
    assert found.by_volume.mean == pytest.approx(0.0)
    assert found.by_price.mean == pytest.approx((15.0 + 30.0) / 2)


def test_twice_the_places_at_higher_prices_is_split_at_mean_prices_and_mean_volumes() -> None:
    found = price_or_volume(grown([110.0] * 2, [250.0] * 2), "fees")
    assert found.by_volume.mean == pytest.approx(100 * (1.1 + 1.25) / 2)
    assert found.by_price.mean == pytest.approx(0.15 * 150)


def test_the_parts_add_up_to_the_growth_and_name_their_years() -> None:
    found = price_or_volume(grown([80.0, 300.0, 170.0], [130.0, 280.0, 410.0]), "fees")
    assert found.by_volume.mean + found.by_price.mean == pytest.approx(found.after.mean - found.before.mean)
    assert (found.first, found.last) == ("2019-20", "2021-22")
    assert found.by_volume.low < found.by_volume.mean < found.by_volume.high


def test_a_line_that_is_not_there_has_no_growth() -> None:
    assert price_or_volume(grown([1.0] * 2, [1.0] * 2), "no_such_line") is None
