"""Picking: by list, by scan, put back, and what happens when nothing is there."""

import pytest

from fulfillment import service
from fulfillment.events import CountNeeded
from fulfillment.picking.model import Pick, PickScans, ReportShort, Scan, Unpick
from oms.kernel.events import Cause
from oms.orders.machine import LineState
from tests.integration.floor.shop_floor import BARCODES, CASE_OF_A
from tests.integration.floor.warehouse import Warehouse


@pytest.fixture
def work(floor: Warehouse) -> tuple[str, str]:
    """An order of 8 A and 1 B, and its fulfilment order."""
    order_id = floor.ordered(A=8, B=1)
    [fulfilment] = floor.released(order_id)
    return order_id, fulfilment.id


def test_units_are_picked_in_any_number_of_steps(floor: Warehouse, work: tuple[str, str]) -> None:
    order_id, id_ = work

    [first] = floor.do(service.pick, Pick(fulfilment_id=id_, units=floor.units_of(A=3)))
    [rest] = floor.do(service.pick, Pick(fulfilment_id=id_))

    assert (first.moved, rest.moved) == (3, 6)
    assert floor.units_at("node:picked", "A") == 8
    assert floor.states(order_id) == {"picked": 9}
    floor.expect_proven()


def test_a_scanned_item_is_picked_and_a_case_counts_its_units(
    floor: Warehouse, work: tuple[str, str]
) -> None:
    scans = (Scan(CASE_OF_A), Scan(BARCODES["A"], 2), Scan(BARCODES["B"]))

    [done] = floor.do(service.pick_scanned, PickScans(fulfilment_id=work[1], scans=scans))

    assert done.moved == 9


def test_a_wrong_item_is_refused_in_words_and_nothing_is_picked(
    floor: Warehouse, work: tuple[str, str]
) -> None:
    scans = (Scan(BARCODES["A"]), Scan(BARCODES["C"]))

    refused = floor.refusal(service.pick_scanned, PickScans(fulfilment_id=work[1], scans=scans))

    assert refused.code == "scan.wrong_item"
    assert refused.sentence == "Item C (C) is not on the list of FO-000001."
    assert floor.states(work[0]) == {"released": 9}


def test_one_scan_too_many_says_how_many_are_needed(
    floor: Warehouse, work: tuple[str, str]
) -> None:
    scans = (Scan(CASE_OF_A, 2),)

    refused = floor.refusal(service.pick_scanned, PickScans(fulfilment_id=work[1], scans=scans))

    assert refused.sentence == "FO-000001 needs 8 more of Item A (A), 12 were scanned."


def test_an_unknown_barcode_is_no_item(floor: Warehouse, work: tuple[str, str]) -> None:
    command = PickScans(fulfilment_id=work[1], scans=(Scan("0000"),))

    assert floor.refusal(service.pick_scanned, command).code == "scan.unknown_barcode"


def test_picked_units_can_be_put_back(floor: Warehouse, work: tuple[str, str]) -> None:
    floor.do(service.pick, Pick(fulfilment_id=work[1]))

    floor.do(service.unpick, Unpick(fulfilment_id=work[1], units=floor.units_of(A=8)))

    assert floor.states(work[0]) == {"released": 8, "picked": 1}
    assert floor.units_at("node:picked", "A") == 0
    floor.expect_proven()


def test_missing_units_leave_the_books_and_the_order_looks_for_another_node(
    floor: Warehouse, work: tuple[str, str]
) -> None:
    order_id, id_ = work
    inventory_before = floor.journal("Assets:Inventory")
    [fulfilment] = floor.fulfilments(order_id)

    floor.do(
        service.report_short,
        ReportShort(fulfilment_id=id_, units=floor.units_of(A=2), reason="shelf is empty"),
    )
    floor.drain()

    assert floor.units_at("variance", "A") == 2
    assert floor.journal("Assets:Inventory") == inventory_before - 2 * 400
    [told] = floor.told(fulfilment.node_id, CountNeeded)
    assert told == CountNeeded(
        entity=fulfilment.node_id,
        item_id=floor.item_id("A"),
        missing=2,
        reason="shelf is empty",
    )
    assert floor.states(order_id)[LineState.RELEASED] == 7
    assert "order.lines_reopened" in floor.events(order_id)
    floor.expect_proven()


def test_a_fulfilment_order_of_which_nothing_was_found_is_closed(floor: Warehouse) -> None:
    order_id = floor.ordered(A=1)
    [fulfilment] = floor.released(order_id)

    floor.do(
        service.report_short,
        ReportShort(fulfilment_id=fulfilment.id, units=floor.units_of(A=1), reason="gone"),
    )

    assert [each.state for each in floor.fulfilments(order_id)] == ["closed"]
    floor.expect_proven()


def test_a_batch_of_picks_refuses_only_the_bad_one(floor: Warehouse) -> None:
    ids = [floor.released(floor.ordered(name, A=1))[0].id for name in ("W1", "W2")]

    first, unknown, twice, last = floor.attempt(
        service.pick,
        Pick(fulfilment_id=ids[0], cause=Cause("ada")),
        Pick(fulfilment_id="ful_x"),
        Pick(fulfilment_id=ids[0]),
        Pick(fulfilment_id=ids[1], cause=Cause("ben")),
    )

    assert (first.moved, last.moved) == (1, 1)
    assert (unknown.code, twice.code) == ("fulfilment.not_found", "fulfilment.nothing_to_pick")
    assert floor.actors("order.lines_moved")[-2:] == ["ada", "ben"]
