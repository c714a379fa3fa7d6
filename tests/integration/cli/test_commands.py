"""The `oms` command says what it did and, in one line, what to do when it could not."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from config.settings import load
from oms.bootstrap import open_system
from oms.catalog import service as catalog
from oms.catalog.model import PutChannel, PutItem
from oms.cli import main
from oms.inventory import service as inventory
from oms.inventory.model import PutNode
from oms.kernel.address import Address
from tests.unit.connectors.sheets import PLAIN, row, sheet

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command on a data folder of its own; more settings by keyword."""
    monkeypatch.setattr("oms.platform.logging.configure", lambda *_: None)

    def runs(*words: str | Path, **settings: str) -> Result:
        environment = {"OMS_DATA_DIR": str(tmp_path / "var"), **settings}
        return CliRunner().invoke(main, [str(word) for word in words], env=environment)

    return runs


@pytest.fixture
def importing(run: Run, tmp_path: Path) -> Callable[[bytes, bytes], Result]:
    """`oms import orders.csv` into a shop with one channel, one node and one item."""
    with (
        open_system(load(environment={"OMS_DATA_DIR": str(tmp_path / "var")})) as system,
        system.uow.begin() as tx,
    ):
        catalog.put_channels(tx, [PutChannel(code="web", name="Webshop", currency="GBP")])
        catalog.put_items(tx, [PutItem(sku="MUG", name="Mug", weight_g=300)])
        inventory.put_nodes(tx, [PutNode(code="LDS", name="Leeds", address=Address(country="GB"))])

    def imports(content: bytes, mapping: bytes = PLAIN.encode()) -> Result:
        (tmp_path / "orders.csv").write_bytes(content)
        (tmp_path / "my.toml").write_bytes(mapping)
        options = ("--channel", "web", "--mapping", tmp_path / "my.toml")
        return run("import", tmp_path / "orders.csv", *options)

    return imports


def only_line(result: Result) -> str:
    """The one line a command failed with."""
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    (line,) = result.output.strip().splitlines()
    return line


def test_an_import_tells_of_every_refused_row_its_place_and_what_to_do(
    importing: Callable[..., Result],
) -> None:
    result = importing(sheet(row("1"), row("2", qty="many"), row("3", price="-1")))

    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0].startswith("3 rows read = 1 order lines")
    assert "Quarantine: 2 entries." in lines
    assert (
        "  orders.csv, row 3, column 'qty': 'many' is not a whole number. "
        "Write digits only, such as 12."
    ) in lines
    assert any(line.startswith("  orders.csv, row 4, column 'price': '-1'") for line in lines)


def test_an_import_of_a_thousand_bad_rows_tells_of_ten(importing: Callable[..., Result]) -> None:
    result = importing(sheet(*(row(str(number), qty="many") for number in range(1_000))))

    assert result.output.count("is not a whole number") == 10
    assert "… and more" in result.output


def test_an_import_into_no_channel_is_told_where_one_is_made(run: Run, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_bytes(sheet(row("1")))
    (tmp_path / "my.toml").write_text(PLAIN)
    options = ("--channel", "web", "--mapping", tmp_path / "my.toml")

    line = only_line(run("import", tmp_path / "orders.csv", *options))

    assert line.startswith("Error: There is no channel 'web'. Channels there are: none yet. ")
    assert "docs/import.md" in line


def test_an_import_that_is_stopped_by_hand_says_how_to_go_on(
    importing: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("connectors.engine.file_import.service.take", stopped)
        line = only_line(importing(sheet(row("1"))))

    assert line == "Error: Stopped. What is in stays; the same command goes on from there."
    assert "Orders: 1 new" in importing(sheet(row("1"))).output


@pytest.mark.parametrize("mapping", [b"[order\n", b"\xff\xfe\x00x", b"", PLAIN.encode() + b"[odd]"])
def test_a_mapping_that_is_none_is_named(importing: Callable[..., Result], mapping: bytes) -> None:
    line = only_line(importing(sheet(row("1")), mapping))

    assert line.startswith("Error: my.toml: ")
    assert "config/channels/example_orders.toml" in line


@pytest.mark.parametrize(
    "address", ["nonsense", "mysql://boss:secret@host/x", "sqlite://", "sqlite:///:memory:"]
)
def test_an_address_of_no_database_is_refused_without_telling_it(run: Run, address: str) -> None:
    line = only_line(run("check", OMS_DATABASE_URL=address))

    assert "OMS_DATABASE_URL" in line
    assert "secret" not in line


def test_a_database_that_does_not_answer_is_told_in_sentences(run: Run) -> None:
    line = only_line(run("check", OMS_DATABASE_URL="postgresql://x@127.0.0.1:1/x"))

    assert ". Check that it runs" in line


def test_a_folder_that_cannot_be_written_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    line = only_line(run("check", OMS_DATA_DIR=str(tmp_path / "file" / "var")))

    assert str(tmp_path / "file") in line


def test_an_export_to_nowhere_is_refused(run: Run, tmp_path: Path) -> None:
    line = only_line(run("export", "hledger", "--out", tmp_path / "none" / "books"))

    assert line.startswith(f"Error: {tmp_path / 'none' / 'books'} cannot be used: ")


def test_a_port_that_is_taken_is_told_before_anything_starts(run: Run) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        line = only_line(run("serve", "--host", "127.0.0.1", "--port", str(port)))

    assert line.startswith(f"Error: Port {port} of 127.0.0.1 cannot be had")


def test_what_is_piped_has_a_line_for_every_check_and_ends(run: Run) -> None:
    checks = run("check").output.splitlines()

    assert all(line.startswith(("holds ", "BROKEN ")) for line in checks[:-1])
    assert checks[-1] == f"{len(checks) - 1} checks, 0 broken."
    assert "events" in run("status").output
    assert len(run("connectors").output.splitlines()) == 4


def test_a_worker_takes_its_settings_from_where_the_others_do(run: Run, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('[worker]\nmode = "embedded"\n')

    assert "oms serve runs it all" in run("worker", OMS_CONFIG=str(mine)).output
