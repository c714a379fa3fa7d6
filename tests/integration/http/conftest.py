"""A real server over a real database, with handlers that only tests have."""

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from litestar import Litestar

from config.settings import Settings, load
from oms.http.app import application
from oms.http.edge import Edge
from oms.http.services import Services
from oms.platform import migrations
from oms.platform.clock import now_ms
from oms.platform.database import Database
from oms.platform.gate import Gate
from oms.platform.jobs import Jobs
from oms.platform.secrets import Secrets
from oms.platform.security import keys
from oms.platform.security.callers import EVERYWHERE, Reach
from oms.platform.security.keys import IssueKey, Keyring
from oms.platform.security.links import Links
from oms.platform.transaction import UnitOfWork
from tests.integration.http.echo import PAGES
from tests.services.databases import Databases

KEY = "k" * 32


class Site:
    """The server's address and what is behind it."""

    def __init__(self, url: str, services: Services) -> None:
        self.url, self.services = url, services
        self._clients: list[httpx.Client] = []

    def client(self, *roles: str, reach: Reach = EVERYWHERE) -> httpx.Client:
        """A client with a key of its own; without roles it has none."""
        headers = {}
        if roles:
            command = IssueKey(name=f"a {roles[0]}", roles=roles, reach=reach)
            with self.services.uow.begin() as tx:
                (id_,) = keys.issue(tx, [command])
            headers["Authorization"] = f"Bearer {keys.token(id_, command.secret)}"
        self._clients.append(httpx.Client(base_url=self.url, headers=headers, timeout=30))
        return self._clients[-1]

    def close(self) -> None:
        for client in self._clients:
            client.close()


@pytest.fixture
def settings() -> Settings:
    return load(environment={"OMS_HTTP_BODY_MAX_BYTES": "10000", "OMS_HTTP_REQUESTS_MAX": "20"})


@pytest.fixture
def databases(sqlite_databases: Databases) -> Databases:
    """One kind is enough for what stands above the gate; `test_writing` takes both."""
    return sqlite_databases


@pytest.fixture
def services(databases: Databases, settings: Settings) -> Iterator[Services]:
    url = databases.copy_of("migrated", _migrate)
    database = Database(url)
    uow = UnitOfWork(database, now_ms)
    gate = Gate(uow)
    yield Services(
        settings=settings,
        uow=uow,
        gate=gate,
        jobs=Jobs(uow, []),
        keyring=Keyring(uow),
        links=Links(Secrets(KEY)),
        carriers={},
        checks=(),
        is_migrated=lambda: migrations.is_current(database),
    )
    gate.close()
    database.close()
    databases.drop(url)


@pytest.fixture
def app(settings: Settings, services: Services) -> Edge:
    @asynccontextmanager
    async def opened(app: Litestar) -> AsyncIterator[None]:
        app.state.services = services
        yield

    inner = application(settings, pages=PAGES, lifespan=[opened])
    return Edge(inner, settings.http, settings.log)


@pytest.fixture
def site(app: Edge, services: Services) -> Iterator[Site]:
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_config=None, access_log=False, lifespan="on")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.01)
    port: int = server.servers[0].sockets[0].getsockname()[1]
    made = Site(f"http://127.0.0.1:{port}", services)
    yield made
    made.close()
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def client(site: Site) -> httpx.Client:
    """A client that may do everything."""
    return site.client("owner")


def _migrate(url: str) -> None:
    database = Database(url)
    migrations.upgrade(database)
    database.close()
