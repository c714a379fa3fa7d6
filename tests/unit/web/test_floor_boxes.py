"""Which box suggests itself at the packing bench."""

import pytest

from oms.catalog.model import Item, ItemKind
from oms.web.floor.boxes import BoxKind, box_kinds, suggested

KINDS = (
    BoxKind("S", (200, 150, 80), 60, 1_500),
    BoxKind("M", (300, 220, 120), 140, 5_000),
    BoxKind("L", (400, 300, 200), 320, 15_000),
)


def item(weight_g: int, *sides_mm: int) -> Item:
    length, width, height = sides_mm or (0, 0, 0)
    return Item(
        id="itm_a",
        sku="A",
        name="A",
        kind=ItemKind.STOCK,
        weight_g=weight_g,
        length_mm=length,
        width_mm=width,
        height_mm=height,
        unit_price_minor=0,
        currency="",
        tags=(),
        tax_rate_bp=0,
        active=True,
        version=1,
    )


@pytest.mark.parametrize(
    ("goods", "name"),
    [
        ([], "S"),
        ([(item(300), 5)], "S"),
        ([(item(300), 6)], "M"),
        ([(item(10, 250, 20, 20), 1)], "M"),
        ([(item(10, 100, 100, 100), 3)], "M"),
        ([(item(10, 100, 100, 100), 8)], "L"),
        ([(item(90_000), 1)], "L"),
    ],
)
def test_the_smallest_box_that_takes_it_is_suggested(
    goods: list[tuple[Item, int]], name: str
) -> None:
    assert KINDS[suggested(KINDS, goods)].name == name


def test_there_is_a_box_for_each_of_the_keys() -> None:
    assert len(box_kinds()) == 4
    assert box_kinds()[1].words == "30 × 22 × 12 cm"
