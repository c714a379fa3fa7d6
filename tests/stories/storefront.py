"""The whole application on a free port of this machine, furnished through its own API."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import uvicorn

from config.settings import load
from oms.bootstrap import create_app
from oms.platform.clock import now_ms
from oms.platform.database import Database
from oms.platform.migrations import upgrade
from oms.platform.security import keys
from oms.platform.security.callers import EVERYWHERE, Reach
from oms.platform.security.keys import IssueKey
from oms.platform.transaction import UnitOfWork

PATIENCE_S = 20.0
LEEDS = {"country": "GB", "city": "Leeds", "postalCode": "LS1 4AP", "line1": "1 The Headrow"}
LEEDS_AT = {"latitude": 53.8, "longitude": -1.55}
YORK = {"country": "GB", "city": "York", "postalCode": "YO1 7HH", "at": LEEDS_AT}


class Storefront:
    """A served system and clients for it. `twice` sends every write again under the same key."""

    def __init__(self, url: str, issue: Callable[[IssueKey], str]) -> None:
        self.url = url
        self._issue = issue
        self._clients: list[httpx.Client] = []
        self.twice = False
        self.owner = self.client("owner")
        self.ids: dict[str, str] = {}

    def client(self, *roles: str, reach: Reach = EVERYWHERE) -> httpx.Client:
        """A client with a key of its own; without roles it has none."""
        headers = {}
        if roles:
            token = self._issue(IssueKey(name=f"a {roles[0]}", roles=roles, reach=reach))
            headers["Authorization"] = f"Bearer {token}"
        client = httpx.Client(base_url=self.url + "/api/v1", headers=headers, timeout=30)
        self._clients.append(client)
        return client

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def get(self, path: str, **query: Any) -> Any:
        answer = self.owner.get(path, params=query)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()

    def send(self, method: str, path: str, body: object = None) -> Any:
        """A write that must succeed; the second time, if there is one, says the same."""
        headers = {"Idempotency-Key": str(uuid4())} if self.twice else {}
        answer = self.owner.request(method, path, json=body, headers=headers)
        assert answer.is_success, (path, answer.status_code, answer.text)
        if self.twice:
            again = self.owner.request(method, path, json=body, headers=headers)
            assert (again.status_code, again.text) == (answer.status_code, answer.text), path
            assert again.headers["idempotency-replayed"] == "true", path
        return answer.json()

    def post(self, path: str, body: object = None) -> Any:
        return self.send("POST", path, body)

    def kept(self, path: str, body: object) -> list[Any]:
        """A list of PUTs of which none is refused."""
        answers = self.send("PUT", path, body)
        assert all("kept" in each for each in answers), answers
        return [each["kept"] for each in answers]

    def furnish(self, units: int = 100) -> "Storefront":
        """A channel, a warehouse, a mug and a jug with stock and barcodes."""
        web = {"code": "web", "name": "Webshop", "currency": "GBP", "country": "GB"}
        (channel,) = self.kept("/channels", {"channels": [web]})
        node = {"code": "LEEDS", "name": "Leeds", "address": LEEDS | {"at": LEEDS_AT}}
        (node,) = self.kept("/nodes", {"nodes": [node]})
        goods = [
            {"sku": "MUG", "name": "Mug", "weightG": 300, "taxRateBp": 2000},
            {"sku": "JUG", "name": "Jug", "weightG": 900, "taxRateBp": 2000},
        ]
        mug, jug = self.kept("/items", {"items": goods})
        self.ids = {
            "channel": channel["id"],
            "node": node["id"],
            "mug": mug["id"],
            "jug": jug["id"],
        }
        if units:
            self.receive(units, "first delivery")
        return self

    def receive(self, units: int, reference: str) -> None:
        lines = [
            {"itemId": self.ids[name], "units": units, "unitCostMinor": 300}
            for name in ("mug", "jug")
        ]
        receipt = {
            "nodeId": self.ids["node"],
            "currency": "GBP",
            "lines": lines,
            "reference": reference,
        }
        (answer,) = self.post("/stock/receipts", {"receipts": [receipt]})
        assert "kept" in answer, answer

    def order(self, id_: str, quantity: int = 2, **more: object) -> dict[str, Any]:
        """What a shop sends: mugs at £6 each, tax included, paid."""
        total = 600 * quantity
        line = {"sku": "MUG", "quantity": quantity, "unitPriceMinor": 600, "taxRateBp": 2000}
        return {
            "channelId": self.ids["channel"],
            "id": id_,
            "currency": "GBP",
            "shipTo": YORK | {"name": "Ada Lovelace", "line1": "1 Stonegate"},
            "customer": {"id": "c1", "email": "ada@example.com", "name": "Ada Lovelace"},
            "lines": [line],
            "payments": [{"tender": "card", "amountMinor": total, "reference": f"p-{id_}"}],
        } | more

    def eventually(self, look: Callable[[], Any]) -> Any:
        """What `look` finds once it finds something; what follows from a fact takes a moment."""
        end_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < end_s:
            if found := look():
                return found
            time.sleep(0.02)
        raise AssertionError("nothing came of it")


def migrate(database_url: str) -> None:
    """Make an empty database fit this code: copied for each test, it is made once."""
    database = Database(database_url)
    upgrade(database)
    database.close()


@contextmanager
def serve(database_url: str, folder: Path, **settings: str) -> Iterator[Storefront]:
    """The application as `oms serve` runs it, embedded worker and all."""
    environment = {
        "OMS_DATABASE_URL": database_url,
        "OMS_DATA_DIR": str(folder),
        "OMS_SECRET_KEY": "s" * 32,
        "OMS_LOG_REQUESTS": "none",
    }
    chosen = load(environment=environment | settings)

    def issue(command: IssueKey) -> str:
        database = Database(database_url)
        with UnitOfWork(database, now_ms).begin() as tx:
            (id_,) = keys.issue(tx, [command])
        database.close()
        return keys.token(id_, command.secret)

    config = uvicorn.Config(
        create_app(chosen),
        port=0,
        log_config=None,
        access_log=False,
        lifespan="on",
        timeout_keep_alive=60,  # a busy machine must not hang up on a client that waits its turn
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            thread.join(0.01)
        port: int = server.servers[0].sockets[0].getsockname()[1]
        made = Storefront(f"http://127.0.0.1:{port}", issue)
        yield made
        made.close()
    finally:
        server.should_exit = True
        thread.join(30)
