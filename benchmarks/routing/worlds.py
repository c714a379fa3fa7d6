"""Worlds to route in: nodes on a map, shelves, orders; the same for the same seed.

Nothing here is tuned to please the solver: `scarce` worlds exist to make it sweat.
"""

from random import Random
from typing import Final

import msgspec

from oms.kernel.address import Coordinates
from routing.model import (
    Demand,
    Destination,
    DistanceBand,
    Freight,
    NodeFacts,
    NodeKind,
    Policy,
    Question,
)

# Pence, roughly what a British parcel carrier asks for.
FREIGHT: Final = Freight(
    (
        DistanceBand(100, 290, per_kg_minor=22, per_1000km_minor=400),
        DistanceBand(500, 330, per_kg_minor=31, per_1000km_minor=300),
        DistanceBand(None, 410, per_kg_minor=55, per_1000km_minor=250),
    ),
    abroad_minor=350,
)


class World(msgspec.Struct, frozen=True):
    """What an order may look like; chances are between 0 and 1."""

    nodes: int
    lines: tuple[int, ...]  # numbers of lines to draw from, by frequency
    stocked: float = 0.6  # chance that a node has an item at all
    units_max: int = 12  # most units of an item at a node
    quantities: tuple[int, ...] = (1, 1, 1, 1, 2, 2, 3, 6)


class Shop:
    """One world: its nodes stand, orders come from everywhere."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.random = Random(seed)
        self.policy = Policy(FREIGHT, "bench", split_penalty_minor=60)
        self.nodes = [self._node(index) for index in range(world.nodes)]
        self.orders = 0

    def question(self) -> Question:
        """The next order, with what the nodes happen to have of it."""
        random = self.random
        self.orders += 1
        demands = tuple(
            Demand(
                f"lin_{self.orders:012d}{line:014d}",
                f"itm_{line:026d}",
                random.choice(self.world.quantities),
                random.choice((80, 150, 240, 400, 900, 2500)),
            )
            for line in range(random.choice(self.world.lines))
        )
        nodes = tuple(
            msgspec.structs.replace(node, stock=self._shelf(demands)) for node in self.nodes
        )
        to = Destination("GB", self._place())
        return Question(f"ord_{self.orders:026d}", "GBP", to, demands, nodes, self.policy)

    def _shelf(self, demands: tuple[Demand, ...]) -> dict[str, int]:
        world, random = self.world, self.random
        return {
            demand.item_id: random.randint(1, world.units_max)
            for demand in demands
            if random.random() < world.stocked
        }

    def _node(self, index: int) -> NodeFacts:
        random = self.random
        is_store = index >= max(3, self.world.nodes // 5)
        return NodeFacts(
            node_id=f"nod_{index:026d}",
            code=f"N{index:03d}",
            kind=NodeKind.STORE if is_store else NodeKind.WAREHOUSE,
            country="GB",
            at=self._place(),
            priority=random.randint(1, 3),
            fixed_minor=random.randint(90, 160) if is_store else random.randint(30, 80),
            handling_unit_minor=random.randint(35, 70) if is_store else random.randint(15, 30),
        )

    def _place(self) -> Coordinates:
        return Coordinates(self.random.uniform(50.3, 57.5), self.random.uniform(-4.5, 1.5))
