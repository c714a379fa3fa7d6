"""Log lines: for machines or people, with their context, without what is nobody's business."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from config.settings import LogSettings
from oms.platform import logging as oms_logging

JSON = LogSettings(format="json", level="info", requests="all", slow_ms=1000)
CONSOLE = LogSettings(format="console", level="info", requests="all", slow_ms=1000)


@pytest.fixture(autouse=True)
def unchanged() -> Iterator[None]:
    """Leave logging as it was found."""
    before = structlog.get_config()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.configure(**before)
    structlog.contextvars.clear_contextvars()
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_for_machines_says_when_what_and_in_which_request(stream: io.StringIO) -> None:
    oms_logging.configure(JSON, stream)
    oms_logging.bind(request_id="req-1", actor="key_1")

    structlog.get_logger().info("order.placed", order_id="ord_1", units=3)

    (line,) = lines(stream)
    assert line.pop("at")
    assert line == {
        "event": "order.placed",
        "level": "info",
        "request_id": "req-1",
        "actor": "key_1",
        "order_id": "ord_1",
        "units": 3,
    }


def test_libraries_speak_the_same_way(stream: io.StringIO) -> None:
    oms_logging.configure(JSON, stream)

    logging.getLogger("uvicorn.error").warning("port %s is taken", 8000)
    logging.getLogger("uvicorn.access").info("GET /")

    (line,) = lines(stream)
    assert (line["event"], line["level"], line["logger"]) == (
        "port 8000 is taken",
        "warning",
        "uvicorn.error",
    )


def test_quieter_levels_are_not_written(stream: io.StringIO) -> None:
    oms_logging.configure(JSON, stream)

    structlog.get_logger().debug("detail")

    assert stream.getvalue() == ""


@pytest.mark.parametrize("settings", [JSON, CONSOLE], ids=["json", "console"])
def test_secrets_and_personal_data_are_hidden(settings: LogSettings, stream: io.StringIO) -> None:
    oms_logging.configure(settings, stream)
    key = "oms_0123abcd_S3cr3tS3cr3t"
    customer = {"email": "ann@example.org"}

    try:
        int(f"{key} of ann@example.org")
    except ValueError:
        structlog.get_logger().exception(
            f"refused {key}",
            password="swordfish",
            url="postgresql://oms:swordfish@db/oms",
            header="Bearer abcdefgh12345",
            customer=customer,
        )

    written = stream.getvalue()
    assert "ValueError" in written
    assert "refused" in written
    for secret in ("S3cr3t", "swordfish", "abcdefgh12345", "ann@example.org"):
        assert secret not in written
    assert "://[hidden]@db/oms" in written


def test_local_variables_of_an_error_stay_out(stream: io.StringIO) -> None:
    oms_logging.configure(CONSOLE, stream)

    def fail(street: str) -> None:
        raise ZeroDivisionError(len(street))

    try:
        fail("12 Harbour Street")
    except ZeroDivisionError:
        structlog.get_logger().exception("bug")

    assert "ZeroDivisionError" in stream.getvalue()
    assert "Harbour" not in stream.getvalue().replace('fail("12 Harbour Street")', "")
