"""A cent, a unit or a number that goes astray behind our back is found and named."""

import pytest
import sqlalchemy as sa

from returns.events import CreditedCharge
from tests.integration.accounting.shop import Sold, blind
from tests.integration.accounting.world import World

CORRUPTIONS = {
    "a cent more on an invoice": (
        (
            "UPDATE invoice SET net_minor = net_minor + 1, total_minor = total_minor + 1"
            " WHERE number = 'INV-000001'"
        ),
        {"invoice_sums", "order_accounts"},
    ),
    "a cent more on a line": (
        (
            "UPDATE invoice_line SET net_minor = net_minor + 1 WHERE position = 1"
            " AND invoice_id = (SELECT id FROM invoice WHERE number = 'INV-000001')"
        ),
        {"invoice_sums", "invoice_shares"},
    ),
    "a number left out": (
        "UPDATE invoice SET serial = 9, number = 'INV-000009' WHERE number = 'INV-000002'",
        {"invoice_numbers"},
    ),
    "a number given and not used": (
        "UPDATE counter SET value = value + 1 WHERE name = 'invoice'",
        {"invoice_numbers"},
    ),
    "a unit that left and was not invoiced": (
        (
            "UPDATE line_slice SET state = 'shipped' WHERE id ="
            " (SELECT MIN(id) FROM line_slice WHERE state = 'cancelled')"
        ),
        {"invoices_shipped"},
    ),
    "a unit credited twice": (
        "UPDATE invoice_line SET first_unit = first_unit + 1 WHERE corrects_id IS NOT NULL",
        {"invoice_shares"},
    ),
    "a cent of an account": (
        "UPDATE order_account SET applied_minor = applied_minor - 1 WHERE applied_minor > 1500",
        {"captured_matched", "receivables"},
    ),
    "a captured cent nobody knows of": (
        "UPDATE payment SET captured_minor = captured_minor + 1 WHERE position = 0",
        {"payments_captures", "captured_matched"},
    ),
    "a refund nobody owed": (
        (
            "UPDATE refund SET amount_minor = amount_minor + 1, refunded_minor = refunded_minor + 1"
            " WHERE tender = 'paid_on_channel'"
        ),
        {"captures_refunds", "refunds_asked"},
    ),
    "a debt that was forgotten": (
        "DELETE FROM refund WHERE tender = 'manual'",
        {"refunds_asked", "refunds_due"},
    ),
    "tax that is not in the books": (
        (
            "UPDATE journal_posting SET amount_minor = amount_minor - 1"
            " WHERE account = 'Liabilities:Tax' AND amount_minor < 0"
        ),
        {"tax", "journal_balances", "journal_entries"},
    ),
    "a worth of stock that is not in the books": (
        "UPDATE item_cost SET value_minor = value_minor + 1",
        {"inventory_value"},
    ),
}


@pytest.mark.parametrize("what", CORRUPTIONS)
def test_what_goes_astray_is_found(world: World, what: str) -> None:
    order = world.order(Sold(4, 4000, tax_minor=800, tax_rate=2000), charges=[(500, 100, 2000)])
    world.ship(order, 1)
    world.ship(order, 2)
    world.cancel(order, 1)
    world.come_back(order, 1, charges=[CreditedCharge("Postage", 500, 100, 2000)])
    world.inspected([blind(world.item_id("MUG"), 1, 100, 20)])
    world.expect_proven()
    statement, checks = CORRUPTIONS[what]

    with world.uow.begin() as tx:
        assert tx.run(sa.text(statement)) >= 1

    assert set(world.broken()) == checks
