"""A throw-away PostgreSQL cluster on a free port of this machine."""

import contextlib
import shutil
import subprocess

import psycopg

from tests.services.programs import (
    Missing,
    Server,
    as_user,
    find,
    free_port,
    private_folder,
    server_user,
)

MAX_CONNECTIONS = 200  # several test processes, each with several pretend servers


class PostgresqlServer:
    """A cluster of its own. `url` names its `postgres` database, without a driver.

    Raises `Missing` when this machine cannot run one.
    """

    def __init__(self) -> None:
        binaries = find("initdb", "postgresql").resolve().parent
        user = server_user("postgres")
        self._folder = private_folder(user)
        self._cluster = self._folder / "cluster"
        self._port = free_port()
        self._make_cluster(str(binaries / "initdb"), user)
        command = [
            *(str(binaries / "postgres"), "-D", str(self._cluster), "-p", str(self._port)),
            *("-c", "listen_addresses=127.0.0.1", "-c", f"max_connections={MAX_CONNECTIONS}"),
            *("-c", f"unix_socket_directories={self._folder}"),
            # Tests kill processes, never the machine: the disk need not be waited for, and every
            # test's own database is made in a fraction of the time.
            *("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "autovacuum=off"),
        ]
        self._server = Server("PostgreSQL", as_user(command, user), self._folder / "log")

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self._port}/postgres"

    def start(self) -> "PostgresqlServer":
        self._server.start(self._answers)
        return self

    def stop(self) -> None:
        """Stop it and keep what it holds, so that it can be started again."""
        self._server.stop()

    def kill(self) -> None:
        """Stop it as a power cut would; the next start recovers."""
        self._server.kill()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _make_cluster(self, initdb: str, user: str | None) -> None:
        # -N spares the flush of an empty cluster; the server waits for no disk either.
        command = [
            *(initdb, "-D", str(self._cluster), "-U", "postgres", "-A", "trust", "-N"),
            *("-E", "UTF8", "--locale=C.UTF-8"),
        ]
        done = subprocess.run(
            as_user(command, user), capture_output=True, text=True, check=False, cwd="/"
        )
        if done.returncode != 0:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise Missing(f"initdb failed: {done.stderr.strip()[-300:]}")

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(self.url, connect_timeout=2).close()
            return True
        return False
