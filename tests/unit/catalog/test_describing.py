"""What a description of an item, a bundle or a channel may say."""

import msgspec
import pytest

from oms.catalog import model
from oms.catalog.model import Barcode, Item, ItemKind, ItemRef, Parts, PutChannel, PutItem, PutPart
from oms.kernel.errors import Invalid

MUG = PutItem(sku="MUG", name="A mug")
SET = PutItem(sku="SET", name="Two mugs", kind=ItemKind.BUNDLE, parts=(PutPart("MUG", 2),))
WEB = PutChannel(code="web", name="Webshop", currency="GBP", country="GB")
KNOWN = Parts({"MUG": ("itm_mug", ItemKind.STOCK), "SET": ("itm_set", ItemKind.BUNDLE)})


def wrong_fields(command: PutItem) -> set[str]:
    with pytest.raises(Invalid) as refusal:
        model.checked_item(command)
    return set(refusal.value.fields)


def test_every_bad_field_is_named_at_once() -> None:
    bad = PutItem(
        sku=" MUG", name="", weight_g=-1, tax_rate_bp=20_000, unit_price_minor=5, currency="XXX9"
    )

    assert wrong_fields(bad) == {"sku", "name", "weight_g", "tax_rate_bp", "currency"}


@pytest.mark.parametrize("sku", ["", "x" * 81, "a\tb", "mug "])
def test_an_sku_can_be_printed_and_is_not_too_long(sku: str) -> None:
    assert wrong_fields(PutItem(sku=sku, name="A mug")) == {"sku"}


def test_gtins_of_any_length_are_kept_with_14_digits() -> None:
    codes = (Barcode("4006381333931"), Barcode("96385074", 6), Barcode("SHELF-7"))
    item = model.checked_item(msgspec.structs.replace(MUG, barcodes=codes))

    assert [code.barcode for code in item.barcodes] == [
        "04006381333931",
        "00000096385074",
        "SHELF-7",
    ]
    assert item.barcodes[1].units == 6


def test_a_gtin_with_a_wrong_check_digit_is_refused_with_the_right_one() -> None:
    bad = msgspec.structs.replace(MUG, barcodes=(Barcode("4006381333932"),))

    with pytest.raises(Invalid) as refusal:
        model.checked_item(bad)

    assert "should be 1" in refusal.value.fields["barcodes[0]"]


def test_the_same_barcode_twice_is_one_too_many() -> None:
    codes = (Barcode("4006381333931"), Barcode("04006381333931"))

    assert wrong_fields(msgspec.structs.replace(MUG, barcodes=codes)) == {"barcodes[1]"}


def test_a_barcode_of_another_item_is_refused() -> None:
    item = model.put_item(
        model.checked_item(msgspec.structs.replace(MUG, barcodes=(Barcode("4006381333931"),))),
        None,
        "itm_1",
    )

    with pytest.raises(Invalid, match="MUG") as refusal:
        model.expect_free(item, {"04006381333931": "itm_other"})
    model.expect_free(item, {"04006381333931": "itm_1"})

    assert "itm_other" in refusal.value.fields["barcodes[0]"]


def test_a_bundle_has_parts_and_a_stock_item_none() -> None:
    assert wrong_fields(msgspec.structs.replace(SET, parts=())) == {"parts"}
    assert wrong_fields(msgspec.structs.replace(MUG, parts=(PutPart("X"),))) == {"parts"}


def test_a_part_stands_once_and_counts_at_least_one() -> None:
    parts = (PutPart("MUG", 0), PutPart("MUG", 2))

    assert wrong_fields(msgspec.structs.replace(SET, parts=parts)) == {
        "parts[0].units",
        "parts[1].sku",
    }


def test_parts_are_known_and_no_bundles_themselves() -> None:
    parts = (PutPart("MUG", 2), PutPart("SET"), PutPart("CUP"))

    with pytest.raises(Invalid) as refusal:
        model.part_ids(msgspec.structs.replace(SET, sku="BIG", parts=parts), KNOWN)

    assert refusal.value.fields == {
        "parts[1].sku": "'SET' is a bundle itself: name its parts",
        "parts[2].sku": "there is no item 'CUP'",
    }


def test_an_item_stays_what_it_is() -> None:
    old = model.put_item(MUG, None, "itm_1")
    other = PutItem(sku="MUG", name="x", kind=ItemKind.BUNDLE, id="itm_2")

    with pytest.raises(Invalid) as refusal:
        model.put_item(other, old, old.id)

    assert set(refusal.value.fields) == {"kind", "id"}


def test_saying_the_same_again_gives_the_same_item() -> None:
    old: Item = msgspec.structs.replace(model.put_item(MUG, None, "itm_1"), version=7)

    assert model.put_item(MUG, old, "itm_1") == old


def test_units_on_shelves_behind_an_order_line() -> None:
    item = ItemRef(
        id="itm_1", sku="A", name="", kind=ItemKind.STOCK, weight_g=0, tags=(), tax_rate_bp=0
    )
    parts = (("itm_1", 2), ("itm_2", 1))
    bundle = msgspec.structs.replace(item, id="itm_9", kind=ItemKind.BUNDLE, parts=parts)

    assert item.stock_units(3) == (("itm_1", 3),)
    assert bundle.stock_units(3) == (("itm_1", 6), ("itm_2", 3))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", ""),
        ("currency", ""),
        ("currency", "POUND"),
        ("country", "UK?"),
        ("locale", "English"),
        ("time_zone", "Mars/Olympus"),
    ],
)
def test_a_channel_says_where_and_in_what_it_sells(field: str, value: str) -> None:
    with pytest.raises(Invalid) as refusal:
        model.checked_channel(msgspec.structs.replace(WEB, **{field: value}))

    assert set(refusal.value.fields) == {field}


def test_digits_that_are_no_gtin_match_nothing() -> None:
    assert model.stored_gtin("4006381333931") == "04006381333931"
    assert model.stored_gtin("4006381333932") == ""
    assert model.stored_gtin("call me") == ""
    assert model.stored_gtin("") == ""
