"""Names under which items and places go out to beancount and hledger."""

import re

from oms.ledger.vouchers import Line, Names, Register

BEANCOUNT_COMMODITY = re.compile(r"[A-Z][A-Z0-9'._-]{0,22}[A-Z0-9]")
BEANCOUNT_ACCOUNT = re.compile(r"(Assets|Equity)(:[A-Z0-9][A-Za-z0-9-]*)+")

AWKWARD = {
    "itm_1": "85123A",
    "itm_2": "85123a",
    "itm_3": "EUR",
    "itm_4": "päckchen/groß",
    "itm_5": "A" * 80,
    "itm_6": "A" * 79 + "B",
    "itm_7": "カップ",
    "itm_8": "--",
}


def register(nodes: dict[str, str] | None = None) -> Register:
    return Register([*AWKWARD, "itm_nameless"], Names(AWKWARD, nodes or {}))


def test_every_item_has_a_legal_name_of_its_own() -> None:
    names = [commodity.name for commodity in register().commodities.values()]

    assert all(BEANCOUNT_COMMODITY.fullmatch(name) for name in names), names
    assert len(set(names)) == len(names)


def test_the_way_back_is_kept() -> None:
    found = {c.name: (c.item_id, c.sku) for c in register().commodities.values()}

    assert found["I-85123A"] == ("itm_1", "85123A")
    assert found["I-85123A-2"] == ("itm_2", "85123a")
    assert found["I-ITM-NAMELESS"] == ("itm_nameless", "itm_nameless")


def test_an_item_called_like_a_currency_stays_an_item() -> None:
    assert register().commodities["itm_3"].name == "I-EUR"


def test_names_do_not_depend_on_the_order_items_come_in() -> None:
    there = Register(AWKWARD, Names(AWKWARD))
    back = Register(reversed(AWKWARD), Names(AWKWARD))

    assert there.commodities == back.commodities


def test_a_place_at_a_node_is_an_account_nobody_may_overdraw() -> None:
    line = register({"nod_1": "Main St"}).line(("node:available", "itm_3", "nod_1", ""), 5)

    assert line == Line("Assets:Goods:Node:MAIN-ST:Available:I-EUR", 5, "I-EUR", guarded=True)


def test_the_world_outside_may_owe_us() -> None:
    line = register().line(("customer:unknown", "itm_3", "", ""), -5)

    assert line == Line("Equity:Goods:Customer:Unknown:I-EUR", -5, "I-EUR", guarded=False)


def test_two_nodes_never_share_an_account() -> None:
    named = register({"nod_1": "Main St", "nod_2": "main-st", "nod_3": "1st"})

    accounts = [
        named.line(("node:pickup_shelf", "itm_3", node, lot), 1).account
        for node in ("nod_1", "nod_2", "nod_3", "nod_unnamed")
        for lot in ("", "lot_1")
    ]

    assert len(set(accounts)) == len(accounts)
    assert all(BEANCOUNT_ACCOUNT.fullmatch(account) for account in accounts), accounts
