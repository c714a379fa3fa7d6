"""A year of a small shop's trade: sales of every outcome, their stock and their money."""

from connectors.contract.messages import ChannelPayment
from oms.kernel.clock import DAY_MS
from oms.ledger import check
from tests.integration.accounting import world
from tests.integration.accounting.shop import Sold, blind
from tests.integration.accounting.world import PROOFS, World

DAYS = 365
SALE_EVERY_DAYS = 4


def prepare(url: str) -> None:
    """Fill an empty database with a year."""
    world.prepare(url)
    shop = World(url)
    for day in range(DAYS):
        shop.clock.advance(DAY_MS)
        if day % 30 == 0:
            shop.receive("MUG", 100 + day, 300 + day % 7)
        if day % SALE_EVERY_DAYS == 0:
            trade(shop, day // SALE_EVERY_DAYS)
    shop.close()


def trade(shop: World, number: int) -> None:
    """One sale; which outcome it has goes by its number."""
    total = 1_001 + number
    lines = (Sold(3, 3 * total, tax_minor=601), Sold(1, 2_500, sku="SET"))
    paid = ChannelPayment(tender="paid_on_channel", amount_minor=3 * total + 2_500 + 601 + 495)
    order = shop.order(*lines, charges=[(450, 45, 1000)], payments=[paid])
    match number % 5:
        case 0:
            shop.ship(order, 3, 1)
        case 1:
            shop.ship(order, 2, 1)
            shop.cancel(order, 1, 0)
        case 2:
            shop.cancel(order)
        case 3:
            shop.ship(order, 3, 1)
            shop.come_back(order, 1, 1, restocked=bool(number % 2))
        case _:
            shop.ship(order, 3, 0)
            shop.inspected([blind(shop.item_id("JUG"), 2, 1_400, 280)])


def broken(shop: World) -> list[str]:
    """Names of the checks that do not hold."""
    with shop.uow.snapshot() as reader:
        return [each.check.name for each in check.run(reader, PROOFS) if not each.holds]
