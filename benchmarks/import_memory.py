"""How much memory an import takes as files grow: it must stay flat."""

import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import shop
from connectors.engine.file_import.service import Into, import_file
from connectors.marketplace.flat_file.connector import FlatFile
from connectors.marketplace.flat_file.layout import parse
from oms.inventory import service as inventory

MAPPING = """
[order]
id = "order"
placed_at = "at"
currency = { constant = "GBP" }
payment_terms = "paid_on_channel"
[time]
zone = "UTC"
formats = ["iso"]
[line]
sku = "sku"
quantity = "quantity"
unit_price = "price"
[ship_to]
country = "country"
[tax]
prices_include_tax = true
"""


def run(sizes: tuple[int, ...]) -> None:
    """Print the peak memory of a process that imports files of so many orders."""
    for orders in sizes:
        command = [sys.executable, "-m", "benchmarks.import_memory", str(orders)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        print(f"  import of {orders:,} orders: peak {done.stdout.strip()} MiB")


def _import(orders: int) -> float:
    with shop.opened("") as system, TemporaryDirectory() as folder:
        world = shop.stock_up(system)
        path = Path(folder) / "orders.csv"
        with path.open("w", encoding="utf-8") as file:
            file.write("order,at,sku,quantity,price,country\n")
            for number in range(orders):
                name = shop.sku(number % shop.ITEMS)
                file.write(f"F{number},2026-01-01T00:00,{name},1,10.00,GB\n")
        with system.uow.read() as reader:
            node_id = inventory.nodes(reader)[0].id
        into = Into(channel_id=world.channel_id, returns_node_id=node_id)
        for _ in import_file(system.uow, FlatFile(parse(MAPPING)), path, into):
            pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(f"{_import(int(sys.argv[1])):.0f}")
