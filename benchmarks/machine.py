"""What this machine can do by itself: the figures to hold every other one against."""

import os
import sqlite3
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory


def report() -> str:
    """One line: cores, a loop of pure Python, a durable write, a SQLite transaction."""
    with TemporaryDirectory() as folder:
        sync_ms = _sync_ms(Path(folder))
        commits = _commits_a_second(Path(folder))
    busy = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores (load {busy:.1f}); 10 M loop steps {_loop_s():.2f} s;"
        f" fdatasync {sync_ms:.2f} ms; SQLite, full sync, one by one {commits:,.0f} commits/s"
    )


def _loop_s() -> float:
    start = time.perf_counter()
    for _ in range(10_000_000):
        pass
    return time.perf_counter() - start


def _sync_ms(folder: Path) -> float:
    times = []
    with (folder / "sync").open("wb") as file:
        for _ in range(200):
            file.write(b"x" * 4096)
            file.flush()
            start = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - start)
    return median(times) * 1000


def _commits_a_second(folder: Path) -> float:
    connection = sqlite3.connect(folder / "commits", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE t (a INTEGER)")
    count = 1_000
    start = time.perf_counter()
    for number in range(count):
        connection.execute("INSERT INTO t VALUES (?)", (number,))
    return count / (time.perf_counter() - start)
