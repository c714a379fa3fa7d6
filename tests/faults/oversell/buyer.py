"""A process that buys: its own gate, several callers at once, one line of output per answer.

Run as ``python -m tests.faults.oversell.buyer URL NAME ATTEMPTS``. It says READY, waits for a line,
then tries to buy one unit as often as told. Repeating an attempt is harmless, so a killed buyer is
simply started again.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from oms.kernel.errors import OMSError
from oms.orders.intake.model import Shortage
from oms.platform.gate import Gate
from oms.sourcing import service as sourcing
from tests.integration.orders.shop import Shop, line, order

CALLERS: Final = 6
SOLD: Final = "SOLD"
REFUSED: Final = "REFUSED"


def main(url: str, name: str, attempts: int) -> None:
    shop = Shop(url)
    gate = Gate(shop.uow)
    channel_id = shop.channel_id
    say("READY")
    sys.stdin.readline()

    def buy(number: int) -> None:
        external_id = f"{name}-{number}"
        say(f"{answer(gate, shop, channel_id, external_id)} {external_id}")

    with ThreadPoolExecutor(CALLERS) as callers:
        list(callers.map(buy, range(attempts)))
    gate.close()
    shop.close()
    say("DONE")


def say(text: str) -> None:
    """One line in one write, so that callers do not speak into each other's lines."""
    os.write(sys.stdout.fileno(), f"{text}\n".encode())


def answer(gate: Gate, shop: Shop, channel_id: str, external_id: str) -> str:
    """What became of one attempt; what a race explains is tried again, as a caller would."""
    [command] = shop.take(order(external_id, line("A"), customer=None), shortage=Shortage.REFUSE)
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


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
