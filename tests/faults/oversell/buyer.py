"""A process that buys: its own gate, several callers at once, one message per answer.

Repeating an attempt is harmless, so a killed buyer is simply started again.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Final

from oms.kernel.errors import OMSError
from oms.orders.intake.model import Shortage, TakeIn
from oms.platform.gate import Gate
from oms.sourcing import service as sourcing
from tests.integration.orders.shop import Shop, line, order

CALLERS: Final = 6
READY: Final = "READY"
SOLD: Final = "SOLD"
REFUSED: Final = "REFUSED"
DONE: Final = "DONE"


def main(url: str, name: str, attempts: int, parent: "Connection[tuple[str, str], str]") -> None:
    """Say READY, wait for a word, then try to buy one unit as often as told."""
    shop = Shop(url)
    gate = Gate(shop.uow)
    channel_id = shop.channel_id
    one_at_a_time = threading.Lock()

    def say(what: str, external_id: str = "") -> None:
        with one_at_a_time:
            parent.send((what, external_id))

    def buy(number: int) -> None:
        external_id = f"{name}-{number}"
        say(answer(gate, channel_id, external_id), external_id)

    say(READY)
    parent.recv()
    with ThreadPoolExecutor(CALLERS) as callers:
        list(callers.map(buy, range(attempts)))
    gate.close()
    shop.close()
    say(DONE)


def answer(gate: Gate, channel_id: str, external_id: str) -> str:
    """What became of one attempt; what a race explains is tried again, as a caller would."""
    told = order(external_id, line("A"), customer=None)
    command = TakeIn(channel_id=channel_id, order=told, shortage=Shortage.REFUSE)
    while True:
        try:
            taken = gate.submit(sourcing.place, command).result()
        except OMSError as error:
            if error.code == "stock.short":
                return REFUSED
            if not error.retryable:
                return f"FAILED:{error.code}"
        except Exception as error:  # noqa: BLE001 - the fight must see everything that can happen
            return f"FAILED:{type(error).__name__}"
        else:
            assert taken.order_id
            return SOLD
