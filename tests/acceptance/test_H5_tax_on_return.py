"""H5: tax on a return is the tax of the sale, line by line; refunds sum to what was paid."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import pytest

from tests.integration.accounting.shop import Sold
from tests.integration.accounting.world import World, prepare
from tests.services.databases import Databases


class Golden(msgspec.Struct, frozen=True):
    """A refund that other systems got wrong: what was sold, and which units come back in turn."""

    sold: tuple[Sold, ...]
    discount_minor: int
    returns: tuple[tuple[int, ...], ...]


# fmt: off
CASES: Final = {
    "150+60, order discount 42, refund the 150 item":
        Golden((Sold(1, 15000), Sold(1, 6000, sku="JUG")), 4200, ((1, 0),)),
    "6+4, order discount 1, refund item 1":
        Golden((Sold(1, 600), Sold(1, 400, sku="JUG")), 100, ((1, 0),)),
    "3 x 100 with -10%, return 2":
        Golden((Sold(3, 30000, discount_minor=3000),), 0, ((2,),)),
    "3 x 10.00, discount 1.00: refund 2 then 1 must equal 29.00":
        Golden((Sold(3, 3000),), 100, ((2,), (1,))),
    "39.99 + 7% tax, full refund":
        Golden((Sold(1, 3999, tax_rate=700),), 0, ((1,),)),
    "3 x 3.33, discount 1.00, 19% exclusive: 3 single returns = paid":
        Golden((Sold(3, 999, tax_rate=1900),), 100, ((1,), (1,), (1,))),
}
# fmt: on


@pytest.fixture
def world(databases: Databases) -> Iterator[World]:
    url = databases.copy_of("shop", prepare)
    made = World(url)
    yield made
    made.close()
    databases.drop(url)


@pytest.mark.parametrize("case", CASES)
def test_the_golden_refunds(world: World, case: str, shared_design: Path) -> None:
    told = json.loads((shared_design / "refund_golden.json").read_text(encoding="utf-8"))
    expected = next(each["expected_minor"] for each in told if each["case"] == case)
    golden = CASES[case]
    order = world.order(*golden.sold, discount_minor=golden.discount_minor)
    world.ship(order, *(line.quantity for line in order.lines))

    for quantities in golden.returns:
        world.come_back(order, *quantities)

    assert sum(refund.refunded_minor for refund in world.refunds(order)) == expected
    assert sum(note.total_minor for note in world.documents(order, "credit_note")) == expected
    world.expect_proven()


def test_no_golden_refund_is_left_out(shared_design: Path) -> None:
    told = json.loads((shared_design / "refund_golden.json").read_text(encoding="utf-8"))

    assert {each["case"] for each in told} == set(CASES)


def test_every_unit_is_credited_with_the_very_tax_it_was_sold_with(world: World) -> None:
    order = world.order(
        Sold(7, 9999, tax_rate=1900),
        Sold(3, 1000, tax_rate=700, sku="JUG"),
        discount_minor=1234,
        includes_tax=True,
        charges=[(495, 0, 1900)],
    )
    world.ship(order, 4, 1)
    world.cancel(order, 1, 1)
    world.ship(order, 2, 1)

    for quantities in ((2, 0), (1, 2), (3, 0)):
        world.come_back(order, *quantities)

    assert tax_of(world, order.lines[0].id, "invoice") == tax_of(
        world, order.lines[0].id, "credit_note"
    )
    assert tax_of(world, order.lines[1].id, "invoice") == tax_of(
        world, order.lines[1].id, "credit_note"
    )
    back = sum(refund.refunded_minor for refund in world.refunds(order))
    assert back == order.total_minor - 495
    world.expect_proven()


def tax_of(world: World, line_id: str, kind: str) -> tuple[int, int, int]:
    """Units, net and tax of an order line on all documents of a kind."""
    lines = [
        line
        for document in world.documents(kind=kind)
        for line in world.document(document.id).lines
        if line.line_id == line_id
    ]
    return (
        sum(line.quantity for line in lines),
        sum(line.net_minor for line in lines),
        sum(line.tax_minor for line in lines),
    )
