"""A throw-away Redis that keeps nothing on disk, on a free port of this machine."""

import contextlib
import shutil

import redis

from tests.services.programs import Missing, Server, as_user, find, free_port, private_folder


class RedisServer:
    """A Redis (or Valkey) of its own. Raises `Missing` when this machine has none."""

    def __init__(self) -> None:
        program = _find_program()
        self._folder = private_folder(None)
        self._port = free_port()
        command = [
            *(program, "--port", str(self._port), "--bind", "127.0.0.1", "--save", ""),
            *("--appendonly", "no", "--dir", str(self._folder)),
        ]
        self._server = Server("Redis", as_user(command, None), self._folder / "log")

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}"

    def start(self) -> "RedisServer":
        self._server.start(self._answers)
        return self

    def stop(self) -> None:
        """Stop it; it forgets everything."""
        self._server.stop()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        with contextlib.suppress(redis.ConnectionError), redis.Redis(port=self._port) as client:
            return bool(client.ping())
        return False


def _find_program() -> str:
    try:
        return str(find("redis-server", "redis-server"))
    except Missing:
        with contextlib.suppress(Missing):
            return str(find("valkey-server", "valkey-server"))
        raise
