"""What tests share."""

import pytest

from sim.parameters.load import find_county, load_county
from sim.parameters.schema import Parameters


@pytest.fixture(scope="session")
def exampleshire() -> Parameters:
    """Return the small fictional county."""
    return load_county(find_county("exampleshire"))
