"""Money that a channel tells of only after it told of the order."""

from connectors.contract.messages import ChannelPayment
from tests.integration.accounting.shop import Sold
from tests.integration.accounting.world import World


def test_a_payment_told_with_a_change_is_received_once(world: World) -> None:
    first = ChannelPayment(tender="web_pay", amount_minor=400, reference="p-1")
    order = world.order(Sold(1, 1000), payments=(first,))
    assert sum(each.captured_minor for each in world.payments(order)) == 400

    second = ChannelPayment(tender="web_pay", amount_minor=600, reference="p-2")
    world.paid_later(order, first, second)

    assert sum(each.captured_minor for each in world.payments(order)) == 1000
    world.expect_proven()
