"""Orders over HTTP, one a request, against a real server in a process of its own."""

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles

import httpx
import msgspec

from benchmarks import shop
from config.settings import load
from oms.bootstrap import open_system
from oms.platform.security import keys

READY_S = 30.0


def run(database_url: str, orders: int) -> None:
    """Print rate and latency for 1 client and for 64."""
    with shop.surroundings(database_url) as environment:
        with open_system(load(environment=environment)) as system:
            world = shop.stock_up(system)
            wanted = keys.IssueKey(name="bench", roles=("owner",))
            with system.uow.begin() as tx:
                (key_id,) = keys.issue(tx, [wanted])
            token = keys.token(key_id, wanted.secret)
        with _server(environment) as (address, process):
            for clients, count in ((1, max(50, orders // 20)), (64, orders)):
                bodies = [_body(world, clients, n) for n in range(count)]
                before = _cpu_s(process.pid)
                seconds, latencies = asyncio.run(_load(address, token, bodies, clients))
                cpu = (_cpu_s(process.pid) - before) / count
                cut = quantiles(latencies, n=100)
                print(
                    f"  order over HTTP, {clients} clients: {count / seconds:,.0f}/s,"
                    f" p50 {cut[49] * 1000:.1f} ms, p99 {cut[98] * 1000:.1f} ms,"
                    f" {cpu * 1e6:,.0f} µs of the server's CPU an order"
                )


def _body(world: shop.Shop, clients: int, number: int) -> bytes:
    chance = random.Random(number)
    lines = [
        {"sku": shop.sku(chance.randrange(shop.ITEMS)), "quantity": 1, "unitPriceMinor": 1000}
        for _ in range(2)
    ]
    place = {"country": "GB", "city": "Leeds", "at": {"latitude": 53.8, "longitude": -1.55}}
    told = {
        "channelId": world.channel_id,
        "id": f"http-{clients}-{number}",
        "currency": "GBP",
        "shipTo": place,
        "lines": lines,
    }
    return msgspec.json.encode(told)


async def _load(
    address: str, token: str, bodies: list[bytes], clients: int
) -> tuple[float, list[float]]:
    """Send the bodies over so many connections, each of which waits for its answer.

    By hand: a client library's pool costs more than the server with 64 connections in it.
    """
    host, _, port = address.removeprefix("http://").partition(":")
    head = (
        f"POST /api/v1/orders HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
        "Content-Type: application/json\r\nContent-Length: "
    ).encode()
    waiting, latencies = iter(bodies), list[float]()

    async def client() -> None:
        reader, writer = await asyncio.open_connection(host, int(port))
        for body in waiting:
            start = time.perf_counter()
            writer.write(head + str(len(body)).encode() + b"\r\n\r\n" + body)
            status = await _answer(reader)
            latencies.append(time.perf_counter() - start)
            if status != httpx.codes.CREATED:
                raise RuntimeError(f"an order was answered with {status}")
        writer.close()

    start = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return time.perf_counter() - start, latencies


async def _answer(reader: asyncio.StreamReader) -> int:
    """The status of the next answer, read to its end."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].split(b"\r", 1)[0])
    await reader.readexactly(length)
    return int(head.split(b" ", 2)[1])


@contextmanager
def _server(environment: dict[str, str]) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "oms.cli", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=os.environ | environment | {"OMS_LOG_LEVEL": "error"})
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address)
        yield address, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(READY_S)


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(address + "/ready").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise TimeoutError(f"the server at {address} is not ready after {READY_S:.0f} s")


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
