"""An order's status says how far its furthest units are, and whether others lag behind."""

import itertools

import pytest

from oms.orders.machine import LineState
from oms.orders.status import OrderStatus, status

S = LineState


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ({}, OrderStatus.CHARGES_ONLY),
        ({S.DRAFT: 1}, OrderStatus.DRAFT),
        ({S.OPEN: 2}, OrderStatus.PLACED),
        ({S.OPEN: 1, S.DRAFT: 1}, OrderStatus.PLACED),
        ({S.OPEN: 1, S.ALLOCATED: 1}, OrderStatus.PARTLY_ALLOCATED),
        ({S.ALLOCATED: 3}, OrderStatus.ALLOCATED),
        ({S.ALLOCATED: 3, S.CANCELLED: 1}, OrderStatus.ALLOCATED),
        ({S.RELEASED: 1, S.PICKED: 1, S.PACKED: 1}, OrderStatus.IN_FULFILMENT),
        ({S.SHIPPED: 1, S.BACKORDERED: 1}, OrderStatus.PARTLY_SHIPPED),
        ({S.SHIPPED: 2}, OrderStatus.SHIPPED),
        ({S.DELIVERED: 2, S.KEPT: 1}, OrderStatus.DELIVERED),
        ({S.DELIVERED: 2, S.RETURN_REQUESTED: 1}, OrderStatus.PARTLY_RETURNING),
        ({S.RETURN_ACCEPTED: 1}, OrderStatus.RETURNED),
        ({S.CANCELLED: 4}, OrderStatus.CANCELLED),
        ({S.OPEN: 0, S.CANCELLED: 4}, OrderStatus.CANCELLED),
    ],
)
def test_the_status_follows_from_the_units(
    units: dict[LineState, int], expected: OrderStatus
) -> None:
    assert status(units) is expected


def test_every_mix_of_states_has_a_status() -> None:
    for size in (1, 2, 3):
        for states in itertools.combinations(LineState, size):
            assert status(dict.fromkeys(states, 1)) in OrderStatus
