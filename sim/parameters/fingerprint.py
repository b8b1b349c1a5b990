"""What tells two sets of parameters apart."""

from hashlib import sha256

from sim.parameters.schema import Parameters


def fingerprint(parameters: Parameters) -> str:
    """Return the sha256 of the parameters in full as JSON: every figure exact, the order of rows as it is.

    Row order counts because codes in recorded tables and the order of ties follow it.
    """
    return sha256(parameters.model_dump_json().encode()).hexdigest()
