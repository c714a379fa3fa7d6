"""How this process speaks to those who run it: one line an event, with request, actor and cause.

Personal data has no place in a log; what looks like a secret or an address is hidden even if
somebody lets it slip.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final, TextIO

import msgspec
import structlog

from config.settings import LogSettings

HIDDEN: Final = "[hidden]"
VALUE_MAX: Final = 4_000  # of one value; a traceback may be longer

_NAMES: Final = frozenset(
    "password secret token authorization api_key cookie email phone address body"
    " ship_to bill_to buyer customer_name".split()
)
_SHAPES: Final = (
    re.compile(r"\boms_[0-9a-z]+_[0-9A-Za-z_-]+"),  # our own API keys
    re.compile(r"(?i)\b(?:bearer|basic)\s+[\w.~+/=-]{8,}"),
    re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"),
    re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"),
)
_LOUD: Final = ("uvicorn.access", "httpx", "httpcore", "alembic", "arq", "asyncio")

Entry = MutableMapping[str, Any]


def configure(settings: LogSettings, stream: TextIO = sys.stderr) -> None:
    """Set up structlog and the standard library's logging alike. Once per process."""
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.format_exc_info,
        without_secrets,
    ]
    renderer = _json if settings.format == "json" else _console(stream)
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _LOUD:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def bind(**values: object) -> None:
    """Say these values with every line logged from here on in this task or thread."""
    structlog.contextvars.bind_contextvars(**values)


def without_secrets(_: Any, __: str, entry: Entry) -> Entry:
    """The entry with values hidden that nobody should have logged."""
    for name, value in entry.items():
        if name in _NAMES:
            entry[name] = HIDDEN
        elif isinstance(value, str):
            entry[name] = _masked(value)
        elif not isinstance(value, int | float | bool | None):
            entry[name] = _masked(str(value))
    return entry


def _masked(text: str) -> str:
    for shape in _SHAPES:
        text = shape.sub(HIDDEN, text)
    return text if len(text) <= VALUE_MAX or "Traceback" in text else text[:VALUE_MAX] + "…"


def _json(_: Any, __: str, entry: Entry) -> str:
    return msgspec.json.encode(entry).decode()


def _console(stream: TextIO) -> structlog.dev.ConsoleRenderer:
    # The default formatter prints local variables: other people's names and addresses.
    return structlog.dev.ConsoleRenderer(
        colors=stream.isatty(),
        timestamp_key="at",
        exception_formatter=structlog.dev.plain_traceback,
    )
