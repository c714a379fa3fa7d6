"""Stock: what lies on the shelves on the first morning, and suppliers who fill them up again."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from oms.inventory import queries as inventory
from oms.inventory.documents.model import Receipt, ReceiptLine
from oms.inventory.service import receive
from oms.simulator.chances import drawn_for
from oms.simulator.scene import SIMULATOR, Scene
from oms.simulator.traffic import Traffic
from oms.simulator.world import Good, World

RECEIPT_COUNTER: Final = "demo.receipt"
_BP: Final = 10_000


class Suppliers:
    """Look at the shelves every few hours and send what sells."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        every_ms = scene.pace.ms(scene.world.habits.stock.check_every_hours)
        self._every_ms, self._next_ms = every_ms, scene.started_ms + every_ms
        self._forgotten = forgotten(scene.world, scene.seed)

    def work(self, now_ms: int) -> None:
        """Receive what was short, node by node."""
        if now_ms < self._next_ms:
            return
        self._next_ms = now_ms + self._every_ms
        lines = self._short(now_ms)
        numbers = iter(self._scene.doors.numbers(RECEIPT_COUNTER, len(lines)) if lines else ())
        receipts = [
            Receipt(
                node_id=node_id,
                reference=f"RCV-{self._scene.directory.node_codes[node_id]}-{next(numbers):06d}",
                lines=tuple(short),
                currency=self._scene.world.merchant.currency,
                cause=SIMULATOR,
            )
            for node_id, short in lines.items()
        ]
        self._scene.doors.do(receive, receipts)

    def _short(self, now_ms: int) -> Mapping[str, list[ReceiptLine]]:
        world, directory = self._scene.world, self._scene.directory
        with self._scene.doors.reading() as reader:
            goods = [directory.items[good.sku] for good in world.assortment.items]
            found = inventory.atp(reader, goods, None, now_ms)
        available = {(each.item_id, each.node_id): each.available for each in found}
        habits = world.habits.stock
        lines: dict[str, list[ReceiptLine]] = defaultdict(list)
        for node in world.merchant.nodes:
            for good in world.assortment.items:
                node_id, item_id = directory.nodes[node.code], directory.items[good.sku]
                a_day = self._scene.traffic.units_a_day(good.sku) * node.share
                there = available.get((item_id, node_id), 0)
                if there < a_day * habits.reorder_days and good.sku not in self._forgotten:
                    units = in_cases(a_day * habits.cover_days - there, habits.case_units)
                    cost_minor = unit_cost_minor(world, self._scene.seed, good)
                    lines[node_id].append(ReceiptLine(item_id, units, cost_minor))
        return lines


def opening_receipts(
    world: World, traffic: Traffic, seed: int, ids: tuple[Mapping[str, str], Mapping[str, str]]
) -> list[Receipt]:
    """What lies on the shelves on the first morning; `ids` are those of nodes and items."""
    nodes, items = ids
    habits, short_lived = world.habits.stock, forgotten(world, seed)
    return [
        Receipt(
            node_id=nodes[node.code],
            reference=f"OPENING-{node.code}",
            lines=tuple(
                ReceiptLine(
                    items[good.sku],
                    max(
                        1,
                        round(
                            traffic.units_a_day(good.sku)
                            * node.share
                            * (
                                habits.forgotten_days
                                if good.sku in short_lived
                                else habits.opening_days
                            )
                        ),
                    ),
                    unit_cost_minor(world, seed, good),
                )
                for good in world.assortment.items
            ),
            currency=world.merchant.currency,
            cause=SIMULATOR,
        )
        for node in world.merchant.nodes
    ]


def forgotten(world: World, seed: int) -> frozenset[str]:
    """The SKUs nobody reorders."""
    rng = drawn_for(seed, "forgotten")
    goods = rng.sample(world.assortment.items, world.habits.stock.forgotten)
    return frozenset(good.sku for good in goods)


def unit_cost_minor(world: World, seed: int, good: Good) -> int:
    """What the merchant pays for a unit: a share of the price without its tax."""
    net_minor = world.assortment.minor(good.price) * _BP // (_BP + world.assortment.tax_rate_bp)
    share = drawn_for(seed, "cost", good.sku).uniform(*world.habits.stock.unit_cost_share)
    return round(net_minor * share)


def in_cases(units: float, case: int) -> int:
    """Whole cases that hold at least so many units, and never none."""
    return max(1, -int(-units // case)) * case
