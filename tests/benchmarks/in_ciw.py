"""The queueing network in Ciw, with its own luck: it agrees with the others in the mean, not event by event.

The pathway is left out: Ciw has no support that competes with referral and with leaving without nodes of one's own.
"""

from __future__ import annotations

import ciw

from tests.benchmarks import cases
from tests.benchmarks.cases import Found, Network, Read, Run


def network(case: Network) -> Run:
    classes = [f"class_{rank}" for rank in range(cases.CLASSES)]
    rates = [cases.CUSTOMERS_A_DAY * share / cases.STATIONS for share in cases.CLASS_SHARES]
    stations = range(cases.STATIONS)
    onwards = [[0.0 if to == at else cases.GOES_ON / (cases.STATIONS - 1) for to in stations] for at in stations]

    def run() -> Read:
        ciw.seed(case.seed)
        described = ciw.create_network(
            arrival_distributions={
                name: [ciw.dists.Exponential(rate)] * cases.STATIONS for name, rate in zip(classes, rates, strict=True)
            },
            service_distributions={
                name: [ciw.dists.Exponential(1.0 / cases.SERVICE_DAYS)] * cases.STATIONS for name in classes
            },
            routing=dict.fromkeys(classes, onwards),
            priority_classes={name: rank for rank, name in enumerate(classes)},
            number_of_servers=[cases.SERVERS] * cases.STATIONS,
        )
        simulation = ciw.Simulation(described)
        simulation.simulate_until_max_time(case.end)
        records = simulation.get_all_records()
        return lambda: _found(records, simulation.nodes[0].number_of_individuals)

    return run


def _found(records: list[ciw.data_record.DataRecord], customers: int) -> Found:
    served = [record for record in records if record.record_type == "service"]
    rank = [int(record.customer_class.removeprefix("class_")) for record in served]
    waited = cases.by_class(rank, [record.waiting_time for record in served])
    return Found(customers + len(served), cases.by_class(rank), waited, ())
