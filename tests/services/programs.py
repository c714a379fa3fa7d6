"""Finds and runs programs that are not ours. Says what is missing; installs nothing."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NoReturn

import pytest

NOT_RUN: Final = "NOT RUN: "
START_LIMIT_S: Final = 30
STOP_LIMIT_S: Final = 10
MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
ROOM_BYTES: Final = 4 * 2**30
_DEBIAN_POSTGRESQL: Final = Path("/usr/lib/postgresql")  # Debian keeps servers off the PATH


class Missing(Exception):
    """A program is not on this machine; the text says which and how to get it."""


def not_run(reason: str) -> NoReturn:
    """Skip this test, and have `reason` told again in the last lines of the run."""
    pytest.skip(NOT_RUN + reason)


def find(program: str, debian_package: str) -> Path:
    """Where `program` is, or `Missing`."""
    found = shutil.which(program)
    candidates = sorted(_DEBIAN_POSTGRESQL.glob(f"*/bin/{program}"), reverse=True)
    if found is None and not candidates:
        raise Missing(f"{program} is not installed (apt-get install {debian_package})")
    return Path(found or candidates[0])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def private_folder(user: str | None) -> Path:
    """A new folder owned by `user`: in memory where there is room, else the temporary one.

    Databases of tests need not outlive a power cut, and making one for each test is mostly files.
    """
    folder = Path(tempfile.mkdtemp(prefix="oms-test-", dir=_roomy_memory()))
    if user is not None:
        shutil.chown(folder, user)
    return folder


def _roomy_memory() -> Path | None:
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK):
        return MEMORY if shutil.disk_usage(MEMORY).free >= ROOM_BYTES else None
    return None


def server_user(preferred: str) -> str | None:
    """Whom to run a server as that refuses to run as root; None when we are not root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(preferred).pw_name
    except KeyError:
        raise Missing(f"we are root and there is no user '{preferred}' to run it as") from None


def as_user(command: Sequence[str], user: str | None) -> list[str]:
    """`command` as `user`, told to stop when we die, however we die."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        if user is not None:
            raise Missing("setpriv is not installed (apt-get install util-linux)")
        return list(command)
    change = [f"--reuid={user}", f"--regid={user}", "--init-groups"] if user else []
    return [setpriv, *change, "--pdeathsig", "INT", *command]


class Server:
    """One server process with its log. `start` waits until `is_ready`; `stop` is polite first."""

    def __init__(self, name: str, command: Sequence[str], log: Path) -> None:
        self.name, self.command, self.log = name, command, log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError(f"{self.name} is not running")
        return self._process.pid

    def start(self, is_ready: Callable[[], bool]) -> None:
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self.command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, cwd="/"
            )
        deadline = time.monotonic() + START_LIMIT_S
        while not is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} did not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        self._end((signal.SIGINT, signal.SIGQUIT, signal.SIGKILL))

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end((signal.SIGKILL,))

    def _end(self, signals: Sequence[signal.Signals]) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for each in signals:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(each)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_LIMIT_S)
                return
