"""The pytest plug-in behind `tests/conftest.py`: servers, databases, and what could not be run.

With pytest-xdist the controller starts the servers once and its workers find them through
OMS_TEST_PG and OMS_TEST_REDIS; otherwise they start when the first test asks. Set either variable
to use a server of your own.
"""

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
import redis

from tests.services.databases import Databases, PostgresqlDatabases, SqliteDatabases
from tests.services.postgresql import PostgresqlServer
from tests.services.programs import NOT_RUN, Missing, not_run, private_folder
from tests.services.redis_server import RedisServer

PG: Final = "OMS_TEST_PG"
REDIS: Final = "OMS_TEST_REDIS"
_WITHOUT_SERVERS: Final = ("unit", "tidy", "conformance")  # folders whose tests need none

_started: list[PostgresqlServer | RedisServer] = []


def pytest_configure(config: pytest.Config) -> None:
    is_controller = bool(config.getoption("numprocesses", None)) and not _is_worker(config)
    if is_controller and _may_need_servers(config):
        for ensure in (postgresql_server, redis_server):
            try:
                ensure()
            except Missing:
                continue  # each test that needs it says so


def pytest_unconfigure() -> None:
    while _started:
        _started.pop().remove()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say again, last, what could not be tried on this machine and why."""
    reasons = Counter(
        str(report.longrepr[2]).partition(NOT_RUN)[2]
        for report in terminalreporter.stats.get("skipped", ())
        if isinstance(report.longrepr, tuple) and NOT_RUN in str(report.longrepr[2])
    )
    if reasons:
        terminalreporter.section("not run on this machine", yellow=True)
        for reason, count in reasons.most_common():
            terminalreporter.line(f"{count} tests: {reason}")


def postgresql_server() -> str:
    """The URL of a PostgreSQL server, started if need be. Raises `Missing`."""
    return os.environ.get(PG) or _start(PG, PostgresqlServer)


def redis_server() -> str:
    """The URL of a Redis server, started if need be. Raises `Missing`."""
    return os.environ.get(REDIS) or _start(REDIS, RedisServer)


@pytest.fixture(scope="session")
def sqlite_databases() -> Iterator[SqliteDatabases]:
    folder = private_folder(None)
    yield SqliteDatabases(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_databases() -> Iterator[PostgresqlDatabases]:
    try:
        databases = PostgresqlDatabases(postgresql_server())
    except Missing as missing:
        not_run(f"PostgreSQL: {missing}")
    yield databases
    databases.close()


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)],
)
def databases(request: pytest.FixtureRequest) -> Databases:
    """Both kinds of database in turn: whoever asks for this is run twice."""
    kind: Databases = request.getfixturevalue(f"{request.param}_databases")
    return kind


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """An empty database, as a SQLAlchemy URL: first SQLite, then PostgreSQL."""
    url = databases.empty()
    yield url
    databases.drop(url)


@pytest.fixture
def redis_url() -> str:
    """An empty Redis database that no other test process uses."""
    try:
        server = redis_server()
    except Missing as missing:
        not_run(f"Redis: {missing}")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    url = f"{server}/{int(worker) % 16}"  # Redis has 16 databases
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url


@pytest.fixture(scope="session")
def program() -> Callable[[str, str], str]:
    """`program("hledger", "hledger")`: the path of an outside program, or the test is not run."""

    def find(name: str, debian_package: str) -> str:
        found = shutil.which(name)
        if found is None:
            not_run(f"{name} is not installed (apt-get install {debian_package})")
        return found

    return find


@pytest.fixture(scope="session")
def shared_data(pytestconfig: pytest.Config) -> Path:
    """The folder of real orders, rates and geography that lies beside some checkouts."""
    return _beside(pytestconfig, "shared/data/real")


@pytest.fixture(scope="session")
def shared_design(pytestconfig: pytest.Config) -> Path:
    """The folder of design documents that lies beside some checkouts."""
    return _beside(pytestconfig, "shared/design")


def _beside(config: pytest.Config, name: str) -> Path:
    folder = config.rootpath.parent / name
    if not folder.is_dir():
        not_run(f"the folder ../{name} is not beside the project")
    return folder


def _start(variable: str, server: type[PostgresqlServer] | type[RedisServer]) -> str:
    started = server()
    _started.append(started)
    url = started.start().url
    os.environ[variable] = url
    return url


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _may_need_servers(config: pytest.Config) -> bool:
    tests = config.rootpath / "tests"
    without = [tests / folder for folder in _WITHOUT_SERVERS]
    asked = [Path(arg.partition("::")[0]).resolve() for arg in config.args]
    return not all(any(path.is_relative_to(each) for each in without) for path in asked)
