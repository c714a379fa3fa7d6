"""Items, channels and listings are put, found, and understood in channels' words."""

from oms.catalog import queries, service
from oms.catalog.events import ItemPut, ListingPut
from oms.catalog.model import Barcode, ItemKind, PutChannel, PutItem, PutListing, PutPart
from oms.kernel.errors import Invalid, OMSError
from tests.integration.inventory.shelves import GTIN, Shelves, accepted, refused


def test_parts_of_a_bundle_may_come_in_the_same_list_in_any_order(shelves: Shelves) -> None:
    kit = PutItem(sku="KIT", name="Kit", kind=ItemKind.BUNDLE, parts=(PutPart("NUT", 4),))

    with shelves.uow.begin() as tx:
        made, nut = accepted(service.put_items(tx, [kit, PutItem(sku="NUT", name="Nut")]))

    assert made.parts == ((nut.id, 4),)


def test_saying_the_same_twice_changes_and_tells_nothing(shelves: Shelves) -> None:
    mug = PutItem(sku="MUG", name="A mug", barcodes=(Barcode(GTIN),), weight_g=300)
    told = len(shelves.told(ItemPut))

    with shelves.uow.begin() as tx:
        [again] = accepted(service.put_items(tx, [mug]))

    assert again.version == 1
    assert len(shelves.told(ItemPut)) == told


def test_the_later_word_about_an_item_wins_even_in_one_list(shelves: Shelves) -> None:
    words = [PutItem(sku="HAT", name=name) for name in ("Cap", "Hat", "Hat")]

    with shelves.uow.begin() as tx:
        first, second, third = accepted(service.put_items(tx, words))

    assert (first.version, second.version, third.version) == (1, 2, 2)
    assert second.id == first.id
    with shelves.uow.read() as reader:
        assert queries.item(reader, first.id).name == "Hat"


def test_a_bad_item_leaves_its_neighbours_alone(shelves: Shelves) -> None:
    words = [
        PutItem(sku="HAT", name="Hat"),
        PutItem(sku="BAD", name="Bad", barcodes=(Barcode("4006381333932"),)),
        PutItem(sku="TAKEN", name="Taken", barcodes=(Barcode(GTIN),)),
    ]

    with shelves.uow.begin() as tx:
        hat, bad, taken = service.put_items(tx, words)

    assert isinstance(bad, Invalid)
    assert isinstance(taken, Invalid)
    assert not isinstance(hat, OMSError)
    with shelves.uow.read() as reader:
        assert set(queries.items_by_sku(reader, ["HAT", "BAD", "TAKEN"])) == {"HAT"}


def test_two_new_items_cannot_share_a_barcode(shelves: Shelves) -> None:
    words = [PutItem(sku=sku, name=sku, barcodes=(Barcode("INT-7"),)) for sku in ("HAT", "CAP")]

    with shelves.uow.begin() as tx:
        hat, cap = service.put_items(tx, words)

    assert not isinstance(hat, OMSError)
    assert isinstance(cap, Invalid)
    assert set(cap.fields) == {"barcodes[0]"}


def test_a_barcode_that_an_item_gave_up_is_free_again(shelves: Shelves) -> None:
    with shelves.uow.begin() as tx:
        accepted(service.put_items(tx, [PutItem(sku="MUG", name="A mug")]))
    with shelves.uow.begin() as tx:
        [new] = accepted(
            service.put_items(tx, [PutItem(sku="NEW", name="N", barcodes=(Barcode(GTIN),))])
        )

    with shelves.uow.read() as reader:
        assert queries.items_by_barcode(reader, [GTIN])[GTIN].id == new.id


def test_items_are_found_by_id_sku_and_barcode_of_any_length(shelves: Shelves) -> None:
    mug = shelves.item("MUG")

    with shelves.uow.read() as reader:
        by_code = queries.items_by_barcode(reader, [GTIN, f"0{GTIN}", "nothing"])

        assert {code: item.id for code, item in by_code.items()} == {GTIN: mug, f"0{GTIN}": mug}
        assert queries.items_by_sku(reader, ["MUG", "NONE"]).keys() == {"MUG"}
        assert queries.weights(reader, [mug]) == {mug: 300}
        assert queries.skus(reader)[mug] == "MUG"


def test_the_catalogue_is_read_in_pages_and_searched(shelves: Shelves) -> None:
    with shelves.uow.read() as reader:
        first = [item.sku for item in queries.items(reader, count=2)]
        rest = [item.sku for item in queries.items(reader, after_sku=first[-1])]

        assert (first, rest) == (["CUP", "MUG"], ["POT", "SET"])
        assert [i.sku for i in queries.items(reader, text="a MUG")] == ["MUG"]
        assert queries.items(reader, text="%") == []


def test_a_name_means_its_listing_before_our_sku_before_a_barcode(shelves: Shelves) -> None:
    web, mug, cup = shelves.channel("web"), shelves.item("MUG"), shelves.item("CUP")
    with shelves.uow.begin() as tx:
        accepted(
            service.put_listings(
                tx, [PutListing(channel_id=web, external_sku="POT", sku="CUP", title="Pot?")]
            )
        )

    names = [(web, "POT", ""), (web, "MUG", ""), (web, "??", GTIN), (web, "??", "4006381333932")]
    with shelves.uow.read() as reader:
        found = service.resolve_listings(reader, [*names, (shelves.channel("till"), "POT", "")])

    assert found[web, "POT", ""].id == cup
    assert found[web, "MUG", ""].id == mug
    assert found[web, "??", GTIN].id == mug
    assert (web, "??", "4006381333932") not in found
    assert found[shelves.channel("till"), "POT", ""].sku == "POT"


def test_a_bundle_is_understood_with_its_parts(shelves: Shelves) -> None:
    web = shelves.channel("web")

    with shelves.uow.read() as reader:
        found = service.resolve_listings(reader, [(web, "SET", "")])[web, "SET", ""]

    assert dict(found.parts) == {shelves.item("MUG"): 2, shelves.item("POT"): 1}


def test_a_listing_of_something_unknown_is_refused_with_what_is_unknown(shelves: Shelves) -> None:
    with shelves.uow.begin() as tx:
        refusal = refused(
            service.put_listings(tx, [PutListing(channel_id="chn_x", external_sku="1", sku="X")])
        )

    assert set(refusal.fields) == {"channel_id", "sku"}


def test_a_new_meaning_of_a_name_is_told_once(shelves: Shelves) -> None:
    listing = PutListing(channel_id=shelves.channel("web"), external_sku="M-1", sku="MUG")

    for _ in range(2):
        with shelves.uow.begin() as tx:
            accepted(service.put_listings(tx, [listing]))

    assert [event.external_sku for event in shelves.told(ListingPut)] == ["M-1"]
    with shelves.uow.read() as reader:
        assert len(queries.listings(reader, shelves.channel("web"))) == 1


def test_a_channel_keeps_its_settings_and_is_found_by_code(shelves: Shelves) -> None:
    told = PutChannel(
        code="web",
        name="Webshop",
        currency="IDR",
        locale="id",
        country="ID",
        time_zone="Asia/Jakarta",
        settings={"shop": "kopi", "pages": 3},
    )

    with shelves.uow.begin() as tx:
        [channel] = accepted(service.put_channels(tx, [told]))

    with shelves.uow.read() as reader:
        assert queries.channel_by_code(reader, "web") == channel
        assert queries.channel(reader, channel.id).settings == {"shop": "kopi", "pages": 3}
        assert [each.code for each in queries.channels(reader)] == ["till", "web"]
    assert channel.version == 2
