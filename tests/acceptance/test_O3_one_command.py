"""O3: one command on a bare machine to the first routed order, with no other service beside it."""

import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import httpx
import msgspec
import pytest

from oms.platform.security.roles import ROLES
from oms.simulator.access import FILE, Access
from tests.services.programs import free_port

ROOT = Path(__file__).parents[2]
LIMIT_S = 120  # a busy machine is slow; one that stands still would be waited for for ever
LOOK_S = 0.3
OMS = [sys.executable, "-c", "import sys; from oms.cli import main; sys.argv[0] = 'oms'; main()"]
FEW = ("--orders", "20")
BARE = {name: value for name, value in os.environ.items() if not name.startswith("OMS_")}


class Demo:
    """`oms demo` in a process of its own, and what it says."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.said: list[str] = []
        self._lines: Queue[str] = Queue()
        self.process = subprocess.Popen(
            [*OMS, "demo", "--data", str(folder), *options],
            cwd=ROOT,
            env=BARE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def until(self, words: str) -> str:
        """The first line that has these words."""
        while words not in (line := self._lines.get(timeout=LIMIT_S)):
            pass
        return line

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(LIMIT_S)
        self._listener.join()
        return code

    def _listen(self) -> None:
        assert self.process.stdout
        with self.process.stdout as lines:
            for line in lines:
                self.said.append(line)
                self._lines.put(line)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "demo"


@pytest.fixture
def demos() -> Iterator[list[Demo]]:
    started: list[Demo] = []
    yield started
    for demo in started:
        demo.process.kill()
        demo.process.wait()


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*OMS, "demo", "--data", str(folder), *options],
        cwd=ROOT,
        env=BARE,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )


def accesses(folder: Path) -> dict[str, Access]:
    found = msgspec.json.decode((folder / FILE).read_bytes(), type=list[Access])
    return {each.role: each for each in found}


def client(url: str, folder: Path) -> httpx.Client:
    token = accesses(folder)["owner"].token
    return httpx.Client(
        base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=LIMIT_S, trust_env=False
    )


def told(api: httpx.Client, kind: str, after: int = 0) -> list[dict[str, Any]]:
    answer = api.get("/api/v1/events", params={"type": kind, "after": after, "limit": 500})
    answer.raise_for_status()
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def wait_for(demo: Demo, api: httpx.Client, kind: str, after: int) -> dict[str, Any]:
    """The first fact of a kind after a number, whenever it comes."""
    while not (found := told(api, kind, after)):
        with pytest.raises(subprocess.TimeoutExpired):  # it runs on meanwhile
            demo.process.wait(LOOK_S)
    return found[0]


@pytest.mark.slow
def test_one_command_leads_to_routed_orders_to_life_and_ends_with_ctrl_c(
    folder: Path, demos: list[Demo]
) -> None:
    demo = Demo(folder, "--port", str(free_port()))
    demos.append(demo)
    url = demo.until("Address").split()[-1]
    page = demo.until("A customer's page").split()[-1]

    with client(url, folder) as api:
        shown = api.get(page, headers={"Authorization": ""})
        moves = [move for each in told(api, "order.lines_moved") for move in each["body"]["moves"]]
        past = told(api, "order.placed")
        news = wait_for(demo, api, "order.placed", past[-1]["number"])
        code = demo.stop()

    assert len(past) > 250
    assert shown.status_code == 200
    assert '<html lang="' in shown.text
    assert {"allocate", "release", "pick", "pack", "ship"} <= {move["name"] for move in moves}
    assert news["actor"] == "simulator"
    assert code == 0
    assert "Stopped. The data is kept in" in demo.said[-1]


@pytest.mark.slow
def test_logins_are_private_and_stay_with_the_data_until_fresh_is_asked_for(folder: Path) -> None:
    first = run(folder, "--once", *FEW)
    made = accesses(folder)
    mode = stat.S_IMODE((folder / FILE).stat().st_mode)
    second = run(folder, "--once", *FEW)
    same = accesses(folder)
    third = run(folder, "--once", "--fresh", *FEW)

    assert (first.returncode, second.returncode, third.returncode) == (0, 0, 0)
    assert set(made) == set(ROLES)
    assert mode == 0o600
    for access in made.values():
        assert {access.email, access.password, access.token} <= set(first.stdout.split())
    assert "orders lived through" in first.stderr
    assert "orders lived through" not in second.stderr
    assert "orders lived through" in third.stderr
    assert same == made
    assert accesses(folder) != made


@pytest.mark.slow
def test_a_taken_port_means_the_next_one_and_a_taken_folder_is_said(
    folder: Path, demos: list[Demo]
) -> None:
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        somebody.listen()
        taken = somebody.getsockname()[1]
        demo = Demo(folder, "--port", str(taken), "--no-traffic", *FEW)
        demos.append(demo)
        words = demo.until(f"Port {taken} is taken")
        url = demo.until("Address").split()[-1]
    second = run(folder, "--once")

    with client(url, folder) as api:
        assert api.get("/health").status_code == 200
    assert url.rpartition(":")[2] in words
    assert int(url.rpartition(":")[2]) > taken
    assert second.returncode == 1
    assert "A demo is running on" in second.stderr
    assert demo.stop() == 0


@pytest.mark.slow
def test_a_database_of_somebody_else_is_left_alone(folder: Path) -> None:
    folder.mkdir()
    (folder / "oms.sqlite3").write_bytes(b"not the demo's")

    forgets = run(folder, "--fresh", "--once")

    assert forgets.returncode == 1
    assert "was not made by a demo" in forgets.stderr
    assert (folder / "oms.sqlite3").read_bytes() == b"not the demo's"
