"""Takes files in beside the server's other work, one after the other.

The database has the progress: a file that was being read when the process ended goes on from
there when it is uploaded again.
"""

import queue
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import structlog

from connectors.contract.capabilities import ReadsFiles
from connectors.engine.file_import import service
from connectors.engine.file_import.service import Into
from oms.kernel.errors import OMSError
from oms.platform.transaction import UnitOfWork

WAITING_MAX: Final = 20
KEPT_MAX: Final = 50  # failures that are remembered

log = structlog.get_logger(__name__)


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was uploaded, in a folder of its own, and what it goes through into where."""

    path: Path
    connector: ReadsFiles
    into: Into
    fingerprint: str


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why a file could not be taken in; what was in before stays."""

    fingerprint: str
    file: str
    channel_id: str
    words: str
    at_ms: int


class Runner:
    """One thread that works as long as there are files. Lives in the application's state."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._waiting: queue.Queue[Upload] = queue.Queue(WAITING_MAX)
        self._guard = threading.Lock()
        self._working: set[str] = set()
        self._failures: dict[str, Failure] = {}
        self._thread: threading.Thread | None = None

    def take(self, upload: Upload) -> bool:
        """Work on it next; False when it is being worked on already, or too many wait."""
        with self._guard:
            if upload.fingerprint in self._working:
                return False
            try:
                self._waiting.put_nowait(upload)
            except queue.Full:
                return False
            self._working.add(upload.fingerprint)
            self._failures.pop(upload.fingerprint, None)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="imports", daemon=True)
                self._thread.start()
        return True

    @property
    def working(self) -> frozenset[str]:
        """Fingerprints of files that are worked on or wait for it."""
        with self._guard:
            return frozenset(self._working)

    @property
    def failures(self) -> list[Failure]:
        """What could not be taken in by this process, the newest first."""
        with self._guard:
            return list(self._failures.values())[::-1]

    def _work(self) -> None:
        for upload in self._next():
            try:
                for _ in service.import_file(self._uow, upload.connector, upload.path, upload.into):
                    pass
            except OMSError as refused:
                self._failed(upload, f"{refused.sentence} {refused.remedy}".strip())
            except Exception:  # a file must not end the thread
                log.exception("imports.failed", file=upload.path.name)
                self._failed(upload, "")
            finally:
                shutil.rmtree(upload.path.parent, ignore_errors=True)
                with self._guard:
                    self._working.discard(upload.fingerprint)

    def _next(self) -> Iterator[Upload]:
        """What waits, until nothing does; the thread ends then."""
        while True:
            with self._guard:
                if self._waiting.empty():
                    self._thread = None
                    return
            yield self._waiting.get()

    def _failed(self, upload: Upload, words: str) -> None:
        with self._guard:
            self._failures[upload.fingerprint] = Failure(
                fingerprint=upload.fingerprint,
                file=upload.path.name,
                channel_id=upload.into.channel_id,
                words=words,
                at_ms=self._uow.clock(),
            )
            while len(self._failures) > KEPT_MAX:
                self._failures.pop(next(iter(self._failures)))
