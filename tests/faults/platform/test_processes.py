"""Whole processes: a server told to stop finishes what it accepted; a worker outlives its Redis."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from oms.inventory.events import StockReceived
from oms.platform import backlog, jobs, migrations
from oms.platform.clock import now_ms
from oms.platform.database import Database
from oms.platform.security import keys
from oms.platform.security.keys import IssueKey
from oms.platform.transaction import UnitOfWork
from tests.services.databases import PostgresqlDatabases
from tests.services.programs import Missing, free_port, not_run
from tests.services.redis_server import RedisServer

ROOT = Path(__file__).parents[3]
PATIENCE_S = 60
SERVE = (
    "import sys, uvicorn; uvicorn.run('oms.bootstrap:create_app', factory=True,"
    " port=int(sys.argv[1]), log_config=None, timeout_graceful_shutdown=20)"
)
WORK = "from config.settings import load; from oms.bootstrap import run_worker; run_worker(load())"
SECRET = "s" * 40


@contextlib.contextmanager
def running(code: str, settings: Mapping[str, str], *args: str) -> Iterator[subprocess.Popen[str]]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OMS_")}
    process = subprocess.Popen(
        [sys.executable, "-c", code, *args],
        env={**environment, **settings, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.05)


def test_a_server_told_to_stop_answers_what_it_has_accepted(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    database = Database(f"sqlite:///{tmp_path}/oms.sqlite3")
    migrations.upgrade(database)
    uow = UnitOfWork(database, now_ms)
    with uow.begin() as tx:
        (key_id,) = keys.issue(tx, [IssueKey(name="owner", roles=("owner",), secret=SECRET)])
    headers = {"Authorization": f"Bearer {keys.token(key_id, SECRET)}"}
    answers: list[int] = []

    def ask_until_refused() -> None:
        with httpx.Client(base_url=url, headers=headers, timeout=30) as client:
            body = {"name": "one more", "roles": ["floor"]}
            with contextlib.suppress(httpx.TransportError):
                while True:
                    answers.append(client.post("/api/v1/keys", json=body).status_code)

    with running(SERVE, {"OMS_DATA_DIR": str(tmp_path)}, str(port)) as server:
        wait_until(lambda: _is_ready(url))
        askers = [threading.Thread(target=ask_until_refused) for _ in range(8)]
        for asker in askers:
            asker.start()
        wait_until(lambda: len(answers) > 40)
        server.send_signal(signal.SIGTERM)
        for asker in askers:
            asker.join(PATIENCE_S)
        server.wait(PATIENCE_S)

    assert set(answers) == {201}
    with uow.read() as reader:
        issued = len(keys.issued(reader)) - 1
    assert issued == len(answers)
    database.close()


@pytest.mark.postgresql
def test_a_worker_outlives_its_redis_and_stops_when_told(
    postgresql_databases: PostgresqlDatabases, tmp_path: Path
) -> None:
    try:
        redis_server = RedisServer().start()
    except Missing as missing:
        not_run(f"Redis: {missing}")
    url = postgresql_databases.empty()
    database = Database(url)
    uow = UnitOfWork(database, now_ms, {StockReceived: ["sourcing.retry_open"]})
    settings = {
        "OMS_DATABASE_URL": url,
        "OMS_REDIS_URL": redis_server.url,
        "OMS_WORKER_MODE": "arq",
        "OMS_SECRET_KEY": "k" * 32,
        "OMS_DATA_DIR": str(tmp_path),
    }

    def has_run_jobs() -> bool:
        with uow.read() as reader:
            return migrations.is_current(database) and bool(jobs.states(reader))

    def is_drained() -> bool:
        with uow.read() as reader:
            return not backlog.depths(reader)

    with running(WORK, settings) as worker:
        wait_until(lambda: migrations.is_current(database))
        wait_until(has_run_jobs)
        receive(uow)
        wait_until(is_drained)

        redis_server.stop()
        receive(uow)
        wait_until(is_drained)
        redis_server.start()
        receive(uow)
        wait_until(is_drained)

        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE_S) == 0
    redis_server.remove()
    database.close()
    postgresql_databases.drop(url)


def receive(uow: UnitOfWork) -> None:
    with uow.begin() as tx:
        tx.emit(StockReceived(entity="rcp_1", node_id="nod_1", item_ids=()))


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/ready", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
