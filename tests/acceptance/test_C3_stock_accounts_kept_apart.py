"""C3: on hand, reserved, picked, packed, in transit and available are kept apart at every step."""

from oms.inventory import queries
from oms.ledger.model import Account
from tests.integration.orders.shop import NOON_MS, STOCK, Shop, line, order

WAY = {
    "release": Account.RESERVED,
    "pick": Account.PICKED,
    "pack": Account.PACKED,
    "ship": Account.TRANSIT_OUT,
    "deliver": Account.CUSTOMER,
}
AT_THE_NODE = (Account.RESERVED, Account.PICKED, Account.PACKED)


def test_units_of_an_order_are_in_one_account_after_each_step(shop: Shop) -> None:
    [taken] = shop.place(order("W1", line("A", 3)))
    assert shop.units(Account.RESERVED, "A") == 3

    for move, account in WAY.items():
        assert shop.move_all(taken.order_id, move) == {}

        held = {each: shop.units(each, "A") for each in (Account.RESERVED, *WAY.values())}
        assert held == {each: 3 if each is account else 0 for each in held}, move
        assert shop.units(Account.AVAILABLE, "A") == 3 * STOCK - 3

    assert shop.broken_checks() == []


def test_on_hand_counts_what_is_at_the_node_whatever_it_is_for(shop: Shop) -> None:
    [taken] = shop.place(order("W1", line("A", 3)))

    for move, account in WAY.items():
        shop.move_all(taken.order_id, move)

        with shop.uow.read() as reader:
            found = queries.atp(reader, [shop.item_id("A")], shop.channel_id, NOON_MS)
        left = 3 * STOCK if account in AT_THE_NODE else 3 * STOCK - 3
        assert sum(each.on_hand for each in found) == left, move
        assert sum(each.available for each in found) == 3 * STOCK - 3
        assert sum(each.reserved for each in found) == (3 if account is Account.RESERVED else 0)


def test_a_cancelled_unit_is_available_again_wherever_it_was(shop: Shop) -> None:
    orders = shop.place(*(order(f"W{n}", line("A", 2)) for n in range(4)))
    steps = [
        ("cancel_allocated",),
        ("release", "cancel_released"),
        ("release", "pick", "cancel_picked"),
        ("release", "pick", "pack", "cancel_packed"),
    ]

    for taken, moves in zip(orders, steps, strict=True):
        assert shop.move_all(taken.order_id, *moves) == {}

    assert shop.units(Account.AVAILABLE, "A") == 3 * STOCK
    assert sum(shop.units(account, "A") for account in AT_THE_NODE) == 0
    assert shop.broken_checks() == []
