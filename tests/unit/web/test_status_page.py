"""What a customer's page says for every way an order can go."""

import pytest

from connectors.contract.parcels import TrackingStatus
from oms.kernel.address import Address
from oms.orders.machine import LineState
from oms.orders.status import OrderStatus
from oms.web.public.status import masked, steps
from oms.web.public.words import WORDS


@pytest.mark.parametrize("language", sorted(WORDS))
def test_there_are_words_for_everything_that_can_be(language: str) -> None:
    words = WORDS[language]

    assert set(words.statuses) == set(OrderStatus)
    assert set(words.states) == set(LineState)
    assert set(words.scans) == set(TrackingStatus)


@pytest.mark.parametrize(
    ("status", "marks"),
    [
        (OrderStatus.PLACED, "now later later later"),
        (OrderStatus.BACKORDERED, "now later later later"),
        (OrderStatus.ALLOCATED, "done now later later"),
        (OrderStatus.PARTLY_IN_FULFILMENT, "done now later later"),
        (OrderStatus.SHIPPED, "done done now later"),
        (OrderStatus.PARTLY_LOST, "done done now later"),
        (OrderStatus.PARTLY_DELIVERED, "done done done now"),
        (OrderStatus.DELIVERED, "done done done done"),
        (OrderStatus.RETURNED, "done done done done"),
        (OrderStatus.CANCELLED, ""),
        (OrderStatus.LOST, ""),
    ],
)
def test_the_steps_show_how_far_it_is(status: OrderStatus, marks: str) -> None:
    assert " ".join(step.mark for step in steps(status, WORDS["en"])) == marks


def test_an_address_is_recognised_but_not_told() -> None:
    address = Address(
        country="ID", name="Siti Rahma", line1="Jl. Braga 1", city="Bandung", postal_code="40111"
    )

    assert masked(address) == "S••• R•••, Bandung, 4•••, ID"


def test_an_address_without_a_name_or_city_is_masked_too() -> None:
    assert masked(Address(country="ID")) == "ID"
